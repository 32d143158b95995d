//! The way of an architect through Avocado: the collapse, the fix by hand, both futures, second thoughts, and what is
//! taken home.

use crate::live_changes::{SECOND, Table};
use surgelab::catalog;
use surgelab::experiment::Experiment;
use surgelab::host::Lane;
use surgelab::lab::action::Action;
use surgelab::lab::app::PlatformRequest;
use surgelab::layout::Point;
use surgelab::scenario::wiring::Ground;
use surgelab::scenario::{self, Edit};
use surgelab::units::Time;

const LATE: Time = Time(600 * SECOND);

/// It stands there, with so many edits, which are those of B: what it came to.
#[track_caller]
fn at(table: &mut Table, done: usize) -> u64 {
    table.until("it is played again", |lab| {
        let state = &lab.state;
        state.changes().done.len() == done
            && state.frame.lane == if done == 0 { Lane::Trunk } else { Lane::Branch }
            && !state.awaits_change()
            && state.frame.now == LATE
            && state.frame.digest.is_some()
    });
    table.lab.state.frame.digest.expect("it stands")
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| line.starts_with("//")).collect()
}

#[test]
fn a_collapse_is_followed_fixed_by_hand_compared_and_saved() {
    let avocado = catalog::find("avocado").expect("it comes along");
    let mut table = Table::open(avocado);
    table.seek(LATE);
    let plain = at(&mut table, 0);
    table.until("it is told", |lab| !lab.state.timeline(Lane::Trunk).story.is_empty());
    let story = &table.lab.state.timeline(Lane::Trunk).story;
    assert!(story.iter().any(|event| event.text.contains("front.cpu")), "the front drowns: {story:?}");

    // TLS goes to a machine of its own, and Node gets a process for each CPU.
    let ground = Ground::Free;
    let carried = Action::Carry {
        service: "stunnel".into(),
        from: "front".into(),
        ground,
        at: Some(Point { x: 40.0, y: -300.0 }),
    };
    table.lab.ask(carried);
    let own = at(&mut table, 1);
    let hosts = |table: &Table| {
        let scenario = &table.lab.state.running.as_ref().expect("it runs").loaded.scenario;
        let groups = |name: &str| scenario.services.get(name).map(|service| format!("{:?}", service.on));
        (groups("stunnel"), groups("haproxy"), scenario.machines.len())
    };
    let (stunnel, haproxy, machines) = hosts(&table);
    assert!(stunnel != haproxy && machines == 5, "{stunnel:?} {haproxy:?}");
    table.lab.ask(Action::Change(vec![Edit::set("services.node.instances", "PerMachine(2)")]));
    let fixed = at(&mut table, 2);
    assert!(plain != own && own != fixed);

    // Beside it stands the file as it was: the same crowd.
    assert_eq!(table.lab.state.frame.lane, Lane::Branch, "the first edit made B");
    table.until("both are told of", |lab| lab.state.beside().is_some());
    table.lab.ask(Action::Steer(Lane::Trunk));
    table.until("A is shown", |lab| lab.state.frame.lane == Lane::Trunk && lab.state.frame.digest.is_some());
    assert_eq!(table.lab.state.frame.digest, Some(plain), "it is the run of the file");
    let offered = |lane: usize| {
        let results = table.lab.state.results[lane].as_ref().expect("it is measured");
        results.traffic.values().map(|traffic| traffic.offered).collect::<Vec<_>>()
    };
    assert_eq!(offered(0), offered(1), "the same crowd");
    table.lab.ask(Action::Steer(Lane::Branch));
    table.until("B is shown", |lab| lab.state.frame.lane == Lane::Branch);

    // Second thoughts.
    table.lab.ask(Action::Undo);
    assert_eq!(at(&mut table, 1), own);
    table.lab.ask(Action::Undo);
    assert_eq!(at(&mut table, 0), plain);
    assert!(table.lab.state.branched.is_none(), "without an edit there is no B");
    table.lab.ask(Action::Redo);
    assert_eq!(at(&mut table, 1), own);
    table.lab.ask(Action::Redo);
    assert_eq!(at(&mut table, 2), fixed);

    // As a file that does it by itself, and as a variant of the file; the comments are all there.
    table.lab.ask(Action::Save);
    let saved = table.lab.platform_requests();
    let [PlatformRequest::Save(_, replay, None)] = &saved[..] else { panic!("{saved:?}") };
    let variant = table.lab.state.variant_text("by hand", "TLS elsewhere and a process per CPU.").expect("it can be");
    for text in [replay, &variant] {
        let lost: Vec<&str> =
            comments(avocado.text).into_iter().filter(|line| !comments(text).contains(line)).collect();
        assert!(lost.is_empty(), "comments stay: {lost:#?} are not in {text}");
    }
    let loaded = scenario::load("avocado-edited", &variant).expect("it is sound");
    assert!(
        loaded.scenario.variants.get("by hand").is_some_and(|variant| variant.teaches.starts_with("TLS elsewhere"))
    );
    for (text, variant) in [(replay, None), (&variant, Some("by hand".to_owned()))] {
        let experiment = Experiment { variant, seed: Some(1), ..Experiment::new("avocado-edited", text.as_str()) };
        table.lab.open(experiment);
        table.until("it is open", |lab| lab.state.changes().done.is_empty() && lab.state.frame.now <= Time(0));
        table.stand();
        table.seek(LATE);
        assert_eq!(table.lab.state.frame.digest, Some(fixed), "the same run");
    }
}
