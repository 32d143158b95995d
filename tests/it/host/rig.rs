//! A host on an inline port with a clock that the test moves, and what it has told.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use surgelab::experiment::Experiment;
use surgelab::host::{Delta, Frame, Host, HostOptions, InlinePort, Lane, Pace, Phase, Point, Port, Request, Update};
use surgelab::measure::Results;
use surgelab::units::Time;

/// Each look at the clock takes so long.
pub const TICK: Duration = Duration::from_micros(50);

/// Everything told, and the port.
pub struct Rig<P> {
    pub port: P,
    pub clock: Clock,
    pub frames: Vec<Frame>,
    pub reports: Vec<(Lane, Arc<Results>)>,
    pub others: Vec<Update>,
    pub points: [Vec<Point>; 2],
    /// Answers each frame with a credit.
    pub credits: bool,
}

/// A clock that goes on by a tick whenever it is read.
#[derive(Clone, Default)]
pub struct Clock(Rc<Cell<Duration>>);

impl Clock {
    pub fn read(&self) -> Duration {
        self.0.set(self.0.get() + TICK);
        self.0.get()
    }

    pub fn wait(&self, span: Duration) {
        self.0.set(self.0.get() + span);
    }
}

/// An inline host.
pub fn inline(options: HostOptions, budget: Duration) -> Rig<InlinePort<impl Fn() -> Duration>> {
    let clock = Clock::default();
    let hands = clock.clone();
    Rig::new(InlinePort::new(options, budget, move || hands.read()), clock)
}

impl<P: Port> Rig<P> {
    pub fn new(port: P, clock: Clock) -> Self {
        Self {
            port,
            clock,
            frames: Vec::new(),
            reports: Vec::new(),
            others: Vec::new(),
            points: Default::default(),
            credits: true,
        }
    }

    pub fn open(&mut self, text: &str) {
        self.send(Request::Open(Box::new(Experiment::new("proof", text))));
    }

    pub fn send(&mut self, message: Request) {
        self.port.send(message);
    }

    /// One round: the host works, what it tells is kept.
    pub fn round(&mut self) {
        for out in self.port.receive() {
            match out {
                Update::Frame(frame) => {
                    self.take(frame.lane, &frame.history);
                    if let Some(other) = &frame.other {
                        self.take(other.lane, &other.history);
                    }
                    self.frames.push(*frame);
                    if self.credits {
                        self.port.send(Request::Credit);
                    }
                }
                Update::Report(lane, _, results) => self.reports.push((lane, results)),
                other => self.others.push(other),
            }
        }
    }

    fn take(&mut self, lane: Lane, delta: &Delta) {
        let points = &mut self.points[lane as usize];
        assert!(delta.from as usize <= points.len(), "points were left out: {} after {}", delta.from, points.len());
        points.truncate(delta.from as usize);
        points.extend(delta.points.iter().cloned());
    }

    /// Rounds until something is so.
    pub fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) {
        for _ in 0..2_000_000 {
            if so(self) {
                return;
            }
            self.round();
            self.clock.wait(Duration::from_millis(3));
        }
        let faults = self.others.iter().filter(|out| matches!(out, Update::LoadFailure(_))).collect::<Vec<_>>();
        panic!("it never came to be that {what}; {faults:#?}");
    }

    /// The last frame.
    pub fn frame(&self) -> &Frame {
        self.frames.last().expect("a frame has come")
    }

    /// Rounds until it stands at that time with a frame that shows it.
    pub fn until_at(&mut self, time: Time) {
        self.until(&format!("it stands at {time:?}"), |rig| {
            rig.frames.last().is_some_and(|frame| frame.now == time && frame.digest.is_some())
        });
    }

    /// Plays to the horizon at a pace; the digest there.
    pub fn play_out(&mut self, pace: Pace) -> u64 {
        self.send(Request::Pace(pace));
        self.until("it is at its end", |rig| {
            let ended = |frame: &Frame| frame.digest.is_some() && matches!(frame.phase, Phase::Done | Phase::Stopped);
            rig.frames.last().is_some_and(ended)
        });
        self.frame().digest.expect("it stands")
    }
}

impl<C: Fn() -> Duration> Rig<InlinePort<C>> {
    pub fn host(&self) -> &Host {
        self.port.host()
    }
}
