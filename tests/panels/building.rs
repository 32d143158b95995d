//! A system is built by hand: dragged, wired, typed, undone, on a live run.

use crate::live_changes::{SECOND, Table};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2};
use surgelab::catalog;
use surgelab::engine::Command;
use surgelab::lab::action::{Action, Subject};
use surgelab::lab::app::PlatformRequest;
use surgelab::lab::building::Wiring;
use surgelab::lab::canvas::Area;
use surgelab::layout::{Node, Point};
use surgelab::model::{Action as Act, SourceId};
use surgelab::scenario::wiring::{self, Ground};
use surgelab::scenario::{Edit, Scenario};
use surgelab::units::Time;

fn scenario(table: &Table) -> &Scenario {
    &table.lab.state.running.as_ref().expect("it runs").loaded.scenario
}

fn press(table: &mut Table, key: Key, modifiers: Modifiers) {
    let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
    table.hear(vec![Event::ModifiersChanged(modifiers), event(true)]);
    table.hear(vec![event(false), Event::ModifiersChanged(Modifiers::NONE)]);
    table.hear(Vec::new());
}

fn type_text(table: &mut Table, text: &str) {
    table.hear(vec![Event::Text(text.to_owned())]);
    table.hear(Vec::new());
}

/// The pointer goes down there, along, and up.
fn drag(table: &mut Table, from: Pos2, to: Pos2) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    table.hear(vec![Event::PointerMoved(from)]);
    table.hear(Vec::new());
    table.hear(vec![button(from, true)]);
    for step in 1..=8 {
        table.hear(vec![Event::PointerMoved(from + (to - from) * (step as f32 / 8.0))]);
    }
    table.hear(Vec::new());
    table.hear(vec![button(to, false)]);
    table.hear(Vec::new());
}

/// The middle and the right edge of the first place of a service on the window.
#[track_caller]
fn seat(table: &Table, service: &str) -> egui::Rect {
    let state = &table.lab.state;
    let Some(Subject::Service(id)) = state.resolve(service) else { panic!("there is no {service}") };
    let seat = state.layout.seats().iter().find(|seat| seat.service == id).expect("it has a place");
    area(table).on_screen(state, seat.rect)
}

fn area(table: &Table) -> Area {
    Area { rect: table.lab.picture().1 }
}

#[track_caller]
fn built(table: &mut Table, what: &str, so: impl Fn(&Scenario) -> bool) {
    table.until(what, |lab| {
        lab.state.running.as_ref().is_some_and(|running| so(&running.loaded.scenario))
            && lab.state.frame.digest.is_some()
    });
    for _ in 0..30 {
        table.hear(Vec::new());
    }
}

#[test]
fn a_system_is_built_from_a_blank_canvas_by_keys_and_by_the_pointer() {
    let mut table = Table::of("retry-storm", catalog::find("retry-storm").expect("it comes along").text);
    press(&mut table, Key::N, Modifiers::COMMAND | Modifiers::CTRL);
    table.until("it is blank", |lab| {
        let state = &lab.state;
        state.frame.now <= Time(0) && state.running.as_ref().is_some_and(|running| running.loaded.name == "new")
    });
    table.stand();
    press(&mut table, Key::Slash, Modifiers::NONE);
    assert!(table.lab.state.view.parts);
    type_text(&mut table, "server");
    press(&mut table, Key::Enter, Modifiers::NONE);
    built(&mut table, "a server stands on a machine", |now| now.services.len() == 1 && now.machines.len() == 1);
    // A click beside the list, and the keyboard is the canvas's again.
    table.lab.ask(Action::ShowParts(false));
    table.hear(Vec::new());
    let server = scenario(&table).services.names().next().expect("it is there").to_owned();

    // The pointer drops a database on free ground.
    let parts = wiring::additions(table.lab.state.draft().expect("it runs"));
    let database = parts.iter().find(|part| part.name == "Database").expect("it is offered").clone();
    let at = Point { x: 600.0, y: 40.0 };
    table.lab.ask(Action::Add(database, Ground::Free, Some(at)));
    built(&mut table, "a database stands beside it", |now| now.services.len() == 2 && now.machines.len() == 2);
    let database = scenario(&table).services.names().find(|name| *name != server).expect("it is there").to_owned();
    table.lab.ask(Action::Fit);
    built(&mut table, "it is seen", |_| true);
    let state = &table.lab.state;
    let Some(Subject::Service(id)) = state.resolve(&database) else { panic!("it is there") };
    let seat_of = state.layout.seats().iter().find(|seat| seat.service == id).expect("it has a place");
    let island = state.layout.rect(seat_of.node).expect("it has a box").center();
    assert!((island.x - at.x).abs() < 24.0 && (island.y - at.y).abs() < 24.0, "{island:?}: where it was dropped");

    // A wire is drawn from the dot at the server's edge to the database.
    let (from, to) = (seat(&table, &server), seat(&table, &database));
    drag(&mut table, pos2(from.right(), from.center().y), to.center());
    let calls = |now: &Scenario| now.services.get(&server).is_some_and(|server| server.links.contains(&database));
    built(&mut table, "the server calls the database", calls);

    // A crowd by keys, then the way back, step by step.
    press(&mut table, Key::Slash, Modifiers::NONE);
    type_text(&mut table, "open");
    press(&mut table, Key::Enter, Modifiers::NONE);
    built(&mut table, "a crowd comes", |now| now.traffic.len() == 1);
    table.lab.ask(Action::ShowParts(false));
    table.hear(Vec::new());
    for (left, wanted) in [(3, (2, 0)), (2, (2, 0)), (1, (1, 0)), (0, (0, 0))] {
        table.lab.ask(Action::Undo);
        built(&mut table, "one step is taken back", |now| (now.services.len(), now.traffic.len()) == wanted);
        assert_eq!(table.lab.state.changes().done.len(), left);
    }
    for _ in 0..4 {
        table.lab.ask(Action::Redo);
    }
    built(&mut table, "all is done again", |now| now.traffic.len() == 1);
}

#[test]
fn what_is_carried_off_its_machine_gets_one_of_its_own_and_the_run_goes_on() {
    let mut table = Table::of("avocado", catalog::find("avocado").expect("it comes along").text);
    table.seek(Time(60 * SECOND));
    let groups = scenario(&table).machines.len();
    let before = scenario(&table).services.get("stunnel").expect("TLS").on.clone();
    table.lab.ask(Action::SwitchHere);
    let rect = seat(&table, "stunnel");
    let free = table.lab.picture().1;
    let below = pos2(free.center().x, free.bottom() - 30.0);
    drag(&mut table, rect.center(), below);
    built(&mut table, "it has a machine of its own", |now| now.machines.len() == groups + 1);
    let on = &scenario(&table).services.get("stunnel").expect("TLS").on;
    assert_ne!(*on, before);
    assert_eq!(table.lab.state.changes().done.len(), 1, "{:?}", table.lab.state.changes().done);
    table.seek(Time(120 * SECOND));
    table.lab.ask(Action::Undo);
    table.until("it is undone", |lab| {
        lab.state.frame.now == Time(120 * SECOND)
            && lab.state.running.as_ref().is_some_and(|running| running.loaded.scenario.machines.len() == groups)
    });
}

#[test]
fn what_is_picked_is_wired_copied_and_taken_out_by_keys() {
    let mut table = Table::of("codingame", catalog::find("codingame").expect("it comes along").text);
    let pick = |table: &mut Table, name: &str| {
        let subject = table.lab.state.resolve(name);
        assert!(subject.is_some(), "there is a {name}");
        table.lab.ask(Action::Pick(subject));
        table.hear(Vec::new());
    };
    pick(&mut table, "app");
    press(&mut table, Key::W, Modifiers::NONE);
    assert_eq!(table.lab.state.wiring, Some(Wiring::From("app".into())));
    press(&mut table, Key::Escape, Modifiers::NONE);
    assert_eq!(table.lab.state.wiring, None);
    let count = scenario(&table).services.len();
    pick(&mut table, "app");
    press(&mut table, Key::D, Modifiers::NONE);
    built(&mut table, "there are two", |now| now.services.len() == count + 1);
    let copy = scenario(&table).services.names().find(|name| name.starts_with("app-")).expect("a copy").to_owned();
    pick(&mut table, &copy);
    press(&mut table, Key::Delete, Modifiers::NONE);
    built(&mut table, "there is one", |now| now.services.len() == count);
    pick(&mut table, "rds");
    let (_, dependents) = table.lab.state.removal().expect("it can go");
    assert!(dependents.iter().any(|dependent| dependent.sentence.contains("rds")), "{dependents:?}");
}

#[test]
fn what_cannot_be_wired_changes_nothing_and_says_why() {
    let mut table = Table::of("codingame", catalog::find("codingame").expect("it comes along").text);
    table.lab.ask(Action::Wire("rds".into(), Some("app".into())));
    table.hear(Vec::new());
    let notice = table.lab.state.notice.clone().expect("it says why");
    assert!(notice.starts_with("Nothing was changed: "), "{notice}");
    assert!(table.lab.state.changes().done.is_empty());
    let source = table.lab.state.layout.nodes().any(|(node, _)| matches!(node, Node::Source(_)));
    assert!(source, "what was there is there");
}

#[test]
fn the_text_beside_the_canvas_holds_as_soon_as_it_is_sound() {
    let mut table = Table::of("sinkhole", catalog::find("sinkhole").expect("it comes along").text);
    press(&mut table, Key::E, Modifiers::NONE);
    assert!(table.lab.state.view.text);
    let text = table.lab.state.changes().stated();
    assert!(text.contains("// The sinkhole"), "with its comments");
    let more = text.replacen("title: \"", "title: \"My ", 1);
    table.lab.ask(Action::Rewrite(more.clone()));
    built(&mut table, "it has another title", |now| now.title.starts_with("My "));
    let again = more.replacen("My ", "Our ", 1);
    table.lab.ask(Action::Rewrite(again));
    built(&mut table, "and another", |now| now.title.starts_with("Our "));
    assert_eq!(table.lab.state.changes().done.len(), 1, "typing on is one change");
    table.lab.ask(Action::EditFromStart(vec![Edit::set("services.server.workers", "31")]));
    built(&mut table, "an edit upon the text", |now| {
        now.title.starts_with("Our ") && format!("{:?}", now.services.get("server").unwrap().workers).contains("31")
    });
    assert!(table.lab.state.changes().stated().contains("workers: 31"));
    for _ in 0..2 {
        table.lab.ask(Action::Undo);
    }
    built(&mut table, "all of it is undone", |now| !now.title.starts_with("Our "));
    assert_eq!(table.lab.state.changes().stated(), text);
}

#[test]
fn what_was_changed_is_saved_as_a_variant_of_the_file_or_as_a_replay() {
    let text = catalog::find("sinkhole").expect("it comes along").text;
    let mut table = Table::of("sinkhole", text);
    table.seek(Time(30 * SECOND));
    table.lab.ask(Action::EditFromStart(vec![Edit::set("services.server.workers", "31")]));
    built(&mut table, "it is edited", |now| {
        format!("{:?}", now.services.get("server").unwrap().workers).contains("31")
    });
    let variant = table.lab.state.variant_text("more workers", "What more of them buy.").expect("it differs");
    let loaded = surgelab::scenario::load("sinkhole", &variant).expect("it is sound");
    assert!(loaded.scenario.variants.contains("more workers") && variant.contains("// The sinkhole"));
    let changed = loaded.with(Some("more workers"), &[]).expect("it can be put in");
    assert_eq!(changed.scenario.services, scenario(&table).services, "what runs is what the variant says");
    let replay = table.lab.state.replay_text().expect("it can be told");
    assert!(replay.contains("workers: 31") && replay != variant);
    press(&mut table, Key::S, Modifiers::COMMAND | Modifiers::CTRL);
    assert!(table.lab.state.saving);
    press(&mut table, Key::Enter, Modifiers::NONE);
    let saved = table.lab.platform_requests();
    let [PlatformRequest::Save(path, saved, None)] = &saved[..] else { panic!("{saved:?}") };
    assert_eq!((path.to_str(), saved), (Some("sinkhole-edited.ron"), &replay));
    assert!(!table.lab.state.saving);
}

#[test]
fn what_was_done_is_moved_and_deleted_in_time() {
    let mut table = Table::of("sinkhole", catalog::find("sinkhole").expect("it comes along").text);
    let late = Time(90 * SECOND);
    table.seek(late);
    let plain = table.lab.state.frame.digest;
    let at = |table: &mut Table, time: Time| {
        table.seek(time);
        let surge = Act::ScaleTraffic(SourceId::new(0), 1.5);
        table.lab.ask(Action::Command(Command::Act(surge)));
        table.until("it was done", |lab| lab.state.changes().done.len() == 1);
        table.seek(late);
        table.lab.state.frame.digest
    };
    let early = at(&mut table, Time(20 * SECOND));
    table.lab.ask(Action::Undo);
    table.until("it is undone", |lab| lab.state.frame.now == late && lab.state.frame.digest == plain);
    let later = at(&mut table, Time(50 * SECOND));
    assert_ne!(early, later);
    // The instant after which the playhead stood.
    table.lab.ask(Action::Revise(0, Some(Time(20 * SECOND + 1))));
    table.until("it was done earlier", |lab| lab.state.frame.now == late && lab.state.frame.digest == early);
    table.lab.ask(Action::Revise(0, None));
    table.until("it was never done", |lab| lab.state.frame.now == late && lab.state.frame.digest == plain);
    assert!(table.lab.state.changes().done.is_empty());
}

#[test]
fn a_file_that_somebody_else_wrote_is_read_again_or_asked_about() {
    let text = catalog::find("sinkhole").expect("it comes along").text;
    let mut table = Table::of("sinkhole", text);
    let path = std::path::PathBuf::from("sinkhole.ron");
    table.lab.read(&path, Ok(text.to_owned()), None);
    table.until("the file is open", |lab| lab.state.file.is_some());
    table.stand();
    table.lab.changed_on_disk(text);
    assert!(table.lab.platform_requests().is_empty(), "it says what it said");
    let other = text.replacen("title: \"", "title: \"Their ", 1);
    table.lab.changed_on_disk(&other);
    assert!(matches!(&table.lab.platform_requests()[..], [PlatformRequest::Read(read)] if *read == path));
    table.lab.ask(Action::EditFromStart(vec![Edit::set("services.server.workers", "31")]));
    built(&mut table, "it is edited here", |now| {
        format!("{:?}", now.services.get("server").unwrap().workers).contains("31")
    });
    table.lab.changed_on_disk(&other);
    assert!(table.lab.platform_requests().is_empty(), "nothing is lost without a word");
    assert!(table.lab.state.notice.as_ref().is_some_and(|notice| notice.contains("changed on disk")));
    let over = table.lab.state.changes().opened().to_owned();
    table.lab.ask(Action::SaveText(path.clone(), "mine".into(), Some(over)));
    table.lab.state.notice = None;
    table.lab.changed_on_disk("mine");
    assert_eq!(table.lab.state.notice, None, "what was saved here is no news");
}

#[test]
fn what_is_picked_is_copied_from_one_window_into_another() {
    let mut table = Table::of("sinkhole", catalog::find("sinkhole").expect("it comes along").text);
    assert_eq!(table.lab.state.copied(), None, "nothing is picked");
    let machine = table.lab.state.resolve("server").expect("it is there");
    table.lab.state.picked = Some(machine);
    let copied = table.lab.state.copied().expect("a service");
    assert!(copied.contains("services: {") && !copied.contains("traffic"), "{copied}");
    let group = table.lab.state.frame.machines[0].group;
    table.lab.state.picked = Some(Subject::Group(group));
    let copied = table.lab.state.copied().expect("a machine");
    let mut other = Table::of("backoff", catalog::find("backoff").expect("it comes along").text);
    let before = scenario(&other).machines.len();
    other.lab.ask(Action::Paste(copied));
    built(&mut other, "there is one more group", |now| now.machines.len() == before + 1);
    other.lab.ask(Action::Paste("what?".into()));
    let notice = other.lab.state.notice.clone().expect("it is told");
    assert!(notice.starts_with("Nothing was changed: "), "{notice}");
}
