//! Puts parts under the services that are like them, in the syntax tree.
//!
//! Records are merged field by field (choices of one name, too), maps by name, and anything else is the service's own.
//! What comes from the part stands, for messages, where the service says `like`.
use super::{OPEN, find, nearest_name, parts};
use crate::scenario::{
    nearest::list,
    problem::Problem,
    syntax::{Entry, Node, Value, Word},
};
use std::ops::Range;

/// A service that is like a part.
pub struct Like {
    /// Where it says so.
    pub span: Range<usize>,
    /// The part's name.
    pub part: &'static str,
}

/// Puts parts under the services of a scenario's tree; tells which are used and which there are none of.
pub fn put_under(tree: &mut Node) -> (Vec<Like>, Vec<Problem>) {
    let (mut likes, mut problems) = (Vec::new(), Vec::new());
    let Value::Record { entries, .. } = &mut tree.value else { return (likes, problems) };
    for entry in entries.iter_mut().filter(|entry| entry.name.text == "services") {
        let Value::Map(services) = &mut entry.value.value else { continue };
        for (_, service) in services {
            let Some(like) = service.child("like").map(Node::unwrapped) else { continue };
            let Value::Text { text, .. } = &like.value else { continue };
            match find(text) {
                Some(part) => {
                    likes.push(Like { span: like.span.clone(), part: part.name });
                    *service = over(service, part.node(), &like.span.clone());
                }
                None => {
                    let near = nearest_name(text).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
                    let known = list(parts().map(|part| part.name));
                    let problem = Problem::error(
                        like.span.clone(),
                        format!("unknown part `{text}`"),
                        format!("{near}there is {known}"),
                    );
                    problems.push(problem.help("`surgelab list --parts` tells what they are"));
                }
            }
        }
    }
    (likes, problems)
}

/// Says of errors in what a part gave that they are not in the file, and forgets warnings: a part offers more than is
/// used.
pub fn explain(likes: &[Like], problems: &mut Vec<Problem>) {
    for like in likes {
        problems.retain(|problem| problem.is_error() || problem.span.as_ref() != Some(&like.span));
        for problem in problems.iter_mut().filter(|problem| problem.span.as_ref() == Some(&like.span)) {
            problem.help.get_or_insert_with(|| {
                format!("it comes with the part: `surgelab show {}` prints what the service is like", like.part)
            });
        }
    }
}

/// `own` with what only the part has.
fn over(own: &Node, part: &Node, like: &Range<usize>) -> Node {
    let own = own.unwrapped();
    let one = |own: &Option<Word>, part: &Option<Word>| match (own, part) {
        (Some(own), Some(part)) => own.text == part.text,
        (None, _) | (_, None) => true,
    };
    let value = match (&own.value, &part.value) {
        (Value::Record { name, entries }, Value::Record { name: other, entries: under }) if one(name, other) => {
            Value::Record { name: name.clone(), entries: fields(entries, under, like) }
        }
        (Value::Tuple { name, items }, Value::Record { name: other, entries: under })
            if items.is_empty() && one(name, other) =>
        {
            Value::Record { name: name.clone(), entries: fields(&[], under, like) }
        }
        (Value::Map(entries), Value::Map(under)) => Value::Map(names(entries, under, like)),
        _ => return own.clone(),
    };
    Node { span: own.span.clone(), value }
}

fn fields(own: &[Entry], part: &[Entry], like: &Range<usize>) -> Vec<Entry> {
    let under = |name: &str| part.iter().find(|entry| entry.name.text == name);
    let mut all: Vec<Entry> = own
        .iter()
        .map(|entry| match under(&entry.name.text) {
            Some(part) => Entry { name: entry.name.clone(), value: over(&entry.value, &part.value, like) },
            None => entry.clone(),
        })
        .collect();
    let more = part.iter().filter(|entry| own.iter().all(|own| own.name.text != entry.name.text));
    all.extend(more.filter_map(|entry| field(entry, like)));
    all
}

/// The part's entries first, in its order; then those that only the service has.
fn names(own: &[(Node, Node)], part: &[(Node, Node)], like: &Range<usize>) -> Vec<(Node, Node)> {
    let text = |key: &Node| if let Value::Text { text, .. } = &key.value { Some(text.clone()) } else { None };
    let position = |name: &Node| own.iter().position(|(key, _)| text(key).is_some() && text(key) == text(name));
    let open = part.iter().find(|(key, _)| text(key).as_deref() == Some(OPEN)).map(|(_, value)| value);
    let mut taken = Vec::new();
    let mut all = Vec::new();
    for (key, value) in part {
        match position(key) {
            Some(index) => {
                taken.push(index);
                all.push((own[index].0.clone(), over(&own[index].1, value, like)));
            }
            None => all.extend(grafted(value, like).filter(|_| text(key).as_deref() != Some(OPEN)).map(|value| {
                let key = Node { span: like.clone(), value: key.value.clone() };
                (unplaced(key), value)
            })),
        }
    }
    for (_, (key, value)) in own.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
        all.push((key.clone(), open.map_or_else(|| value.clone(), |open| over(value, open, like))));
    }
    all
}

fn field(entry: &Entry, like: &Range<usize>) -> Option<Entry> {
    let name = Word { text: entry.name.text.clone(), span: like.clone() };
    Some(Entry { name, value: grafted(&entry.value, like)? })
}

/// A node of the part as if it stood at `like`; None for a name left open.
fn grafted(node: &Node, like: &Range<usize>) -> Option<Node> {
    let placed = |name: &Option<Word>| name.as_ref().map(|name| Word { text: name.text.clone(), span: like.clone() });
    let value = match &node.value {
        Value::Text { text, .. } if text == OPEN => return None,
        Value::Record { name, entries } => Value::Record {
            name: placed(name),
            entries: entries.iter().filter_map(|entry| field(entry, like)).collect(),
        },
        Value::Tuple { name, items } => {
            Value::Tuple { name: placed(name), items: items.iter().filter_map(|item| grafted(item, like)).collect() }
        }
        Value::List(items) => Value::List(items.iter().filter_map(|item| grafted(item, like)).collect()),
        Value::Map(entries) => Value::Map(names(&[], entries, like)),
        Value::Bool(_) | Value::Number(_) | Value::Char | Value::Text { .. } | Value::Name(_) => node.value.clone(),
    };
    Some(unplaced(Node { span: like.clone(), value }))
}

/// A text of the part has no place of its own in the scenario.
fn unplaced(mut node: Node) -> Node {
    if let Value::Text { plain, .. } = &mut node.value {
        *plain = None;
    }
    node
}
