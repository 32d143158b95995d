//! A syntax tree of RON with the place of everything.
//!
//! One tree serves reading (every problem has a span), duplicate keys (which serde-based readers accept silently) and
//! patching: a value is replaced in the text, and comments and layout around it stay. The tree knows no nouns.

mod compact;
mod follow;
mod parse;

pub use compact::compact;
pub use follow::{Change, follow};

use super::problem::Problem;
use std::ops::Range;

/// Deepest nesting that is read; the reader recurses as deep.
pub const DEPTH: usize = 128;
/// Longest text that is read, in bytes.
pub const LENGTH: usize = 1 << 20;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What stands there.
    pub value: Value,
}

/// What a value looks like.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true`
    Bool(bool),
    /// Anything that begins like a number, as it is written.
    Number(String),
    /// `'a'`
    Char,
    /// `"web"`; `plain`: no escapes, so that offsets in it are offsets in the file.
    Text {
        /// The content.
        text: String,
        /// Bytes of the content itself, if it stands there as it is.
        plain: Option<Range<usize>>,
    },
    /// `Server`, `None`
    Name(String),
    /// `(count: 2)`, `Balancer(to: "app")`
    Record {
        /// The name before the parenthesis.
        name: Option<Word>,
        /// The fields in order.
        entries: Vec<Entry>,
    },
    /// `("1min", 5)`, `Cpu("8ms")`, `()`
    Tuple {
        /// The name before the parenthesis.
        name: Option<Word>,
        /// The values in order.
        items: Vec<Node>,
    },
    /// `[1, 2]`
    List(Vec<Node>),
    /// `{"web": (count: 2)}`
    Map(Vec<(Node, Node)>),
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The name.
    pub text: String,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name.
    pub name: Word,
    /// Its value.
    pub value: Node,
}

/// Reads a whole text.
pub fn parse(text: &str) -> Result<Node, Box<Problem>> {
    parse::parse(text)
}

/// Where blanks and comments that begin there end.
pub fn blanks_end(text: &str, at: usize) -> usize {
    parse::blanks_end(text, at)
}

impl Node {
    /// The value inside `Some(..)`, or itself.
    pub fn unwrapped(&self) -> &Self {
        match &self.value {
            Value::Tuple { name: Some(name), items } if name.text == "Some" && items.len() == 1 => items[0].unwrapped(),
            _ => self,
        }
    }

    /// The value of a field, map entry, list item or position.
    pub fn child(&self, key: &str) -> Option<&Self> {
        let node = self.unwrapped();
        let at = |items: &'_ [Self]| key.parse::<usize>().ok().filter(|index| *index < items.len());
        match &node.value {
            Value::Record { entries, .. } => {
                entries.iter().find(|entry| entry.name.text == key).map(|entry| &entry.value)
            }
            Value::Map(entries) => entries
                .iter()
                .find(|(name, _)| matches!(&name.value, Value::Text { text, .. } if text == key))
                .map(|(_, value)| value),
            Value::List(items) | Value::Tuple { items, .. } => at(items).map(|index| &items[index]),
            Value::Bool(_) | Value::Number(_) | Value::Char | Value::Text { .. } | Value::Name(_) => None,
        }
    }

    /// The value at a position of a record or map, if it has that name.
    pub(in crate::scenario) fn entry(&self, index: usize, key: &str) -> Option<&Self> {
        match &self.unwrapped().value {
            Value::Record { entries, .. } => {
                entries.get(index).filter(|entry| entry.name.text == key).map(|entry| &entry.value)
            }
            Value::Map(entries) => entries.get(index).filter(|(name, _)| name.is_text(key)).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Every value directly inside this one, keys of a map among them, in the order of the text.
    pub(in crate::scenario) fn children_mut(&mut self) -> Box<dyn Iterator<Item = &mut Self> + '_> {
        match &mut self.value {
            Value::Record { entries, .. } => Box::new(entries.iter_mut().map(|entry| &mut entry.value)),
            Value::Tuple { items, .. } | Value::List(items) => Box::new(items.iter_mut()),
            Value::Map(entries) => Box::new(entries.iter_mut().flat_map(|(key, value)| [key, value])),
            Value::Bool(_) | Value::Number(_) | Value::Char | Value::Text { .. } | Value::Name(_) => {
                Box::new(std::iter::empty())
            }
        }
    }

    /// Whether it is this text.
    pub(in crate::scenario) fn is_text(&self, wanted: &str) -> bool {
        matches!(&self.unwrapped().value, Value::Text { text, .. } if text == wanted)
    }

    /// The names of a map's entries.
    pub(in crate::scenario) fn keys(&self) -> Vec<&str> {
        let Value::Map(entries) = &self.unwrapped().value else { return Vec::new() };
        let names = entries.iter().map(|(key, _)| &key.value);
        names.filter_map(|key| if let Value::Text { text, .. } = key { Some(text.as_str()) } else { None }).collect()
    }

    /// How many items it has, if it is a list.
    pub(in crate::scenario) fn items(&self) -> usize {
        match &self.value {
            Value::List(items) | Value::Tuple { items, .. } => items.len(),
            _ => 0,
        }
    }

    /// The key of a map entry.
    pub fn key(&self, name: &str) -> Option<&Self> {
        match &self.unwrapped().value {
            Value::Map(entries) => entries
                .iter()
                .map(|(key, _)| key)
                .find(|key| matches!(&key.value, Value::Text { text, .. } if text == name)),
            _ => None,
        }
    }

    /// What it is, for messages: "a list".
    pub fn what(&self) -> &'static str {
        match &self.value {
            Value::Bool(_) => "a yes or no",
            Value::Number(_) => "a number",
            Value::Char => "a character",
            Value::Text { .. } => "a text",
            Value::Name(_) => "a name",
            Value::Record { .. } => "a record",
            Value::Tuple { items, .. } if items.is_empty() => "`()`",
            Value::Tuple { name: Some(_), .. } => "a choice with values",
            Value::Tuple { name: None, .. } => "a tuple",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}
