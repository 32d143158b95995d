//! A scenario's text, built from parts. Bodies are written in the scenario language itself, so that a proof reads like
//! the file a user would write; only what every scenario repeats is a default.

/// A scenario being written: no warm-up, and one machine `box` with one core that services stand on unless they say
/// `on`.
#[derive(Clone, Debug)]
pub struct Draft {
    horizon_s: f64,
    warm_up_s: f64,
    keys: Vec<(String, String)>,
    machines: Vec<(String, String)>,
    services: Vec<(String, String)>,
    traffic: Vec<(String, String)>,
    runbook: Vec<String>,
    objectives: Vec<(String, String)>,
    variants: Vec<(String, String)>,
}

impl Draft {
    /// An empty scenario that lasts so many seconds.
    pub fn new(horizon_s: f64) -> Self {
        Self {
            horizon_s,
            warm_up_s: 0.0,
            keys: Vec::new(),
            machines: vec![("box".into(), "cores: 1, memory: \"64GiB\"".into())],
            services: Vec::new(),
            traffic: Vec::new(),
            runbook: Vec::new(),
            objectives: Vec::new(),
            variants: Vec::new(),
        }
    }

    /// Seconds before time 0 that nobody counts.
    pub fn warm_up(mut self, seconds: f64) -> Self {
        self.warm_up_s = seconds;
        self
    }

    /// A machine group: `machine("web", "count: 4, cores: 2")`. Naming `box` replaces the default one.
    pub fn machine(mut self, name: &str, fields: &str) -> Self {
        self.machines.retain(|(known, _)| known != name);
        let memory = if fields.contains("memory: ") { "" } else { "memory: \"64GiB\", " };
        self.machines.push((name.into(), format!("{memory}{fields}")));
        self
    }

    /// What requests are about: `key("item", "Zipf(n: 10, s: 0.8)")`.
    pub fn key(mut self, name: &str, body: &str) -> Self {
        self.keys.push((name.into(), body.into()));
        self
    }

    /// A service, on `box` unless the fields say where.
    pub fn service(mut self, name: &str, fields: &str) -> Self {
        let place = if fields.contains("on: [") { "" } else { "on: [\"box\"], " };
        self.services.push((name.into(), format!("{place}{fields}")));
        self
    }

    /// A FIFO station without a CPU: `workers` servers, one operation `serve` that takes `time`; at most `waiting`
    /// wait.
    pub fn station(self, name: &str, workers: u32, waiting: Option<u32>, time: &str) -> Self {
        let backlog = waiting.map_or(String::new(), |limit| format!("backlog: (limit: {limit}), "));
        self.service(name, &format!("workers: {workers}, {backlog}operations: {{ \"serve\": [Delay(\"{time}\")] }}"))
    }

    /// Any source of traffic: `source("crowd", "Open(rate: Constant(\"5/s\"), call: \"app.get\")")`.
    pub fn source(mut self, name: &str, body: &str) -> Self {
        self.traffic.push((name.into(), body.into()));
        self
    }

    /// Poisson requests `crowd` to one operation.
    pub fn poisson(self, per_second: f64, call: &str) -> Self {
        self.source("crowd", &format!("Open(rate: Constant(\"{per_second}/s\"), call: \"{call}\")"))
    }

    /// Poisson requests `crowd` with more to say: `, patience: "1s"`.
    pub fn poisson_with(self, per_second: f64, call: &str, more: &str) -> Self {
        self.source("crowd", &format!("Open(rate: Constant(\"{per_second}/s\"), call: \"{call}\", {more})"))
    }

    /// A line of the runbook.
    pub fn rule(mut self, body: &str) -> Self {
        self.runbook.push(body.into());
        self
    }

    /// An objective: `objective("crowd", "p(95) < 2s")`.
    pub fn objective(mut self, subject: &str, expression: &str) -> Self {
        self.objectives.push((subject.into(), format!("[\"{expression}\"]")));
        self
    }

    /// A variant: `variant("two", "set: { \"services.app.workers\": 2 }")`.
    pub fn variant(mut self, name: &str, body: &str) -> Self {
        self.variants.push((name.into(), format!("({body})")));
        self
    }

    /// The file.
    pub fn text(&self) -> String {
        let structs = |items: &[(String, String)]| {
            items.iter().map(|(name, body)| format!("        \"{name}\": ({body}),\n")).collect::<String>()
        };
        let values = |items: &[(String, String)]| {
            items.iter().map(|(name, body)| format!("        \"{name}\": {body},\n")).collect::<String>()
        };
        let keys =
            if self.keys.is_empty() { String::new() } else { format!("    keys: {{\n{}    }},\n", values(&self.keys)) };
        let rules: String = self.runbook.iter().map(|rule| format!("        {rule},\n")).collect();
        format!(
            "(\n    version: 1,\n    title: \"proof\",\n    horizon: \"{}s\",\n    warm_up: \"{}s\",\n{keys}    machines: {{\n{}    }},\n    services: {{\n{}    }},\n    traffic: {{\n{}    }},\n    runbook: [\n{rules}    ],\n    objectives: {{\n{}    }},\n    variants: {{\n{}    }},\n)\n",
            self.horizon_s,
            self.warm_up_s,
            structs(&self.machines),
            structs(&self.services),
            values(&self.traffic),
            values(&self.objectives),
            values(&self.variants),
        )
    }
}
