//! Traffic: sources, their profiles and journeys.
use super::{At, Checker, calls::Caller, programs::Owner};
use crate::scenario::{
    noun::Noun,
    profile::{Count, Profile},
    retry::Retry,
    step::Step,
    traffic::{Access, Traffic},
};
use crate::units::{Rate, Span};

/// Most requests or sessions per second, and largest population.
const MOST: f64 = 1e9;
/// Most doublings of a profile.
const DOUBLINGS: f64 = 60.0;

/// A value that a profile moves.
trait Level: Noun + Copy {
    fn level(self) -> f64;
}
impl Level for Rate {
    fn level(self) -> f64 {
        self.0
    }
}
impl Level for Count {
    fn level(self) -> f64 {
        self.0
    }
}

impl<'a> Checker<'a> {
    pub(super) fn traffic(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        for (name, traffic) in &scenario.traffic {
            let at = root.child("traffic").child(name);
            match traffic {
                Traffic::Open { rate, call, patience, retry, access } => {
                    self.profile(rate, at.child("rate"));
                    if let Some((service, operation)) = self.operation(call, at.child("call")) {
                        self.calls.call(Caller::Source(name), service, operation, at.child("call").span());
                    }
                    self.user(*patience, retry, access, at);
                }
                Traffic::Users { arrive, journey, patience, retry, access, then: _ } => {
                    self.profile(arrive, at.child("arrive"));
                    self.program(Owner::Journey { source: name }, journey, at.child("journey"));
                    self.user(*patience, retry, access, at);
                }
                Traffic::Closed { population, journey, patience, retry, access, then: _ } => {
                    self.profile(population, at.child("population"));
                    self.program(Owner::Journey { source: name }, journey, at.child("journey"));
                    self.user(*patience, retry, access, at);
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

    fn user(&mut self, patience: Option<Span>, retry: &Retry, access: &Access, at: At<'_>) {
        self.not_zero(patience, at.child("patience"), "a patience of 0s fails every request");
        self.retry(retry, at.child("retry"));
        self.no_gauges(&access.latency, at.child("access").child("latency"));
        self.rate_limit(access.rate_limit.as_ref(), at.child("access").child("rate_limit"));
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
    journey.iter().any(|step| match step {
        Step::Call(_) => true,
        Step::Delay(amount) => amount.expr().mean(&|_| 0.0) > 0.0,
        Step::Repeat(count, body) => count.expr().least() >= 1.0 && takes_time(body),
        Step::Parallel(branches) | Step::Quorum(_, branches) => branches.iter().any(|branch| takes_time(branch)),
        Step::Try(body, _) => takes_time(body),
        Step::Choose(branches) => branches.iter().any(|(_, body)| takes_time(body)),
        Step::Cpu(_) | Step::Send(_) | Step::Spawn(..) | Step::Background(_) | Step::Hold | Step::HoldFor(_) | Step::Fail(_) => false,
    })
}
