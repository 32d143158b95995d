//! What makes one scenario another, as values at paths: what a variant, and nothing else in the file, can say.

use super::described::{Described, Field, Form, Shape, Variant, show};
use super::edit::Edit;
use super::edit::group::has_long_text;
use super::load::Loaded;
use super::named::Named;
use super::parts;
use super::root::Scenario;
use super::syntax::{self, Node, Value};

/// What a variant leaves alone.
const KEPT: [&str; 2] = ["version", "variants"];

/// The values that make the one the other, each as it stands there; set one after another they give it, but for its
/// variants.
///
/// # Errors
/// What cannot be said so.
pub fn difference(before: &Loaded, after: &Loaded) -> Result<Vec<Edit>, String> {
    let read = |loaded: &Loaded| syntax::parse(&loaded.text).map_err(|problem| problem.message);
    let (old, new) = (read(before)?, read(after)?);
    let mut found = Found { text: &after.text, sets: Vec::new() };
    found
        .value(Scenario::shape(), &old, &new, None, "")
        .map_err(|Whole| "a file cannot become another as a whole".to_owned())?;
    let edits: Vec<Edit> = found.sets.into_iter().map(|(path, value)| Edit::set(path, value)).collect();
    let plain = |scenario: &Scenario| Scenario { variants: Named::default(), ..scenario.clone() };
    match before.with(None, &edits) {
        Ok(same) if plain(&same.scenario) == plain(&after.scenario) => Ok(edits),
        Ok(_) => Err("what differs cannot be said by values at paths".to_owned()),
        Err(problems) => Err(problems.first().map_or_else(String::new, |problem| problem.message.clone())),
    }
}

/// What puts the difference into the first file, as a variant of that name.
///
/// # Errors
/// What cannot be said so: nothing differs, the name cannot be, or a variant has no words for it.
pub fn as_variant(before: &Loaded, after: &Loaded, name: &str, teaches: &str) -> Result<Edit, String> {
    let edits = difference(before, after)?;
    if edits.is_empty() {
        return Err("nothing differs".to_owned());
    }
    let edit = variant_of(name, teaches, None, &edits)?;
    match before.edited(std::slice::from_ref(&edit)) {
        Ok(_) => Ok(edit),
        Err(problems) => Err(problems.first().map_or_else(String::new, |problem| problem.message.clone())),
    }
}

/// What puts a variant with these values into a file.
///
/// # Errors
/// The name cannot be one.
pub fn variant_of(name: &str, teaches: &str, from: Option<&str>, edits: &[Edit]) -> Result<Edit, String> {
    if name.trim().is_empty() || name.contains('.') {
        return Err(format!(
            "`{}` cannot be the name of a variant here: expected words without a point",
            name.escape_debug()
        ));
    }
    let mut value = String::from("(\n");
    if !teaches.is_empty() {
        value.push_str(&format!("    teaches: {},\n", show(&teaches.to_owned())));
    }
    if let Some(from) = from {
        value.push_str(&format!("    from: {},\n", show(&from.to_owned())));
    }
    value.push_str("    set: {\n");
    for edit in edits {
        if let Edit::Set { path, value: set } = edit {
            let movable = syntax::parse(set).is_ok_and(|node| !has_long_text(set, &node));
            let set = if movable { set.replace('\n', "\n        ") } else { set.clone() };
            value.push_str(&format!("        {}: {set},\n", show(path)));
        }
    }
    value.push_str("    },\n)");
    Ok(Edit::insert(format!("variants.{name}"), value))
}

/// It can only be said by what holds it.
struct Whole;

struct Found<'t> {
    text: &'t str,
    sets: Vec<(String, String)>,
}

type Under = Option<&'static Node>;

impl Found<'_> {
    /// The value as it stands, its further lines moved to the left margin.
    fn set(&mut self, path: &str, node: &Node) {
        let value = &self.text[node.span.clone()];
        let line = self.text[..node.span.start].rfind('\n').map_or(0, |end| end + 1);
        let indent = &self.text[line..node.span.start];
        let indent = &indent[..indent.len() - indent.trim_start_matches([' ', '\t']).len()];
        let moved = |line: &str| line.strip_prefix(indent).unwrap_or(line).to_owned();
        let value = match has_long_text(self.text, node) {
            true => value.to_owned(),
            false => value.split('\n').map(moved).collect::<Vec<_>>().join("\n"),
        };
        self.sets.push((path.to_owned(), value));
    }

    fn value(&mut self, shape: Shape, old: &Node, new: &Node, under: Under, path: &str) -> Result<(), Whole> {
        if same(old, new) {
            return Ok(());
        }
        let (before, length) = (path, self.sets.len());
        let inside = self.inside(shape, old.unwrapped(), new.unwrapped(), under, path);
        if inside.is_err() {
            if before.is_empty() {
                return Err(Whole);
            }
            self.sets.truncate(length);
            self.set(path, new);
        }
        Ok(())
    }

    fn inside(&mut self, shape: Shape, old: &Node, new: &Node, under: Under, path: &str) -> Result<(), Whole> {
        match shape.present() {
            Shape::Record(record) => {
                let like = |node: &Node| node.child("like").map(|like| like.unwrapped().value.clone());
                let under = if record.name == "Service" {
                    if like(old) != like(new) {
                        return Err(Whole);
                    }
                    part_of(new)
                } else {
                    under
                };
                self.fields(record.fields, old, new, under, path)
            }
            Shape::Choice(choice) => {
                let name = word(new);
                let variant = choice.variants.iter().find(|variant| Some(variant.name) == name);
                let Some(variant) = variant.filter(|_| word(old) == name) else { return Err(Whole) };
                self.variant(variant, old, new, under.filter(|under| word(under) == name), path)
            }
            Shape::Map(item) => self.map(item, old, new, under, path),
            Shape::List(item) => self.items(|_| Some(item()), old, new, path),
            Shape::Tuple(shapes) => self.items(|place| shapes.get(place).map(|shape| shape()), old, new, path),
            Shape::Scalar(_) | Shape::Optional(_) => Err(Whole),
        }
    }

    fn variant(&mut self, variant: &Variant, old: &Node, new: &Node, under: Under, path: &str) -> Result<(), Whole> {
        match variant.form {
            Form::Named => self.fields(variant.fields, old, new, under, path),
            Form::Positional => {
                self.items(|place| variant.fields.get(place).map(|field| (field.shape)()), old, new, path)
            }
            Form::Bare => Err(Whole),
        }
    }

    fn fields(
        &mut self,
        fields: &'static [Field],
        old: &Node,
        new: &Node,
        under: Under,
        path: &str,
    ) -> Result<(), Whole> {
        for field in fields.iter().filter(|field| !(path.is_empty() && KEPT.contains(&field.name))) {
            let at = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
            let below = under.and_then(|under| under.child(field.name));
            match (old.child(field.name), new.child(field.name), below) {
                (None, None, _) => {}
                (Some(old), Some(new), _) => self.value((field.shape)(), old, new, below, &at)?,
                (None, Some(new), None) => self.set(&at, new),
                // What a part says lies under both: only the whole says which of it stays.
                (None, Some(_), Some(_)) | (Some(_), None, Some(_)) => return Err(Whole),
                (Some(_), None, None) => {
                    let Some(default) = field.default else { return Err(Whole) };
                    self.sets.push((at, default()));
                }
            }
        }
        Ok(())
    }

    fn map(&mut self, item: fn() -> Shape, old: &Node, new: &Node, under: Under, path: &str) -> Result<(), Whole> {
        let (was, is) = (old.keys(), new.keys());
        // New entries come behind the others; what is gone, or elsewhere, only the whole can say.
        if is.len() < was.len() || is[..was.len()] != was[..] {
            return Err(Whole);
        }
        for name in is {
            let at = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            let below = under.and_then(|under| under.child(name).or_else(|| under.child(parts::OPEN)));
            match (old.child(name), new.child(name)) {
                (Some(old), Some(new)) => self.value(item(), old, new, below, &at)?,
                (None, Some(new)) if below.is_none() => self.set(&at, new),
                _ => return Err(Whole),
            }
        }
        Ok(())
    }

    fn items(
        &mut self,
        shape: impl Fn(usize) -> Option<Shape>,
        old: &Node,
        new: &Node,
        path: &str,
    ) -> Result<(), Whole> {
        if old.items() != new.items() {
            return Err(Whole);
        }
        for place in 0..new.items() {
            let key = place.to_string();
            let (Some(old), Some(new), Some(shape)) = (old.child(&key), new.child(&key), shape(place)) else {
                return Err(Whole);
            };
            self.value(shape, old, new, None, &format!("{path}.{key}"))?;
        }
        Ok(())
    }
}

/// Equal but for where they stand.
fn same(one: &Node, other: &Node) -> bool {
    let each =
        |one: &[Node], other: &[Node]| one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b));
    match (&one.value, &other.value) {
        (Value::Record { name, entries }, Value::Record { name: named, entries: others }) => {
            let pairs = || entries.iter().zip(others);
            name.as_ref().map(|name| &name.text) == named.as_ref().map(|name| &name.text)
                && entries.len() == others.len()
                && pairs().all(|(a, b)| a.name.text == b.name.text && same(&a.value, &b.value))
        }
        (Value::Tuple { name, items }, Value::Tuple { name: named, items: others }) => {
            name.as_ref().map(|name| &name.text) == named.as_ref().map(|name| &name.text) && each(items, others)
        }
        (Value::List(items), Value::List(others)) => each(items, others),
        (Value::Map(entries), Value::Map(others)) => {
            let pairs = || entries.iter().zip(others);
            entries.len() == others.len() && pairs().all(|(a, b)| same(&a.0, &b.0) && same(&a.1, &b.1))
        }
        (Value::Text { text, .. }, Value::Text { text: other, .. }) => text == other,
        (one, other) => one == other,
    }
}

fn word(node: &Node) -> Option<&str> {
    match &node.unwrapped().value {
        Value::Name(name) => Some(name),
        Value::Record { name: Some(name), .. } | Value::Tuple { name: Some(name), .. } => Some(&name.text),
        _ => None,
    }
}

fn part_of(service: &Node) -> Under {
    match &service.child("like")?.unwrapped().value {
        Value::Text { text, .. } => Some(parts::find(text)?.node()),
        _ => None,
    }
}
