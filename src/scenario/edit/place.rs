//! Where a path leads: every value on the way with its form, in the file or in the part that a service is like.

use super::EditError;
use super::set::{Found, IMPLIED, Under, below, fail, part_of, unknown, variant_of};
use crate::scenario::described::{Described, Field, Form, Names, Shape};
use crate::scenario::nearest::list;
use crate::scenario::root::Scenario;
use crate::scenario::syntax::{Node, Value};

/// A value on the way of a path.
#[derive(Clone)]
pub(in crate::scenario) struct Spot<'t> {
    /// Its name in what holds it: of a field, an entry; the place of an item or of a value without a name.
    pub(in crate::scenario) key: String,
    /// Its form.
    pub(in crate::scenario) shape: Shape,
    /// The field it is the value of; None: it is the file, an entry or an item.
    pub(in crate::scenario) field: Option<&'static Field>,
    /// The record or variant whose field it is; of an entry or an item that of the field that holds it.
    pub(in crate::scenario) owner: &'static str,
    /// As it stands in the file; None: it does not.
    pub(in crate::scenario) node: Option<&'t Node>,
    /// What the part that its service is like has there.
    pub(in crate::scenario) under: Under,
}

/// Every value on the way of a path, from the file itself to what the path names. The last need not be there.
pub(in crate::scenario) fn follow<'t>(tree: &'t Node, path: &str) -> Found<Vec<Spot<'t>>> {
    let keys: Vec<&str> = path.split('.').map(str::trim).collect();
    let mut way = vec![Spot {
        key: String::new(),
        shape: Scenario::shape(),
        field: None,
        owner: "",
        node: Some(tree),
        under: None,
    }];
    let mut rest = if path.trim().is_empty() { &[][..] } else { &keys[..] };
    while let (false, Some(here)) = (rest.is_empty(), way.last()) {
        let (next, used) = here.next(path, rest)?;
        rest = &rest[used..];
        way.push(next);
    }
    Ok(way)
}

/// The path of the last value on a way, as it is told: fields by name, values without a name by their place.
pub(in crate::scenario) fn path_of(way: &[Spot<'_>]) -> String {
    way.iter().skip(1).map(|spot| spot.key.as_str()).collect::<Vec<_>>().join(".")
}

impl<'t> Spot<'t> {
    /// The value in the file, or in the part.
    pub(in crate::scenario) fn value(&self) -> Option<&'t Node> {
        self.node.or(self.under)
    }

    /// What is inside, and how many keys lead there.
    fn next(&self, path: &str, keys: &[&str]) -> Found<(Self, usize)> {
        let key = keys[0];
        let absent = |node: &&Node| !matches!(&node.value, Value::Name(name) if name == "None");
        let node = self.node.filter(absent).map(Node::unwrapped);
        let item =
            |key: String, shape: Shape, node, under| Self { key, shape, field: None, owner: self.owner, node, under };
        match self.shape.present() {
            Shape::Scalar(scalar) => {
                fail(format!("`{path}` goes on behind {}", scalar.what), format!("a path that ends before `{key}`"))
            }
            Shape::Record(record) => {
                let under = if record.name == "Service" { node.and_then(part_of) } else { self.under };
                let Some(field) = record.fields.iter().find(|field| field.name == key) else {
                    let names = || record.fields.iter().map(|field| field.name);
                    let known = format!("`{}` has {}", record.name, list(names()));
                    return unknown(format!("unknown field `{key}` in `{path}`"), key, names(), known);
                };
                Ok((Self::of_field(record.name, field, key, node, under), 1))
            }
            Shape::Choice(choice) => {
                let name = node.and_then(variant_of).or_else(|| self.under.and_then(variant_of));
                let Some(variant) = choice.variants.iter().find(|variant| Some(variant.name) == name) else {
                    return fail(format!("`{path}` stands in a `{}` that is not there", choice.name), {
                        format!("first one of {}", list(choice.variants.iter().map(|variant| variant.name)))
                    });
                };
                let under = self.under.filter(|under| variant_of(under) == name);
                let named = variant.fields.iter().position(|field| field.name == key);
                let index = match variant.form {
                    Form::Positional => named.or_else(|| key.parse().ok()),
                    Form::Named | Form::Bare => named,
                };
                let Some((index, field)) = index.and_then(|index| Some((index, variant.fields.get(index)?))) else {
                    let known = list(variant.fields.iter().map(|field| field.name));
                    return fail(format!("`{key}` is not a value of `{}`", variant.name), known);
                };
                let key = if variant.form == Form::Positional { index.to_string() } else { key.to_owned() };
                Ok((Self::of_field(variant.name, field, &key, node, under), 1))
            }
            Shape::Map(of) => {
                // The longest name first: names of objectives, and paths, have points in them.
                for length in (1..=keys.len()).rev() {
                    let name = keys[..length].join(".");
                    let (child, under) = (node.and_then(|node| node.child(&name)), self.under);
                    if child.is_some() || under.is_some_and(|under| under.child(&name).is_some()) {
                        let under = under.and_then(|under| below(under, &name));
                        return Ok((item(name, of(), child, under), length));
                    }
                }
                let is_path = self.field.is_some_and(|field| field.names == Some(Names::Path));
                let length = if is_path || matches!(of(), Shape::List(_)) { keys.len() } else { 1 };
                let name = keys[..length].join(".");
                let implied = matches!(of(), Shape::Record(record) if IMPLIED.contains(&record.name));
                if length < keys.len() && !implied {
                    let names = node.map_or_else(Vec::new, Node::keys);
                    let known = format!("there is {}", list(names.iter().copied()));
                    return unknown(format!("unknown name `{name}` in `{path}`"), &name, names, known);
                }
                let under = self.under.and_then(|under| below(under, &name));
                Ok((item(name, of(), None, under), length))
            }
            Shape::List(of) => {
                let length = self.length();
                match key.parse::<usize>() {
                    Ok(index) if index <= length => {
                        let under = self.under.filter(|_| self.node.is_none()).and_then(|under| under.child(key));
                        Ok((item(index.to_string(), of(), node.and_then(|node| node.child(key)), under), 1))
                    }
                    _ => fail(format!("`{key}` is no place in the list of `{path}`"), format!("0 to {length}")),
                }
            }
            Shape::Tuple(shapes) => match key.parse::<usize>().ok().and_then(|index| shapes.get(index)) {
                Some(shape) => Ok((item(key.to_owned(), shape(), node.and_then(|node| node.child(key)), None), 1)),
                None => {
                    fail(format!("`{key}` is no place in `{path}`"), format!("0 to {}", shapes.len().saturating_sub(1)))
                }
            },
            Shape::Optional(_) => fail("nothing stands there", "a value"),
        }
    }

    fn of_field(owner: &'static str, field: &'static Field, key: &str, node: Option<&'t Node>, under: Under) -> Self {
        let (node, under) = (node.and_then(|node| node.child(key)), under.and_then(|under| under.child(key)));
        Self { key: key.to_owned(), shape: (field.shape)(), field: Some(field), owner, node, under }
    }

    /// How many items a list has, in the file or, where it says nothing, in the part.
    pub(in crate::scenario) fn length(&self) -> usize {
        match self.value().map(|node| &node.unwrapped().value) {
            Some(Value::List(items) | Value::Tuple { items, .. }) => items.len(),
            Some(Value::Map(entries)) => entries.len(),
            Some(Value::Record { entries, .. }) => entries.len(),
            Some(Value::Bool(_) | Value::Number(_) | Value::Char | Value::Text { .. } | Value::Name(_)) | None => 0,
        }
    }
}

/// The last value of a way and what holds it; an error for the file itself.
pub(super) fn ends<'w, 't>(way: &'w [Spot<'t>]) -> Result<(&'w Spot<'t>, &'w Spot<'t>), EditError> {
    match way {
        [.., holder, last] => Ok((holder, last)),
        _ => fail("the file itself has no path", "a path such as `services.app`"),
    }
}
