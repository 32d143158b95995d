//! The inspector: all there is to know of what is picked, and the operator's commands.

use crate::bench::Bench;
use crate::fixture;
use std::sync::Arc;
use surgelab::engine::Command;
use surgelab::lab::action::{Action, Subject};
use surgelab::lab::state::LabState;
use surgelab::lab::view::View;
use surgelab::model::{Action as Act, GroupId, LinkId, ServiceId, SourceId, Target};
use surgelab::report;

/// The first group of the scenario and its first source.
const WEB: GroupId = GroupId::new(0);
const CROWD: SourceId = SourceId::new(0);

fn picked(subject: Subject) -> Bench {
    let mut state = fixture::state(fixture::codingame(), 800.0);
    state.picked = Some(subject);
    // High enough that nothing has to be scrolled to.
    Bench::sized(state, egui::Vec2::new(1280.0, 4_000.0))
}

fn service(name: &str) -> ServiceId {
    let index = fixture::codingame().model.services.iter().position(|service| service.name == name);
    ServiceId::new(index.expect("it is there"))
}

#[track_caller]
fn shows(bench: &Bench, all: &[&str]) {
    for part in all {
        assert!(bench.has(part), "no {part}: {:#?}", bench.names());
    }
}

#[test]
fn with_nothing_picked_the_run_is_told() {
    let played = fixture::codingame();
    let mut bench = Bench::sized(fixture::state(played, 800.0), egui::Vec2::new(1280.0, 4_000.0));
    shows(
        &bench,
        &[
            &report::verdict_so_far(&played.results),
            "Broken now",
            "app.workers: saturated since 2:36, because of rds.cpu",
        ],
    );
    let root = played.results.story.iter().find(|event| event.event.name() == "saturated").expect("something was full");
    shows(&bench, &[&root.text, "Objectives", "cost so far: ", "Napkin"]);
    for objective in &played.results.objectives {
        let told = if objective.pass { "holds" } else { "missed" };
        shows(
            &bench,
            &[&format!("{} {}: {}, {told}", objective.subject, objective.expression, objective.observed_text)],
        );
    }
    bench.click_containing(&root.text);
    let taken = bench.taken();
    let [Action::Seek(_), Action::Pick(Some(Subject::Resource(name))), Action::Reveal(_)] = &taken[..] else {
        panic!("{taken:?}")
    };
    assert_eq!(root.subject, name.as_str());
}

#[test]
fn of_the_culprit_it_is_told_what_since_when_how_much_who_waits_and_why() {
    let mut bench = picked(Subject::Resource("rds.cpu".into()));
    let played = fixture::codingame();
    let told = played.results.story.iter().find(|event| event.subject == "rds.cpu").expect("it was full");
    assert!(told.text.contains('ρ') && told.text.contains("waiting"), "{}", told.text);
    shows(&bench, &["rds.cpu: saturated since 2:36, root cause", &told.text, "Causes", "app.workers: saturated"]);
    shows(
        &bench,
        &[
            "db/0.cpu: ",
            "saturated",
            "offered load ρ, most in 10 s",
            "saturated since: ",
            "rds.cpu over time",
            "db/0: machine",
        ],
    );
    bench.click("visitors: failing");
    let taken = bench.taken();
    assert!(matches!(taken[..], [Action::Pick(Some(Subject::Source(CROWD))), Action::Reveal(_)]), "{taken:?}");
    bench.click("Close");
    assert!(matches!(bench.taken()[..], [Action::Pick(None)]));
}

#[test]
fn a_service_shows_its_figures_its_calls_its_time_and_its_fields() {
    let bench = picked(Subject::Service(service("app")));
    shows(
        &bench,
        &[
            "instances up: 2 of 2",
            "waiting for a worker: 434",
            "app.workers: ",
            "app>rds: ",
            "elb>app: ",
            "app/0: up, 43 busy, 217 waiting",
        ],
    );
    shows(&bench, &["app.page, mean time of a call: ", "waits for app.workers", "served by"]);
    shows(
        &bench,
        &[
            "services.app.workers: 50",
            "services.app.memory.leak_per_request: 20KiB",
            "services.app.restart: 2min",
            "fields at their defaults",
        ],
    );
}

#[test]
fn an_instance_a_machine_a_group_and_a_link_lead_to_each_other() {
    let instance = fixture::state(fixture::codingame(), 0.0).resolve("app/1").expect("there are two");
    let mut bench = picked(instance);
    shows(&bench, &["app/1.workers: ", "busy: 43 of 50", "connections: 260"]);
    bench.click("web/1: machine");
    assert!(matches!(bench.taken()[..], [Action::Pick(Some(Subject::Machine(1))), Action::Reveal(_)]));
    let mut bench = picked(Subject::Machine(1));
    shows(&bench, &["CPU: 93.0 %", "web/1.cpu: ", "machines.web.cores: 4", "machines.web.price: 0.28/h"]);
    bench.click("web: group");
    assert!(matches!(bench.taken()[..], [Action::Pick(Some(Subject::Group(WEB))), Action::Reveal(_)]));
    shows(&picked(Subject::Group(GroupId::new(0))), &["machines up: 2 of 2", "web/0: up, CPU 93.0 %"]);
    let link =
        fixture::codingame().model.links.iter().position(|link| link.name == "app>rds").expect("they are linked");
    shows(
        &picked(Subject::Link(LinkId::new(link))),
        &["app: caller", "rds: callee", "services.app.links.rds.connections: Keep(50)", "sent: "],
    );
}

#[test]
fn requests_are_listed_and_shown_piece_by_piece() {
    let mut bench = picked(Subject::Source(SourceId::new(0)));
    shows(
        &bench,
        &["sessions: 1,200", "offered: 640/s", "Requests, the slowest first", "traffic.visitors.patience: 15s"],
    );
    let mut traces: Vec<_> =
        fixture::codingame().results.traces.iter().filter(|trace| trace.source == "visitors").collect();
    traces.sort_by(|a, b| b.latency_s.total_cmp(&a.latency_s));
    bench.click_containing(&format!("visitors #{} at", traces[0].number));
    let taken = bench.taken();
    assert!(
        matches!(taken[..], [Action::Pick(Some(Subject::Request(CROWD, number)))] if number == traces[0].number),
        "{taken:?}"
    );
    let mut bench = picked(Subject::Request(SourceId::new(0), traces[0].number));
    let span = &traces[0].spans[0];
    shows(&bench, &[&format!("outcome: {}", traces[0].outcome), &format!("{} {}: ", span.name, span.what)]);
    bench.click("Go to its beginning");
    assert!(matches!(bench.taken()[..], [Action::Seek(_)]));
    shows(&picked(Subject::Request(SourceId::new(0), u64::MAX)), &["none of them any longer"]);
}

#[test]
fn wishes_are_commands_and_nothing_else() {
    let act = |subject: Subject, label: &str| -> Act {
        let mut bench = picked(subject);
        bench.click(label);
        match bench.taken().pop() {
            Some(Action::Command(Command::Act(act))) => act,
            other => panic!("{label}: {other:?}"),
        }
    };
    assert!(matches!(act(Subject::Group(WEB), "One more machine"), Act::AddMachines(WEB, 1)));
    assert!(matches!(act(Subject::Group(WEB), "One less"), Act::RemoveMachines(WEB, 1)));
    assert!(matches!(act(Subject::Machine(1), "Crash"), Act::Crash(Target::Machine(WEB, Some(1)))));
    assert!(matches!(act(Subject::Machine(1), "Restart"), Act::Restart { target: Target::Machine(WEB, Some(1)), .. }));
    let app = service("app");
    let restart = act(Subject::Service(app), "Restart in turn");
    assert!(matches!(restart, Act::Restart { target: Target::Service(id, None), .. } if id == app));
    assert!(matches!(act(Subject::Source(CROWD), "Nobody"), Act::ScaleTraffic(CROWD, factor) if factor == 0.0));
    let twice = act(Subject::Source(SourceId::new(0)), "Twice the crowd");
    assert!(matches!(twice, Act::ScaleTraffic(CROWD, factor) if factor == 2.0));
}

#[test]
fn what_is_not_there_is_no_harm() {
    let nobody = [
        Subject::Source(SourceId::new(99)),
        Subject::Service(ServiceId::new(99)),
        Subject::Instance(u32::MAX),
        Subject::Machine(u32::MAX),
        Subject::Group(GroupId::new(99)),
        Subject::Link(LinkId::new(99)),
        Subject::Resource("no.such".into()),
        Subject::Request(SourceId::new(99), 1),
    ];
    for subject in nobody {
        picked(subject.clone());
        let mut state = LabState::new(View::default());
        state.picked = Some(subject);
        Bench::new(state);
    }
}

#[test]
fn hostile_names_are_shown_and_break_nothing() {
    let (long, name) = ("x".repeat(300), "y".repeat(60));
    let text = format!(
        r#"(version: 1, title: "{long} \u{{202e}}title {{}} %s\n<b>", teaches: "{long} 🦀", horizon: "20s",
        machines: {{ "{name}m": (cores: 1) }},
        services: {{ "{name}s": (on: ["{name}m"], operations: {{ "{name}o": [Cpu("exp(90ms)")] }}) }},
        traffic: {{ "{name}t": Open(rate: Constant("20/s"), call: "{name}s.{name}o") }},
        variants: {{ "{long}": (teaches: "{long}", set: {{ "horizon": "10s" }}) }})"#
    );
    let played = fixture::play("hostile", &text, &[]);
    let culprit = fixture::state(&played, 10.0).culprit();
    let subjects = [
        None,
        Some(Subject::Source(SourceId::new(0))),
        Some(Subject::Service(ServiceId::new(0))),
        Some(Subject::Machine(0)),
        Some(Subject::Link(LinkId::new(0))),
        culprit,
    ];
    for (index, subject) in subjects.into_iter().enumerate() {
        let mut state = fixture::state(&played, 10.0);
        state.picked = subject;
        state.notice = Some(long.clone());
        crate::picture::keep(&state, &format!("hostile-{index}"));
        Bench::new(state);
    }
    let text = text.replace("cores", "c\u{202e}res").replace("horizon", "hörizön 🦀");
    let problems = surgelab::scenario::load("hostile \u{202e}.ron", &text).expect_err("no such fields");
    let mut state = fixture::state(fixture::codingame(), 10.0);
    state.load_failure =
        Some(Arc::new(surgelab::experiment::LoadFailure { name: "hostile \u{202e}.ron".into(), text, problems }));
    crate::picture::keep(&state, "hostile-problems");
    Bench::new(state);
}
