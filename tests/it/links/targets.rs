//! Who is called, how many at a time, and who is not called for a while.

use crate::support::estimate::near;
use crate::support::run::finish;
use crate::support::{Draft, agree, compile, simulate};
use std::collections::BTreeMap;
use surgelab::engine::{InstanceId, Limit, Observation, Observer, Simulation};
use surgelab::units::Time;

/// Calls that came to each instance, in all and by second, and those that a dead one refused.
#[derive(Default)]
struct Calls {
    to: BTreeMap<InstanceId, u64>,
    by_second: BTreeMap<(i64, InstanceId), u64>,
    dead: u64,
}

impl Observer for Calls {
    fn observe(&mut self, now: Time, what: &Observation) {
        match *what {
            Observation::Admitted { instance, .. } => {
                *self.to.entry(instance).or_default() += 1;
                *self.by_second.entry((now.0 / 1_000_000_000, instance)).or_default() += 1;
            }
            Observation::Rejected { by: Limit::Dead, .. } => self.dead += 1,
            _ => {}
        }
    }
}

fn calls(draft: &Draft, seed: u64) -> (Simulation, Calls) {
    let mut sim = Simulation::new(compile(&draft.text()), seed);
    let mut calls = Calls::default();
    finish(&mut sim, &mut calls);
    (sim, calls)
}

/// Calls to the instances of `db`, in their order.
fn to_db(sim: &Simulation, calls: &Calls) -> Vec<u64> {
    let of_db = |i: &(usize, surgelab::engine::InstanceView)| sim.model().services[i.1.service].name == "db";
    sim.instances()
        .enumerate()
        .filter(of_db)
        .map(|(at, _)| calls.to.get(&InstanceId::new(at)).copied().unwrap_or(0))
        .collect()
}

/// `front` forwards to the instances of `db` on `farm`.
fn farm(horizon: f64, count: u32, link: &str, work: &str) -> Draft {
    Draft::new(horizon)
        .machine("farm", &format!("count: {count}"))
        .service("db", &format!("on: [\"farm\"], operations: {{ \"read\": [{work}] }}"))
        .service("front", &format!("on: [], kind: Balancer(to: \"db\"), links: {{ \"db\": ({link}) }}"))
}

#[test]
fn a_limit_per_server_with_a_queue_at_the_balancer_is_one_queue_for_all() {
    for (per_server, balance, seed) in [(1, "RoundRobin", 1), (2, "LeastConnections", 2)] {
        let draft = farm(2500.0, 3, &format!("balance: {balance}, target_limit: {per_server}"), "Delay(\"exp(10ms)\")");
        let servers = 3 * per_server;
        let rate = 80.0 * f64::from(servers);
        let (sim, seen) = simulate(&draft.poisson(rate, "front.read"), seed);
        let waiting = surgelab::napkin::formulas::mmc_waiting(rate, 0.01, servers).expect("it is stable");
        agree("M/M/c", seen.mean(), 0.01 + waiting, 0.02);
        let slots = sim.resources().find(|r| r.name == "front/0.slots(db)").expect("a row for the places");
        assert_eq!(slots.capacity, f64::from(servers));
        near("taken", slots.busy_seconds / slots.capacity_seconds, 0.8, 0.01);
        assert!(slots.waiting_max > 5 && slots.level_max <= slots.capacity, "{slots:?}");
    }
}

#[test]
fn those_who_wait_for_a_server_fail_by_the_pool_timeout_and_the_queue_limit() {
    let draft = farm(100.0, 2, "target_limit: 1, queue_limit: 4, pool_timeout: \"30ms\"", "Delay(\"20ms\")")
        .poisson(200.0, "front.read");
    let (sim, seen) = simulate(&draft, 3);
    let share = |reason| seen.failed(reason).value;
    assert!(share(surgelab::scenario::Reason::Refused) > 0.2 && share(surgelab::scenario::Reason::PoolTimeout) > 0.01);
    assert!(seen.ended.iter().all(|r| r.latency() < 0.0501));
    let slots = sim.resources().find(|r| r.name == "front/0.slots(db)").expect("a row for the places");
    assert!(slots.refused > 3000 && slots.waiting_max == 4, "{slots:?}");
}

#[test]
fn an_ejected_instance_gets_no_calls_until_its_time_is_over() {
    // One of four dies at 10 s. Three refusals eject it for 5 s each time: at about 10, 15, 20 and 25 s.
    let draft = farm(29.0, 4, "eject: (failures: 3, lasting: \"5s\")", "Delay(\"1ms\")")
        .poisson(200.0, "front.read")
        .rule("At(\"10s\", Crash(\"db/2\"))");
    let (_, seen) = calls(&draft, 4);
    assert_eq!(seen.dead, 12);
    // Alone, it is ejected too: then `none_healthy` decides.
    for (none_healthy, dead) in [("FailOpen", 3000..3900), ("Refuse", 12..13)] {
        let link = format!("eject: (failures: 3, lasting: \"5s\"), none_healthy: {none_healthy}");
        let draft =
            farm(29.0, 1, &link, "Delay(\"1ms\")").poisson(200.0, "front.read").rule("At(\"10s\", Crash(\"db\"))");
        let (_, seen) = calls(&draft, 4);
        assert!(dead.contains(&seen.dead), "{none_healthy}: {}", seen.dead);
    }
}

#[test]
fn slow_start_grows_the_share_linearly() {
    for balance in ["RoundRobin", "Random", "Weighted({\"farm\": 2})"] {
        let draft = farm(220.0, 2, &format!("balance: {balance}, slow_start: \"100s\""), "Delay(\"1ms\")")
            .poisson(300.0, "front.read")
            .rule("At(\"20s\", AddMachines(\"farm\", 1))");
        let (sim, seen) = calls(&draft, 5);
        let new = InstanceId::new(sim.instances().position(|i| i.ordinal == 2).expect("the new one"));
        let share = |from: i64, to: i64| {
            let of = |instance: Option<InstanceId>| {
                let db = |i: InstanceId| {
                    sim.model().services[sim.instances().nth(i.index()).expect("known").service].name == "db"
                };
                seen.by_second
                    .iter()
                    .filter(|((at, i), _)| {
                        (from..to).contains(at) && instance.map_or_else(|| db(*i), |only| only == *i)
                    })
                    .map(|(_, n)| n)
                    .sum::<u64>()
            };
            of(Some(new)) as f64 / of(None) as f64
        };
        // x / (2 + x) of the calls when its share is x: its mean from x = a to b is (b - a - 2 ln((2 + b) / (2 + a))) /
        // (b - a).
        let mean = |a: f64, b: f64| (b - a - 2.0 * ((2.0 + b) / (2.0 + a)).ln()) / (b - a);
        near(&format!("{balance}: first half"), share(20, 70), mean(0.0, 0.5), 0.06);
        near(&format!("{balance}: second half"), share(70, 120), mean(0.5, 1.0), 0.04);
        near(&format!("{balance}: afterwards"), share(120, 220), 1.0 / 3.0, 0.03);
    }
}

#[test]
fn weights_are_exact_in_any_stretch() {
    let draft = Draft::new(100.0)
        .machine("large", "count: 2")
        .machine("small", "count: 1")
        .machine("spare", "count: 1")
        .service("db", "on: [\"large\", \"small\", \"spare\"], operations: { \"read\": [Delay(\"1ms\")] }")
        .service(
            "front",
            "on: [], kind: Balancer(to: \"db\"), links: { \"db\": (balance: Weighted({\"large\": 3, \"spare\": 0})) }",
        )
        .poisson(70.0, "front.read");
    let (sim, seen) = calls(&draft, 6);
    let counts = to_db(&sim, &seen);
    let seventh = counts.iter().sum::<u64>() as f64 / 7.0;
    for (count, weight) in counts.iter().zip([3.0, 3.0, 1.0, 0.0]) {
        assert!((*count as f64 - weight * seventh).abs() <= 2.0, "{counts:?}");
    }
}

#[test]
fn the_same_machine_is_called_while_it_serves() {
    let draft = Draft::new(60.0)
        .machine("web", "count: 3, cores: 2")
        .machine("far", "count: 1")
        .service("db", "on: [\"web\", \"far\"], operations: { \"read\": [Delay(\"1ms\")] }")
        .service(
            "app",
            "on: [\"web\"], links: { \"db\": (balance: SameMachine) }, operations: { \"get\": [Call(\"db.read\")] }",
        )
        .service("away", "links: { \"db\": (balance: Random) }, operations: { \"get\": [Delay(\"1ms\")] }")
        .poisson_with(300.0, "app.get", "access: (balance: Weighted({\"web\": 1}))");
    let (sim, seen) = calls(&draft, 7);
    let counts = to_db(&sim, &seen);
    let all: u64 = counts.iter().sum();
    assert_eq!(counts[3], 0, "{counts:?}");
    assert!(counts[..3].iter().all(|count| (3 * count).abs_diff(all) <= 6), "each caller has its own: {counts:?}");
    // A caller whose neighbour leaves calls any.
    let alone = draft.rule("At(\"30s\", Set(\"services.db.on\", [\"far\"]))");
    let (sim, seen) = calls(&alone, 7);
    let counts = to_db(&sim, &seen);
    near("moved", counts[3] as f64 / counts.iter().sum::<u64>() as f64, 0.5, 0.03);
}

#[test]
fn a_sinkhole_takes_what_least_connections_gives_it() {
    // One of three instances refuses at once, so it never has a call in progress. Where ties go to the first, it gets
    // all; at random, the good ones are asked when they are idle: each has one call or none, a birth-death chain.
    let goodput = |balance: &str| {
        let draft = Draft::new(400.0)
            .machine("farm", "count: 3")
            .service("db", "on: [\"farm\"], operations: { \"read\": [Delay(\"exp(50ms)\")] }")
            .poisson_with(150.0, "db.read", &format!("access: (balance: {balance})"))
            .rule("At(\"0s\", Crash(\"db/0\"))");
        simulate(&draft, 8).1.goodput(10.0, 400.0)
    };
    let (one, two) = (150.0 * 2.0 / 3.0 / 20.0, 150.0 / 2.0 / 40.0);
    let exact: f64 = 20.0 * (one + 2.0 * one * two) / (1.0 + one + one * two);
    assert!((exact - 31.0).abs() < 0.2, "{exact}");
    near("random ties", goodput("LeastConnections"), exact, 0.03);
    assert_eq!(goodput("FirstOfLeast"), 0.0);
}
