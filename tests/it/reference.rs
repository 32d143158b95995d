//! The small languages as they are looked up, parts filled in, amounts drawn.

use crate::support::run::loaded;
use std::process::Command;
use surgelab::catalog::parts;
use surgelab::scenario::reference::{TOPICS, reference};
use surgelab::scenario::{Scenario, Service, load, schema};

fn surgelab(arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_surgelab")).args(arguments).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn told(arguments: &[&str]) -> String {
    let (out, err) = surgelab(arguments);
    assert_eq!(err, "", "{arguments:?}");
    out
}

#[test]
fn every_topic_and_every_word_of_it_is_found() {
    for topic in TOPICS {
        let text = told(&["fields", topic.name]);
        let words = reference().into_iter().filter(|entry| entry.topic == topic.name);
        for word in words {
            assert!(text.contains(&word.usage), "{}: {} in\n{text}", topic.name, word.usage);
        }
        assert_eq!(told(&["fields", topic.name.trim_end_matches('s')]), text);
    }
    assert_eq!(told(&["fields", "metrics"]), told(&["fields", "--metrics"]));
    let all = told(&["fields"]);
    assert!(TOPICS.iter().all(|topic| all.contains(topic.name)));
}

#[test]
fn a_word_is_found_wherever_it_stands() {
    let retry = told(&["fields", "retry"]);
    assert!(retry.contains("services.*.links.*.retry.times") && retry.contains("traffic.*.retry"), "{retry}");
    let instance = told(&["fields", "in_flight"]);
    assert!(instance.contains("this one included"), "{instance}");
    let json: serde_json::Value = serde_json::from_str(&told(&["fields", "weibull", "--format", "json"])).unwrap();
    assert_eq!(json[0]["word"], "weibull(mean, shape k)");
    assert_eq!(json[0]["topic"], "distributions");
    assert!(told(&["fields", "services"]).starts_with("services"), "a path still lists what is below it");
    let (_, problem) = surgelab(&["fields", "distributins"]);
    assert!(problem.contains("did you mean `distributions`?"), "{problem}");
}

#[test]
fn an_amount_is_drawn_in_a_few_lines() {
    let text = told(&["fields", "lognormal(8ms, cv 1)"]);
    for fact in ["mean 8.00 ms", "cv 1.00", "p50 5.66 ms", "p95 22.2 ms", "p99 39.2 ms", "█", "1.00 % of the values"]
    {
        assert!(text.contains(fact), "{fact} is not in\n{text}");
    }
    let text = told(&["fields", "p50 300ms, p99 3s"]);
    assert!(text.contains("p50 300 ms") && text.contains("p99 3.00 s"), "{text}");
    assert!(told(&["fields", "exp(1s) + exp(1s)"]).contains("20,000 draws"));
    assert!(told(&["fields", "1s + 10ms*in_flight"]).contains("of an idle instance"));
    assert!(told(&["fields", "geometric(20)"]).contains("mean 20"));
    let (_, problem) = surgelab(&["fields", "lognormal(8ms, 1)"]);
    assert!(problem.contains("`cv` is missing") && problem.contains("expected `, cv 1.5`"), "{problem}");
}

#[test]
fn the_schema_tells_the_small_languages() {
    let schema = schema();
    let text = schema.to_string();
    for word in
        ["p50 value, p99 value", "mixture(amount:weight, ..)", "SUBJECT.METRIC", "[worst TIME] METRIC", "ruby-unicorn"]
    {
        assert!(text.contains(word), "{word}");
    }
}

/// A scenario with a service like each part that can stand alone in it.
fn shop() -> String {
    r#"(version: 1, title: "t", horizon: "1min", machines: { "m": (cores: 4, memory: "16GiB") },
        services: {
            "front": (like: "nginx", on: ["m"], kind: Balancer(to: "app"), links: { "app": (timeout: "3s") }),
            "app": (like: "puma", on: ["m"], workers: 7, links: { "db": () }, operations: { "page": [Cpu("5ms"), Call("db.q")] }),
            "db": (like: "mysql", on: ["m"], operations: { "q": [Cpu("1ms")] }),
        },
        traffic: { "u": Open(rate: Constant("10/s"), call: "front.page") })"#
        .to_owned()
}

/// The same scenario whose services are what they are by themselves.
fn unlike(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    for (name, service) in scenario.services.clone().iter() {
        scenario.services.insert(name.clone(), Service { like: None, ..service.clone() });
    }
    scenario
}

#[test]
fn an_expanded_scenario_says_all_and_runs_the_same() {
    let text = shop();
    let expanded = loaded(&text).expanded();
    for line in [
        "threads: 1,  // puma: CRuby: the global VM lock lets one thread of a process run Ruby code at a time",
        "workers: 7,\n",
        "timeout: \"3s\",\n",
        "connect_timeout: \"1min\",  // nginx: ngx_http_proxy_module: proxy_connect_timeout, 60s by default",
        "cpu: \"100us\",  // nginx: assumed: about 10,000 proxied requests/s on a core",
        "// like puma: Puma (Ruby on Rails)",
    ] {
        assert!(expanded.contains(line), "{line} is not in\n{expanded}");
    }
    assert!(!expanded.contains("like:"), "{expanded}");
    let without = |text: &str| {
        let loaded = load("test.ron", text).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
        unlike(&loaded.scenario).meaning()
    };
    assert_eq!(without(&text), without(&expanded));
}

#[test]
fn every_built_in_scenario_expands_to_itself() {
    for built_in in surgelab::catalog::SCENARIOS {
        let plain = load(built_in.file, built_in.text).unwrap();
        let expanded = plain.expanded();
        let again =
            load("expanded.ron", &expanded).unwrap_or_else(|problems| panic!("{}: {problems:#?}", built_in.name));
        assert_eq!(unlike(&plain.scenario).meaning(), again.scenario.meaning(), "{}", built_in.name);
    }
}

#[test]
fn parts_are_found_by_a_word() {
    assert!(told(&["show", "puma"]).starts_with("puma  Puma (Ruby on Rails)"));
    let ruby = told(&["show", "ruby"]);
    assert!(ruby.contains("ruby-unicorn") && ruby.contains("puma"), "{ruby}");
    assert!(told(&["show", "interpreter lock"]).contains("lighttpd-flup-django"));
    assert!(parts().count() > 20);
    let (_, problem) = surgelab(&["show", "no such thing"]);
    assert!(problem.contains("there is no scenario and no file"), "{problem}");
}
