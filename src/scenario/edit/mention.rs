//! Names in a file: every place that defines a thing or refers to one, and what could be taken out around it.

use crate::scenario::described::Names;
use crate::scenario::syntax::{Node, Value};
use std::ops::Range;
use std::rc::Rc;

/// A thing with a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scenario) enum Name {
    Key(String),
    Machine(String),
    Service(String),
    Source(String),
    Variant(String),
    /// The service that has it, and its own.
    Operation(String, String),
    Store(String, String),
    Lock(String, String),
    /// An item of a list, by the path of the list and its place.
    Item(String, usize),
}

/// A place that names something.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Mention {
    pub(in crate::scenario) name: Name,
    /// It is what defines the thing.
    pub(in crate::scenario) defines: bool,
    /// It is the name of an entry, or inside it; else the text itself.
    pub(in crate::scenario) is_key: bool,
    /// What the field names.
    pub(in crate::scenario) names: Names,
    /// The record or variant with that field.
    pub(in crate::scenario) owner: &'static str,
    /// The text it is in.
    pub(in crate::scenario) literal: Literal,
    /// Where in the content of that text.
    pub(in crate::scenario) at: Range<usize>,
    /// The innermost thing it is in that could be taken out of what holds it.
    pub(in crate::scenario) unit: usize,
}

/// A text of the file.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Literal {
    /// With its quotes.
    pub(in crate::scenario) span: Range<usize>,
    pub(in crate::scenario) content: Rc<str>,
    /// Where its content stands as it is.
    pub(in crate::scenario) plain: Option<usize>,
}

/// An entry, an item or a field.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Unit<'t> {
    /// What it is in.
    pub(in crate::scenario) outer: Option<usize>,
    /// What holds it.
    pub(in crate::scenario) holder: &'t Node,
    /// Its place there.
    pub(in crate::scenario) place: usize,
    /// Its bytes, with its name.
    pub(in crate::scenario) span: Range<usize>,
    /// Its path; inside what is set by path, that of what is set and the way in there.
    pub(in crate::scenario) path: Rc<str>,
    pub(in crate::scenario) kind: UnitKind,
}

/// What may become of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum UnitKind {
    /// An entry of a map.
    Entry,
    /// An item of a list that may be empty.
    Item,
    /// An item of a list in which one at least must stand; `program`: of all that an operation does.
    OneOf {
        /// A stand-in does.
        program: bool,
    },
    /// A field that may be absent.
    Field,
    /// A field or value that must be there.
    Needed,
}

/// Where the name of a map's entry stands: at the entry itself, or in a path.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct KeyAt {
    /// The path of the entry.
    pub(in crate::scenario) path: Rc<str>,
    pub(in crate::scenario) literal: Literal,
    pub(in crate::scenario) at: Range<usize>,
}

/// All of a file.
pub(in crate::scenario) struct Mentions<'t> {
    pub(in crate::scenario) keys: Vec<KeyAt>,
    pub(in crate::scenario) units: Vec<Unit<'t>>,
    pub(in crate::scenario) all: Vec<Mention>,
}

impl Literal {
    pub(in crate::scenario) fn of(node: &Node) -> Option<Self> {
        match &node.unwrapped().value {
            Value::Text { text, plain } => Some(Self {
                span: node.unwrapped().span.clone(),
                content: text.as_str().into(),
                plain: plain.as_ref().map(|plain| plain.start),
            }),
            _ => None,
        }
    }
}

/// What a name is followed by in a path, a target, a condition.
pub(super) fn head(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    let end = text[start..].find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
    start..end.map_or(text.len(), |end| start + end)
}
