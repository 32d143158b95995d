//! A lab at a host that works while it listens, in a window so high that nothing of it is hidden; and all that is told
//! and drawn there.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use surgelab::catalog::BuiltIn;
use surgelab::experiment::Experiment;
use surgelab::host::{HostOptions, InlinePort, Phase};
use surgelab::lab::action::{Action, Subject};
use surgelab::lab::app::Lab;
use surgelab::lab::view::View;
use surgelab::lab::{panels, tree};
use surgelab::layout::{Point, Rect};
use surgelab::units::Time;

pub const SECOND: i64 = 1_000_000_000;

/// A lab in a window so high that nothing of the inspector is hidden.
pub struct Screen {
    pub lab: Lab,
    context: egui::Context,
    seconds: f64,
    pub name: &'static str,
    /// Where what is told apart happened.
    pub apart: Vec<String>,
    /// What the keyboard is at.
    pub focus: Option<String>,
}

impl Screen {
    pub fn open(scenario: &BuiltIn) -> Self {
        let ticks = AtomicU64::new(0);
        let read = move || Duration::from_micros(20 * ticks.fetch_add(1, Ordering::Relaxed));
        let port = InlinePort::new(HostOptions::default(), Duration::from_millis(20), read);
        let mut lab = Lab::new(Box::new(port), View { still: true, ..View::default() });
        lab.open(Experiment::new(scenario.name, scenario.text));
        let context = egui::Context::default();
        context.enable_accesskit();
        panels::install_fonts(&context);
        let mut screen = Self { lab, context, seconds: 0.0, name: scenario.name, apart: Vec::new(), focus: None };
        screen.until("it is open", |lab| lab.state.opened.is_some());
        screen.lab.ask(Action::PlayOrPause);
        screen
    }

    #[track_caller]
    pub fn until(&mut self, what: &str, so: impl Fn(&Lab) -> bool) {
        for _ in 0..400_000 {
            self.lab.listen();
            assert!(!self.lab.state.dead, "{}: the host failed: {:?}", self.name, self.lab.state.notice);
            if so(&self.lab) {
                return;
            }
        }
        panic!("{}: it never came to be that {what}: {:?}", self.name, self.lab.state.frame.now);
    }

    /// It stands there, and all that is to be told of it was.
    #[track_caller]
    pub fn seek(&mut self, time: Time) {
        self.lab.ask(Action::Seek(time));
        self.settle(time);
    }

    #[track_caller]
    pub fn settle(&mut self, time: Time) {
        self.until(&format!("it is at {time:?}"), |lab| {
            let state = &lab.state;
            let lane = state.frame.lane as usize;
            let counted = state.results[lane].is_some() && state.counted[lane] == time;
            state.frame.now == time && state.frame.digest.is_some() && state.frame.phase != Phase::Seeking && counted
        });
        self.until("its past is told", |lab| {
            let past = lab.state.timeline(lab.state.frame.lane);
            past.points.len() as f64 * past.every_s + past.every_s > time.0 as f64 / 1e9
        });
    }

    /// What is told of the widgets, once they have settled.
    pub fn names(&mut self) -> Vec<String> {
        self.shown(vec![Vec::new(); 3])
    }

    /// A picture for each of these, with what happens to it; what is told of the last.
    pub fn shown(&mut self, events: Vec<Vec<egui::Event>>) -> Vec<String> {
        let mut told = Vec::new();
        for events in events {
            self.seconds += 0.1;
            let whole = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1600.0, 6_000.0));
            let input =
                egui::RawInput { screen_rect: Some(whole), time: Some(self.seconds), events, ..Default::default() };
            let (lab, seconds) = (&mut self.lab, self.seconds);
            let output = self.context.run_ui(input, |ui| lab.show(ui, seconds));
            let update = output.platform_output.accesskit_update.expect("the tree is made");
            let nodes = tree::json(&update);
            let texts = nodes.as_array().expect("a list").iter();
            let focused = texts.clone().find(|node| node["focused"] == true);
            self.focus = focused.and_then(|node| node["label"].as_str().map(str::to_owned));
            told = texts
                .flat_map(|node| ["label", "value"].map(|key| node[key].as_str().map(str::to_owned)))
                .flatten()
                .collect();
        }
        told
    }

    /// The same with this picked.
    pub fn picked(&mut self, subject: Option<Subject>) -> Vec<String> {
        self.lab.ask(Action::Pick(subject));
        self.names()
    }

    /// Words that the canvas shows within a box.
    pub fn drawn(&self, place: Rect) -> Vec<String> {
        let view = &self.lab.state.view;
        let a = view.to_window(Point { x: place.x, y: place.y });
        let b = view.to_window(Point { x: place.x + place.width, y: place.y + place.height });
        let inside = |rect: &Rect| {
            let middle = rect.center();
            (a.x - 1.0..b.x + 1.0).contains(&middle.x) && (a.y - 1.0..b.y + 30.0).contains(&middle.y)
        };
        let labels = self.lab.picture().0.labels.iter();
        labels.filter(|(label, _)| inside(&label.rect)).map(|(_, text)| text.to_owned()).collect()
    }
}
