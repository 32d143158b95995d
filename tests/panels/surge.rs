//! A surge by hand: clicked it stays, held it grows, let go it is over.

use crate::bench::Bench;
use crate::fixture;
use egui::{Key, Modifiers};
use surgelab::engine::Command;
use surgelab::host::Request;
use surgelab::lab::action::Action;
use surgelab::lab::state::{Effect, LabState};
use surgelab::model::{Action as Act, SourceId};

/// How many times as many the first crowd is after all that.
fn crowd(effects: &[Effect]) -> f64 {
    let factors = effects.iter().filter_map(|effect| match effect {
        Effect::Say(Request::Act(Command::Act(Act::ScaleTraffic(source, factor)))) if *source == SourceId::new(0) => {
            Some(*factor)
        }
        _ => None,
    });
    factors.product()
}

fn state() -> LabState {
    fixture::state(fixture::codingame(), 10.0)
}

#[test]
fn held_it_doubles_each_second_and_let_go_it_is_over() {
    let mut state = state();
    let mut all = Vec::new();
    for (held, at_s, wanted) in
        [(true, 5.0, 2.0), (true, 5.5, 2.0), (true, 6.1, 4.0), (true, 8.2, 16.0), (false, 8.3, 1.0), (false, 9.0, 1.0)]
    {
        all.extend(state.act(Action::Surge(held, at_s)));
        assert_eq!(crowd(&all), wanted, "{held} at {at_s}");
    }
    assert_eq!(crowd(&state.act(Action::Surge(true, 100.0))), 2.0, "the next begins anew");
    assert_eq!(crowd(&state.act(Action::Surge(true, 1e9))), 512.0, "at most a thousandfold");
}

#[test]
fn clicked_it_stays() {
    let mut state = state();
    let mut all = state.act(Action::Surge(true, 5.0));
    all.extend(state.act(Action::Surge(false, 5.1)));
    assert_eq!(crowd(&all), 2.0);
    let mut bench = Bench::new(state);
    bench.click("Surge ×2");
    let taken = bench.taken();
    let clicked = taken.iter().any(|action| match action {
        Action::Surge(held, _) => *held,
        Action::Command(Command::Act(Act::ScaleTraffic(_, factor))) => *factor == 2.0,
        _ => false,
    });
    assert!(clicked, "{taken:?}");
    bench.press(Modifiers::NONE, Key::U);
    let taken = bench.taken();
    assert!(matches!(taken.first(), Some(Action::Surge(true, _))), "{taken:?}");
}
