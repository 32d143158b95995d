//! What is copied can be put in again, here and in any other scenario.

use surgelab::catalog::SCENARIOS;
use surgelab::scenario::edit::Document;
use surgelab::scenario::{self, Edit};

/// Everything there is in a scenario that can be copied.
fn things(text: &str) -> Vec<String> {
    let loaded = scenario::load("x", text).expect("it is sound");
    let own = &loaded.scenario;
    let machines = own.machines.names().map(|name| format!("machines.{name}"));
    let services = own.services.names().map(|name| format!("services.{name}"));
    let traffic = own.traffic.names().map(|name| format!("traffic.{name}"));
    machines.chain(services).chain(traffic).collect()
}

#[test]
fn everything_is_copied_beside_itself() {
    for built_in in SCENARIOS {
        let before = scenario::load(built_in.name, built_in.text).expect("it is sound");
        for path in things(built_in.text) {
            let mut document = Document::new(built_in.text);
            let excerpt = document.excerpt(std::slice::from_ref(&path)).expect("it is there");
            let edits = document.insertions(&excerpt).expect("it is an excerpt");
            let [Edit::Insert { path: new, .. }] = &edits[..] else { panic!("{}, {path}: {edits:?}", built_in.name) };
            assert!(new.starts_with(&format!("{path}-")), "{path} and {new}");
            let after = match before.edited(&edits) {
                Ok((after, _)) => after,
                // A variant that takes out whom a crowd calls knows nothing of another crowd.
                Err(problems) if path.starts_with("traffic") && problems[0].message.starts_with("variant `") => {
                    continue;
                }
                Err(problems) => panic!("{}, {path}: {problems:?}", built_in.name),
            };
            let count = |loaded: &scenario::Loaded| {
                let own = &loaded.scenario;
                own.machines.len() + own.services.len() + own.traffic.len()
            };
            assert_eq!(count(&after), count(&before) + 1, "{}, {path}", built_in.name);
        }
    }
}

#[test]
fn machines_and_what_stands_on_them_go_to_another_scenario() {
    let from = r#"(version: 1, title: "From", horizon: "1min", machines: { "box": (cores: 3), "other": () },
        services: { "app": (on: ["box"], operations: { "page": [Cpu("5ms")] }) },
        traffic: { "users": Open(rate: Constant("10/s"), call: "app.page") })"#;
    let to = r#"(version: 1, title: "To", horizon: "1min", machines: { "box": () },
        services: { "app": (on: ["box"], operations: { "page": [Cpu("1ms")] }) },
        traffic: { "users": Open(rate: Constant("10/s"), call: "app.page") })"#;
    let all = ["machines.box", "services.app", "traffic.users"].map(str::to_owned);
    let excerpt = Document::new(from).excerpt(&all).expect("they are there");
    let edits = Document::new(to).insertions(&excerpt).expect("it is an excerpt");
    let loaded = scenario::load("to", to).expect("it is sound");
    let (after, _) = loaded.edited(&edits).expect("it fits");
    let text = after.text.replace(char::is_whitespace, "");
    assert!(text.contains(r#""box-2":(cores:3)"#), "{text}");
    assert!(text.contains(r#""app-2":(on:["box-2"]"#), "a name that was taken is another everywhere: {text}");
    assert!(text.contains(r#"call:"app-2.page""#), "{text}");
}

#[test]
fn what_is_no_excerpt_puts_nothing_in() {
    let text = SCENARIOS[0].text;
    for wrong in ["", "hello", "(", "(machines: {})", "(title: \"x\")", "[1, 2]", "(machines: 3, services: \"x\")"] {
        assert!(Document::new(text).insertions(wrong).is_err(), "{wrong}");
    }
    assert_eq!(Document::new(text).excerpt(&["services.nobody".to_owned()]), None);
    assert_eq!(Document::new(text).excerpt(&["services.app.workers".to_owned()]), None);
}
