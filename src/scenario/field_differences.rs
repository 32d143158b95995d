//! What two scenarios say differently, field by field: neither comments nor layout nor the order of entries count.

use super::syntax::{self, Node, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Characters of a value that are shown.
const LONGEST: usize = 80;

/// A field that one text says otherwise than the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldDifference {
    /// Names from the root: "services.rds.operations.query.0".
    pub path: String,
    /// As the first has it, shortened; absent: it has none.
    pub base: Option<String>,
    /// As the second has it.
    pub head: Option<String>,
}

/// Every field that differs, in the order of the second text, those that only the first has behind their neighbours. Of
/// a text that cannot be read nothing is said.
#[must_use]
pub fn differences(base: &str, head: &str) -> Vec<FieldDifference> {
    let (Ok(first), Ok(second)) = (syntax::parse(base), syntax::parse(head)) else { return Vec::new() };
    let mut found = Differences { base, head, found: Vec::new() };
    found.compare("", &first, &second);
    found.found
}

struct Differences<'a> {
    base: &'a str,
    head: &'a str,
    found: Vec<FieldDifference>,
}

impl Differences<'_> {
    fn compare(&mut self, path: &str, first: &Node, second: &Node) {
        let (first, second) = (first.unwrapped(), second.unwrapped());
        match (named(first), named(second)) {
            (Some(before), Some(after)) if form(first) == form(second) => {
                for (name, value) in &after {
                    match before.iter().find(|(known, _)| known == name) {
                        Some((_, known)) => self.compare(&inside(path, name), known, value),
                        None => self.put(inside(path, name), None, Some(value)),
                    }
                }
                let gone = before.iter().filter(|(name, _)| after.iter().all(|(known, _)| known != name));
                gone.for_each(|(name, value)| self.put(inside(path, name), Some(value), None));
            }
            _ => match (&first.value, &second.value) {
                (Value::List(before), Value::List(after)) if before.len() == after.len() => {
                    let pairs = before.iter().zip(after).enumerate();
                    pairs.for_each(|(at, (one, other))| self.compare(&inside(path, &at.to_string()), one, other));
                }
                _ if same(self.base, first, self.head, second) => {}
                _ => self.put(path.to_owned(), Some(first), Some(second)),
            },
        }
    }

    fn put(&mut self, path: String, base: Option<&Node>, head: Option<&Node>) {
        let base = base.map(|node| shown(&self.base[node.span.clone()]));
        let head = head.map(|node| shown(&self.head[node.span.clone()]));
        self.found.push(FieldDifference { path, base, head });
    }
}

/// Fields of a record or entries of a map.
fn named(node: &Node) -> Option<Vec<(&str, &Node)>> {
    match &node.value {
        Value::Record { entries, .. } => {
            Some(entries.iter().map(|entry| (entry.name.text.as_str(), &entry.value)).collect())
        }
        Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| match &key.value {
                Value::Text { text, .. } => Some((text.as_str(), value)),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// What a record or a map is called, so that only what is called alike is compared inside.
fn form(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Record { name: Some(name), .. } => Some(&name.text),
        _ => None,
    }
}

fn inside(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Two values say the same, wherever they stand.
fn same(base: &str, first: &Node, head: &str, second: &Node) -> bool {
    let (first, second) = (first.unwrapped(), second.unwrapped());
    let all = |one: &[Node], other: &[Node]| {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(base, one, head, other))
    };
    match (&first.value, &second.value) {
        (Value::Char, Value::Char) => base[first.span.clone()] == head[second.span.clone()],
        (Value::Text { text: one, .. }, Value::Text { text: other, .. }) => one == other,
        (Value::Tuple { name, items }, Value::Tuple { name: other, items: others }) => {
            name.as_ref().map(|name| &name.text) == other.as_ref().map(|name| &name.text) && all(items, others)
        }
        (Value::List(one), Value::List(other)) => all(one, other),
        _ => match (named(first), named(second)) {
            (Some(one), Some(other)) => {
                let has = |(name, value): &(&str, &Node)| {
                    other.iter().any(|(known, node)| known == name && same(base, value, head, node))
                };
                form(first) == form(second) && one.len() == other.len() && one.iter().all(has)
            }
            _ => first.value == second.value,
        },
    }
}

/// The first line of a value, shortened.
fn shown(value: &str) -> String {
    let mut lines = value.lines();
    let first = lines.next().unwrap_or_default().trim();
    let short: String = first.chars().take(LONGEST).collect();
    if short.len() < first.len() || lines.next().is_some() { format!("{short} …") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(base: &str, head: &str) -> Vec<String> {
        let word = |value: Option<String>| value.unwrap_or_else(|| "-".into());
        differences(base, head)
            .into_iter()
            .map(|d| format!("{}: {} > {}", d.path, word(d.base), word(d.head)))
            .collect()
    }

    #[test]
    fn only_what_is_said_otherwise_is_told() {
        let base = r#"(version: 1, services: {"app": (workers: 5, operations: {"page": [Cpu("8ms"), Repeat("2", [Call("db.q")])]}),
            "db": (on: ["a"])}, seed: 1)"#;
        let same = r#"(version: 1, /* moved */ seed: 1, services: {"db": (on: ["a"]), // the same
            "app": (operations: {"page": [Cpu("8ms"), Repeat("2",   [Call("db.q")])]}, workers: Some(5))})"#;
        assert_eq!(said(base, same), [""; 0]);
        let other = base.replace("8ms", "9ms").replace("workers: 5, ", "").replace("seed: 1", "horizon: \"5s\"");
        assert_eq!(
            said(base, &other),
            [
                r#"services.app.operations.page.0: Cpu("8ms") > Cpu("9ms")"#,
                "services.app.workers: 5 > -",
                r#"horizon: - > "5s""#,
                "seed: 1 > -",
            ]
        );
        assert_eq!(said("(a: [1, 2])", "(a: [1])"), ["a: [1, 2] > [1]"]);
        assert_eq!(said("(a: Open(rate: 1))", "(a: Closed(rate: 1))"), ["a: Open(rate: 1) > Closed(rate: 1)"]);
        assert_eq!(said("(a: [\n1])", "(a: 2)"), ["a: [ … > 2"]);
        assert_eq!(said("(a: ", "(a: 2)"), [""; 0]);
    }
}
