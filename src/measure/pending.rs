//! Instances that no machine has room for: told when they begin to wait and when the last has found its place.

use super::counters::row;
use super::moment::Moment;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named};
use crate::engine::ResourceKind;
use crate::number::sentence;
use crate::units::Time;

/// Since when instances wait, and the place of that sentence, by track.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    tracks: Vec<Option<(Time, usize, u32)>>,
}

impl Waiting {
    /// Look at the second that just passed.
    pub fn look(&mut self, look: &Moment, story: &mut Story) {
        let now = look.short.new.at;
        for (index, track) in
            look.resources.tracks.iter().enumerate().filter(|(_, track)| track.kind == ResourceKind::Instances)
        {
            let state = row(&mut self.tracks, index as u32);
            let Some(Entity::Service(service)) = look.resources.subjects[track.subject].owner else { continue };
            let subject = Named::service(service, look.model.services[service].name.as_str());
            let text = |pending: u32| {
                let verb = if pending == 1 { "is" } else { "are" };
                format!(
                    "{pending} of {} instances of {subject} {verb} pending: no machine has room",
                    sentence::count(track.capacity)
                )
            };
            match (*state, track.waiting) {
                (None, 0) => {}
                (None, pending) => {
                    let at = look.second.old.at.max(Time(0));
                    let entry = Entry {
                        at,
                        kind: StoryKind::Pending,
                        subject: subject.clone(),
                        because: Causes::default(),
                        text: text(pending),
                    };
                    *state = Some((at, story.add(entry), pending));
                }
                (Some((since, ..)), 0) => {
                    let lasted = sentence::seconds((now.0 - since.0) as f64 / 1e9);
                    let text = format!("every instance of {subject} has its place after {lasted}");
                    story.add(Entry {
                        at: now.max(Time(0)),
                        kind: StoryKind::Up,
                        subject,
                        because: Causes::default(),
                        text,
                    });
                    *state = None;
                }
                (Some((since, place, most)), pending) if pending > most => {
                    if let Some(entry) = story.entry(place) {
                        entry.text = text(pending);
                    }
                    *state = Some((since, place, pending));
                }
                (Some(_), _) => {}
            }
        }
    }
}
