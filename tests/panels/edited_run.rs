//! The first edit makes B: A stays as it was, undoing every edit takes B away, and B can take A's place.

use crate::live_changes::{SECOND, Table};
use surgelab::catalog;
use surgelab::engine::Command;
use surgelab::host::Lane;
use surgelab::lab::action::Action;
use surgelab::lab::view::Comparison;
use surgelab::model::{Action as Act, SourceId};
use surgelab::scenario::Edit;
use surgelab::units::Time;

const LATE: Time = Time(60 * SECOND);

fn workers(count: u32) -> Vec<Edit> {
    vec![Edit::set("services.server.workers", count.to_string())]
}

/// A run of the sinkhole that was seen for a minute, and what it came to.
fn played() -> (Table, u64) {
    let mut table = Table::open(catalog::find("sinkhole").expect("it comes along"));
    table.seek(LATE);
    let digest = table.lab.state.frame.digest.expect("it stands");
    (table, digest)
}

/// That run is shown, so many changes of it stand, and it has come as far as the other was: what it came to.
#[track_caller]
fn stands(table: &mut Table, lane: Lane, done: usize) -> u64 {
    table.until("it is there", |lab| {
        let state = &lab.state;
        state.frame.lane == lane
            && state.branched.is_some() == (lane == Lane::Branch)
            && state.changes().done.len() == done
            && !state.awaits_change()
            && state.frame.now == LATE
            && state.frame.digest.is_some()
    });
    table.lab.state.frame.digest.expect("it stands")
}

#[test]
fn the_first_edit_makes_b_and_undoing_every_edit_takes_it_away() {
    let (mut table, plain) = played();
    table.lab.ask(Action::Change(workers(30)));
    let once = stands(&mut table, Lane::Branch, 1);
    assert_ne!(once, plain);
    assert_eq!(table.lab.state.side_name(Lane::Branch), "B · edited");
    assert_eq!(table.lab.state.view.comparison, Comparison::Off, "who edits goes on editing");
    table.lab.ask(Action::Change(workers(40)));
    let twice = stands(&mut table, Lane::Branch, 2);
    assert!(twice != once && twice != plain);
    table.lab.ask(Action::Steer(Lane::Trunk));
    table.until("A is shown", |lab| lab.state.frame.lane == Lane::Trunk && lab.state.frame.digest.is_some());
    assert_eq!(table.lab.state.frame.digest, Some(plain), "A is what it was");
    assert!(!table.lab.state.can_undo());
    table.lab.ask(Action::Steer(Lane::Branch));
    table.until("B is shown", |lab| lab.state.frame.lane == Lane::Branch);
    table.lab.ask(Action::Undo);
    assert_eq!(stands(&mut table, Lane::Branch, 1), once);
    table.lab.ask(Action::Undo);
    assert_eq!(stands(&mut table, Lane::Trunk, 0), plain);
    table.lab.ask(Action::Redo);
    assert_eq!(stands(&mut table, Lane::Branch, 1), once);
    table.lab.ask(Action::Redo);
    assert_eq!(stands(&mut table, Lane::Branch, 2), twice);
}

#[test]
fn what_made_a_b_that_was_discarded_can_be_done_again() {
    let (mut table, plain) = played();
    table.lab.ask(Action::Change(workers(30)));
    let once = stands(&mut table, Lane::Branch, 1);
    table.lab.ask(Action::Change(workers(40)));
    let twice = stands(&mut table, Lane::Branch, 2);
    table.lab.ask(Action::Prune);
    assert_eq!(stands(&mut table, Lane::Trunk, 0), plain);
    for (done, wanted) in [(1, once), (2, twice)] {
        table.lab.ask(Action::Redo);
        assert_eq!(stands(&mut table, Lane::Branch, done), wanted);
    }
}

#[test]
fn a_b_that_is_kept_is_a_with_its_changes() {
    let (mut table, plain) = played();
    table.lab.ask(Action::Change(workers(30)));
    let once = stands(&mut table, Lane::Branch, 1);
    table.lab.ask(Action::KeepB);
    assert_eq!(stands(&mut table, Lane::Trunk, 1), once);
    assert_eq!(table.lab.state.experiment().expect("it runs").edits, workers(30));
    table.lab.ask(Action::Undo);
    assert_eq!(stands(&mut table, Lane::Trunk, 0), plain, "what was kept is undone in A");
}

#[test]
fn an_edit_from_now_on_makes_a_b_that_leaves_a_now() {
    let (mut table, plain) = played();
    table.lab.ask(Action::SwitchHere);
    table.lab.ask(Action::Change(workers(30)));
    table.until("B was edited", |lab| lab.state.branched == Some(LATE) && lab.state.changes().done.len() == 1);
    table.lab.ask(Action::Undo);
    assert_eq!(stands(&mut table, Lane::Trunk, 0), plain);
}

#[test]
fn what_is_no_edit_or_was_not_seen_yet_makes_no_b() {
    let (mut table, plain) = played();
    let surge = Act::ScaleTraffic(SourceId::new(0), 1.5);
    table.lab.ask(Action::Command(Command::Act(surge)));
    table.until("it was done", |lab| lab.state.changes().done.len() == 1);
    assert!(table.lab.state.branched.is_none(), "a surge is of the run");
    table.lab.ask(Action::Undo);
    assert_eq!(stands(&mut table, Lane::Trunk, 0), plain);
    let mut table = Table::open(catalog::find("sinkhole").expect("it comes along"));
    table.lab.ask(Action::Reload);
    table.until("it begins", |lab| lab.state.opened.is_some() && lab.state.frame.known < Time(SECOND));
    table.lab.ask(Action::Change(workers(30)));
    table.until("it is edited", |lab| lab.state.changes().done.len() == 1 && !lab.state.awaits_change());
    assert!(table.lab.state.branched.is_none(), "nothing was seen of it");
}
