//! A three-tier web by hand: balancer, round robin → 4 servers × 8 workers → a database pool of 20.
//!
//! A page holds its worker for an exponential 20 ms and, with probability 0.2, through a call to the database
//! (exponential 8 ms once it has one of the pool's 20 connections). A user waits 2 s, then tries once more; what was
//! given up is worked on regardless. With a backlog limit a full server refuses at once, and the user tries once more
//! as well.
use crate::calendar::Calendar;
use crate::draw::Draw;
use crate::rig::Tally;
use std::collections::VecDeque;

const SERVERS: usize = 4;
const WORKERS: u32 = 8;
const POOL: u32 = 20;
const PATIENCE: i64 = 2_000_000_000;

/// The crowd: (until second, requests per second), one after another, and the longest backlog of a server.
pub struct Shape {
    pub stages: Vec<(u64, f64)>,
    pub backlog: usize,
}

/// Steady 900 requests/s.
pub fn steady(seconds: u64) -> Shape {
    Shape { stages: vec![(seconds, 900.0)], backlog: usize::MAX }
}

/// A third of the time at 2,500/s, backlogs of 500.
pub fn surge(seconds: u64) -> Shape {
    Shape { stages: vec![(seconds / 3, 900.0), (seconds * 2 / 3, 2500.0), (seconds, 900.0)], backlog: 500 }
}

impl Shape {
    /// The same model for the engine.
    pub fn scenario(&self) -> String {
        let horizon = self.stages.last().map_or(0, |stage| stage.0);
        let mut begun = 0;
        let mut stages = String::new();
        for (until, rate) in &self.stages {
            stages += &format!(r#"("0s", "{rate}/s"), ("{}s", "{rate}/s"), "#, until - begun);
            begun = *until;
        }
        let backlog =
            if self.backlog == usize::MAX { String::new() } else { format!("backlog: (limit: {}), ", self.backlog) };
        format!(
            r#"(
    version: 1, title: "Three tiers", horizon: "{horizon}s",
    machines: {{ "web": (count: 4), "db": () }},
    services: {{
        "balancer": (kind: Balancer(to: "app"), links: {{ "app": (balance: RoundRobin) }}),
        "app": (on: ["web"], workers: 8, {backlog}links: {{ "database": () }}, operations: {{
            "page": [Delay("exp(20ms)"), Choose([(0.2, [Call("database.query")]), (0.8, [])])],
        }}),
        "database": (kind: Database, on: ["db"], workers: 20, operations: {{ "query": [Delay("exp(8ms)")] }}),
    }},
    traffic: {{ "users": Open(rate: Stages(start: "{first}/s", stages: [{stages}]), call: "balancer.page", patience: "2s", retry: (times: 1)) }},
)"#,
            first = self.stages[0].1
        )
    }

    /// When the next arrival after `now` comes; a draw that crosses a change of rate starts again there (Poisson
    /// forgets).
    fn next(&self, stage: &mut usize, now: i64, draw: &mut Draw) -> Option<i64> {
        let mut from = now;
        loop {
            let (until, rate) = *self.stages.get(*stage)?;
            let end = until as i64 * 1_000_000_000;
            let at = from + draw.exponential(1.0 / rate);
            if at < end {
                return Some(at);
            }
            from = end;
            *stage += 1;
        }
    }
}

enum Event {
    Arrival,
    Served { attempt: u32 },
    Answered { attempt: u32 },
    GivenUp { request: u32, generation: u32 },
}

struct Request {
    started: i64,
    /// Counts attempts and lives: what is older is not listened to.
    generation: u32,
    retried: bool,
}

/// An attempt at a server; the request may have gone on without it.
struct Attempt {
    request: u32,
    generation: u32,
    server: u32,
}

#[derive(Default)]
struct Server {
    busy: u32,
    backlog: VecDeque<u32>,
}

struct Web {
    calendar: Calendar<Event>,
    draw: Draw,
    requests: Vec<Request>,
    free_requests: Vec<u32>,
    attempts: Vec<Attempt>,
    free_attempts: Vec<u32>,
    servers: [Server; SERVERS],
    next_server: usize,
    querying: u32,
    for_pool: VecDeque<u32>,
    limit: usize,
    tally: Tally,
}

/// Runs the loop through the shape's stages.
pub fn by_hand(shape: &Shape, seed: u64) -> Tally {
    let mut web = Web {
        calendar: Calendar::new(),
        draw: Draw::new(seed),
        requests: Vec::new(),
        free_requests: Vec::new(),
        attempts: Vec::new(),
        free_attempts: Vec::new(),
        servers: Default::default(),
        next_server: 0,
        querying: 0,
        for_pool: VecDeque::new(),
        limit: shape.backlog,
        tally: Tally::default(),
    };
    let horizon = shape.stages.last().map_or(0, |stage| stage.0 as i64 * 1_000_000_000);
    let mut stage = 0;
    if let Some(at) = shape.next(&mut stage, 0, &mut web.draw) {
        web.calendar.schedule(at, Event::Arrival);
    }
    while let Some((now, event)) = web.calendar.next() {
        if now >= horizon {
            break;
        }
        match event {
            Event::Arrival => {
                web.tally.offered += 1;
                let request = web.begin(now);
                web.attempt(now, request);
                if let Some(at) = shape.next(&mut stage, now, &mut web.draw) {
                    web.calendar.schedule(at, Event::Arrival);
                }
            }
            Event::Served { attempt } => {
                if web.draw.unit() < 0.2 {
                    if web.querying < POOL {
                        web.query(now, attempt);
                    } else {
                        web.for_pool.push_back(attempt);
                    }
                } else {
                    web.reply(now, attempt);
                }
            }
            Event::Answered { attempt } => {
                web.querying -= 1;
                if let Some(next) = web.for_pool.pop_front() {
                    web.query(now, next);
                }
                web.reply(now, attempt);
            }
            Event::GivenUp { request, generation } => {
                if web.requests[request as usize].generation == generation {
                    web.fail(now, request);
                }
            }
        }
    }
    web.tally.events = web.calendar.events;
    web.tally
}

impl Web {
    fn begin(&mut self, now: i64) -> u32 {
        if let Some(request) = self.free_requests.pop() {
            let slot = &mut self.requests[request as usize];
            slot.started = now;
            slot.retried = false;
            return request;
        }
        self.requests.push(Request { started: now, generation: 0, retried: false });
        self.requests.len() as u32 - 1
    }

    fn attempt(&mut self, now: i64, request: u32) {
        let generation = self.requests[request as usize].generation;
        let server = self.next_server;
        self.next_server = (server + 1) % SERVERS;
        if self.servers[server].busy >= WORKERS && self.servers[server].backlog.len() >= self.limit {
            self.fail(now, request);
            return;
        }
        self.calendar.schedule(now + PATIENCE, Event::GivenUp { request, generation });
        let entry = Attempt { request, generation, server: server as u32 };
        let attempt = if let Some(free) = self.free_attempts.pop() {
            self.attempts[free as usize] = entry;
            free
        } else {
            self.attempts.push(entry);
            self.attempts.len() as u32 - 1
        };
        if self.servers[server].busy < WORKERS {
            self.servers[server].busy += 1;
            self.serve(now, attempt);
        } else {
            self.servers[server].backlog.push_back(attempt);
        }
    }

    fn serve(&mut self, now: i64, attempt: u32) {
        let at = now + self.draw.exponential(0.02);
        self.calendar.schedule(at, Event::Served { attempt });
    }

    fn query(&mut self, now: i64, attempt: u32) {
        self.querying += 1;
        let at = now + self.draw.exponential(0.008);
        self.calendar.schedule(at, Event::Answered { attempt });
    }

    fn reply(&mut self, now: i64, attempt: u32) {
        let Attempt { request, generation, server } = self.attempts[attempt as usize];
        self.free_attempts.push(attempt);
        match self.servers[server as usize].backlog.pop_front() {
            Some(next) => self.serve(now, next),
            None => self.servers[server as usize].busy -= 1,
        }
        let slot = &mut self.requests[request as usize];
        if slot.generation == generation {
            slot.generation += 1;
            self.tally.succeed(now - slot.started);
            self.free_requests.push(request);
        }
    }

    /// The attempt in progress failed: once more, or for good.
    fn fail(&mut self, now: i64, request: u32) {
        let slot = &mut self.requests[request as usize];
        slot.generation += 1;
        if slot.retried {
            self.tally.failed += 1;
            self.free_requests.push(request);
        } else {
            slot.retried = true;
            self.attempt(now, request);
        }
    }
}
