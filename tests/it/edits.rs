//! Edits and their undoing, over every field of every scenario that comes with the program.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use surgelab::catalog::SCENARIOS;
use surgelab::experiment::{Experiment, Intervention, LogEntry};
use surgelab::model::{Action, GroupId, Model, ServiceId, Target};
use surgelab::scenario::edit::{Document, Edit, Splice};
use surgelab::scenario::{Described, Loaded, load, values};
use surgelab::units::{Span, Time};

/// A field of a scenario: its path, the path with `*` for names, and what it says.
#[derive(Clone, Debug)]
struct Place {
    path: String,
    field: String,
    value: String,
    written: bool,
}

fn described<T: Described>(record: &T, path: &str, field: &str, places: &mut Vec<Place>) {
    let dot = if path.is_empty() { "" } else { "." };
    for row in values(record) {
        let value = if row.value == "absent" { "None".to_owned() } else { row.value.clone() };
        places.push(Place {
            path: format!("{path}{dot}{}", row.path),
            field: format!("{field}{dot}{}", row.path),
            value,
            written: !row.by_default,
        });
    }
}

/// Every field, those that are not written among them.
fn places(loaded: &Loaded) -> Vec<Place> {
    let scenario = &loaded.scenario;
    let mut found = Vec::new();
    described(&**scenario, "", "", &mut found);
    for (name, key) in &scenario.keys {
        described(key, &format!("keys.{name}"), "keys.*", &mut found);
    }
    for (name, machine) in &scenario.machines {
        described(machine, &format!("machines.{name}"), "machines.*", &mut found);
    }
    for (name, service) in &scenario.services {
        described(service, &format!("services.{name}"), "services.*", &mut found);
        for (callee, link) in &service.links {
            described(link, &format!("services.{name}.links.{callee}"), "services.*.links.*", &mut found);
        }
        for (store, spec) in &service.stores {
            described(spec, &format!("services.{name}.stores.{store}"), "services.*.stores.*", &mut found);
        }
    }
    for (name, traffic) in &scenario.traffic {
        described(traffic, &format!("traffic.{name}"), "traffic.*", &mut found);
    }
    for (name, variant) in &scenario.variants {
        described(variant, &format!("variants.{name}"), "variants.*", &mut found);
        // What a variant sets is RON, quotes and all.
        found.retain(|place| !place.field.starts_with("variants.*.set."));
        for (path, value) in &variant.set {
            found.push(Place {
                path: format!("variants.{name}.set.{path}"),
                field: format!("patch.{path}"),
                value: value.as_str().to_owned(),
                written: true,
            });
        }
    }
    found
}

/// Values by field.
type Said = BTreeMap<String, BTreeSet<String>>;

struct BuiltIn {
    loaded: Loaded,
    places: Vec<Place>,
}

/// All of them, and what each field says anywhere.
fn all() -> &'static (Vec<BuiltIn>, Said) {
    static ALL: OnceLock<(Vec<BuiltIn>, Said)> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let read = |built_in: &surgelab::catalog::BuiltIn| {
            let loaded = load(built_in.file, built_in.text).unwrap();
            let places = places(&loaded);
            BuiltIn { loaded, places }
        };
        let built_ins: Vec<BuiltIn> = SCENARIOS.iter().map(read).collect();
        for place in built_ins.iter().flat_map(|built_in| &built_in.places) {
            said.entry(place.field.clone()).or_default().insert(place.value.clone());
        }
        (built_ins, said)
    })
}

/// Another value that the field has somewhere, by number.
fn other(place: &Place, number: usize) -> Option<&'static str> {
    let values = all().1.get(&place.field)?;
    let others: Vec<&String> = values.iter().filter(|value| **value != place.value).collect();
    (!others.is_empty()).then(|| others[number % others.len()].as_str())
}

#[test]
fn every_field_of_every_scenario_is_set_and_set_back() {
    let (mut fields, mut sound) = (0, 0);
    for built_in in &all().0 {
        let text = &*built_in.loaded.text;
        let mut document = Document::new(text);
        for (number, place) in built_in.places.iter().enumerate() {
            let values = [Some(place.value.as_str()), other(place, number)];
            for value in values.into_iter().flatten() {
                let edit = Edit::set(&place.path, value);
                let splice = document.edit(&edit).unwrap_or_else(|error| panic!("{edit}: {error:?}"));
                let edited = document.text().to_owned();
                assert_eq!(edited[..splice.at], text[..splice.at]);
                let (behind, before) = (splice.at + splice.new.len(), splice.at + splice.old.len());
                assert_eq!(edited[behind..], text[before..], "what stands behind {edit} stays");
                if value == place.value && number % 5 == 0 {
                    let same = built_in.loaded.with(None, std::slice::from_ref(&edit));
                    let same = same.unwrap_or_else(|problems| panic!("{edit}: {problems:#?}"));
                    assert_eq!(same.scenario, built_in.loaded.scenario, "{edit} says what it said");
                }
                sound += usize::from(number % 5 == 0 && load("edited", &edited).is_ok());
                document.splice(&splice.inverse()).unwrap();
                assert_eq!(document.text(), text, "{edit} is undone");
                fields += 1;
            }
        }
    }
    assert!(fields > 6_000 && sound > 1_200, "{fields} edits, {sound} of those looked at gave a sound file");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn many_edits_are_undone_and_done_again(
        scenario in any::<prop::sample::Index>(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
    ) {
        let built_in = &all().0[scenario.index(SCENARIOS.len())];
        let mut document = Document::new(&*built_in.loaded.text);
        let mut done: Vec<Splice> = Vec::new();
        for (pick, number) in picks {
            let place = &built_in.places[pick.index(built_in.places.len())];
            let value = other(place, usize::from(number)).unwrap_or(&place.value);
            // After an edit of what holds it there may be no such field any more.
            done.extend(document.edit(&Edit::set(&place.path, value)));
        }
        let after = document.text().to_owned();
        for splice in done.iter().rev() {
            document.splice(&splice.inverse()).unwrap();
        }
        prop_assert_eq!(document.text(), &*built_in.loaded.text);
        for splice in &serde_json::from_str::<Vec<Splice>>(&serde_json::to_string(&done).unwrap()).unwrap() {
            document.splice(splice).unwrap();
        }
        prop_assert_eq!(document.text(), after);
    }
}

/// Edits of fields that are written to other values with which the system still runs, and back.
fn alternatives(built_in: &BuiltIn, most: usize) -> Vec<(Edit, Edit)> {
    let candidates = built_in.places.iter().filter(|place| place.written && !place.path.starts_with("variants"));
    let edits = candidates.enumerate().filter_map(|(number, place)| {
        let there = Edit::set(&place.path, other(place, number)?);
        built_in.loaded.with(None, std::slice::from_ref(&there)).ok()?;
        Some((there, Edit::set(&place.path, &place.value)))
    });
    let edits: Vec<(Edit, Edit)> = edits.collect();
    let every = edits.len().div_ceil(most).max(1);
    edits.into_iter().step_by(every).collect()
}

/// Ends where it began: edits by number, each done, or undone if it is done already.
fn walk(model: &Arc<Model>, edits: &[(Edit, Edit)], numbers: &[usize]) -> (Arc<Model>, usize) {
    let (mut model, mut done, mut count) = (Arc::clone(model), vec![false; edits.len()], 0);
    let back = |done: &[bool]| done.iter().rposition(|done| *done);
    let mut numbers = numbers.iter().map(|number| number % edits.len());
    while let Some(number) = numbers.next().or_else(|| back(&done)) {
        let edit = if done[number] { &edits[number].1 } else { &edits[number].0 };
        // Two changes may not go together.
        if let Ok(next) = model.edited(std::slice::from_ref(edit)) {
            model = Arc::new(next);
            done[number] = !done[number];
            count += 1;
        } else {
            assert!(!done[number] || done.iter().filter(|done| **done).count() > 1, "{edit} goes back");
        }
    }
    (model, count)
}

/// The tables without which nothing runs: all but code, amounts and lanes, which only grow.
fn meaning(model: &Model) -> String {
    let Model { groups, services, operations, links, sources, objectives, keys, locks, .. } = model;
    format!("{groups:?} {services:?} {operations:?} {links:?} {sources:?} {objectives:?} {keys:?} {locks:?}")
}

#[test]
fn a_hundred_edits_that_end_where_they_began_leave_the_model_they_began_with() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut edited = 0;
    for name in ["codingame", "wooga", "famigo", "avocado", "mongo-capacity-drop", "cache-flush"] {
        let at = SCENARIOS.iter().position(|built_in| built_in.name == name).unwrap();
        let built_in = &all().0[at];
        let edits = alternatives(built_in, 24);
        assert!(edits.len() > 10, "{name}: {}", edits.len());
        let began = Arc::new(Model::compile(&built_in.loaded).unwrap());
        let numbers: Vec<usize> = (0..100).map(|_| next()).collect();
        let (once, count) = walk(&began, &edits, &numbers);
        assert_eq!(once.scenario, began.scenario, "{name} ends where it began");
        assert_eq!(meaning(&once), meaning(&began), "{name}: nothing stands elsewhere");
        // What was new on the way stays for those who run it; the same way again meets nothing new.
        let (twice, _) = walk(&once, &edits, &numbers);
        let size = |model: &Model| {
            let Model { code, sites, branches, choices, amounts, lanes, paces, rules, .. } = model;
            [
                code.len(),
                sites.len(),
                branches.len(),
                choices.len(),
                amounts.len(),
                lanes.len(),
                paces.len(),
                rules.len(),
            ]
        };
        assert_eq!(size(&twice), size(&once), "{name}");
        assert_eq!(meaning(&twice), meaning(&began), "{name}");
        edited += count;
    }
    assert!(edited > 300, "{edited}");
}

#[test]
fn a_live_edit_beside_the_programs_adds_no_code_and_leaves_the_length_of_the_run() {
    let text = surgelab::catalog::find("replica-lag").unwrap().text;
    let began = Model::compile(&load("replica-lag", text).unwrap()).unwrap();
    assert!(began.services.iter().any(|service| service.sets.is_some()), "it has replicas");
    let mut model = began.clone();
    for minute in 1..=50 {
        model = model.edited(&[Edit::set("horizon", format!("{minute}min"))]).unwrap();
        assert_eq!((model.horizon, model.warm_up), (began.horizon, began.warm_up), "they are of the run");
    }
    model = model.edited(&[Edit::set("horizon", began.horizon.to_string())]).unwrap();
    assert_eq!(format!("{:?}", model.code), format!("{:?}", began.code));
    assert_eq!(meaning(&model), meaning(&began));
    assert_eq!((model.sites.len(), model.amounts.len()), (began.sites.len(), began.amounts.len()));
}

#[test]
fn an_experiment_is_the_same_after_a_file() {
    let crash = Action::Crash(Target::Service(ServiceId::new(2), Some(1)));
    let slow =
        Action::Slow { target: Target::Machine(GroupId::new(0), None), factor: 0.25, lasting: Span::seconds(90) };
    let log = [
        Intervention::Act(crash),
        Intervention::Act(slow),
        Intervention::Edit(vec![Edit::set("machines.web.count", "4")]),
        Intervention::ApplyVariant(Some("caching".into())),
        Intervention::ApplyVariant(None),
    ];
    let entry = |(at, intervention)| LogEntry { time: Time(at as i64 * 1_000_000_007), intervention };
    let experiment = Experiment {
        variant: Some("caching".into()),
        edits: vec![Edit::set("horizon", "5min"), Edit::set("title", "\"a \\\" quote\"")],
        seed: Some(u64::MAX),
        log: log.into_iter().enumerate().map(entry).collect(),
        moment: Some(Time(-5)),
        ..Experiment::new("codingame", SCENARIOS[0].text)
    };
    let json = serde_json::to_string(&experiment).unwrap();
    assert_eq!(serde_json::from_str::<Experiment>(&json).unwrap(), experiment);
}
