use super::*;
use crate::scenario::load;

fn model(text: &str) -> Model {
    let loaded = load("test", text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    Model::compile(&loaded).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn scenario(services: &str, traffic: &str) -> Model {
    model(&format!(
        r#"(version: 1, title: "t", horizon: "1h", machines: {{ "web": (count: 2, cores: 4), "db": (speed: 2.0) }}, services: {{ {services} }}, traffic: {{ {traffic} }})"#
    ))
}

fn service(model: &Model, name: &str) -> usize {
    model.services.iter().position(|service| service.name == name).expect("it is in the scenario")
}

#[track_caller]
fn close_to(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} instead of {expected}");
}

#[test]
fn demand_flows_through_balancers_repeats_and_choices() {
    let model = scenario(
        r#""elb": (kind: Balancer(to: "app", cpu: "1ms"), on: ["web"], links: { "app": () }),
           "app": (on: ["web"], links: { "rds": () }, operations: { "page": [Cpu("exp(8ms)"), Repeat("3", [Call("rds.query")]), Choose([(1, [Call("rds.query")]), (3, [])]), Send("40KiB")] }),
           "rds": (kind: Database, on: ["db"], operations: { "query": [Cpu("exp(2ms)")] })"#,
        r#""visitors": Users(arrive: Constant("10/s"), journey: [Repeat("geometric(20)", [Call("elb.page"), Delay("exp(30s)")])])"#,
    );
    let demand = Demand::new(&model);
    let loads = demand.of(&Crowd::steady(vec![10.0]));
    let at = |name: &str| loads.services[service(&model, name)];
    close_to(at("elb").cpu, 0.2);
    close_to(at("app").cpu, 1.6);
    close_to(at("app").bytes, 200.0 * 40.0 * 1024.0);
    close_to(at("rds").cpu, 200.0 * 3.25 * 0.002);
    // The database's machine is twice as fast.
    close_to(at("rds").in_progress, 200.0 * 3.25 * 0.001);
    close_to(at("app").in_progress, 200.0 * (0.008 + 3.25 * 0.001));
    close_to(loads.sessions[0], 20.0 * (30.0 + 0.001 + 0.008 + 3.25 * 0.001));
}

#[test]
fn a_hold_lasts_from_its_call_to_the_sessions_end() {
    let model = scenario(
        r#""push": (on: ["web"], operations: { "subscribe": [Hold], "poll": [HoldFor("5s")] })"#,
        r#""early": Users(arrive: Constant("10/s"), journey: [Call("push.subscribe"), Delay("10min")]),
           "middle": Users(arrive: Constant("0/s"), journey: [Repeat("5", [Delay("1min"), Background([Call("push.subscribe")]), Delay("1min")])]),
           "polls": Open(rate: Constant("0/s"), call: "push.poll")"#,
    );
    let demand = Demand::new(&model);
    let held = |levels: [f64; 3]| demand.of(&Crowd::steady(levels.to_vec())).services[service(&model, "push")].held;
    close_to(held([10.0, 0.0, 0.0]), 6000.0);
    // Five calls, on average in the middle of ten minutes.
    close_to(held([0.0, 1.0, 0.0]), 5.0 * 300.0);
    close_to(held([0.0, 0.0, 2.0]), 10.0);
    let growing = Crowd { starting: vec![100.0, 0.0, 0.0], present: vec![10.0, 0.0, 0.0] };
    close_to(demand.of(&growing).services[service(&model, "push")].held, 6000.0);
}

#[test]
fn load_that_feeds_on_itself_finds_its_fixed_point() {
    let model = scenario(
        r#""slow": (kind: External, operations: { "get": [Delay("1s + 10ms*in_flight")] })"#,
        r#""all": Open(rate: Constant("40/s"), call: "slow.get")"#,
    );
    let demand = Demand::new(&model);
    assert!(demand.depends_on_load());
    // n = 40 (1.01 + 0.01 n), an arriving call counting itself.
    let found = demand.of(&Crowd::steady(vec![40.0])).services[0].in_progress;
    assert!((found - 40.4 / 0.6).abs() < 1e-5, "{found}");
}

#[test]
fn forks_wait_for_the_branch_they_need_and_fallbacks_cost_nothing() {
    let model = scenario(
        r#""app": (on: ["web"], operations: { "all": [Parallel([[Delay("1s")], [Delay("3s")], [Cpu("2s")]])], "most": [Quorum(2, [[Delay("1s")], [Delay("3s")], [Cpu("2s")]])],
             "try": [Try([Delay("1s")], [Cpu("9s")])], "beside": [Background([Cpu("4s")]), Delay("1s")] })"#,
        r#""a": Open(rate: Constant("1/s"), call: "app.all"), "b": Open(rate: Constant("1/s"), call: "app.most"),
           "c": Open(rate: Constant("1/s"), call: "app.try"), "d": Open(rate: Constant("1/s"), call: "app.beside")"#,
    );
    let demand = Demand::new(&model);
    let programs = demand.programs(&demand.of(&Crowd::steady(vec![1.0; 4])), &Throttle::open(&model)).0;
    let lasting: Vec<f64> = programs.iter().map(|program| program.lasting).collect();
    assert_eq!(lasting, [3.0, 2.0, 1.0, 1.0]);
    let cpu: Vec<f64> = programs.iter().map(|program| program.cpu).collect();
    assert_eq!(cpu, [2.0, 2.0, 0.0, 4.0]);
}

#[test]
fn a_closed_population_comes_round_once_a_journey() {
    let model = scenario(
        r#""app": (on: ["web"], operations: { "page": [Cpu("1s")] })"#,
        r#""staff": Closed(population: Constant(100), journey: [Call("app.page"), Delay("9s")])"#,
    );
    close_to(Demand::new(&model).of(&Crowd::steady(vec![100.0])).services[0].cpu, 10.0);
}

#[test]
fn bytes_go_as_fast_as_whoever_keeps_them() {
    for (buffers, workers) in [(false, 1.005), (true, 0.005)] {
        let model = scenario(
            &format!(
                r#""proxy": (kind: Balancer(to: "app", buffers: {buffers}), on: ["db"], links: {{ "app": () }}),
                   "app": (on: ["web"], links: {{ "files": () }}, operations: {{ "page": [Cpu("5ms"), Send("100kB")], "put": [Receive("1MB"), Call("files.put")] }}),
                   "files": (on: ["db"], operations: {{ "put": [Receive("2MB"), Disk("3")] }})"#
            ),
            r#""readers": Open(rate: Constant("20/s"), call: "proxy.page", access: (bandwidth: "100kB/s")),
               "writers": Open(rate: Constant("2/s"), call: "proxy.put", access: (upload: "1MB/s"))"#,
        );
        let demand = Demand::new(&model);
        let at = |name: &str, readers: f64, writers: f64| {
            demand.of(&Crowd::steady(vec![readers, writers])).services[service(&model, name)]
        };
        close_to(at("app", 20.0, 0.0).in_progress, 20.0 * workers);
        close_to(at("proxy", 20.0, 0.0).in_progress, 20.0 * 1.005);
        close_to(at("proxy", 20.0, 0.0).bytes, if buffers { 2e6 } else { 0.0 });
        close_to(at("app", 20.0, 2.0).bytes, 2e6 + 2.0 * 2e6);
        close_to(at("files", 0.0, 2.0).disk, 6.0);
        let uploaded = [at("proxy", 0.0, 2.0).uploaded, at("app", 0.0, 2.0).uploaded];
        assert_eq!(uploaded, if buffers { [2e6, 0.0] } else { [0.0, 2e6] });
        close_to(at("app", 0.0, 2.0).in_progress, if buffers { 0.0 } else { 2.0 });
    }
}

#[test]
fn what_a_cache_finds_nobody_behind_it_is_asked_for() {
    let asked = |key: &str, store: &str, source: &str| {
        let model = model(&format!(
            r#"(version: 1, title: "t", horizon: "1h", machines: {{ "web": () }}, keys: {{ "item": {key} }},
                services: {{ "app": (on: ["web"], links: {{ "db": () }}, stores: {{ "items": ({store}) }}, operations: {{ "get": [Cached("items", "item", [], [Call("db.read")])] }}),
                             "db": (kind: External, operations: {{ "read": [Delay("1ms")] }}) }}, traffic: {{ "crowd": {source} }})"#
        ));
        let demand = Demand::new(&model);
        demand.of(&Crowd::steady(vec![10.0])).operations
            [model.operations.iter().position(|known| known.name == "db.read").expect("it is there")]
            / 10.0
    };
    let open = r#"Open(rate: Constant("10/s"), call: "app.get")"#;
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-3, "{found} instead of {expected}");
    // The figures of the truths about replacement.
    near(asked("Zipf(n: 1000, s: 0.8)", "capacity: 50", open), 1.0 - 0.2616191525);
    near(asked("Zipf(n: 10000, s: 1.0)", "capacity: 100", open), 1.0 - 0.3905254854);
    near(asked("Zipf(n: 10000, s: 1.0)", "capacity: 100, evict: Random", open), 1.0 - 0.3423321);
    // λT/(1+λT) and 1 − exp(−λT), with 10/s · 60 s over 100 keys.
    near(asked("Uniform(n: 100)", r#"ttl: "60s""#, open), 1.0 / 7.0);
    near(asked("Uniform(n: 100)", r#"ttl: "60s", sliding: true"#, open), libm::exp(-6.0));
    near(asked("Uniform(n: 100)", "", open), 100.0 / 36_000.0);
    near(asked("User", "", open), 1.0);
    near(asked("User", "", r#"Users(arrive: Constant("10/s"), journey: [Repeat("50", [Call("app.get")])])"#), 1.0);
}
