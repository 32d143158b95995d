//! The RON grammar. Stops at the first error: what stands behind it cannot be trusted.
use super::{DEPTH, Entry, LENGTH, Node, Problem, Value, Word};
use std::ops::Range;

/// Boxed: a problem is large, and values are read one by one.
type Parsed<T> = Result<T, Box<Problem>>;

pub(super) fn parse(text: &str) -> Parsed<Node> {
    if text.len() > LENGTH {
        return Err(Box::new(
            Problem::general(format!("the file has {} bytes", text.len())).help(format!("at most {LENGTH} are read")),
        ));
    }
    let mut parser = Parser { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 }, depth: 0 };
    parser.blanks()?;
    while parser.rest().starts_with("#!") {
        match parser.rest().find(']') {
            Some(end) => parser.at += end + 1,
            None => return Err(parser.wrong("an attribute that does not end", "`#![enable(..)]`")),
        }
        parser.blanks()?;
    }
    if parser.rest().is_empty() {
        return Err(error(
            parser.at..parser.at,
            "the file is empty",
            "expected a scenario: `(version: 1, title: \"..\", horizon: \"1h\")`",
        ));
    }
    let node = parser.value()?;
    parser.blanks()?;
    if !parser.rest().is_empty() {
        return Err(parser.wrong("something follows the end of the value", "the end of the text"));
    }
    Ok(node)
}

/// The value that begins there, inside so many others.
pub(super) fn parse_at(text: &str, at: usize, depth: usize) -> Parsed<Node> {
    Parser { text, at, depth }.value()
}

/// Where blanks and comments from there end.
pub(super) fn blanks_end(text: &str, at: usize) -> usize {
    let mut parser = Parser { text, at, depth: 0 };
    // A comment that does not end, ends nowhere.
    if parser.blanks().is_err() { text.len() } else { parser.at }
}

fn error(span: Range<usize>, message: impl Into<String>, expected: impl Into<String>) -> Box<Problem> {
    Box::new(Problem::error(span, message, expected))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The next character, or the empty end of the text.
    fn here(&self) -> Range<usize> {
        self.at..self.at + self.next().map_or(0, char::len_utf8)
    }

    fn wrong(&self, message: impl Into<String>, expected: impl std::fmt::Display) -> Box<Problem> {
        error(self.here(), message, format!("expected {expected}"))
    }

    fn unexpected(&self, expected: impl std::fmt::Display) -> Box<Problem> {
        match self.next() {
            Some(c) if c.is_control() => self.wrong(format!("unexpected `{}`", c.escape_default()), expected),
            Some(c) => self.wrong(format!("unexpected `{c}`"), expected),
            None => self.wrong("the file ends too early", expected),
        }
    }

    /// Skips blanks and comments.
    fn blanks(&mut self) -> Parsed<()> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += comment(rest).ok_or_else(|| {
                    error(self.at..self.at + 2, "a comment that does not end", "expected `*/` somewhere behind")
                })?;
            } else {
                return Ok(());
            }
        }
    }

    fn value(&mut self) -> Parsed<Node> {
        self.blanks()?;
        let from = self.at;
        if self.depth == DEPTH {
            return Err(self.wrong("nested too deep", format!("at most {DEPTH} levels")));
        }
        self.depth += 1;
        let value = match self.next() {
            Some('(') => self.group(None)?,
            Some('[') => {
                self.at += 1;
                Value::List(self.items(from, ']', Self::value)?)
            }
            Some('{') => {
                self.at += 1;
                Value::Map(self.items(from, '}', Self::pair)?)
            }
            Some('"') => self.text()?,
            Some('r')
                if self.rest().starts_with("r\"")
                    || self.rest().starts_with("r#\"")
                    || self.rest().starts_with("r##") =>
            {
                self.raw_text()?
            }
            Some('\'') => self.character()?,
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            Some(c) if is_word(c) => self.word_or_choice()?,
            _ => return Err(self.unexpected("a value")),
        };
        self.depth -= 1;
        Ok(Node { span: from..self.at, value })
    }

    fn word(&mut self) -> Word {
        let from = self.at;
        let rest = self.rest();
        self.at += rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        Word { text: self.text[from..self.at].to_owned(), span: from..self.at }
    }

    fn word_or_choice(&mut self) -> Parsed<Value> {
        let word = self.word();
        let after = self.at;
        self.blanks()?;
        if self.next() == Some('(') {
            return self.group(Some(word));
        }
        self.at = after;
        Ok(match word.text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::Name(word.text),
        })
    }

    /// `(..)`: a record when it begins with `name:`, else a tuple.
    fn group(&mut self, name: Option<Word>) -> Parsed<Value> {
        let open = self.at;
        self.at += 1;
        self.blanks()?;
        if self.begins_field()? {
            Ok(Value::Record { name, entries: self.items(open, ')', Self::entry)? })
        } else {
            Ok(Value::Tuple { name, items: self.items(open, ')', Self::value)? })
        }
    }

    fn begins_field(&mut self) -> Parsed<bool> {
        let from = self.at;
        let word = self.word();
        self.blanks()?;
        let field = self.next() == Some(':') && word.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        self.at = from;
        Ok(field)
    }

    /// Things between commas up to `close`; the opening sign at `open` is read.
    fn items<T>(&mut self, open: usize, close: char, item: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        loop {
            self.blanks()?;
            if self.next() == Some(close) {
                self.at += 1;
                return Ok(items);
            }
            items.push(item(self)?);
            self.blanks()?;
            match self.next() {
                Some(',') => self.at += 1,
                Some(c) if c == close => {}
                _ => {
                    return Err(Box::new(
                        self.unexpected(format!("`,` or `{close}`")).also(open..open + 1, "opened here"),
                    ));
                }
            }
        }
    }

    fn entry(&mut self) -> Parsed<Entry> {
        let name = self.word();
        if name.text.is_empty() {
            return Err(self.unexpected("the name of a field"));
        }
        self.blanks()?;
        if self.next() != Some(':') {
            return Err(self.unexpected(format!("`:` after `{}`", name.text)));
        }
        self.at += 1;
        Ok(Entry { name, value: self.value()? })
    }

    fn pair(&mut self) -> Parsed<(Node, Node)> {
        let key = self.value()?;
        self.blanks()?;
        if self.next() != Some(':') {
            return Err(self.unexpected("`:` after the key"));
        }
        self.at += 1;
        Ok((key, self.value()?))
    }

    fn number(&mut self) -> Value {
        let from = self.at;
        self.at += 1;
        while let Some(c) = self.next() {
            let exponent = matches!(c, '+' | '-') && self.text[from..self.at].ends_with(['e', 'E']);
            if !(is_word(c) || c == '.' || exponent) {
                break;
            }
            self.at += c.len_utf8();
        }
        Value::Number(self.text[from..self.at].to_owned())
    }

    fn character(&mut self) -> Parsed<Value> {
        let from = self.at;
        let escaped = self.rest().starts_with("'\\");
        match self.rest()[1..].char_indices().skip(if escaped { 2 } else { 1 }).take(12).find(|(_, c)| *c == '\'') {
            Some((end, _)) => {
                self.at += end + 2;
                Ok(Value::Char)
            }
            None => Err(error(from..from + 1, "a character that does not end", "expected a text in `\"`")),
        }
    }

    fn raw_text(&mut self) -> Parsed<Value> {
        let from = self.at;
        let hashes = self.rest()[1..].bytes().take_while(|byte| *byte == b'#').count();
        let content = from + 2 + hashes;
        let close = format!("\"{}", "#".repeat(hashes));
        let found = self
            .text
            .get(content..)
            .filter(|_| self.text.as_bytes()[content - 1] == b'"')
            .and_then(|rest| rest.find(&close));
        let Some(length) = found else {
            return Err(error(
                from..from + 1,
                "a raw text that does not end",
                format!("expected `{close}` somewhere behind"),
            ));
        };
        self.at = content + length + close.len();
        Ok(Value::Text {
            text: self.text[content..content + length].to_owned(),
            plain: Some(content..content + length),
        })
    }

    fn text(&mut self) -> Parsed<Value> {
        let open = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut plain = true;
        loop {
            let rest = self.rest();
            let Some(stop) = rest.find(['"', '\\']) else {
                return Err(error(open..open + 1, "a text that does not end", "expected `\"` somewhere behind"));
            };
            text.push_str(&rest[..stop]);
            self.at += stop + 1;
            if rest[stop..].starts_with('"') {
                let content = open + 1..self.at - 1;
                return Ok(Value::Text { text, plain: plain.then_some(content) });
            }
            plain = false;
            text.push(self.escape(open)?);
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, open: usize) -> Parsed<char> {
        let from = self.at - 1;
        let Some(c) = self.next() else {
            return Err(error(open..open + 1, "a text that does not end", "expected `\"` somewhere behind"));
        };
        self.at += c.len_utf8();
        let code = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        let found = match c {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' => Some('\r'),
            '0' => Some('\0'),
            '"' | '\\' | '\'' => Some(c),
            'x' => self.rest().get(..2).and_then(code).inspect(|_| self.at += 2),
            'u' => {
                let end = self.rest().find('}').filter(|_| self.rest().starts_with('{')).filter(|end| *end <= 9);
                end.and_then(|end| code(&self.rest()[1..end]).inspect(|_| self.at += end + 1))
            }
            _ => None,
        };
        found.ok_or_else(|| {
            error(from..self.at, "unknown escape", "expected one of \\n \\t \\r \\0 \\\" \\\\ \\x41 \\u{1F600}")
        })
    }
}

/// The length of the block comment at the start of `text`, nested ones included.
fn comment(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    None
}
