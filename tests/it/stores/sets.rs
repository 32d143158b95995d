//! Databases of several instances: shards, replicas and what they have not heard of yet.

use super::{results, within};
use crate::support::Draft;
use surgelab::measure::results::Results;

/// Readers and writers of a database on so many machines.
fn database(machines: u32, kind: &str, law: &str) -> Draft {
    Draft::new(2000.0)
        .key("row", law)
        .machine("data", &format!("count: {machines}"))
        .service("db", &format!("on: [\"data\"], workers: 1000, kind: Database({kind}), max_connections: 1000, operations: {{ \"read\": [Delay(\"10ms\")], \"write\": [Delay(\"10ms\")] }}"))
        .source("readers", "Open(rate: Constant(\"50/s\"), call: \"db.read\")")
        .source("writers", "Open(rate: Constant(\"2/s\"), call: \"db.write\")")
}

/// Calls in progress at each instance.
fn busy(results: &Results) -> Vec<f64> {
    results
        .resources
        .iter()
        .filter(|row| row.kind.name() == "workers")
        .map(|row| row.utilization_mean * row.capacity)
        .collect()
}

/// One row, written twice a second, 0.1 s late: a read is stale unless nothing was written for that long, 1 −
/// exp(−0.2).
#[test]
fn a_share_of_the_reads_is_stale() {
    let results = results(&database(3, "replicas: 2, lag: \"100ms\", reads: [\"read\"]", "Uniform(n: 1)").text());
    let reads = results.operations["db.read"].stale_reads.expect("replicas were read");
    assert!(results.operations["db.read"].traffic.offered - reads.replicas <= 2, "replicas serve all reads");
    within("stale share", reads.stale as f64 / reads.replicas as f64, 1.0 - (-0.2f64).exp(), 0.03);
    let busy = busy(&results);
    within("the primary writes", busy[0], 0.02, 0.05);
    within("a replica reads", busy[1], 0.25, 0.03);
    within("the other as much", busy[2], 0.25, 0.03);
    assert_eq!(results.operations["db.write"].stale_reads, None);
}

/// By key, a read is stale for the writes of its own key alone.
#[test]
fn each_key_has_its_own_lag() {
    let results = results(
        &database(2, "shard_by: \"row\", replicas: 1, lag: \"1s\", reads: [\"read\"]", "Uniform(n: 10)").text(),
    );
    let reads = results.operations["db.read"].stale_reads.expect("replicas were read");
    within("stale share", reads.stale as f64 / reads.replicas as f64, 1.0 - (-0.2f64).exp(), 0.03);
}

/// Shards share many alike keys evenly; a hot key makes its shard hot, however many there are.
#[test]
fn a_hot_key_makes_a_hot_shard() {
    let even = busy(&results(&database(4, "shard_by: \"row\"", "Uniform(n: 100000)").text()));
    for load in &even {
        within("a shard", *load, 0.13, 0.05);
    }
    let hot = busy(&results(&database(4, "shard_by: \"row\"", "Zipf(n: 1000, s: 1.5)").text()));
    let head = 1.0 / (1..=1000).map(|rank| f64::from(rank).powf(-1.5)).sum::<f64>();
    let most = hot.iter().copied().fold(0.0, f64::max);
    assert!(most > 0.97 * head * 0.52, "the hottest key alone asks for {}: {hot:?}", head * 0.52);
}

/// The primary that dies takes the writes of its set with it; replicas go on answering reads.
#[test]
fn replicas_read_on_without_their_primary() {
    let draft = database(2, "replicas: 1, lag: \"10ms\", reads: [\"read\"]", "Uniform(n: 1)")
        .rule("At(\"1000s\", Crash(\"db/0\"))");
    let results = results(&draft.text());
    assert_eq!(results.traffic["readers"].failures(), 0);
    within("writes that fail", results.traffic["writers"].failures() as f64, 2000.0, 0.1);
}

/// A rolling deploy takes one shard after the other away: the only key there is stays where it is, and fails while its
/// shard is replaced.
#[test]
fn keys_keep_their_shard_while_others_are_deployed() {
    let draft = database(4, "shard_by: \"row\"", "Uniform(n: 1)")
        .rule("At(\"1000s\", Deploy(target: \"db\", takes: \"100s\"))");
    let deployed = results(&draft.text());
    let busy = busy(&deployed);
    assert_eq!(busy.iter().filter(|busy| **busy > 0.0).count(), 1, "{busy:?}");
    within("calls that fail", deployed.traffic["readers"].failures() as f64, 5000.0, 0.05);
    let two = database(2, "shard_by: \"row\"", "Uniform(n: 1)")
        .rule("At(\"1000s\", Deploy(target: \"db\", takes: \"100s\"))");
    within("of two", results(&two.text()).traffic["readers"].failures() as f64, 5000.0, 0.05);
}

/// While the primary is deployed its writes fail, and the replicas answer all reads; none of them takes its role.
#[test]
fn no_replica_becomes_the_primary_by_a_deploy() {
    let draft = database(3, "replicas: 2, lag: \"10ms\", reads: [\"read\"]", "Uniform(n: 1)")
        .rule("At(\"1000s\", Deploy(target: \"db\", takes: \"200s\"))");
    let results = results(&draft.text());
    assert_eq!(results.traffic["readers"].failures(), 0);
    within("writes that fail", results.traffic["writers"].failures() as f64, 400.0, 0.15);
}

/// Whoever comes for an instance that goes for good takes its place: the keys of the others stay.
#[test]
fn a_successor_takes_the_place_of_its_predecessor() {
    let draft = |removed: &str| {
        let (kind, delay) = ("Database(shard_by: \"row\")", "[Delay(\"10ms\")]");
        Draft::new(2000.0)
            .key("row", "Uniform(n: 1)")
            .machine("a", "count: 1")
            .machine("b", "count: 1")
            .machine("c", "count: 1")
            .machine("spare", "count: 1, boot: \"0s\"")
            .service("db", &format!("on: [\"a\", \"b\", \"c\", \"spare\"], instances: Count(3), workers: 1000, kind: {kind}, operations: {{ \"read\": {delay} }}"))
            .source("readers", "Open(rate: Constant(\"50/s\"), call: \"db.read\")")
            .rule(&format!("At(\"1000s\", RemoveMachines(\"{removed}\", 1))"))
    };
    let mut moved = 0;
    for removed in ["a", "b", "c"] {
        let results = results(&draft(removed).text());
        assert_eq!(results.traffic["readers"].failures(), 0, "without {removed}");
        let used: Vec<f64> = busy(&results).into_iter().filter(|busy| *busy > 0.0).collect();
        moved += usize::from(used.len() == 2);
        // Each as much while it was up.
        used.iter().for_each(|used| within("where the key is", *used, 0.5, 0.05));
    }
    assert_eq!(moved, 1, "the key moves with its own machine alone");
}

/// A hundred reads a second at the replica, a write a second at the primary; from 20 s on these are cut
/// off from each other, for so long.
fn cut_off(lasting: &str, more: &str) -> Draft {
    let draft = Draft::new(100.0)
        .machine("web", "cores: 2")
        .machine("first", "cores: 4")
        .machine("second", "cores: 4")
        .service("app", "on: [\"web\"], links: { \"db\": () }, operations: { \"read\": [Call(\"db.read\")], \"write\": [Call(\"db.write\")] }")
        .service("db", "kind: Database(replicas: 1, lag: \"100ms\", apply: \"1ms\", reads: [\"read\"]), on: [\"first\", \"second\"], restart: \"2s\", operations: { \"read\": [Cpu(\"4ms\")], \"write\": [Cpu(\"8ms\")] }")
        .source("r", "Open(rate: Constant(\"100/s\"), gaps: \"1\", call: \"app.read\")")
        .source("w", "Open(rate: Constant(\"1/s\"), gaps: \"1\", call: \"app.write\")")
        .rule(&format!("At(\"20s\", Partition(from: \"first\", to: \"second\", lasting: \"{lasting}\"))"));
    if more.is_empty() { draft } else { draft.rule(more) }
}

/// Reads that were stale, and writes that the replica has applied.
fn applied(draft: &Draft) -> (u64, u64) {
    let results = results(&draft.text());
    assert_eq!(results.traffic["w"].failures(), 0, "a write needs its primary alone");
    let reads = results.operations["db.read"].stale_reads.expect("replicas are read");
    let replica = results.resources.iter().find(|row| row.id == "second/0.cpu").expect("the replica's");
    // What it did, but for the reads.
    let done = replica.completions.expect("counted one by one");
    (reads.stale, done - results.operations["db.read"].begun)
}

#[test]
fn writes_wait_for_the_end_of_a_partition() {
    // Each write is 10 reads late; those from 20 s on are kept for good: 80 s of 100 reads/s.
    let (stale, writes) = applied(&cut_off("1h", ""));
    assert!((8_000..=8_250).contains(&stale), "{stale} stale");
    assert!((19..=20).contains(&writes), "{writes} applied");
    // All come after 60 s, each late by its lag alone from then on.
    let (stale, writes) = applied(&cut_off("60s", ""));
    assert!((6_000..=6_450).contains(&stale), "{stale} stale");
    assert!((98..=100).contains(&writes), "{writes} applied");
}

#[test]
fn a_replica_that_restarts_behind_a_partition_has_not_caught_up() {
    // Two seconds without reads; what was written before still waits.
    let (stale, writes) = applied(&cut_off("60s", "At(\"50s\", Crash(\"db/1\"))"));
    assert!((5_700..=6_300).contains(&stale), "{stale} stale");
    assert!((98..=100).contains(&writes), "{writes} applied");
}
