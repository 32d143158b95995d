//! What the results say of what can saturate: of each resource by itself, and of all of one subject together.

use crate::engine::ResourceKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that can saturate, or several of a kind and owner together. Means are over the horizon and the time it was
/// there; of a machine that bears a service's name, over the time in which that has a process there.
///
/// With T the horizon, X = `completions` / T, c = `capacity_s` / T, D = `busy_s` / `completions`:
/// `utilization_mean` = X D / c, and in it and waiting for it are X W at a time, W = (`busy_s` + `waiting_s`) /
/// `completions` being the time spent there within the horizon per use that ended in it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// "app/0.workers", "db/0.cpu"
    pub id: String,
    /// What the story, the series and the napkin call it and its like: "app.workers", "rds.cpu".
    pub subject: String,
    /// Whose it is; absent for a machine's.
    pub service: Option<String>,
    /// Name of the machine group.
    pub machine: Option<String>,
    /// Number of the service's instance that it belongs to, or of the group's machine; absent for several together and
    /// for what is of neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<u32>,
    /// cpu, quota, instances, threads, workers, connections, descriptors, lock, queue, pool, memory, network, ingress,
    /// disk.
    #[schemars(with = "String")]
    pub kind: ResourceKind,
    /// In units of its kind: cores, workers, connections, bytes, bytes/s, operations/s. The last it had; of several
    /// together the mean over the horizon.
    pub capacity: f64,
    /// ρ, what was asked of it as a share of its capacity: attempts meant for it per second (retries, fallbacks and
    /// those turned away included), counted from the sources down, times the unit-seconds one takes, over the
    /// capacity. Above 1 it cannot keep up; where every attempt takes it, it is the utilization. Absent where nothing
    /// is asked per call.
    pub offered_load: Option<f64>,
    /// The most of it in any 10 s, of all of its subject together.
    #[serde(default)]
    pub offered_load_max: Option<f64>,
    /// Share of the capacity in use while it was up: `busy_s` / `capacity_s`.
    pub utilization_mean: f64,
    /// The most in any 10 s.
    pub utilization_max: f64,
    /// Mean number waiting for it: `waiting_s` over the horizon.
    pub waiting_mean: f64,
    /// Most at one time.
    pub waiting_max: f64,
    /// Turned away because of it.
    pub refused: u64,
    /// When it filled for the first time, exactly; of several together, when the first of them did.
    pub saturated_at_s: Option<f64>,
    /// Total time saturated: from when it filled until there was room. Of several together, of the member that was
    /// saturated longest.
    pub saturated_for_s: f64,
    /// Uses of it that ended: calls that gave back their worker, connections closed, pieces of work done. Absent for
    /// memory and instances, which are not used one by one.
    #[serde(default)]
    pub completions: Option<u64>,
    /// Unit-seconds in use.
    #[serde(default)]
    pub busy_s: f64,
    /// Unit-seconds still held beyond the capacity: of what is down, drained or smaller than before. Not in `busy_s`.
    #[serde(default)]
    pub beyond_s: f64,
    /// Seconds that all who waited for it waited.
    #[serde(default)]
    pub waiting_s: f64,
    /// Unit-seconds it had.
    #[serde(default)]
    pub capacity_s: f64,
}

/// All resources of one subject together: means, sums and the most at one time are of the group.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ResourceGroup {
    /// The figures of all members as of one; `id` is the subject.
    #[serde(flatten)]
    pub all: Resource,
    /// The most that served at one time within the horizon, of the members that had any capacity in it.
    pub members: usize,
    /// The member that was used most, and what it had beside the group.
    pub worst: Worst,
}

/// The extremes of the members of a group; each may be of another one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Worst {
    /// Largest offered load of a member, mean over the horizon.
    pub offered_load: Option<f64>,
    /// Largest mean utilization of a member.
    pub utilization_mean: f64,
    /// Largest utilization of a member in any 10 s.
    pub utilization_max: f64,
    /// Largest mean number waiting for one.
    pub waiting_mean: f64,
    /// Most that waited for one at one time.
    pub waiting_max: f64,
}
