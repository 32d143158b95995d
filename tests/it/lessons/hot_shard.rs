//! hot-shard: the share of one key bounds the whole database.
use super::class::*;
use surgelab::measure::Results;

const NAME: &str = "hot-shard";
const RATE: f64 = 1200.0;
/// Two cores, 10 ms each.
const SHARD: f64 = 200.0;

/// The share of the hottest of n keys that are asked for with a weight of 1 / k^s.
fn hottest(n: u32, s: f64) -> f64 {
    1.0 / (1..=n).map(|k| f64::from(k).powf(-s)).sum::<f64>()
}

/// Utilization of every shard's machine, the busiest last.
fn busy(results: &Results) -> Vec<f64> {
    let shards = results.resources.iter().filter(|r| r.id.starts_with("data/") && r.kind.name() == "cpu");
    let mut busy: Vec<f64> = shards.map(|r| r.utilization_mean).collect();
    busy.sort_by(f64::total_cmp);
    busy
}

#[test]
fn what_keeps_the_hot_key_off_its_shard_keeps_what_was_promised() {
    fixed_by(NAME, &["the hottest in the application", "nobody is special"], &["twice the shards"]);
}

#[test]
fn one_shard_saturates_whatever_their_number() {
    let share = hottest(100_000, 1.2);
    near(share, 0.197, 2.0, "the hottest profile");
    assert!(share * RATE > SHARD, "the hottest key alone is more than a shard can do");
    for variant in [None, Some("twice the shards")] {
        for results in taught(NAME, variant) {
            let busy = busy(&results);
            let (hot, others) = busy.split_last().expect("there are shards");
            assert!(*hot > 0.98, "{busy:?}");
            // The others share what is left, the next hottest keys among it.
            let rest = RATE * (1.0 - share) / busy.len() as f64 / SHARD;
            assert!(others.iter().sum::<f64>() / (others.len() as f64) < 1.1 * rest, "{busy:?}");
            assert!(results.traffic["followers"].failures() > 0, "{}", told(&results));
        }
    }
}

#[test]
fn asked_evenly_the_shards_are_evenly_busy() {
    for results in taught(NAME, Some("nobody is special")) {
        for shard in busy(&results) {
            near(shard, RATE / 8.0 / SHARD, 8.0, "a shard");
        }
    }
}
