//! The bar at the top, and the keys: one table says both, so a button and its key ask for the same.

use crate::bench::Bench;
use crate::fixture;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable as _;
use surgelab::host::{Pace, Phase, Stride};
use surgelab::lab::action::Action;
use surgelab::lab::command::UiCommand;
use surgelab::lab::keys::pressed;
use surgelab::lab::state::LabState;
use surgelab::lab::view::View;
use surgelab::layout::Point;
use surgelab::units::{Span, Time};

fn state() -> LabState {
    fixture::state(fixture::codingame(), 760.0)
}

/// Actions have no equality; their words have.
fn said(actions: &[Action]) -> Vec<String> {
    actions.iter().map(|action| format!("{action:?}")).collect()
}

#[test]
fn every_button_asks_for_what_its_key_asks_for() {
    for command in [
        UiCommand::PlayOrPause,
        UiCommand::Rewind,
        UiCommand::StepEvent,
        UiCommand::StepSecond,
        UiCommand::StepTen,
        UiCommand::Slower,
        UiCommand::Faster,
        UiCommand::Branch,
        UiCommand::Fit,
        UiCommand::Theme,
        UiCommand::Panels,
        UiCommand::Motion,
    ] {
        let mut bench = Bench::new(state());
        bench.click(command.label(&state()));
        let clicked = said(&bench.taken());
        bench.press(command.key().modifiers, command.key().logical_key);
        let keyed = said(&bench.taken());
        assert_eq!((clicked.len(), &clicked), (1, &keyed), "{command:?}");
    }
}

#[test]
fn no_two_deeds_share_a_key_and_all_have_words() {
    let mut keys: Vec<String> = UiCommand::ALL.iter().map(|command| command.key_text()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), UiCommand::ALL.len());
    for command in UiCommand::ALL {
        assert!(!command.label(&state()).is_empty() && !command.tooltip().is_empty(), "{command:?}");
    }
}

#[test]
fn keys_ask_for_exactly_this() {
    for (modifiers, key, expected) in [
        (Modifiers::NONE, Key::Period, Action::Step(Stride::Event)),
        (Modifiers::NONE, Key::S, Action::Step(Stride::Span(Span(1_000_000_000)))),
        (Modifiers::SHIFT, Key::S, Action::Step(Stride::Span(Span(10_000_000_000)))),
        (Modifiers::NONE, Key::OpenBracket, Action::Slower),
        (Modifiers::NONE, Key::CloseBracket, Action::Faster),
        (Modifiers::NONE, Key::Backslash, Action::Speed(f64::INFINITY)),
        (Modifiers::NONE, Key::B, Action::Branch(Time(760_000_000_000))),
        (Modifiers::NONE, Key::G, Action::ShowGallery(true)),
        (Modifiers::COMMAND, Key::O, Action::AskForFile),
        (Modifiers::COMMAND, Key::R, Action::Reload),
        (Modifiers::NONE, Key::Equals, Action::Zoom(1.25, Point { x: 400.0, y: 300.0 })),
    ] {
        let mut bench = Bench::new(state());
        bench.press(modifiers, key);
        assert_eq!(said(&bench.taken()), said(&[expected]), "{key:?}");
    }
    let mut bench = Bench::new(state());
    bench.press(Modifiers::SHIFT, Key::C);
    let taken = said(&bench.taken());
    assert_eq!(taken, [r#"Pick(Some(Resource("rds.cpu")))"#, r#"Reveal(Resource("rds.cpu"))"#]);
}

#[test]
fn time_and_speed_are_told_asked_and_achieved() {
    let mut state = state();
    let bench = Bench::new(desk_at(Pace::Times(60.0)));
    for told in [
        "Time: 12:40 of 15:00",
        "Speed asked: 60×",
        "Speed achieved: 58.7×",
        "Scenario: CodinGame: the Reddit hug of death",
        "Variant: no variant",
    ] {
        assert!(bench.has(told), "{told}: {:#?}", bench.names());
    }
    state.speed = 0.01;
    state.frame.now = Time(1_234_567_000);
    assert!(Bench::new(state).has("Time: 0:01.234 567 of 15:00"));
}

fn desk_at(pace: Pace) -> LabState {
    let mut state = state();
    state.frame.pace = pace;
    state
}

#[test]
fn menus_offer_speeds_scenarios_and_variants() {
    let mut bench = Bench::new(state());
    bench.click("Speed asked: 60×");
    bench.click_containing("0.005×");
    assert_eq!(said(&bench.taken()), said(&[Action::Speed(0.005)]));
    bench.click("Scenario: CodinGame: the Reddit hug of death");
    bench.click("avocado");
    assert_eq!(said(&bench.taken()), said(&[Action::OpenBuiltIn("avocado", None)]));
    let variant = state()
        .opened
        .as_ref()
        .and_then(|opened| opened.loaded.scenario.variants.names().next().map(str::to_owned))
        .expect("it has some");
    bench.click("Variant: no variant");
    bench.click(&format!("{variant}: from now on"));
    assert_eq!(said(&bench.taken()), said(&[Action::ApplyVariant(Some(variant.clone()))]));
    bench.click("Variant: no variant");
    bench.click(&variant);
    assert_eq!(said(&bench.taken()), said(&[Action::OpenVariant(Some(variant))]));
}

#[test]
fn the_keyboard_reaches_the_bar_and_presses_its_buttons() {
    let mut bench = Bench::new(state());
    bench.focus("Step 10 s");
    bench.press(Modifiers::NONE, Key::Enter);
    assert_eq!(said(&bench.taken()), said(&[Action::Step(Stride::Span(Span(10_000_000_000)))]));
    let mut reached = 0;
    for _ in 0..60 {
        bench.press(Modifiers::NONE, Key::Tab);
        reached += usize::from(bench.focused().is_some());
    }
    assert!(reached > 50, "{reached}");
    assert!(bench.taken().is_empty(), "going from one to the next asks for nothing");
}

#[test]
fn what_makes_no_sense_now_is_not_offered() {
    let mut done = state();
    done.frame.now = Time(900_000_000_000);
    done.frame.phase = Phase::Done;
    let mut bench = Bench::new(done);
    for (modifiers, key) in [
        (Modifiers::NONE, Key::S),
        (Modifiers::NONE, Key::Period),
        (Modifiers::NONE, Key::End),
        (Modifiers::SHIFT, Key::B),
    ] {
        bench.press(modifiers, key);
    }
    assert!(bench.taken().is_empty());
    let mut bench = Bench::new(LabState::new(View::default()));
    bench.press(Modifiers::NONE, Key::Space);
    bench.press(Modifiers::NONE, Key::F);
    assert!(bench.taken().is_empty());
    bench.press(Modifiers::NONE, Key::G);
    assert_eq!(said(&bench.taken()), said(&[Action::ShowGallery(true)]));
}

#[test]
fn without_panels_the_canvas_and_a_thin_line_remain() {
    let mut state = state();
    state.view.panels = false;
    crate::picture::keep(&state, "thin");
    let mut bench = Bench::new(state);
    assert!(bench.harness.query_by_label("Pause").is_none() && !bench.has("Story"));
    assert!(bench.harness.get_by_label("Time").rect().height() < 60.0);
    bench.press(Modifiers::NONE, Key::P);
    assert_eq!(said(&bench.taken()), said(&[Action::SwitchPanels]));
}

#[test]
fn no_window_is_too_small_and_no_desk_too_empty() {
    for size in [
        Vec2::new(1.0, 1.0),
        Vec2::new(60.0, 40.0),
        Vec2::new(320.0, 240.0),
        Vec2::new(700.0, 500.0),
        Vec2::new(900.0, 420.0),
        Vec2::new(3_000.0, 1_600.0),
    ] {
        Bench::sized(LabState::new(View::default()), size);
        let mut state = state();
        state.picked = state.culprit();
        state.notice = Some("A word.".into());
        state.view.gallery = size.x > 100.0;
        Bench::sized(state, size);
    }
}

#[test]
fn keys_are_left_to_what_is_typed() {
    let mut state = state();
    state.view.gallery = true;
    let mut bench = Bench::new(state);
    bench.press(Modifiers::NONE, Key::B);
    bench.press(Modifiers::NONE, Key::Space);
    assert!(bench.taken().is_empty(), "the search has the keyboard");
    let ctx = egui::Context::default();
    assert!(pressed(&ctx, &LabState::new(View::default()), Point::default()).is_empty());
}
