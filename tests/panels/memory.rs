//! What is remembered from one window to the next.

use crate::bench::Bench;
use crate::fixture;
use crate::live_changes::{SECOND, Table};
use std::path::PathBuf;
use surgelab::catalog;
use surgelab::lab::action::Action;
use surgelab::lab::memory::Memory;
use surgelab::lab::state::LabState;
use surgelab::lab::view::View;
use surgelab::scenario::Edit;
use surgelab::units::Time;

#[test]
fn a_window_looks_as_the_last_one_did() {
    let mut state = LabState::new(View::default());
    for action in [Action::SwitchTheme, Action::SwitchMotion, Action::SwitchPanels] {
        state.act(action);
    }
    let text = state.remember(Some((1_000, 700))).text();
    let mut next = LabState::new(View::default());
    next.recall(Memory::read(&text));
    assert!(!next.view.dark && next.view.still && !next.view.panels);
    assert_eq!(next.remember(None).window, Some((1_000, 700)));
    next.recall(Memory::read("what is this?"));
    assert!(next.view.dark && next.view.panels, "what cannot be read is nothing");
    let newer = Memory::read("(recent: [\"a.ron\"], later: 3)");
    assert_eq!(newer.recent, [PathBuf::from("a.ron")], "what a later version adds is passed over");
}

#[test]
fn files_that_were_open_are_offered_again() {
    let mut table = Table::open(catalog::find("sinkhole").expect("it comes along"));
    let text = catalog::find("sinkhole").expect("it comes along").text;
    for name in ["one.ron", "two.ron", "one.ron"] {
        let path = std::path::absolute(name).expect("there is a folder");
        table.lab.read(&path, Ok(text.to_owned()), None);
        table.until("it is open", |lab| lab.state.file.as_ref() == Some(&path));
        table.lab.state.remember(None);
    }
    let names = |memory: &Memory| {
        memory.recent.iter().map(|file| file.file_name().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&table.lab.state.memory), ["one.ron", "two.ron"], "the last one first, each once");
    let mut state = fixture::state(fixture::codingame(), 10.0);
    state.memory = table.lab.state.memory.clone();
    state.view.gallery = true;
    let mut bench = Bench::new(state);
    bench.click("two.ron");
    let taken = bench.taken();
    assert!(matches!(&taken[..], [Action::OpenFile(path, None)] if path.ends_with("two.ron")), "{taken:?}");
}

#[test]
fn what_was_changed_and_is_in_no_file_can_be_opened_again() {
    let mut table = Table::open(catalog::find("sinkhole").expect("it comes along"));
    table.seek(Time(30 * SECOND));
    assert_eq!(table.lab.state.remember(None).unsaved, None);
    table.lab.ask(Action::Change(vec![Edit::set("services.server.workers", "30")]));
    table.until("it is edited", |lab| !lab.state.changes().done.is_empty() && !lab.state.awaits_change());
    table.stand();
    let kept = table.lab.state.remember(None).unsaved.clone().expect("it is in no file");
    let mut next = Table::open(catalog::find("backoff").expect("it comes along"));
    next.lab.state.recall(Memory { unsaved: Some(kept.clone()), ..Memory::default() });
    next.lab.ask(Action::OpenLink(kept));
    next.until("it is open", |lab| {
        lab.state
            .experiment()
            .is_some_and(|experiment| experiment.edits == [Edit::set("services.server.workers", "30")])
    });
    table.lab.state.saved(Ok("sinkhole-edited.ron".into()));
    assert_eq!(table.lab.state.remember(None).unsaved, None, "it is in a file");
    table.lab.ask(Action::Change(vec![Edit::set("services.server.workers", "31")]));
    table.until("it is edited again", |lab| lab.state.changes().done.len() == 2);
    assert!(table.lab.state.remember(None).unsaved.is_some(), "and that is not");
}
