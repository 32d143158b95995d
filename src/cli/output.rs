//! Where words go: results to stdout or a file, everything else to stderr.

use super::args::Color;
use super::failure::Failure;
use crate::files;
use crate::plain;
use crate::report::page::Tone;
use crate::report::{Look, Paint};
use std::io::{self, IsTerminal, Write};
use std::path::Path;

/// What the terminal on the other side can do, and what the user wants of it.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    color: Color,
    /// No progress, no warnings.
    pub quiet: bool,
}

impl Terminal {
    /// As the arguments say; `Auto` asks the streams and the environment (`NO_COLOR`, `CLICOLOR_FORCE`, `TERM`).
    pub fn new(color: Color, quiet: bool) -> Terminal {
        Terminal { color, quiet }
    }

    /// Whether results carry colour, on stdout or in a file.
    pub fn color(self, file: bool) -> bool {
        self.wants_color(if file { anstream::ColorChoice::Never } else { anstream::AutoStream::choice(&io::stdout()) })
    }

    fn stderr_color(self) -> bool {
        self.wants_color(anstream::AutoStream::choice(&io::stderr()))
    }

    fn wants_color(self, auto: anstream::ColorChoice) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => auto != anstream::ColorChoice::Never,
        }
    }

    /// Columns of the terminal that reads stdout: what `COLUMNS` says, else what it says itself; 100 when it is none.
    pub fn width(self) -> usize {
        let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse::<usize>().ok());
        if let Some(columns) = asked.filter(|columns| *columns > 0) {
            return columns;
        }
        terminal_size::terminal_size_of(io::stdout()).map_or(100, |(width, _)| usize::from(width.0))
    }

    /// Columns of what is read as text and not as a table.
    pub fn prose(self) -> usize {
        self.width().clamp(60, 100)
    }

    /// How what goes to stdout looks.
    pub fn look(self) -> Look {
        Look { color: self.color(false), width: self.width() }
    }

    /// Whether somebody watches stderr.
    pub fn watched(self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// The text of a file: as it is where a program reads it, with nothing hidden on a terminal.
    pub fn print_file(self, text: &str) -> Result<(), Failure> {
        if io::stdout().is_terminal() { self.print(&plain::lines(text)) } else { self.print(text) }
    }

    /// Results, to stdout; an error where that is closed or full.
    pub fn print(self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| Failure::io("stdout", error))
    }

    /// Something worth knowing beside the results.
    pub fn note(self, text: &str) {
        self.tell(&format!("{}\n", Paint { color: self.stderr_color() }.paint(Tone::Muted, &plain::message(text))));
    }

    /// Something for who watches, not for who reads a log.
    pub fn note_if_watched(self, text: &str) {
        if self.watched() {
            self.note(text);
        }
    }

    /// Problems that do not stop a run.
    pub fn warn(self, draw: impl Fn(bool) -> String) {
        self.tell(&draw(self.stderr_color()));
    }

    /// Why it ended.
    pub fn complain(self, failure: &Failure) {
        let text = failure.text(self.stderr_color());
        // With stderr gone there is nobody left to tell; the exit code stays.
        let _ = io::stderr().write_all(text.as_bytes());
    }

    fn tell(self, text: &str) {
        if !self.quiet {
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }
}

/// A file that results go to.
pub struct Target {
    file: files::Target,
    failed: String,
}

impl Target {
    /// Looks whether it can be written, before anything is run for it.
    pub fn open(path: &Path) -> Result<Target, Failure> {
        let failed = format!("cannot write {}", path.display());
        match files::Target::of(path) {
            Ok(file) => Ok(Target { file, failed }),
            Err(error) => Err(Failure::io(failed, error)),
        }
    }

    /// Whether both are one file.
    pub fn is_same(&self, other: &Self) -> bool {
        self.file.is_same(&other.file)
    }

    /// Writes it whole or not at all.
    pub fn write(self, content: &[u8], terminal: &Terminal) -> Result<(), Failure> {
        self.file.write(content).map_err(|error| Failure::io(&self.failed, error))?;
        if self.file.has_other_names() {
            terminal.note("the file had other names (hard links): they keep what it was");
        }
        Ok(())
    }
}
