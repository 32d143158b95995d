//! Words that were given up for the field's stay given up; what ARCHITECTURE.md names is there.

use super::{complain, program, root, rust_files};
use proc_macro2::{TokenStream, TokenTree};
use std::fs;

/// Names that nothing has any more.
const GIVEN_UP: [&str; 28] = [
    "obey",
    "Trail",
    "trail",
    "wish",
    "Wish",
    "Desk",
    "desk",
    "Deed",
    "deed",
    "Errand",
    "errand",
    "luck",
    "Census",
    "census",
    "Noun",
    "noun",
    "Faulty",
    "Teller",
    "teller",
    "Studying",
    "studying",
    "Usual",
    "Paper",
    "fall_silent",
    "comes_not",
    "rouse",
    "pour",
    "Become",
];
/// Files of the program that were called so; elsewhere these are words like others.
const FILES_GIVEN_UP: [&str; 16] = [
    "tell", "eye", "pairs", "live", "spent", "doors", "guard", "sets", "visitors", "burst", "bursts", "letters",
    "life", "watch", "causes", "does",
];

/// Names in code, without comments and strings, with their lines.
fn names(tokens: TokenStream, found: &mut Vec<(String, usize)>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => names(group.stream(), found),
            TokenTree::Ident(name) => found.push((name.to_string(), name.span().start().line)),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

#[test]
fn words_that_were_given_up_stay_given_up() {
    let mut problems = Vec::new();
    // This file has them as strings.
    for path in ["src", "tests", "benches"].iter().flat_map(|folder| rust_files(folder)) {
        let mut found = Vec::new();
        names(fs::read_to_string(&path).unwrap().parse().unwrap(), &mut found);
        let inside = path.strip_prefix(root()).unwrap().display().to_string();
        let given_up = found.iter().filter(|(name, _)| GIVEN_UP.contains(&name.as_str()));
        problems
            .extend(given_up.map(|(name, line)| format!("{inside}:{line}: `{name}` was given up for a better word")));
    }
    for source in program() {
        for part in source.path.with_extension("").iter().map(|part| part.to_str().unwrap()) {
            if GIVEN_UP.contains(&part) || FILES_GIVEN_UP.contains(&part) {
                problems.push(format!("{}: `{part}` was given up for a better word", source.path.display()));
            }
        }
    }
    complain(problems);
}

#[test]
fn what_the_architecture_names_is_there() {
    let mut problems = Vec::new();
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for (index, line) in text.lines().enumerate() {
        let named: Vec<&str> = line.split('`').skip(1).step_by(2).collect();
        // In the map a row begins with a layer's folder, and goes on with what stands in it.
        let layer = named.first().filter(|_| line.starts_with("| `")).copied().unwrap_or_default();
        for path in named.iter().filter(|path| path.ends_with(".rs") || path.ends_with('/')) {
            let places = [root().join(path), root().join("src").join(path), root().join("src").join(layer).join(path)];
            if !places.iter().any(|place| place.exists()) {
                problems.push(format!("ARCHITECTURE.md:{}: `{path}` is not there", index + 1));
            }
        }
    }
    complain(problems);
}
