//! The walk over a file by the field table that finds every name in it.
//!
//! The walk follows the tree and the table; what a variant or the runbook sets is walked as what stands at its path.
//! Names are those of the file as it stands: what a name means where only a variant brings it is taken from there.

use super::facts::Facts;
use super::mention::{KeyAt, Literal, Mention, Mentions, Name, Unit, UnitKind, head};
use crate::scenario::described::{Choice, Described, Field, Form, Names, Record, Shape, Thing, Variant};
use crate::scenario::root::Scenario;
use crate::scenario::syntax::{Node, Value};
use crate::scenario::{Amount, Step, text::RonText};
use std::ops::Range;
use std::rc::Rc;

/// Where in the table the walk is.
#[derive(Clone, Copy)]
struct Within {
    names: Option<Names>,
    owner: &'static str,
    field: &'static str,
}

struct Walk<'t> {
    tree: &'t Node,
    facts: Facts,
    service: Option<String>,
    /// The variant whose patch it is in.
    variant: Option<String>,
    path: Vec<String>,
    units: Vec<Unit<'t>>,
    open: Option<usize>,
    keys: Vec<KeyAt>,
    found: Vec<Mention>,
}

/// Every mention of a file, in its order.
pub(in crate::scenario) fn mentions(tree: &Node) -> Mentions<'_> {
    let mut walk = Walk {
        tree,
        facts: Facts::of(tree),
        service: None,
        variant: None,
        path: Vec::new(),
        units: Vec::new(),
        open: None,
        keys: Vec::new(),
        found: Vec::new(),
    };
    walk.value(Scenario::shape(), tree, Within { names: None, owner: "", field: "" });
    Mentions { keys: walk.keys, units: walk.units, all: walk.found }
}

/// Whether a list must hold one thing at least.
fn needs_one(within: Within) -> bool {
    !matches!((within.owner, within.field), ("Cached", "hit" | "miss") | ("Try", "fallback"))
}

pub(super) fn is_step(shape: Shape) -> bool {
    matches!(shape, Shape::Choice(choice) if choice.name == "Step")
}

impl<'t> Walk<'t> {
    fn unit(&mut self, holder: &'t Node, place: usize, span: Range<usize>, kind: UnitKind, key: &str) -> Option<usize> {
        self.path.push(key.to_owned());
        let path = self.path.join(".").into();
        self.units.push(Unit { outer: self.open, holder, place, span, path, kind });
        self.open.replace(self.units.len() - 1)
    }

    fn close(&mut self, outer: Option<usize>) {
        self.path.pop();
        self.open = outer;
    }

    fn value(&mut self, shape: Shape, node: &'t Node, within: Within) {
        let node = node.unwrapped();
        match (shape.present(), &node.value) {
            (Shape::Scalar(scalar), Value::Text { text, .. }) => {
                let same = |other: Shape| matches!(other, Shape::Scalar(other) if other == scalar);
                let Some(literal) = Literal::of(node) else { return };
                if same(String::shape()) {
                    self.names(within, &literal, 0..text.len(), false);
                } else if same(Amount::shape()) {
                    self.amount(within, &literal);
                }
            }
            (Shape::Record(record), Value::Record { .. }) => self.record(record, node),
            (Shape::Choice(choice), Value::Record { name: Some(name), .. } | Value::Tuple { name: Some(name), .. }) => {
                if let Some(variant) = choice.variants.iter().find(|variant| variant.name == name.text) {
                    self.choice(choice, variant, node);
                }
            }
            (Shape::List(item), Value::List(items)) => self.list(item, items, node, within),
            (Shape::Map(item), Value::Map(entries)) => self.map(item, entries, node, within),
            (Shape::Tuple(shapes), Value::Tuple { items, .. }) => {
                for (place, (shape, item)) in shapes.iter().zip(items).enumerate() {
                    let outer = self.unit(node, place, item.span.clone(), UnitKind::Needed, &place.to_string());
                    self.value(shape(), item, within);
                    self.close(outer);
                }
            }
            _ => {}
        }
    }

    fn list(&mut self, item: fn() -> Shape, items: &'t [Node], node: &'t Node, within: Within) {
        let program = within.names == Some(Names::Defines(Thing::Operation));
        let steps = is_step(item()) || matches!(item(), Shape::List(inner) if is_step(inner()));
        let at_home = within.field != "on" || !self.facts.is_managed(self.service.as_deref());
        let targets = within.names == Some(Names::Refers(Thing::Machine)) && at_home;
        let kind = match (steps, needs_one(within)) {
            (true, true) => UnitKind::OneOf { program },
            _ if targets => UnitKind::OneOf { program: false },
            _ => UnitKind::Item,
        };
        for (place, item_node) in items.iter().enumerate() {
            let outer = self.unit(node, place, item_node.span.clone(), kind, &place.to_string());
            self.value(item(), item_node, within);
            self.close(outer);
        }
    }

    fn record(&mut self, record: &'static Record, node: &'t Node) {
        let Value::Record { entries, .. } = &node.value else { return };
        for (place, entry) in entries.iter().enumerate() {
            let Some(field) = record.fields.iter().find(|field| field.name == entry.name.text) else { continue };
            self.field(record.name, field, node, place, &entry.value, entry.name.span.start);
        }
    }

    fn field(
        &mut self,
        owner: &'static str,
        field: &'static Field,
        node: &'t Node,
        place: usize,
        value: &'t Node,
        start: usize,
    ) {
        // What a service is has a default, and nobody would want that instead.
        let optional = field.default.is_some() && !(owner == "Service" && field.name == "kind");
        let kind = if optional { UnitKind::Field } else { UnitKind::Needed };
        let outer = self.unit(node, place, start..value.span.end, kind, field.name);
        self.value((field.shape)(), value, Within { names: field.names, owner, field: field.name });
        self.close(outer);
    }

    fn choice(&mut self, choice: &'static Choice, variant: &'static Variant, node: &'t Node) {
        match &node.value {
            Value::Record { entries, .. } if variant.form == Form::Named => {
                for (place, entry) in entries.iter().enumerate() {
                    let Some(field) = variant.fields.iter().find(|field| field.name == entry.name.text) else {
                        continue;
                    };
                    self.field(variant.name, field, node, place, &entry.value, entry.name.span.start);
                }
            }
            Value::Tuple { items, .. } if variant.form == Form::Positional => {
                let mut target = None;
                for (place, (field, item)) in variant.fields.iter().zip(items).enumerate() {
                    let kind = UnitKind::Needed;
                    let outer = self.unit(node, place, item.span.clone(), kind, &place.to_string());
                    let within = Within { names: field.names, owner: variant.name, field: field.name };
                    match (field.names, Literal::of(item), target.take()) {
                        (Some(Names::Path), Some(literal), _) => target = self.patched(within, &literal),
                        (None, _, Some(there)) if is_patch(field) => self.patch(there, item),
                        // What is drawn by weight may be nothing.
                        _ if choice.name == "Step" && variant.name == "Choose" => self.branches(item, within),
                        _ => self.value((field.shape)(), item, within),
                    }
                    self.close(outer);
                }
            }
            _ => {}
        }
    }

    /// The branches of a `Choose`: a weight and a body that may be empty.
    fn branches(&mut self, node: &'t Node, within: Within) {
        let (Value::List(branches), Shape::List(steps)) = (&node.value, Vec::<Step>::shape()) else {
            return;
        };
        for (place, branch) in branches.iter().enumerate() {
            let outer = self.unit(node, place, branch.span.clone(), UnitKind::Needed, &place.to_string());
            if let Some(body) = branch.child("1")
                && let Value::List(items) = &body.value
            {
                let inner = self.unit(branch, 1, body.span.clone(), UnitKind::Needed, "1");
                for (place, item) in items.iter().enumerate() {
                    let outer = self.unit(body, place, item.span.clone(), UnitKind::Item, &place.to_string());
                    self.value(steps(), item, within);
                    self.close(outer);
                }
                self.close(inner);
            }
            self.close(outer);
        }
    }

    fn map(&mut self, item: fn() -> Shape, entries: &'t [(Node, Node)], node: &'t Node, within: Within) {
        for (place, (key, value)) in entries.iter().enumerate() {
            let Some(literal) = Literal::of(key) else { continue };
            let span = key.span.start..value.span.end;
            let outer = self.unit(node, place, span, UnitKind::Entry, &literal.content);
            let whole = 0..literal.content.len();
            let path = self.path.join(".").into();
            self.keys.push(KeyAt { path, literal: literal.clone(), at: whole.clone() });
            let (service, variant) = (self.service.clone(), self.variant.clone());
            match within.names {
                Some(Names::Path) => {
                    if let Some(there) = self.patched(within, &literal) {
                        self.patch(there, value);
                    }
                }
                names => {
                    self.names(within, &literal, whole, true);
                    match names {
                        Some(Names::Defines(Thing::Service)) => self.service = Some(literal.content.to_string()),
                        Some(Names::Defines(Thing::Variant)) => self.variant = Some(literal.content.to_string()),
                        _ => {}
                    }
                    let inner = names.filter(|names| *names == Names::Defines(Thing::Operation));
                    self.value(item(), value, Within { names: inner, ..within });
                }
            }
            (self.service, self.variant) = (service, variant);
            self.close(outer);
        }
    }

    /// What is put at a path is walked as what stands there.
    fn patch(&mut self, there: Target, value: &'t Node) {
        let service = std::mem::replace(&mut self.service, there.service);
        self.value(there.shape, value, there.within);
        self.service = service;
    }

    fn push(&mut self, within: Within, literal: &Literal, at: Range<usize>, name: Name, defines: bool, is_key: bool) {
        let (names, Some(unit)) = (within.names.unwrap_or(Names::Expression), self.open) else { return };
        let literal = literal.clone();
        self.found.push(Mention { name, defines, is_key, names, owner: within.owner, literal, at, unit });
    }

    /// The names in a piece of a text, or of a key.
    fn names(&mut self, within: Within, literal: &Literal, piece: Range<usize>, is_key: bool) {
        let Some(names) = within.names else { return };
        let content = Rc::clone(&literal.content);
        let text = &content[piece.clone()];
        let whole = 0..text.len();
        let service = self.service.as_deref();
        let one = |name: Option<Name>| name.map(|name| (whole.clone(), name)).into_iter().collect();
        let found: Vec<(Range<usize>, Name)> = match names {
            Names::Defines(thing) if is_key => one(self.facts.thing(thing, service, text)),
            Names::Refers(thing) if !text.is_empty() => one(self.facts.thing(thing, service, text)),
            Names::StoreOrCache => one(Some(self.facts.store(service, text))),
            Names::Call
            | Names::Target
            | Names::Contents
            | Names::Side
            | Names::Scaled
            | Names::Subject
            | Names::Condition
            | Names::Watched => self.facts.inside(names, text),
            Names::Path | Names::Defines(_) | Names::Refers(_) | Names::Part | Names::Expression | Names::Prose => {
                Vec::new()
            }
        };
        let defines = matches!(names, Names::Defines(_));
        for (at, name) in found {
            let at = piece.start + at.start..piece.start + at.end;
            self.push(within, literal, at, name, defines, is_key);
        }
    }

    /// `waiting(link)` in an amount.
    fn amount(&mut self, within: Within, literal: &Literal) {
        let content = Rc::clone(&literal.content);
        for (start, word) in content.match_indices("waiting") {
            let rest = start + word.len();
            let inside = &content[rest..];
            let open = inside.trim_start();
            let Some(name) = open.strip_prefix('(').map(head) else { continue };
            let from = rest + (inside.len() - open.len()) + 1;
            let at = from + name.start..from + name.end;
            if !at.is_empty() {
                let name = Name::Service(content[at.clone()].to_owned());
                self.push(Within { names: Some(Names::Expression), ..within }, literal, at, name, false, false);
            }
        }
    }

    /// The names in a path, and what stands at its end.
    fn patched(&mut self, within: Within, literal: &Literal) -> Option<Target> {
        let content = Rc::clone(&literal.content);
        let mut from = 0;
        let mut keys: Vec<Range<usize>> = Vec::new();
        for key in content.split('.') {
            let lead = key.len() - key.trim_start().len();
            keys.push(from + lead..from + lead + key.trim().len());
            from += key.len() + 1;
        }
        let mut there =
            Target { shape: Scenario::shape(), within: Within { names: None, owner: "", field: "" }, service: None };
        let (mut node, mut way, mut rest) = (Some(self.tree), String::new(), &keys[..]);
        while let Some(at) = rest.first() {
            let key = &content[at.clone()];
            let mut used = 1;
            let mut canonical = key.to_owned();
            match there.shape.present() {
                Shape::Record(record) => {
                    there.enter(record.name, record.fields.iter().find(|field| field.name == key)?)
                }
                Shape::Choice(choice) => {
                    let (variant, place) = part_of_choice(choice, node, key)?;
                    if variant.form == Form::Positional {
                        canonical = place.to_string();
                    }
                    there.enter(variant.name, &variant.fields[place]);
                }
                Shape::Map(item) => {
                    let name = |length: usize| content[at.start..rest[length - 1].end].to_owned();
                    let known =
                        (1..=rest.len()).rev().find(|length| node.is_some_and(|n| n.child(&name(*length)).is_some()));
                    let subject = there.within.names == Some(Names::Subject);
                    used = known.unwrap_or(if subject { rest.len() } else { 1 });
                    canonical = name(used);
                    let ends = rest.len() == used;
                    let path = if way.is_empty() { canonical.clone() } else { format!("{way}.{canonical}") };
                    let key = at.start..rest[used - 1].end;
                    self.keys.push(KeyAt { path: path.into(), literal: literal.clone(), at: key });
                    self.key_in_path(&there, within, literal, at.start..rest[used - 1].end, ends);
                    there.shape = item();
                    let program = there.within.names.filter(|names| *names == Names::Defines(Thing::Operation));
                    if there.within.names == Some(Names::Defines(Thing::Service)) {
                        there.service = Some(canonical.clone());
                    }
                    there.within.names = program;
                }
                Shape::List(item) => {
                    let place: usize = key.parse().ok()?;
                    if !self.facts.is_replaced(self.variant.as_deref(), &way) {
                        self.push(within, literal, at.clone(), Name::Item(way.clone(), place), false, true);
                    }
                    there.shape = item();
                }
                Shape::Tuple(shapes) => there.shape = shapes.get(key.parse::<usize>().ok()?)?(),
                Shape::Scalar(_) | Shape::Optional(_) => return None,
            }
            if !way.is_empty() {
                way.push('.');
            }
            way.push_str(&canonical);
            node = node.and_then(|node| node.child(&canonical));
            rest = &rest[used..];
        }
        Some(there)
    }

    /// A name on the way of a path.
    fn key_in_path(&mut self, there: &Target, within: Within, literal: &Literal, at: Range<usize>, ends: bool) {
        let content = Rc::clone(&literal.content);
        let text = &content[at.clone()];
        let named: Vec<(Range<usize>, Name)> = match there.within.names {
            Some(Names::Defines(thing) | Names::Refers(thing)) => {
                let name = self.facts.thing(thing, there.service.as_deref(), text);
                name.map(|name| (0..text.len(), name)).into_iter().collect()
            }
            Some(names @ Names::Subject) => self.facts.inside(names, text),
            _ => Vec::new(),
        };
        let defines = ends && matches!(there.within.names, Some(Names::Defines(_)));
        for (inside, name) in named {
            let at = at.start + inside.start..at.start + inside.end;
            self.push(within, literal, at, name, defines, true);
        }
    }
}

/// What stands at the end of a path.
struct Target {
    shape: Shape,
    within: Within,
    service: Option<String>,
}

impl Target {
    fn enter(&mut self, owner: &'static str, field: &'static Field) {
        self.shape = (field.shape)();
        self.within = Within { names: field.names, owner, field: field.name };
    }
}

fn is_patch(field: &Field) -> bool {
    matches!(((field.shape)(), RonText::shape()), (Shape::Scalar(one), Shape::Scalar(other)) if one == other)
}

/// The variant that has this part, and its place: of what stands there, else of any.
fn part_of_choice(choice: &'static Choice, node: Option<&Node>, key: &str) -> Option<(&'static Variant, usize)> {
    let chosen = node.and_then(|node| super::set::variant_of(node.unwrapped()));
    let place = |variant: &&'static Variant| {
        let named = variant.fields.iter().position(|field| field.name == key);
        let numbered = || key.parse().ok().filter(|place: &usize| *place < variant.fields.len());
        let place = if variant.form == Form::Positional { named.or_else(numbered) } else { named };
        place.map(|place| (*variant, place))
    };
    let mut ours = choice.variants.iter().filter(|variant| Some(variant.name) == chosen);
    ours.find_map(|variant| place(&variant)).or_else(|| choice.variants.iter().find_map(|variant| place(&variant)))
}
