//! What lies over the canvas for a while: the gallery, problems, the question for a path, notices, progress, signs and
//! keys.

use crate::bench::Bench;
use crate::fixture;
use crate::picture;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use std::sync::Arc;
use surgelab::catalog;
use surgelab::experiment::LoadFailure;
use surgelab::lab::action::Action;
use surgelab::lab::state::LabState;
use surgelab::lab::view::View;
use surgelab::scenario;
use surgelab::units::Time;

fn load_failure() -> Arc<LoadFailure> {
    let text = catalog::SCENARIOS[0].text.replace("workers: 1200", "workerz: 1200").replace("rds.query", "rds.qurey");
    let problems = scenario::load("my/site.ron", &text).expect_err("two names are wrong");
    Arc::new(LoadFailure { name: "my/site.ron".into(), text, problems })
}

#[test]
fn problems_show_their_line_while_the_lab_goes_on() {
    let mut state = fixture::state(fixture::codingame(), 800.0);
    state.load_failure = Some(load_failure());
    picture::keep(&state, "problems");
    let mut bench = Bench::new(state);
    assert!(bench.has("my/site.ron does not run"), "{:?}", bench.names());
    assert!(bench.has("workerz") && bench.has("^^^^^^^") && bench.has("my/site.ron:"), "{:?}", bench.names());
    assert!(bench.has("Time: 13:20 of 15:00"));
    bench.click("Reload");
    bench.click("Dismiss");
    assert!(matches!(bench.taken()[..], [Action::Reload, Action::Dismiss]));
    bench.press(Modifiers::NONE, Key::Escape);
    assert!(matches!(bench.taken()[..], [Action::Dismiss]));
}

#[test]
fn of_a_wrong_file_what_can_be_seen_is_drawn_with_its_problems_where_they_are() {
    let mut state = LabState::new(View::default());
    state.load_failure = Some(load_failure());
    picture::keep(&state, "sketch");
    let bench = Bench::sized(state, egui::Vec2::new(1440.0, 900.0));
    let names = bench.names();
    let of = |part: &str| names.iter().find(|name| name.starts_with(part)).cloned().unwrap_or_default();
    assert!(of("elb, service: ").contains("workerz"), "{names:?}");
    assert!(of("app, service: ").contains("rds.qurey"), "{names:?}");
    assert_eq!(of("push, service: "), "push, service: nothing wrong");
    assert_eq!(of("visitors, people: "), "visitors, people: nothing wrong");
}

#[test]
fn the_gallery_is_searched_and_chosen_from_by_keys() {
    let mut state = LabState::new(View::default());
    state.view.gallery = true;
    picture::keep(&state, "gallery");
    let mut bench = Bench::new(state);
    for built_in in catalog::SCENARIOS.iter().take(3) {
        let title = scenario::load(built_in.file, built_in.text).expect("it is sound").scenario.title.clone();
        assert!(bench.has(&title), "{title}");
    }
    bench.type_text("stampede");
    assert!(!bench.has("Reddit"));
    bench.press(Modifiers::NONE, Key::Enter);
    let taken = bench.taken();
    assert!(matches!(taken[..], [Action::OpenBuiltIn("cache-stampede", None)]), "{taken:?}");
    bench.press(Modifiers::NONE, Key::Escape);
    assert!(matches!(bench.taken()[..], [Action::ShowGallery(false)]));
}

#[test]
fn where_there_is_no_dialog_a_path_is_typed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.ron");
    std::fs::write(&file, "()").expect("written");
    let mut state = LabState::new(View::default());
    state.asking_for_path = true;
    let mut bench = Bench::new(state);
    bench.type_text(&format!("{}/nothing-like-it", folder.path().display()));
    assert!(bench.has("There is no "), "{:?}", bench.names());
    bench.press(Modifiers::NONE, Key::Enter);
    assert!(bench.taken().is_empty());
    let mut bench = Bench::new({
        let mut state = LabState::new(View::default());
        state.asking_for_path = true;
        state
    });
    bench.type_text(&format!("{}/mi", folder.path().display()));
    bench.click(&file.display().to_string());
    bench.click("Open");
    assert!(matches!(&bench.taken()[..], [Action::OpenFile(path, None)] if *path == file));
    bench.click("Cancel");
    assert!(matches!(bench.taken()[..], [Action::Dismiss]));
}

#[test]
fn a_notice_and_a_seek_are_told() {
    let mut state = fixture::state(fixture::codingame(), 300.0);
    state.notice = Some("The run stopped: too many events.".into());
    state.progress = Some((Time(300_000_000_000), Time(600_000_000_000)));
    picture::keep(&state, "notice");
    let mut bench = Bench::new(state);
    assert!(
        bench.has("The run stopped: too many events.") && bench.has("Simulating up to 10:00: at 5:00"),
        "{:?}",
        bench.names()
    );
    bench.click("Dismiss");
    assert!(matches!(bench.taken()[..], [Action::Dismiss]));
}

#[test]
fn a_question_mark_shows_signs_and_keys() {
    let state = fixture::state(fixture::codingame(), 300.0);
    let mut bench = Bench::new(state);
    bench.press(Modifiers::NONE, Key::Questionmark);
    assert!(bench.has("Step one event: .") && bench.has("timed out"), "{:?}", bench.names());
    bench.press(Modifiers::NONE, Key::Escape);
    assert!(!bench.has("Step one event: ."));
    assert!(bench.taken().is_empty());
    bench.click("Signs and keys");
    assert!(bench.has("Step one event: ."));
    let _ = bench.harness.root();
    assert!(bench.harness.query_by_label("Play").is_none() || bench.taken().is_empty());
}

#[test]
fn a_run_that_failed_stands_grey_and_there_is_a_way_on() {
    let mut state = fixture::state(fixture::codingame(), 800.0);
    state.died("index out of bounds".to_owned());
    picture::keep(&state, "failure");
    let mut bench = Bench::new(state);
    assert!(bench.has("surgelab has a bug: this run stopped at 13:20."), "{:?}", bench.names());
    assert!(bench.has("index out of bounds") && bench.has("Copy the report"));
    for (button, at_s) in [("Restart at 13:19", 799), ("Restart from 0:00", 0)] {
        bench.click(button);
        let taken = bench.taken();
        assert!(matches!(taken[..], [Action::Restart(at)] if at == Time(at_s * 1_000_000_000)), "{taken:?}");
    }
    bench.click("Another scenario");
    assert!(matches!(bench.taken()[..], [Action::ShowGallery(true)]));
}
