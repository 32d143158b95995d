//! The folder: everybody's file is read as it grows, and one is written.

use super::{Line, RunKey, slim};
use crate::files::lines::{self, Lines};
use crate::measure::results::{self, Results};
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Ending of the files.
const ENDING: &str = "jsonl";
/// Signs of life within the patience.
const SIGNS: u32 = 5;
/// How often, and how long apart, a process looks whether another one gives way.
const LOOKS: u32 = 40;
const BETWEEN_LOOKS: Duration = Duration::from_millis(25);
/// Most files that are tried for a new name.
const MOST_FILES: u32 = 1_000_000;

/// A process's hold on a journal.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    patience: Duration,
    /// The name of its own file.
    own: String,
    lines: Lines,
    files: BTreeMap<String, Writer>,
    done: BTreeMap<RunKey, Place>,
    /// When it last wrote.
    wrote: Instant,
}

/// Somebody's file, as far as it was read.
#[derive(Debug)]
struct Writer {
    /// Bytes that were read, and how many there were then.
    read: u64,
    length: u64,
    /// When it was last seen to have grown.
    grew: Instant,
    claims: BTreeSet<RunKey>,
    lines: u64,
    /// Version of the program that writes it, where that is another one: what it has is not used.
    foreign: Option<String>,
}

/// Where the results of a run stand.
#[derive(Clone, Debug)]
struct Place {
    file: String,
    from: u64,
    bytes: usize,
}

/// Why a journal is of no use.
#[derive(Debug)]
pub enum JournalFailure {
    /// The system says so.
    Io {
        /// What was tried.
        what: String,
        /// What it says.
        error: io::Error,
    },
    /// Something in it was not written by this program.
    Damaged(String),
}

impl Journal {
    /// Takes part in the journal of a folder, which is made where there is none.
    ///
    /// # Errors
    /// The folder cannot be read or written, or what is in it is no journal.
    pub fn open(folder: &Path, patience: Duration) -> Result<Self, JournalFailure> {
        fs::create_dir_all(folder).map_err(failed("cannot make", folder))?;
        let (own, lines) = own_file(folder)?;
        let mut journal = Self {
            folder: folder.to_owned(),
            patience,
            own,
            lines,
            files: BTreeMap::new(),
            done: BTreeMap::new(),
            wrote: Instant::now(),
        };
        journal.put(&Line::Journal { surgelab: env!("CARGO_PKG_VERSION").into(), schema: results::SCHEMA })?;
        journal.refresh()?;
        Ok(journal)
    }

    /// The results of a run, where somebody has them.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn results(&self, run: &RunKey) -> Result<Option<Results>, JournalFailure> {
        let Some(place) = self.done.get(run) else { return Ok(None) };
        let path = self.folder.join(&place.file);
        let mut line = vec![0; place.bytes];
        let read = File::open(&path).and_then(|mut file| {
            file.seek(SeekFrom::Start(place.from))?;
            file.read_exact(&mut line)
        });
        read.map_err(failed("cannot read", &path))?;
        match serde_json::from_slice::<Line<RunKey, Box<Results>>>(&line) {
            Ok(Line::Done { results, .. }) => Ok(Some(*results)),
            _ => Err(JournalFailure::Damaged(format!("{}: the results of {run:?} cannot be read", path.display()))),
        }
    }

    /// What its own file is called.
    pub fn own_name(&self) -> &str {
        &self.own
    }

    /// Whether somebody has the results of a run.
    pub fn has(&self, run: &RunKey) -> bool {
        self.done.contains_key(run)
    }

    /// Whether somebody else who is still there is about to run it.
    pub fn is_taken(&self, run: &RunKey) -> bool {
        self.others(run).next().is_some()
    }

    /// Others who claim a run, and are still there.
    fn others(&self, run: &RunKey) -> impl Iterator<Item = &String> {
        let here = |(name, writer): &(&String, &Writer)| **name != self.own && writer.grew.elapsed() < self.patience;
        let claims = move |(_, writer): &(&String, &Writer)| writer.claims.contains(run);
        self.files.iter().filter(here).filter(claims).map(|(name, _)| name)
    }

    /// Whether the run is this process's to make.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub fn claim(&mut self, run: &RunKey) -> Result<bool, JournalFailure> {
        self.put(&Line::Claim(run))?;
        for _ in 0..LOOKS {
            self.refresh()?;
            let others: Vec<&String> = self.others(run).collect();
            if others.is_empty() && !self.has(run) {
                return Ok(true);
            }
            if self.has(run) || others.into_iter().any(|other| *other < self.own) {
                break;
            }
            // Whoever comes after this process gives way, or began before it saw the claim.
            std::thread::sleep(BETWEEN_LOOKS);
        }
        self.put(&Line::Drop(run))?;
        Ok(false)
    }

    /// What a run that was claimed yielded.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&mut self, run: &RunKey, results: Results) -> Result<(), JournalFailure> {
        self.put(&Line::Done { run, results: Box::new(slim(results)) })
    }

    /// A sign of life, if it is time for one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn stay(&mut self) -> Result<(), JournalFailure> {
        if self.wrote.elapsed() < self.patience / SIGNS { Ok(()) } else { self.put(&Line::Alive) }
    }

    /// How long it may take until the next sign of life.
    pub fn pause(&self) -> Duration {
        self.patience / (2 * SIGNS)
    }

    fn put(&mut self, line: &Line<&RunKey, Box<Results>>) -> Result<(), JournalFailure> {
        let written = self.lines.put(line).and_then(|()| self.lines.publish());
        written.map_err(failed("cannot write", &self.folder.join(&self.own)))?;
        self.wrote = Instant::now();
        Ok(())
    }

    /// Reads what was added since the last look.
    ///
    /// # Errors
    /// The folder cannot be read, or a line is none of a journal.
    pub fn refresh(&mut self) -> Result<(), JournalFailure> {
        let entries = fs::read_dir(&self.folder).map_err(failed("cannot read", &self.folder))?;
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed("cannot read", &self.folder))?.file_name();
            let name = name.to_string_lossy().into_owned();
            if Path::new(&name).extension().is_some_and(|ending| ending == ENDING) {
                names.push(name);
            }
        }
        names.into_iter().try_for_each(|name| self.read(name))
    }

    fn read(&mut self, name: String) -> Result<(), JournalFailure> {
        let path = self.folder.join(&name);
        let now = Instant::now();
        let writer = self.files.entry(name.clone()).or_insert_with(|| Writer {
            read: 0,
            length: 0,
            grew: now,
            claims: BTreeSet::new(),
            lines: 0,
            foreign: None,
        });
        let quiet = now.duration_since(writer.grew) > self.patience;
        // Opening asks a network's file system anew; of whom nothing was heard for long a glance is enough.
        if quiet && fs::metadata(&path).is_ok_and(|there| there.len() == writer.length) {
            return Ok(());
        }
        let mut added = Vec::new();
        let read = File::open(&path).and_then(|mut file| {
            file.seek(SeekFrom::Start(writer.read))?;
            file.read_to_end(&mut added)
        });
        read.map_err(failed("cannot read", &path))?;
        let length = writer.read + added.len() as u64;
        if length < writer.length {
            return Err(JournalFailure::Damaged(format!("{} became shorter than it was", path.display())));
        }
        if length > writer.length {
            writer.grew = now;
        }
        writer.length = length;
        let mut at = 0;
        for line in lines::whole(&added).0.split_inclusive(|byte| *byte == b'\n') {
            writer.lines += 1;
            let place = Place { file: name.clone(), from: writer.read + at as u64, bytes: line.len() };
            at += line.len();
            if writer.foreign.is_none() {
                let heard = writer.hear(line);
                let done = heard.map_err(|why| {
                    JournalFailure::Damaged(format!(
                        "{}:{} is no line of a journal: {why}",
                        path.display(),
                        writer.lines
                    ))
                })?;
                if let Some(run) = done {
                    self.done.entry(run).or_insert(place);
                }
            }
        }
        writer.read += at as u64;
        Ok(())
    }

    /// What those who use the journal should know of it.
    pub fn notes(&self) -> Vec<String> {
        let torn = self.files.iter().filter(|(_, writer)| writer.read < writer.length).map(|(name, writer)| {
            let path = self.folder.join(name);
            format!("{} ends in the middle of line {}, which counts for nothing", path.display(), writer.lines + 1)
        });
        let foreign = self.files.iter().filter_map(|(name, writer)| {
            let version = writer.foreign.as_ref()?;
            Some(format!("{} is of surgelab {version}: what it has is not used", self.folder.join(name).display()))
        });
        torn.chain(foreign).collect()
    }
}

impl Writer {
    /// The run that is done according to a line, if it is one that says so.
    fn hear(&mut self, line: &[u8]) -> Result<Option<RunKey>, serde_json::Error> {
        match serde_json::from_slice::<Line<RunKey, IgnoredAny>>(line)? {
            Line::Journal { surgelab, schema } => {
                if (surgelab.as_str(), schema) != (env!("CARGO_PKG_VERSION"), results::SCHEMA) {
                    self.foreign = Some(format!("{surgelab} (results {schema})"));
                }
            }
            Line::Claim(run) => {
                self.claims.insert(run);
            }
            Line::Drop(run) => {
                self.claims.remove(&run);
            }
            Line::Done { run, .. } => {
                self.claims.remove(&run);
                return Ok(Some(run));
            }
            Line::Alive => {}
        }
        Ok(None)
    }
}

/// A file that nobody else has, by the first free number.
fn own_file(folder: &Path) -> Result<(String, Lines), JournalFailure> {
    for number in 1..MOST_FILES {
        let name = format!("{number:06}.{ENDING}");
        let path = folder.join(&name);
        match Lines::begin(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            begun => return begun.map(|lines| (name, lines)).map_err(failed("cannot write", &path)),
        }
    }
    Err(JournalFailure::Damaged(format!("{} has {MOST_FILES} files", folder.display())))
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JournalFailure {
    let what = format!("{what} {}", path.display());
    move |error| JournalFailure::Io { what, error }
}
