//! The table of metrics: each is usable where the table says, reads what runs, and is told by `fields --metrics`.

use crate::support::Draft;
use crate::support::run::loaded;
use std::collections::BTreeMap;
use std::process::Command;
use surgelab::measure::catalogue::{COST, QUEUES, RESOURCES, SESSIONS, STEPS, TRAFFIC};
use surgelab::measure::results::Results;
use surgelab::scenario::condition::Condition;
use surgelab::scenario::metric::{Metric, Of, Resource, Unit};
use surgelab::scenario::objective::Objective;
use surgelab::study::{AnswerKind, RunOptions, run};

/// Two machines with too much to do: for their cores, disks, workers and a queue.
fn shop() -> Draft {
    Draft::new(20.0)
        .machine("web", "count: 2, cores: 1, iops: \"50/s\", memory: \"1GiB\", price: \"1/h\"")
        .service("app", "on: [\"web\"], workers: 8, max_connections: 60, memory: (idle: \"100MiB\", limit: \"500MiB\"), backlog: (limit: 20), links: { \"jobs\": () }, operations: { \"get\": [Cpu(\"exp(20ms)\"), Disk(\"1\"), Enqueue(\"jobs.work\")] }")
        .service("jobs", "on: [], kind: Queue(to: \"worker\"), links: { \"worker\": (connections: Keep(1)) }")
        .service("worker", "workers: 1, operations: { \"work\": [Delay(\"exp(200ms)\"), Fail(\"20%\")] }")
        .service("desk", "operations: { \"look\": [Delay(\"1ms\")] }")
        .poisson(120.0, "app.get")
        .source("people", "Users(arrive: Constant(\"0.5/s\"), journey: [Call(\"desk.look\")])")
}

fn results(draft: &Draft) -> Results {
    run(&loaded(&draft.text()), &RunOptions::default(), &mut |_| {}).expect("it runs")
}

/// A bound in a metric's unit.
fn bound(unit: Unit, number: &str) -> String {
    let unit = match unit {
        Unit::Seconds => "s",
        Unit::Share => "%",
        Unit::PerSecond => "/s",
        Unit::Count | Unit::Money | Unit::OfResource => "",
    };
    format!("{number}{unit}")
}

/// Whom a metric of a condition can be asked of, with its name.
fn watched(metric: Metric) -> Vec<String> {
    let name = metric.name();
    match (metric.row().of, metric) {
        (Of::Traffic, _) => vec![format!("crowd.{name}")],
        (Of::Service(_), Metric::Queue) => vec![format!("jobs.{name}")],
        (Of::Service(_), _) => vec![format!("app.{name}")],
        (Of::Resource, Metric::Waiting) => {
            ["app.workers", "app.cpu", "web.cpu", "app.disk", "web.disk"].map(|who| format!("{who}.{name}")).to_vec()
        }
        (Of::Resource, _) => {
            let short = ["app.workers", "app.cpu", "web.cpu", "app.disk", "web.disk", "app.memory"];
            short.into_iter().flat_map(|who| [who.to_owned(), format!("{who}.{name}")]).collect()
        }
        (Of::Messages, _) => vec![format!("jobs.{name}")],
        (Of::Cost | Of::Sessions, _) => panic!("no condition watches the bill, or sessions"),
    }
}

#[test]
fn every_metric_of_objectives_observes_something() {
    let mut asked: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for metric in Metric::of_objectives() {
        let (row, sign) = (metric.row(), if metric == Metric::Recovered { "within" } else { "<" });
        let expression = format!("{} {sign} {}", row.name, bound(row.unit, "7"));
        let subjects: &[&str] = match row.of {
            Of::Traffic => &["crowd", "app.get"],
            Of::Resource => &["app.workers", "app/0.workers", "web.cpu"],
            Of::Sessions => &["people"],
            Of::Messages => &["jobs.work"],
            Of::Cost => &["cost"],
            Of::Service(_) => panic!("no objective is asked of a service"),
        };
        assert_eq!(Objective::parse(&expression).expect("it is read").to_string(), expression);
        for subject in subjects {
            asked.entry(subject).or_default().push(expression.clone());
        }
    }
    let draft = asked.iter().fold(shop(), |shop, (subject, list)| shop.objective(subject, &list.join("\", \"")));
    let results = results(&draft);
    assert_eq!(results.objectives.len(), asked.values().map(Vec::len).sum::<usize>());
    for objective in &results.objectives {
        assert_ne!(objective.observed_text, "nothing to observe", "{} {}", objective.subject, objective.expression);
    }
}

#[test]
fn every_metric_of_conditions_makes_a_rule_act() {
    let offered = |condition: &str| {
        let rule = format!("When(condition: \"{condition}\", window: \"2s\", then: ScaleTraffic(\"crowd\", 2))");
        results(&shop().rule(&rule)).traffic["crowd"].offered
    };
    let plain = results(&shop()).traffic["crowd"].offered;
    for metric in Metric::of_conditions() {
        for watched in watched(metric) {
            let unit = metric.row().unit;
            let [low, high] = ["0.01", "9000"].map(|number| format!("{watched} > {}", bound(unit, number)));
            assert!(Condition::parse(&low).is_ok(), "{low}");
            assert!(offered(&low) > plain + plain / 2, "`{low}` never holds");
            assert_eq!(offered(&high), plain, "`{high}` holds");
        }
    }
}

#[test]
fn a_metric_is_usable_nowhere_else() {
    for metric in Metric::ALL.iter().copied() {
        let row = metric.row();
        let of_resource = if row.of == Of::Resource { ".workers" } else { "" };
        let condition = Condition::parse(&format!("app{of_resource}.{} > {}", row.name, bound(row.unit, "7")));
        assert_eq!(condition.is_ok(), Metric::of_conditions().any(|known| known == metric), "{condition:?}");
        let sign = if metric == Metric::Recovered { "within" } else { "<" };
        let objective = Objective::parse(&format!("{} {sign} {}", row.name, bound(row.unit, "7")));
        assert_eq!(objective.is_ok(), Metric::of_objectives().any(|known| known == metric), "{objective:?}");
    }
    let waits = shop().rule("When(condition: \"app.memory.waiting > 1\", then: AddMachines(\"web\", 1))");
    assert!(surgelab::scenario::load("waits", &waits.text()).is_err(), "nobody waits for memory");
}

#[test]
fn all_of_them_are_told() {
    let told = Command::new(env!("CARGO_BIN_EXE_surgelab")).args(["fields", "--metrics", "--format", "json"]).output();
    let told: Vec<serde_json::Value> = serde_json::from_slice(&told.unwrap().stdout).unwrap();
    let row = |name: &str, used: &str| {
        told.iter().any(|row| row["metric"] == name && row["used in"].as_str().is_some_and(|text| text.contains(used)))
    };
    for metric in Metric::of_objectives() {
        assert!(row(metric.name(), "objectives"), "{metric}");
    }
    for metric in Metric::of_conditions() {
        assert!(row(metric.name(), "conditions"), "{metric}");
    }
    for resource in Resource::NAMED {
        assert!(row(resource.name(), "conditions"), "{}", resource.name());
    }
    let keys = TRAFFIC.iter().map(|f| f.key).chain(RESOURCES.iter().map(|f| f.key)).chain(COST.iter().map(|f| f.key));
    let lines = STEPS.iter().map(|f| f.key).chain(QUEUES.iter().map(|f| f.key));
    for key in keys.chain(SESSIONS.iter().map(|f| f.key)).chain(lines) {
        assert!(row(key, "results"), "{key}");
    }
    let schema = AnswerKind::Run.schema();
    let described = |record: &str, key: &str| {
        schema.pointer(&format!("/$defs/{record}/properties/{key}/description")).and_then(|value| value.as_str())
    };
    for figure in TRAFFIC.iter().filter(|figure| !figure.key.contains('.') && !figure.key.ends_with("_share")) {
        for record in ["Traffic", "Operation"] {
            assert_eq!(described(record, figure.key), Some(figure.meaning), "{record}.{}", figure.key);
        }
    }
    for figure in &QUEUES {
        assert_eq!(described("Queue", figure.key), Some(figure.meaning), "{}", figure.key);
    }
    assert!(told.iter().all(|row| ["of", "meaning"].iter().all(|key| !row[key].as_str().unwrap().is_empty())));
}
