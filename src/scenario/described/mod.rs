//! Nouns: what every type of the language can do, defined once.
//!
//! `record!` and `choice!` define a type together with its field table (`Shape`): name, unit, range, default and doc of
//! every field. The reader, the writer, `--set` and variants, the list of fields and the schema are all made of that
//! one table, so none can know a field the others do not. Reading goes on after a wrong scalar (with a stand-in), so
//! that one run of the reader finds every problem; a value of the wrong form yields nothing.

mod containers;
mod doc;
mod likely;
mod limit;
mod macros;
mod names;
mod reader;
mod scalars;

pub(crate) use doc::{Doc, show};
pub(crate) use limit::{Allowed, Limit};
pub(crate) use macros::{choice, form, optional, record};
pub(crate) use names::{Names, Thing};
pub(crate) use reader::Reader;

use super::syntax::Node;

/// A type of the language.
pub trait Described: Sized {
    /// What it looks like in a file.
    fn shape() -> Shape;
    /// Reads it; whatever is wrong goes to the reader's problems. None when there is nothing to go on with.
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;
    /// As it is written.
    fn write(&self) -> Doc;
    /// What takes the place of a value that is wrong in itself, so that reading can go on.
    fn stand_in() -> Option<Self> {
        None
    }
}

/// The form of a value.
#[derive(Clone, Copy)]
pub enum Shape {
    /// One word, number or text.
    Scalar(Scalar),
    /// `(field: value, ..)`
    Record(&'static Record),
    /// `Name`, `Name(value, ..)` or `Name(field: value, ..)`
    Choice(&'static Choice),
    /// `[value, ..]`
    List(fn() -> Shape),
    /// `{"name": value, ..}`
    Map(fn() -> Shape),
    /// `(value, value)`
    Tuple(&'static [fn() -> Shape]),
    /// A value or nothing.
    Optional(fn() -> Shape),
}

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// "a time".
    pub what: &'static str,
    /// One, as it is written: `"250ms"` with quotes, `3` without.
    pub example: &'static str,
    /// Its units; empty when it has none.
    pub units: &'static str,
    /// How JSON has it.
    pub json: Json,
}

/// The kinds of scalars of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Json {
    /// `"text"`
    String,
    /// `1`
    Integer,
    /// `1.5`
    Number,
    /// `true`
    Boolean,
    /// Whatever the place it is put asks for.
    Any,
}

/// A type with named fields.
pub struct Record {
    /// Its name in the language.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields in order.
    pub fields: &'static [Field],
}

/// A type that is one of several things.
pub struct Choice {
    /// Its name in the language.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// What it can be.
    pub variants: &'static [Variant],
}

/// One thing a choice can be.
pub struct Variant {
    /// Its name in the language.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Whether it has values, and whether they have names in the file.
    pub form: Form,
    /// Its values in order.
    pub fields: &'static [Field],
}

/// How a variant is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `Name`
    Bare,
    /// `Name(value, value)`
    Positional,
    /// `Name(field: value)`
    Named,
}

/// A field of a record, or a value of a variant.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Its form.
    pub shape: fn() -> Shape,
    /// What it is when absent, as it would be written; None: it must be there.
    pub default: Option<fn() -> String>,
    /// What values it takes; None: all of its kind.
    pub limit: Option<fn() -> String>,
    /// The same, to reckon with.
    pub allowed: Option<fn() -> Allowed>,
    /// What the keys of a map, or else the texts, name; None: there are no texts.
    pub names: Option<Names>,
}

impl Variant {
    /// A use of it to copy: `Keep(..)`, `Server`.
    pub fn usage(&self) -> String {
        match self.form {
            Form::Bare => self.name.to_owned(),
            Form::Positional => {
                format!("{}({})", self.name, self.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", "))
            }
            Form::Named => {
                let needed = self
                    .fields
                    .iter()
                    .filter(|field| field.default.is_none())
                    .map(|field| format!("{}: ..", field.name));
                format!("{}({})", self.name, needed.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Shape {
    /// What it is, for messages: "a list".
    pub fn what(self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.what.to_owned(),
            Self::Record(record) => format!("a `{}`", record.name),
            Self::Choice(choice) => format!("a `{}`", choice.name),
            Self::List(item) => format!("a list of {}", item().plural()),
            Self::Map(item) => format!("a map of {} by name", item().plural()),
            Self::Tuple(items) => {
                let items: Vec<String> = items.iter().map(|item| item().what()).collect();
                format!("({})", items.join(", "))
            }
            Self::Optional(inner) => inner().what(),
        }
    }

    fn plural(self) -> String {
        match self {
            Self::Record(Record { name, .. }) | Self::Choice(Choice { name, .. }) => format!("`{name}`"),
            Self::Scalar(scalar) => format!("{}s", scalar.what.trim_start_matches("a ").trim_start_matches("an ")),
            other => other.what(),
        }
    }

    /// The form without `Optional` around it.
    pub fn present(self) -> Self {
        match self {
            Self::Optional(inner) => inner().present(),
            other => other,
        }
    }
}
