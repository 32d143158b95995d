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

/// Write a file whole or not at all: beside it first, then in its place. Who may read it stays as it was; where a link
/// leads is written; what is no file (a device, a pipe) is written into and stays what it is.
///
/// # Errors
/// What the system says, and `PermissionDenied` where the file may not be written; nothing has changed then.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let known = fs::metadata(path).ok();
    if known.as_ref().is_some_and(|known| !known.is_file()) {
        return OpenOptions::new().write(true).open(path)?.write_all(content);
    }
    let permissions = known.map(|known| known.permissions());
    if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it may only be read"));
    }
    let (beside, mut file) = beside(path)?;
    let written = permissions
        .map_or(Ok(()), |permissions| file.set_permissions(permissions))
        .and_then(|()| file.write_all(content))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, path));
    written.inspect_err(|_| {
        // What is left of it is of no use; that it cannot be removed adds nothing to the news.
        let _ = fs::remove_file(&beside);
    })
}

/// Whether [`write_whole`] can do it, as far as can be told without doing it: nothing stays behind.
///
/// # Errors
/// What it would say.
pub fn check_writable(path: &Path) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::metadata(path) {
        Ok(known) if known.is_dir() => return Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(known) if !known.is_file() => return Ok(()),
        Ok(known) if known.permissions().readonly() => {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it may only be read"));
        }
        Ok(_) | Err(_) => {}
    }
    fs::remove_file(beside(path)?.0)
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn what_is_there_stays_what_it_is() -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("surgelab-files-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let (file, link) = (folder.join("file"), folder.join("link"));
        fs::write(&file, "old")?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        symlink(&file, &link)?;
        write_whole(&link, b"new")?;
        assert!(fs::symlink_metadata(&link)?.is_symlink());
        assert_eq!(fs::read_to_string(&file)?, "new");
        assert_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o400))?;
        let refused = write_whole(&file, b"newer").expect_err("it may only be read");
        assert_eq!((refused.kind(), fs::read_to_string(&file)?.as_str()), (io::ErrorKind::PermissionDenied, "new"));
        write_whole(Path::new("/dev/null"), b"gone")?;
        assert!(!fs::metadata("/dev/null")?.is_file());
        fs::remove_dir_all(&folder)
    }
}
