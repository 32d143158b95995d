//! Who may call whom, and the edits that make a call, take it away or hang it elsewhere.

use super::sound;
use surgelab::catalog::SCENARIOS;
use surgelab::scenario::load;
use surgelab::scenario::wiring::{offers, placed, rehung, targets, unwired, wires};

const SITE: &str = r#"(
    version: 1, title: "Site", horizon: "1min",
    machines: { "web": (count: 2), "db": (cores: 4) },
    keys: { "item": Uniform(n: 10) },
    services: {
        "front": (kind: Balancer(to: "app"), links: { "app": () }),
        "app": (on: ["web"], links: { "rds": (timeout: "1s") },
            operations: { "page": [Cpu("8ms"), Call("rds.query"), Send("4KiB")], "ping": [Cpu("1ms")], "only": [Call("rds.query")], "wait": [Hold] }),
        "rds": (on: ["db"], operations: { "query": [Cpu("5ms")], "other": [Cpu("1ms")] }),
        "copy": (on: ["db"], operations: { "query": [Cpu("5ms")] }),
        "mem": (kind: Cache(), on: ["db"]),
        "jobs": (kind: Queue(to: "worker"), links: { "worker": (connections: Keep(1)) }),
        "worker": (on: ["web"], operations: { "work": [Cpu("1ms")] }),
        "idle": (on: ["web"]),
    },
    traffic: {
        "users": Open(rate: Constant("10/s"), call: "front.page", access: (to: { "front": (latency: "1ms") })),
        "people": Users(arrive: Constant("1/s"), journey: [Call("app.ping"), Delay("1s")]),
    },
)"#;

#[test]
fn whom_one_may_call_is_said_in_words() {
    let loaded = sound(SITE);
    let mut said = String::new();
    for from in ["app", "front", "rds", "idle", "mem", "users", "people", "web"] {
        said.push_str(&format!("# {from}\n"));
        for (to, legal) in targets(&loaded, from) {
            said.push_str(&format!("{to}: {}\n", legal.map_or_else(|why| why, |()| "yes".to_owned())));
        }
    }
    for (from, to) in [
        ("app", "jobs"),
        ("app", "mem"),
        ("rds", "app"),
        ("users", "app"),
        ("people", "rds"),
        ("app", "users"),
        ("app", "db"),
        ("app", "x"),
    ] {
        said.push_str(&format!("# {from} to {to}\n"));
        match offers(&loaded, from, to) {
            Err(why) => said.push_str(&format!("{why}\n")),
            Ok(offers) => {
                for offer in offers {
                    let edits =
                        offer.edits.map(|edits| edits.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
                    said.push_str(&format!(
                        "{} from {}: {}\n",
                        offer.operation,
                        offer.from,
                        edits.unwrap_or_else(|why| why)
                    ));
                }
            }
        }
    }
    insta::assert_snapshot!(said);
}

/// Every offer of every scenario gives a sound file in which the wire is, and can be taken away again.
#[test]
fn what_is_offered_is_legal() {
    let (mut made, mut number) = (0, 0);
    for built_in in SCENARIOS {
        let loaded = load(built_in.name, built_in.text).unwrap();
        let scenario = &loaded.scenario;
        for from in scenario.services.names().chain(scenario.traffic.names()) {
            for to in scenario.services.names() {
                for offer in offers(&loaded, from, to).unwrap_or_default() {
                    let Ok(edits) = offer.edits else { continue };
                    number += 1;
                    if number % 3 != 0 {
                        continue;
                    }
                    let wired = match loaded.edited(&edits) {
                        Ok((wired, _)) => wired,
                        // What a variant or a rule makes of it is another matter.
                        Err(problems) if problems.iter().all(|one| one.message.contains("gives a wrong file")) => {
                            continue;
                        }
                        Err(problems) => panic!("{}: {from} to {}: {problems:#?}", built_in.name, offer.operation),
                    };
                    assert!(!wires(&wired, from, to).is_empty(), "{}: {from} to {to}", built_in.name);
                    made += 1;
                }
            }
        }
    }
    assert!(made > 60, "{made}");
}

#[test]
fn what_is_refused_would_be_wrong() {
    let loaded = sound(SITE);
    use surgelab::scenario::Edit;
    let calls = [("rds", "app.page"), ("app", "mem.get")];
    for (from, called) in calls {
        let service = called.split('.').next().unwrap();
        assert!(
            offers(&loaded, from, service).is_err()
                || offers(&loaded, from, service).unwrap().iter().any(|offer| offer.edits.is_err())
                || service == "mem"
        );
        let operation = loaded.scenario.services.get(from).unwrap().operations.names().next().unwrap();
        let mut edits =
            vec![Edit::insert(format!("services.{from}.operations.{operation}.0"), format!("Call(\"{called}\")"))];
        if !loaded.scenario.services.get(from).unwrap().links.contains(service) {
            edits.push(Edit::insert(format!("services.{from}.links.{service}"), "()"));
        }
        assert!(loaded.edited(&edits).is_err(), "{from} to {called}");
    }
}

#[test]
fn a_wire_is_taken_away_with_its_link() {
    let loaded = sound(SITE);
    let (without, splice) = loaded.edited(&unwired(&loaded, "app", "rds").unwrap()).unwrap();
    let app = without.scenario.services.get("app").unwrap();
    assert!(app.links.is_empty());
    assert_eq!(app.operations.get("page").unwrap().len(), 2);
    assert!(without.text.contains(r#""only": [Delay("0s")]"#), "{}", without.text);
    assert_eq!(splice.inverse().apply(&without.text).as_deref(), Some(SITE));
    assert!(wires(&without, "app", "rds").is_empty());
    for (from, to, why) in [
        ("front", "app", "is nothing without"),
        ("users", "front", "is nothing without"),
        ("app", "copy", "does not call"),
    ] {
        assert!(unwired(&loaded, from, to).unwrap_err().contains(why), "{from} {to}");
    }
    let (without, _) = loaded.edited(&unwired(&loaded, "people", "app").unwrap()).unwrap();
    assert!(wires(&without, "people", "app").is_empty());
}

#[test]
fn a_wire_is_hung_to_another_with_its_settings() {
    let loaded = sound(SITE);
    let (hung, _) = loaded.edited(&rehung(&loaded, "app", "rds", "copy", &[]).unwrap()).unwrap();
    assert!(wires(&hung, "app", "rds").is_empty());
    assert!(
        hung.text.contains(r#""copy": (timeout: "1s")"#) && hung.text.contains(r#"Call("copy.query")"#),
        "{}",
        hung.text
    );
    assert!(rehung(&loaded, "app", "rds", "worker", &[]).unwrap_err().contains("has no operation `query`"));
    let (hung, _) = loaded.edited(&rehung(&loaded, "app", "rds", "worker", &[("query", "work")]).unwrap()).unwrap();
    assert!(hung.text.contains(r#"Call("worker.work")"#), "{}", hung.text);
    let (hung, _) = loaded.edited(&rehung(&loaded, "users", "front", "app", &[]).unwrap()).unwrap();
    assert!(hung.text.contains(r#"call: "app.page", access: (to: { "app": (latency: "1ms") })"#), "{}", hung.text);
    for (from, to, other) in [
        ("app", "rds", "app"),
        ("app", "rds", "mem"),
        ("app", "rds", "idle"),
        ("app", "copy", "rds"),
        ("app", "rds", "users"),
    ] {
        assert!(rehung(&loaded, from, to, other, &[]).is_err(), "{from} {to} {other}");
    }
    let balancer = rehung(&loaded, "front", "app", "worker", &[]);
    // Who calls `front.page` would call nothing.
    assert!(loaded.edited(&balancer.unwrap()).is_err());
}

#[test]
fn a_service_is_put_on_other_machines() {
    let loaded = sound(SITE);
    let on = |edits: Vec<surgelab::scenario::Edit>| {
        loaded.edited(&edits).unwrap().0.scenario.services.get("app").unwrap().on.clone()
    };
    assert_eq!(on(placed(&loaded, "app", Some("web"), "db").unwrap()), ["db"]);
    assert_eq!(on(placed(&loaded, "app", None, "db").unwrap()), ["web", "db"]);
    let (moved, _) = loaded.edited(&placed(&loaded, "front", None, "db").unwrap()).unwrap();
    assert_eq!(moved.scenario.services.get("front").unwrap().on, ["db"]);
    for (service, from, to) in [
        ("app", None, "web"),
        ("app", Some("db"), "db"),
        ("x", None, "web"),
        ("app", None, "x"),
        ("rds", Some("web"), "web"),
    ] {
        assert!(placed(&loaded, service, from, to).is_err(), "{service} {from:?} {to}");
    }
}
