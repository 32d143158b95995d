//! Lines end at 120, but for a string that goes beyond.

use super::{complain, root, rust_files};
use proc_macro2::{TokenStream, TokenTree};
use std::fs;

/// Characters of a line at most.
const WIDEST: usize = 120;

/// A string literal, from (line, column) to (line, column).
type Text = ((usize, usize), (usize, usize));

/// String literals of a file, raw ones too; comments are none.
fn texts(tokens: TokenStream, lines: &[&str], found: &mut Vec<Text>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => texts(group.stream(), lines, found),
            TokenTree::Literal(literal) => {
                let (from, to) = (literal.span().start(), literal.span().end());
                let first: String = lines[from.line - 1].chars().skip(from.column).take(2).collect();
                if ["\"", "r", "b", "c"].iter().any(|start| first.starts_with(start)) {
                    found.push(((from.line, from.column), (to.line, to.column)));
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

#[test]
fn lines_end_at_120() {
    let mut problems = Vec::new();
    for path in ["src", "tests", "benches"].iter().flat_map(|folder| rust_files(folder)) {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let wide = |line: &str| line.chars().count() > WIDEST;
        if !lines.iter().any(|line| wide(line)) {
            continue;
        }
        let mut strings = Vec::new();
        texts(text.parse().unwrap(), &lines, &mut strings);
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| wide(line)) {
            // The last character that has room is part of a string, which rustfmt does not break.
            let last = (at + 1, WIDEST - 1);
            if !strings.iter().any(|(from, to)| *from <= last && last < *to) {
                let inside = path.strip_prefix(root()).unwrap().display();
                problems.push(format!("{inside}:{}: {} characters", at + 1, line.chars().count()));
            }
        }
    }
    complain(problems);
}
