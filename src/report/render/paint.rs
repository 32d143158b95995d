//! How a terminal is written to: its width, and colour only when asked. Colour repeats what a sign or word says, never
//! more.

use crate::report::page::Tone;
use anstyle::{AnsiColor, Style};

/// How a report for a terminal looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// With colour.
    pub color: bool,
    /// Columns of the terminal; 60 to 200 are used.
    pub width: usize,
}

/// Puts style around words, or leaves them alone.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// Whether styles are written at all.
    pub color: bool,
}

impl Look {
    /// Columns of a report.
    pub(super) fn columns(self) -> usize {
        self.width.clamp(60, 200)
    }

    /// Its colours, if there are any.
    pub(super) fn paint(self) -> Paint {
        Paint { color: self.color }
    }
}

impl Paint {
    /// `text` in the style of its tone.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let style = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Strong => Style::new().bold(),
            Tone::Muted => Style::new().dimmed(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Magenta.on_default(),
            Tone::Hot => AnsiColor::Yellow.on_default().bold(),
            Tone::Asked => AnsiColor::Cyan.on_default(),
        };
        if !self.color || text.trim().is_empty() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }
}
