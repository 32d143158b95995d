//! The replay of Famigo's stack bears out what is known of it: what memcached hides, that it does not come back, and
//! what the choice of a server is worth.
use super::replay::{goodput, multiple, napkin, replay, row, runs, told, utilization, within_15_percent};
use surgelab::measure::Results;

/// Pages a second in the evening.
const PAGES: f64 = 150.0;
const EVENING: (&str, &str) = ("traffic.families.rate", "Constant(\"150/s\")");
/// When memcached is lost, and when it is back, seconds.
const LOST: f64 = 300.0;
const BACK: f64 = 310.0;

fn day(variant: Option<&str>, sets: &[(&str, &str)], seeds: u64) -> Vec<Results> {
    runs(&replay("famigo", variant, sets), seeds)
}

/// Pages a second the servers give when far more are asked for.
fn most(variant: &str) -> f64 {
    let sets = [
        ("traffic.families", "Open(rate: Constant(\"600/s\"), call: \"elb.page\")"),
        ("traffic.searches.rate", "Constant(\"0/s\")"),
        ("traffic.uploads.rate", "Constant(\"0/s\")"),
        ("traffic.browsers.rate", "Constant(\"0/s\")"),
        ("services.web.deadline", "None"),
        ("services.web.workers", "6"),
        ("machines.ec2.network", "None"),
        ("horizon", "3min"),
    ];
    let all = day(Some(variant), &sets, 2);
    all.iter().map(|results| results.traffic["families"].goodput_per_s).sum::<f64>() / all.len() as f64
}

#[test]
fn the_cache_hides_seven_times_the_capacity() {
    let (with, without) = (most("nothing happens"), most("without memcached"));
    within_15_percent(with, 345.0, "pages a second");
    within_15_percent(without, 50.0, "pages a second without memcached");
    within_15_percent(with / without, 6.9, "hidden capacity");
    within_15_percent(most("one core a server"), 172.0, "pages a second of one core a server");
}

#[test]
fn losing_memcached_asks_for_three_times_what_there_is() {
    for results in day(Some("nothing happens"), &[], 3) {
        within_15_percent(utilization(&results, "web.cpu", LOST, LOST + 300.0), 0.43, "busy with memcached");
    }
    within_15_percent(
        row(&napkin("famigo", Some("without memcached"), &[EVENING]), "web.cpu").base,
        3.0,
        "offered load without",
    );
}

#[test]
fn it_stays_down_unless_load_is_shed_or_misses_are_coalesced() {
    const SEEDS: u64 = 8;
    let end = |results: &Results| goodput(results, "families", 780.0, 900.0) / PAGES;
    for results in day(None, &[], SEEDS) {
        assert!(goodput(&results, "families", 240.0, LOST) / PAGES > 0.95, "it held before, seed {}", results.seed);
        assert!(end(&results) < 0.05, "stuck, seed {}: {:.2}{}", results.seed, end(&results), told(&results));
    }
    for variant in ["load is shed", "misses are coalesced", "nobody is killed"] {
        for results in day(Some(variant), &[], SEEDS) {
            assert!(end(&results) > 0.95, "{variant}, seed {}: {:.2}{}", results.seed, end(&results), told(&results));
        }
    }
}

#[test]
fn coalesced_misses_fill_the_cache_in_forty_seconds() {
    for results in day(Some("misses are coalesced"), &[], 4) {
        assert!(utilization(&results, "web.cpu", LOST, BACK) > 0.9, "the servers drown without memcached");
        let busy = utilization(&results, "web.cpu", BACK + 46.0, BACK + 106.0);
        assert!(busy < 0.6, "still {busy} forty seconds after it is back");
    }
}

#[test]
fn the_least_busy_beats_taking_turns_beats_chance() {
    for (variant, services) in [
        ("two plain servers, least busy", 2.96),
        ("two plain servers, in turn", 3.84),
        ("two plain servers, at random", 5.0),
    ] {
        let all = day(Some(variant), &[("horizon", "2h")], 4);
        let mean = all.iter().map(|results| results.traffic["families"].latency_s.expect("pages").mean).sum::<f64>()
            / all.len() as f64;
        within_15_percent(mean / 0.1, services, variant);
    }
}

#[test]
fn static_files_from_the_edge_move_the_network_limit() {
    let from_servers =
        multiple(&napkin("famigo", Some("static files from the servers"), &[EVENING]), "web.network") * PAGES;
    within_15_percent(from_servers, 134.0, "pages a second with everything from the servers");
    let from_edge = multiple(&napkin("famigo", Some("nothing happens"), &[EVENING]), "web.network") * PAGES;
    within_15_percent(from_edge, 4_170.0, "pages a second with static files from the edge");
}

#[test]
fn the_queue_takes_the_flood_and_no_page_notices() {
    for results in day(Some("a flood of tasks"), &[], 2) {
        let queue = results.resources.iter().find(|row| row.id == "tasks/0.queue").expect("the queue is a resource");
        within_15_percent(queue.waiting_max, 25_200.0, "tasks waiting");
        let empty = results
            .story
            .iter()
            .find(|event| event.event.name() == "recovered" && event.subject == "tasks.queue")
            .expect("it drains")
            .at_s;
        within_15_percent(empty - 600.0, 2.3 * 3600.0, "seconds to drain");
        let pages = &results.traffic["families"];
        assert!(
            pages.failed_share().expect("pages") < 0.001 && pages.latency_s.expect("pages").p95 < 1.0,
            "{}",
            told(&results)
        );
    }
}
