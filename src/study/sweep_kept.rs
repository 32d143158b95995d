//! Rows of a sweep as they are kept: numbers, with every name kept once for all of them.

use super::stats::Estimate;
use super::{Figure, Replication, SweepRow};
use indexmap::IndexSet;

/// Whose figure it is, and which.
type Name = (String, String);

/// The rows of all points, done or not.
#[derive(Debug)]
pub(super) struct KeptRows {
    /// What each point's scenario means.
    digests: Vec<u64>,
    rows: Vec<Option<KeptRow>>,
    /// What rows have figures of, each list once.
    shapes: IndexSet<Vec<Name>>,
    /// What broke first.
    broken: IndexSet<String>,
}

/// One of them.
#[derive(Debug)]
struct KeptRow {
    held: u32,
    stopped: u32,
    /// Positions of their names.
    first: Option<u32>,
    shape: u32,
    estimates: Box<[Option<Estimate>]>,
    /// Digest, digest of the results, whether every objective held.
    runs: Box<[(u64, u64, bool)]>,
}

/// A hash of 16 hex digits.
pub(super) fn digits(hash: &str) -> Option<u64> {
    (hash.len() == 16).then(|| u64::from_str_radix(hash, 16).ok()).flatten()
}

impl KeptRows {
    /// No point is done.
    pub fn new(digests: Vec<u64>) -> Self {
        let rows = digests.iter().map(|_| None).collect();
        Self { digests, rows, shapes: IndexSet::new(), broken: IndexSet::new() }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// What a point's scenario means.
    pub fn digest(&self, point: usize) -> Option<u64> {
        self.digests.get(point).copied()
    }

    /// It is done.
    pub fn has(&self, point: usize) -> bool {
        self.rows.get(point).is_some_and(Option::is_some)
    }

    /// Keeps a row; its values and its seeds follow from the point.
    ///
    /// # Errors
    /// Something in it is no digest.
    pub fn put(&mut self, row: &SweepRow) -> Result<(), String> {
        let run = |run: &Replication| Some((digits(&run.digest)?, digits(&run.results_digest)?, run.pass));
        let runs: Option<Box<[_]>> = row.runs.iter().map(run).collect();
        let runs = runs.ok_or_else(|| "it is no row of a sweep: a digest has 16 hex digits".to_owned())?;
        let names = row.figures.iter().map(|figure| (figure.subject.clone(), figure.metric.clone())).collect();
        let first = row.first_broken.clone().map(|first| self.broken.insert_full(first).0 as u32);
        self.rows[row.point as usize] = Some(KeptRow {
            held: row.held,
            stopped: row.stopped,
            first,
            shape: self.shapes.insert_full(names).0 as u32,
            estimates: row.figures.iter().map(|figure| figure.estimate).collect(),
            runs,
        });
        Ok(())
    }

    /// A row as it was put in.
    pub fn row(&self, point: usize, seed: u64, values: impl FnOnce() -> Vec<String>) -> Option<SweepRow> {
        let kept = self.rows.get(point)?.as_ref()?;
        let names = self.shapes.get_index(kept.shape as usize)?;
        let figure = |((subject, metric), estimate): (&Name, &Option<Estimate>)| Figure {
            subject: subject.clone(),
            metric: metric.clone(),
            estimate: *estimate,
        };
        let run = |(index, (digest, results, pass)): (usize, &(u64, u64, bool))| Replication {
            seed: seed.wrapping_add(index as u64),
            digest: format!("{digest:016x}"),
            results_digest: format!("{results:016x}"),
            pass: *pass,
        };
        Some(SweepRow {
            point: point as u32,
            values: values(),
            digest: format!("{:016x}", self.digests[point]),
            held: kept.held,
            stopped: kept.stopped,
            first_broken: kept.first.and_then(|first| self.broken.get_index(first as usize).cloned()),
            figures: names.iter().zip(&kept.estimates).map(figure).collect(),
            runs: kept.runs.iter().enumerate().map(run).collect(),
        })
    }

    /// Bytes of all of it.
    pub fn bytes(&self) -> usize {
        let row = |row: &KeptRow| size_of_val(&*row.estimates) + size_of_val(&*row.runs);
        let rows: usize = self.rows.iter().flatten().map(row).sum();
        let named = |(subject, metric): &Name| size_of::<Name>() + subject.len() + metric.len();
        let shapes: usize = self.shapes.iter().flatten().map(named).sum();
        let broken: usize = self.broken.iter().map(|name| size_of::<String>() + name.len()).sum();
        let each = size_of::<u64>() + size_of::<Option<KeptRow>>();
        self.digests.len() * each + rows + shapes + broken
    }
}
