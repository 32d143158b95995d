//! Files, as both the command line and the lab read and write them: with a limit, and whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Most bytes of a scenario that are read.
pub const MOST: u64 = 16 << 20;

/// A text of at most [`MOST`] bytes.
///
/// # Errors
/// What the system says, and `InvalidData` where it is no text.
pub fn read_text(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(MOST).read_to_string(&mut text)?;
    Ok(text)
}

/// Write a file whole or not at all: beside it first, then in its place.
///
/// # Errors
/// What the system says; nothing has changed then.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let (beside, mut file) = beside(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    written.inspect_err(|_| {
        // What is left of it is of no use; that it cannot be removed adds nothing to the news.
        let _ = fs::remove_file(&beside);
    })
}

/// A new file in the same folder, so that moving it into place is one step.
fn beside(path: &Path) -> io::Result<(PathBuf, fs::File)> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"))?;
    for attempt in 0_u32.. {
        let mut temporary = std::ffi::OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}-{attempt}.tmp", std::process::id()));
        let beside = path.with_file_name(temporary);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {}
            opened => return opened.map(|file| (beside, file)),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}
