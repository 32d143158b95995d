//! The replay of Avocado's Christmas bears out what is known of it: what limits each stage, and that the order of fixes
//! matters.
use super::replay::{first_saturated, multiple, napkin, replay, resource, run, runs, told, within_15_percent};
use rayon::prelude::*;
use surgelab::measure::Results;
use surgelab::measure::results::StoryEvent;

/// Sign-ups a second on an ordinary day; those from abroad do not grow.
const ORDINARY: f64 = 0.2;

/// The stages of the story: the variant, what limits it, and at how many sign-ups a second.
const STAGES: [(Option<&str>, &[&str], f64); 6] = [
    (None, &["front.cpu"], 1.80),
    (Some("mail in-process"), &["front.cpu"], 2.25),
    (Some("images elsewhere"), &["node.threads"], 9.0),
    (Some("a process per CPU"), &["resizer.cpu"], 11.1),
    // One core for each of two processes: both are full at once.
    (Some("TLS elsewhere"), &["node.threads", "node.cpu"], 18.0),
    (Some("second front"), &["edge.cpu"], 34.8),
];

/// Sign-ups a second that the napkin gives a variant, and what stops there.
fn limit(variant: Option<&str>) -> (String, f64) {
    let rows = napkin("avocado", variant, &[]);
    let first = rows
        .iter()
        .filter_map(|row| row.saturates_at.map(|at| (row, at)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .expect("a limit");
    (first.0.resource.clone(), first.1 * ORDINARY)
}

/// What so many sign-ups a second are too much for, by the napkin.
fn beyond(variant: Option<&str>, signups: f64) -> Vec<String> {
    let rows = napkin("avocado", variant, &[]);
    let full = rows.into_iter().filter(|row| row.saturates_at.is_some_and(|at| at * ORDINARY <= signups));
    full.map(|row| row.resource).collect()
}

#[test]
fn each_stage_is_limited_where_it_was() {
    for (variant, resources, signups) in STAGES {
        let (resource, at) = limit(variant);
        assert!(resources.contains(&resource.as_str()), "{variant:?}: {resource} at {at:.2}");
        within_15_percent(at, signups, &format!("{variant:?}"));
    }
}

#[test]
fn each_stage_holds_below_its_limit_and_breaks_there_above_it() {
    let run_at = |variant, signups: f64, seed| {
        let rate = format!("Constant(\"{signups}/s\")");
        let sets = [
            ("traffic.signups.rate", rate.as_str()),
            ("traffic.couples.rate", "Constant(\"1/s\")"),
            ("horizon", "8min"),
        ];
        run(&replay("avocado", variant, &sets), seed)
    };
    STAGES.par_iter().for_each(|&(variant, resources, signups)| {
        for seed in 1..=2 {
            let above = run_at(variant, signups * 1.25, seed);
            // What fills first is the limit, or what cannot do as much either, and the limit fills, too.
            let first = first_saturated(&above);
            assert!(
                beyond(variant, signups * 1.25).contains(&first.subject.name),
                "{variant:?} above: {}",
                told(&above)
            );
            let full = |event: &&StoryEvent| resources.contains(&event.subject.as_str());
            assert!(above.story.iter().any(|event| full(&event)), "{variant:?} above: {}", told(&above));
            let below = run_at(variant, signups * 0.75, seed);
            assert!(below.traffic["signups"].failures() == 0, "{variant:?} below: {}", told(&below));
        }
    });
}

#[test]
fn tls_offload_pays_only_once_node_uses_every_core() {
    let early = limit(Some("TLS elsewhere, too early")).1 / limit(Some("images elsewhere")).1;
    assert!((1.0..1.1).contains(&early), "too early it buys {early:.2}");
    let late = limit(Some("TLS elsewhere")).1 / limit(Some("TLS on the front, resizing grown")).1;
    within_15_percent(late, 1.5, "later");
}

#[test]
fn the_slow_query_is_next_in_line() {
    let rows = napkin("avocado", Some("images elsewhere"), &[]);
    within_15_percent(multiple(&rows, "mysql.cpu") * ORDINARY, 16.0, "without the index");
    let rows = napkin("avocado", Some("index"), &[]);
    assert!(multiple(&rows, "mysql.cpu") * ORDINARY > 200.0, "with the index");
}

#[test]
fn two_thousand_signups_in_five_minutes_wait_half_a_minute_at_once() {
    for results in runs(&replay("avocado", None, &[("horizon", "8min")]), 4) {
        let series = &results.series;
        // They end when they have waited: those of the first quarter of a minute up to a minute later.
        let from = (300.0 / series.every_s) as usize;
        let to = (360.0 / series.every_s) as usize;
        let worst = series.traffic["signups"].p95_s[from..=to].iter().filter_map(|p95| *p95).fold(0.0, f32::max);
        assert!(worst > 30.0, "{worst} s, seed {}", results.seed);
    }
}

/// Queries outstanding in all sixteen processes, and the share of the boxes' cores that is busy.
fn rush(results: &Results) -> (f64, f64) {
    let outstanding = (0..16)
        .map(|process| {
            let pool = resource(results, &format!("talk/{process}.pool(mysql)"));
            pool.utilization_mean * pool.capacity + pool.waiting_mean
        })
        .sum();
    let busy = (resource(results, "realtime/0.cpu").utilization_mean
        + resource(results, "realtime/1.cpu").utilization_mean)
        / 2.0;
    (outstanding, busy)
}

#[test]
fn ten_connections_a_process_leave_a_twentieth_outstanding() {
    let mean = |variant| {
        let all = runs(&replay("avocado", Some(variant), &[("horizon", "15min"), ("warm_up", "1min")]), 2);
        let sums = all.iter().map(rush).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        (sums.0 / all.len() as f64, sums.1 / all.len() as f64)
    };
    let (one, ten) = (mean("a real-time rush, one connection each"), mean("a real-time rush, ten connections each"));
    within_15_percent(one.0 / ten.0, 20.0, "queries outstanding");
    within_15_percent(one.1, 0.6, "cores busy with one connection each");
    within_15_percent(ten.1, 0.03, "with ten");
}

#[test]
fn a_reload_turns_three_hundred_connections_away() {
    for results in runs(&replay("avocado", Some("reload"), &[]), 4) {
        let refused: u64 = results.traffic["signups"].failures();
        within_15_percent(refused as f64, 300.0, "connections during the reload");
    }
}
