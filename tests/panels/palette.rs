//! The list of everything that has a name: found by a few letters, walked with arrows, done with Enter.

use crate::bench::Bench;
use crate::fixture;
use egui::accesskit::Toggled;
use egui::{Key, Modifiers};
use egui_kittest::kittest::NodeT as _;
use surgelab::lab::action::{Action, Rival, Subject};
use surgelab::lab::command::UiCommand;
use surgelab::lab::state::LabState;
use surgelab::lab::studies::Question;

fn open(typed: &str) -> Bench {
    let mut state = fixture::state(fixture::codingame(), 800.0);
    state.act(Action::ShowPalette(Some(typed.to_owned())));
    Bench::new(state)
}

/// What is done; the list is put away first.
#[track_caller]
fn done(bench: &mut Bench) -> Vec<String> {
    let taken = bench.taken();
    assert!(matches!(taken[..], [Action::ShowPalette(None), ..]), "{taken:?}");
    taken[1..].iter().map(|action| format!("{action:?}")).collect()
}

fn said(action: &Action) -> String {
    format!("{action:?}")
}

#[test]
fn it_opens_with_its_key_and_is_put_away_with_escape() {
    let mut bench = Bench::new(fixture::state(fixture::codingame(), 800.0));
    bench.press(Modifiers::COMMAND, Key::K);
    assert_eq!(bench.taken().iter().map(said).collect::<Vec<_>>(), [said(&Action::ShowPalette(Some(String::new())))]);
    let mut bench = open("");
    assert!(chosen(&bench).is_some_and(|line| line.starts_with("Play")), "the first line is chosen");
    assert_eq!(bench.focused(), chosen(&bench), "whoever reads the screen is at that line");
    bench.press(Modifiers::NONE, Key::Escape);
    assert!(done(&mut bench).is_empty());
    let mut empty = LabState::new(Default::default());
    empty.act(Action::ShowPalette(Some(String::new())));
    let mut bench = Bench::new(empty);
    bench.type_text("codingame");
    bench.press(Modifiers::NONE, Key::Enter);
    assert_eq!(done(&mut bench), [said(&Action::OpenBuiltIn("codingame", None))], "with nothing open, too");
}

#[test]
fn every_command_is_found_by_its_name_with_its_key() {
    let state = fixture::state(fixture::codingame(), 800.0);
    for command in UiCommand::ALL {
        if matches!(command, UiCommand::Palette | UiCommand::Dismiss) {
            continue;
        }
        let bench = open(command.label(&state));
        let line = format!("{}, {}", command.label(&state), command.key_text());
        assert!(bench.names().contains(&line), "{line}: {:#?}", bench.names());
    }
}

#[test]
fn a_few_letters_and_enter_do_it() {
    let variant = fixture::codingame().loaded.scenario.variants.names().next().expect("it has some").to_owned();
    let state = fixture::state(fixture::codingame(), 800.0);
    let db = state.resolve("rds").expect("it is there");
    assert!(matches!(db, Subject::Service(_)));
    let cases = [
        ("fit", vec![Action::Fit]),
        ("find lim", vec![Action::Ask(Question::Limit)]),
        ("other se", vec![Action::Ask(Question::Seeds)]),
        ("go to rds", vec![Action::Pick(Some(db.clone())), Action::Reveal(db)]),
        ("open avoc", vec![Action::OpenBuiltIn("avocado", None)]),
        ("compare with a file", vec![Action::CompareWith(Rival::AskForFile)]),
    ];
    for (typed, wanted) in cases {
        let mut bench = open("");
        bench.type_text(typed);
        bench.press(Modifiers::NONE, Key::Enter);
        assert_eq!(done(&mut bench), wanted.iter().map(said).collect::<Vec<_>>(), "{typed}");
    }
    let mut bench = open("Compare with ");
    bench.type_text(&variant);
    bench.press(Modifiers::NONE, Key::Enter);
    assert_eq!(done(&mut bench), [said(&Action::CompareWith(Rival::Variant(Some(variant))))], "typed on from there");
}

/// The line that is chosen, as screen readers are told.
fn chosen(bench: &Bench) -> Option<String> {
    let all = bench.harness.root().children_recursive();
    let is_chosen = |node: &egui_kittest::Node<'_>| node.accesskit_node().toggled() == Some(Toggled::True);
    all.filter(is_chosen).find_map(|node| node.accesskit_node().label())
}

#[test]
fn arrows_walk_and_screen_readers_are_told_where_they_are() {
    let mut bench = open("Open ");
    let first = chosen(&bench).expect("one is chosen");
    bench.press(Modifiers::NONE, Key::ArrowDown);
    let second = chosen(&bench).expect("one is chosen");
    assert_ne!(first, second);
    bench.press(Modifiers::NONE, Key::ArrowUp);
    bench.press(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(chosen(&bench), Some(first), "not beyond the first");
    for _ in 0..100 {
        bench.press(Modifiers::NONE, Key::ArrowDown);
    }
    assert!(chosen(&bench).is_some(), "the last is in sight");
    bench.press(Modifiers::NONE, Key::Enter);
    assert_eq!(done(&mut bench).len(), 1);
    let mut bench = open("open avoc");
    bench.click("Open avocado, scenario");
    assert_eq!(done(&mut bench), [said(&Action::OpenBuiltIn("avocado", None))]);
}

#[test]
fn keys_that_are_typed_there_do_nothing_else() {
    let mut bench = open("");
    bench.press(Modifiers::NONE, Key::B);
    bench.press(Modifiers::NONE, Key::Space);
    assert!(bench.taken().is_empty());
    bench.type_text("qqqq");
    assert!(bench.has("No match."));
    bench.press(Modifiers::NONE, Key::Enter);
    assert!(bench.taken().is_empty());
}

#[test]
fn a_field_is_found_by_the_words_of_its_meaning() {
    let mut state = fixture::state(fixture::codingame(), 800.0);
    state.picked = state.resolve("app");
    let mut bench = Bench::sized(state, egui::Vec2::new(1280.0, 4_000.0));
    bench.press(Modifiers::COMMAND, Key::F);
    assert_eq!(bench.taken().iter().map(said).collect::<Vec<_>>(), [said(&Action::FindField)]);
    bench.focus("Find a field");
    bench.type_text("served at once");
    let fields = |bench: &Bench| {
        let names = bench.names();
        names
            .iter()
            .filter(|name| name.starts_with("services.app.") && name.contains(": "))
            .cloned()
            .collect::<Vec<_>>()
    };
    let found = fields(&bench);
    assert!(found.iter().any(|name| name.starts_with("services.app.workers: ")), "{found:?}");
    bench.press(Modifiers::NONE, Key::Escape);
    assert!(bench.taken().is_empty() && fields(&bench).len() > found.len(), "all of them again");
    bench.focus("Find a field");
    bench.type_text("zzz");
    assert!(bench.has("No field speaks of that."));
    let mut state = fixture::state(fixture::codingame(), 800.0);
    state.picked = state.resolve("app");
    state.act(Action::FindField);
    let bench = Bench::sized(state, egui::Vec2::new(1280.0, 4_000.0));
    assert_eq!(bench.focused().as_deref(), Some("Find a field"), "asked for, the keyboard is there");
}
