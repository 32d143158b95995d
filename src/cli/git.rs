//! A file as a revision has it, asked of git.

use super::failure::Failure;
use crate::files;
use std::io;
use std::process::{Command, Output};

/// What a name such as `main:scenarios/shop.ron` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revised<'a> {
    /// Anything that git calls a commit.
    pub revision: &'a str,
    /// From the top of the repository, or from here with `./` in front.
    pub path: &'a str,
}

impl<'a> Revised<'a> {
    /// Reads `REVISION:PATH`; a drive's letter is no revision.
    pub fn parse(name: &'a str) -> Option<Self> {
        let (revision, path) = name.split_once(':')?;
        let drive = revision.len() == 1 && path.starts_with(['\\', '/']);
        (!revision.is_empty() && !path.is_empty() && !drive).then_some(Self { revision, path })
    }

    /// The text; none where the revision has no such file.
    ///
    /// # Errors
    /// There is no git, no repository or no such revision; what the path names is no text.
    pub fn read(self) -> Result<Option<String>, Failure> {
        let Self { revision, path } = self;
        let inside = git(&["rev-parse", "--git-dir"])?;
        if !inside.status.success() {
            return Err(Failure::Usage {
                message: format!("there is no file `{revision}:{path}`, and git finds no repository here"),
                help: said(&inside),
            });
        }
        let commit = git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])?;
        if !commit.status.success() {
            return Err(Failure::Usage {
                message: format!("git knows no revision `{revision}`"),
                help: format!(
                    "`git log --all` lists those there are; a shallow clone gets it by `git fetch origin {revision}`"
                ),
            });
        }
        let object = format!("{revision}:{path}");
        let kind = git(&["cat-file", "-t", &object])?;
        if !kind.status.success() {
            return self.is_inside()?.then_some(None).ok_or_else(|| Failure::Usage {
                message: format!("`{path}` can be no file of this repository"),
                help: "name a scenario file, from the top of the repository, or from here with `./` in front"
                    .to_owned(),
            });
        }
        if kind.stdout.trim_ascii() != b"blob" {
            return Err(Failure::Usage {
                message: format!("`{path}` is no file at `{revision}`"),
                help: "name a scenario file, from the top of the repository".to_owned(),
            });
        }
        let cannot = |error| Failure::io(format!("cannot read {object}"), error);
        let size = git(&["cat-file", "-s", &object])?;
        let bytes = String::from_utf8_lossy(&size.stdout).trim().parse::<u64>();
        if bytes.is_ok_and(|bytes| bytes > files::MOST) {
            return Err(cannot(io::Error::other(format!("it has more than {} MiB", files::MOST >> 20))));
        }
        let shown = git(&["cat-file", "blob", &object])?;
        if !shown.status.success() {
            return Err(cannot(io::Error::other(said(&shown))));
        }
        files::read_text(shown.stdout.as_slice()).map(Some).map_err(cannot)
    }
}

impl Revised<'_> {
    /// Whether a file could stand there: in the repository, under a name that git takes for one.
    fn is_inside(self) -> Result<bool, Failure> {
        let from_here = self.path.starts_with("./") || self.path.starts_with("../");
        let prefix = if from_here { git(&["rev-parse", "--show-prefix"])?.stdout } else { Vec::new() };
        Ok(is_inside(&String::from_utf8_lossy(&prefix), self.path))
    }
}

/// Whether a path, taken from a folder of the repository where it begins with a dot, names a file inside.
fn is_inside(folder: &str, path: &str) -> bool {
    let from_here = path.starts_with("./") || path.starts_with("../");
    let mut depth = folder.trim().split('/').filter(|part| !part.is_empty()).count();
    if path.starts_with('/') || path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..") {
        return false;
    }
    for part in path.split('/') {
        match part {
            "." | ".." | "" if !from_here => return false,
            "." | "" => {}
            ".." => match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => return false,
            },
            _ => depth += 1,
        }
    }
    true
}

fn git(arguments: &[&str]) -> Result<Output, Failure> {
    // What it says is told in one language.
    Command::new("git").args(arguments).env("LC_ALL", "C").output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::Usage {
            message: "a file of a revision is read by git, which is not installed".to_owned(),
            help: "install git, or give two files".to_owned(),
        },
        _ => Failure::io("cannot run git", error),
    })
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().next().unwrap_or("git says no more").trim_start_matches("fatal: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_new_is_a_file_inside() {
        for (folder, path) in
            [("", "a.ron"), ("", "b/a.ron"), ("b/", "./a.ron"), ("b/", "../a.ron"), ("b/c/", "../../a")]
        {
            assert!(is_inside(folder, path), "{path} from {folder}");
        }
        let outside =
            ["/etc/a.ron", "b/", "../../a.ron", "b/../../a.ron", "./b/../../../a.ron", "..", "../..", "./b/.."];
        for path in outside {
            assert!(!is_inside("b/", path), "{path}");
        }
    }

    #[test]
    fn a_revision_stands_before_the_first_colon() {
        let parsed = Revised::parse("origin/main:a/b:c.ron").expect("it is one");
        assert_eq!((parsed.revision, parsed.path), ("origin/main", "a/b:c.ron"));
        for none in ["shop.ron", ":shop.ron", "main:", "C:\\shop.ron", "C:/shop.ron"] {
            assert_eq!(Revised::parse(none), None, "{none}");
        }
    }
}
