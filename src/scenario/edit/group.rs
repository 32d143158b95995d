//! Things between brackets, as text: what belongs to one of them, and how another is put among them.
//!
//! To an entry belong its comma, the comment lines directly above it and the comment behind it on its line, if it has
//! that line for itself. What is put in is laid out as its neighbours are: a line of its own with their indentation, or
//! in one line with them.

use super::set::Replacement;
use crate::scenario::syntax::{Node, Value, blanks_end};
use std::collections::BTreeSet;
use std::ops::Range;

/// What an indentation is deeper than that around it.
const DEEPER: &str = "    ";
/// An only entry that is longer gets a line of its own.
const LONG: usize = 80;

/// The entries between two brackets.
pub(super) struct Group<'t> {
    text: &'t str,
    /// Behind the opening bracket.
    open: usize,
    /// The closing bracket.
    close: usize,
    /// Of fields and map entries with their names.
    entries: Vec<Range<usize>>,
}

/// An entry on its way to another place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Piece {
    /// Comments above it, a line each.
    pub(super) above: Vec<String>,
    /// Without its comma; further lines as deep as they stand below `indent`.
    pub(super) entry: String,
    /// The comment behind it.
    pub(super) behind: Option<String>,
    /// What the line it begins in is indented by; None: its lines may not be moved.
    pub(super) indent: Option<String>,
}

/// What belongs to an entry.
struct Block {
    /// What goes when it goes.
    span: Range<usize>,
    /// Where the comments above it, or itself, begin.
    start: usize,
    above: Vec<Range<usize>>,
    behind: Vec<Range<usize>>,
    /// It begins its line.
    own_line: bool,
    /// Behind its comma, or where it would stand.
    end: usize,
    comma: bool,
    /// Nothing else follows in its last line.
    ends_line: bool,
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |length| at + length)
}

/// What the line of a place is indented by.
fn indent_at(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn skip_spaces(text: &str, at: usize) -> usize {
    at + text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len()
}

/// The comments in a stretch of nothing but blanks and comments.
fn comments(text: &str, stretch: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = stretch.start;
    while at < stretch.end {
        let rest = &text[at..stretch.end];
        at += rest.len() - rest.trim_start().len();
        let rest = &text[at..stretch.end];
        if rest.starts_with("//") {
            let end = line_end(text, at).min(stretch.end);
            found.push(at..at + text[at..end].trim_end().len());
            at = end;
        } else if rest.starts_with("/*") {
            // Its end is where blanks are looked for that begin nowhere else.
            let mut end = at + 2;
            let mut depth = 1;
            while depth > 0 && end < stretch.end {
                let here = &text.as_bytes()[end..stretch.end];
                let step = if here.starts_with(b"/*") {
                    depth += 1;
                    2
                } else if here.starts_with(b"*/") {
                    depth -= 1;
                    2
                } else {
                    1
                };
                end += step;
            }
            found.push(at..end.min(stretch.end));
            at = end;
        } else {
            return found;
        }
    }
    found
}

/// Whether some text in it has an end of line, so that its lines may not be moved.
pub(in crate::scenario) fn has_long_text(text: &str, node: &Node) -> bool {
    match &node.value {
        Value::Text { .. } => text[node.span.clone()].contains('\n'),
        Value::Record { entries, .. } => entries.iter().any(|entry| has_long_text(text, &entry.value)),
        Value::Tuple { items, .. } | Value::List(items) => items.iter().any(|item| has_long_text(text, item)),
        Value::Map(entries) => entries.iter().any(|(_, value)| has_long_text(text, value)),
        Value::Bool(_) | Value::Number(_) | Value::Char | Value::Name(_) => false,
    }
}

impl Piece {
    /// A new entry, written from the left margin.
    pub(super) fn new(entry: String, movable: bool) -> Self {
        Self { entry, indent: movable.then(String::new), ..Self::default() }
    }

    fn has_comments(&self) -> bool {
        !self.above.is_empty() || self.behind.is_some()
    }

    /// The entry, its further lines moved.
    fn moved(&self, indent: &str) -> String {
        let Some(from) = self.indent.as_deref() else { return self.entry.clone() };
        let mut lines = self.entry.split('\n');
        let mut out = lines.next().unwrap_or_default().to_owned();
        for line in lines {
            out.push('\n');
            match line.strip_prefix(from) {
                Some(rest) if !rest.trim().is_empty() => out.extend([indent, rest]),
                Some(_) => out.push_str(line.trim_start_matches([' ', '\t'])),
                None => out.push_str(line),
            }
        }
        out
    }

    /// Lines of its own, with a comma, the last without its end.
    fn lines(&self, indent: &str) -> String {
        let mut out = String::new();
        for comment in &self.above {
            out.extend([indent, comment, "\n"]);
        }
        out.extend([indent, &self.moved(indent), ","]);
        if let Some(behind) = &self.behind {
            out.extend([" ", behind]);
        }
        out
    }
}

impl<'t> Group<'t> {
    /// Of a record, list, map or tuple; None for what has no brackets.
    pub(super) fn of(text: &'t str, node: &Node) -> Option<Self> {
        let node = node.unwrapped();
        let (name, entries) = match &node.value {
            Value::Record { name, entries } => {
                (name, entries.iter().map(|entry| entry.name.span.start..entry.value.span.end).collect())
            }
            Value::Tuple { name, items } => (name, items.iter().map(|item| item.span.clone()).collect()),
            Value::List(items) => (&None, items.iter().map(|item| item.span.clone()).collect()),
            Value::Map(entries) => (&None, entries.iter().map(|(key, value)| key.span.start..value.span.end).collect()),
            Value::Bool(_) | Value::Number(_) | Value::Char | Value::Text { .. } | Value::Name(_) => return None,
        };
        let open = 1 + name.as_ref().map_or(node.span.start, |name| blanks_end(text, name.span.end));
        Some(Self { text, open, close: node.span.end - 1, entries })
    }

    fn block(&self, place: usize) -> Block {
        let (text, entry) = (self.text, &self.entries[place]);
        let floor = place.checked_sub(1).map_or(self.open, |before| self.entries[before].end);
        let next = blanks_end(text, entry.end);
        let comma = text[next..].starts_with(',') && next < self.close;
        let end = if comma { next + 1 } else { entry.end };
        let line = line_start(text, entry.start);
        let own_line = text[line..entry.start].trim().is_empty();
        let mut behind = if comma { comments(text, entry.end..next) } else { Vec::new() };
        let mut tail = end;
        if own_line {
            let after = skip_spaces(text, end);
            let line = line_end(text, after);
            let found = comments(text, after..blanks_end(text, after).max(after)).into_iter().next();
            let ours = found.filter(|comment| comment.start == after && comment.end <= line);
            if let Some(comment) = ours.filter(|comment| text[comment.end..line].trim().is_empty()) {
                tail = comment.end;
                behind.push(comment);
            }
        }
        let mut start = if own_line { line } else { entry.start };
        let mut above = Vec::new();
        if own_line {
            let from = if place == 0 { self.open } else { self.after_comma(place - 1) };
            for comment in comments(text, from..entry.start).into_iter().rev() {
                let line = line_start(text, comment.start);
                let between = &text[comment.end..start];
                let alone = text[line..comment.start].trim().is_empty() && line > floor;
                if !alone || !between.trim().is_empty() || between.matches('\n').count() != 1 {
                    break;
                }
                start = line;
                above.insert(0, comment);
            }
        }
        let line = line_end(text, tail);
        let ends_line = text[tail..line].trim().is_empty();
        let span = match (own_line, ends_line) {
            (true, true) => start..(line + 1).min(text.len()),
            (true, false) => skip_spaces(text, start)..skip_spaces(text, tail),
            (false, true) if comma => text[..entry.start].trim_end_matches([' ', '\t']).len()..end,
            (false, false) if comma => entry.start..skip_spaces(text, end),
            (false, _) => {
                let before = place.checked_sub(1).map(|before| self.entries[before].end);
                let plain =
                    before.filter(|before| text[*before..entry.start].trim_matches([',', ' ', '\t']).is_empty());
                plain.unwrap_or(entry.start)..entry.end
            }
        };
        Block { span, start, above, behind, own_line, end, comma, ends_line }
    }

    /// Between the entries.
    fn has_no_comments(&self) -> bool {
        let starts = [self.open].into_iter().chain(self.entries.iter().map(|entry| entry.end));
        let ends = self.entries.iter().map(|entry| entry.start).chain([self.close]);
        starts.zip(ends).all(|(start, end)| self.text[start..end].trim_matches([',', ' ', '\t', '\r']).is_empty())
    }

    fn after_comma(&self, place: usize) -> usize {
        let end = self.entries[place].end;
        let next = blanks_end(self.text, end);
        if self.text[next..].starts_with(',') { next + 1 } else { end }
    }

    /// What takes these entries out.
    pub(super) fn removals(&self, places: &BTreeSet<usize>) -> Vec<Replacement> {
        let mut spans: Vec<Range<usize>> = Vec::new();
        let last = self.entries.len().wrapping_sub(1);
        let all = (0..self.entries.len()).all(|place| places.contains(&place));
        if all && !self.text[self.open..self.close].contains('\n') && self.has_no_comments() {
            return vec![Replacement { span: self.open..self.close, text: String::new() }];
        }
        // The entries at the end go together with the comma before them.
        let run = (0..self.entries.len()).rev().take_while(|place| places.contains(place)).last();
        let together = run.filter(|run| {
            let (first, last) = (self.block(*run), self.block(last));
            !first.own_line && !last.comma && *run > 0
        });
        for place in places.iter().copied().filter(|place| *place < self.entries.len()) {
            if together.is_some_and(|run| place > run) {
                continue;
            }
            let mut span = self.block(place).span;
            if together == Some(place) {
                let before = self.entries[place - 1].end;
                let plain = self.text[before..self.entries[place].start].trim_matches([',', ' ', '\t']).is_empty();
                span.start = if plain { before } else { self.entries[place].start };
                span.end = self.entries[last].end;
            }
            match spans.last_mut() {
                Some(known) if span.start <= known.end => known.end = known.end.max(span.end),
                _ => spans.push(span),
            }
        }
        spans.into_iter().map(|span| Replacement { span, text: String::new() }).collect()
    }

    /// An entry with its comments, each piece of text as `rewrite` has it.
    pub(super) fn piece(&self, place: usize, node: &Node, rewrite: impl Fn(Range<usize>) -> String) -> Piece {
        let block = self.block(place);
        let comment = |span: &Range<usize>| self.text[span.clone()].to_owned();
        let behind: Vec<String> = block.behind.iter().map(comment).collect();
        Piece {
            above: block.above.iter().map(comment).collect(),
            entry: rewrite(self.entries[place].clone()),
            behind: (!behind.is_empty()).then(|| behind.join(" ")),
            indent: (!has_long_text(self.text, node))
                .then(|| indent_at(self.text, self.entries[place].start).to_owned()),
        }
    }

    /// What puts an entry at that place; `wide`: an only one gets a line of its own.
    pub(super) fn insertion(&self, place: usize, piece: &Piece, wide: bool) -> Replacement {
        let text = self.text;
        let at = |at: usize, text: String| Replacement { span: at..at, text };
        if self.entries.is_empty() {
            return self.only(piece, wide);
        }
        if let Some(next) = self.entries.get(place) {
            let block = self.block(place);
            if block.own_line {
                return at(block.start, format!("{}\n", piece.lines(indent_at(text, next.start))));
            }
            let outer = indent_at(text, next.start).to_owned();
            if piece.has_comments() {
                let inner = format!("{outer}{DEEPER}");
                return at(next.start, format!("\n{}\n{inner}", piece.lines(&inner)));
            }
            return at(next.start, format!("{}, ", piece.moved(&outer)));
        }
        let last = self.entries.len() - 1;
        let (block, entry) = (self.block(last), &self.entries[last]);
        let outer = indent_at(text, entry.start).to_owned();
        if block.own_line && block.ends_line {
            let lines = format!("{}\n", piece.lines(&outer));
            let line_is_ended = text[..block.span.end].ends_with('\n');
            let start = if line_is_ended { "" } else { "\n" };
            if block.comma {
                return at(block.span.end, format!("{start}{lines}"));
            }
            let kept = &text[entry.end..block.span.end];
            return Replacement { span: entry.end..block.span.end, text: format!(",{kept}{start}{lines}") };
        }
        if block.own_line || piece.has_comments() {
            let inner = if block.own_line { outer.clone() } else { format!("{outer}{DEEPER}") };
            let (comma, line) = (if block.comma { "" } else { "," }, piece.lines(&inner));
            let end = if piece.behind.is_some() { format!("\n{outer}") } else { String::new() };
            return at(block.end, format!("{comma}\n{line}{end}"));
        }
        at(entry.end, format!(", {}", piece.moved(&outer)))
    }

    fn only(&self, piece: &Piece, wide: bool) -> Replacement {
        let inside = &self.text[self.open..self.close];
        let outer = indent_at(self.text, self.close);
        let inner = format!("{outer}{DEEPER}");
        if inside.contains('\n') {
            let line = line_start(self.text, self.close);
            let alone = self.text[line..self.close].trim().is_empty() && line >= self.open;
            let at = if alone { line } else { self.close };
            let start = if alone { "" } else { "\n" };
            let end = if alone { "\n".to_owned() } else { format!("\n{outer}") };
            return Replacement { span: at..at, text: format!("{start}{}{end}", piece.lines(&inner)) };
        }
        let kept = if inside.trim().is_empty() { self.open..self.close } else { self.close..self.close };
        let long = piece.entry.len() > LONG || piece.entry.contains('\n');
        if wide || piece.has_comments() || long {
            return Replacement { span: kept, text: format!("\n{}\n{outer}", piece.lines(&inner)) };
        }
        Replacement { span: kept, text: piece.entry.clone() }
    }

    /// The name of a field that is written there.
    pub(super) fn name(&self, place: usize) -> &'t str {
        let entry = &self.text[self.entries[place].clone()];
        &entry[..entry.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(entry.len())]
    }

    /// How many entries it has.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where an entry stands, with its name.
    pub(super) fn entry(&self, place: usize) -> Option<Range<usize>> {
        self.entries.get(place).cloned()
    }
}
