//! The past of a run as far as the host has told of it.

use crate::host::{Delta, Point};
use crate::measure::Results;
use crate::measure::results::StoryEvent;
use crate::units::Time;

/// The past of a run, point by point.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Seconds a point stands for.
    pub every_s: f64,
    /// From time 0 on.
    pub points: Vec<Point>,
    /// What happened, as far as it is known: a run that was taken back has not forgotten it.
    pub story: Vec<StoryEvent>,
}

impl Timeline {
    /// Take in the story of a run that stands at `now`: what was known of later times stays.
    pub fn tell(&mut self, results: &Results, now: Time) {
        let now_s = now.0 as f64 / 1e9;
        self.story.retain(|event| event.found_s > now_s);
        self.story.extend(results.story.iter().cloned());
        self.story.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    }

    /// Take in points that follow, or replace what was known from one on.
    pub fn take(&mut self, delta: Delta) {
        if delta.every_s > 0.0 {
            self.every_s = delta.every_s;
        }
        if delta.points.is_empty() && self.points.len() <= delta.from as usize {
            return;
        }
        if (delta.from as usize) < self.points.len() {
            // What was known beyond is given up, and what happened there with it.
            let end_s = f64::from(delta.from) * self.every_s;
            self.story.retain(|event| event.found_s <= end_s);
        }
        self.points.truncate(delta.from as usize);
        self.points.extend(delta.points);
    }
}
