//! The smallest study: one run, and its results as they are.

use super::{Answer, Point, Study};
use crate::measure::Results;

/// One run.
#[derive(Debug)]
pub struct Once {
    wanted: Option<Point>,
    results: Option<Results>,
}

impl Once {
    /// With that seed.
    pub fn new(seed: u64) -> Once {
        Once { wanted: Some(Point::new(Vec::new(), seed)), results: None }
    }
}

impl Study for Once {
    fn next_points(&mut self, _most: usize) -> Vec<Point> {
        self.wanted.take().into_iter().collect()
    }

    fn give(&mut self, _point: &Point, results: Results) {
        self.results = Some(results);
    }

    fn length(&self) -> u32 {
        1
    }

    /// Its results say by themselves what ended it.
    fn finish(self: Box<Self>, _cut: Option<String>) -> Option<Answer> {
        self.results.map(|results| Answer::Run(Box::new(results)))
    }
}
