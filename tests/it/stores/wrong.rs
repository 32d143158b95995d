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
    says(&app("", "Cached(\"itms\", \"item\", [], [])"), "unknown store of `app`, `itms`");
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
