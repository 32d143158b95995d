//! The replay of CodinGame's hug of death bears out what is known of it: the order of failures, who is to blame and the
//! factor of each fix, over several seeds. Order and factors, never seconds.
use super::replay::{
    multiple, resource, row, run, runs, saturated_at, saturation, told, utilization, within_15_percent,
};
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};
use surgelab::engine::{Silent, Simulation};
use surgelab::measure::Results;
use surgelab::measure::results::{NapkinRow, StoryEvent};
use surgelab::model::{Model, ServiceId};
use surgelab::scenario::Loaded;
use surgelab::units::{Span, Time};

/// When the crowd begins to grow, seconds.
const RAMP: f64 = 120.0;
/// Ten times the ordinary crowd, for as long as it takes.
const TENFOLD: (&str, &str) = ("traffic.visitors.arrive", r#"Constant("100/s")"#);

fn replay(variant: Option<&str>, sets: &[(&str, &str)]) -> Loaded {
    super::replay::replay("codingame", variant, sets)
}

fn napkin(variant: Option<&str>, sets: &[(&str, &str)]) -> Vec<NapkinRow> {
    super::replay::napkin("codingame", variant, sets)
}

/// The first quarter of an hour, in five worlds.
fn collapses() -> &'static [Results] {
    static RUNS: OnceLock<Vec<Results>> = OnceLock::new();
    RUNS.get_or_init(|| runs(&replay(None, &[("horizon", "13min")]), 5))
}

#[test]
fn demand_passes_capacity_in_the_stated_multiples() {
    let rows = napkin(None, &[]);
    let multiples =
        [("push.descriptors", 1.67), ("rds.cpu", 3.33), ("tiny.cpu", 3.8), ("app.cpu", 5.0), ("chat.threads", 6.5)]
            .map(|(resource, expected)| {
                let multiple = multiple(&rows, resource);
                within_15_percent(multiple, expected, resource);
                multiple
            });
    assert!(multiples.is_sorted(), "{multiples:?}");
}

#[test]
fn each_remedy_moves_its_limit_by_the_stated_factor() {
    let bought = |set: (&str, &str), resource: &str| multiple(&napkin(None, &[set]), resource);
    within_15_percent(bought(("machines.web.count", "4"), "app.cpu"), 10.0, "four application servers");
    within_15_percent(bought(("machines.web.count", "6"), "app.cpu"), 15.0, "six application servers");
    within_15_percent(bought(("machines.db.cores", "16"), "rds.cpu"), 13.3, "a database four times larger");
    within_15_percent(bought(("services.push.descriptors", "100000"), "push.memory"), 10.0, "the push server's memory");
}

#[test]
fn on_the_ramp_the_database_is_asked_too_much_first() {
    let rows = napkin(None, &[("horizon", "15min")]);
    let passed = [("rds.cpu", 156.0), ("tiny.cpu", 200.0), ("push.descriptors", 250.0), ("app.cpu", 270.0)].map(
        |(resource, expected)| {
            let at = row(&rows, resource).passed_at_s.expect("the crowd passes it") - RAMP;
            within_15_percent(at, expected, resource);
            at
        },
    );
    assert!(passed.is_sorted(), "{passed:?}");
}

#[test]
fn offered_loads_at_ten_times_the_crowd() {
    let load = |set: (&str, &str), resource: &str| {
        let rows = napkin(None, &[TENFOLD, set]);
        let row = row(&rows, resource);
        row.asked.unwrap_or(row.peak)
    };
    within_15_percent(load(("machines.db.cores", "4"), "rds.cpu"), 3.0, "the database");
    within_15_percent(load(("machines.db.cores", "16"), "rds.cpu"), 0.75, "the database after the resize");
    within_15_percent(load(("machines.web.count", "2"), "app.cpu"), 2.0, "two application servers");
    within_15_percent(load(("machines.web.count", "4"), "app.cpu"), 1.0, "four");
    within_15_percent(load(("machines.web.count", "6"), "app.cpu"), 0.67, "six");
}

#[test]
fn what_was_bought_in_the_night_is_as_busy_as_the_napkin_says() {
    let bought = [
        TENFOLD,
        ("machines.web.count", "6"),
        ("machines.db.cores", "16"),
        ("services.app.memory.leak_per_request", "0B"),
    ];
    let loaded = replay(Some("no runbook"), &[&bought[..], &[("horizon", "3min"), ("warm_up", "1min")]].concat());
    for results in runs(&loaded, 3) {
        within_15_percent(resource(&results, "db/0.cpu").utilization_mean, 0.75, "the database after the resize");
        within_15_percent(resource(&results, "web/0.cpu").utilization_mean, 0.67, "one of six application servers");
    }
}

#[test]
fn the_database_saturates_first_and_takes_the_workers_with_it() {
    for results in collapses() {
        let database = saturated_at(results, "rds.cpu");
        let workers = saturated_at(results, "app.workers");
        let forum = saturated_at(results, "tiny.cpu");
        let push = saturated_at(results, "push.descriptors");
        assert!(database < workers && workers < forum && forum < push, "{}", told(results));
        assert!(workers - database < 60.0, "workers follow soon: {}", told(results));
        let first = results.story.iter().find(|event| event.event.name() == "saturated").expect("something saturates");
        assert_eq!(first.subject, "rds.cpu", "{}", told(results));
        let because = saturation(results, "app.workers").and_then(|event| event.because.words());
        assert_eq!(because.as_deref(), Some("rds.cpu"), "{}", told(results));
        assert!(saturation(results, "app.cpu").is_none(), "{}", told(results));
        assert!(utilization(results, "app.cpu", workers, workers + 60.0) < 0.75);
    }
}

#[test]
fn the_blog_fails_with_the_forum_at_five_percent_load_of_its_own() {
    within_15_percent(
        row(&napkin(None, &[("traffic.visitors.arrive", r#"Constant("0/s")"#)]), "tiny.cpu").base,
        0.05,
        "the blog alone",
    );
    let failed = |results: &Results| results.traffic["readers"].failed_share().expect("somebody reads");
    let moved = replay(Some("only the blog moved"), &[("horizon", "13min")]);
    for results in collapses() {
        let forum = saturated_at(results, "tiny.cpu");
        let readers = &results.series.traffic["readers"];
        let (mut before, mut after) = ((0.0, 0.0), (0.0, 0.0));
        for (point, (offered, failed)) in readers.offered_per_s.iter().zip(&readers.failed_per_s).enumerate() {
            let at = point as f64 * results.series.every_s;
            let part = if at < forum - 60.0 { &mut before } else { &mut after };
            if at < forum - 60.0 || at > forum + 120.0 {
                part.0 += f64::from(*offered);
                part.1 += f64::from(*failed);
            }
        }
        assert!(before.1 / before.0 < 0.02, "{} of {} fail before the forum does", before.1, before.0);
        assert!(after.1 / after.0 > 0.3, "{} of {} fail with the forum", after.1, after.0);
    }
    for results in runs(&moved, 1) {
        assert!(failed(&results) < 0.01, "moved, {} still fail", failed(&results));
    }
}

#[test]
fn the_application_is_to_blame_only_after_the_resize() {
    for results in runs(&replay(None, &[("horizon", "44min")]), 3) {
        let resized = results
            .story
            .iter()
            .find(|event| event.event.name() == "up" && event.subject == "rds")
            .expect("the resize ends")
            .at_s;
        let blames = |event: &&StoryEvent, root: &str| {
            event.event.name() == "saturated"
                && (event.subject == root || event.because.words().as_deref() == Some(root))
        };
        let first =
            results.story.iter().find(|event| blames(event, "app.cpu")).expect("the application becomes the root").at_s;
        assert!(first > resized, "{}", told(&results));
        let again = results.story.iter().filter(|event| event.at_s > resized).find(|event| blames(event, "rds.cpu"));
        assert!(again.is_none(), "{}", told(&results));
    }
}

#[test]
fn twice_the_chat_users_cost_four_times_the_cpu() {
    let journey = |share: f64| {
        format!(
            r#"[Background([Choose([({share}, [Call("chat.join")]), ({}, [])])]), Delay("uniform(8.5min, 11min)")]"#,
            1.0 - share
        )
    };
    let busy = |share: f64| {
        let loaded = replay(
            Some("no runbook"),
            &[
                ("traffic.visitors.arrive", r#"Constant("10/s")"#),
                ("traffic.visitors.journey", &journey(share)),
                ("horizon", "30min"),
            ],
        );
        let seeds = runs(&loaded, 4);
        seeds.iter().map(|results| resource(results, "chat/0.threads").utilization_mean).sum::<f64>()
            / seeds.len() as f64
    };
    within_15_percent(busy(0.4) / busy(0.2), 4.0, "twice the users");
}

#[test]
fn the_push_server_with_more_descriptors_dies_near_sixty_thousand() {
    let loaded = replay(
        Some("no runbook"),
        &[
            ("traffic.visitors.arrive", r#"Constant("120/s")"#),
            ("traffic.visitors.journey", r#"[Background([Call("push.subscribe")]), Delay("uniform(8.5min, 11min)")]"#),
            ("services.push.descriptors", "100000"),
            ("horizon", "1min"),
        ],
    );
    for results in runs(&loaded, 3) {
        let most = most_connected(&loaded, results.seed);
        within_15_percent(f64::from(most), 60_000.0, "connections when it died");
    }
}

/// The most connections the push server ever held; it must have died of them.
fn most_connected(loaded: &Loaded, seed: u64) -> u32 {
    let mut most = 0;
    let mut died = false;
    watch(loaded, seed, "push", |instances| {
        most = most.max(instances[0].1);
        died |= !instances[0].0;
    });
    assert!(died, "the push server survives {most} connections");
    most
}

/// Runs without measuring and shows (up, connections) of each instance of a service every second.
fn watch(loaded: &Loaded, seed: u64, service: &str, mut look: impl FnMut(&[(bool, u32)])) {
    let model = Arc::new(Model::compile(loaded).expect("it compiles"));
    let id = ServiceId::new(model.services.iter().position(|known| known.name == service).expect("the service exists"));
    let mut simulation = Simulation::new(model.clone(), seed);
    let mut now = -model.warm_up.0;
    while now < model.horizon.0 {
        now += Span::seconds(1).0;
        simulation.advance(Time(now), u64::MAX, &mut Silent);
        let instances: Vec<(bool, u32)> = simulation
            .instances()
            .filter(|instance| instance.service == id)
            .map(|instance| (instance.up, instance.connections))
            .collect();
        look(&instances);
    }
}

/// The least number of application servers up at one time, under ten times the crowd.
fn least_up(variant: &str, horizon: &str, seed: u64) -> usize {
    let only_pages = ("traffic.visitors.journey", r#"[Repeat("20", [Call("elb.page"), Delay("exp(250ms)")])]"#);
    let loaded = replay(Some(variant), &[TENFOLD, only_pages, ("horizon", horizon), ("warm_up", "0s")]);
    let mut least = usize::MAX;
    watch(&loaded, seed, "app", |instances| least = least.min(instances.iter().filter(|instance| instance.0).count()));
    least
}

#[test]
fn servers_that_leak_together_die_together_unless_staggered() {
    let together: Vec<usize> =
        (1..=4).into_par_iter().map(|seed| least_up("six started together", "12min", seed)).collect();
    assert!(together.iter().filter(|least| **least == 0).count() >= 3, "{together:?}");
    let staggered: Vec<usize> = (1..=3).into_par_iter().map(|seed| least_up("six staggered", "25min", seed)).collect();
    assert!(staggered.iter().all(|least| *least > 0), "{staggered:?}");
}

#[test]
fn the_push_pool_is_the_end_of_the_story() {
    let loaded = replay(Some("push pool"), &[("horizon", "25min")]);
    let results = run(&loaded, 1);
    for objective in &results.objectives {
        assert!(objective.pass, "{} {}: {}", objective.subject, objective.expression, objective.observed_text);
    }
}
