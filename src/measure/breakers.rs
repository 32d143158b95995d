//! Circuit breakers, told per link: the first that opens, and when all are closed again.

use super::alarm::{Alarm, AlarmChange, CALM_AT_END};
use super::counters::row;
use super::moment::Moment;
use super::saturations::Saturations;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Entity, Named, Subject};
use super::wait_graph::{Question, ask};
use crate::engine::InstanceId;
use crate::model::{Caller, LinkId, Model, ServiceId};
use crate::number::sentence;
use crate::units::Time;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default)]
struct State {
    alarm: Alarm,
    /// Callers (none: the crowd) whose breaker is open or trying.
    open: BTreeSet<Option<InstanceId>>,
    /// When the present trouble was told to have begun.
    told: Time,
    /// Most that were open at one time.
    most: usize,
    place: Option<usize>,
    first: Option<Time>,
    last: Time,
}

/// All links.
#[derive(Clone, Debug, Default)]
pub struct Breakers {
    links: Vec<State>,
}

impl Breakers {
    /// One opened or closed.
    pub fn changed(&mut self, now: Time, link: LinkId, caller: Option<InstanceId>, open: bool) {
        let state = row(&mut self.links, link.number());
        if open {
            state.open.insert(caller);
            state.most = state.most.max(state.open.len());
            state.first.get_or_insert(now);
        } else {
            state.open.remove(&caller);
            state.last = now;
        }
    }

    /// Tell what happened in the last second.
    pub fn look(
        &mut self,
        look: &Moment,
        down: &BTreeSet<ServiceId>,
        saturations: &mut Saturations,
        story: &mut Story,
    ) {
        let now = look.short.new.at;
        for (at, state) in self.links.iter_mut().enumerate() {
            let id = LinkId::new(at);
            let on = state.first.take();
            let since = on.unwrap_or(now).max(Time(0));
            let closed = state.open.is_empty();
            let change = state.alarm.look(on.is_some() || !closed, closed, since, now, 0);
            match change.or_else(|| if look.last { state.alarm.close(now, CALM_AT_END) } else { None }) {
                Some(AlarmChange::Raised(at)) => {
                    state.told = at;
                    let callee = look.model.links[id].callee;
                    let because = if down.contains(&callee) {
                        Some(Named::service(callee, look.model.services[callee].name.as_str()))
                    } else {
                        let blame = ask(Question::Calls(id), &look.evidence(look.lately(), down));
                        blame.roots.into_iter().next().map(|root| root.0)
                    };
                    let (subject, text) = (subject(look.model, id), String::new());
                    let because = Causes::from(because);
                    let entry = Entry { at, kind: StoryKind::Opened, subject, because: because.clone(), text };
                    state.place = Some(story.add(entry));
                    saturations.name(look, &because, look.lately(), down, story, 0);
                }
                Some(AlarmChange::Cleared(_)) => {
                    let lasted = sentence::seconds((state.last.0 - state.told.0) as f64 / 1e9);
                    let text = format!("{} is closed again after {lasted}", breaker(look.model, id));
                    let at = state.last.max(Time(0));
                    story.add(Entry {
                        at,
                        kind: StoryKind::Closed,
                        subject: subject(look.model, id),
                        because: Causes::default(),
                        text,
                    });
                    state.most = state.open.len();
                    state.place = None;
                }
                None => {}
            }
            if let Some(entry) = state.place.and_then(|place| story.entry(place)) {
                entry.text = opens(look, id, state.most);
            }
        }
    }
}

/// `app.breaker(rds)`
pub fn subject(model: &Model, link: LinkId) -> Named {
    guard(model, link, "breaker")
}

/// `app.rate_limit(rds)`
pub fn limiter(model: &Model, link: LinkId) -> Named {
    guard(model, link, "rate_limit")
}

fn guard(model: &Model, id: LinkId, kind: &str) -> Named {
    let link = &model.links[id];
    let owner = match link.caller {
        Caller::Service(service) => Entity::Service(service),
        Caller::Source(source) => Entity::Source(source),
    };
    let name = format!("{}.{kind}({})", caller(model, link.caller), model.services[link.callee].name);
    Named::new(Subject::Guard(owner, id), name)
}

fn caller(model: &Model, caller: Caller) -> &str {
    match caller {
        Caller::Service(service) => &model.services[service].name,
        Caller::Source(source) => &model.sources[source].name,
    }
}

fn breaker(model: &Model, link: LinkId) -> String {
    let link = &model.links[link];
    format!("the breaker of {} for {}", caller(model, link.caller), model.services[link.callee].name)
}

/// "opens at 1 of 4 instances": most that were open at one time, of those that could be.
fn opens(look: &Moment, link: LinkId, most: usize) -> String {
    let name = breaker(look.model, link);
    let callers = match look.model.links[link].caller {
        Caller::Service(service) => {
            look.resources.places.iter().filter(|place| place.service == service && !place.removed && place.up).count()
        }
        Caller::Source(_) => 1,
    };
    if callers > 1 {
        format!("{name} opens at {most} of {} instances: calls fail at once", callers.max(most))
    } else {
        format!("{name} opens: calls fail at once")
    }
}
