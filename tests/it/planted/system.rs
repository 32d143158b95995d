//! A random system that is well, and the same system with one fault planted in it.

use super::faults::{Fault, KINDS, plant};
use crate::support::Draft;

/// SplitMix64: the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    pub fn whole(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    pub fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[(self.next() % all.len() as u64) as usize]
    }
}

/// When the fault happens and how long the run is, seconds.
pub const FAULT_S: f64 = 40.0;
pub const HORIZON_S: f64 = 75.0;

/// Sizes of a system: a crowd, a balancer perhaps, an application on several machines, what it calls, and a blog of one
/// worker that has nothing to do with any of it and is often busy.
#[derive(Clone, Debug)]
pub struct System {
    pub rate: f64,
    pub patience: f64,
    pub retries: u64,
    pub machines: u64,
    pub cores: u64,
    pub workers: u64,
    pub backlog: u64,
    pub balancer: Option<&'static str>,
    /// Loads when all is well.
    pub app_load: f64,
    pub db_load: f64,
    pub db_cores: u64,
    pub queries: u64,
    pub pool: u64,
    pub third_party_ms: f64,
    /// Does it call the third party?
    pub pays: bool,
    pub times: &'static str,
}

impl System {
    fn random(dice: &mut Dice) -> Self {
        let rate = dice.between(40.0, 140.0).round();
        Self {
            rate,
            patience: dice.between(1.0, 3.0),
            retries: dice.whole(0, 1),
            machines: dice.whole(2, 4),
            cores: dice.whole(2, 4),
            workers: dice.whole(25, 60),
            backlog: dice.whole(40, 200),
            balancer: [None, Some("RoundRobin"), Some("LeastConnections"), Some("Random")][dice.whole(0, 3) as usize],
            app_load: dice.between(0.15, 0.4),
            db_load: dice.between(0.15, 0.4),
            db_cores: dice.whole(2, 6),
            queries: dice.whole(1, 3),
            pool: dice.whole(20, 30),
            third_party_ms: dice.between(20.0, 60.0),
            pays: dice.share() < 0.5,
            times: dice.one_of(&["exp", ""]),
        }
    }

    fn time(&self, seconds: f64) -> String {
        let micros = (seconds * 1e6).max(1.0).round();
        if self.times.is_empty() { format!("{micros}us") } else { format!("{}({micros}us)", self.times) }
    }

    /// Core seconds of a page, and of a query.
    pub fn page_s(&self) -> f64 {
        self.app_load * (self.machines * self.cores) as f64 / self.rate
    }

    pub fn query_s(&self) -> f64 {
        self.db_load * self.db_cores as f64 / (self.rate * self.queries as f64)
    }

    /// The steps of a page: its own work, the queries, the third party.
    pub fn steps(&self, queries: &str) -> String {
        let pay = if self.pays { ", Call(\"pay.charge\")" } else { "" };
        format!("Cpu(\"{}\"), {queries}{pay}", self.time(self.page_s()))
    }

    pub fn queries(&self) -> String {
        format!("Repeat(\"{}\", [Call(\"db.query\")])", self.queries)
    }

    /// The parts every system has. `steps` of a page; `app`, `db` and `links` are further fields of the services.
    pub fn draft(&self, extra: &Extra) -> Draft {
        let door = if self.balancer.is_some() { "lb.page" } else { "app.page" };
        let retry = if self.retries > 0 { ", retry: (times: 1, after: \"exp(200ms)\")" } else { "" };
        let rate = extra.rate.clone().unwrap_or_else(|| format!("Constant(\"{}/s\")", self.rate));
        let workers = extra.workers.unwrap_or(self.workers);
        let steps = extra.steps.clone().unwrap_or_else(|| self.steps(&self.queries()));
        let work = extra.query.clone().unwrap_or_else(|| format!("Cpu(\"{}\")", self.time(self.query_s())));
        let mut draft = Draft::new(HORIZON_S)
            .warm_up(10.0)
            .machine("web", &format!("count: {}, cores: {}", self.machines, self.cores))
            .machine("store", &format!("cores: {}{}", self.db_cores, extra.store))
            .machine("side", "cores: 2")
            .service(
                "app",
                &format!(
                    "on: [\"web\"], workers: {workers}, backlog: (limit: {}), {}links: {{ \"db\": (connections: Keep({})){}{} }}, operations: {{ \"page\": [{steps}] }}",
                    self.backlog,
                    extra.app,
                    self.pool,
                    if self.pays { ", \"pay\": ()" } else { "" },
                    extra.links,
                ),
            )
            .service(
                "db",
                &format!("on: [\"store\"], kind: Database, {}operations: {{ \"query\": [{work}] }}", extra.db),
            )
            .service("blog", "on: [\"side\"], workers: 1, operations: { \"post\": [Cpu(\"exp(50ms)\")] }")
            .source("readers", "Open(rate: Constant(\"12/s\"), call: \"blog.post\", patience: \"60s\")")
            .source(
                "users",
                &format!("Open(rate: {rate}, call: \"{door}\", patience: \"{:.3}s\"{retry})", self.patience),
            );
        if self.pays {
            draft = draft.service(
                "pay",
                &format!(
                    "kind: External, on: [], operations: {{ \"charge\": [Delay(\"{:.1}ms\")] }}",
                    self.third_party_ms
                ),
            );
        }
        if let Some(balance) = self.balancer {
            draft = draft.service(
                "lb",
                &format!("on: [\"side\"], kind: Balancer(to: \"app\"), links: {{ \"app\": (balance: {balance}) }}"),
            );
        }
        draft
    }
}

/// What a kind of fault needs in the system.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    pub rate: Option<String>,
    pub workers: Option<u64>,
    pub steps: Option<String>,
    pub query: Option<String>,
    /// Further fields, each with its comma: of the application, of the database, of the links and of the database's
    /// machine.
    pub app: String,
    pub db: String,
    pub links: String,
    pub store: String,
}

/// A system that is well, the same with a fault, and whom the story must name.
#[derive(Clone, Debug)]
pub struct Planted {
    pub kind: Fault,
    pub seed: u64,
    pub well: Draft,
    pub ill: Draft,
    pub root: String,
}

/// The case of this seed; the kinds take turns.
pub fn case(seed: u64) -> Planted {
    let mut dice = Dice::new(seed.wrapping_mul(0xD134_2543_DE82_EF95));
    let kind = KINDS[(seed % KINDS.len() as u64) as usize];
    let system = System::random(&mut dice);
    plant(kind, system, &mut dice, seed)
}
