//! One model on one napkin: each resource's load over time and at multiples of the crowd.
//!
//! The peak of a resource is the moment of the file at which most is asked of it, with the sessions that are present
//! then: they follow those that start, late. A multiple is one of the crowd at that moment, so that a row says one
//! thing: where load is in proportion to the crowd, the multiple it breaks at times its load at the peak is 1, and it
//! is passed within the horizon if and only if that multiple is no more than 1.

use super::admitted::{Admitted, FULL};
use super::crowd::{self, Levels};
use super::demand::{Crowd, Demand, Loads};
use super::resource::{self, Kind, Resource};
use super::station;
use crate::measure::results::{NapkinBreak, NapkinLevel, NapkinRow};
use crate::model::{Model, SourceKind};
use crate::number::figure;
use crate::units::Time;
use std::cell::Cell;
use std::collections::BTreeMap;

/// A multiple that is as good as never.
const NEVER: f64 = 1e6;
const HALVINGS: u32 = 60;

/// Everything that is asked of a model and can be asked again.
pub struct Analysis<'a> {
    pub model: &'a Model,
    pub demand: Demand<'a>,
    pub levels: Levels<'a>,
    pub resources: Vec<Resource>,
    /// At the crowd's initial level, every door open.
    pub base: Loads,
    /// The same with nobody of those that surge, and with the highest load that the file reaches.
    rest: Loads,
    pub highest: Loads,
    /// How often doors may still be followed: in a model of thousands of services they are for some resources only, and
    /// the others are told as if every door were open.
    left: Cell<usize>,
    /// Instants of the horizon that are looked at.
    instants: usize,
}

/// The crowd at instants of the horizon, every door open; and what doors let through at some of them.
pub struct Moments {
    all: Vec<(Time, Crowd, Loads)>,
    admitted: BTreeMap<usize, Admitted>,
}

/// Rows that are looked at, and kept, to say what is asked for at every instant of the horizon.
const MOST_WORK: u64 = 120_000_000;
const MOST_KEPT: usize = 16_000_000;
const FEWEST_INSTANTS: usize = 16;
/// Operations and resources that are looked at to follow doors, for a whole model.
const MOST_LOOKS: usize = 20_000_000;
/// Steps that a fixed point takes.
const STEPS: usize = 20;

impl<'a> Analysis<'a> {
    pub fn of(model: &'a Model) -> Self {
        let (demand, levels) = (Demand::new(model), Levels::of(model));
        let before = demand.spent();
        let base = demand.of(&levels.times(1.0));
        let each = (demand.spent() - before).max(1);
        let (rest, highest) = (demand.of(&levels.of_peak(0.0)), demand.of(&levels.of_peak(1.0)));
        let resources = resource::all(model, &demand);
        let left = Cell::new(MOST_LOOKS / STEPS / (resources.len() + model.operations.len()).max(1));
        let kept = 14 * model.services.len() + 2 * model.links.len() + model.operations.len() + 6 * model.sources.len();
        let instants = ((MOST_WORK / each) as usize).min(MOST_KEPT / kept.max(1)).max(FEWEST_INSTANTS);
        Self { model, resources, demand, levels, base, rest, highest, left, instants }
    }

    pub fn moments(&self) -> Moments {
        let crowds = self.levels.over_time(&self.base.sessions, self.instants).into_iter();
        let all = crowds.map(|(time, crowd)| (time, crowd.clone(), self.demand.of(&crowd))).collect();
        Moments { all, admitted: BTreeMap::new() }
    }

    /// What comes where at the crowd's initial level.
    pub fn admitted_at_base(&self) -> Admitted {
        self.admit(self.levels.times(1.0))
    }

    fn admit(&self, crowd: Crowd) -> Admitted {
        self.left.set(self.left.get().saturating_sub(1));
        Admitted::of(self.model, &self.demand, &self.resources, crowd)
    }

    fn load(&self, resource: &Resource, loads: &Loads) -> f64 {
        resource.load(self.model, &self.demand, loads)
    }

    /// Offered load at the highest that the file reaches, every door open.
    pub fn at_highest(&self, resource: &Resource) -> f64 {
        self.load(resource, &self.highest)
    }

    fn admitted_load(&self, resource: &Resource, admitted: &Admitted) -> f64 {
        admitted.load(self.model, &self.demand, resource)
    }

    /// Offered load at the crowd's initial level: as at the peak, what is asked, but where that would fill it and doors
    /// in front do not let it.
    pub fn base_load(&self, resource: &Resource, base: &Admitted) -> f64 {
        let asked = self.load(resource, &self.base);
        if asked < FULL { asked } else { protected(asked, self.admitted_load(resource, base)) }
    }

    /// A resource's row and the multiple of the peak that it would break at with every door open; None: nobody uses it.
    pub fn row(&self, resource: &Resource, base: &Admitted, moments: &mut Moments) -> Option<(NapkinRow, Option<f64>)> {
        let (top, asked) = moments.highest(|loads| self.load(resource, loads));
        if asked <= 0.0 {
            return None;
        }
        let base_load = self.base_load(resource, base);
        let (mut peak, mut behind) = (asked, None);
        if asked >= FULL && self.left.get() > 0 {
            let admitted = moments.admitted(self, top);
            peak = protected(asked, self.admitted_load(resource, admitted)).max(base_load);
            if peak < FULL {
                behind = admitted.protector(self.model, &self.demand, &self.resources, resource);
            }
        }
        let crowd = &moments.all[top].1;
        let relieved = self.multiple(resource, crowd, asked);
        let of_peak = relieved.and_then(|multiple| match self.left.get() {
            0 => Some(multiple),
            _ => self.breaks_behind_doors(resource, crowd, multiple),
        });
        let row = NapkinRow {
            resource: resource.name.clone(),
            capacity: resource.capacity,
            base: finite(base_load),
            peak: finite(peak),
            asked: behind.is_some().then(|| finite(asked)),
            saturates_at: self.of_base(resource),
            breaks_at: of_peak.map(|multiple| self.load_in_words(multiple)),
            passed_at_s: self.passed_at(resource, moments),
            observed: None,
            note: self.note(resource, behind.as_deref(), asked, relieved.filter(|_| of_peak.is_none())),
            held_by: self.held_by(resource),
            behind,
        };
        Some((row, relieved))
    }

    fn load_in_words(&self, multiple: f64) -> NapkinBreak {
        let level = |(source, level): (&crate::model::Source, f64)| NapkinLevel {
            source: source.name.clone(),
            level,
            unit: match source.kind {
                SourceKind::Open => "requests/s",
                SourceKind::Users => "sessions/s",
                SourceKind::Closed => "users",
            }
            .to_owned(),
        };
        NapkinBreak { of_peak: multiple, levels: self.levels.scaled(multiple).map(level).collect() }
    }

    /// The multiple of the initial level that for ever would be too much, with every door open.
    fn of_base(&self, resource: &Resource) -> Option<f64> {
        let asked = self.load(resource, &self.base);
        self.levels.rise().and_then(|_| self.multiple(resource, &self.levels.times(1.0), asked))
    }

    /// The multiple at which ρ = 1 with every door open, of the crowd at a moment at which so much is asked.
    fn multiple(&self, resource: &Resource, crowd: &Crowd, asked: f64) -> Option<f64> {
        let none = self.load(resource, &self.rest);
        if none >= 1.0 {
            return Some(0.0);
        }
        // Of two roles now the one is the busier and now the other.
        let roles = resource.service(self.model).is_some_and(|service| self.demand.has_roles(service));
        if !self.demand.depends_on_load() && !roles {
            let multiple = (1.0 - none) / (asked - none);
            return (multiple > 0.0 && multiple < NEVER).then_some(multiple);
        }
        least(&|multiple| self.load(resource, &self.demand.of(&self.levels.scale(crowd, multiple))), 0.0, 1.0, 1.0)
    }

    /// The same behind doors: where they hold it back at that multiple it may break at a higher one, or never.
    fn breaks_behind_doors(&self, resource: &Resource, crowd: &Crowd, relieved: f64) -> Option<f64> {
        let at = |multiple: f64| self.admitted_load(resource, &self.admit(self.levels.scale(crowd, multiple)));
        if at(relieved) >= FULL {
            return Some(relieved);
        }
        /// Doors that let it through at no such multiple of that hold it back for good.
        const FAR: f64 = 1000.0;
        let far = relieved.max(1e-9) * FAR;
        (at(far) >= FULL).then(|| least(&at, relieved, far, FULL)).flatten()
    }

    /// When demand first reaches capacity, seconds, every door open.
    fn passed_at(&self, resource: &Resource, moments: &Moments) -> Option<f64> {
        let first = moments.all.iter().position(|(_, _, loads)| self.load(resource, loads) >= 1.0)?;
        let (after, full, _) = &moments.all[first];
        let Some((before, less, _)) = first.checked_sub(1).map(|at| &moments.all[at]) else {
            return Some(after.as_seconds());
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS / 2 {
            let middle = f64::midpoint(low, high);
            let loads = self.demand.of(&crowd::between(less, full, middle));
            if self.load(resource, &loads) < 1.0 { low = middle } else { high = middle }
        }
        // Halving comes near a step, never onto it.
        Some(libm::round((before.as_seconds() + high * crowd::seconds(*before, *after)) * 1e6) / 1e6)
    }

    fn note(&self, resource: &Resource, behind: Option<&str>, asked: f64, relieved: Option<f64>) -> String {
        let mut notes = Vec::new();
        let breaks = relieved.map(|multiple| breaks_in_words(&self.load_in_words(multiple)));
        match (behind, breaks) {
            (Some(door), Some(at)) => {
                notes.push(format!("behind {door}: without it {}, breaks at {at}", figure(asked)))
            }
            (Some(door), None) => notes.push(format!("behind {door}: without it {}", figure(asked))),
            (None, Some(at)) => notes.push(format!("what is in front breaks first; without that at {at}")),
            (None, None) => {}
        }
        notes.extend(self.held_by(resource).map(|by| format!("held longer once {by} is full, which is sooner")));
        notes.extend(self.notes_of_kind(resource));
        notes.extend(resource::scaled(self.model, resource));
        let twice = || self.load(resource, &self.demand.of(&self.levels.times(2.0)));
        if self.demand.depends_on_load() && twice() > 2.001 * self.load(resource, &self.base) {
            notes.push("grows faster than the load".to_owned());
        }
        notes.retain(|note| !note.is_empty());
        notes.join("; ")
    }

    fn notes_of_kind(&self, resource: &Resource) -> Vec<String> {
        let mut notes = Vec::new();
        let served = match resource.kind {
            Kind::Cpu(_) | Kind::Quota(_) | Kind::Threads(_) | Kind::Workers(_) => true,
            Kind::Network(_)
            | Kind::Ingress(_)
            | Kind::Disk(_)
            | Kind::MachineMemory(_)
            | Kind::Connections(_)
            | Kind::Descriptors(_)
            | Kind::Memory(_)
            | Kind::Pool(_)
            | Kind::Slots(_)
            | Kind::RateLimit(_)
            | Kind::Lock(..) => false,
        };
        if let Some(service) = resource.service(self.model) {
            notes.extend(self.demand.cache_notes(service, &self.base).into_iter().filter(|_| served));
            if served {
                notes.push(station::note(self.model, &self.demand, &self.base, service));
            } else if !matches!(resource.kind, Kind::Lock(..)) && self.base.services[service.index()].held > 0.0 {
                notes.push(format!(
                    "{:.0} connections held by sessions at the base load",
                    self.base.services[service.index()].held
                ));
            }
        } else if let Kind::Cpu(group) = resource.kind {
            let of = &self.model.groups[group].services;
            notes.push(format!(
                "shared by {}",
                of.iter().map(|id| self.model.services[*id].name.as_str()).collect::<Vec<_>>().join(", ")
            ));
        }
        notes.extend(resource::in_the_story(self.model, resource));
        if let Kind::Workers(service) = resource.kind
            && self.model.services[service].pins
        {
            let held = self.base.services[service.index()].held;
            notes.push(format!("one for each open connection, {} of them at rest at the base load", figure(held)));
        }
        if let Kind::Connections(service) = resource.kind {
            let pooled = resource::pooled(self.model, service);
            if pooled > resource.capacity {
                notes.push(format!(
                    "pools may open {} on {}: they fill it once all have been busy",
                    figure(pooled),
                    figure(resource.capacity)
                ));
            } else if pooled > 0.0 {
                notes.push(format!("those in use; pools keep what they once needed open, up to {}", figure(pooled)));
            }
        }
        if let Kind::Cpu(group) = resource.kind
            && self.model.groups[group].burst.is_some()
        {
            notes.push(format!("what is earned; {} cores while credits last", self.model.groups[group].cores));
        }
        notes
    }
}

impl Moments {
    /// Where a figure is highest, and how high.
    pub fn highest(&self, of: impl Fn(&Loads) -> f64) -> (usize, f64) {
        let loads = self.all.iter().enumerate().map(|(at, (_, _, loads))| (at, of(loads)));
        loads.fold((0, 0.0), |best, next| if next.1 > best.1 { next } else { best })
    }

    /// What is asked at one of them.
    pub fn loads(&self, at: usize) -> &Loads {
        &self.all[at].2
    }

    fn admitted(&mut self, analysis: &Analysis, at: usize) -> &Admitted {
        let crowd = &self.all[at].1;
        self.admitted.entry(at).or_insert_with(|| analysis.admit(crowd.clone()))
    }
}

/// What comes to a resource: what is asked of it, but for doors that keep it from being full.
fn protected(asked: f64, admitted: f64) -> f64 {
    if admitted < FULL { admitted } else { asked }
}

/// Where a growing figure first reaches `full`: somewhere above `low`, first looked for at `high`.
fn least(at: &impl Fn(f64) -> f64, mut low: f64, mut high: f64, full: f64) -> Option<f64> {
    while at(high) < full {
        (low, high) = (high, high * 2.0);
        if high > NEVER {
            return None;
        }
    }
    for _ in 0..HALVINGS {
        if high - low <= 1e-9 * high {
            break;
        }
        let middle = f64::midpoint(low, high);
        if at(middle) < full { low = middle } else { high = middle }
    }
    Some(high)
}

/// `33.3 sessions/s`; sources of several kinds `33.3 sessions/s + 10 requests/s`.
#[must_use]
pub fn breaks_in_words(at: &NapkinBreak) -> String {
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for level in &at.levels {
        match sums.iter_mut().find(|(unit, _)| *unit == level.unit) {
            Some((_, sum)) => *sum += level.level,
            None => sums.push((&level.unit, level.level)),
        }
    }
    sums.iter().map(|(unit, sum)| format!("{} {unit}", figure(*sum))).collect::<Vec<_>>().join(" + ")
}

/// A load that runs away is as much as a number can be: results hold finite numbers.
fn finite(load: f64) -> f64 {
    if load.is_finite() { load } else { f64::MAX }
}
