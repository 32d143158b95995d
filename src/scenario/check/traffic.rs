//! Traffic: sources, their profiles and journeys.
use super::{At, Checker, calls::Caller, programs::Owner};
use crate::number::written;
use crate::scenario::{
    amount::Amount,
    link::Deadline,
    profile::{Level, Profile},
    retry::Retry,
    step::{Step, StepKind},
    traffic::{Access, Invites, Traffic},
};
use crate::units::Span;

/// Most requests or sessions per second, and largest population.
const MOST: f64 = 1e9;
/// Most doublings of a profile.
const DOUBLINGS: f64 = 60.0;
/// Most days (periods) of a `Daily`.
const PERIODS: f64 = 4096.0;
/// From here on a mean is not 1.
const ROUNDING: f64 = 1e-9;

impl<'a> Checker<'a> {
    pub(super) fn traffic(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        for (name, traffic) in &scenario.traffic {
            let at = root.child("traffic").child(name);
            match traffic {
                Traffic::Open { rate, gaps, bursts, batch, call, patience, priority: _, retry, access } => {
                    self.profile(rate, at.child("rate"));
                    self.arrivals(gaps, bursts, at);
                    self.no_gauges(batch, at.child("batch"));
                    if let Some((service, operation)) = self.operation(call, at.child("call")) {
                        self.calls.call(Caller::Source(name), service, operation, at.child("call").span());
                    }
                    self.user(name, patience.as_ref(), retry, access, at);
                }
                Traffic::Users {
                    arrive,
                    gaps,
                    bursts,
                    invites,
                    journey,
                    patience,
                    priority: _,
                    retry,
                    access,
                    then: _,
                } => {
                    self.profile(arrive, at.child("arrive"));
                    self.arrivals(gaps, bursts, at);
                    self.invites(invites.as_ref(), at.child("invites"));
                    self.program(Owner::Journey { source: name }, journey, at.child("journey"));
                    self.user(name, patience.as_ref(), retry, access, at);
                }
                Traffic::Closed { population, journey, patience, priority: _, retry, access, then: _ } => {
                    self.profile(population, at.child("population"));
                    self.program(Owner::Journey { source: name }, journey, at.child("journey"));
                    self.user(name, patience.as_ref(), retry, access, at);
                    if !takes_time(journey) {
                        self.error(
                            at.child("journey"),
                            "a journey that takes no time, again and again",
                            "expected a `Call`, or a `Delay` above 0",
                        );
                    }
                }
            }
        }
    }

    fn user(&mut self, name: &str, patience: Option<&Amount>, retry: &Retry, access: &'a Access, at: At<'_>) {
        if let Some(patience) = patience {
            self.no_gauges(patience, at.child("patience"));
            if patience.is_zero() {
                self.error(at.child("patience"), "a patience of 0s fails every request", "expected a time above 0");
            }
        }
        self.retry(retry, at.child("retry"));
        let at = at.child("access");
        self.access(access, patience.is_some(), at);
        let called: Vec<&str> = self.calls.callees_of_source(name).iter().map(|(service, _)| *service).collect();
        for &callee in called.iter().filter(|callee| !access.to.contains(callee)) {
            self.balance(&access.balance, None, callee, at);
        }
        for (callee, way) in &access.to {
            let there = at.child("to");
            if !self.scenario.services.contains(callee) {
                self.unknown(there.name(callee), "service", callee, self.scenario.services.names());
            } else if !called.contains(&callee.as_str()) {
                self.warn(there.name(callee), format!("`{name}` never calls `{callee}`"), "this way is never taken");
            }
            self.access(way, patience.is_some(), there.child(callee));
            self.balance(&way.balance, None, callee, there.child(callee));
            if !way.to.is_empty() {
                self.error(
                    there.child(callee).child("to"),
                    "a way within a way",
                    "expected the ways to all services side by side",
                );
            }
        }
    }

    fn access(&mut self, access: &'a Access, patient: bool, at: At<'_>) {
        if access.deadline == Deadline::Pass && !patient {
            self.warn(
                at.child("deadline"),
                "a deadline that nobody has",
                "it is the end of `patience`, which is absent",
            );
        }
        self.no_gauges(&access.latency, at.child("latency"));
        self.no_gauges(&access.handshake.latency, at.child("handshake").child("latency"));
        self.no_gauges(&access.handshake.callee, at.child("handshake").child("callee"));
        self.rate_limit(access.rate_limit.as_ref(), at.child("rate_limit"));
        self.flows(access.bandwidth.map(|bandwidth| bandwidth.0), at.child("bandwidth"));
        self.flows(access.upload.map(|bandwidth| bandwidth.0), at.child("upload"));
    }

    /// How a profile becomes arrivals.
    fn arrivals(&mut self, gaps: &Amount, bursts: &[(f64, Span)], at: At<'_>) {
        self.no_gauges(gaps, at.child("gaps"));
        let mean = gaps.expr().mean(&|_| 1.0);
        if (mean - 1.0).abs() > ROUNDING {
            self.error(
                at.child("gaps"),
                format!("the gaps have a mean of {}", written(mean)),
                "expected a mean of 1, such as `exp(1)`, `1` or `gamma(1, cv 2)`: the profile says how many come",
            );
        }
        let at = at.child("bursts");
        for (index, (factor, lasting)) in bursts.iter().enumerate() {
            if !(0.0..=MOST).contains(factor) {
                self.error(at.item(index).item(0), "a factor out of range", format!("expected 0 to {MOST}"));
            }
            self.not_zero(Some(*lasting), at.item(index).item(1), "a burst of 0s");
        }
    }

    fn invites(&mut self, invites: Option<&Invites>, at: At<'_>) {
        if let Some(Invites { each: _, after }) = invites {
            self.no_gauges(after, at.child("after"));
        }
    }

    fn profile<V: Level>(&mut self, profile: &Profile<V>, at: At<'_>) {
        match profile {
            Profile::Constant(value) => self.level(*value, at.item(0)),
            Profile::Ramp { from, to, at: _, over: _ } => {
                self.level(*from, at.child("from"));
                self.level(*to, at.child("to"));
            }
            Profile::Stages { start, stages } => {
                self.level(*start, at.child("start"));
                if stages.is_empty() {
                    self.error(at.child("stages"), "no stages", "expected at least one `(duration, target)`");
                }
                for (index, (_, target)) in stages.iter().enumerate() {
                    self.level(*target, at.child("stages").item(index).item(1));
                }
            }
            Profile::Flash { base, peak, half_life, at: _, rise: _ } => {
                self.level(*base, at.child("base"));
                self.level(*peak, at.child("peak"));
                self.not_zero(Some(*half_life), at.child("half_life"), "a half-life of 0s");
            }
            Profile::Doubling { from, every, until } => {
                self.level(*from, at.child("from"));
                self.not_zero(Some(*every), at.child("every"), "doubling every 0s");
                let growth = until.unwrap_or(self.scenario.horizon);
                let doublings = growth.as_seconds() / every.as_seconds();
                if *every > Span::ZERO && doublings > DOUBLINGS {
                    self.error(
                        at.child("every"),
                        format!("{doublings:.0} doublings in {growth}"),
                        format!("expected at most {DOUBLINGS}; set `until`"),
                    );
                }
            }
            Profile::Daily { low, high, peak: _, period } => {
                self.level(*low, at.child("low"));
                self.level(*high, at.child("high"));
                self.not_zero(Some(*period), at.child("period"), "a day of 0s");
                let periods = self.scenario.horizon.as_seconds() / period.as_seconds();
                if *period > Span::ZERO && periods > PERIODS {
                    self.error(
                        at.child("period"),
                        format!("{periods:.0} periods until the horizon"),
                        format!("expected at most {PERIODS}"),
                    );
                }
            }
            Profile::Trace(csv) => {
                if csv.points().iter().any(|(_, value)| value.level() > MOST) {
                    self.error(at.item(0), "more than anybody can simulate", format!("expected at most {MOST}"));
                }
            }
            Profile::Shift(_, of) => self.profile(of, at.item(1)),
            Profile::Sum(parts) => {
                if parts.is_empty() {
                    self.error(at, "a sum of nothing", "expected at least one profile");
                }
                parts.iter().enumerate().for_each(|(index, part)| self.profile(part, at.item(0).item(index)));
            }
            Profile::Scale(_, of) => self.profile(of, at.item(1)),
        }
    }

    fn level<V: Level>(&mut self, value: V, at: At<'_>) {
        if value.level() > MOST {
            self.error(at, "more than anybody can simulate", format!("expected at most {MOST}"));
        }
    }
}

/// Whether a round of a journey lets any time pass.
fn takes_time(journey: &[Step]) -> bool {
    journey.iter().any(|step| match step.kind() {
        StepKind::Leaf => match step {
            Step::Delay(amount) => amount.expr().mean(&|_| 0.0) > 0.0,
            _ => step.callee().is_some(),
        },
        StepKind::Loop(count, body) => count.expr().least() >= 1.0 && takes_time(body),
        StepKind::Fork(_, branches) => branches.iter().any(|branch| takes_time(branch)),
        StepKind::Block(body) | StepKind::Fallback(body, _) => takes_time(body),
        StepKind::Choice(branches) => branches.iter().any(|(_, body)| takes_time(body)),
        StepKind::Look(hit, miss) => takes_time(hit) && takes_time(miss),
        StepKind::Beside(_) => false,
    })
}
