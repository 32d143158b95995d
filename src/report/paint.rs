//! Colour for terminals, only when asked. Colour repeats what a sign or word already says, never more.

use anstyle::{AnsiColor, Style};

/// Puts style around words, or leaves them alone.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// Whether styles are written at all.
    pub color: bool,
}

/// What a piece of text is, not what it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As the terminal writes.
    Plain,
    /// A title or heading.
    Strong,
    /// Labels, units and axes.
    Muted,
    /// Succeeded, held.
    Good,
    /// Failed, missed.
    Bad,
    /// Saturated, refusing.
    Hot,
    /// Asked for.
    Asked,
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
