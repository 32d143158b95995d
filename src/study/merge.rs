//! Merging: the files of rows of all shards give the study that one process would have given, to the byte; or what is
//! wrong with them, all of it at once.

use super::rows::{Listed, RowsHead};
use crate::experiment::{Compiled, LoadFailure};
use crate::files::lines;

/// Points that are named before the rest is counted.
const NAMED: usize = 8;

/// A file of rows as it was read.
#[derive(Clone, Debug)]
pub struct RowsFile {
    /// What it is called in messages.
    pub name: String,
    /// Its first line.
    pub head: RowsHead,
    /// The other lines.
    pub rows: Vec<String>,
    /// It ends in the middle of a line, which is left out.
    pub torn: bool,
}

/// Why files cannot be merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inconsistent {
    /// What is wrong, with the names of files and points.
    pub problems: Vec<String>,
    /// What to do about it.
    pub help: String,
}

impl RowsFile {
    /// A file's content.
    ///
    /// # Errors
    /// It has no head, or what is in it is no text.
    pub fn read(name: &str, content: &[u8]) -> Result<Self, String> {
        let (whole, rest) = lines::whole(content);
        let text = std::str::from_utf8(whole).map_err(|error| format!("{name} is no text: {error}"))?;
        let Some((head, rows)) = text.split_once('\n') else {
            return Err(format!("{name} has no first line that says what it is of"));
        };
        let head = serde_json::from_str(head).map_err(|error| {
            format!("{name} is no file of rows: its first line does not say what it is of ({error})")
        })?;
        let rows = rows.lines().map(str::to_owned).collect();
        Ok(Self { name: name.to_owned(), head, rows, torn: !rest.is_empty() })
    }
}

/// Why there is no study of files.
#[derive(Clone, Debug)]
pub enum MergeFailure {
    /// They do not make up one.
    Inconsistent(Inconsistent),
    /// The scenario in them cannot be run.
    Load(LoadFailure),
}

impl From<LoadFailure> for MergeFailure {
    fn from(failure: LoadFailure) -> Self {
        Self::Load(failure)
    }
}

impl From<Inconsistent> for MergeFailure {
    fn from(inconsistent: Inconsistent) -> Self {
        Self::Inconsistent(inconsistent)
    }
}

/// A study, all of whose points were taken up from files.
#[derive(Debug)]
pub struct Merged {
    /// It, ready to be finished.
    pub study: Box<dyn Listed>,
    /// What it was asked of.
    pub compiled: Compiled,
}

/// The study that files make up.
///
/// # Errors
/// They make up none, or the scenario in them cannot be run.
pub fn merge(files: &[RowsFile]) -> Result<Merged, MergeFailure> {
    let first = files.first().ok_or_else(|| inconsistent(vec!["there are no files".into()], "name some"))?;
    if let Some(foreign) = foreign(files) {
        return Err(foreign.into());
    }
    let compiled = first.head.experiment.compile()?;
    let Some(mut study) = first.head.study.begin_listed(&compiled)? else {
        let problem = format!("{} is of a study that has no rows", first.name);
        return Err(inconsistent(vec![problem], "merge files that --rows made").into());
    };
    let RowsHead { experiment, study: spec, partition, command, points, .. } = &first.head;
    let now = RowsHead::new(experiment, &compiled, spec, &*study, *partition, command);
    let more = || (now.points != *points).then(|| format!("it is of {points} points, and there are {}", now.points));
    if let Some(differs) = now.difference(&first.head).or_else(more) {
        let problem = format!("{}: its first line contradicts itself: {differs}", first.name);
        return Err(inconsistent(vec![problem], "run that shard again, into another file").into());
    }
    take_up(files, &mut *study)?;
    Ok(Merged { study, compiled })
}

fn inconsistent(problems: Vec<String>, help: &str) -> Inconsistent {
    Inconsistent { problems, help: help.to_owned() }
}

/// Files of another version or of another study than the first.
fn foreign(files: &[RowsFile]) -> Option<Inconsistent> {
    let first = files.first()?;
    let version = |head: &RowsHead| format!("surgelab {} (results {})", head.surgelab, head.schema);
    let mine = format!("surgelab {} (results {})", env!("CARGO_PKG_VERSION"), crate::measure::results::SCHEMA);
    let others = files.iter().filter(|file| version(&file.head) != mine);
    let problems: Vec<String> =
        others.map(|file| format!("{} was made by {}, and this is {mine}", file.name, version(&file.head))).collect();
    if !problems.is_empty() {
        return Some(inconsistent(problems, "run those shards again with this version, or merge with theirs"));
    }
    let differs = |file: &RowsFile| {
        let differs = first.head.difference(&file.head)?;
        Some(format!("{} is of another study than {}: {differs} there", file.name, first.name))
    };
    let problems: Vec<String> = files.iter().filter_map(differs).collect();
    (!problems.is_empty()).then(|| inconsistent(problems, "merge the shards of one study at a time"))
}

/// Every row into the study; each point has to be there once.
fn take_up(files: &[RowsFile], study: &mut dyn Listed) -> Result<(), Inconsistent> {
    let mut problems = Vec::new();
    let mut owners: Vec<Option<usize>> = vec![None; study.points() as usize];
    for (at, file) in files.iter().enumerate() {
        let mut strange = Vec::new();
        // Points that others have, too: by the other's position.
        let mut twice: Vec<Vec<u32>> = vec![Vec::new(); files.len()];
        for (index, row) in file.rows.iter().enumerate() {
            let point = match study.take_up(row) {
                Ok(point) => point,
                Err(why) => {
                    problems.push(format!("{}:{}: {why}", file.name, index + 2));
                    continue;
                }
            };
            if !file.head.partition.has(point, &study.name(point)) {
                strange.push(point);
            }
            if let Some(other) = owners[point as usize].replace(at) {
                twice[other].push(point);
            }
        }
        if file.torn {
            let line = file.rows.len() + 2;
            problems.push(format!("{} is torn: it ends in the middle of line {line}", file.name));
        }
        if !strange.is_empty() {
            let points = named(study, &strange);
            problems.push(format!("{} is shard {}, and has of others {points}", file.name, file.head.partition));
        }
        for (other, both) in files.iter().zip(&twice).filter(|(_, both)| !both.is_empty()) {
            problems.push(format!("{} and {} overlap: both have {}", other.name, file.name, named(study, both)));
        }
    }
    let missing: Vec<u32> = (0..study.points()).filter(|point| owners[*point as usize].is_none()).collect();
    problems.extend(missing_of(files, study, &missing));
    if problems.is_empty() {
        return Ok(());
    }
    let help = "give each shard's file once; --resume lets a shard run what its file does not have";
    Err(inconsistent(problems, help))
}

/// What is missing, by the shards that would have it.
fn missing_of(files: &[RowsFile], study: &dyn Listed, missing: &[u32]) -> Vec<String> {
    let Some(first) = files.first().filter(|_| !missing.is_empty()) else { return Vec::new() };
    let partition = first.head.partition;
    let one_kind = files.iter().all(|file| file.head.partition.other(1) == partition.other(1));
    if !one_kind {
        return vec![format!("no file has {}", named(study, missing))];
    }
    let shards = 1..=partition.of;
    let of = |shard: u32| {
        let is_its = |point: &&u32| partition.shard_of(**point, &study.name(**point)) == shard;
        let points: Vec<u32> = missing.iter().filter(is_its).copied().collect();
        if points.is_empty() {
            return None;
        }
        let points = named(study, &points);
        let shard = partition.other(shard);
        Some(match files.iter().find(|file| file.head.partition == shard) {
            Some(file) => format!("{} ({shard}) does not have {points}", file.name),
            None => format!("there is no file of shard {shard}, which has {points}"),
        })
    };
    shards.filter_map(of).collect()
}

/// "3 points: 0 (services.app.workers=5), ..."
fn named(study: &dyn Listed, points: &[u32]) -> String {
    let names = points.iter().take(NAMED).map(|point| format!("{point} ({})", study.name(*point)));
    let more = points.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("{more} more"));
    let said = names.chain(more).collect::<Vec<_>>().join(", ");
    if points.len() == 1 { format!("point {said}") } else { format!("{} points: {said}", points.len()) }
}
