//! What the reader says of keys and stores that cannot be.

use crate::support::Draft;
use surgelab::scenario::{Problem, load};

/// Every problem of a scenario, as messages.
fn problems(draft: &Draft) -> Vec<String> {
    let messages = |problems: Vec<Problem>| problems.into_iter().map(|problem| problem.message).collect();
    match load("wrong.ron", &draft.text()) {
        Ok(loaded) => messages(loaded.warnings),
        Err(problems) => messages(problems),
    }
}

#[track_caller]
fn says(draft: &Draft, expected: &str) {
    let said = problems(draft);
    assert!(said.iter().any(|message| message.contains(expected)), "{expected:?} is not among {said:#?}");
}

/// A server with a store, and an operation.
fn app(store: &str, steps: &str) -> Draft {
    Draft::new(10.0)
        .key("item", "Uniform(n: 10)")
        .service("app", &format!("stores: {{ \"items\": ({store}) }}, operations: {{ \"get\": [{steps}] }}"))
        .poisson(1.0, "app.get")
}

#[test]
fn what_a_step_names_must_be_there() {
    says(&app("", "Cached(\"itms\", \"item\", [], [])"), "unknown store `itms`");
    says(&app("", "Put(\"items\", \"itm\")"), "unknown key `itm`");
    says(&app("ttl: \"0s\"", "Put(\"items\", \"item\")"), "an entry that lives 0s is never found");
    says(&app("sliding: true", "Put(\"items\", \"item\")"), "`sliding` without `ttl`");
    says(&app("", "Cpu(\"1ms\")"), "nothing uses the store `items`");
    says(&app("", "Cpu(\"1ms\")"), "nothing asks for the key `item`");
    let journey = Draft::new(10.0)
        .key("item", "Uniform(n: 10)")
        .source("crowd", "Users(arrive: Constant(\"1/s\"), journey: [Put(\"items\", \"item\")])");
    says(&journey, "a store in a journey");
}

#[test]
fn caches_and_locks_have_their_rules() {
    says(&app("", "Lock(\"row\", \"item\", [Lock(\"row\", \"item\", [Delay(\"1ms\")])])"), "`row` within `row`");
    says(&app("", "Lock(\"row\", \"itm\", [Delay(\"1ms\")])"), "unknown key `itm`");
    says(&app("", "Lock(\"row\", \"item\", [])"), "an empty program");
    let cached = |links: &str, cache: &str| {
        Draft::new(10.0)
            .key("item", "Uniform(n: 10)")
            .service(
                "app",
                &format!("links: {{ {links} }}, operations: {{ \"get\": [Cached(\"cache\", \"item\", [], [])] }}"),
            )
            .service("cache", cache)
            .poisson(1.0, "app.get")
    };
    says(&cached("", "kind: Cache()"), "`app` uses `cache` without a link");
    says(
        &cached("\"cache\": ()", "kind: Server, operations: { \"get\": [Cpu(\"1ms\")] }"),
        "`cache` is no store and no `Cache`",
    );
    says(
        &cached("\"cache\": ()", "kind: Cache(), operations: { \"grab\": [Cpu(\"1ms\")] }"),
        "`cache` is a `Cache` and has `grab`",
    );
    says(&cached("\"cache\": (balance: Hash(\"itm\"))", "kind: Cache()"), "unknown key `itm`");
    says(
        &cached("\"cache\": ()", "kind: Cache()")
            .source("others", "Open(rate: Constant(\"1/s\"), call: \"cache.get\")"),
        "`cache` is a `Cache`",
    );
}

#[test]
fn sets_name_what_is_there() {
    let database = |kind: &str| {
        Draft::new(10.0)
            .service("db", &format!("kind: Database({kind}), operations: {{ \"read\": [Cpu(\"1ms\")] }}"))
            .poisson(1.0, "db.read")
    };
    says(&database("shard_by: \"row\""), "unknown key `row`");
    says(&database("replicas: 1, reads: [\"raed\"]"), "unknown operation of `db`, `raed`");
    says(&database("lag: \"1s\""), "`lag` without replicas");
    let written = |write_back: &str| {
        app(&format!("write_back: ({write_back})"), "Put(\"items\", \"item\")")
            .service("db", "operations: { \"save\": [Cpu(\"1ms\")] }")
    };
    says(&written("to: \"db.save\""), "`app` writes to `db` without a link");
    says(&written("to: \"db.sve\""), "unknown operation `db.sve`");
    says(&written("to: \"db.save\", every: \"0s\""), "checkpoints every 0s");
}
