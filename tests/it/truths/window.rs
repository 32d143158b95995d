//! What is seen of a run from one instant to another: an observer, and the figures of a stretch of time.

use std::collections::BTreeMap;
use surgelab::engine::{Activity, Observation, Observer, Outcome, Simulation, StoreView, WorkKind};
use surgelab::scenario::Reason;
use surgelab::units::Time;

/// A request that ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    pub source: u32,
    pub site: u32,
    pub latency: f64,
    pub outcome: Outcome,
}

impl Ended {
    pub fn succeeded(&self) -> bool {
        matches!(self.outcome, Outcome::Succeeded { .. })
    }
}

/// Presence at the instances of one service.
#[derive(Clone, Debug, Default)]
struct Presence {
    /// By instance, as long as the service: calls there, and since when so many.
    level: BTreeMap<u32, (usize, i64)>,
    /// Seconds that an instance had n calls, summed over instances.
    held: Vec<f64>,
    /// Calls in all, since when the service was last empty, and how many came since.
    total: usize,
    busy_since: i64,
    busy_calls: u64,
    /// Instances with nobody, since when, and the seconds with at least one.
    idle: usize,
    idle_since: i64,
    any_idle: f64,
}

/// Collects over one window.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub ended: Vec<Ended>,
    /// Seconds in the backlog of every call that got a worker, by operation.
    pub waits: BTreeMap<u32, Vec<f64>>,
    /// Calls that got in, by operation.
    pub admitted: BTreeMap<u32, u64>,
    /// Calls turned away at the door, by operation.
    pub rejected: BTreeMap<u32, u64>,
    /// Executions that ended well, by operation.
    pub finished: BTreeMap<u32, u64>,
    /// Seconds of work asked of a CPU, by operation.
    pub work: BTreeMap<u32, f64>,
    /// Attempts, by call site.
    pub attempts: BTreeMap<u32, u64>,
    /// Busy periods that ended, by service: seconds and calls.
    pub busy: BTreeMap<u32, Vec<(f64, u64)>>,
    presence: BTreeMap<u32, Presence>,
    service_of: Vec<u32>,
}

const NANOS: f64 = 1e-9;

impl Seen {
    pub fn of(sim: &Simulation) -> Self {
        let mut seen = Self { service_of: sim.instances().map(|i| i.service.number()).collect(), ..Self::default() };
        for (at, instance) in sim.instances().enumerate() {
            let presence = seen.presence.entry(instance.service.number()).or_default();
            presence.level.insert(at as u32, (0, sim.now().0));
            presence.idle += 1;
            presence.idle_since = sim.now().0;
        }
        seen
    }

    /// Forgets what was collected; who is present stays.
    fn clear(&mut self, now: Time) {
        self.ended.clear();
        self.waits.values_mut().for_each(Vec::clear);
        for counts in [&mut self.admitted, &mut self.rejected, &mut self.finished, &mut self.attempts] {
            counts.clear();
        }
        self.work.clear();
        self.busy.values_mut().for_each(Vec::clear);
        for presence in self.presence.values_mut() {
            presence.settle(now.0);
            presence.held.clear();
            presence.any_idle = 0.0;
        }
    }

    fn step(&mut self, instance: u32, now: i64, up: bool) {
        let service = self.service_of[instance as usize];
        let presence = self.presence.get_mut(&service).expect("the instance was there at the start");
        let level = presence.level.get_mut(&instance).expect("the instance was there at the start");
        let n = level.0;
        if presence.held.len() <= n {
            presence.held.resize(n + 1, 0.0);
        }
        presence.held[n] += (now - level.1) as f64 * NANOS;
        *level = (if up { n + 1 } else { n - 1 }, now);
        if (up && n == 0) || (!up && n == 1) {
            if presence.idle > 0 {
                presence.any_idle += (now - presence.idle_since) as f64 * NANOS;
            }
            presence.idle_since = now;
            presence.idle = if up { presence.idle - 1 } else { presence.idle + 1 };
        }
        if up {
            if presence.total == 0 {
                (presence.busy_since, presence.busy_calls) = (now, 0);
            }
            presence.total += 1;
            presence.busy_calls += 1;
        } else {
            presence.total -= 1;
            if presence.total == 0 {
                let period = ((now - presence.busy_since) as f64 * NANOS, presence.busy_calls);
                self.busy.entry(service).or_default().push(period);
            }
        }
    }
}

impl Presence {
    fn settle(&mut self, now: i64) {
        for (n, since) in self.level.values_mut() {
            if self.held.len() <= *n {
                self.held.resize(*n + 1, 0.0);
            }
            self.held[*n] += (now - *since) as f64 * NANOS;
            *since = now;
        }
        if self.idle > 0 {
            self.any_idle += (now - self.idle_since) as f64 * NANOS;
        }
        self.idle_since = now;
    }
}

impl Observer for Seen {
    fn observe(&mut self, now: Time, what: &Observation) {
        match *what {
            Observation::RequestEnded { source, site, started, outcome, .. } => {
                let latency = (now.0 - started.0) as f64 * NANOS;
                self.ended.push(Ended { source: source.number(), site: site.number(), latency, outcome });
            }
            Observation::AttemptStarted { site, .. } => *self.attempts.entry(site.number()).or_default() += 1,
            Observation::Admitted { operation, instance, .. } => {
                *self.admitted.entry(operation.number()).or_default() += 1;
                self.step(instance.number(), now.0, true);
            }
            Observation::Rejected { operation, .. } => *self.rejected.entry(operation.number()).or_default() += 1,
            Observation::Finished { operation, instance, outcome, .. } => {
                if matches!(outcome, Outcome::Succeeded { .. }) {
                    *self.finished.entry(operation.number()).or_default() += 1;
                }
                self.step(instance.number(), now.0, false);
            }
            Observation::Work { operation, kind: WorkKind::Cpu, amount, .. } => {
                *self.work.entry(operation.number()).or_default() += amount;
            }
            Observation::Moved { operation: Some(operation), from, to: Some(to), since, .. } => match (from, to) {
                (None, Activity::Backlog) => {}
                (None, _) => self.waits.entry(operation.number()).or_default().push(0.0),
                (Some(Activity::Backlog), _) => {
                    self.waits.entry(operation.number()).or_default().push((now.0 - since.0) as f64 * NANOS);
                }
                (Some(_), _) => {}
            },
            _ => {}
        }
    }
}

/// Integrals of a resource so far.
type Meters = BTreeMap<String, [f64; 3]>;

fn meters(sim: &Simulation) -> Meters {
    sim.resources().map(|r| (r.name.to_owned(), [r.busy_seconds, r.waiting_seconds, r.capacity_seconds])).collect()
}

/// One stretch of a run.
pub struct Window<'a> {
    pub seconds: f64,
    pub seen: &'a Seen,
    pub sim: &'a Simulation,
    meters: Meters,
    /// Hits, misses and entry-seconds of all stores.
    store: [f64; 3],
}

fn stores(sim: &Simulation) -> [f64; 3] {
    let add = |sum: [f64; 3], store: StoreView| {
        [sum[0] + store.counts.hits as f64, sum[1] + store.counts.misses as f64, sum[2] + store.entry_seconds]
    };
    sim.stores().fold([0.0; 3], add)
}

/// Advances to `until` and shows what happened on the way.
pub fn watch<T>(sim: &mut Simulation, seen: &mut Seen, until: Time, look: impl FnOnce(&Window) -> T) -> T {
    let (from, before, kept) = (sim.now(), meters(sim), stores(sim));
    seen.clear(from);
    let end = sim.advance(until, u64::MAX, seen);
    assert!(matches!(end, surgelab::engine::Advance::Reached), "{end:?} at {:?}", sim.now());
    seen.presence.values_mut().for_each(|presence| presence.settle(until.0));
    let after = meters(sim);
    let difference = |(name, now): (&String, &[f64; 3])| {
        let then = before.get(name).copied().unwrap_or_default();
        (name.clone(), [now[0] - then[0], now[1] - then[1], now[2] - then[2]])
    };
    let keeps = stores(sim);
    let window = Window {
        store: [0, 1, 2].map(|at| keeps[at] - kept[at]),
        seconds: (until.0 - from.0) as f64 * NANOS,
        seen,
        sim,
        meters: after.iter().map(difference).collect(),
    };
    look(&window)
}

impl Window<'_> {
    #[track_caller]
    fn meter(&self, resource: &str) -> [f64; 3] {
        *self.meters.get(resource).unwrap_or_else(|| panic!("no {resource} among {:?}", self.meters.keys()))
    }

    /// Mean of what a resource has in use.
    pub fn busy(&self, resource: &str) -> f64 {
        self.meter(resource)[0] / self.seconds
    }

    /// Mean of what waits for it.
    pub fn waiting(&self, resource: &str) -> f64 {
        self.meter(resource)[1] / self.seconds
    }

    /// Its mean utilization.
    pub fn used(&self, resource: &str) -> f64 {
        self.meter(resource)[0] / self.meter(resource)[2]
    }

    /// The id of an operation, `app.serve`.
    #[track_caller]
    pub fn operation(&self, name: &str) -> u32 {
        let found = self.sim.model().operations.iter().position(|operation| operation.name == name);
        found.unwrap_or_else(|| panic!("no operation {name}")) as u32
    }

    #[track_caller]
    fn service(&self, name: &str) -> u32 {
        let found = self.sim.model().services.iter().position(|service| service.name == name);
        found.unwrap_or_else(|| panic!("no service {name}")) as u32
    }

    /// Latencies of the requests that succeeded and satisfy `which`.
    pub fn latencies(&self, which: impl Fn(&Ended) -> bool) -> Vec<f64> {
        self.seen.ended.iter().filter(|r| r.succeeded() && which(r)).map(|r| r.latency).collect()
    }

    /// Latencies of the requests that called this operation and succeeded.
    pub fn latencies_of(&self, operation: &str) -> Vec<f64> {
        let wanted = self.operation(operation);
        self.latencies(|request| {
            self.sim.model().sites[surgelab::model::SiteId::new(request.site as usize)].operation.number() == wanted
        })
    }

    /// Mean latency of the succeeded.
    pub fn latency(&self) -> f64 {
        mean(&self.latencies(|_| true))
    }

    /// The share of requests for which `which` holds.
    pub fn share(&self, which: impl Fn(&Ended) -> bool) -> f64 {
        self.seen.ended.iter().filter(|r| which(r)).count() as f64 / self.seen.ended.len() as f64
    }

    /// The share that failed so.
    pub fn failed(&self, reason: Reason) -> f64 {
        self.share(|r| r.outcome == Outcome::Failed(reason))
    }

    /// Requests that succeeded per second.
    pub fn goodput(&self) -> f64 {
        self.seen.ended.iter().filter(|r| r.succeeded()).count() as f64 / self.seconds
    }

    /// Attempts per second over all call sites of the crowd.
    pub fn attempts(&self) -> f64 {
        self.seen.attempts.values().sum::<u64>() as f64 / self.seconds
    }

    /// Seconds in the backlog of every call that got a worker.
    pub fn waits(&self, operation: &str) -> &[f64] {
        self.seen.waits.get(&self.operation(operation)).map_or(&[], Vec::as_slice)
    }

    /// Executions of an operation that ended well, per second.
    pub fn finished(&self, operation: &str) -> f64 {
        self.seen.finished.get(&self.operation(operation)).copied().unwrap_or(0) as f64 / self.seconds
    }

    /// Cores that an operation keeps busy.
    pub fn demand(&self, operation: &str) -> f64 {
        self.seen.work.get(&self.operation(operation)).copied().unwrap_or(0.0) / self.seconds
    }

    /// (admitted, turned away) of an operation.
    pub fn doors(&self, operation: &str) -> (f64, f64) {
        let of = |counts: &BTreeMap<u32, u64>| counts.get(&self.operation(operation)).copied().unwrap_or(0) as f64;
        (of(&self.seen.admitted), of(&self.seen.rejected))
    }

    /// The share of time that an instance of the service holds n calls, by n.
    pub fn levels(&self, service: &str) -> Vec<f64> {
        let presence = &self.seen.presence[&self.service(service)];
        let all: f64 = presence.held.iter().sum();
        presence.held.iter().map(|seconds| seconds / all).collect()
    }

    /// Mean number of calls at all instances of a service.
    pub fn present(&self, service: &str) -> f64 {
        let instances = self.seen.presence[&self.service(service)].level.len() as f64;
        self.levels(service).iter().enumerate().map(|(n, share)| n as f64 * share).sum::<f64>() * instances
    }

    /// The share of time that at least one instance of the service has nobody.
    pub fn any_idle(&self, service: &str) -> f64 {
        self.seen.presence[&self.service(service)].any_idle / self.seconds
    }

    /// Hits, misses and mean entries of all stores.
    pub fn store(&self) -> (f64, f64, f64) {
        (self.store[0], self.store[1], self.store[2] / self.seconds)
    }

    /// The share of looks that found their key.
    pub fn hit_share(&self) -> f64 {
        self.store[0] / (self.store[0] + self.store[1])
    }

    /// Busy periods of a service that ended: seconds and calls.
    pub fn busy_periods(&self, service: &str) -> &[(f64, u64)] {
        self.seen.busy.get(&self.service(service)).map_or(&[], Vec::as_slice)
    }
}

pub fn mean(samples: &[f64]) -> f64 {
    samples.iter().sum::<f64>() / samples.len() as f64
}

pub fn variance(samples: &[f64]) -> f64 {
    let mean = mean(samples);
    samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (samples.len() as f64 - 1.0)
}

/// The `q`-quantile (0..1).
pub fn quantile(samples: &[f64], q: f64) -> f64 {
    let mut sorted = samples.to_vec();
    let rank = ((q * sorted.len() as f64) as usize).min(sorted.len() - 1);
    *sorted.select_nth_unstable_by(rank, f64::total_cmp).1
}
