//! What a run yields, in the shape of the JSON contract (`--format json`).
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use indexmap::IndexMap;

/// One run. Keys are a contract; wall-clock figures never stand here.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Results {
    /// 1
    pub schema: u32,
    pub scenario: ScenarioRef,
    pub variant: Option<String>,
    pub seed: u64,
    pub horizon_s: f64,
    /// Hash of the event stream and the final engine state, 16 hex digits.
    pub digest: String,
    /// Hash of everything else here, 16 hex digits.
    pub results_digest: String,
    /// Why the run ended before its horizon, if it did.
    #[serde(skip_serializing_if = "Option::is_none")] pub stopped: Option<Stopped>,
    pub traffic: IndexMap<String, Traffic>,
    pub operations: IndexMap<String, Operation>,
    pub resources: Vec<Resource>,
    pub story: Vec<StoryEvent>,
    pub objectives: Vec<ObjectiveResult>,
    pub cost: Cost,
    pub napkin: Vec<NapkinRow>,
    pub traces: Vec<Trace>,
    pub series: Series,
    pub warnings: Vec<String>,
    pub engine: Engine,
}
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRef { pub title: String, pub digest: String }
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Stopped { pub reason: String, pub at_s: f64 }
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Traffic {
    pub offered: u64, pub succeeded: u64, pub degraded: u64,
    /// By reason, zero counts left out. offered = succeeded + Σ failed + in_flight.
    pub failed: IndexMap<String, u64>,
    pub in_flight: u64,
    pub offered_per_s: f64, pub goodput_per_s: f64,
    /// Of those that succeeded. Absent with none.
    pub latency_s: Option<Latency>,
    /// Sessions begun, for Users and Closed.
    #[serde(skip_serializing_if = "Option::is_none")] pub sessions: Option<u64>,
}
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Latency { pub mean: f64, pub p50: f64, pub p90: f64, pub p95: f64, pub p99: f64, pub p999: f64, pub max: f64 }
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Operation {
    #[serde(flatten)] pub traffic: Traffic,
    /// Mean seconds per call, by resource kind of its own and by callee ("app.cpu", "rds.query", "app.pool(rds)").
    pub waiting_s: IndexMap<String, f64>, pub service_s: IndexMap<String, f64>,
}
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    pub id: String, pub service: Option<String>, pub machine: Option<String>, pub kind: String,
    pub capacity: f64, pub offered_load: Option<f64>, pub utilization_mean: f64, pub utilization_max: f64, pub waiting_mean: f64, pub waiting_max: f64,
    pub refused: u64,
    pub saturated_at_s: Option<f64>, pub saturated_for_s: f64,
}
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct StoryEvent { pub at_s: f64, /** saturated, recovered, failing, down, up, rule, ... */ pub event: String, pub subject: String, pub because: Option<String>, pub text: String }
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ObjectiveResult { pub subject: String, pub expression: String, pub observed: Option<f64>, /** the observed value in words */ pub observed_text: String, pub pass: bool }
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Cost { pub total: f64, pub per_thousand_succeeded: Option<f64> }
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NapkinRow { pub resource: String, pub capacity: f64, /** ρ at the crowd's initial level */ pub base: f64, /** ρ at its peak */ pub peak: f64, /** multiple of the initial load at which ρ = 1; absent: never */ pub saturates_at: Option<f64>, /** when the profile first passes that multiple, seconds */ pub passed_at_s: Option<f64>, /** measured utilization over the run */ pub observed: Option<f64>, pub note: String }
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Trace { pub source: String, pub number: u64, pub started_s: f64, pub latency_s: f64, pub outcome: String, pub spans: Vec<Span> }
/// One piece of a request: who did what, when (relative to the request's start), nested by `depth`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Span { pub depth: u32, pub name: String, pub what: String, pub from_s: f64, pub to_s: f64 }
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Series { /** seconds per point */ pub every_s: f64, pub traffic: IndexMap<String, TrafficSeries>, /** utilization by resource id */ pub utilization: IndexMap<String, Vec<f32>>, pub offered_load: IndexMap<String, Vec<f32>> }
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct TrafficSeries { pub offered_per_s: Vec<f32>, pub goodput_per_s: Vec<f32>, pub failed_per_s: Vec<f32>, pub p95_s: Vec<Option<f32>> }
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Engine { pub version: String, pub events: u64 }
