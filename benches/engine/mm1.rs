//! M/M/1 by hand: one queue, one server, nothing else.
use crate::calendar::Calendar;
use crate::draw::Draw;
use crate::rig::Tally;
use std::collections::VecDeque;

/// The same model for the engine.
pub fn scenario(seconds: u64) -> String {
    format!(
        r#"(
    version: 1, title: "M/M/1 at 0.8", horizon: "{seconds}s",
    machines: {{ "box": () }},
    services: {{ "queue": (on: ["box"], workers: 1, operations: {{ "serve": [Delay("exp(8ms)")] }}) }},
    traffic: {{ "crowd": Open(rate: Constant("100/s"), call: "queue.serve") }},
)"#
    )
}

/// The same with the service time burnt on a one-core machine.
pub fn scenario_on_cpu(seconds: u64) -> String {
    format!(
        r#"(
    version: 1, title: "M/M/1 at 0.8 on a core", horizon: "{seconds}s",
    machines: {{ "box": () }},
    services: {{ "queue": (on: ["box"], workers: 1, operations: {{ "serve": [Cpu("exp(8ms)")] }}) }},
    traffic: {{ "crowd": Open(rate: Constant("100/s"), call: "queue.serve") }},
)"#
    )
}

enum Event {
    Arrival,
    Departure,
}

/// Runs the loop for so many seconds of simulated time.
pub fn by_hand(seconds: u64, seed: u64) -> Tally {
    let horizon = seconds as i64 * 1_000_000_000;
    let mut draw = Draw::new(seed);
    let mut calendar = Calendar::new();
    let mut queue: VecDeque<i64> = VecDeque::new();
    let mut tally = Tally::default();
    calendar.schedule(draw.exponential(0.01), Event::Arrival);
    while let Some((now, event)) = calendar.next() {
        if now >= horizon {
            break;
        }
        match event {
            Event::Arrival => {
                tally.offered += 1;
                queue.push_back(now);
                if queue.len() == 1 {
                    calendar.schedule(now + draw.exponential(0.008), Event::Departure);
                }
                calendar.schedule(now + draw.exponential(0.01), Event::Arrival);
            }
            Event::Departure => {
                let arrived = queue.pop_front().expect("a departure has a customer");
                tally.succeed(now - arrived);
                if !queue.is_empty() {
                    calendar.schedule(now + draw.exponential(0.008), Event::Departure);
                }
            }
        }
    }
    tally.events = calendar.events;
    tally
}
