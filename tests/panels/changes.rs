//! What a person changes: typed into a field, undone, done again, and saved as a file that gives the same run.

use crate::bench::Bench;
use crate::fixture;
use crate::live_changes::{SECOND, Table};
use egui::{Key, Modifiers, Vec2};
use surgelab::catalog;
use surgelab::engine::Command;
use surgelab::experiment::Experiment;
use surgelab::lab::action::{Action, Subject};
use surgelab::lab::app::PlatformRequest;
use surgelab::model::{Action as Act, ServiceId, SourceId};
use surgelab::scenario::Edit;
use surgelab::units::Time;

fn workers(table: &Table) -> String {
    let services = &table.lab.state.running.as_ref().expect("it runs").loaded.scenario.services;
    format!("{:?}", services.get("server").expect("it is there").workers)
}

/// What the run comes to at that time.
#[track_caller]
fn digest(table: &mut Table, at: Time) -> u64 {
    table.seek(at);
    table.lab.state.frame.digest.expect("it stands")
}

#[test]
fn changes_are_undone_done_again_and_saved() {
    let scenario = catalog::find("sinkhole").expect("it comes along");
    let (act, late) = (Time(30 * SECOND), Time(90 * SECOND));
    let mut table = Table::open(scenario);
    let plain = (digest(&mut table, late), workers(&table));
    table.seek(act);
    table.lab.ask(Action::Command(Command::Act(Act::ScaleTraffic(SourceId::new(0), 1.5))));
    table.until("it was done", |lab| lab.state.changes().done.len() == 1);
    let surged = digest(&mut table, late);
    assert_ne!(surged, plain.0);

    table.lab.ask(Action::EditFromStart(vec![Edit::set("services.server.workers", "30")]));
    table.until("it is played again", |lab| {
        lab.state.frame.now == late && !lab.state.awaits_change() && lab.state.frame.digest.is_some()
    });
    let both = (table.lab.state.frame.digest.expect("it stands"), workers(&table));
    assert!(both.0 != surged && both.1 != plain.1, "{both:?}");
    assert!(!table.lab.state.playing && table.lab.state.changes().done.len() == 1, "how it is looked at stays");

    table.lab.ask(Action::Save);
    let saved = table.lab.platform_requests();
    let [PlatformRequest::Save(path, text, None)] = &saved[..] else { panic!("{saved:?}") };
    assert_eq!(path.to_str(), Some("sinkhole-edited.ron"));
    assert!(text.contains("// The sinkhole: a dead server is the least busy of all."), "comments stay");
    table.lab.open(Experiment { seed: Some(1), ..Experiment::new("sinkhole-edited", text.as_str()) });
    table.until("it is open", |lab| lab.state.changes().done.is_empty() && lab.state.frame.now <= Time(0));
    table.stand();
    assert_eq!(digest(&mut table, late), both.0, "the file does by itself what was done");

    let mut table = Table::open(scenario);
    table.seek(act);
    table.lab.ask(Action::Command(Command::Act(Act::ScaleTraffic(SourceId::new(0), 1.5))));
    table.until("it was done", |lab| lab.state.changes().done.len() == 1);
    table.seek(late);
    table.lab.ask(Action::EditFromStart(vec![Edit::set("services.server.workers", "30")]));
    table.until("it is played again", |lab| {
        lab.state.frame.now == late && !lab.state.awaits_change() && lab.state.frame.digest.is_some()
    });
    // The edit made B, which goes with it.
    for (left, wanted) in [(1, surged), (0, plain.0)] {
        table.lab.ask(Action::Undo);
        table.until("it is undone", |lab| {
            let state = &lab.state;
            state.changes().done.len() == left && state.frame.now == late && state.frame.digest == Some(wanted)
        });
    }
    assert_eq!(workers(&table), plain.1);
    assert!(!table.lab.state.can_undo() && table.lab.state.can_redo());
    for (done, wanted) in [(1, surged), (1, both.0)] {
        table.lab.ask(Action::Redo);
        table.until("it is done again", |lab| {
            let state = &lab.state;
            state.changes().done.len() == done && state.frame.now == late && state.frame.digest == Some(wanted)
        });
    }
    table.lab.ask(Action::Edit(vec![Edit::set("services.server.workers", "25")]));
    table.until("it is edited from now on", |lab| lab.state.changes().done.len() == 2);
    assert!(!table.lab.state.can_redo(), "what is new takes the place of what was undone");
}

#[test]
fn a_field_is_typed_into_and_what_is_wrong_is_said_and_not_asked_for() {
    let played = fixture::codingame();
    let app = played.model.services.iter().position(|service| service.name == "app").expect("there is an app");
    let mut state = fixture::state(played, 800.0);
    state.picked = Some(Subject::Service(ServiceId::new(app)));
    let mut bench = Bench::sized(state, Vec2::new(1280.0, 4_000.0));
    bench.click("services.app.workers: 50");
    bench.type_text("6O");
    assert!(bench.has("was 50"), "{:?}", bench.names());
    bench.press(Modifiers::NONE, Key::Enter);
    assert!(bench.taken().is_empty(), "letters are no number");
    bench.click("Cancel");
    bench.click("services.app.workers: 50");
    bench.press(Modifiers::NONE, Key::ArrowUp);
    bench.press(Modifiers::NONE, Key::Enter);
    let taken = bench.taken();
    let [Action::Change(edits)] = &taken[..] else { panic!("{taken:?}") };
    let [Edit::Set { path, value }] = &edits[..] else { panic!("{edits:?}") };
    assert_eq!(path, "services.app.workers");
    assert!(value.parse::<f64>().expect("a number") > 50.0, "{value}");
    bench.click("services.app.workers: 50");
    bench.type_text("70");
    bench.click("From the start");
    let taken = bench.taken();
    assert!(
        matches!(&taken[..], [Action::EditFromStart(edits)] if edits[..] == [Edit::set("services.app.workers", "70")]),
        "{taken:?}: what was there is typed over"
    );
}
