//! Parts: real software with its real settings, as defaults for services.
//!
//! `assets/parts.ron` is embedded. An entry says what it is, gives fields of a service, and tells for each number where
//! it comes from. `like: "nginx"` puts the entry under a service before it is read (`merge`), so that checks, patches
//! and the model see one ordinary service. In an entry `"?"` stands for a name that only the service can give: the
//! service behind a balancer, or, as the name of a link, every link that has no entry of its own.
mod expand;
mod merge;
mod save;

pub(super) use merge::{explain, put_under};
pub(super) use save::shortened;

use super::{
    described::{Described, Form, Json, Reader, Shape, record},
    named::Named,
    nearest::nearest,
    service::{Kind, Service},
    syntax::{self, Node, Value},
};
use std::sync::OnceLock;

/// The file of all parts.
const TEXT: &str = include_str!("../../../assets/parts.ron");
/// Stands for a name that only the service can give.
pub(super) const OPEN: &str = "?";

record! {
    /// A part as it stands in the file.
    pub struct Entry {
        /// What it is, in one line.
        what: String,
        /// The fields of a service.
        service: Service,
        /// Where each number comes from, by its path in the service or the path of what holds it.
        sources: Named<String> = Named::default(),
    }
}

/// A piece of real software, to be used as `like: "name"`.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// What it is called.
    pub name: &'static str,
    entry: &'static Entry,
    node: &'static Node,
}

/// A number of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartNumber {
    /// Its path in the service: `memory.per_worker`.
    pub path: String,
    /// As it is written, without quotes.
    pub value: String,
    /// Where it comes from; None: nobody said.
    pub source: Option<&'static str>,
}

struct File {
    tree: Node,
    entries: Named<Entry>,
}

fn file() -> &'static File {
    static FILE: OnceLock<File> = OnceLock::new();
    FILE.get_or_init(|| {
        let tree = syntax::parse(TEXT).expect("the embedded parts parse");
        let mut reader = Reader::new(TEXT);
        let entries = Named::read(&tree, &mut reader).expect("the embedded parts are parts");
        assert!(reader.problems.is_empty(), "the embedded parts are right: {:?}", reader.problems);
        File { tree, entries }
    })
}

/// Every part, in the order of the file.
pub fn parts() -> impl Iterator<Item = Part> {
    let File { tree, entries } = file();
    entries.iter().filter_map(|(name, entry)| {
        let node = tree.child(name)?.child("service")?;
        Some(Part { name, entry, node })
    })
}

/// The part of that name.
pub fn find(name: &str) -> Option<Part> {
    parts().find(|part| part.name == name)
}

/// The name nearest to one that is not there.
pub fn nearest_name(name: &str) -> Option<&'static str> {
    nearest(name, parts().map(|part| part.name))
}

impl Part {
    /// What it is, in one line.
    pub fn what(self) -> &'static str {
        &self.entry.what
    }

    /// Its service as written in the file of parts, comments and all.
    pub fn text(self) -> &'static str {
        &TEXT[self.node.span.clone()]
    }

    /// Where its numbers come from, as written: by path.
    pub fn sources(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.entry.sources.iter().map(|(path, source)| (path.as_str(), source.as_str()))
    }

    /// Every number in it, with its source.
    pub fn numbers(self) -> Vec<PartNumber> {
        let mut found = Vec::new();
        numbers(Service::shape(), self.node, String::new(), &mut found);
        let number = |(path, span): (String, std::ops::Range<usize>)| {
            let source = self
                .sources()
                .filter(|(key, _)| path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
                .max_by_key(|(key, _)| key.len())
                .map(|(_, source)| source);
            PartNumber { value: TEXT[span].trim_matches('"').to_owned(), source, path }
        };
        found.into_iter().map(number).collect()
    }

    /// What it is: "Server", "Balancer".
    pub(super) fn kind(self) -> &'static str {
        match &self.entry.service.kind {
            Kind::Server => "Server",
            Kind::Balancer { .. } => "Balancer",
            Kind::Queue { .. } => "Queue",
            Kind::Database { .. } => "Database",
            Kind::Cache { .. } => "Cache",
            Kind::External => "External",
        }
    }

    /// Whether it is rented, or else runs on machines of ours: what hands on at no cost of its own is.
    pub(super) fn is_rented(self) -> bool {
        match &self.entry.service.kind {
            Kind::Balancer { cpu, .. } | Kind::Queue { cpu, .. } => cpu.is_zero(),
            Kind::External => true,
            Kind::Server | Kind::Database { .. } | Kind::Cache { .. } => false,
        }
    }

    /// Whether it brings operations.
    pub(super) fn has_operations(self) -> bool {
        !self.entry.service.operations.is_empty()
    }

    /// Its syntax tree, with places in the file of parts.
    pub(super) fn node(self) -> &'static Node {
        self.node
    }
}

/// Whether something in it is left open, so that it says nothing by itself.
pub(super) fn is_open(node: &Node) -> bool {
    match &node.value {
        Value::Text { text, .. } => text == OPEN,
        Value::Record { entries, .. } => entries.iter().any(|entry| is_open(&entry.value)),
        Value::Tuple { items, .. } | Value::List(items) => items.iter().any(is_open),
        Value::Map(entries) => entries.iter().any(|(key, value)| is_open(key) || is_open(value)),
        Value::Bool(_) | Value::Number(_) | Value::Char | Value::Name(_) => false,
    }
}

/// The text of a node of a part's tree.
pub(super) fn text_of(node: &'static Node) -> &'static str {
    &TEXT[node.span.clone()]
}

/// The paths and places of all scalars that hold a number.
pub(in crate::scenario) fn numbers(
    shape: Shape,
    node: &Node,
    path: String,
    found: &mut Vec<(String, std::ops::Range<usize>)>,
) {
    let at = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (shape.present(), &node.value) {
        (Shape::Scalar(scalar), _) => {
            let text = matches!(String::shape(), Shape::Scalar(text) if text == scalar);
            if !text && scalar.json != Json::Boolean {
                found.push((path, node.span.clone()));
            }
        }
        (Shape::Record(record), Value::Record { entries, .. }) => {
            for entry in entries {
                if let Some(field) = record.fields.iter().find(|field| field.name == entry.name.text) {
                    numbers((field.shape)(), &entry.value, at(field.name), found);
                }
            }
        }
        (Shape::Choice(choice), Value::Record { name: Some(name), .. } | Value::Tuple { name: Some(name), .. }) => {
            let Some(variant) = choice.variants.iter().find(|variant| variant.name == name.text) else { return };
            for (index, field) in variant.fields.iter().enumerate() {
                let key = if variant.form == Form::Positional { index.to_string() } else { field.name.to_owned() };
                if let Some(child) = node.child(&key) {
                    numbers((field.shape)(), child, at(&key), found);
                }
            }
        }
        (Shape::List(item), Value::List(items)) => {
            items.iter().enumerate().for_each(|(index, child)| numbers(item(), child, at(&index.to_string()), found));
        }
        (Shape::Tuple(shapes), Value::Tuple { items, .. }) => {
            for (index, (shape, child)) in shapes.iter().zip(items).enumerate() {
                numbers(shape(), child, at(&index.to_string()), found);
            }
        }
        (Shape::Map(item), Value::Map(entries)) => {
            for (key, child) in entries {
                if let Value::Text { text, .. } = &key.value {
                    numbers(item(), child, at(text), found);
                }
            }
        }
        _ => {}
    }
}
