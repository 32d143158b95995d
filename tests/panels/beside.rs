//! A and B beside each other: the table, the verdict, what differs, keys and the bar.

use crate::bench::Bench;
use crate::fixture;
use crate::live_changes::{SECOND, Table};
use crate::studies::SITE;
use egui::{Key, Modifiers, Vec2};
use std::sync::{Arc, OnceLock};
use surgelab::catalog::BuiltIn;
use surgelab::experiment::Experiment;
use surgelab::host::{Lane, Update};
use surgelab::lab::action::{Action, Rival, Subject};
use surgelab::lab::compare::beside;
use surgelab::lab::state::LabState;
use surgelab::lab::view::Comparison;
use surgelab::measure::Results;
use surgelab::scenario::Edit;
use surgelab::study::{self, RunOptions};
use surgelab::units::Time;

fn said(actions: &[Action]) -> Vec<String> {
    actions.iter().map(|action| format!("{action:?}")).collect()
}

/// The first variant of the default incident, and what it yields.
fn rival() -> &'static (String, Arc<Results>) {
    static RIVAL: OnceLock<(String, Arc<Results>)> = OnceLock::new();
    RIVAL.get_or_init(|| {
        let loaded = &fixture::codingame().loaded;
        let name = loaded.scenario.variants.names().next().expect("it has some").to_owned();
        let changed = loaded.with(Some(&name), &[]).expect("it can be put in");
        let options = RunOptions { variant: Some(name.clone()), seed: Some(1) };
        (name, Arc::new(study::run(&changed, &options, &mut |_| {}).expect("it runs")))
    })
}

/// The default incident with its first variant beside it, both at their ends.
pub fn both() -> LabState {
    let played = fixture::codingame();
    let mut state = fixture::state(played, 800.0);
    let (name, results) = rival();
    let base = state.opened.as_ref().expect("it is open").base.text.to_string();
    let experiment = Experiment {
        variant: Some(name.clone()),
        edits: vec![Edit::set("horizon", "15min")],
        seed: Some(1),
        ..Experiment::new("codingame", base)
    };
    let compiled = Arc::new(experiment.compile().expect("it compiles"));
    state.hear(Update::Compared(compiled));
    state.results[1] = Some(Arc::clone(results));
    state.timelines[1] = state.timelines[0].clone();
    for point in &mut state.timelines[1].points {
        point.sources.iter_mut().for_each(|source| source.succeeded_per_s *= 0.5);
    }
    state
}

#[track_caller]
fn shows(bench: &Bench, all: &[&str]) {
    for part in all {
        assert!(bench.has(part), "no {part}: {:#?}", bench.names());
    }
}

#[test]
fn figures_of_both_stand_beside_each_other_and_the_better_is_marked() {
    let (name, results) = rival();
    let told = beside(&fixture::codingame().results, results, 0.0);
    let bench = Bench::sized(both(), Vec2::new(1280.0, 1_600.0));
    shows(&bench, &["A and B", "A · original", &format!("B · {name}"), &told.verdict, "What differs"]);
    assert!(told.verdict.starts_with("B: "), "{}", told.verdict);
    for row in &told.rows {
        for (lane, letter) in [(Lane::Trunk, "A"), (Lane::Branch, "B")] {
            let mark = if row.better == Some(lane) { ", better" } else { "" };
            shows(&bench, &[&format!("{} of {letter}: {}{mark}", row.name, row.values[lane as usize])]);
        }
        shows(&bench, &[&row.difference]);
    }
    let named: Vec<&str> = told.rows.iter().map(|row| row.name).collect();
    for name in ["failed", "slowest p95, unanswered too", "goodput", "cost", "limits first"] {
        assert!(named.contains(&name), "{named:?}");
    }
    shows(&bench, &["goodput of B"]);
    for dark in [true, false] {
        let mut state = both();
        state.view.dark = dark;
        crate::picture::keep(&state, if dark { "beside-dark" } else { "beside-light" });
    }
}

#[test]
fn one_key_goes_through_the_ways_to_compare() {
    for (before, after) in [
        (Comparison::Off, Comparison::Table),
        (Comparison::Table, Comparison::Split),
        (Comparison::Split, Comparison::Off),
    ] {
        let mut state = both();
        state.view.comparison = before;
        let mut bench = Bench::new(state);
        bench.press(Modifiers::NONE, Key::C);
        assert_eq!(said(&bench.taken()), said(&[Action::Compare(after)]), "{before:?}");
        bench.click("Compare A and B");
        assert_eq!(said(&bench.taken()), said(&[Action::Compare(after)]), "by its button");
    }
    let mut alone = Bench::new(fixture::state(fixture::codingame(), 800.0));
    alone.press(Modifiers::NONE, Key::C);
    assert_eq!(said(&alone.taken()), [r#"ShowPalette(Some("Compare with "))"#]);
    let mut bench = Bench::new(both());
    bench.click("Split");
    assert_eq!(said(&bench.taken()), said(&[Action::Compare(Comparison::Split)]));
    bench.click("Against…");
    assert_eq!(said(&bench.taken()), [r#"ShowPalette(Some("Compare with "))"#]);
    bench.press(Modifiers::NONE, Key::Escape);
    assert_eq!(said(&bench.taken()), said(&[Action::Compare(Comparison::Off)]));
}

#[test]
fn the_other_run_is_shown_while_a_key_is_held() {
    let mut state = both();
    let mut bench = Bench::new(both());
    bench.harness.key_down(Key::X);
    bench.harness.run_steps(2);
    assert_eq!(said(&bench.taken()), said(&[Action::Flip(true)]), "once");
    assert_eq!(format!("{:?}", state.act(Action::Flip(true))), "[Say(Steer(Branch))]");
    assert!(state.is_flipped() && state.act(Action::Flip(true)).is_empty());
    assert_eq!(format!("{:?}", state.act(Action::Flip(false))), "[Say(Steer(Trunk))]");
    assert!(!state.is_flipped() && state.act(Action::Flip(false)).is_empty());
    let mut held = both();
    held.act(Action::Flip(true));
    let mut bench = Bench::new(held);
    bench.harness.run_steps(1);
    let taken = said(&bench.taken());
    assert!(!taken.is_empty() && taken.iter().all(|said| said == "Flip(false)"), "nobody holds it: {taken:?}");
}

/// A lab with a host: a small site and its variant.
fn table() -> Table {
    let scenario = BuiltIn { name: "site.ron", file: "site.ron", text: SITE };
    let mut table = Table::open(&scenario);
    table.seek(Time(20 * SECOND));
    table
}

#[test]
fn a_variant_beside_the_run_comes_to_the_same_moment_and_is_told() {
    let mut table = table();
    let alone = table.lab.state.frame.digest;
    table.lab.ask(Action::CompareWith(Rival::Variant(Some("two cores".into()))));
    table.until("both are told", |lab| lab.state.frame.lane == Lane::Branch && lab.state.beside().is_some());
    table.stand();
    let state = &table.lab.state;
    assert_eq!((state.view.comparison, state.frame.now), (Comparison::Table, Time(20 * SECOND)));
    assert_eq!((state.side_name(Lane::Trunk), state.side_name(Lane::Branch)).1, "B · two cores");
    let [a, b] = state.both().expect("there are two");
    assert_eq!(surgelab::lab::compare::differing(a, b), (vec!["machines.box.cores: 1 → 2".to_owned()], 0));
    table.lab.ask(Action::Compare(Comparison::Split));
    table.until("both are shown", |lab| lab.state.other.frame.is_some());
    let state = &table.lab.state;
    let look = state.other.frame.as_ref().expect("it is shown");
    assert_eq!((look.lane, look.now), (Lane::Trunk, Time(20 * SECOND)));
    assert_eq!(state.other.layout.boxes(), state.layout.boxes(), "what has the same name has the same place");
    let (_, [own, other]) = table.lab.other_picture().expect("both are on the canvas");
    assert!((own.left() - other.right()).abs() < 0.5 && own.width() > 100.0, "B at the right: {own:?} {other:?}");
    table.lab.ask(Action::MoveBar(0.25));
    table.until("it was moved", |lab| {
        lab.other_picture().is_some_and(|(_, [own, other])| other.width() * 2.9 < own.width())
    });
    let (shown, _) = table.lab.picture();
    let (picture, _) = table.lab.other_picture().expect("both are on the canvas");
    assert!(!picture.shapes.is_empty() && (picture.clock - shown.clock).abs() < 1e-6, "by one clock");
    table.lab.ask(Action::MoveBar(7.0));
    assert!(table.lab.state.view.bar < 1.0, "within the canvas");
    // A is what it was.
    table.lab.ask(Action::Steer(Lane::Trunk));
    table.until("A is shown", |lab| lab.state.frame.lane == Lane::Trunk && lab.state.frame.digest.is_some());
    assert_eq!(table.lab.state.frame.digest, alone);
}

#[test]
fn what_is_picked_and_placed_is_found_again_by_its_name_in_the_other() {
    let mut table = table();
    let text = SITE.replacen(
        "services: {",
        "services: {\"aside\": (on: [\"box\"], operations: {\"op\": [Cpu(\"1ms\")]}), ",
        1,
    );
    assert_ne!(text, SITE);
    table.lab.ask(Action::CompareWith(Rival::File("rival.ron".into())));
    let asked = table.lab.platform_requests();
    assert_eq!(format!("{asked:?}"), r#"[Read("rival.ron")]"#);
    table.lab.read(std::path::Path::new("rival.ron"), Ok(text), None);
    table.until("B is shown", |lab| lab.state.frame.lane == Lane::Branch && lab.state.beside().is_some());
    table.stand();
    let app = table.lab.state.resolve("app").expect("it is there");
    assert!(matches!(app, Subject::Service(id) if id.index() == 1), "the other comes before it: {app:?}");
    table.lab.ask(Action::Pick(Some(app)));
    let boxes = table.lab.state.layout.boxes().to_vec();
    table.lab.ask(Action::Steer(Lane::Trunk));
    table.until("A is shown", |lab| lab.state.frame.lane == Lane::Trunk && lab.state.frame.digest.is_some());
    let picked = table.lab.state.picked.clone();
    assert!(matches!(picked, Some(Subject::Service(id)) if id.index() == 0), "{picked:?}");
    table.lab.ask(Action::Steer(Lane::Branch));
    table.until("B is shown", |lab| lab.state.frame.lane == Lane::Branch && lab.state.frame.digest.is_some());
    assert_eq!(table.lab.state.layout.boxes(), boxes);
    // Given up while it is shown, A's boxes stand where they stood.
    table.lab.ask(Action::Prune);
    table.until("A is left", |lab| lab.state.frame.lane == Lane::Trunk && lab.state.branched.is_none());
    assert_eq!(table.lab.state.view.comparison, Comparison::Off);
    assert!(table.lab.state.compared.is_none() && table.lab.state.resolve("aside").is_none());
}

#[test]
fn what_is_edited_from_the_start_in_b_leaves_a_alone() {
    let mut table = table();
    let alone = table.lab.state.frame.digest;
    table.lab.ask(Action::CompareWith(Rival::Variant(Some("two cores".into()))));
    table.until("B is shown", |lab| lab.state.frame.lane == Lane::Branch && lab.state.beside().is_some());
    table.stand();
    table.lab.ask(Action::EditFromStart(vec![Edit::set("services.app.workers", "9")]));
    table.until("B is another", |lab| {
        let compared = lab.state.compared.as_ref();
        compared.is_some_and(|compared| compared.edits.len() == 1) && lab.state.frame.digest.is_some()
    });
    table.stand();
    table.until("it has caught up", |lab| lab.state.frame.now == Time(20 * SECOND));
    let state = &table.lab.state;
    assert_eq!((state.frame.lane, state.changes().done.len()), (Lane::Branch, 1));
    let design = state.design().expect("it runs");
    assert_eq!((design.variant.as_deref(), design.edits.len()), (Some("two cores"), 1));
    table.lab.ask(Action::Undo);
    table.until("it is undone", |lab| {
        lab.state.compared.as_ref().is_some_and(|compared| compared.edits.is_empty()) && lab.state.can_redo()
    });
    table.stand();
    table.lab.ask(Action::Steer(Lane::Trunk));
    table.until("A is shown", |lab| {
        lab.state.frame.lane == Lane::Trunk
            && lab.state.frame.digest.is_some()
            && lab.state.frame.now == Time(20 * SECOND)
    });
    assert_eq!(table.lab.state.frame.digest, alone);
    assert!(table.lab.state.changes().done.is_empty());
}
