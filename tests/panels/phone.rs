//! A window that is held in a hand: the bar has what fingers need, and what is picked stands on a sheet.

use crate::bench::Bench;
use crate::fixture;
use egui::Vec2;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use surgelab::lab::action::Subject;

const WINDOW: Vec2 = Vec2 { x: 390.0, y: 844.0 };
const FINGER: f32 = 44.0;

/// What is told of each button: its name, where it begins and ends, how high it is.
fn buttons(bench: &Bench) -> Vec<(String, [f32; 3], f32)> {
    let nodes = bench.harness.root().children_recursive();
    let buttons = nodes.filter(|node| matches!(node.accesskit_node().role(), Role::Button | Role::ComboBox));
    let told = buttons.map(|node| {
        let rect = node.rect();
        (node.accesskit_node().label().unwrap_or_default(), [rect.left(), rect.right(), rect.top()], rect.height())
    });
    told.collect()
}

#[test]
fn the_bar_fits_and_is_as_large_as_fingers() {
    let bench = Bench::sized(fixture::state(fixture::codingame(), 760.0), WINDOW);
    let bar: Vec<_> = buttons(&bench).into_iter().filter(|(_, [_, _, top], _)| *top < 48.0).collect();
    assert!(bar.len() >= 4, "{bar:?}");
    for (name, [left, right, _], height) in &bar {
        assert!(*left >= 0.0 && *right <= WINDOW.x, "{name} is outside: {left} to {right}");
        assert!(*height >= FINGER && right - left >= FINGER, "{name} is {} by {height}", right - left);
    }
    for wanted in ["Scenario", "Play", "All commands"] {
        assert!(bar.iter().any(|(name, ..)| name.contains(wanted)), "no {wanted}: {bar:?}");
    }
}

#[test]
fn what_is_picked_stands_on_a_sheet() {
    let mut state = fixture::state(fixture::codingame(), 760.0);
    let nothing = Bench::sized(fixture::state(fixture::codingame(), 760.0), WINDOW);
    let nothing = nothing.harness.query_all_by_label("rds").count();
    state.picked = state.resolve("rds");
    assert!(matches!(state.picked, Some(Subject::Service(_))));
    let bench = Bench::sized(state, WINDOW);
    let heads: Vec<_> = bench.harness.query_all_by_label("rds").collect();
    assert!(heads.len() > nothing, "the sheet is called after what is picked");
    let sheet =
        heads.iter().map(|node| node.rect()).find(|rect| rect.top() > WINDOW.y * 0.3).expect("below the canvas");
    assert!(sheet.right() <= WINDOW.x, "{sheet:?}");
}
