//! A value put at a path: `services.app.links.rds.timeout` names a field.
//!
//! A path follows the field table: an unknown part is an error with the nearest name. Fields, and links, that are
//! absent are made on the way; machines, services and sources are not, because a slip of the hand would add one nobody
//! uses. What stands in the part that a service is like, and not in the file, is copied from there as far as needed.

use super::{EditError, Splice};
use crate::scenario::{
    described::{Described, Field, Form, Json, Scalar, Shape, Variant, show},
    nearest::{list, nearest},
    parts,
    root::Scenario,
    syntax::{self, Node, Value},
};
use std::ops::Range;

/// Entries that a longer path may bring into being: all their fields have sensible defaults.
pub(super) const IMPLIED: &[&str] = &["Link"];

pub(super) type Found<T> = Result<T, EditError>;

/// A text for a piece of the file.
pub(super) struct Replacement {
    /// The bytes of the piece.
    pub(super) span: Range<usize>,
    /// What stands there afterwards.
    pub(super) text: String,
}

pub(super) fn fail<T>(message: impl Into<String>, expected: impl Into<String>) -> Found<T> {
    Err(EditError { message: message.into(), advice: format!("expected {}", expected.into()) })
}

/// What puts the value at `path`. A unit needs no quotes: `10s` is as good as `"10s"`.
pub(super) fn replacement(tree: &Node, path: &str, value: &str) -> Found<Replacement> {
    let keys: Vec<&str> = path.split('.').map(str::trim).collect();
    Patch { path, value: value.trim() }.edit(Scenario::shape(), tree, None, &keys)
}

/// A value for a place of that form as it stands in the file. A unit needs no quotes.
pub(super) fn value_text(shape: Shape, path: &str, value: &str) -> Found<String> {
    Patch { path, value: value.trim() }.written(shape)
}

impl Replacement {
    /// Several at once, as one splice. They do not overlap; where one does, the first stands.
    pub(super) fn together(mut all: Vec<Self>, text: &str) -> Splice {
        all.sort_by_key(|one| (one.span.start, one.span.end));
        let Some(start) = all.first().map(|first| first.span.start) else { return Splice::between("", "") };
        let (mut at, mut new) = (start, String::new());
        for one in all.into_iter() {
            if one.span.start < at {
                continue;
            }
            new.push_str(&text[at..one.span.start]);
            new.push_str(&one.text);
            at = one.span.end;
        }
        Splice { at: start, old: text[start..at].to_owned(), new }
    }

    pub(super) fn apply(&self, text: &str) -> String {
        [&text[..self.span.start], &self.text, &text[self.span.end..]].concat()
    }
}

struct Patch<'a> {
    path: &'a str,
    value: &'a str,
}

impl Patch<'_> {
    /// What puts the value at `keys` below `node`, which has `under` for defaults.
    fn edit(&self, shape: Shape, node: &Node, under: Under, keys: &[&str]) -> Found<Replacement> {
        let Some((key, rest)) = keys.split_first() else {
            return Ok(Replacement { span: node.span.clone(), text: self.written(shape)? });
        };
        let absent = matches!((&shape, &node.value), (Shape::Optional(_), Value::Name(name)) if name == "None");
        if absent {
            return Ok(Replacement { span: node.span.clone(), text: self.built(shape, keys)? });
        }
        let node = node.unwrapped();
        match shape.present() {
            Shape::Scalar(scalar) => self.too_long(key, scalar),
            Shape::Record(record) if record.name == "Service" => {
                self.edit_field(record.name, record.fields, node, part_of(node), key, rest)
            }
            Shape::Record(record) => self.edit_field(record.name, record.fields, node, under, key, rest),
            Shape::Choice(choice) => {
                let Some(name) = variant_of(node) else {
                    return fail(format!("nothing stands at `{}`", self.path), format!("`{}`", choice.name));
                };
                let under = under.filter(|under| variant_of(under) == Some(name));
                match choice.variants.iter().find(|variant| variant.name == name) {
                    Some(variant) => self.edit_variant(variant, node, under, key, rest),
                    None => fail(
                        format!("unknown `{}` `{name}`", choice.name),
                        list(choice.variants.iter().map(|variant| variant.name)),
                    ),
                }
            }
            Shape::Map(item) => {
                // The longest name first: names of objectives have points in them.
                for length in (1..=keys.len()).rev() {
                    let name = keys[..length].join(".");
                    let below = under.and_then(|under| below(under, &name));
                    if let Some(child) = node.child(&name) {
                        return self.edit(item(), child, below, &keys[length..]);
                    }
                    if let Some(below) = under.and_then(|under| under.child(&name)) {
                        return Ok(add(
                            node,
                            &format!("{}: {}", show(&name), self.copied(item(), below, &keys[length..])?),
                        ));
                    }
                }
                Ok(add(node, &self.entry(item(), node, keys)?))
            }
            Shape::List(item) => {
                let Value::List(items) = &node.value else { return fail("no list here", "a list") };
                match key.parse::<usize>() {
                    Ok(index) if index < items.len() => self.edit(item(), &items[index], None, rest),
                    Ok(index) if index == items.len() => Ok(add(node, &self.built(item(), rest)?)),
                    _ => fail(
                        format!("`{key}` is no place in the list of `{}`", self.path),
                        format!("0 to {}", items.len()),
                    ),
                }
            }
            Shape::Tuple(shapes) => {
                match key.parse::<usize>().ok().and_then(|index| Some((shapes.get(index)?, node.child(key)?))) {
                    Some((shape, child)) => self.edit(shape(), child, None, rest),
                    None => fail(
                        format!("`{key}` is no place in `{}`", self.path),
                        format!("0 to {}", shapes.len().saturating_sub(1)),
                    ),
                }
            }
            Shape::Optional(inner) => self.edit(inner(), node, under, keys),
        }
    }

    fn edit_field(
        &self,
        owner: &str,
        fields: &'static [Field],
        node: &Node,
        under: Under,
        key: &str,
        rest: &[&str],
    ) -> Found<Replacement> {
        let field = self.field(owner, fields, key)?;
        let below = under.and_then(|under| under.child(key));
        let value = match (node.child(key), below) {
            (Some(child), _) => return self.edit((field.shape)(), child, below, rest),
            (None, Some(below)) => self.copied((field.shape)(), below, rest)?,
            (None, None) => self.built((field.shape)(), rest)?,
        };
        Ok(add(node, &format!("{key}: {value}")))
    }

    fn edit_variant(
        &self,
        variant: &Variant,
        node: &Node,
        under: Under,
        key: &str,
        rest: &[&str],
    ) -> Found<Replacement> {
        match variant.form {
            Form::Named => self.edit_field(variant.name, variant.fields, node, under, key, rest),
            Form::Bare => {
                fail(format!("`{}` has no values, so there is no `{}`", variant.name, self.path), "a shorter path")
            }
            Form::Positional => {
                let index = variant.fields.iter().position(|field| field.name == key).or_else(|| key.parse().ok());
                let child = index.and_then(|index| Some((variant.fields.get(index)?, node.child(&index.to_string())?)));
                match child {
                    Some((field, child)) => self.edit((field.shape)(), child, None, rest),
                    None => fail(
                        format!("`{key}` is not a value of `{}`", variant.name),
                        list(variant.fields.iter().map(|field| field.name)),
                    ),
                }
            }
        }
    }

    fn field(&self, owner: &str, fields: &'static [Field], key: &str) -> Found<&'static Field> {
        let names = || fields.iter().map(|field| field.name);
        match fields.iter().find(|field| field.name == key) {
            Some(field) => Ok(field),
            None => unknown(
                format!("unknown field `{key}` in `{}`", self.path),
                key,
                names(),
                format!("`{owner}` has {}", list(names())),
            ),
        }
    }

    /// The text of something that is not there yet, with the value in it.
    fn built(&self, shape: Shape, keys: &[&str]) -> Found<String> {
        let Some((key, rest)) = keys.split_first() else { return self.written(shape) };
        match shape.present() {
            Shape::Scalar(scalar) => self.too_long(key, scalar),
            Shape::Record(record) => {
                let field = self.field(record.name, record.fields, key)?;
                Ok(format!("({key}: {})", self.built((field.shape)(), rest)?))
            }
            Shape::Map(item) => Ok(format!("{{{}}}", self.entry(item(), &NOTHING, keys)?)),
            Shape::List(item) if *key == "0" => Ok(format!("[{}]", self.built(item(), rest)?)),
            Shape::Choice(choice) => {
                let options = list(choice.variants.iter().map(|variant| variant.name));
                fail(
                    format!("`{}` stands in a `{}` that is not there", self.path, choice.name),
                    format!("first one of {options}"),
                )
            }
            Shape::List(_) | Shape::Tuple(_) => {
                fail(format!("`{key}` is no place in `{}`", self.path), "`0`, as nothing is there yet")
            }
            Shape::Optional(inner) => self.built(inner(), keys),
        }
    }

    /// The text of something that only the part has, with the value in it: no more of it than a merge needs.
    fn copied(&self, shape: Shape, part: &'static Node, keys: &[&str]) -> Found<String> {
        let Some((key, rest)) = keys.split_first() else { return self.written(shape) };
        match (shape.present(), &part.value) {
            (Shape::Record(record), Value::Record { .. }) => {
                let field = self.field(record.name, record.fields, key)?;
                let value = match part.child(key) {
                    Some(child) => self.copied((field.shape)(), child, rest)?,
                    None => self.built((field.shape)(), rest)?,
                };
                Ok(format!("({key}: {value})"))
            }
            (Shape::Map(item), Value::Map(_)) => match below(part, key) {
                Some(child) => Ok(format!("{{{}: {}}}", show(&(*key).to_owned()), self.copied(item(), child, rest)?)),
                None => Ok(format!("{{{}}}", self.entry(item(), part, keys)?)),
            },
            (shape, _) => {
                let edit = self.edit(shape, part, None, keys)?;
                let (from, text) = (part.span.start, parts::text_of(part));
                Ok(Replacement { span: edit.span.start - from..edit.span.end - from, text: edit.text }.apply(text))
            }
        }
    }

    /// A new entry of a map.
    fn entry(&self, item: Shape, map: &Node, keys: &[&str]) -> Found<String> {
        let length = match item {
            Shape::List(_) => keys.len(),
            _ => 1,
        };
        let name = keys[..length].join(".");
        let implied = matches!(item, Shape::Record(record) if IMPLIED.contains(&record.name));
        if keys.len() > length && !implied {
            let names: Vec<&str> = match &map.value {
                Value::Map(entries) => entries
                    .iter()
                    .filter_map(
                        |(key, _)| if let Value::Text { text, .. } = &key.value { Some(text.as_str()) } else { None },
                    )
                    .collect(),
                _ => Vec::new(),
            };
            let known = format!("there is {}", list(names.iter().copied()));
            return unknown(format!("unknown name `{name}` in `{}`", self.path), &name, names.iter().copied(), known);
        }
        Ok(format!("{}: {}", show(&name), self.built(item, &keys[length..])?))
    }

    fn too_long<T>(&self, key: &str, scalar: Scalar) -> Found<T> {
        fail(format!("`{}` goes on behind {}", self.path, scalar.what), format!("a path that ends before `{key}`"))
    }

    /// The value as it stands in the file.
    fn written(&self, shape: Shape) -> Found<String> {
        let value = self.value;
        let optional = matches!(shape, Shape::Optional(_)) && (value == "None" || value.starts_with("Some("));
        let text = matches!(shape.present(), Shape::Scalar(scalar) if scalar.json == Json::String);
        if text && !optional && !value.starts_with(['"', 'r']) || text && value.starts_with('r') && !value.contains('"')
        {
            return Ok(show(&value.to_owned()));
        }
        match syntax::parse(value) {
            Ok(_) if syntax::parse(&format!("[{value}]")).is_err() => {
                fail(format!("`{value}` ends in a comment"), "the value alone")
            }
            Ok(_) => Ok(value.to_owned()),
            Err(problem) => fail(
                format!("`{value}` is no value for `{}`: {}", self.path, problem.message),
                problem.label.trim_start_matches("expected "),
            ),
        }
    }
}

/// What stands where nothing stands.
const NOTHING: Node = Node { span: 0..0, value: Value::Number(String::new()) };

/// What the part that a service is like has at the same place.
pub(super) type Under = Option<&'static Node>;

/// The part that a service is like.
pub(super) fn part_of(service: &Node) -> Under {
    match &service.child("like")?.unwrapped().value {
        Value::Text { text, .. } => Some(parts::find(text)?.node()),
        _ => None,
    }
}

/// The entry of a part's map that lies under one of that name.
pub(super) fn below(part: &'static Node, name: &str) -> Under {
    part.child(name).or_else(|| part.child(parts::OPEN))
}

/// The variant that a node chooses.
pub(super) fn variant_of(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Name(name) => Some(name),
        Value::Record { name: Some(name), .. } | Value::Tuple { name: Some(name), .. } => Some(&name.text),
        _ => None,
    }
}

pub(super) fn unknown<'a, T>(
    message: String,
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
    known: String,
) -> Found<T> {
    let advice = match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`? {known}"),
        None => known,
    };
    Err(EditError { message, advice })
}

/// Puts a part at the end of a group.
fn add(node: &Node, part: &str) -> Replacement {
    let last = match &node.value {
        Value::Record { entries, .. } => entries.last().map(|entry| entry.value.span.end),
        Value::Map(entries) => entries.last().map(|(_, value)| value.span.end),
        Value::List(items) | Value::Tuple { items, .. } => items.last().map(|item| item.span.end),
        Value::Name(_) => return Replacement { span: node.span.end..node.span.end, text: format!("({part})") },
        Value::Bool(_) | Value::Number(_) | Value::Char | Value::Text { .. } => None,
    };
    match last {
        Some(end) => Replacement { span: end..end, text: format!(", {part}") },
        None => Replacement { span: node.span.end - 1..node.span.end - 1, text: part.to_owned() },
    }
}
