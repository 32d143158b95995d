//! Files, as everything above reads and writes them: with a limit, and whole or not at all; or a line at a time.

pub mod lines;

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

/// At most [`MOST`] bytes.
///
/// # Errors
/// What the system says.
pub fn read_bytes(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What [`read_text`] says of bytes that are no text.
#[must_use]
pub fn no_text() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8")
}

/// A file that is to be written, as far as it was looked at.
#[derive(Clone, Debug)]
pub struct Target {
    path: PathBuf,
    /// Who may read it.
    permissions: Option<fs::Permissions>,
    /// A device or a pipe: it is written into.
    stream: bool,
    /// It has other names, which keep what stands there now.
    linked: bool,
}

impl Target {
    /// Looks whether it can be written; where a link leads is what is meant.
    ///
    /// # Errors
    /// What the system says: `PermissionDenied` where it may only be read, `IsADirectory`, or why its folder takes no
    /// file. Nothing has changed then.
    pub fn of(path: &Path) -> io::Result<Target> {
        let path = led_to(path)?;
        let known = match fs::metadata(&path) {
            Ok(known) => Some(known),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if known.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if known.as_ref().is_some_and(|known| !known.is_file()) {
            return Ok(Target { path, permissions: None, stream: true, linked: false });
        }
        let linked = known.as_ref().is_some_and(has_other_names);
        let permissions = known.map(|known| known.permissions());
        if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it may only be read"));
        }
        let (beside, _) = beside(&path)?;
        fs::remove_file(beside)?;
        Ok(Target { path, permissions, stream: false, linked })
    }

    /// Whether both are one file, however its folder is called.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let whole = |path: &Path| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            Some((fs::canonicalize(folder).ok()?, path.file_name()?.to_owned()))
        };
        self.path == other.path || whole(&self.path).is_some_and(|path| Some(path) == whole(&other.path))
    }

    /// Whether other names of it (hard links) keep the old content once it is written.
    #[must_use]
    pub fn has_other_names(&self) -> bool {
        self.linked
    }

    /// Writes it, whole or not at all: beside it first, then in its place. Who may read it stays as it was.
    ///
    /// # Errors
    /// What the system says; nothing has changed then.
    pub fn write(&self, content: &[u8]) -> io::Result<()> {
        if self.stream {
            return OpenOptions::new().write(true).open(&self.path)?.write_all(content);
        }
        let (beside, file) = beside(&self.path)?;
        self.replace(&beside, file, content, &mut |_| Ok(())).inspect_err(|_| {
            // What is left of it is of no use; that it cannot be removed adds nothing to the news.
            let _ = fs::remove_file(&beside);
        })
    }

    /// Writes the file beside, then moves it into place. Hears of each step before it is taken, and may refuse it.
    fn replace(
        &self,
        beside: &Path,
        mut file: fs::File,
        content: &[u8],
        before: &mut dyn FnMut(Step) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(permissions) = &self.permissions {
            before(Step::Permit)?;
            file.set_permissions(permissions.clone())?;
        }
        for piece in content.chunks(PIECE) {
            before(Step::Write)?;
            file.write_all(piece)?;
        }
        before(Step::Sync)?;
        file.sync_all()?;
        drop(file);
        before(Step::Move)?;
        fs::rename(beside, &self.path)?;
        before(Step::Over)
    }
}

/// Bytes that are written at once.
const PIECE: usize = 1 << 16;

/// What is done to write a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Permit,
    Write,
    Sync,
    Move,
    Over,
}

/// Write a file whole or not at all, as [`Target`] does.
///
/// # Errors
/// What the system says; nothing has changed then.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    Target::of(path)?.write(content)
}

/// The path at the end of links, of which the last may lead to what is not there yet.
fn led_to(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MOST: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST {
        match fs::read_link(&path) {
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links lead on from it"))
}

#[cfg(unix)]
fn has_other_names(known: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(known) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &fs::Metadata) -> bool {
    false
}

/// A new file in the same folder, so that moving it into place is one step.
fn beside(path: &Path) -> io::Result<(PathBuf, fs::File)> {
    path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"))?;
    for attempt in 0_u32.. {
        let beside = path.with_file_name(format!(".surgelab-{}-{attempt}.tmp", std::process::id()));
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

    fn folder(name: &str) -> io::Result<PathBuf> {
        let folder = std::env::temp_dir().join(format!("surgelab-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    #[test]
    fn whoever_is_stopped_at_any_step_leaves_the_old_file_or_the_new_one() -> io::Result<()> {
        let folder = folder("steps")?;
        let path = folder.join("results.json");
        let (old, new) = (b"old".to_vec(), vec![7; 3 * PIECE + 1]);
        let mut stopped_at = Vec::new();
        for steps in 0.. {
            fs::write(&path, &old)?;
            let target = Target::of(&path)?;
            let (beside, file) = beside(&path)?;
            let mut left = steps;
            let ended = target.replace(&beside, file, &new, &mut |step| {
                if left == 0 {
                    stopped_at.push(step);
                    return Err(io::Error::other("killed"));
                }
                left -= 1;
                Ok(())
            });
            let there = fs::read(&path)?;
            assert!(there == old || there == new, "{} bytes after {steps} steps", there.len());
            assert_eq!(there == new, ended.is_ok() || stopped_at.last() == Some(&Step::Over), "after {steps} steps");
            let _ = fs::remove_file(&beside);
            if ended.is_ok() {
                break;
            }
        }
        let all =
            [Step::Permit, Step::Write, Step::Write, Step::Write, Step::Write, Step::Sync, Step::Move, Step::Over];
        assert_eq!(stopped_at, all);
        fs::remove_dir_all(&folder)
    }

    #[test]
    fn a_write_that_fails_leaves_nothing_beside() -> io::Result<()> {
        let folder = folder("fails")?;
        let path = folder.join("file");
        fs::write(&path, "old")?;
        let target = Target::of(&path)?;
        // What became a folder meanwhile cannot be replaced by a file.
        fs::remove_file(&path)?;
        fs::create_dir(&path)?;
        assert!(target.write(b"new").is_err());
        assert_eq!(fs::read_dir(&folder)?.count(), 1);
        fs::remove_dir_all(&folder)
    }

    #[test]
    fn links_are_followed_where_they_lead_and_other_names_are_told() -> io::Result<()> {
        let folder = folder("links")?;
        let (file, other, dangling) = (folder.join("file"), folder.join("other"), folder.join("dangling"));
        fs::write(&file, "old")?;
        fs::hard_link(&file, &other)?;
        let target = Target::of(&file)?;
        assert!(target.has_other_names());
        target.write(b"new")?;
        assert_eq!((fs::read_to_string(&file)?.as_str(), fs::read_to_string(&other)?.as_str()), ("new", "old"));
        assert!(!Target::of(&file)?.has_other_names());
        symlink("later", &dangling)?;
        write_whole(&dangling, b"made")?;
        assert!(fs::symlink_metadata(&dangling)?.is_symlink());
        assert_eq!(fs::read_to_string(folder.join("later"))?, "made");
        symlink("round", folder.join("round"))?;
        assert!(Target::of(&folder.join("round")).is_err(), "a ring of links");
        fs::remove_dir_all(&folder)
    }

    #[test]
    fn what_cannot_be_written_is_known_before() -> io::Result<()> {
        let folder = folder("unwritable")?;
        assert!(Target::of(&folder).is_err(), "a folder");
        assert!(Target::of(&folder.join("none/file")).is_err(), "no folder");
        assert!(Target::of(Path::new("")).is_err() && Target::of(Path::new("..")).is_err());
        let long = folder.join("x".repeat(250));
        write_whole(&long, b"long")?;
        assert_eq!(fs::read(&long)?, b"long");
        assert!(Target::of(&folder.join("x".repeat(256))).is_err());
        assert_eq!(fs::read_dir(&folder)?.count(), 1, "nothing is left beside");
        fs::remove_dir_all(&folder)
    }
}
