//! What can be seen of a text that does not run: who is in it, who names whom, and where each of them stands. Its
//! syntax has to be right, nothing else.

use super::syntax::{self, Node, Value};
use std::ops::Range;

/// Parts told of at most.
const MOST: usize = 200;

/// The parts of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// In the order of the text: sources, then services.
    pub parts: Vec<SketchPart>,
}

/// A source or a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SketchPart {
    /// Its name.
    pub name: String,
    /// It is a source: people.
    pub source: bool,
    /// The machines it says it is on.
    pub on: Vec<String>,
    /// Positions of the services it names: those it calls, as far as can be told.
    pub calls: Vec<usize>,
    /// Bytes of the text, from its name to its end.
    pub span: Range<usize>,
}

impl Sketch {
    /// Of a text; none where its syntax is wrong or there is nothing in it.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let tree = syntax::parse(text).ok()?;
        let sections = [("traffic", true), ("services", false)];
        let found = sections.into_iter().filter_map(|(key, source)| Some((tree.child(key)?, source)));
        let mut parts: Vec<(SketchPart, Vec<String>)> =
            found.flat_map(|(section, source)| members(section, source)).take(MOST).collect();
        let names: Vec<(usize, String)> = parts
            .iter()
            .enumerate()
            .filter(|(_, (part, _))| !part.source)
            .map(|(at, (part, _))| (at, part.name.clone()))
            .collect();
        for (at, (part, words)) in parts.iter_mut().enumerate() {
            let named = |name: &str| {
                let of_it = |word: &String| {
                    word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                words.iter().any(of_it)
            };
            part.calls = names.iter().filter(|(other, name)| *other != at && named(name)).map(|(to, _)| *to).collect();
        }
        let parts: Vec<SketchPart> = parts.into_iter().map(|(part, _)| part).collect();
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// The part in which a place lies.
    #[must_use]
    pub fn part_at(&self, at: usize) -> Option<usize> {
        self.parts.iter().position(|part| part.span.contains(&at))
    }

    /// Column of each part: sources first, each service after the last of those that name it.
    #[must_use]
    pub fn columns(&self) -> Vec<usize> {
        let mut columns: Vec<usize> = self.parts.iter().map(|part| usize::from(!part.source)).collect();
        // Those that name each other in a circle end somewhere.
        for _ in 0..self.parts.len().min(12) {
            for at in 0..self.parts.len() {
                for &to in &self.parts[at].calls {
                    columns[to] = columns[to].max((columns[at] + 1).min(8));
                }
            }
        }
        columns
    }
}

/// The entries of a section, and every text in each of them.
fn members(section: &Node, source: bool) -> Vec<(SketchPart, Vec<String>)> {
    let Value::Map(entries) = &section.unwrapped().value else { return Vec::new() };
    let member = |(key, value): &(Node, Node)| {
        let Value::Text { text, .. } = &key.value else { return None };
        let on = value.child("on").map(texts).unwrap_or_default();
        let mut words = texts(value);
        words.retain(|word| !on.contains(word));
        let span = key.span.start..value.span.end;
        Some((SketchPart { name: text.clone(), source, on, calls: Vec::new(), span }, words))
    };
    entries.iter().filter_map(member).collect()
}

fn texts(node: &Node) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        match &node.value {
            Value::Text { text, .. } => found.push(text.clone()),
            Value::Record { entries, .. } => left.extend(entries.iter().map(|entry| &entry.value)),
            Value::Tuple { items, .. } | Value::List(items) => left.extend(items),
            Value::Map(entries) => left.extend(entries.iter().flat_map(|(key, value)| [key, value])),
            Value::Bool(_) | Value::Number(_) | Value::Char | Value::Name(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRONG: &str = r#"(
        machines: { "box": (cores: -1) },
        traffic: { "people": (call: "app.page") },
        services: {
            "app": (on: ["box"], operations: { "page": [Call("rds.qurey")] }),
            "rds": (on: ["bok"], operations: { "query": [Cpu("1ms")] }),
        },
    )"#;

    #[test]
    fn who_names_whom_is_seen_though_nothing_runs() {
        let sketch = Sketch::of(WRONG).expect("its syntax is right");
        let told: Vec<_> = sketch.parts.iter().map(|part| (part.name.as_str(), part.calls.clone())).collect();
        assert_eq!(told, [("people", vec![1]), ("app", vec![2]), ("rds", vec![])]);
        assert_eq!(sketch.columns(), [0, 1, 2]);
        assert_eq!(sketch.parts[1].on, ["box"]);
        let place = WRONG.find("rds.qurey").expect("it is there");
        assert_eq!(sketch.part_at(place), Some(1));
    }

    #[test]
    fn what_names_itself_in_a_circle_or_is_no_map_is_borne() {
        let circle = r#"(services: { "a": (to: "b"), "b": (to: "a.x"), "c": "c" }, traffic: 5)"#;
        let sketch = Sketch::of(circle).expect("its syntax is right");
        assert!(sketch.columns().iter().all(|column| *column <= 8));
        assert_eq!((Sketch::of("(services: {})"), Sketch::of("(services: {"), Sketch::of("7")), (None, None, None));
    }
}
