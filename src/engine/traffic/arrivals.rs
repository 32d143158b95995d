//! Who comes, and when: renewal arrivals along a profile, sessions, closed populations.
//!
//! The n-th gap of a source is drawn under the source's key and n in operational time, and passes that much area under
//! the profile: with exponential gaps a Poisson process of that rate (inversion of the cumulative rate: Lewis & Shedler
//! 1979; Çinlar 1975), with others the renewal process under the exact change of time. Two variants that differ in
//! anything else, or in the height of the profile alone, see the same luck. Bursts and invitations: see `bursts`.

use crate::engine::observation::{Observation, Observer, Outcome};
use crate::engine::random::rng::{Stream, derive};
use crate::engine::random::sampler::draw;
use crate::engine::state::ids::ExecRef;
use crate::engine::state::request::{Role, State};
use crate::engine::state::world::Context;
use crate::model::{Instr, SiteId, SourceId, SourceKind};
use crate::units::{Span, Time};

const GAP: u64 = 0x6761_7000;

impl<O: Observer> Context<'_, O> {
    /// Starts a source: its first arrival, or its first population.
    pub(crate) fn start_source(&mut self, source: SourceId) {
        let spec = &self.model.sources[source];
        if spec.retired {
            return;
        }
        match spec.kind {
            SourceKind::Open | SourceKind::Users => {
                self.draw_gap(source);
                self.start_bursts(source);
                self.schedule_arrival(source);
            }
            // Its sessions begin with the run's first events, where they are heard.
            SourceKind::Closed => {
                let slot = self.world.sources[source].slot;
                self.world.agenda.set(slot, self.world.now);
            }
        }
    }

    /// Draws how much area passes until the next arrival.
    #[inline]
    fn draw_gap(&mut self, source: SourceId) {
        let key = derive(self.world.seed ^ self.model.sources[source].key ^ GAP, self.world.sources[source].arrivals);
        let gaps = &self.model.amounts[self.model.sources[source].gaps];
        let state = &mut self.world.sources[source];
        state.area = draw(gaps, &mut Stream::new(key), &|_| 0.0);
        state.since = self.world.now;
    }

    /// Turns the area still to pass into a time.
    pub(crate) fn schedule_arrival(&mut self, source: SourceId) {
        let profile = &self.model.sources[source].profile;
        let state = &mut self.world.sources[source];
        let scale = state.scale * state.burst;
        let area = if scale == 1.0 { state.area } else { state.area / scale };
        state.due = if scale > 0.0 { profile.advance(state.since, area, &mut state.cursor) } else { None };
        let slot = state.slot;
        match state.due {
            Some(time) => self.world.agenda.set(slot, time),
            None => self.world.agenda.clear(slot),
        }
    }

    /// The profile or its scale is about to change: what has passed of the gap stays passed.
    pub(crate) fn bank_gap(&mut self, source: SourceId) {
        let profile = &self.model.sources[source].profile;
        let state = &mut self.world.sources[source];
        if self.world.now > state.since {
            let passed = profile.integral(state.since, self.world.now) * state.scale * state.burst;
            state.area = (state.area - passed).max(0.0);
            state.since = self.world.now;
        }
    }

    /// An arrival, or a change of a closed population.
    pub(crate) fn on_arrival(&mut self, source: SourceId) {
        let spec = &self.model.sources[source];
        if spec.kind == SourceKind::Closed {
            return self.populate(source);
        }
        let number = self.world.sources[source].arrivals;
        self.world.sources[source].arrivals += 1;
        let key = derive(self.world.seed ^ spec.key, number);
        match spec.batch {
            None => self.begin_root(source, key),
            Some(batch) => self.begin_batch(source, key, batch),
        }
        self.draw_gap(source);
        self.schedule_arrival(source);
    }

    /// A root: one open request, or a session.
    pub(crate) fn begin_root(&mut self, source: SourceId, key: u64) {
        let spec = &self.model.sources[source];
        let root = self.world.execs.insert(Role::Root, source, key, self.world.now);
        self.world.execs[root].pc = spec.entry;
        let begun = &mut self.world.sources[source].begun;
        *begun = begun.wrapping_add(1);
        self.world.execs[root].user = *begun;
        if spec.kind != SourceKind::Open {
            self.world.sources[source].sessions += 1;
            let session = self.world.execs.reference(root);
            self.emit(|| Observation::SessionStarted { source, session });
            return self.resume(root);
        }
        // An open request is one call and nothing else.
        self.world.execs[root].single = true;
        self.world.execs[root].state = State::Calling;
        self.begin_call(root);
    }

    /// Brings the sessions of a closed source up to its profile and sets the next change.
    fn populate(&mut self, source: SourceId) {
        let now = self.world.now;
        let spec = &self.model.sources[source];
        let scale = self.world.sources[source].scale;
        let level = |time: Time| libm::round(spec.profile.value(time) * scale).clamp(0.0, 1e9) as u32;
        let wanted = level(now);
        self.world.sources[source].population = wanted;
        while self.world.sources[source].sessions < wanted && !self.world.is_over() {
            let number = self.world.sources[source].arrivals;
            self.world.sources[source].arrivals += 1;
            self.begin_root(source, derive(self.world.seed ^ spec.key, number));
            self.world.step();
        }
        let next = next_change(&spec.profile.points, scale, now, wanted);
        let slot = self.world.sources[source].slot;
        match next {
            Some(time) => self.world.agenda.set(slot, time),
            None => self.world.agenda.clear(slot),
        }
    }

    /// The scale of a source changes ("stop the ads").
    pub(crate) fn scale_source(&mut self, source: SourceId, factor: f64) {
        let open = self.model.sources[source].kind != SourceKind::Closed;
        if open {
            self.bank_gap(source);
        }
        self.world.sources[source].scale *= factor;
        if open { self.schedule_arrival(source) } else { self.populate(source) }
    }

    /// A client's call is a request of its source.
    pub(crate) fn begin_request(&mut self, caller: u32, site: SiteId) {
        let source = self.world.execs[caller].source;
        let number = self.world.sources[source].requests;
        self.world.sources[source].requests += 1;
        let followed = O::LISTENS && self.observer.follows(source, number);
        let state = &mut self.world.execs[caller];
        state.number = number;
        state.followed = followed;
        state.started = self.world.now;
        let session = self.session_of(caller);
        self.emit(|| Observation::RequestStarted { source, site, number, session });
    }

    /// A client's call is over: its request has its final outcome.
    #[inline(always)]
    pub(crate) fn end_request(&mut self, caller: u32, outcome: Outcome) {
        let state = &self.world.execs[caller];
        if state.operation.is_some() {
            return;
        }
        let (source, number, started) = (state.source, state.number, state.started);
        let site = self.site_at(state.pc);
        let totals = &mut self.world.sources[source];
        totals.ended += 1;
        if matches!(outcome, Outcome::Failed(_)) {
            totals.failed += 1;
            self.disappoint(caller);
        }
        let session = self.session_of(caller);
        self.emit(|| Observation::RequestEnded { source, site, number, started, outcome, session });
    }

    /// The root a client's execution belongs to.
    #[inline]
    fn session_of(&self, client: u32) -> ExecRef {
        match self.world.execs[client].role {
            Role::Root => self.world.execs.reference(client),
            _ => self.world.execs[client].root,
        }
    }

    /// A root's program is over: an open request ends, a session goes or, in a closed population, begins again.
    pub(crate) fn end_root(&mut self, root: u32, outcome: Outcome) {
        let source = self.world.execs[root].source;
        let spec = &self.model.sources[source];
        if spec.kind == SourceKind::Open {
            self.set_activity(root, None);
            self.forget_choices(root);
            self.world.execs.remove(root);
            return;
        }
        self.release_session(root);
        let session = self.world.execs.reference(root);
        let site = match (outcome, &self.model.code[self.world.execs[root].pc as usize].instr) {
            (Outcome::Failed(_), Instr::Call(site)) => Some(*site),
            _ => None,
        };
        if let Some(invites) = spec.invites
            && !spec.retired
        {
            self.invite(root, outcome, invites);
        }
        let state = &self.world.sources[source];
        if spec.kind == SourceKind::Closed && state.sessions <= state.population && !spec.retired {
            let state = &mut self.world.execs[root];
            state.key = derive(state.key, 1);
            state.pc = spec.entry;
            state.degraded = false;
            self.emit(|| Observation::SessionEnded { source, session, outcome, site });
            self.emit(|| Observation::SessionStarted { source, session });
            return self.resume(root);
        }
        self.world.sources[source].sessions -= 1;
        self.forget_choices(root);
        self.set_activity(root, None);
        self.world.execs.remove(root);
        self.emit(|| Observation::SessionEnded { source, session, outcome, site });
    }
}

/// When a population along straight pieces next rounds to another whole number than `wanted`.
fn next_change(points: &[(Time, f64)], scale: f64, now: Time, wanted: u32) -> Option<Time> {
    for pair in points.windows(2) {
        let ((from, low), (to, high)) = (pair[0], pair[1]);
        if to <= now {
            continue;
        }
        let (low, high) = (low * scale, high * scale);
        let span = (to.0 - from.0) as f64;
        // A rising piece can only round up, a falling one down: what it crossed before `now` is past.
        let level = if high > low { f64::from(wanted) + 0.5 } else { f64::from(wanted) - 0.5 };
        let crosses = (low < level && high >= level) || (low > level && high <= level);
        if crosses && span > 0.0 {
            let nanos = libm::ceil(span * (level - low) / (high - low)) as i64;
            let time = (from + Span(nanos)).max(now + Span(1));
            if time <= to {
                return Some(time);
            }
        }
        // A jump (or rounding at the end of a piece): look again where the piece ends.
        if libm::round(high) as i64 != i64::from(wanted) {
            return Some(to.max(now + Span(1)));
        }
    }
    // A jump at the last point.
    points
        .last()
        .filter(|(time, value)| *time > now && libm::round(value * scale) as i64 != i64::from(wanted))
        .map(|(time, _)| *time)
}
