//! Fields of every kind are changed with the control that their kind asks for: an edit of the file is asked for.

use crate::bench::Bench;
use crate::fixture;
use egui::Vec2;
use surgelab::catalog;
use surgelab::lab::action::{Action, Subject};
use surgelab::lab::state::LabState;
use surgelab::model::ServiceId;
use surgelab::scenario::Edit;

fn at(name: &str) -> Bench {
    let played = fixture::codingame();
    let service = played.model.services.iter().position(|service| service.name == name).expect("it is there");
    let mut state = fixture::state(played, 800.0);
    state.picked = Some(Subject::Service(ServiceId::new(service)));
    Bench::sized(state, Vec2::new(1280.0, 4_000.0))
}

fn edits(taken: &[Action]) -> Vec<Edit> {
    taken
        .iter()
        .flat_map(|action| match action {
            Action::Change(edits) => edits.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_program_is_a_list_whose_steps_go_come_and_change_places() {
    let mut bench = at("app");
    let path = "services.app.operations.page";
    bench.click_containing(&format!("{path}: "));
    bench.click(&format!("Remove {path}.0"));
    assert_eq!(edits(&bench.taken()), [Edit::remove(format!("{path}.0"))]);
    let later = format!("{path}.0 later");
    assert!(bench.has(&later), "{:#?}", bench.names());
    bench.click(&later);
    let moved = Edit::Move { path: format!("{path}.0"), to: format!("{path}.1"), at: None };
    assert_eq!(edits(&bench.taken()), [moved]);
    bench.click(&format!("Add to {path}"));
    bench.click("Cpu");
    let added = edits(&bench.taken());
    assert!(matches!(&added[..], [Edit::Insert { path: at, .. }] if *at == format!("{path}.2")), "{added:?}");
    bench.click("Close");
    bench.click("Add to services.app.operations");
    assert!(bench.has("operation"), "{:#?}", bench.names());
}

/// Whatever can be opened of whatever can be picked is drawn, and asks for nothing by itself.
#[test]
fn every_field_of_every_service_can_be_opened() {
    for built_in in catalog::SCENARIOS.iter().filter(|one| ["codingame", "famigo", "queue-backlog"].contains(&one.name))
    {
        let compiled =
            surgelab::experiment::Experiment::new(built_in.name, built_in.text).compile().expect("it is sound");
        let compiled = std::sync::Arc::new(compiled);
        for service in 0..compiled.model.services.len() {
            let mut state = LabState::new(Default::default());
            let _ = state.hear(surgelab::host::Update::Opened(compiled.clone()));
            state.picked = Some(Subject::Service(ServiceId::new(service)));
            let mut bench = Bench::sized(state, Vec2::new(1280.0, 6_000.0));
            let name = &compiled.model.services[ServiceId::new(service)].name;
            let begins = format!("services.{name}.");
            let fields: Vec<String> = bench.names().into_iter().filter(|label| label.starts_with(&begins)).collect();
            assert!(!fields.is_empty(), "{name}: {:#?}", bench.names());
            for field in fields {
                if bench.has(&field) {
                    bench.click(&field);
                }
            }
            let taken = bench.taken();
            assert!(taken.is_empty(), "{}: {name}: {taken:?}", built_in.name);
        }
    }
}
