use crate::model::{Amount, AmountId, Instr, LaneId, Model, NO_PC, Pc, ServiceId, SourceId};
use crate::scenario::{Edit, load};
use crate::units::Span;

fn text(program: &str) -> String {
    format!(
        r#"(version: 1, title: "t", horizon: "1h", machines: {{ "m": (count: 2) }},
            services: {{
                "app": (on: ["m"], links: {{ "db": (timeout: "1s", latency: "1ms") }}, operations: {{ "page": [{program}] }}),
                "db": (kind: Database, on: ["m"], operations: {{ "query": [Cpu("exp(2ms)")] }}),
            }},
            traffic: {{ "all": Open(rate: Constant("10/s"), call: "app.page", patience: "1s", retry: (times: 2)) }})"#
    )
}

fn model(text: &str) -> Model {
    let loaded = load("test", text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    Model::compile(&loaded).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn entry(model: &Model, operation: &str) -> Pc {
    model.operations.iter().find(|known| known.name == operation).expect("it is offered").entry
}

fn set(path: &str, value: &str) -> [Edit; 1] {
    [Edit::set(path, value)]
}

#[test]
fn a_failure_goes_to_the_innermost_fallback_and_leaves_from_there_outwards() {
    let model = model(&text(
        r#"Try([Cpu("1ms"), Try([Call("db.query")], [Cpu("2ms")]), Parallel([[Cpu("3ms")]])], [Cpu("4ms")]), Cpu("5ms")"#,
    ));
    let start = entry(&model, "app.page") as usize;
    let code = &model.code[start..];
    let at = |wanted: &dyn Fn(&Instr) -> bool| {
        code.iter().position(|step| wanted(&step.instr)).expect("it is in the program")
    };
    let cpu = |seconds: f64| {
        let amount = Amount::Constant { value: seconds, lane: Some(lane(&model, seconds)) };
        at(&|instr| matches!(instr, Instr::Cpu(id) if model.amounts[*id] == amount))
    };
    let call = at(&|instr| matches!(instr, Instr::Call(_)));
    let inner = code[call].handler as usize - start;
    assert!(matches!(code[inner].instr, Instr::Degrade));
    assert_eq!(inner + 1, cpu(0.002));
    let outer = code[inner].handler as usize - start;
    assert!(matches!(code[outer].instr, Instr::Degrade));
    assert_eq!(outer + 1, cpu(0.004));
    assert_eq!(code[cpu(0.001)].handler, code[inner].handler);
    assert_eq!(code[at(&|instr| matches!(instr, Instr::Fork { .. }))].handler, code[inner].handler);
    // A branch fails as a whole; its fork then fails in the program that forked.
    assert_eq!(code[cpu(0.003)].handler, NO_PC);
    assert_eq!(code[outer].handler, NO_PC);
    assert_eq!(code[cpu(0.005)].handler, NO_PC);
}

fn lane(model: &Model, seconds: f64) -> LaneId {
    let span = Span((seconds * 1e9).round() as i64);
    LaneId::new(model.lanes.iter().position(|lane| *lane == span).expect("every constant has a lane"))
}

#[test]
fn constants_and_lanes_are_there_once() {
    let model = model(&text(r#"Delay("1s"), Delay("1000ms"), Call("db.query")"#));
    assert_eq!(model.lanes[LaneId::new(0)], Span(0));
    assert_eq!(model.amounts[AmountId::new(0)], Amount::Constant { value: 0.0, lane: Some(LaneId::new(0)) });
    let second = lane(&model, 1.0);
    assert_eq!(model.lanes.iter().filter(|lane| **lane == Span(1_000_000_000)).count(), 1);
    assert!(model.links.iter().all(|link| link.timeout == Some(second)));
    let source = model.links.iter().find(|link| link.name == "all>app").expect("the crowd has a link");
    assert_eq!((source.retry.times, source.keep, source.retry.after), (2, 0, AmountId::new(0)));
}

#[test]
fn visits_are_means_of_repeats_and_choices_and_nothing_in_fallbacks() {
    let model = model(&text(
        r#"Repeat("geometric(4)", [Choose([(1, [Call("db.query")]), (3, [Try([Background([Call("db.query")])], [Call("db.query")])])])])"#,
    ));
    // The mean of what is rounded is a sum of many parts.
    let rounded = |visits: f64| (visits * 1e9).round() / 1e9;
    let own = model.sites.iter().filter(|site| site.from.is_some());
    let visits: Vec<(f64, bool)> = own.map(|site| (rounded(site.visits), site.background)).collect();
    assert_eq!(visits, [(1.0, false), (3.0, true), (0.0, false)]);
}

#[test]
fn every_step_has_an_identity_of_its_own_that_variants_share() {
    let model = model(&text(
        r#"Choose([(1, [Cpu("1ms"), Cpu("1ms")]), (1, [Cpu("1ms"), Cpu("1ms")])]), Parallel([[Cpu("1ms")], [Cpu("1ms")]])"#,
    ));
    let mut keys: Vec<u64> =
        model.code.iter().filter(|step| matches!(step.instr, Instr::Cpu(_))).map(|step| step.key).collect();
    let patched = model.edited(&set("services.db.operations.query", r#"[Cpu("exp(9ms)")]"#)).expect("a good value");
    assert_eq!(
        patched.code[..model.code.len()].iter().map(|step| step.key).collect::<Vec<_>>(),
        model.code.iter().map(|step| step.key).collect::<Vec<_>>()
    );
    let new = &patched.code[entry(&patched, "db.query") as usize];
    assert_eq!(new.key, model.code[entry(&model, "db.query") as usize].key);
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 7);
}

#[test]
fn a_successor_keeps_ids_and_programs_retires_what_is_gone_and_appends_the_rest() {
    let before = model(&text(r#"Call("db.query")"#));
    let same = before.edited(&set("services.app.workers", "8")).expect("a good value");
    assert_eq!(same.code.len(), before.code.len());
    assert_eq!(same.services[ServiceId::new(0)].workers, 8);
    let after = before
        .compile_after(
            &load("test", &text(r#"Call("cache.get")"#).replace(r#""db""#, r#""cache""#).replace("query", "get"))
                .expect("it is a scenario"),
        )
        .expect("it is small");
    for (at, service) in before.services.enumerate() {
        assert_eq!(after.services[at].name, service.name);
    }
    let named = |name: &str| after.services.iter().find(|service| service.name == name).expect("kept or new");
    assert!(named("db").retired && !named("cache").retired && !named("app").retired);
    assert!(after.operations.iter().any(|operation| operation.name == "db.query" && operation.retired));
    assert!(after.links.iter().any(|link| link.name == "app>db" && link.retired));
    assert_ne!(entry(&after, "app.page"), entry(&before, "app.page"));
    assert_eq!(after.sources[SourceId::new(0)].entry, before.sources[SourceId::new(0)].entry);
    let back = after
        .compile_after(&load("test", &text(r#"Call("db.query")"#)).expect("it is a scenario"))
        .expect("it is small");
    assert!(back.services.iter().any(|service| service.name == "db" && !service.retired));
    assert_eq!(back.services.len(), 3);
}

#[test]
fn the_digest_is_of_the_meaning_and_not_of_the_text() {
    let one = model(&text(r#"Delay("1s")"#));
    assert_eq!(one.digest, model(&text(r#"Delay("1s")"#).replace('\n', " ")).digest);
    assert_ne!(one.digest, model(&text(r#"Delay("2s")"#)).digest);
}

#[test]
fn hyperexponential_branches_have_balanced_means() {
    let model = model(&text(r#"Cpu("hyperexp(10ms, cv 3)")"#));
    let found = model.amounts.iter().find_map(|amount| {
        if let Amount::HyperExponential { p, first, second } = amount { Some((*p, *first, *second)) } else { None }
    });
    let (p, first, second) = found.expect("it is compiled");
    assert!((p * first - 0.005).abs() < 1e-15 && ((1.0 - p) * second - 0.005).abs() < 1e-15);
    let second_moment = 2.0 * (p * first * first + (1.0 - p) * second * second);
    assert!((second_moment / 1e-4 - 10.0).abs() < 1e-9);
}

#[test]
fn traffic_that_grows_beyond_measure_is_a_problem_and_no_run() {
    let text = text(r#"Cpu("1ms")"#).replace(r#"Constant("10/s")"#, r#"Doubling(from: "10/s", every: "1min")"#);
    let problems = Model::compile(&load("test", &text).expect("it is legal")).expect_err("2^60 doublings");
    assert!(problems[0].message.starts_with("the traffic of `all` grows to 1.2e19"), "{problems:?}");
    let forever = text.replace("1min", "1ns");
    assert!(load("test", &forever).map_or_else(Err, |loaded| Model::compile(&loaded)).is_err());
}

#[test]
fn flashes_longer_than_time_itself_are_no_overflow() {
    let text = text(r#"Cpu("1ms")"#).replace(
        r#"Constant("10/s")"#,
        r#"Flash(base: "1/s", peak: "9/s", at: "100000d", rise: "100000d", half_life: "100000d")"#,
    );
    if let Ok(loaded) = load("test", &text) {
        let model = Model::compile(&loaded).expect("it is small");
        assert!(model.sources[SourceId::new(0)].profile.points.is_sorted_by_key(|(time, _)| *time));
    }
}
