//! What is put in, taken out, moved and copied: the text around it, its comments, what names it.

use super::{edited, sound};
use crate::support::random::chaos;
use proptest::prelude::*;
use surgelab::catalog::SCENARIOS;
use surgelab::scenario::edit::{Document, Edit, Splice};
use surgelab::scenario::form::{Control, Forms, Origin};
use surgelab::scenario::load;

const SHOP: &str = r#"// The shop.
(
    version: 1,
    title: "Shop",
    horizon: "1min",

    machines: {
        // stated: two of them
        // and a second line
        "web": (count: 2), // they are old
        "db": (cores: 4),

        // nobody's comment

        "spare": (count: 0), // rented
    },
    keys: { "item": Uniform(n: 10) },
    services: {
        "front": (kind: Balancer(to: "app"), links: { "app": () }),
        // The app itself.
        "app": (
            on: ["web", "spare"],
            stores: { "seen": (capacity: 5) },
            links: { "rds": (timeout: "1s"), "mem": () }, // two of them
            operations: {
                // One page.
                "page": [
                    Cpu("8ms"), // work
                    // ask
                    Call("rds.query"),
                    Cached("mem", "item", [], [Call("rds.query")]),
                    Put("seen", "item")
                ],
                "ping": [Cpu("1ms + 1ms*waiting(rds)"), Lock("row", "item", [Cpu("1ms")]), Lock("row", "item", [Cpu("1ms")])],
            },
        ),
        "rds": (kind: Database(reads: ["query"]), on: ["db"], operations: { "query": [Cpu("5ms")] }),
        "mem": (kind: Cache(), on: ["db"]),
    },
    traffic: {
        "users": Open(rate: Constant("10/s"), call: "front.page", access: (to: { "front": (latency: "1ms") })),
        "bots": Users(arrive: Constant("1/s"), journey: [Call("app.ping"), Delay("1s"), Call("front.page")]),
    },
    runbook: [
        At("10s", AddMachines("web", 1)),
        When(condition: "app.cpu > 90%", then: Crash("rds/0")), // late
        At("20s", Set("services.app.operations.page.0.work", "9ms")),
        At("30s", Flush("app.seen")),
        At("40s", Apply("fast")),
    ],
    objectives: { "users": ["p(95) < 2s"], "rds.query": ["failed < 1%"], "app.slots(rds)": ["utilization < 90%"] },
    variants: {
        "fast": (set: { "services.app.operations.page.0.work": "1ms", "runbook.1.condition": "app.cpu > 10%" }),
        "other": (from: "fast", set: {
            "services.far": (on: ["spare"], operations: { "ask": [Call("rds.query")] }, links: { "rds": () }),
            "services.rds.operations.query": [Cpu("1ms")],
        }),
    },
)
"#;

#[track_caller]
fn shop(edit: Edit) -> String {
    edited(SHOP, &[edit]).unwrap_or_else(|error| panic!("{error:?}"))
}

/// The lines that differ: gone with `-`, new with `+`, by the longest common subsequence.
fn difference(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut common = vec![vec![0usize; after.len() + 1]; before.len() + 1];
    for (i, one) in before.iter().enumerate().rev() {
        for (j, other) in after.iter().enumerate().rev() {
            common[i][j] = if one == other { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, String::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == after.len() || i < before.len() && common[i + 1][j] >= common[i][j + 1] {
            out.push_str(&format!("-{}\n", before[i]));
            i += 1;
        } else {
            out.push_str(&format!("+{}\n", after[j]));
            j += 1;
        }
    }
    out
}

#[test]
fn what_is_edited_looks_as_if_a_person_had_done_it() {
    sound(SHOP);
    let edits = [
        Edit::insert("machines.cache", "(cores: 2)"),
        Edit::Insert { path: "machines.cache".into(), value: "(cores: 2)".into(), at: Some(0) },
        Edit::Insert { path: "machines.cache".into(), value: "(\n    cores: 2,\n)".into(), at: Some(2) },
        Edit::insert("services.app.operations.page.0", "Delay(\"1ms\")"),
        Edit::insert("services.app.operations.page.2", "Delay(\"1ms\")"),
        Edit::insert("services.app.operations.page.4", "Send(\"1KiB\")"),
        Edit::insert("services.app.operations.ping.1", "Delay(\"1ms\")"),
        Edit::insert("services.app.on.2", "db"),
        Edit::insert("services.app.links.mem.timeout", "1s"),
        Edit::insert("services.app.workers", "5"),
        Edit::insert("services.rds.stores.x", "()"),
        Edit::insert("services.app.operations.page.2.2.0", "Cpu(\"1ms\")"),
        Edit::insert("runbook.0", "At(\"1s\", Crash(\"app\"))"),
        Edit::remove("machines.web"),
        Edit::remove("machines.db"),
        Edit::remove("machines.spare"),
        Edit::remove("services.app.operations.page.0.0"),
        Edit::remove("services.app.operations.page.1"),
        Edit::remove("services.app.operations.page.3"),
        Edit::remove("services.app.on.0"),
        Edit::remove("services.app.on.1"),
        Edit::remove("services.app.links"),
        Edit::remove("services.app.links.mem"),
        Edit::remove("services.app.links.rds.timeout"),
        Edit::remove("services.app.operations.page.2"),
        Edit::remove("services.app.operations.ping"),
        Edit::remove("runbook.0"),
        Edit::remove("runbook.1"),
        Edit::remove("services.rds.kind"),
        Edit::remove("services.rds.operations"),
        Edit::remove("services.rds.on.0"),
        Edit::Move { path: "machines.spare".into(), to: "machines.spare".into(), at: Some(0) },
        Edit::Move { path: "machines.web".into(), to: "machines.web".into(), at: None },
        Edit::Move {
            path: "services.app.operations.page.3".into(),
            to: "services.app.operations.page.0".into(),
            at: None,
        },
        Edit::Move {
            path: "services.app.operations.page.1".into(),
            to: "services.app.operations.ping.0".into(),
            at: None,
        },
        Edit::Move { path: "services.app.on.0".into(), to: "services.app.on.1".into(), at: None },
        Edit::Move { path: "runbook.1".into(), to: "runbook.4".into(), at: None },
        Edit::Move {
            path: "services.rds.operations.query".into(),
            to: "services.app.operations.ask".into(),
            at: Some(1),
        },
        Edit::Duplicate { path: "services.app.operations.page".into(), name: None },
        Edit::Duplicate { path: "services.rds".into(), name: Some("rds2".into()) },
        Edit::Duplicate { path: "runbook.1".into(), name: None },
        Edit::Duplicate { path: "services.app.operations.ping.1".into(), name: None },
    ];
    let mut said = String::new();
    for edit in edits {
        let after = edited(SHOP, std::slice::from_ref(&edit));
        let told = match after {
            Ok(after) => difference(SHOP, &after),
            Err(error) => format!("{}; {}\n", error.message, error.advice),
        };
        said.push_str(&format!("# {}\n{told}\n", edit.words()));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn what_names_a_thing_is_told_and_goes_with_it() {
    let loaded = sound(SHOP);
    let mut said = String::new();
    let paths = [
        "services.rds",
        "services.rds.operations.query",
        "machines.spare",
        "machines.db",
        "keys.item",
        "services.app.stores.seen",
        "services.mem",
        "variants.fast",
        "traffic.users",
        "runbook.1",
        "services.app.operations.page",
    ];
    for path in paths {
        said.push_str(&format!("# {path}\n"));
        for dependent in loaded.dependents(path).unwrap() {
            said.push_str(&format!("{} [{}] goes: {}\n", dependent.sentence, &SHOP[dependent.span], dependent.path));
        }
        let after = edited(SHOP, &[Edit::remove_with_dependents(path)]).unwrap();
        said.push_str(&difference(SHOP, &after));
        match loaded.edited(&[Edit::remove_with_dependents(path)]) {
            Ok(_) => said.push_str("the file is sound\n\n"),
            Err(problems) => {
                said.push_str(&format!("{:?}\n\n", problems.iter().map(|p| &p.message).collect::<Vec<_>>()))
            }
        }
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_file_that_would_be_wrong_stays_as_it_was() {
    let loaded = sound(SHOP);
    let problems = loaded.edited(&[Edit::remove("services.rds")]).unwrap_err();
    assert!(problems.iter().all(|problem| problem.span.is_some() && problem.source.is_some()), "{problems:#?}");
    assert!(problems.iter().any(|problem| problem.message.contains("unknown service `rds`")), "{problems:#?}");
    let (after, splice) = loaded.edited(&[Edit::remove_with_dependents("services.rds")]).unwrap();
    assert_eq!(splice.inverse().apply(&after.text).as_deref(), Some(SHOP));
    assert!(shop(Edit::remove_with_dependents("services.rds")) == *after.text);
}

/// The text can be read, whatever it says.
fn is_a_tree(text: &str) -> bool {
    Document::new(text).edit(&Edit::set("title", "t")).is_ok()
}

/// Every comment of a text.
fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.find("//").map(|at| line[at..].trim())).collect()
}

/// Paths of everything that stands in a file, with what holds it: whether it is an entry or an item.
fn everything(forms: &Forms<'_>, path: &str, depth: u32, found: &mut Vec<(String, bool)>) {
    let form = forms.at(path).unwrap_or_else(|error| panic!("{path}: {error:?}"));
    let many = matches!(form.control, Control::List(_) | Control::Steps(_) | Control::Map(_));
    for inner in forms.below(path).unwrap_or_else(|error| panic!("{path}: {error:?}")) {
        if inner.origin == Origin::File {
            found.push((inner.path.clone(), many));
        }
        if depth > 0 && !inner.path.starts_with("variants.") {
            everything(forms, &inner.path, depth - 1, found);
        }
    }
}

#[test]
fn whatever_stands_in_a_scenario_can_go_move_and_be_copied_and_comes_back() {
    let (mut removed, mut moved, mut copied, mut sound_without) = (0, 0, 0, 0);
    for (number, built_in) in SCENARIOS.iter().enumerate() {
        let loaded = load(built_in.name, built_in.text).unwrap();
        let mut found = Vec::new();
        everything(&Forms::new(&loaded), "", 9, &mut found);
        assert!(found.len() > 20, "{}: {}", built_in.name, found.len());
        for (at, (path, of_many)) in found.iter().enumerate() {
            let text = built_in.text;
            for edit in [Edit::remove(path), Edit::remove_with_dependents(path)] {
                let Ok(after) = edited(text, std::slice::from_ref(&edit)) else { continue };
                // What is left is a tree, whatever it says.
                assert!(is_a_tree(&after), "{}: {edit}", built_in.name);
                let (before, left) = (comments(text), comments(&after));
                assert!(left.iter().all(|comment| before.contains(comment)), "{edit}: no comment is torn apart");
                removed += 1;
                if at % 7 == number % 7 && edit == Edit::remove_with_dependents(path) {
                    sound_without += usize::from(loaded.edited(&[edit]).is_ok());
                }
            }
            if *of_many {
                let copy = Edit::Duplicate { path: path.clone(), name: None };
                if let Ok(after) = edited(text, &[copy]) {
                    assert!(after.len() > text.len() && is_a_tree(&after), "{path}");
                    copied += 1;
                }
                let (holder, key) = path.rsplit_once('.').unwrap();
                let (to, place) =
                    if key.parse::<u32>().is_ok() { (format!("{holder}.0"), None) } else { (path.clone(), Some(0)) };
                if let Ok(after) = edited(text, &[Edit::Move { path: path.clone(), to, at: place }]) {
                    let sorted = |text: &str| {
                        let mut words: Vec<String> = comments(text).into_iter().map(str::to_owned).collect();
                        words.sort();
                        words
                    };
                    assert_eq!(sorted(&after), sorted(text), "{}: {path} keeps every comment", built_in.name);
                    assert!(is_a_tree(&after), "{path}");
                    moved += 1;
                }
            }
        }
    }
    assert!(removed > 1_500 && moved > 300 && copied > 300, "{removed} {moved} {copied}");
    assert!(sound_without > 50, "{sound_without}");
}

/// An edit by numbers: whatever they say, it is one of these.
fn edit_of(paths: &[(String, bool)], kind: u8, one: usize, other: usize) -> Edit {
    let path = paths[one % paths.len()].0.clone();
    let to = paths[other % paths.len()].0.clone();
    let at = (!other.is_multiple_of(3)).then_some(other % 5);
    match kind % 8 {
        0 => Edit::remove(path),
        1 => Edit::remove_with_dependents(path),
        2 => Edit::Duplicate { path, name: None },
        3 => Edit::Move { path, to, at },
        4 => Edit::rename(path, format!("name-{}", other % 50)),
        5 => Edit::Insert { path: format!("{}.{}", path, other % 4), value: "Cpu(\"1ms\")".to_owned(), at },
        6 => Edit::Insert { path: format!("{path}-{other}"), value: "()".to_owned(), at },
        _ => Edit::Move {
            path: path.clone(),
            to: format!("{}.{}", path.rsplit_once('.').map_or("", |(list, _)| list), other % 6),
            at,
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn many_changes_are_undone_and_done_again(
        draft in chaos(),
        picks in prop::collection::vec((any::<u8>(), any::<usize>(), any::<usize>()), 1..25),
    ) {
        let text = draft.draft().text();
        let loaded = load("random", &text).unwrap();
        let mut paths = Vec::new();
        everything(&Forms::new(&loaded), "", 9, &mut paths);
        let mut document = Document::new(&*text);
        let mut done: Vec<Splice> = Vec::new();
        for (kind, one, other) in picks {
            let edit = edit_of(&paths, kind, one, other);
            let before = document.text().to_owned();
            match document.edit(&edit) {
                Ok(splice) => {
                    prop_assert!(is_a_tree(document.text()), "{}", edit);
                    done.push(splice);
                }
                Err(_) => prop_assert_eq!(document.text(), before),
            }
        }
        let after = document.text().to_owned();
        for splice in done.iter().rev() {
            document.splice(&splice.inverse()).unwrap();
        }
        prop_assert_eq!(document.text(), &*text);
        for splice in &done {
            document.splice(splice).unwrap();
        }
        prop_assert_eq!(document.text(), after);
    }

    #[test]
    fn no_path_and_no_text_panics(
        path in "(machines|services|traffic|runbook|variants|objectives|keys)?(\\.(web|app|users|0|1|operations|page|links|set|\\PC{0,4})){0,6}",
        other in "[a-z0-9.\\\\\"é]{0,20}",
        value in "\\PC{0,12}",
        kind in any::<u8>(),
    ) {
        let mut document = Document::new(include_str!("../fixtures/full.ron"));
        let edit = match kind % 5 {
            0 => Edit::Insert { path, value, at: Some(usize::from(kind)) },
            1 => Edit::Remove { path, dependents: kind > 100 },
            2 => Edit::Rename { path, name: other },
            3 => Edit::Move { path, to: other, at: Some(usize::from(kind / 50)) },
            _ => Edit::Duplicate { path, name: Some(other) },
        };
        let _ = document.edit(&edit);
    }
}

#[test]
fn edits_are_the_same_after_a_file() {
    let edits = vec![
        Edit::Insert { path: "a".into(), value: "\"b\"".into(), at: Some(3) },
        Edit::remove("a"),
        Edit::remove_with_dependents("a.b"),
        Edit::rename("a", "b"),
        Edit::Move { path: "a".into(), to: "b".into(), at: None },
        Edit::Duplicate { path: "a".into(), name: Some("c".into()) },
    ];
    assert_eq!(serde_json::from_str::<Vec<Edit>>(&serde_json::to_string(&edits).unwrap()).unwrap(), edits);
    assert_eq!(ron::from_str::<Vec<Edit>>(&ron::to_string(&edits).unwrap()).unwrap(), edits);
}

/// Twice the file takes twice the time, not four times: what is done is counted by the clock over a wide range.
#[test]
fn the_work_is_linear_in_the_text() {
    let file = |services: usize| {
        let one = |n: usize| {
            format!(
                "\"s{n}\": (on: [\"box\"], links: {{ \"db\": () }}, operations: {{ \"run\": [Cpu(\"1ms\"), Call(\"db.read\")] }}),\n"
            )
        };
        let all: String = (0..services).map(one).collect();
        format!(
            "(version: 1, title: \"a\", horizon: \"1s\", machines: {{ \"box\": () }}, services: {{\n{all}\"db\": (on: [\"box\"], operations: {{ \"read\": [Cpu(\"1ms\")] }}),\n}})"
        )
    };
    let took = |services: usize| {
        let text = file(services);
        let edits = [
            Edit::rename("services.db", "base"),
            Edit::remove_with_dependents("services.db"),
            Edit::insert("services.x", "()"),
        ];
        let times = (0..3).map(|_| {
            let began = std::time::Instant::now();
            for edit in &edits {
                Document::new(&*text).edit(edit).unwrap();
            }
            began.elapsed()
        });
        times.min().unwrap()
    };
    let (small, large) = (took(500), took(4_000));
    assert!(large < small * 40, "{small:?} for 500 services, {large:?} for eight times as many");
}
