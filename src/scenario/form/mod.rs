//! Forms: a field as a control needs it, from the one field table and the file as it stands.
//!
//! Of any path: what it is, what it says and where that comes from, what it may say instead, and by how much an arrow
//! key or a drag moves it. A form changes nothing: it gives texts for an [`Edit`]. Forms are of one text; after an edit
//! they are asked for anew.

mod amount;
mod candidates;
mod number;
mod services;
mod template;

pub use amount::{AmountForm, Law, LawChoice, Parameter};
pub use number::{Measure, Number};
pub use template::Template;

use super::amount::{Amount, Dimension};
use super::described::{Allowed, Described, Field, Form as Written, Json, Names, Scalar, Shape};
use super::edit::place::{Spot, follow, path_of};
use super::edit::{Edit, EditError};
use super::load::Loaded;
use super::parts;
use super::syntax::{self, Node, Value};
use super::wiring::graph::Graph;
use candidates::Place;
use std::ops::Range;

/// What a control needs to know of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// Where it stands, as an edit takes it.
    pub path: String,
    /// Its name in what holds it; of an item its place.
    pub name: String,
    /// What it means, in a sentence; of entries and items that of the field that holds them.
    pub doc: &'static str,
    /// What it is: "a time".
    pub what: String,
    /// Its units; empty: none.
    pub units: &'static str,
    /// What it may be, in words; empty: all of its kind.
    pub range: String,
    /// What it is when nothing is said, as it would be written, or "absent"; None: it must be said.
    pub default: Option<String>,
    /// It may be absent (`None`).
    pub optional: bool,
    /// What it says, as it is written, with quotes; by default where it says nothing; empty: nothing at all.
    pub text: String,
    /// Where that comes from.
    pub origin: Origin,
    /// Bytes of the file, where it says so.
    pub span: Option<Range<usize>>,
    /// What to show.
    pub control: Control,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The file says so.
    File,
    /// The part of that name that the service is like.
    Part(&'static str),
    /// Nobody says anything.
    Default,
    /// Nobody says anything, and somebody must.
    Missing,
}

/// What to show.
#[derive(Clone, Debug, PartialEq)]
pub enum Control {
    /// On or off.
    Toggle(bool),
    /// A number, with its unit.
    Number(Number),
    /// An amount: a law and its numbers.
    Amount(AmountForm),
    /// One of a closed set.
    Choice {
        /// Its name; None: nothing is chosen.
        chosen: Option<&'static str>,
        /// All of them.
        options: Vec<Choosable>,
        /// Paths of what the chosen one has.
        fields: Vec<String>,
    },
    /// The name of something; `candidates`: all that may be named there.
    Reference {
        /// As they are written, without quotes.
        candidates: Vec<String>,
        /// Other texts may be right, too: `app/1`, another comparison.
        open: bool,
    },
    /// Words, or a small language.
    Text,
    /// Nothing, and there could be something: the least that is legal.
    Absent {
        /// The value that would be set.
        text: String,
        /// What has to be there first; None: it can be set.
        missing: Option<String>,
    },
    /// Fields with their paths.
    Record(Vec<String>),
    /// Items one after another, with their paths; more may be inserted.
    List(Vec<String>),
    /// Steps one after another, with their paths.
    Steps(Vec<String>),
    /// Entries by name, with their paths; more may be inserted.
    Map(Vec<String>),
}

/// One of a closed set.
#[derive(Clone, Debug, PartialEq)]
pub struct Choosable {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// The whole value if it is chosen: what stands now for the one that is, the least that is legal for others.
    pub text: String,
    /// What has to be there first; None: it can be chosen.
    pub missing: Option<String>,
}

/// Forms of a scenario.
pub struct Forms<'l> {
    loaded: &'l Loaded,
    tree: Node,
    graph: Graph<'l>,
}

impl<'l> Forms<'l> {
    /// Of a scenario as it stands.
    #[must_use]
    pub fn new(loaded: &'l Loaded) -> Self {
        // What was loaded can be read.
        let tree = syntax::parse(&loaded.text)
            .unwrap_or(Node { span: 0..0, value: Value::Tuple { name: None, items: Vec::new() } });
        Self { loaded, tree, graph: Graph::of(&loaded.scenario) }
    }

    /// What stands at a path, or could stand there.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub fn at(&self, path: &str) -> Result<Form, EditError> {
        let way = follow(&self.tree, path)?;
        let Some(spot) = way.last() else { return Err(EditError::default()) };
        let field = way.iter().rev().find_map(|spot| spot.field);
        let shape = spot.shape.present();
        let default = spot.field.and_then(|field| field.default).map(|default| default());
        let (text, origin) = self.says(&way, default.as_deref());
        let (what, units) = match shape {
            Shape::Scalar(scalar) => (scalar.what.to_owned(), scalar.units),
            other => (other.what(), ""),
        };
        let absent = |default: String| if default == "None" { "absent".to_owned() } else { default };
        Ok(Form {
            path: path_of(&way),
            name: spot.key.clone(),
            doc: field.map_or("", |field| field.doc.trim()),
            what,
            units,
            range: spot.field.and_then(|field| field.limit).map(|limit| limit()).unwrap_or_default(),
            default: default.map(absent),
            optional: matches!(spot.shape, Shape::Optional(_)),
            control: self.control(&way, &text),
            span: spot.node.map(|node| node.span.clone()),
            text,
            origin,
        })
    }

    /// What is directly inside what stands at a path: fields that are not written, too.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub fn below(&self, path: &str) -> Result<Vec<Form>, EditError> {
        match self.at(path)?.control {
            Control::Choice { fields: paths, .. }
            | Control::Record(paths)
            | Control::List(paths)
            | Control::Steps(paths)
            | Control::Map(paths) => paths.iter().map(|path| self.at(path)).collect(),
            Control::Toggle(_)
            | Control::Number(_)
            | Control::Amount(_)
            | Control::Reference { .. }
            | Control::Absent { .. }
            | Control::Text => Ok(Vec::new()),
        }
    }

    /// What may be put into the list or map at a path, each with the least that the checks let pass.
    ///
    /// # Errors
    /// The path leads nowhere.
    pub fn templates(&self, path: &str) -> Result<Vec<Template>, EditError> {
        let way = follow(&self.tree, path)?;
        Ok(template::templates(&Place::of(&self.graph, &way), &way))
    }

    /// The part that the service on the way is like.
    fn part(&self, way: &[Spot<'_>]) -> Option<&'static str> {
        let service = way.get(2).filter(|_| way[1].key == "services")?;
        let like = service.node?.child("like")?.unwrapped();
        match &like.value {
            Value::Text { text, .. } => parts::find(text).map(|part| part.name),
            _ => None,
        }
    }

    fn says(&self, way: &[Spot<'_>], default: Option<&str>) -> (String, Origin) {
        let Some(spot) = way.last() else { return (String::new(), Origin::Missing) };
        if let Some(node) = spot.node {
            return (self.loaded.text[node.span.clone()].to_owned(), Origin::File);
        }
        // A name that only the service can give is not there yet.
        let given = spot.under.filter(|under| !parts::is_open(under));
        match (given, self.part(way), default) {
            (Some(under), Some(part), _) => (parts::text_of(under).to_owned(), Origin::Part(part)),
            (_, _, Some(default)) => (default.to_owned(), Origin::Default),
            _ => (String::new(), Origin::Missing),
        }
    }

    fn control(&self, way: &[Spot<'_>], text: &str) -> Control {
        let Some(spot) = way.last() else { return Control::Text };
        let path = path_of(way);
        let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let fields = |fields: &[Field], form: Written| -> Vec<String> {
            let key = |(place, field): (usize, &Field)| {
                if form == Written::Positional { place.to_string() } else { field.name.to_owned() }
            };
            fields.iter().enumerate().map(|field| inner(&key(field))).collect()
        };
        let absent = spot.value().is_none_or(|node| matches!(&node.value, Value::Name(name) if name == "None"));
        let shape = spot.shape.present();
        if matches!(spot.shape, Shape::Optional(_)) && absent && !matches!(shape, Shape::Scalar(_)) {
            let place = Place::of(&self.graph, way);
            let (text, missing) = match template::sample(&place, way, shape, spot.field, spot.owner) {
                Ok(text) => (text, None),
                Err(missing) => (String::new(), Some(missing)),
            };
            return Control::Absent { text, missing };
        }
        match shape {
            Shape::Scalar(scalar) => self.scalar(way, scalar, text),
            Shape::Record(record) => Control::Record(fields(record.fields, Written::Named)),
            Shape::Choice(choice) => {
                let chosen = word(text);
                let variant = choice.variants.iter().find(|variant| variant.name == chosen);
                let place = Place::of(&self.graph, way);
                let option = |option: &'static super::described::Variant| {
                    let (text, missing) = match template::written(&place, way, option) {
                        _ if option.name == chosen => (text.to_owned(), None),
                        Ok(text) => (text, None),
                        Err(missing) => (String::new(), Some(missing)),
                    };
                    Choosable { name: option.name, doc: option.doc.trim(), text, missing }
                };
                // What is not written has no inside to be asked for, unless it is a part's.
                let there = variant.filter(|_| spot.value().is_some());
                Control::Choice {
                    chosen: variant.map(|variant| variant.name),
                    options: choice.variants.iter().map(option).collect(),
                    fields: there.map_or_else(Vec::new, |variant| fields(variant.fields, variant.form)),
                }
            }
            Shape::List(item) => {
                let paths = (0..spot.length()).map(|place| inner(&place.to_string())).collect();
                match item() {
                    Shape::Choice(choice) if choice.name == "Step" => Control::Steps(paths),
                    _ => Control::List(paths),
                }
            }
            Shape::Tuple(items) => Control::Record((0..items.len()).map(|place| inner(&place.to_string())).collect()),
            Shape::Map(_) => {
                let mut names: Vec<&str> = spot.under.map_or_else(Vec::new, Node::keys);
                names.retain(|name| *name != parts::OPEN);
                let own = spot.node.map_or_else(Vec::new, Node::keys);
                names.extend(own.into_iter().filter(|name| spot.under.is_none_or(|under| under.child(name).is_none())));
                Control::Map(names.into_iter().map(inner).collect())
            }
            Shape::Optional(_) => Control::Text,
        }
    }

    fn scalar(&self, way: &[Spot<'_>], scalar: Scalar, text: &str) -> Control {
        let same = |shape: Shape| matches!(shape, Shape::Scalar(other) if other == scalar);
        let Some(spot) = way.last() else { return Control::Text };
        let allowed = spot.field.and_then(|field| field.allowed).map(|allowed| allowed());
        let plain = unquoted(text);
        if scalar.json == Json::Boolean {
            return Control::Toggle(plain == "true");
        }
        if same(Amount::shape()) {
            let dimension = match allowed {
                Some(Allowed::Of(dimension)) => Some(dimension),
                Some(Allowed::Between(..)) | None => None::<Dimension>,
            };
            return Control::Amount(AmountForm::of(&plain, dimension));
        }
        if let Some(measure) = Measure::of(scalar) {
            return Control::Number(Number::of(measure, &plain, allowed));
        }
        // An item of a list is what the list's field names.
        let names = spot.field.or_else(|| way.iter().rev().find_map(|spot| spot.field)).and_then(|field| field.names);
        let of_key = way.len() > 2 && matches!(way[way.len() - 2].shape.present(), Shape::Map(_));
        match names.filter(|_| same(String::shape()) && !of_key) {
            Some(Names::Prose | Names::Path | Names::Expression | Names::Defines(_) | Names::Subject) | None => {
                Control::Text
            }
            Some(names) => Control::Reference {
                candidates: Place::of(&self.graph, way).candidates(names, spot.owner, way),
                open: matches!(
                    names,
                    Names::Target
                        | Names::Contents
                        | Names::Condition
                        | Names::Watched
                        | Names::Refers(super::described::Thing::Lock)
                ),
            },
        }
    }
}

impl Form {
    /// What puts another value there, as it is written; a text or quantity needs no quotes.
    #[must_use]
    pub fn set(&self, value: &str) -> Edit {
        Edit::set(self.path.clone(), value)
    }

    /// What makes it what it is when the file says nothing; None: it is, or it must be said.
    #[must_use]
    pub fn reset(&self) -> Option<Edit> {
        (self.origin == Origin::File && self.default.is_some()).then(|| Edit::remove(self.path.clone()))
    }
}

/// The word that a value begins with.
fn word(text: &str) -> &str {
    &text[..text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())]
}

/// A scalar's content.
fn unquoted(text: &str) -> String {
    match syntax::parse(text).map(|node| node.unwrapped().value.clone()) {
        Ok(Value::Text { text, .. }) => text,
        Ok(Value::Number(number)) => number,
        _ => text.to_owned(),
    }
}
