//! What the panels show keeps to the words of `src/lab/WORDS.md`.

use crate::bench::Bench;
use crate::fixture;
use egui::{Key, Modifiers, Vec2};
use surgelab::catalog;
use surgelab::host::Phase;
use surgelab::lab::action::Subject;
use surgelab::lab::state::LabState;
use surgelab::lab::studies::Question;
use surgelab::lab::view::View;
use surgelab::scenario;
use surgelab::units::Time;

/// Phrases of the last column of the table.
fn given_up() -> Vec<&'static str> {
    let rows = include_str!("../../src/lab/WORDS.md").lines().filter(|line| line.starts_with("| ")).skip(1);
    let last = rows.filter_map(|row| row.trim_end_matches('|').rsplit('|').next());
    last.flat_map(|cell| cell.split("; ")).map(str::trim).filter(|phrase| !phrase.is_empty()).collect()
}

/// Everything that can be shown of the default incident, page by page.
fn pages() -> Vec<Vec<String>> {
    let played = fixture::codingame();
    let tall = Vec2::new(1280.0, 4_000.0);
    let at = |picked: Option<Subject>| {
        let mut state = fixture::state(played, 800.0);
        state.picked = picked;
        Bench::sized(state, tall).names()
    };
    let mut pages = vec![at(None)];
    let state = fixture::state(played, 800.0);
    let named = ["visitors", "app", "app/1", "web", "web/1", "app>rds", "rds.cpu", "app.workers"];
    pages.extend(named.into_iter().map(|name| at(Some(state.resolve(name).expect("it is there")))));
    for phase in [Phase::Seeking, Phase::Done, Phase::Stopped] {
        let mut state = fixture::state(played, 800.0);
        state.frame.phase = phase;
        pages.push(Bench::sized(state, tall).names());
    }
    let mut two = fixture::state(played, 800.0);
    two.branched = Some(Time(300_000_000_000));
    pages.push(Bench::sized(two, tall).names());
    pages.push(Bench::sized(crate::beside::both(), tall).names());
    for question in [Question::Limit, Question::Ladder, Question::Seeds] {
        pages.push(Bench::sized(crate::studies::answered(question), tall).names());
    }
    let mut palette = fixture::state(played, 800.0);
    palette.view.palette = Some(String::new());
    pages.push(Bench::sized(palette, tall).names());
    let mut gallery = LabState::new(View::default());
    gallery.view.gallery = true;
    pages.push(Bench::sized(gallery, tall).names());
    let mut help = Bench::sized(fixture::state(played, 800.0), tall);
    help.press(Modifiers::NONE, Key::Questionmark);
    pages.push(help.names());
    pages
}

#[test]
fn what_is_shown_keeps_to_the_words() {
    let given_up = given_up();
    assert!(given_up.len() > 30, "the table was read: {given_up:?}");
    let mut shown = pages();
    // What a scenario says of itself are its own words.
    let scenario = &fixture::codingame().loaded.scenario;
    let own = [scenario.title.as_str(), scenario.teaches.as_str(), scenario.source.as_str()];
    shown.iter_mut().for_each(|page| page.retain(|name| !own.iter().any(|own| name.contains(own))));
    let title = |built_in: &catalog::BuiltIn| {
        scenario::load(built_in.file, built_in.text).expect("it is sound").scenario.title.clone()
    };
    let titles: Vec<String> = catalog::SCENARIOS.iter().map(title).collect();
    for name in shown.iter().flatten() {
        // Cards of the gallery and lines of the file are the scenarios' own words.
        if titles.iter().any(|title| name.contains(title.as_str())) {
            continue;
        }
        for phrase in &given_up {
            let found = name.match_indices(phrase).any(|(from, found)| {
                let before = name[..from].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
                let after = name[from + found.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
                before && after
            });
            assert!(!found, "`{phrase}` is shown in {name:?}");
        }
    }
}
