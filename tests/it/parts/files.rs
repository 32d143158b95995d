//! The file of parts.
use surgelab::catalog::{Part, find, find_part, parts};
use surgelab::scenario::{Edit, fields, load, render};

/// A scenario with one service that is like the part, and what only a service can say.
pub fn lone(part: &str, kind: &str) -> String {
    format!(
        "(version: 1, title: \"{part}\", horizon: \"10s\", machines: {{ \"box\": () }}, services: {{
            \"it\": (like: \"{part}\", on: [\"box\"], {kind}operations: {{ \"own\": [Delay(\"1ms\")] }}),
            \"behind\": (on: [\"box\"], operations: {{ \"get\": [Delay(\"1ms\")] }}),
        }}, traffic: {{ \"crowd\": Open(rate: Constant(\"1/s\"), call: \"behind.get\") }})"
    )
}

#[test]
fn every_number_of_every_part_has_a_source() {
    let mut missing = Vec::new();
    for part in parts() {
        let numbers = part.numbers();
        assert!(!numbers.is_empty(), "{} has no numbers", part.name);
        let named = |source: &str| source == "assumed" || source.len() > 12;
        missing.extend(
            numbers
                .iter()
                .filter(|number| !number.source.is_some_and(named))
                .map(|number| format!("{}: {} = {}", part.name, number.path, number.value)),
        );
        let used = |path: &str| {
            numbers.iter().any(|number| number.path == path || number.path.starts_with(&format!("{path}.")))
        };
        missing.extend(
            part.sources()
                .filter(|(path, _)| !used(path))
                .map(|(path, _)| format!("{}: nothing stands at {path}", part.name)),
        );
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn numbers_are_found_wherever_they_stand() {
    let prefork: Vec<_> = find_part("apache-prefork").unwrap().numbers();
    let workers = prefork.iter().find(|number| number.path == "workers").unwrap();
    assert_eq!(workers.value, "256");
    assert!(workers.source.unwrap().contains("MaxRequestWorkers"));
}

#[test]
fn parts_say_what_they_are_and_are_no_scenarios() {
    for part in parts() {
        assert!(part.what().len() > 20 && !part.what().contains('\n'), "{}: {}", part.name, part.what());
        assert_eq!(find(part.name), None, "a scenario and a part of one name");
    }
}

/// A scenario with a service that is like the part and says no more than it has to.
fn with_it(part: Part) -> String {
    match part.text() {
        text if text.contains("Balancer(") => {
            lone(part.name, "kind: Balancer(to: \"behind\"), links: { \"behind\": () },")
                .replace("operations: { \"own\": [Delay(\"1ms\")] })", ")")
        }
        text if text.contains("Cache(") => {
            lone(part.name, "").replace("operations: { \"own\": [Delay(\"1ms\")] })", ")")
        }
        text if text.contains("Queue(") => lone(part.name, "kind: Queue(to: \"behind\"), links: { \"behind\": () },")
            .replace("operations: { \"own\": [Delay(\"1ms\")] })", ")"),
        text if text.contains("External") => lone(part.name, "").replacen("on: [\"box\"], ", "", 1),
        _ => lone(part.name, ""),
    }
}

#[test]
fn every_part_loads_and_survives_saving() {
    for part in parts() {
        let text = with_it(part);
        let loaded =
            load(part.name, &text).unwrap_or_else(|problems| panic!("{}", render(&problems, part.name, &text, false)));
        let saved = loaded.scenario.to_ron();
        assert_eq!(load("saved", &saved).unwrap().scenario, loaded.scenario, "{saved}");
        assert!(saved.len() < 2 * text.len(), "{} is spelled out: {saved}", part.name);
    }
}

#[test]
fn a_default_set_over_a_part_survives_saving() {
    let mut tried = 0;
    for part in parts() {
        let plain = load(part.name, &with_it(part)).unwrap();
        for row in fields().iter().filter(|row| row.path.starts_with("services.*.") && !row.path.ends_with(".like")) {
            let path = row.path.replacen("services.*", "services.it", 1).replace("links.*", "links.behind");
            let (Some(default), false) = (&row.default, path.contains('*')) else { continue };
            let default = if default == "absent" { "None" } else { default };
            // Not every field can have its default here: a balancer's kind says what is behind it.
            let Ok(reset) = plain.with(None, &[Edit::set(path, default)]) else { continue };
            let saved = reset.scenario.to_ron();
            assert_eq!(load("saved", &saved).unwrap().scenario, reset.scenario, "{saved}");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}
