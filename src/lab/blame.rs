//! Who is to blame for what is wrong now, where it has a place in the picture.

use super::action::Subject;
use super::state::LabState;
use crate::host::{Availability, Trouble};
use crate::measure::ranking;
pub use crate::measure::ranking::roots;
use crate::measure::results::StoryEvent;
use crate::measure::story::StoryKind;
use crate::measure::subject::{Entity, Named, Subject as Told};
use crate::number::clock;
use std::slice;

impl LabState {
    /// What is to blame for most of what is wrong now.
    #[must_use]
    pub fn culprit(&self) -> Option<Subject> {
        // What is to blame may have no place here: then where it is felt first.
        self.subject_of(&self.frame.culprit)
            .or_else(|| self.subject_of(slice::from_ref(&self.troubles().first()?.1.subject)))
    }

    /// What happened to the culprit last, as far as it was told: "died at 5:00"; empty where nothing was.
    #[must_use]
    pub fn happened(&self) -> String {
        let now_s = self.frame.now.0 as f64 / 1e9 + 1e-6;
        let of_it = |event: &&StoryEvent| {
            let whole = |root: &Named| event.subject == *root || event.subject.what.is_part_of(&root.what);
            event.found_s <= now_s && self.frame.culprit.iter().any(whole)
        };
        let story = || self.told().iter().filter(of_it);
        // What somebody did to it, or it suffered, before what came of that.
        let blow = |event: &&StoryEvent| matches!(event.event, StoryKind::Down | StoryKind::Emptied | StoryKind::Rule);
        let turn = |event: &&StoryEvent| event.event.is_turn();
        let Some(event) = story().rfind(blow).or_else(|| story().rfind(turn)) else {
            return String::new();
        };
        let lasts = self.frame.instances.iter().any(|at| {
            at.availability == Availability::Down
                && event.subject.what.is_part_of(&Told::Entity(Entity::Service(at.service)))
        });
        let since = |word: &str| format!("{word} since {}", clock(event.at_s));
        match event.event {
            StoryKind::Down if lasts => since("down"),
            StoryKind::Down => format!("died at {}", clock(event.at_s)),
            StoryKind::Emptied => format!("emptied at {}", clock(event.at_s)),
            StoryKind::Rule => format!("changed at {}", clock(event.at_s)),
            StoryKind::Saturated => since("saturated"),
            StoryKind::Refusing => since("refusing calls"),
            StoryKind::Failing => since("failing"),
            StoryKind::Degraded => since("degraded"),
            StoryKind::RetryStorm => since("retry storm"),
            StoryKind::Metastable => since("does not recover"),
            StoryKind::Stampede => since("stampede"),
            StoryKind::Deadlock => since("deadlock"),
            StoryKind::Herd => since("thundering herd"),
            StoryKind::Throttled => since("throttled"),
            StoryKind::Retransmitting => since("retransmitting"),
            StoryKind::Unhealthy => since("taken out"),
            StoryKind::Opened => since("circuit open"),
            StoryKind::Pending => since("pending"),
            StoryKind::Evicting => since("evicting"),
            StoryKind::Recovered
            | StoryKind::Closed
            | StoryKind::Healthy
            | StoryKind::Up
            | StoryKind::Skipped
            | StoryKind::Stopped => String::new(),
        }
    }

    /// Since when something is wrong, seconds: as the story has it, which may put a cause before what it brought on.
    #[must_use]
    pub fn since(&self, trouble: &Trouble) -> f64 {
        const MOVED_S: f64 = 2.0 + 1e-6;
        let since_s = trouble.since.0 as f64 / 1e9;
        let of_it = |event: &&StoryEvent| {
            let moved = (-1e-6..=MOVED_S).contains(&(since_s - event.at_s));
            event.subject == trouble.subject && event.event == trouble.kind.told_as() && moved
        };
        self.told().iter().rev().find(of_it).map_or(since_s, |event| event.at_s)
    }

    /// What is wrong now with how many causes before it: what comes down to the culprit first, under each what follows
    /// from it.
    #[must_use]
    pub fn troubles(&self) -> Vec<(usize, &Trouble)> {
        ranking::arranged(&self.frame.troubles, &self.frame.culprit)
    }
}
