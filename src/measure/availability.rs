//! Instances that die and come back, told per service: the first death, how many followed, and when all serve again.

use super::alarm::{Alarm, AlarmChange};
use super::counters::row;
use super::moment::Moment;
use super::resources::Hosting;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Named};
use crate::engine::{Cause, InstanceId};
use crate::model::ServiceId;
use crate::number::{self, sentence};
use crate::units::Time;
use std::collections::{BTreeMap, BTreeSet};

/// A total outage is told again only if the service was back for so long.
const APART: i64 = 60 * 1_000_000_000;

#[derive(Clone, Debug, Default)]
struct Availability {
    alarm: Alarm,
    /// Instances that serve, and those that died and did not come back yet.
    up: BTreeSet<InstanceId>,
    down: BTreeSet<InstanceId>,
    /// Entry of the present episode by cause, with the number of deaths and the fewest up.
    told: BTreeMap<&'static str, (usize, u32, u32)>,
    since: Time,
    last_down: Option<Time>,
    /// When the last of those that were down was up again, or gone.
    back: Time,
    last_outage: Option<Time>,
}

/// All services.
#[derive(Clone, Debug, Default)]
pub struct Availabilities {
    services: Vec<Availability>,
    /// Since the last look: (when, instance, cause; None: it came up), in order.
    news: Vec<(Time, InstanceId, Option<Cause>)>,
}

impl Availabilities {
    /// An instance went down.
    pub fn died(&mut self, now: Time, instance: InstanceId, cause: Cause) {
        self.news.push((now, instance, Some(cause)));
    }

    /// An instance came up.
    pub fn rose(&mut self, now: Time, instance: InstanceId) {
        self.news.push((now, instance, None));
    }

    /// Services with an instance down now or since `time`.
    pub fn down_since(&self, time: Time) -> BTreeSet<ServiceId> {
        let hit = |life: &Availability| !life.down.is_empty() || life.last_down.is_some_and(|at| at >= time);
        self.services.iter().enumerate().filter(|(_, l)| hit(l)).map(|(i, _)| ServiceId::new(i)).collect()
    }

    /// When an instance of a service died last, if after this time.
    pub fn died_after(&self, time: Time, service: ServiceId) -> Option<Time> {
        let life = self.services.get(service.index())?;
        let heard = self.news.iter().filter(|news| news.2.is_some() && life.up.contains(&news.1));
        heard.map(|news| news.0).max().or(life.last_down).filter(|at| *at > time)
    }

    /// Since when all instances of a service are out, as far as was heard.
    pub fn out_since(&self, service: ServiceId) -> Option<Time> {
        let life = self.services.get(service.index())?;
        let of_it = |news: &&(Time, InstanceId, Option<Cause>)| life.up.contains(&news.1) && news.2.is_some();
        let dying = self.news.iter().filter(of_it).count();
        let last = self.news.iter().rfind(of_it).map(|news| news.0).or(life.last_down);
        last.filter(|_| life.up.len() <= dying)
    }

    /// Services with an instance that is down, and since when.
    pub fn down(&self) -> impl Iterator<Item = (ServiceId, Time)> + '_ {
        let down = self.services.iter().enumerate().filter(|(_, life)| !life.down.is_empty());
        down.map(|(i, life)| (ServiceId::new(i), life.since))
    }

    /// Tell what happened in the last second.
    pub fn look(&mut self, look: &Moment, story: &mut Story) {
        let (model, places, now) = (look.model, &look.resources.places, look.now());
        for (at, instance, cause) in std::mem::take(&mut self.news) {
            let Some(&Hosting { service, ordinal, .. }) = places.get(instance.index()) else { continue };
            let life = row(&mut self.services, service.number());
            match cause {
                None => {
                    life.down.remove(&instance);
                    life.up.insert(instance);
                    life.back = at;
                }
                Some(Cause::Removed) => {
                    life.down.remove(&instance);
                    life.up.remove(&instance);
                    life.back = at;
                }
                Some(cause) => {
                    life.up.remove(&instance);
                    life.down.insert(instance);
                    life.last_down = Some(at);
                    let name = &model.services[service].name;
                    life.died(&Named::service(service, name.as_str()), ordinal, cause, at, story);
                }
            }
        }
        self.services.iter_mut().for_each(|life| life.up.clear());
        for (i, place) in places.iter().enumerate().filter(|(_, p)| p.up) {
            row(&mut self.services, place.service.number()).up.insert(InstanceId::new(i));
        }
        for (i, life) in self.services.iter_mut().enumerate() {
            let on = !life.down.is_empty();
            let change = life.alarm.look(on, !on, now, now, 0);
            match change.or_else(|| if look.last { life.alarm.close(now, 0) } else { None }) {
                Some(AlarmChange::Raised(_)) | None => {}
                Some(AlarmChange::Cleared(_)) => {
                    let at = life.back;
                    let name = &model.services[ServiceId::new(i)].name;
                    let up = life.up.len();
                    let lasted = sentence::seconds((at.0 - life.since.0) as f64 / 1e9);
                    let text = if up == 1 {
                        format!("{name} is up again after {lasted}")
                    } else {
                        format!("{name}: all {up} instances are up again after {lasted}")
                    };
                    story.add(Entry {
                        at: at.max(Time(0)),
                        kind: StoryKind::Up,
                        subject: Named::service(ServiceId::new(i), name.as_str()),
                        because: Causes::default(),
                        text,
                    });
                    life.told.clear();
                }
            }
        }
    }
}

impl Availability {
    fn died(&mut self, name: &Named, ordinal: u32, cause: Cause, at: Time, story: &mut Story) {
        let up = self.up.len() as u32;
        let total = up + self.down.len() as u32;
        if self.told.is_empty() {
            self.since = at;
        }
        let (verb, why) = cause_words(cause);
        let add = |story: &mut Story, text: String| {
            story.add(Entry {
                at: at.max(Time(0)),
                kind: StoryKind::Down,
                subject: name.clone(),
                because: Causes::default(),
                text,
            })
        };
        match self.told.get_mut(why) {
            None => {
                let text = if total > 1 {
                    format!("{name}/{ordinal} {verb}: {why} ({up} of {total} up)")
                } else {
                    format!("{name} {verb}: {why}")
                };
                self.told.insert(why, (add(story, text), 1, up));
            }
            Some((place, deaths, fewest)) => {
                *deaths += 1;
                *fewest = (*fewest).min(up);
                let last = number::clock(at.0 as f64 / 1e9);
                let worst = if total > 1 { format!(", at worst {fewest} of {total} up") } else { String::new() };
                if let Some(entry) = story.entry(*place) {
                    entry.text = format!("{name} {verb} {deaths} times: {why} (last {last}{worst})");
                }
            }
        }
        if up == 0 && total > 1 && self.last_outage.is_none_or(|last| at.0 - last.0 > APART) {
            add(story, format!("{name} is down: 0 of {total} instances up"));
        }
        if up == 0 {
            self.last_outage = Some(at);
        }
    }
}

/// What it did, and why.
fn cause_words(cause: Cause) -> (&'static str, &'static str) {
    match cause {
        Cause::Crash => ("died", "crash"),
        Cause::OutOfMemory => ("died", "out of memory"),
        Cause::Removed => ("went", "removed"),
        Cause::Resize => ("went down", "resize"),
        Cause::Restart => ("went down", "restart"),
        Cause::Deploy => ("went down", "deploy"),
        Cause::MachineCrash => ("died", "its machine crashed"),
    }
}
