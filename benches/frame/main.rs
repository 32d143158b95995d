//! What a picture costs before the graphics card sees it: hear a frame, lay out the panels, compose the canvas, cut the
//! panels into triangles.
//!
//! `cargo bench --no-default-features --features cli,panels --bench frame` tells milliseconds; `benches/frame/count`
//! counts instructions with callgrind. 20 instances, over 10,000 requests in flight, frames of a real run that were
//! kept beforehand.
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use surgelab::host::{Frame, HostOptions, InlinePort, Port, Request, Update};
use surgelab::lab::action::Action;
use surgelab::lab::app::Lab;
use surgelab::lab::view::View;
use surgelab::units::Time;

const SCENARIO: &str = r#"(
    version: 1,
    title: "Ten thousand in flight",
    horizon: "60s", warm_up: "1s",
    machines: { "front": (count: 8, cores: 4), "mid": (count: 8, cores: 4), "back": (count: 4, cores: 8) },
    services: {
        "web": (on: ["front"], links: { "app": () }, operations: { "page": [Cpu("exp(1ms)"), Call("app.work"), Delay("exp(400ms)")] }),
        "app": (on: ["mid"], links: { "db": () }, operations: { "work": [Cpu("exp(1ms)"), Call("db.query"), Delay("exp(300ms)")] }),
        "db": (kind: Database, on: ["back"], max_connections: 10000, operations: { "query": [Cpu("exp(1ms)"), Delay("exp(300ms)")] }),
    },
    traffic: { "visitors": Open(rate: Constant("11000/s"), call: "web.page", patience: "20s") },
)"#;
/// Frames that are shown again and again.
const KEPT: usize = 20;

/// Gives what was kept, a frame a picture.
struct Kept {
    first: Vec<Update>,
    frames: VecDeque<Box<Frame>>,
}

impl Port for Kept {
    fn send(&mut self, _: Request) {}

    fn receive(&mut self) -> Vec<Update> {
        let mut told = std::mem::take(&mut self.first);
        let frame = self.frames.pop_front().expect("frames were kept");
        self.frames.push_back(frame.clone());
        told.push(Update::Frame(frame));
        told
    }
}

/// Plays a real run up to 3 s and keeps some frames from there on.
fn keep() -> Kept {
    let began = Instant::now();
    let mut port = InlinePort::new(HostOptions::default(), Duration::from_millis(20), move || began.elapsed());
    port.send(Request::Open(Box::new(surgelab::experiment::Experiment::new("bench", SCENARIO))));
    port.send(Request::Seek(Time(3_000_000_000)));
    let (mut kept, mut slow) = (Kept { first: Vec::new(), frames: VecDeque::new() }, false);
    while kept.frames.len() < KEPT {
        for told in port.receive() {
            match told {
                Update::Frame(frame) => {
                    port.send(Request::Credit);
                    if frame.now >= Time(3_000_000_000) {
                        kept.frames.push_back(frame);
                    }
                }
                Update::LoadFailure(load_failure) => {
                    panic!("the bench's scenario is wrong: {:?}", load_failure.problems)
                }
                other => kept.first.push(other),
            }
        }
        if !slow && !kept.frames.is_empty() {
            slow = true;
            port.send(Request::Pace(surgelab::host::Pace::Times(0.02)));
        }
    }
    kept
}

fn main() {
    let pictures: u32 = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(300);
    let mut lab = Lab::new(Box::new(keep()), View::default());
    lab.ask(Action::Fit);
    let context = egui::Context::default();
    surgelab::lab::panels::install_fonts(&context);
    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(1440.0, 900.0));
    let began = Instant::now();
    let mut seconds = 0.0;
    for _ in 0..pictures {
        seconds += 1.0 / 30.0;
        let input = egui::RawInput { screen_rect: Some(screen), time: Some(seconds), ..Default::default() };
        lab.listen();
        let output = context.run_ui(input, |ui| lab.show(ui, seconds));
        std::hint::black_box(context.tessellate(output.shapes, output.pixels_per_point));
    }
    let frame = &lab.state.frame;
    let in_flight: u64 = frame.sources.iter().map(|source| source.in_flight).sum();
    assert!(in_flight >= 10_000, "the bench is about 10,000 requests in flight, not {in_flight}");
    let each = began.elapsed().as_secs_f64() * 1e3 / f64::from(pictures.max(1));
    let shapes = lab.picture().0.shapes.len();
    let (instances, lights) = (frame.instances.len(), frame.lights.len());
    println!(
        "{each:.2} ms a picture; {in_flight} in flight, {instances} instances, {lights} lights, {shapes} shapes on the canvas"
    );
}
