//! The rows of a sweep in a file of JSON lines: first what was swept, then a line a point, written as soon as the point
//! is done. Whoever interrupts a sweep loses the points that were under way, and no others.

use super::failure::Failure;
use crate::study::{RunSweep, SweepHead, SweepRow};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that rows are put into.
pub struct Rows {
    path: PathBuf,
    file: File,
}

impl Rows {
    /// A new file with what the sweep is; or one that is there, whose rows the sweep takes up.
    pub fn open(path: &Path, resume: bool, sweep: &mut RunSweep) -> Result<Rows, Failure> {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(Failure::Usage {
                message: format!("{} is no plain file", path.display()),
                help: "rows are read again by --resume: name a file".to_owned(),
            });
        }
        let text = match fs::read_to_string(path) {
            Ok(_) if !resume => {
                return Err(Failure::Usage {
                    message: format!("{} is there already", path.display()),
                    help: "--resume takes up what it has; otherwise name another file".to_owned(),
                });
            }
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::io(format!("cannot read {}", path.display()), error)),
        };
        // What was cut off in the middle of a line is run again.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if let Some((head, rows)) = text[..whole].split_once('\n') {
            take_up(head, rows, sweep).map_err(|message| Failure::Usage {
                message: format!("{} cannot be taken up: {message}", path.display()),
                help: "ask for the sweep that it was made by, or name another file".to_owned(),
            })?;
        }
        let failed = |error| Failure::io(format!("cannot write {}", path.display()), error);
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        file.set_len(whole as u64).map_err(failed)?;
        let mut rows = Rows { path: path.to_owned(), file };
        if whole == 0 {
            rows.line(sweep.head())?;
        }
        Ok(rows)
    }

    /// One more point.
    pub fn put(&mut self, row: &SweepRow) -> Result<(), Failure> {
        self.line(row)
    }

    fn line(&mut self, record: &impl serde::Serialize) -> Result<(), Failure> {
        let mut line = serde_json::to_string(record).expect("a record is plain data with finite numbers");
        line.push('\n');
        let failed = |error| Failure::io(format!("cannot write {}", self.path.display()), error);
        self.file.write_all(line.as_bytes()).map_err(failed)
    }
}

fn take_up(head: &str, rows: &str, sweep: &mut RunSweep) -> Result<usize, String> {
    let head: SweepHead = serde_json::from_str(head).map_err(|_| "its first line is not that of a sweep".to_owned())?;
    let row = |(index, line): (usize, &str)| -> Result<SweepRow, String> {
        serde_json::from_str(line).map_err(|error| format!("line {} is no point: {error}", index + 2))
    };
    let rows = rows.lines().enumerate().map(row).collect::<Result<Vec<SweepRow>, String>>()?;
    sweep.resume(&head, rows)
}
