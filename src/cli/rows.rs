//! The rows of a study in a file of JSON lines: first what it is of, then a line a point, written as soon as the point
//! is done. Whoever interrupts a study loses the points that were under way, and no others.

use super::failure::Failure;
use crate::files::lines::Lines;
use crate::study::{Listed, RowsFile, RowsHead};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file that rows are put into.
pub struct Rows {
    path: PathBuf,
    lines: Lines,
}

impl Rows {
    /// A new file with what the study is; or one that is there, whose rows the study takes up.
    pub fn open(path: &Path, resume: bool, head: &RowsHead, study: &mut dyn Listed) -> Result<Rows, Failure> {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(Failure::Usage {
                message: format!("{} is no plain file", path.display()),
                help: "rows are read again by --resume: name a file".to_owned(),
            });
        }
        let content = match fs::read(path) {
            Ok(_) if !resume => {
                return Err(Failure::Usage {
                    message: format!("{} is there already", path.display()),
                    help: "--resume takes up what it has; otherwise name another file".to_owned(),
                });
            }
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Failure::io(format!("cannot read {}", path.display()), error)),
        };
        // What was cut off in the middle of a line is run again.
        let whole = crate::files::lines::whole(&content).0.len();
        if whole > 0 {
            take_up(path, &content, head, study).map_err(|message| Failure::Usage {
                message: format!("{} cannot be taken up: {message}", path.display()),
                help: format!("ask for the {} that it was made by, or name another file", what(head)),
            })?;
        }
        let failed = |error| Failure::io(format!("cannot write {}", path.display()), error);
        let mut lines = Lines::resume(path, whole).map_err(failed)?;
        if whole == 0 {
            lines.put(head).map_err(failed)?;
        }
        Ok(Rows { path: path.to_owned(), lines })
    }

    /// One more point.
    pub fn put(&mut self, row: String) -> Result<(), Failure> {
        let failed = |error| Failure::io(format!("cannot write {}", self.path.display()), error);
        self.lines.put_text(row).map_err(failed)
    }
}

fn what(head: &RowsHead) -> &'static str {
    match head.study {
        crate::study::StudySpec::Sweep(_) => "sweep",
        _ => "replications",
    }
}

fn take_up(path: &Path, content: &[u8], head: &RowsHead, study: &mut dyn Listed) -> Result<(), String> {
    let file = RowsFile::read(&path.display().to_string(), content)?;
    head.fits(&file.head)?;
    for (index, row) in file.rows.iter().enumerate() {
        study.take_up(row).map_err(|why| format!("line {}: {why}", index + 2))?;
    }
    Ok(())
}
