//! What a run yields, in the shape of the JSON contract (`--format json`).
//!
//! Keys are a contract: they are added, never renamed. Wall-clock figures never stand here, so equal runs give equal
//! bytes. What could not be measured is absent (null), never zero.

pub use super::lines::Queue;
pub use super::objectives::{ObjectiveResult, ObjectiveState};
pub use super::resource::{Resource, ResourceGroup, Worst};
pub use super::sessions::{JourneyStep, Sessions};
pub use super::trace::{Example, Span, Trace};

pub use super::losses::Loss;
use super::story::StoryKind;
use super::subject::{Causes, Named};
use crate::model::hash::fnv;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of this contract.
pub const SCHEMA: u32 = 2;

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// Version of this contract: 2.
    pub schema: u32,
    /// What was run.
    pub scenario: ScenarioRef,
    /// Name of the variant that was run.
    pub variant: Option<String>,
    /// Root of every random draw.
    pub seed: u64,
    /// Measured length in seconds, from time 0.
    pub horizon_s: f64,
    /// Hash of the event stream and the final engine state, 16 hex digits.
    pub digest: String,
    /// Hash of everything else here, 16 hex digits.
    pub results_digest: String,
    /// Why the run ended before its horizon, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stopped>,
    /// When a search ended the run, as nothing that could still come would have changed which objectives hold; all else
    /// is as of then. Absent: nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at_s: Option<f64>,
    /// By source.
    pub traffic: IndexMap<String, Traffic>,
    /// By "service.operation".
    pub operations: IndexMap<String, Operation>,
    /// By operation of a `Queue`: messages accepted within the horizon, consumed, given up (or lost: `Crashed`), still
    /// there; latency from acceptance to the end of the work.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub messages: IndexMap<String, Traffic>,
    /// Everything that can saturate, machines first as the engine lists them.
    pub resources: Vec<Resource>,
    /// The same by subject, all of one kind and owner together, in the order of their first members.
    #[serde(default)]
    pub groups: Vec<ResourceGroup>,
    /// Calls from whom to whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Calls>,
    /// Lines in which somebody waited, the deepest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queues: Vec<Queue>,
    /// What was kept to be found again, by service and store, all instances together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<Store>,
    /// What happened, in order.
    pub story: Vec<StoryEvent>,
    /// What crowds lost, and because of whom, by when it began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// Pass or fail, in file order.
    pub objectives: Vec<ObjectiveResult>,
    /// What the machines cost.
    pub cost: Cost,
    /// What theory says without simulating.
    pub napkin: Vec<NapkinRow>,
    /// What queueing theory says of each service, beside what was simulated.
    #[serde(default)]
    pub stations: Vec<NapkinStation>,
    /// Asymptotic bounds of each closed source, beside what was simulated.
    #[serde(default)]
    pub populations: Vec<NapkinPopulation>,
    /// Of the requests that were followed (the first few hundred of a source, then one in 16, fewer where very many are
    /// under way): of each source the slowest and some typical ones of those that succeeded, some that were degraded,
    /// some of each way to fail.
    pub traces: Vec<Trace>,
    /// The same over time.
    pub series: Series,
    /// What weakens these figures, and what to do about it.
    pub warnings: Vec<String>,
    /// What ran.
    pub engine: Engine,
}

impl Results {
    /// Set `results_digest` to the hash of everything else. Call it last.
    pub fn seal(&mut self) {
        self.results_digest.clear();
        self.results_digest = digest_of(self);
    }

    /// Seconds that it lasted: the horizon, or until a limit ended it.
    pub fn lasted_s(&self) -> f64 {
        self.stopped.as_ref().map_or(self.horizon_s, |stopped| stopped.at_s.max(0.0))
    }

    /// Every objective held and it reached its horizon.
    pub fn pass(&self) -> bool {
        self.stopped.is_none() && self.objectives.iter().all(|o| o.pass)
    }
}

/// Hash of a record whose own digest is still empty, 16 hex digits.
pub fn digest_of(record: &impl Serialize) -> String {
    let text = serde_json::to_string(record).expect("a record is plain data with finite numbers");
    format!("{:016x}", fnv(text.as_bytes()))
}

/// Which scenario was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRef {
    /// As in the file.
    pub title: String,
    /// Hash of its meaning, variant and settings applied, 16 hex digits.
    pub digest: String,
}

/// An early end.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Stopped {
    /// Name of the limit.
    pub reason: String,
    /// When, in seconds.
    pub at_s: f64,
}

/// What was asked and what came of it, for those that started within the horizon.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Traffic {
    /// Those that started.
    pub offered: u64,
    /// Ended well.
    pub succeeded: u64,
    /// Of the succeeded, those answered by a fallback.
    pub degraded: u64,
    /// By reason, zero counts left out. offered = succeeded + Σ failed + in_flight.
    pub failed: IndexMap<String, u64>,
    /// Without an outcome at the horizon.
    pub in_flight: u64,
    /// `offered` per second of the horizon.
    pub offered_per_s: f64,
    /// Ended well within the horizon, per second of it: also what began before time 0, and nothing that ended later. No
    /// figure of the cohort that the counts above are of.
    pub goodput_per_s: f64,
    /// Of those that succeeded, seconds. Absent with none.
    pub latency_s: Option<Latency>,
    /// Whole journeys, for Users and Closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Sessions>,
}

impl Traffic {
    /// All failures, whatever the reason.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Failures among those that have an outcome; absent with none.
    pub fn failed_share(&self) -> Option<f64> {
        let ended = self.succeeded + self.failures();
        (ended > 0).then(|| self.failures() as f64 / ended as f64)
    }

    /// Answers of a fallback among those that have an outcome; absent with none.
    pub fn degraded_share(&self) -> Option<f64> {
        let ended = self.succeeded + self.failures();
        (ended > 0).then(|| self.degraded as f64 / ended as f64)
    }
}

/// How long answers took, in seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// Arithmetic mean, exact.
    pub mean: f64,
    /// Half took no longer.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p999: f64,
    /// Longest, exact.
    pub max: f64,
}

/// Calls of an operation: an attempt of a call is one of its offered, its latency is what the caller saw.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Operation {
    #[serde(flatten)]
    pub traffic: Traffic,
    /// Calls that an instance took in, to a worker or its backlog; and those that a worker took. Within the horizon,
    /// whenever they were made.
    #[serde(default)]
    pub admitted: u64,
    #[serde(default)]
    pub begun: u64,
    /// Reads of replicas that saw the state before a write; absent where no replica was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_reads: Option<StaleReads>,
    /// Share that had to wait, by what for: of the calls taken in those that waited for a worker, of the attempts over
    /// a link those that waited for a connection or a place.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub waited_share: IndexMap<String, f64>,
    /// Mean seconds a call waited, by what for: "app.workers" (of the calls that were taken in), "app.cpu",
    /// "app.pool(rds)" (of those that began): time within the horizon, per call within it.
    pub waiting_s: IndexMap<String, f64>,
    /// Mean seconds a call that began was served, by whom: "app.cpu", "app.delay", "rds.query"; likewise.
    pub service_s: IndexMap<String, f64>,
}

/// Reads of replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaleReads {
    /// All of them.
    pub replicas: u64,
    /// Those that saw the state before a write.
    pub stale: u64,
}

/// Calls from a source or a service to a service, all instances together: attempts that began within the horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calls {
    /// Name of the source or service that calls.
    pub from: String,
    /// Name of the service that is called.
    pub to: String,
    /// How many: every attempt is one.
    pub calls: u64,
    /// Per second of the horizon.
    pub calls_per_s: f64,
}

/// A store: counts over the horizon, of all instances of its service together.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Store {
    /// "app.sessions"; a `Cache` service has one, of its own name.
    pub id: String,
    /// Whose it is.
    pub service: String,
    /// Most entries of an instance; absent: unlimited.
    pub capacity: Option<u32>,
    /// Most entries of all instances together: the mean over the horizon of what those that were there could hold,
    /// those that were down counted; absent: unlimited, at least for a time.
    #[serde(default)]
    pub capacity_all: Option<f64>,
    /// Mean number of entries over the horizon, of all instances together.
    pub entries_mean: f64,
    /// Looks that found the key.
    pub hits: u64,
    /// Looks that did not.
    pub misses: u64,
    /// Of the misses, those answered by what another was getting already (`single_flight`).
    pub shared: u64,
    /// Share of the looks that found the key or were answered by another's; absent without any.
    pub hit_ratio: Option<f64>,
    /// Entries put there after a miss.
    pub fills: u64,
    /// Entries put there, or again, by `Put`.
    pub puts: u64,
    /// Entries that made room for others.
    pub evicted: u64,
    /// Entries whose time was over.
    pub expired: u64,
    /// Entries taken out.
    pub invalidated: u64,
    /// Entries that were put there and given to be written elsewhere (`write_back`).
    pub written_back: u64,
    /// Entries that were lost before that.
    pub lost_dirty: u64,
}

/// One sentence of the story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StoryEvent {
    /// When, in seconds: exactly, of what the engine saw; of what a mean decides, when it filled.
    pub at_s: f64,
    /// saturated, recovered, refusing, opened, closed, throttled, retransmitting, unhealthy, healthy, failing,
    /// degraded, pending, emptied, evicting, down, up, retry_storm, metastable, stampede, deadlock, thundering_herd,
    /// rule, skipped, stopped
    #[schemars(with = "String")]
    pub event: StoryKind,
    /// "rds.cpu", "app.workers", "visitors"
    #[schemars(with = "String")]
    pub subject: Named,
    /// The subject that is to blame: full, down, emptied, out of reach, kept open or slower than before. Absent when it
    /// is the root itself.
    #[schemars(with = "Option<String>")]
    pub because: Causes,
    /// Positions in the story, from 0, of the events that brought it on: what was told last of the subjects to blame,
    /// or what operators had done to it. Empty where nothing was told.
    #[serde(default)]
    pub causes: Vec<usize>,
    /// Requests that failed or were degraded because of it; of what a crowd feels, its own.
    #[serde(default)]
    pub lost: u64,
    /// With numbers.
    pub text: String,
    /// When it was known, in seconds: what a mean decides is told with its beginning. For those who look at the run
    /// itself; in no file.
    #[serde(skip)]
    pub found_s: f64,
}

/// Money, in the scenario's currency.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Machine hours times price, over the horizon.
    pub total: f64,
    /// Per thousand requests that succeeded; absent with none.
    pub per_thousand_succeeded: Option<f64>,
}

/// What theory says of one resource.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NapkinRow {
    /// Subject such as "rds.cpu".
    pub resource: String,
    /// In units of its kind.
    pub capacity: f64,
    /// Offered load at the crowd's initial level: what is asked with every door open; where that is 1 and more and full
    /// doors in front keep it below, what they let through.
    pub base: f64,
    /// Offered load at its peak, likewise: at the moment of the file at which most is asked of it, with the sessions
    /// that are present then.
    pub peak: f64,
    /// Offered load at its peak with those doors open; absent: as `peak`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<f64>,
    /// What keeps load from it; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
    /// What is full at a lower load and then makes its holds longer: of workers and places, what those who hold them
    /// wait for. `breaks_at` speaks of holds without waiting. Absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<String>,
    /// Multiple of the initial load at which it saturates with every door open; absent: never, or nobody comes then.
    pub saturates_at: Option<f64>,
    /// The load at which it saturates; absent: never, as long as what is in front of it holds back the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks_at: Option<NapkinBreak>,
    /// When demand first passes its capacity with every door open, seconds; absent: never within the horizon.
    pub passed_at_s: Option<f64>,
    /// Measured utilization over the run.
    pub observed: Option<f64>,
    /// What else theory says, or why it does not apply.
    pub note: String,
}

/// A load at which a resource saturates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NapkinBreak {
    /// Multiple of the file's load at the moment at which most is asked of it: 1 / `peak` (or `asked`), where load is
    /// in proportion to the crowd.
    pub of_peak: f64,
    /// What the sources bring at so many times their highest level: those that change, or all where none does.
    pub levels: Vec<NapkinLevel>,
}

/// What a source brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NapkinLevel {
    /// Its name.
    pub source: String,
    /// In its unit.
    pub level: f64,
    /// "requests/s", "sessions/s" or "users".
    pub unit: String,
}

/// What queueing theory says of one service at the base load, beside what was simulated.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NapkinStation {
    /// Its name.
    pub service: String,
    /// "M/M/4", "M/G/1-PS", "M/G/10/10"; absent where no formula applies.
    pub model: Option<String>,
    /// What `time_s` is: "latency" (waiting and being served there), "time at the CPU".
    pub figure: String,
    /// Predicted, seconds a call; absent where there is no formula or no steady state.
    pub time_s: Option<f64>,
    /// Simulated, seconds a call.
    pub observed_s: Option<f64>,
    /// Predicted share of the calls that find no place; absent where all do.
    pub refused: Option<f64>,
    /// Simulated share.
    pub refused_observed: Option<f64>,
    /// Predicted share of the calls that their callers give up; absent where they wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abandoned: Option<f64>,
    /// Simulated share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abandoned_observed: Option<f64>,
    /// Share of the predicted figure by which chance alone may part the two in a run of this length.
    pub within: Option<f64>,
    /// The two agree within that; absent where they cannot be compared.
    pub agrees: Option<bool>,
    /// Why no formula applies, or why the two cannot be compared.
    pub why_not: Option<String>,
}

/// Asymptotic bounds of one closed source at its initial level, beside what was simulated.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NapkinPopulation {
    /// Its name.
    pub source: String,
    /// N: how many there are; where that changes, at the start.
    pub population: f64,
    /// That changes within the horizon: no bound of one N holds all the while, and none is compared.
    #[serde(default)]
    pub changes: bool,
    /// Z: seconds a journey rests.
    pub think_s: f64,
    /// D: seconds a journey is served, with no waiting.
    pub demand_s: f64,
    /// What a journey keeps busy longest.
    pub bottleneck: Option<String>,
    /// N*: beyond so many they wait for each other.
    pub knee: Option<f64>,
    /// Journeys per second with any number of them.
    pub throughput_most_per_s: Option<f64>,
    /// Journeys per second at most, with so many.
    pub throughput_bound_per_s: f64,
    /// Seconds of a journey without its rests, at least, with so many.
    pub response_bound_s: f64,
    /// Journeys per second that were simulated: requests that succeeded over those of a journey; absent where there was
    /// no time to measure, and where N changes.
    pub throughput_per_s: Option<f64>,
    /// Simulated: mean latency of requests that succeeded, times those of a journey; absent where N changes.
    pub response_s: Option<f64>,
    /// The simulation keeps the bounds; absent where they do not speak of it.
    pub holds: Option<bool>,
    /// Why they do not.
    pub why_not: Option<String>,
}

/// Figures over time from 0 on; a point covers `every_s` seconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Seconds per point.
    pub every_s: f64,
    /// By source.
    pub traffic: IndexMap<String, TrafficSeries>,
    /// By subject of the story ("rds.cpu", "app.workers"), mean over its instances; null while it is down.
    pub utilization: IndexMap<String, Vec<Option<f32>>>,
    /// By the same subjects.
    pub offered_load: IndexMap<String, Vec<Option<f32>>>,
    /// By the subject of a queue: most that waited at a look in the point, once per second. A line may have been deeper
    /// between two looks; one that nobody stood in at a look is left out.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub waiting: IndexMap<String, Vec<Option<f32>>>,
    /// By the same subjects: the longest that anybody in it had waited at a look, seconds.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub oldest_s: IndexMap<String, Vec<Option<f32>>>,
}

/// One source over time: what was offered by the moment it began, all else by the moment it ended.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct TrafficSeries {
    /// Requests that started in the point, per second.
    pub offered_per_s: Vec<f32>,
    /// Requests that ended well in the point, per second, whenever they started.
    pub goodput_per_s: Vec<f32>,
    /// Of those, answered by a fallback, per second.
    #[serde(default)]
    pub degraded_per_s: Vec<f32>,
    /// Requests that failed in the point, per second, whenever they started.
    pub failed_per_s: Vec<f32>,
    /// 95th percentile of the latency of those that ended well in the point, whenever they started; null without any.
    pub p95_s: Vec<Option<f32>>,
}

/// What ran.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Engine {
    /// Of this program.
    pub version: String,
    /// Events handled.
    pub events: u64,
}
