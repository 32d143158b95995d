//! Numbers of a scenario and which of them are assumed: what a comment in the file or the source of a part says.
//!
//! A comment is about the field, entry or item that begins right after it, or in whose line it stands. Where it says
//! "assumed" and names some of the numbers there, it is about these; else about all but those that it says are stated.
//! A comment at the head of a file may say that all numbers, or all others, are assumed: then it is about those that no
//! other comment is about.

use super::described::Described;
use super::load::Loaded;
use super::parts::{self, numbers};
use super::root::Scenario;
use super::syntax::{self, Node, Value};
use std::ops::Range;

/// A number of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileNumber {
    /// A path for an edit: "services.app.workers".
    pub path: String,
    /// As it is written, without quotes: "8ms", "exp(8ms)", "50".
    pub value: String,
    /// Who says that it is assumed, in words; absent: nobody does.
    pub assumed: Option<String>,
}

/// Sections whose numbers say what a system is; the others say how it is asked.
const SECTIONS: [&str; 5] = ["keys.", "machines.", "services.", "traffic.", "runbook."];
/// Words that begin what a comment says of a number.
const MARKS: [(&str, bool); 3] = [("assumed", true), ("stated", false), ("source:", false)];
/// Numbers that people write as words.
const WORDS: [&str; 13] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// Every number of what the system is, in the order of the file, then those of its parts.
pub fn file_numbers(loaded: &Loaded) -> Vec<FileNumber> {
    let Ok(tree) = syntax::parse(&loaded.text) else { return Vec::new() };
    let mut found = Vec::new();
    numbers(Scenario::shape(), &tree, String::new(), &mut found);
    found.retain(|(path, _)| SECTIONS.iter().any(|section| path.starts_with(section)));
    let mut comments = comments(&loaded.text, &tree);
    for comment in &mut comments {
        let names = |(_, span): &(String, Range<usize>)| {
            let inside = comment.about.as_ref().is_some_and(|about| about.contains(&span.start));
            inside && shares(&comment.assumed, &loaded.text[span.clone()])
        };
        comment.names_some = found.iter().any(names);
    }
    let number = |(path, span): (String, Range<usize>)| {
        let value = loaded.text[span.clone()].trim_matches('"').to_owned();
        FileNumber { assumed: assumed(&comments, &value, &span), value, path }
    };
    found.into_iter().map(number).chain(of_parts(loaded, &tree)).collect()
}

/// Numbers that parts say and the file does not.
fn of_parts(loaded: &Loaded, tree: &Node) -> Vec<FileNumber> {
    let mut found = Vec::new();
    for (name, service) in loaded.scenario.services.iter() {
        let Some(part) = service.like.as_deref().and_then(parts::find) else { continue };
        let node = tree.child("services").and_then(|services| services.child(name));
        for number in part.numbers() {
            let links: Vec<&str> = if number.path.contains("?") { service.links.names().collect() } else { vec![""] };
            for link in links {
                let inside = number.path.replace('?', link);
                let written =
                    inside.split('.').try_fold(node, |node, key| Some(node?.child(key)).filter(Option::is_some));
                if written.flatten().is_some() {
                    continue;
                }
                let assumed = number.source.filter(|source| source.contains("assumed"));
                found.push(FileNumber {
                    path: format!("services.{name}.{inside}"),
                    value: number.value.clone(),
                    assumed: assumed.map(str::to_owned),
                });
            }
        }
    }
    found
}

/// What a comment says, and about what.
struct Comment {
    /// Bytes of what it is about; absent: of all that no other comment is about.
    about: Option<Range<usize>>,
    assumed: String,
    stated: String,
    /// What it says of assumptions names some of the numbers.
    names_some: bool,
}

/// The innermost comment about a number decides.
fn assumed(comments: &[Comment], value: &str, span: &Range<usize>) -> Option<String> {
    let covers = |comment: &&Comment| comment.about.as_ref().is_some_and(|about| about.contains(&span.start));
    let length = |comment: &&Comment| comment.about.as_ref().map_or(usize::MAX, |about| about.len());
    let mine = comments.iter().filter(covers).min_by_key(length);
    let said = mine.or_else(|| comments.iter().find(|comment| comment.about.is_none()))?;
    if said.assumed.is_empty() {
        return None;
    }
    let is = if said.names_some { shares(&said.assumed, value) } else { !shares(&said.stated, value) };
    is.then(|| said.assumed.clone())
}

/// Some number of the value is in the text.
fn shares(text: &str, value: &str) -> bool {
    let known = figures(text);
    figures(value).iter().any(|figure| known.contains(figure))
}

/// The numbers of a text, as they would be written in a file.
fn figures(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace(',', "");
    let digits = lower.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let written = digits.map(|figure| figure.trim_matches('.').to_owned()).filter(|figure| !figure.is_empty());
    let words = lower.split(|c: char| !c.is_alphabetic());
    let spelled = words.filter_map(|word| WORDS.iter().position(|known| *known == word)).map(|n| n.to_string());
    written.chain(spelled).collect()
}

/// Every comment that says where numbers come from. Lines of comments one below the other are one.
fn comments(text: &str, tree: &Node) -> Vec<Comment> {
    let mut starts = Vec::new();
    entries(tree, &mut starts);
    let mut found = Vec::new();
    for Block { span, words, alone } in blocks(text) {
        let (assumed, stated) = said(&words);
        if assumed.is_empty() && stated.is_empty() {
            continue;
        }
        if span.end <= tree.span.start {
            let all = ["all numbers are assumed", "all other numbers are assumed"];
            if all.iter().any(|all| words.to_lowercase().contains(all)) {
                found.push(Comment {
                    about: None,
                    assumed: "all numbers are".into(),
                    stated: String::new(),
                    names_some: false,
                });
            }
            continue;
        }
        let about = if alone {
            let next = span.end + text[span.end..].len() - text[span.end..].trim_start().len();
            starts.iter().filter(|entry| entry.start == next).max_by_key(|entry| entry.end).cloned()
        } else {
            let line = text[..span.start].rfind('\n').map_or(0, |end| end + 1)..span.start;
            let mut inside = starts.iter().filter(|entry| line.contains(&entry.start));
            inside.next().map(|first| first.start..span.start)
        };
        found.extend(about.map(|about| Comment { about: Some(about), assumed, stated, names_some: false }));
    }
    found
}

/// What a comment says is assumed, and what it says is stated.
fn said(words: &str) -> (String, String) {
    let lower = words.to_lowercase();
    let mut marks: Vec<(usize, bool)> = Vec::new();
    for (mark, is_assumed) in MARKS {
        marks.extend(lower.match_indices(mark).map(|(at, _)| (at, is_assumed)));
    }
    marks.sort_unstable();
    let (mut assumed, mut stated) = (String::new(), String::new());
    for (index, (at, is_assumed)) in marks.iter().enumerate() {
        let end = marks.get(index + 1).map_or(words.len(), |next| next.0);
        // Lower case may be longer than what was written; a comment that is cut wrongly is only worse to read.
        let part = words.get(*at..end).unwrap_or_default().trim();
        let into = if *is_assumed { &mut assumed } else { &mut stated };
        if !into.is_empty() {
            into.push(' ');
        }
        into.push_str(part);
    }
    (assumed, stated)
}

/// Where entries of records and maps, and items, begin and end.
fn entries(node: &Node, found: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::Record { entries: fields, .. } => {
            for entry in fields {
                found.push(entry.name.span.start..entry.value.span.end);
                entries(&entry.value, found);
            }
        }
        Value::Map(pairs) => {
            for (key, value) in pairs {
                found.push(key.span.start..value.span.end);
                entries(value, found);
            }
        }
        Value::List(items) | Value::Tuple { items, .. } => {
            for item in items {
                found.push(item.span.clone());
                entries(item, found);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::Char | Value::Text { .. } | Value::Name(_) => {}
    }
}

/// Lines of comments.
struct Block {
    span: Range<usize>,
    words: String,
    /// Nothing else stands in their lines.
    alone: bool,
}

/// Every `//` comment outside texts; those that have their lines for themselves and follow each other are one.
fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let (mut at, mut quoted) = (0, false);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'/' if !quoted && bytes.get(at + 1) == Some(&b'/') => {
                let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
                let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
                let alone = text[line..at].trim().is_empty();
                let words = text[at..end].trim_start_matches('/').trim();
                match found.last_mut() {
                    Some(last)
                        if alone
                            && last.alone
                            && text[last.span.end..at].trim().is_empty()
                            && text[last.span.end..at].matches('\n').count() == 1 =>
                    {
                        last.span.end = end;
                        last.words = format!("{} {words}", last.words);
                    }
                    _ => found.push(Block { span: at..end, words: words.to_owned(), alone }),
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::scenario::load;

    fn of(name: &str) -> Vec<(String, bool)> {
        let built_in = catalog::find(name).expect("it comes along");
        let loaded = load(built_in.file, built_in.text).expect("it is sound");
        file_numbers(&loaded).into_iter().map(|number| (number.path, number.assumed.is_some())).collect()
    }

    #[test]
    fn comments_say_which_numbers_are_assumed() {
        let numbers = of("codingame");
        let is = |path: &str| numbers.iter().find(|number| number.0 == path).map(|number| number.1);
        assert_eq!(is("machines.web.cores"), Some(true), "two servers are stated, four cores assumed");
        assert_eq!(is("machines.web.count"), Some(false));
        assert_eq!(is("machines.web.boot"), Some(true));
        assert_eq!(is("services.rds.operations.query.0.0"), Some(true));
        assert_eq!(is("services.rds.max_connections"), Some(false), "the comment names another number");
        assert_eq!(is("services.app.memory.leak_per_request"), Some(true));
        assert_eq!(is("services.push.descriptors"), Some(false));
        assert_eq!(is("services.app.restart"), Some(true), "two minutes, in words");
    }

    #[test]
    fn a_head_may_speak_of_all_numbers_that_nobody_else_speaks_of() {
        let numbers = of("keep-alive-exhaustion");
        let is = |path: &str| numbers.iter().find(|number| number.0 == path).map(|number| number.1);
        assert_eq!(is("services.apache.workers"), Some(false), "its source is above");
        assert_eq!(is("traffic.readers.patience"), Some(true));
        assert_eq!(is("services.apache.operations.page.0.0"), Some(true));
    }

    #[test]
    fn what_a_part_assumes_is_assumed_unless_the_file_says_it() {
        let text = r#"(version: 1, title: "a", horizon: "5s", machines: {"box": ()},
            services: {
                "web": (on: ["box"], like: "apache-prefork", memory: (per_worker: "20MB"), operations: {"page": [Cpu("1ms")]}),
            },
            traffic: {"crowd": Open(rate: Constant("1/s"), call: "web.page")})"#;
        let loaded = load("a", text).expect("it is sound");
        let numbers = file_numbers(&loaded);
        let is = |path: &str| {
            numbers.iter().filter(|number| number.path == path).map(|n| n.assumed.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(is("services.web.memory.idle"), [true]);
        assert_eq!(is("services.web.memory.per_worker"), [false], "the file says it, and nothing about it");
        assert_eq!(is("services.web.workers"), [false]);
    }
}
