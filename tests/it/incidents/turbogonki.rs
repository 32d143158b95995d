//! The replay of TurboGonki's night bears out what is known of it: what each remedy moves the limit to, and how many
//! hours of growth that buys.
use super::replay::{first_saturated, replay, runs, saturated_at, told, utilization, within_15_percent};
use surgelab::measure::Results;

/// Installs at the start; an hour of the scenario doubles them, as five did that night.
const INSTALLS: f64 = 1500.0;
const DOUBLING_HOURS: f64 = 5.0;

fn installs_at(seconds: f64) -> f64 {
    INSTALLS * 2f64.powf(seconds / 3600.0)
}

fn night(variant: &str, horizon: &str) -> Vec<Results> {
    runs(&replay("turbogonki", Some(variant), &[("horizon", horizon)]), 2)
}

/// Installs when the first thing saturates, which must be this.
#[track_caller]
fn limit(results: &Results, subject: &str) -> f64 {
    let first = first_saturated(results);
    assert_eq!(first.subject, subject, "{}", told(results));
    installs_at(first.at_s)
}

#[test]
fn apache_hangs_at_a_hundred_and_fifty_browsers_with_its_cpu_idle() {
    for results in night("nobody awake", "75min") {
        let at = limit(&results, "apache.workers");
        within_15_percent(at, 2270.0, "installs when Apache hangs");
        let hung = saturated_at(&results, "apache.workers");
        let busy = utilization(&results, "box.cpu", hung, hung + 600.0);
        assert!(busy < 0.4, "{busy}");
        assert!(results.traffic["shoppers"].failed_share().expect("somebody shops") > 0.02, "the shop hangs with it");
    }
}

#[test]
fn more_processes_do_not_fit() {
    for results in night("256 processes", "10min") {
        assert!(
            results.story.iter().any(|event| event.event.name() == "down" && event.text.contains("out of memory")),
            "{}",
            told(&results)
        );
    }
}

#[test]
fn nginx_moves_the_limit_to_the_cpu_and_buys_nine_hours() {
    for results in night("nginx in front", "3h") {
        let at = limit(&results, "box.cpu");
        within_15_percent(at, 8500.0, "installs when the CPU is full");
        let factor = at / 2270.0;
        within_15_percent(factor, 3.7, "nginx in front");
        within_15_percent(DOUBLING_HOURS * factor.log2(), 9.5, "hours bought");
    }
}

#[test]
fn two_workers_of_a_thousand_connections_are_next() {
    for results in night("nginx, twice the cores", "225min") {
        within_15_percent(limit(&results, "nginx.descriptors"), 15_500.0, "installs when nginx is out of connections");
    }
    for results in night("nginx adjusted", "4h") {
        within_15_percent(limit(&results, "box.cpu"), INSTALLS * 7.5 / 0.025 / 0.25 / 99.0, "then it is the CPU again");
    }
}

#[test]
fn the_cloud_and_its_database_end_together() {
    for results in night("the cloud", "315min") {
        let first = installs_at(first_saturated(&results).at_s);
        within_15_percent(first, 48_000.0, "installs when the cloud is full");
        let (cloud, database) = (
            utilization(&results, "php.cpu", 18_000.0, 18_600.0),
            utilization(&results, "strong.cpu", 18_000.0, 18_600.0),
        );
        assert!(cloud > 0.9 && database > 0.9, "{cloud} and {database}: {}", told(&results));
    }
}

#[test]
fn the_night_goes_as_told() {
    for results in runs(&replay("turbogonki", None, &[]), 1) {
        let order: Vec<&str> = ["apache.workers", "box.cpu", "nginx.descriptors"].into_iter().collect();
        let at: Vec<f64> = order.iter().map(|subject| saturated_at(&results, subject)).collect();
        assert!(at.is_sorted(), "{}", told(&results));
        let full = installs_at(at[2]);
        assert!((7_000.0..28_000.0).contains(&full), "nginx is out of connections at {full}: {}", told(&results));
    }
}
