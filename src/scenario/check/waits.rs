//! Timeouts that do not fit into each other: whoever is called waits longer than whoever calls.
use super::{At, Checker};
use crate::scenario::{
    link::{Cancel, Deadline, Link},
    retry::Retry,
    traffic::Traffic,
};
use crate::units::{Quantity, Span};
use std::collections::{BTreeMap, BTreeSet};

/// How long somebody waits for a service, and who.
#[derive(Clone)]
struct Waiting {
    seconds: f64,
    who: String,
}

impl<'a> Checker<'a> {
    /// Links whose attempts take longer than any caller of their service waits.
    pub(super) fn waits(&mut self, root: At<'_>) {
        let callees = self.calls.callees_by_service();
        let longest = self.longest_waits(&callees);
        for (name, service) in &self.scenario.services {
            let Some(outer) = longest.get(name.as_str()) else { continue };
            let links = root.child("services").child(name).child("links");
            for (index, (to, link)) in service.links.iter().enumerate() {
                let Some(timeout) = link.timeout else { continue };
                if !callees.get(name.as_str()).is_some_and(|callees| callees.contains(to.as_str())) {
                    continue;
                }
                let at = links.entry(index, to);
                let waits = format!("{} waits {} for `{name}`", outer.who, span(outer.seconds));
                if timeout.as_seconds() > outer.seconds {
                    self.warn(
                        at.child("timeout"),
                        format!("`{name}` waits longer for `{to}` than anybody waits for `{name}`"),
                        format!("{timeout}, and {waits}: it goes on for nobody"),
                    );
                    continue;
                }
                let attempts = u64::from(link.retry.times) + 1;
                let all = attempts as f64 * timeout.as_seconds() + pauses(&link.retry);
                if attempts > 1 && !link.retry.forever && all > outer.seconds {
                    let place = if at.child("retry").has("times") { at.child("retry").child("times") } else { at };
                    self.warn(
                        place,
                        format!("the last retries of `{name}` at `{to}` come too late"),
                        format!("{attempts} attempts of {timeout} with their pauses take {}, and {waits}", span(all)),
                    );
                }
            }
        }
    }

    /// By service, the longest that any of its callers waits for it; none where somebody waits for ever, takes back
    /// what it no longer waits for, or says until when it does.
    fn longest_waits(&self, callees: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeMap<&'a str, Waiting> {
        let mut longest: BTreeMap<&'a str, Option<Waiting>> = BTreeMap::new();
        let mut note = |service: &'a str, waiting: Option<Waiting>| {
            let known = longest.entry(service).or_insert_with(|| waiting.clone());
            let longer = match (&*known, &waiting) {
                (Some(known), Some(new)) => new.seconds > known.seconds,
                (Some(_), None) => true,
                (None, _) => false,
            };
            if longer {
                *known = waiting;
            }
        };
        for (name, service) in &self.scenario.services {
            for to in callees.get(name.as_str()).into_iter().flatten().copied() {
                note(to, service.links.get(to).and_then(|link| bound(name, link)));
            }
        }
        for (name, traffic) in &self.scenario.traffic {
            for (to, _) in self.calls.callees_of_source(name) {
                note(to, patience(name, traffic, to));
            }
        }
        longest.into_iter().filter_map(|(service, waiting)| Some((service, waiting?))).collect()
    }
}

fn bound(name: &str, link: &Link) -> Option<Waiting> {
    let told = link.deadline == Deadline::Pass || link.cancel == Cancel::All;
    let timeout = link.timeout.filter(|_| !told)?;
    Some(Waiting { seconds: timeout.as_seconds(), who: format!("`{name}`") })
}

fn patience(name: &str, traffic: &Traffic, to: &str) -> Option<Waiting> {
    let (Traffic::Open { patience, access, .. }
    | Traffic::Users { patience, access, .. }
    | Traffic::Closed { patience, access, .. }) = traffic;
    let way = access.way(to);
    let told = way.deadline == Deadline::Pass || way.cancel == Cancel::All;
    let seconds = patience.as_ref().filter(|_| !told)?.constant()?;
    Some(Waiting { seconds, who: format!("`{name}`") })
}

/// Mean seconds between the attempts, all together.
fn pauses(retry: &Retry) -> f64 {
    /// Beyond so many retries each pause is taken as the last.
    const MOST: u32 = 1000;
    let cap = retry.cap.map_or(f64::INFINITY, Span::as_seconds);
    let mean = retry.after.expr().mean(&|_| 0.0) * (1.0 - retry.jitter.0 / 2.0);
    let mut pause = mean;
    let mut all = 0.0;
    for _ in 0..retry.times.min(MOST) {
        all += pause.min(cap);
        pause *= retry.factor;
    }
    all + f64::from(retry.times.saturating_sub(MOST)) * pause.min(cap)
}

fn span(seconds: f64) -> Span {
    Span::from_base(seconds).unwrap_or(Span(i64::MAX))
}
