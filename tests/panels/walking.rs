//! The canvas under the hand: many on a seat, the largest zoom, the keyboard along the wires.

use crate::screen::{SECOND, Screen};
use surgelab::catalog;
use surgelab::lab::action::Subject;
use surgelab::layout::Rect;
use surgelab::units::Time;

/// Sixteen equal processes on two machines: two seats, and none of the sixteen is hidden.
#[test]
fn of_many_on_a_seat_the_worst_is_named_and_each_is_found() {
    let mut screen = Screen::open(catalog::find("avocado").expect("it comes along"));
    screen.seek(Time(60 * SECOND));
    let state = &mut screen.lab.state;
    let Some(Subject::Instance(worst)) = state.resolve("talk/3") else { panic!("there is a fourth") };
    let talk = state.frame.instances[worst as usize].service;
    state.frame.instances.iter_mut().filter(|at| at.service == talk).for_each(|at| at.waiting = 1);
    state.frame.instances[worst as usize].waiting = 12;
    state.heard += 1;
    screen.names();
    let seats: Vec<Rect> =
        screen.lab.state.layout.seats().iter().filter(|seat| seat.service == talk).map(|seat| seat.rect).collect();
    assert_eq!(seats.len(), 2, "a seat on each machine");
    let described = screen.lab.state.describe(&Subject::Service(talk));
    assert!(described.contains("16 instances") && described.contains("worst talk/3 with 12 waiting"), "{described}");
    // Near enough each has its tile, and a click on it picks it.
    let view = &mut screen.lab.state.view;
    (view.center, view.zoom, view.follows) = (seats[0].center(), 2.5, false);
    screen.names();
    let words = screen.drawn(seats[0]);
    for part in ["talk ×8", "19 waiting, most at talk/3", "talk/0", "talk/7"] {
        assert!(words.iter().any(|word| word == part), "{part}: {words:?}");
    }
    let labels = screen.lab.picture().0.labels.iter();
    let tile = labels.filter(|(_, text)| *text == "talk/3").map(|(label, _)| label.rect.center()).last();
    let (tile, area) = (tile.expect("it has a tile"), screen.lab.picture().1);
    let pos = area.min + egui::vec2(tile.x, tile.y);
    let button = |pressed| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: egui::Modifiers::NONE,
    };
    screen.shown(vec![vec![egui::Event::PointerMoved(pos)], vec![button(true)], vec![button(false)], Vec::new()]);
    assert_eq!(screen.lab.state.picked, Some(Subject::Instance(worst)));
    // Who clicked has a pointer: the space bar is the run's.
    let key = egui::Event::Key {
        key: egui::Key::Space,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: egui::Modifiers::NONE,
    };
    screen.shown(vec![vec![key]]);
    assert!(screen.lab.state.playing, "the space bar lets time pass");
}

/// Near enough every call in work says its operation and whom it waits for.
#[test]
fn at_the_largest_zoom_a_call_says_what_it_does_and_for_whom_it_waits() {
    let mut screen = Screen::open(catalog::find("codingame").expect("it comes along"));
    screen.seek(Time(330 * SECOND));
    let state = &mut screen.lab.state;
    let Some(Subject::Instance(app)) = state.resolve("app/0") else { panic!("there is one") };
    let instance = state.frame.instances[app as usize];
    let seat = state.layout.seat(instance.service, instance.ordinal).expect("it has a seat");
    let place = state.layout.seats()[seat].rect;
    (state.view.center, state.view.zoom, state.view.follows) = (place.center(), 6.0, false);
    screen.names();
    screen.until("its work is told", |lab| lab.state.frame.work.iter().any(|work| work.instance == app));
    screen.names();
    let words = screen.drawn(place);
    assert!(words.iter().any(|word| word == "page › rds"), "{words:?}");
}

/// The canvas is read first, then what is picked, the timeline, the bar; arrows go along wires.
#[test]
fn the_keyboard_walks_from_people_to_what_they_call() {
    let mut screen = Screen::open(catalog::find("codingame").expect("it comes along"));
    screen.seek(Time(60 * SECOND));
    let names = screen.names();
    let place =
        |part: &str| names.iter().position(|name| name.contains(part)).unwrap_or_else(|| panic!("{part}: {names:#?}"));
    let order = [place("visitors, people"), place("Traffic"), place("goodput: "), place("Scenario: ")];
    assert!(order.is_sorted(), "{order:?}");
    let press = |key| {
        let (physical_key, modifiers) = (None, egui::Modifiers::NONE);
        let event = |pressed| egui::Event::Key { key, physical_key, pressed, repeat: false, modifiers };
        vec![event(true), event(false)]
    };
    let focused = |screen: &mut Screen, key| {
        screen.shown(vec![press(key), Vec::new()]);
        screen.focus.clone().unwrap_or_default()
    };
    // The ground of the canvas comes first.
    let mut at = String::new();
    for _ in 0..8 {
        at = focused(&mut screen, egui::Key::Tab);
        if at.starts_with("visitors, people") {
            break;
        }
    }
    assert!(at.starts_with("visitors, people"), "{at}");
    let elb = focused(&mut screen, egui::Key::ArrowRight);
    assert!(elb.starts_with("elb/0, balancer"), "{elb}");
    let app = focused(&mut screen, egui::Key::ArrowRight);
    assert!(app.starts_with("app/"), "{app}");
    let rds = focused(&mut screen, egui::Key::ArrowRight);
    assert!(rds.starts_with("rds/0"), "{rds}");
    let back = focused(&mut screen, egui::Key::ArrowLeft);
    assert!(back.starts_with("app/"), "{back}");
    let time = screen.lab.state.frame.now;
    assert_eq!(time, Time(60 * SECOND), "arrows on the canvas move no time");
}

/// A key that is pressed and let go within one picture counts with the modifiers it had.
#[test]
fn a_short_press_keeps_its_modifiers() {
    let mut screen = Screen::open(catalog::find("sinkhole").expect("it comes along"));
    screen.seek(Time(20 * SECOND));
    screen.names();
    let event = |pressed, modifiers| egui::Event::Key {
        key: egui::Key::S,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers,
    };
    // By the end of the picture Shift is up again.
    screen.shown(vec![vec![event(true, egui::Modifiers::SHIFT), event(false, egui::Modifiers::NONE)]]);
    screen.until("ten seconds have passed", |lab| lab.state.frame.now == Time(30 * SECOND));
}
