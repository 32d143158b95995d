//! Files of lines, a record of JSON each, that are only ever added to: who is interrupted in the middle of a line loses
//! that line and no other. A file has one writer.

use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// A file that lines are added to.
#[derive(Debug)]
pub struct Lines {
    file: File,
}

impl Lines {
    /// A file that was not there.
    ///
    /// # Errors
    /// What the system says; `AlreadyExists` where it was there.
    pub fn begin(path: &Path) -> io::Result<Self> {
        Ok(Self { file: OpenOptions::new().append(true).create_new(true).open(path)? })
    }

    /// A file that goes on after so many bytes: what follows them is cut off. A new one where there is none.
    ///
    /// # Errors
    /// What the system says.
    pub fn resume(path: &Path, after: usize) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(after as u64)?;
        Ok(Self { file })
    }

    /// One more line, handed to the system in one piece.
    ///
    /// # Errors
    /// What the system says.
    pub fn put(&mut self, record: &impl Serialize) -> io::Result<()> {
        self.put_text(serde_json::to_string(record)?)
    }

    /// The same of what is a line already.
    ///
    /// # Errors
    /// What the system says.
    pub fn put_text(&mut self, mut line: String) -> io::Result<()> {
        line.push('\n');
        self.file.write_all(line.as_bytes())
    }

    /// Waits until what was put is where others see it, other machines too.
    ///
    /// # Errors
    /// What the system says.
    pub fn publish(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// What of a file's content is whole lines, and the rest: a line that was not finished.
pub fn whole(content: &[u8]) -> (&[u8], &[u8]) {
    content.split_at(content.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_count() {
        assert_eq!(whole(b"one\ntwo\nthr"), (&b"one\ntwo\n"[..], &b"thr"[..]));
        assert_eq!(whole(b"one\n"), (&b"one\n"[..], &b""[..]));
        assert_eq!(whole(b"one"), (&b""[..], &b"one"[..]));
        assert_eq!(whole(b""), (&b""[..], &b""[..]));
    }
}
