//! Problems of a file: where, what is wrong, what was expected, what to do.
use crate::plain;
use codespan_reporting::{
    diagnostic::{Diagnostic, Label, Severity as Level},
    files::SimpleFile,
    term::{self, Config, termcolor::Buffer},
};
use serde::{Deserialize, Serialize};
use std::{io::Write as _, ops::Range, sync::Arc};

/// Longest line that is shown, in bytes.
const LONGEST_LINE: usize = 400;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The file cannot be run.
    Error,
    /// It can, and surely does not do what was meant.
    Warning,
}

/// One problem of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Bytes of the text; None when it is not about a place in the file.
    pub span: Option<Range<usize>>,
    /// What is wrong, in one line.
    pub message: String,
    /// What was expected at that place.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
    /// A second place, and what it has to do with it.
    pub also: Option<(Range<usize>, String)>,
    /// The name and text that the places are in, where it is not the file as it stands but the file after patches.
    pub source: Option<(String, Arc<str>)>,
}

impl Problem {
    /// An error at a place, with what was expected there.
    pub fn error(span: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            span: Some(span),
            message: message.into(),
            label: label.into(),
            help: None,
            also: None,
            source: None,
        }
    }

    /// A warning at a place.
    pub fn warning(span: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(span, message, label) }
    }

    /// An error that has no place in the file.
    pub fn general(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            span: None,
            message: message.into(),
            label: String::new(),
            help: None,
            also: None,
            source: None,
        }
    }

    /// With what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a second place.
    pub fn also(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.also = Some((span, label.into()));
        self
    }

    /// True for an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    fn diagnostic(&self, text: &str) -> Diagnostic<()> {
        let level = match self.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        };
        let inside = |span: &Range<usize>| span.start.min(text.len())..span.end.min(text.len());
        let first = self.span.as_ref().map(inside);
        let mut diagnostic = Diagnostic::new(level).with_message(plain::message(&self.message));
        match first.as_ref().map(|span| (span, line_around(text, span.start))) {
            Some((span, line)) if line.len() > LONGEST_LINE => {
                let number = text[..line.start].matches('\n').count() + 1;
                let note = format!(
                    "line {number}, column {}: {}",
                    text[line.start..span.start].chars().count() + 1,
                    plain::message(&self.label)
                );
                diagnostic.notes.push(note);
            }
            Some((span, _)) => {
                diagnostic.labels.push(Label::primary((), span.clone()).with_message(plain::message(&self.label)));
                let second =
                    self.also.as_ref().filter(|(span, _)| line_around(text, inside(span).start).len() <= LONGEST_LINE);
                diagnostic.labels.extend(
                    second.map(|(span, label)| Label::secondary((), inside(span)).with_message(plain::message(label))),
                );
            }
            None => {}
        }
        diagnostic.notes.extend(self.help.as_ref().map(|help| format!("help: {}", plain::message(help))));
        diagnostic
    }
}

/// The line that holds a place.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    start..text[at..].find('\n').map_or(text.len(), |end| at + end)
}

/// All of them as a terminal shows them: message, source line with a caret, expectation, advice.
pub fn render(problems: &[Problem], name: &str, text: &str, color: bool) -> String {
    let (name, text) = (plain::message(name), plain::in_place(text));
    let file = SimpleFile::new(&*name, &*text);
    let config = Config { tab_width: 4, ..Config::default() };
    let mut out = if color { Buffer::ansi() } else { Buffer::no_color() };
    for problem in problems {
        let drawn = match &problem.source {
            Some((name, text)) => {
                let (name, text) = (plain::message(name), plain::in_place(text));
                let file = SimpleFile::new(&*name, &*text);
                term::emit_to_write_style(&mut out, &config, &file, &problem.diagnostic(&text))
            }
            None => term::emit_to_write_style(&mut out, &config, &file, &problem.diagnostic(&text)),
        };
        if drawn.is_err() {
            // Only a place outside the text could do this; the message is worth more than the picture.
            let _ = writeln!(out, "error: {}", plain::message(&problem.message));
        }
    }
    String::from_utf8_lossy(out.as_slice()).into_owned()
}
