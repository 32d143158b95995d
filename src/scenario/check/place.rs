//! A place in the file, followed down beside the values.
use crate::scenario::syntax::{Node, Value};
use std::ops::Range;

/// A value in the file; where an absent one is asked for, what it is absent from.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    text: &'a str,
    node: &'a Node,
}

/// Where a text has a value: as deep as it goes, at the name of what is not deeper; None where it has nothing of it.
pub(in crate::scenario) fn place(tree: &Node, text: &str, path: &[&str]) -> Option<Range<usize>> {
    let mut at = At::root(tree, text);
    for (index, key) in path.iter().enumerate() {
        if !at.has(key) {
            return (index > 0).then(|| at.span());
        }
        let child = at.child(key);
        match path.get(index + 1) {
            Some(next) if !child.has(next) => return Some(at.name(key).span()),
            Some(_) => at = child,
            None => return Some(child.span()),
        }
    }
    None
}

impl<'a> At<'a> {
    pub(super) fn root(node: &'a Node, text: &'a str) -> Self {
        Self { text, node }
    }

    /// A field, entry or position of it; itself where there is none.
    pub(super) fn child(self, key: &str) -> Self {
        Self { node: self.node.child(key).unwrap_or(self.node), ..self }
    }

    /// An entry that is written at a position, if all are: of a long list it is found at once.
    pub(super) fn entry(self, index: usize, key: &str) -> Self {
        match self.node.entry(index, key) {
            Some(node) => Self { node, ..self },
            None => self.child(key),
        }
    }

    /// An item of a list, or a value of a variant without names.
    pub(super) fn item(self, index: usize) -> Self {
        self.child(&index.to_string())
    }

    /// The name of an entry of a map.
    pub(super) fn name(self, name: &str) -> Self {
        Self { node: self.node.key(name).unwrap_or(self.node), ..self }
    }

    /// True if a field of that name is written there.
    pub(super) fn has(self, key: &str) -> bool {
        self.node.child(key).is_some()
    }

    /// Bytes of the text: the whole value on one line, else its name or its bracket.
    pub(super) fn span(self) -> Range<usize> {
        let span = self.node.span.clone();
        if !self.text[span.clone()].contains('\n') {
            return span;
        }
        match &self.node.value {
            Value::Record { name: Some(name), .. } | Value::Tuple { name: Some(name), .. } => name.span.clone(),
            Value::Text { .. } => span,
            _ => span.start..span.start + 1,
        }
    }

    /// Bytes `range` of a text value's content.
    pub(super) fn within(self, range: &Range<usize>) -> Range<usize> {
        match &self.node.unwrapped().value {
            Value::Text { plain: Some(content), .. } => content.start + range.start..content.start + range.end,
            _ => self.span(),
        }
    }
}
