//! Programs: every step of operations and journeys.
use super::{At, Checker, calls::Caller};
use crate::number::written;
use crate::scenario::{
    amount::{Amount, Gauge},
    nearest,
    service::{Kind, Service},
    step::Step,
};

/// Deepest nesting of `Repeat`.
const REPEATS: u32 = 4;
/// Deepest nesting of `Lock` and `Cached`.
const LOCKS: u32 = 100;
/// Most repetitions, on average.
const REPETITIONS: f64 = 1e6;

/// Whose program it is.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    Operation { service: &'a str, operation: &'a str, of: &'a Service },
    Journey { source: &'a str },
}

/// Where in the program.
#[derive(Clone, Copy)]
struct Within<'a> {
    owner: Owner<'a>,
    /// `Repeat`s around.
    repeats: u32,
    /// Nobody waits for it.
    background: bool,
    /// `Lock`s and looks into stores around.
    locks: u32,
    /// The end of this list is the end of the program.
    ends: bool,
}

impl<'a> Checker<'a> {
    pub(super) fn program(&mut self, owner: Owner<'a>, program: &'a [Step], at: At<'_>) {
        self.steps(Within { owner, repeats: 0, locks: 0, background: false, ends: true }, program, at);
    }

    fn steps(&mut self, within: Within<'a>, program: &'a [Step], at: At<'_>) {
        if program.is_empty() {
            self.error(at, "an empty program", "expected at least one step, such as `Cpu(\"8ms\")`");
        }
        self.some_steps(within, program, at);
    }

    /// As `steps`, where having none is fine.
    fn some_steps(&mut self, within: Within<'a>, program: &'a [Step], at: At<'_>) {
        for (index, step) in program.iter().enumerate() {
            let last = index + 1 == program.len();
            self.step(Within { ends: within.ends && last, ..within }, step, at.item(index));
        }
    }

    fn step(&mut self, within: Within<'a>, step: &'a Step, at: At<'_>) {
        let inner = Within { ends: false, ..within };
        match step {
            Step::Receive(_) if within.background => {
                self.error(
                    at,
                    "`Receive` in a `Background`",
                    "its caller may be answered and gone; expected it beside `Background`",
                );
            }
            Step::Cpu(amount) | Step::Send(amount) | Step::Receive(amount) | Step::Disk(amount) => {
                self.needs_machine(within, step, at);
                self.amount(within, amount, at.item(0));
            }
            Step::Spawn(amount, _) => {
                self.needs_machine(within, step, at);
                self.amount(within, amount, at.item(0));
            }
            Step::Delay(amount) => self.amount(within, amount, at.item(0)),
            Step::Call(name) => self.call(within, name, at.item(0)),
            Step::Enqueue(name) => {
                self.call(within, name, at.item(0));
                let service = name.split_once('.').and_then(|(service, _)| self.scenario.services.get(service));
                if service.is_some_and(|service| !matches!(service.kind, Kind::Queue { .. })) {
                    self.error(
                        at.item(0),
                        format!("`{name}` is not of a queue"),
                        "expected an operation of a `Queue`; others are called",
                    );
                }
            }
            Step::Repeat(count, body) => {
                self.amount(within, count, at.item(0));
                let mean = count.expr().mean(&|_| 1.0);
                if mean > REPETITIONS {
                    self.error(
                        at.item(0),
                        format!("{} repetitions on average", written(mean)),
                        format!("expected at most {REPETITIONS}"),
                    );
                }
                if inner.repeats == REPEATS {
                    self.error(at, "`Repeat` nested too deep", format!("expected at most {REPEATS} levels"));
                    return;
                }
                self.steps(Within { repeats: inner.repeats + 1, ..inner }, body, at.item(1));
            }
            Step::Parallel(branches) => self.branches(inner, branches, at.item(0)),
            Step::Quorum(need, branches) => {
                if *need as usize > branches.len() {
                    self.error(
                        at.item(0),
                        format!("{need} of {} branches cannot succeed", branches.len()),
                        format!("expected at most {}", branches.len()),
                    );
                }
                self.branches(inner, branches, at.item(1));
            }
            Step::Background(body) => self.steps(Within { repeats: 0, background: true, ..inner }, body, at.item(0)),
            Step::Try(body, fallback) => {
                self.steps(inner, body, at.item(0));
                self.some_steps(inner, fallback, at.item(1));
            }
            Step::Choose(branches) => {
                if branches.is_empty() {
                    self.error(at, "nothing to choose from", "expected at least one `(weight, [..])`");
                }
                for (index, (weight, body)) in branches.iter().enumerate() {
                    let place = at.item(0).item(index);
                    if *weight <= 0.0 || *weight > 1e9 {
                        self.error(
                            place.item(0),
                            format!("a weight of {}", written(*weight)),
                            "expected a weight above 0",
                        );
                    }
                    self.some_steps(within, body, place.item(1));
                }
            }
            Step::Hold => self.hold(within, step, at),
            Step::HoldFor(amount) => {
                self.amount(within, amount, at.item(0));
                self.hold(within, step, at);
            }
            Step::Lock(name, key, body) => self.lock(within, (name, key), body, at),
            Step::Cached(store, key, hit, miss) => {
                self.uses_store(within.owner, (store, key), "get", at);
                if within.locks == LOCKS {
                    self.error(at, "`Cached` nested too deep", format!("expected at most {LOCKS} levels"));
                    return;
                }
                let within = Within { locks: within.locks + 1, ..inner };
                self.some_steps(within, hit, at.item(2));
                self.some_steps(within, miss, at.item(3));
            }
            Step::Put(store, key) => self.uses_store(within.owner, (store, key), "set", at),
            Step::Invalidate(store, key) => self.uses_store(within.owner, (store, key), "delete", at),
            Step::Fail(_) => {}
        }
    }

    /// A lock and what is done within it.
    fn lock(&mut self, within: Within<'a>, (name, key): (&'a str, &'a str), body: &'a [Step], at: At<'_>) {
        self.name(name, at.item(0));
        if !key.is_empty() {
            self.key(key, at.item(1));
        }
        if matches!(within.owner, Owner::Journey { .. }) {
            self.error(at, "a lock in a journey", "a user has no lock of ours: use it in an operation");
        }
        if within.locks == LOCKS {
            self.error(at, "`Lock` nested too deep", format!("expected at most {LOCKS} levels"));
            return;
        }
        if locks_again(name, key, body) {
            self.error(at, format!("`{name}` within `{name}`"), "who has the lock would wait for itself");
        }
        self.steps(Within { ends: false, locks: within.locks + 1, ..within }, body, at.item(2));
    }

    fn branches(&mut self, within: Within<'a>, branches: &'a [Vec<Step>], at: At<'_>) {
        if branches.is_empty() {
            self.error(at, "no branches", "expected at least one program");
        }
        for (index, branch) in branches.iter().enumerate() {
            self.steps(Within { repeats: 0, ..within }, branch, at.item(index));
        }
    }

    /// Work needs a machine of ours: users and third parties have none.
    fn needs_machine(&mut self, within: Within<'a>, step: &Step, at: At<'_>) {
        let name = match step {
            Step::Cpu(_) => "Cpu",
            Step::Send(_) => "Send",
            Step::Receive(_) => "Receive",
            Step::Disk(_) => "Disk",
            _ => "Spawn",
        };
        match within.owner {
            Owner::Operation { service, of: Service { kind: Kind::External, .. }, .. } => {
                self.error(
                    at,
                    format!("`{name}` in `{service}`, which is `External`"),
                    "a third party has no machine of ours: use `Delay`",
                );
            }
            Owner::Operation { .. } => {}
            Owner::Journey { .. } => {
                self.error(at, format!("`{name}` in a journey"), "a user has no machine of ours: use `Delay`");
            }
        }
    }

    /// The reply ends the program, so only the end of an operation can hold.
    fn hold(&mut self, within: Within<'a>, step: &Step, at: At<'_>) {
        let name = if matches!(step, Step::Hold) { "Hold" } else { "HoldFor" };
        match within.owner {
            Owner::Journey { .. } => {
                self.error(at, format!("`{name}` in a journey"), "the operation that is called holds the connection");
            }
            Owner::Operation { .. } if !within.ends => {
                self.error(
                    at,
                    format!("`{name}` is not the end of the operation"),
                    "it replies, so nothing can follow",
                );
            }
            Owner::Operation { service, operation, .. } if matches!(step, Step::Hold) => {
                self.calls.holds(service, operation, at.span())
            }
            Owner::Operation { .. } => {}
        }
    }

    fn call(&mut self, within: Within<'a>, name: &'a str, at: At<'_>) {
        let Some((service, operation)) = self.operation(name, at) else { return };
        match within.owner {
            Owner::Journey { source } => self.calls.call(Caller::Source(source), service, operation, at.span()),
            Owner::Operation { service: caller, operation: from, of } => {
                self.calls.call(Caller::Operation(caller, from), service, operation, at.span());
                if !of.links.contains(service) {
                    let near = nearest::list(of.links.names());
                    let label = if of.links.is_empty() {
                        format!("`{caller}` has no links")
                    } else {
                        format!("`{caller}` has links to {near}")
                    };
                    let help = format!("add `\"{service}\": ()` to the `links` of `{caller}`");
                    self.error(at, format!("`{caller}` calls `{service}` without a link"), label).help = Some(help);
                }
            }
        }
    }

    /// What an amount reads must be there.
    fn amount(&mut self, within: Within<'a>, amount: &Amount, at: At<'_>) {
        let Owner::Operation { service, of, .. } = within.owner else { return self.no_gauges(amount, at) };
        let mut links: Vec<String> = Vec::new();
        amount.expr().gauges(&mut |gauge| match gauge {
            Gauge::Waiting(link) if !of.links.contains(link) => links.push(link.clone()),
            Gauge::Waiting(_) | Gauge::InFlight | Gauge::Connections | Gauge::Queued => {}
        });
        for link in links {
            self.unknown(at, &format!("link of `{service}`,"), &link, of.links.names());
        }
    }
}

/// Whether something that is waited for takes the same lock again.
fn locks_again(name: &str, key: &str, body: &[Step]) -> bool {
    let waited_for = body.iter().filter(|step| !matches!(step, Step::Background(_)));
    let same = |step: &Step| matches!(step, Step::Lock(other, by, _) if other == name && by == key);
    waited_for.into_iter().any(|step| same(step) || step.bodies().into_iter().any(|body| locks_again(name, key, body)))
}
