//! How a value is laid out as RON: on one line where it fits, else one part a line.
use super::Described;

/// Widest line.
const WIDTH: usize = 110;

/// A value to be laid out.
#[derive(Clone)]
pub enum Doc {
    /// As it is.
    Text(String),
    /// Parts between brackets.
    Group {
        /// `(`, `Cpu(`, `[`, `{`
        open: String,
        /// `)`, `]`, `}`
        close: &'static str,
        /// With their names, where they have one.
        parts: Vec<(Option<String>, Doc)>,
    },
    /// A value with a comment: what holds it is laid out one part a line.
    Noted {
        /// Without its slashes, on one line.
        note: String,
        /// The value.
        of: Box<Doc>,
    },
}

/// A value on one line, as the default of a field is shown.
pub fn show<T: Described>(value: &T) -> String {
    value.write().one_line()
}

impl Doc {
    /// An empty group.
    pub fn group(open: &str, close: &'static str) -> Self {
        Self::Group { open: open.to_owned(), close, parts: Vec::new() }
    }

    /// A text in quotes.
    pub fn quoted(text: &str) -> Self {
        let mut out = String::with_capacity(text.len() + 2);
        out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_control() => out.extend(c.escape_unicode()),
                c => out.push(c),
            }
        }
        out.push('"');
        Self::Text(out)
    }

    /// Adds a part at the end of a group.
    pub fn push(&mut self, name: Option<&str>, part: Self) {
        if let Self::Group { parts, .. } = self {
            parts.push((name.map(str::to_owned), part));
        }
    }

    /// The whole value on one line.
    pub fn one_line(&self) -> String {
        let mut out = String::new();
        self.flat(&mut out);
        out
    }

    /// A group without parts becomes the bare name, as RON writes a variant without values.
    pub fn or_bare(self, name: &str) -> Self {
        match self {
            Self::Group { parts, .. } if parts.is_empty() => Self::Text(name.to_owned()),
            other => other,
        }
    }

    /// The whole value from the left margin, with an end of line.
    pub fn print(&self) -> String {
        let mut out = String::new();
        // The outermost value is a file: always one part a line.
        self.broken(&mut out, 0);
        out.push('\n');
        out
    }

    fn flat(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Noted { of, .. } => of.flat(out),
            Self::Group { open, close, parts } => {
                out.push_str(open);
                for (index, (name, part)) in parts.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    label(name, out);
                    part.flat(out);
                }
                out.push_str(close);
            }
        }
    }

    /// Something in it has a comment.
    fn noted(&self) -> bool {
        match self {
            Self::Text(_) => false,
            Self::Noted { .. } => true,
            Self::Group { parts, .. } => parts.iter().any(|(_, part)| part.noted()),
        }
    }

    fn lay(&self, out: &mut String, indent: usize) {
        match self {
            Self::Noted { of, .. } => return of.lay(out, indent),
            Self::Group { .. } if self.noted() => return self.broken(out, indent),
            Self::Text(_) | Self::Group { .. } => {}
        }
        let mut flat = String::new();
        self.flat(&mut flat);
        let line = out.rfind('\n').map_or(out.len(), |end| out.len() - end - 1);
        if line + flat.len() <= WIDTH {
            out.push_str(&flat);
        } else {
            self.broken(out, indent);
        }
    }

    fn broken(&self, out: &mut String, indent: usize) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Noted { of, .. } => of.broken(out, indent),
            Self::Group { open, close, parts } => {
                out.push_str(open);
                for (name, part) in parts {
                    out.push('\n');
                    let begins = out.len();
                    out.push_str(&" ".repeat(indent + 4));
                    label(name, out);
                    part.lay(out, indent + 4);
                    out.push(',');
                    if let Self::Noted { note, .. } = part {
                        comment(out, begins, note, indent + 4);
                    }
                }
                out.push('\n');
                out.push_str(&" ".repeat(indent));
                out.push_str(close);
            }
        }
    }
}

/// Behind the value that began at `begins` where that is one line, else above it.
fn comment(out: &mut String, begins: usize, note: &str, indent: usize) {
    if out[begins..].contains('\n') {
        out.insert_str(begins, &format!("{}// {note}\n", " ".repeat(indent)));
    } else {
        out.push_str(&format!("  // {note}"));
    }
}

fn label(name: &Option<String>, out: &mut String) {
    if let Some(name) = name {
        out.push_str(name);
        out.push_str(": ");
    }
}
