//! The timeline: a slider whose value is the time, and flags that lead to the culprit.

use crate::bench::Bench;
use crate::fixture;
use egui::accesskit::{ActionRequest, Role, TreeId};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use surgelab::host::{Lane, LoggedCommand, Point};
use surgelab::lab::action::{Action, Subject};
use surgelab::units::Time;

fn seconds(time: Time) -> f64 {
    time.0 as f64 / 1e9
}

fn sought(actions: &[Action]) -> Vec<f64> {
    actions
        .iter()
        .filter_map(|action| if let Action::Seek(time) = action { Some(seconds(*time)) } else { None })
        .collect()
}

#[test]
fn it_is_a_slider_with_the_time_as_its_value() {
    let bench = Bench::new(fixture::state(fixture::codingame(), 760.0));
    let node = bench.harness.get_by_label("Time");
    let node = node.accesskit_node();
    assert_eq!(
        (node.role(), node.value(), node.numeric_value()),
        (Role::Slider, Some("12:40 of 15:00".to_owned()), Some(760.0))
    );
    assert_eq!((node.min_numeric_value(), node.max_numeric_value()), (Some(0.0), Some(900.0)));
}

#[test]
fn arrows_home_and_end_move_the_present_with_and_without_focus() {
    for focused in [false, true] {
        let mut bench = Bench::new(fixture::state(fixture::codingame(), 760.0));
        if focused {
            bench.focus("Time");
        }
        for (modifiers, key, expected) in [
            (Modifiers::NONE, Key::ArrowLeft, 755.0),
            (Modifiers::NONE, Key::ArrowRight, 765.0),
            (Modifiers::SHIFT, Key::ArrowLeft, 710.0),
            (Modifiers::SHIFT, Key::ArrowRight, 810.0),
            (Modifiers::NONE, Key::Home, 0.0),
            (Modifiers::NONE, Key::End, 900.0),
        ] {
            bench.press(modifiers, key);
            assert_eq!(sought(&bench.taken()), [expected], "{key:?}, focused: {focused}");
        }
        bench.press(Modifiers::NONE, Key::Space);
        assert!(matches!(bench.taken()[..], [Action::PlayOrPause]), "focused: {focused}");
    }
}

#[test]
fn dragging_seeks_where_the_pointer_is_and_ends_where_it_lets_go() {
    let mut bench = Bench::new(fixture::state(fixture::codingame(), 760.0));
    let rect = bench.harness.get_by_label("Time").rect();
    let at = |share: f32| pos2(rect.left() + 4.0 + (rect.width() - 8.0) * share, rect.center().y);
    let button = |pos: Pos2, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    bench.harness.event(Event::PointerMoved(at(0.2)));
    bench.harness.event(button(at(0.2), true));
    bench.harness.step();
    for share in [0.3, 0.4, 0.5] {
        bench.harness.event(Event::PointerMoved(at(share)));
        bench.harness.step();
    }
    bench.harness.event(button(at(0.5), false));
    bench.harness.run_steps(3);
    let times = sought(&bench.taken());
    assert!(times.windows(2).all(|pair| pair[1] > pair[0]), "{times:?}");
    assert!(times.last().is_some_and(|last| (last - 450.0).abs() < 2.0), "{times:?}");
}

#[test]
fn assistive_technology_steps_it() {
    let mut bench = Bench::new(fixture::state(fixture::codingame(), 760.0));
    let target = bench.harness.get_by_label("Time").accesskit_node().locate().0;
    for (action, expected) in [(egui::accesskit::Action::Increment, 765.0), (egui::accesskit::Action::Decrement, 755.0)]
    {
        bench.harness.event(Event::AccessKitActionRequest(ActionRequest {
            action,
            target_tree: TreeId::ROOT,
            target_node: target,
            data: None,
        }));
        bench.harness.run_steps(3);
        assert_eq!(sought(&bench.taken()), [expected]);
    }
}

#[test]
fn a_flag_leads_to_the_moment_and_to_the_culprit() {
    let state = fixture::state(fixture::codingame(), 100.0);
    let told = &fixture::codingame().results.story;
    let blamed = told
        .iter()
        .find(|event| event.because.words().as_deref() == Some("rds.cpu"))
        .expect("the database took others with it")
        .clone();
    let root = told
        .iter()
        .find(|event| event.subject == "rds.cpu" && event.because.is_empty())
        .expect("and was first")
        .clone();
    let mut bench = Bench::new(state);
    for event in [root, blamed] {
        bench.click_flag(&event.text);
        let taken = bench.taken();
        let [Action::Seek(time), Action::Pick(Some(picked)), Action::Reveal(revealed)] = &taken[..] else {
            panic!("{taken:?}")
        };
        assert!((seconds(*time) - event.at_s).abs() < 60.0, "{time:?} for {event:?}");
        assert_eq!((picked, revealed), (&Subject::Resource("rds.cpu".into()), &Subject::Resource("rds.cpu".into())));
    }
}

#[test]
fn what_operators_and_people_did_is_marked_and_nothing_of_the_unknown_is() {
    let mut state = fixture::state(fixture::codingame(), 100.0);
    state.commands.push(LoggedCommand {
        lane: Lane::Trunk,
        time: Time(90_000_000_000),
        seq: 0,
        text: "One more machine in web".into(),
        intervention: None,
    });
    let rule = fixture::codingame()
        .results
        .story
        .iter()
        .find(|event| event.event.name() == "rule")
        .expect("the runbook acted")
        .text
        .clone();
    let bench = Bench::new(state);
    assert!(bench.has("One more machine in web") && bench.has(&rule), "{:?}", bench.names());
    let mut early = fixture::state(fixture::codingame(), 100.0);
    early.frame.known = early.frame.now;
    let bench = Bench::new(early);
    assert!(!bench.has(&rule));
}

#[test]
fn a_branch_shows_the_other_run() {
    let mut state = fixture::state(fixture::codingame(), 500.0);
    state.branched = Some(Time(300_000_000_000));
    state.timelines[1] = state.timelines[0].clone();
    state.timelines[1]
        .points
        .iter_mut()
        .flat_map(|point| &mut point.sources)
        .for_each(|source| source.succeeded_per_s *= 1.5);
    crate::picture::keep(&state, "branch");
    let mut bench = Bench::new(state);
    assert!(bench.has("goodput of B"));
    bench.click("B · changed");
    assert!(matches!(bench.taken()[..], [Action::Steer(Lane::Branch)]));
    bench.click("Discard B");
    assert!(matches!(bench.taken()[..], [Action::Prune]));
}

#[test]
fn one_source_is_shown_alone_when_it_is_picked() {
    let mut state = fixture::state(fixture::codingame(), 500.0);
    assert!(Bench::new(fixture::state(fixture::codingame(), 500.0)).has("everyone: 8:20"));
    state.picked = Some(Subject::Source(surgelab::model::SourceId::new(1)));
    assert!(Bench::new(state).has("readers: 8:20"));
}

#[test]
fn odd_points_do_no_harm() {
    let mut state = fixture::state(fixture::codingame(), 500.0);
    let mut points = state.timelines[0].points.clone();
    points[3] = Point { sources: Vec::new(), subjects: Vec::new() };
    points[5].sources[0].offered_per_s = f32::NAN;
    points[6].sources[0].succeeded_per_s = f32::INFINITY;
    state.timelines[0].points = points;
    Bench::new(state);
}

#[test]
fn the_wheel_zooms_about_the_pointer_and_a_double_click_shows_all() {
    let mut bench = Bench::new(fixture::state(fixture::codingame(), 760.0));
    let rect = bench.harness.get_by_label("Time").rect();
    let at = |share: f32| pos2(rect.left() + 4.0 + (rect.width() - 8.0) * share, rect.center().y);
    let click = |bench: &mut Bench, share: f32| {
        bench.harness.event(Event::PointerMoved(at(share)));
        for pressed in [true, false] {
            let (pos, button, modifiers) = (at(share), PointerButton::Primary, Modifiers::NONE);
            bench.harness.event(Event::PointerButton { pos, button, pressed, modifiers });
            bench.harness.step();
        }
        bench.harness.run_steps(30);
        sought(&bench.taken()).last().copied().expect("it seeks")
    };
    assert!((click(&mut bench, 0.25) - 225.0).abs() < 3.0);
    bench.harness.event(Event::PointerMoved(at(0.8)));
    bench.harness.event(Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, 250.0),
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
    });
    bench.harness.run_steps(60);
    assert!(bench.has("Whole run"), "{:?}", bench.names());
    let (left, about) = (click(&mut bench, 0.0), click(&mut bench, 0.8));
    assert!((about - 720.0).abs() < 3.0, "what the pointer was at stays: {about}");
    assert!(left > 300.0, "less is seen: {left}");
    bench.click("Whole run");
    assert!((click(&mut bench, 0.25) - 225.0).abs() < 3.0);
}
