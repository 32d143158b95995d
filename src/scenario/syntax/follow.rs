//! A tree that follows its text: where a piece of the text became another, the smallest value around it is read anew
//! and what stands behind it moves.

use super::{Node, Value, parse};
use std::ops::Range;

/// A piece of a text that became another.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its bytes as they were.
    pub old: Range<usize>,
    /// Bytes that stand there now.
    pub new: usize,
}

impl Change {
    /// Where something behind the piece is now.
    fn moved(&self, at: usize) -> usize {
        at - self.old.len() + self.new
    }

    /// Whether only this value changed, or something inside it.
    fn is_within(&self, node: &Node) -> bool {
        let inside = node.span.start < self.old.start && self.old.end < node.span.end;
        inside || !self.old.is_empty() && node.span == self.old
    }
}

/// Makes the tree that of `text`, in which this changed. False where no value contains the change, or what stands there
/// now goes on beyond it: then the tree is as it was, and only the whole text can tell.
pub fn follow(tree: &mut Node, text: &str, change: &Change) -> bool {
    change.is_within(tree) && read_anew(tree, text, change, 0)
}

fn read_anew(node: &mut Node, text: &str, change: &Change, depth: usize) -> bool {
    let inner = node.children_mut().position(|child| change.is_within(child));
    let child = inner.and_then(|inner| node.children_mut().nth(inner));
    if child.is_some_and(|child| read_anew(child, text, change, depth + 1)) {
        node.span.end = change.moved(node.span.end);
        if let Value::Record { entries, .. } = &mut node.value {
            let behind = entries.iter_mut().filter(|entry| entry.name.span.start >= change.old.end);
            behind.for_each(|entry| shift(&mut entry.name.span, change));
        }
        let others = node.children_mut().enumerate().filter(|(place, _)| Some(*place) != inner);
        others.filter(|(_, other)| other.span.start >= change.old.end).for_each(|(_, other)| move_all(other, change));
        return true;
    }
    let span = node.span.start..change.moved(node.span.end);
    match parse::parse_at(text, span.start, depth) {
        Ok(fresh) if fresh.span == span => {
            *node = fresh;
            true
        }
        Ok(_) | Err(_) => false,
    }
}

fn shift(span: &mut Range<usize>, change: &Change) {
    *span = change.moved(span.start)..change.moved(span.end);
}

/// Moves a value behind the change.
fn move_all(node: &mut Node, change: &Change) {
    shift(&mut node.span, change);
    match &mut node.value {
        Value::Record { name, entries } => {
            name.iter_mut().for_each(|name| shift(&mut name.span, change));
            entries.iter_mut().for_each(|entry| shift(&mut entry.name.span, change));
        }
        Value::Tuple { name, .. } => name.iter_mut().for_each(|name| shift(&mut name.span, change)),
        Value::Text { plain, .. } => plain.iter_mut().for_each(|plain| shift(plain, change)),
        Value::Bool(_) | Value::Number(_) | Value::Char | Value::Name(_) | Value::List(_) | Value::Map(_) => {}
    }
    node.children_mut().for_each(|child| move_all(child, change));
}
