//! `like`: what a service says lies over what its part says.
use surgelab::scenario::{Edit, Loaded, load, render};

fn text(service: &str) -> String {
    format!(
        "(version: 1, title: \"t\", horizon: \"10s\", machines: {{ \"box\": () }}, services: {{
    \"web\": (on: [\"box\"], {service}, operations: {{ \"page\": [Cpu(\"1ms\")] }}),
}}, traffic: {{ \"crowd\": Open(rate: Constant(\"1/s\"), call: \"web.page\") }})"
    )
}

#[track_caller]
fn loaded(text: &str) -> Loaded {
    load("t.ron", text).unwrap_or_else(|problems| panic!("{}", render(&problems, "t.ron", text, false)))
}

fn problems(service: &str) -> String {
    let text = text(service);
    render(&load("t.ron", &text).unwrap_err(), "t.ron", &text, false)
}

#[test]
fn a_service_has_the_fields_of_its_part_and_its_own_over_them() {
    let text = text("like: \"apache-prefork\", backlog: (), memory: (idle: \"1MiB\")");
    let web = loaded(&text).scenario.services.get("web").unwrap().clone();
    assert_eq!((web.workers, web.backlog.limit), (Some(256), Some(511)));
    assert_eq!((web.memory.idle.0, web.memory.per_worker.0), (1 << 20, 35_000_000), "records field by field");
    assert_eq!(web.operations.names().collect::<Vec<_>>(), ["page"]);
}

#[test]
fn what_is_set_to_the_language_s_default_stays_so_after_saving() {
    for own in [
        "workers: None, worker_holds: Request, memory: (per_worker: \"0B\")",
        "memory: (idle: \"0B\", limit: \"9GiB\"), backlog: (limit: None)",
        "workers: 256",
    ] {
        let scenario = loaded(&text(&format!("like: \"apache-prefork\", {own}"))).scenario;
        let saved = scenario.to_ron();
        assert_eq!(loaded(&saved).scenario, scenario, "{saved}");
    }
    let saved = loaded(&text("like: \"apache-prefork\", workers: 256")).scenario.to_ron();
    assert!(!saved.contains("workers"), "what the part says is left out: {saved}");
    assert!(!saved.contains("memory"), "{saved}");
}

#[test]
fn patches_reach_what_only_the_part_says() {
    let plain = loaded(&text("like: \"apache-prefork\""));
    let with = |path: &str, value: &str| plain.with(None, &[Edit::set(path, value)]).unwrap().scenario;
    assert_eq!(with("services.web.workers", "9").services.get("web").unwrap().workers, Some(9));
    let patched = with("services.web.memory.per_worker", "1MiB");
    let memory = &patched.services.get("web").unwrap().memory;
    assert_eq!((memory.idle.0, memory.per_worker.0), (20 << 20, 1 << 20));
    assert_eq!(with("services.web.like", "None").services.get("web").unwrap().workers, None);
    let text = text("workers: 3");
    let other = loaded(&text).with(None, &[Edit::set("services.web.like", "apache-prefork")]).unwrap().scenario;
    assert_eq!(
        (other.services.get("web").unwrap().workers, other.services.get("web").unwrap().backlog.limit),
        (Some(3), Some(511))
    );
}

#[test]
fn patches_reach_into_steps_links_and_kinds_of_a_part() {
    let text = "(version: 1, title: \"t\", horizon: \"10s\", machines: { \"box\": () }, services: {
        \"front\": (on: [\"box\"], like: \"nginx\", kind: Balancer(to: \"redis\"), links: { \"redis\": () }),
        \"redis\": (on: [\"box\"], like: \"redis\"),
    }, traffic: { \"crowd\": Open(rate: Constant(\"1/s\"), call: \"front.get\") })";
    let plain = loaded(text);
    let with = |path: &str, value: &str| {
        plain.with(None, &[Edit::set(path, value)]).unwrap_or_else(|problems| panic!("{problems:#?}"))
    };
    let link = |loaded: &Loaded| loaded.scenario.services.get("front").unwrap().links.get("redis").unwrap().clone();
    assert_eq!(link(&plain).timeout.unwrap().as_seconds(), 60.0, "a part's link named ? is under every link");
    let patched = link(&with("services.front.links.redis.timeout", "3s"));
    assert_eq!((patched.timeout.unwrap().as_seconds(), patched.connect_timeout.as_seconds()), (3.0, 60.0));
    let program = |loaded: &Loaded, name: &str| {
        format!("{:?}", loaded.scenario.services.get("redis").unwrap().operations.get(name).unwrap())
    };
    let patched = with("services.redis.operations.get.0.work", "7us");
    assert!(patched.text.contains("\"get\": [Cpu(\"7us\")]"), "{}", patched.text);
    assert_eq!(program(&patched, "set"), program(&plain, "set"), "the others stay");
    let kind = |loaded: &Loaded| format!("{:?}", loaded.scenario.services.get("front").unwrap().kind);
    let patched = kind(&with("services.front.kind.cpu", "7us"));
    assert!(patched.contains("redis") && patched.contains("7us"), "{patched}");
    assert!(kind(&plain).contains("100us"));
}

#[test]
fn what_a_part_leaves_open_is_asked_for() {
    let told = problems("like: \"nginx\"");
    assert!(told.contains("`to` is missing") && told.contains("\"web\": (on: [\"box\"], like: \"nginx\""), "{told}");
}

#[test]
fn variants_choose_the_part() {
    let text = text("like: \"apache-prefork\"").replace(
        "traffic:",
        "variants: { \"bare\": (set: { \"services.web.like\": None }), \"few\": (set: { \"services.web.workers\": 5 }) }, traffic:",
    );
    let workers =
        |variant: &str| loaded(&text).with(Some(variant), &[]).unwrap().scenario.services.get("web").unwrap().workers;
    assert_eq!((workers("bare"), workers("few")), (None, Some(5)));
}

#[test]
fn mistakes_are_told_where_the_service_says_them() {
    insta::assert_snapshot!(
        [
            problems("like: \"apache-perfork\""),
            problems("like: \"something else\""),
            problems("like: 3"),
            problems("like: \"apache-prefork\", workers: 3, workers: 4"),
            problems("like: \"apache-prefork\", memory: (limit: \"10MiB\")"),
            problems("kind: External, like: \"apache-prefork\""),
        ]
        .join("\n")
    );
}

#[test]
fn a_slip_beside_a_part_is_told() {
    assert!(problems("like: \"apache-prefork\", wrokers: 3").contains("did you mean `workers`?"));
}

#[test]
fn the_digest_is_of_the_numbers_and_not_of_the_part_s_name() {
    use surgelab::model::Model;
    let digest = |text: &str| Model::compile(&loaded(text)).unwrap().digest;
    assert_eq!(digest(&text("like: \"apache-prefork\"")), digest(&text("like: \"apache-prefork\", workers: 256")));
    assert_ne!(digest(&text("like: \"apache-prefork\"")), digest(&text("like: \"apache-prefork\", workers: 255")));
}
