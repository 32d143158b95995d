//! What a control needs to know of a field: of every field of the language and of every scenario.

use super::sound;
use std::collections::BTreeSet;
use surgelab::catalog::SCENARIOS;
use surgelab::scenario::edit::Edit;
use surgelab::scenario::form::{Control, Form, Forms, Law, Origin};
use surgelab::scenario::{Loaded, fields, load};

const FULL: &str = include_str!("../fixtures/full.ron");

/// Every form of a scenario.
fn all(forms: &Forms<'_>, path: &str, found: &mut Vec<Form>) {
    for form in forms.below(path).unwrap_or_else(|error| panic!("{path}: {error:?}")) {
        all(forms, &form.path, found);
        found.push(form);
    }
}

/// A path with `*` for names and items.
fn row_of(path: &str, rows: &BTreeSet<String>) -> Option<String> {
    let keys: Vec<&str> = path.split('.').collect();
    rows.iter()
        .find(|row| {
            let parts: Vec<&str> = row.split('.').collect();
            parts.len() == keys.len() && parts.iter().zip(&keys).all(|(part, key)| part == key || *part == "*")
        })
        .cloned()
}

/// Something changes if the value is set to what the form says it is.
fn says_the_same(loaded: &Loaded, form: &Form) {
    if form.origin == Origin::Missing || form.path.starts_with("variants.") {
        return;
    }
    let edit = form.set(&form.text);
    match loaded.with(None, &[edit]) {
        Ok(same) => assert_eq!(same.scenario, loaded.scenario, "{} = {}", form.path, form.text),
        Err(problems) => panic!("{} = {}: {problems:#?}", form.path, form.text),
    }
}

#[test]
fn every_field_of_the_language_has_a_form_and_its_default_is_a_value() {
    let loaded = load("full", FULL).unwrap();
    let forms = Forms::new(&loaded);
    let mut found = Vec::new();
    all(&forms, "", &mut found);
    // Of what is written in the full example, every field, also those that are not written there.
    let rows: BTreeSet<String> = fields().into_iter().map(|row| row.path).collect();
    let mut seen = BTreeSet::new();
    for (number, form) in found.iter().enumerate() {
        assert!(!form.doc.is_empty() || form.path.contains('.'), "{} has no doc", form.path);
        assert!(!form.what.is_empty());
        if let Some(span) = &form.span {
            assert_eq!(&loaded.text[span.clone()], form.text);
        }
        if number % 3 == 0 || form.origin == Origin::Default {
            says_the_same(&loaded, form);
        }
        seen.extend(row_of(&form.path, &rows));
    }
    // A variant of a choice that the example does not have at a place has its fields elsewhere.
    let missing: Vec<&String> = rows.iter().filter(|row| !seen.contains(*row)).collect();
    let words = |row: &String| row.rsplit('.').next().unwrap().to_owned();
    let known: BTreeSet<&str> = found.iter().map(|form| form.name.as_str()).collect();
    let missing: Vec<&&String> = missing.iter().filter(|row| !known.contains(words(row).as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(found.len() > 500, "{}", found.len());
}

#[test]
fn forms_say_what_the_scenarios_say() {
    let mut count = 0;
    for built_in in SCENARIOS {
        let loaded = load(built_in.name, built_in.text).unwrap();
        let mut found = Vec::new();
        all(&Forms::new(&loaded), "", &mut found);
        for (number, form) in found.iter().enumerate() {
            if number % 11 == 0 {
                says_the_same(&loaded, form);
            }
            let moved = match &form.control {
                Control::Number(number) => number.stepped(1, false),
                Control::Amount(amount) => {
                    amount.parameters.first().and_then(|first| Some(amount.with(0, &first.number.stepped(1, true)?)))
                }
                Control::Reference { candidates, open: false } if form.origin == Origin::File => {
                    let name = form.text.trim_matches('"');
                    // The empty key of a lock stands for all.
                    assert!(
                        name.is_empty() || candidates.iter().any(|one| one == name),
                        "{}: {} {:?}",
                        built_in.name,
                        form.path,
                        candidates
                    );
                    None
                }
                _ => None,
            };
            if let Some(moved) = moved.filter(|_| number % 7 == 0 && !form.path.starts_with("variants.")) {
                // It is a value of its kind; what the rest of the file says to it is another matter.
                if let Err(problems) = loaded.with(None, &[form.set(&moved)]) {
                    assert!(
                        problems.iter().all(|problem| !problem.message.contains(" belongs")),
                        "{} = {moved}: {problems:#?}",
                        form.path
                    );
                }
            }
            count += 1;
        }
    }
    assert!(count > 3_000, "{count}");
}

#[test]
fn a_form_tells_where_a_value_comes_from() {
    let text = r#"(version: 1, title: "a", horizon: "10s", machines: { "box": (cores: 8, memory: "8GiB"), "other": () },
        keys: { "item": Uniform(n: 3) },
        services: {
            "web": (like: "apache-prefork", on: ["box"], memory: (idle: "1GiB"), links: { "db": (timeout: "exp") }, operations: { "page": [Cpu("lognormal(8ms, cv 1)"), Call("db.read"), Choose([(1, []), (2, [Delay("1s")])])] }),
            "db": (on: ["box"], operations: { "read": [Cpu("1ms")], "write": [Cpu("1ms")] }),
            "lone": (on: ["box"], operations: { "x": [Cpu("1ms")] }),
        },
        traffic: { "crowd": Users(arrive: Flash(base: "1/s", peak: "9/s", at: "1s", rise: "1s", half_life: "3s"), journey: [Call("web.page"), Call("lone.x"), Call("db.write")]) })"#;
    let text = text.replace("timeout: \"exp\"", "timeout: \"3s\"");
    let loaded = sound(&text);
    let forms = Forms::new(&loaded);
    let at = |path: &str| forms.at(path).unwrap_or_else(|error| panic!("{path}: {error:?}"));
    assert_eq!(at("services.web.memory.idle").origin, Origin::File);
    assert_eq!(at("services.web.memory.per_worker").origin, Origin::Part("apache-prefork"));
    assert_eq!(
        (at("services.web.deadline").origin, at("services.web.deadline").text.as_str()),
        (Origin::Default, "None")
    );
    let peak = at("traffic.crowd.arrive.peak");
    assert_eq!((peak.text.as_str(), peak.what.as_str(), peak.default.is_none()), ("\"9/s\"", "a rate", true));
    let Control::Number(number) = &peak.control else { panic!("{peak:?}") };
    assert_eq!(number.stepped(1, false).as_deref(), Some("10/s"));
    let Control::Choice { chosen, options, fields } = at("traffic.crowd.arrive").control else { panic!() };
    assert_eq!((chosen, options.len(), fields.len()), (Some("Flash"), 10, 5));
    assert_eq!(options.iter().find(|one| one.name == "Constant").unwrap().text, "Constant(\"120/s\")");
    let Control::Amount(amount) = at("services.web.operations.page.0.0").control else { panic!() };
    assert_eq!((amount.law, amount.with(1, "3")), (Law::Drawn("lognormal"), "lognormal(8ms, cv 3)".to_owned()));
    let Control::Reference { candidates, .. } = at("services.web.operations.page.1.0").control else { panic!() };
    assert_eq!(candidates, ["db.read", "db.write"], "what it has a link to");
    let Control::Steps(steps) = at("services.web.operations.page").control else { panic!() };
    assert_eq!(steps.len(), 3);
    assert!(matches!(at("services.web.operations.page.2.0.1.1.0.0").control, Control::Amount(_)));
    assert!(matches!(at("traffic.crowd.access.keep_alive").control, Control::Toggle(false)));
    let Control::Reference { candidates, .. } = at("services.web.like").control else { panic!() };
    assert!(candidates.len() > 20);
    assert_eq!(at("services.web.memory.idle").reset(), Some(Edit::remove("services.web.memory.idle")));
    assert_eq!(at("services.web.deadline").reset(), None);
    assert!(forms.at("services.wbe.workers").is_err() && forms.at("machines.box.cores.more").is_err());
}

/// Lists and maps of a scenario into which something can be put.
fn open_places(forms: &Forms<'_>) -> Vec<String> {
    let mut found = Vec::new();
    all(forms, "", &mut found);
    let open =
        found.into_iter().filter(|form| matches!(form.control, Control::List(_) | Control::Steps(_) | Control::Map(_)));
    open.map(|form| form.path).filter(|path| !path.starts_with("variants.")).collect()
}

/// Whatever is offered gives a sound file as it is, or says what is missing.
#[test]
fn what_may_be_put_in_is_legal() {
    let (mut put, mut missing, mut failures) = (0, 0, Vec::new());
    let files = SCENARIOS.iter().map(|built_in| (built_in.name, built_in.text)).chain([("full", FULL)]);
    for (file, (name, text)) in files.enumerate() {
        let loaded = load(name, text).unwrap();
        let forms = Forms::new(&loaded);
        for (number, path) in open_places(&forms).iter().enumerate() {
            let shallow = path.matches('.').count() < 2;
            if !shallow && (number + file) % 4 != 0 {
                continue;
            }
            for template in forms.templates(path).unwrap() {
                match &template.missing {
                    Some(what) => {
                        assert!(!what.is_empty());
                        missing += 1;
                    }
                    None => {
                        put += 1;
                        // The end of a program is a reply: what is put in goes before it.
                        let mut edit = template.edit();
                        let ends = ["Hold", "HoldFor"].contains(&template.name.as_str());
                        if let Edit::Insert { path, .. } = &mut edit
                            && !ends
                            && text.contains("Hold")
                            && path.contains(".operations.")
                            && path.rsplit('.').next().unwrap().parse::<u32>().is_ok()
                        {
                            *path = format!("{}.0", path.rsplit_once('.').unwrap().0);
                        }
                        if let Err(problems) = loaded.edited(&[edit]) {
                            failures.push(format!(
                                "{name}: {} at {path}: {} {}",
                                template.name, template.value, problems[0].message
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(failures.len() * 50 < put, "{} of {put}:\n{}", failures.len(), failures.join("\n"));
    assert!(put > 600 && missing > 20, "{put} {missing}");
}

#[test]
fn what_may_be_put_in_where() {
    let loaded = load("full", FULL).unwrap();
    let forms = Forms::new(&loaded);
    let mut said = String::new();
    for path in [
        "machines",
        "services",
        "traffic",
        "runbook",
        "keys",
        "services.app.operations.page",
        "services.app.operations",
        "services.app.links",
        "services.app.on",
        "services.app.stores",
        "services.app.shed",
        "traffic.users.journey",
        "traffic.open.bursts",
        "objectives",
        "objectives.users",
        "traffic.open.access.to",
        "variants",
    ] {
        said.push_str(&format!("# {path}\n"));
        for template in forms.templates(path).unwrap() {
            let what = template.missing.map_or_else(|| template.value.clone(), |missing| format!("missing: {missing}"));
            said.push_str(&format!("{} → {}: {what}\n", template.name, template.path));
        }
    }
    insta::assert_snapshot!(said);
}
