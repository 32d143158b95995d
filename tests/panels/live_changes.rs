//! A running system becomes another, under the eyes of the lab: every variant of every scenario that comes along, put
//! in at three times, played on, gone back before and forth again, and in a branch; through host, state, layout and
//! scene.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use surgelab::catalog::{self, BuiltIn};
use surgelab::engine::Command;
use surgelab::experiment::Experiment;
use surgelab::host::{HostOptions, InlinePort, Lane, Pace, Phase, Port, Request, Update};
use surgelab::lab::action::Action;
use surgelab::lab::app::Lab;
use surgelab::lab::panels;
use surgelab::lab::view::View;
use surgelab::model::{Action as Act, SourceId};
use surgelab::scenario;
use surgelab::units::Time;

pub const SECOND: i64 = 1_000_000_000;
/// Shares of the horizon at which the system changes.
const WHEN: [f64; 3] = [0.05, 0.3, 0.7];
/// The crowd of a quick look.
const SMALL: f64 = 0.05;

/// A lab at a host that works while it listens, with a clock that goes on by itself.
pub struct Table {
    pub lab: Lab,
    context: egui::Context,
    seconds: f64,
    /// The scenario's.
    name: &'static str,
}

impl Table {
    pub fn open(scenario: &BuiltIn) -> Self {
        Self::of(scenario.name, scenario.text)
    }

    pub fn of(name: &'static str, text: &str) -> Self {
        let ticks = AtomicU64::new(0);
        let read = move || Duration::from_micros(20 * ticks.fetch_add(1, Ordering::Relaxed));
        let port = InlinePort::new(HostOptions::default(), Duration::from_millis(20), read);
        let mut lab = Lab::new(Box::new(port), View::default());
        lab.open(Experiment::new(name, text));
        let context = egui::Context::default();
        panels::install_fonts(&context);
        let mut table = Self { lab, context, seconds: 0.0, name };
        table.until("it is open", |lab| lab.state.opened.is_some());
        table.lab.ask(Action::Speed(f64::INFINITY));
        table.stand();
        table
    }

    /// One picture.
    fn show(&mut self) {
        self.hear(Vec::new());
    }

    /// One picture, and what the person does meanwhile.
    pub fn hear(&mut self, events: Vec<egui::Event>) {
        self.seconds += 1.0 / 30.0;
        let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1280.0, 800.0));
        let input =
            egui::RawInput { screen_rect: Some(screen), time: Some(self.seconds), events, ..Default::default() };
        let (lab, seconds) = (&mut self.lab, self.seconds);
        let _ = self.context.run_ui(input, |ui| lab.show(ui, seconds));
        assert!(!self.lab.state.dead, "the host failed: {:?}", self.lab.state.notice);
        assert!(self.lab.state.load_failure.is_none(), "{:?}", self.lab.state.load_failure);
    }

    #[track_caller]
    pub fn until(&mut self, what: &str, so: impl Fn(&Lab) -> bool) {
        for _ in 0..200_000 {
            self.lab.listen();
            if so(&self.lab) {
                return self.show();
            }
        }
        let frame = &self.lab.state.frame;
        let variant = self.variant();
        let (now, pace, phase) = (frame.now, frame.pace, frame.phase);
        panic!("{}: it never came to be that {what}: {now:?}, {pace:?}, {phase:?}, {variant:?}", self.name);
    }

    fn now(&self) -> Time {
        self.lab.state.frame.now
    }

    /// Time passes no more, and the frame says so.
    #[track_caller]
    pub fn stand(&mut self) {
        if self.lab.state.playing {
            self.lab.ask(Action::PlayOrPause);
        }
        self.until("it stands", |lab| {
            let frame = &lab.state.frame;
            frame.digest.is_some() && frame.pace == Pace::Paused && frame.phase != Phase::Seeking
        });
    }

    /// Be there, and show it.
    #[track_caller]
    pub fn seek(&mut self, time: Time) {
        self.lab.ask(Action::Seek(time));
        self.until(&format!("it is at {time:?}"), |lab| {
            lab.state.frame.now == time && lab.state.frame.digest.is_some()
        });
    }

    /// The variant takes the place of what runs; then a minute passes with pictures every few seconds.
    #[track_caller]
    fn become_variant(&mut self, variant: &str, horizon: Time) {
        self.lab.ask(Action::ApplyVariant(Some(variant.into())));
        self.until("it took effect", |lab| {
            lab.state.running.as_ref().is_some_and(|running| running.variant.as_deref() == Some(variant))
        });
        let from = self.now();
        for seconds in [1, 5, 20, 40, 60] {
            self.seek(Time(from.0 + seconds * SECOND).min(horizon));
        }
        assert_eq!(self.variant().as_deref(), Some(variant), "the lab shows what runs");
    }

    fn variant(&self) -> Option<String> {
        self.lab.state.running.as_ref().and_then(|running| running.variant.clone())
    }
}

fn earlier(at: Time) -> Time {
    Time((at.0 - 10 * SECOND).max(0))
}

/// A variant put in at a time, left, found again, and put in in a branch.
#[track_caller]
fn try_variant(table: &mut Table, variant: &str, at: Time, horizon: Time) {
    let before = earlier(at);
    table.seek(at);
    table.become_variant(variant, horizon);
    let (there, digest) = (table.now(), table.lab.state.frame.digest);
    table.seek(before);
    assert_eq!(table.variant(), None, "before it, the file as it stands");
    table.seek(there);
    assert_eq!(table.lab.state.frame.digest, digest, "the same run again");
    assert_eq!(table.variant().as_deref(), Some(variant));
    table.lab.ask(Action::Branch(before));
    table.until("there is a branch", |lab| lab.state.frame.lane == Lane::Branch && lab.state.frame.digest.is_some());
    table.become_variant(variant, horizon);
    table.lab.ask(Action::Steer(Lane::Trunk));
    table.until("the trunk is shown", |lab| lab.state.frame.lane == Lane::Trunk);
    table.show();
    table.lab.ask(Action::Prune);
    table.seek(before);
}

fn every_variant_of(scenario: &BuiltIn, crowd: f64) {
    // So much of its crowd comes, from the beginning on.
    let loaded = scenario::load(scenario.name, scenario.text).expect("it is legal");
    let mut table = Table::open(scenario);
    let model = table.lab.state.model().expect("it is open").clone();
    let horizon = Time(model.horizon.0);
    for source in 0..model.sources.len() as u32 {
        table.lab.ask(Action::Command(Command::Act(Act::ScaleTraffic(SourceId::new(source as usize), crowd))));
    }
    for share in WHEN {
        let at = Time((horizon.0 as f64 * share) as i64 / SECOND * SECOND);
        for variant in loaded.scenario.variants.names() {
            try_variant(&mut table, variant, at, horizon);
        }
        // What was put in last is given up when something else is done before it.
        table.seek(earlier(at));
        table.lab.ask(Action::ApplyVariant(None));
        table.show();
    }
}

fn every_fourth(first: usize, crowd: f64) {
    catalog::SCENARIOS.iter().skip(first).step_by(4).for_each(|scenario| every_variant_of(scenario, crowd));
}

// In four parts, so that they share the cores.
macro_rules! each { ($($quick:ident $whole:ident $first:literal)*) => { $(
    #[test]
    fn $quick() {
        every_fourth($first, SMALL);
    }

    #[test]
    #[ignore = "many minutes: tests/run --slow"]
    fn $whole() {
        every_fourth($first, 1.0);
    }
)* } }
each! {
    every_variant_can_take_over_1 every_variant_can_take_over_at_full_crowd_1 0
    every_variant_can_take_over_2 every_variant_can_take_over_at_full_crowd_2 1
    every_variant_can_take_over_3 every_variant_can_take_over_at_full_crowd_3 2
    every_variant_can_take_over_4 every_variant_can_take_over_at_full_crowd_4 3
}

/// A way to a host that fails the first time it is asked.
struct Failing<P> {
    port: P,
    fails: bool,
}

impl<P: Port> Port for Failing<P> {
    fn send(&mut self, message: Request) {
        self.port.send(message);
    }

    fn receive(&mut self) -> Vec<Update> {
        assert!(!std::mem::replace(&mut self.fails, false), "planted in the lab");
        self.port.receive()
    }
}

#[test]
fn a_lab_that_failed_says_so_and_opens_what_is_asked_for() {
    let scenario = catalog::find("sinkhole").expect("it comes along");
    let ticks = AtomicU64::new(0);
    let read = move || Duration::from_micros(20 * ticks.fetch_add(1, Ordering::Relaxed));
    let port = InlinePort::new(HostOptions::default(), Duration::from_millis(20), read);
    let mut lab = Lab::new(Box::new(Failing { port, fails: true }), View::default());
    lab.open(Experiment::new(scenario.name, scenario.text));
    lab.listen();
    assert!(lab.state.dead && lab.state.notice.as_deref() == Some("planted in the lab"), "{:?}", lab.state.notice);
    lab.ask(Action::OpenBuiltIn("sinkhole", None));
    for _ in 0..2_000 {
        lab.listen();
    }
    assert!(lab.state.opened.is_some(), "it was opened");
    assert!(!lab.state.dead, "{:?}", lab.state.notice);
    assert!(lab.state.frame.now > Time(0), "{:?}", lab.state.frame.now);
}

#[test]
fn a_run_that_is_restarted_is_the_run_that_was() {
    let scenario = catalog::find("sinkhole").expect("it comes along");
    let mut table = Table::open(scenario);
    table.until("it is opened", |lab| lab.state.opened.is_some());
    table.lab.ask(Action::Seek(Time(20 * SECOND)));
    table.until("it is there", |lab| lab.state.frame.now >= Time(20 * SECOND) && lab.state.progress.is_none());
    table.lab.ask(Action::Command(Command::Act(Act::ScaleTraffic(SourceId::new(0), 1.5))));
    table.until("it was done", |lab| !lab.state.commands.is_empty());
    let known = table.lab.state.commands[0].clone();
    table.lab.ask(Action::Restart(Time(40 * SECOND)));
    table.until("it is there again", |lab| lab.state.frame.now >= Time(40 * SECOND) && !lab.state.commands.is_empty());
    let again = &table.lab.state.commands[0];
    assert_eq!((again.time, &again.text), (known.time, &known.text));
}
