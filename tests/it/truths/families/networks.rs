//! Stations that feed, hold or wait for one another.

use super::*;

/// Single FIFO stations `s0`, `s1`, ... of the given mean service times.
fn stations(draft: Draft, services: &[f64]) -> Draft {
    let place =
        |draft: Draft, (at, service): (usize, &f64)| draft.station(&format!("s{at}"), 1, None, &exponential(*service));
    services.iter().enumerate().fold(draft, place)
}

/// Steps that visit station `at` so many times; a fraction is a visit by chance.
fn visits(at: usize, times: f64) -> String {
    let (whole, part) = (times.floor(), times - times.floor());
    let call = format!("Call(\"s{at}.serve\")");
    let chance =
        if part > 0.0 { format!("Choose([({part}, [{call}]), ({}, [])]), ", 1.0 - part) } else { String::new() };
    match whole {
        0.0 => chance,
        1.0 => format!("{call}, {chance}"),
        many => format!("Repeat(\"{many}\", [{call}]), {chance}"),
    }
}

/// Throughput, occupancy, utilization and response of each station.
fn each(window: &Window, stations: usize, name: &str) -> Vec<f64> {
    let of = |at: usize| {
        let (workers, operation) = (format!("s{at}/0.workers"), format!("s{at}.serve"));
        match name {
            "lam" => window.finished(&operation),
            "U" => window.used(&workers),
            "L" | "Q" => window.busy(&workers) + window.waiting(&workers),
            _ => mean(&window.latencies_of(&operation)),
        }
    };
    (0..stations).map(of).collect()
}

pub fn repairman(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (n, think, service, c) = (params.int("N"), params.num("Z"), params.num("S"), params.num_or("c", 1.0) as u32);
    let plan = Plan::of(case, effort, 2e6, f64::from(n) / (think + service)).warm_up(20.0 * (think + service));
    let look = |window: &Window| {
        let mut figures = station_figures(case, window, "app");
        figures.retain(|(name, _)| name != "W");
        figures.push(figure("R", window.latency()));
        figures
    };
    // Insensitive to how long people think, as long as the mean is the same.
    let thinking = [format!("exp({think}s)"), format!("uniform(0s, {}s)", 2.0 * think)];
    thinking
        .map(|time| {
            let draft = plan.draft().station("app", c, None, &exponential(service)).source(
                "crowd",
                &format!("Closed(population: Constant({n}), journey: [Delay(\"{time}\"), Call(\"app.serve\")])"),
            );
            (format!("thinking {time}"), plan.measure(&draft, look))
        })
        .into()
}

pub fn closed(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (n, think, services) = (params.num("N"), params.num("Z"), params.list("S"));
    let visited = if params.word("visits") == Some("once") { vec![1.0; services.len()] } else { params.list("V") };
    let demands: Vec<f64> = services.iter().zip(&visited).map(|(service, visits)| service * visits).collect();
    let most = demands.iter().copied().fold(0.0, f64::max);
    let whole = think + demands.iter().sum::<f64>();
    let cycles = (n / whole).min(1.0 / most);
    let plan = Plan::of(case, effort, 1e6, cycles).warm_up(10.0 * (whole + n * most));
    let journey: String = visited.iter().enumerate().map(|(at, times)| visits(at, *times)).collect();
    let draft = stations(plan.draft(), &services)
        .source("crowd", &format!("Closed(population: Constant({n}), journey: [Delay(\"exp({think}s)\"), {journey}])"));
    let found = plan.measure(&draft, |window| {
        let cycles = window.finished("s0.serve") / visited[0];
        let spent: f64 = window.latencies(|_| true).iter().sum::<f64>() / window.seconds;
        let of = |name: &String| match (name.as_str(), &case.expected[name]) {
            ("X", _) => (name.clone(), vec![cycles]),
            ("R", serde_json::Value::Number(_)) => (name.clone(), vec![spent / cycles]),
            _ => (name.clone(), each(window, services.len(), name)),
        };
        case.expected.keys().map(of).collect()
    });
    vec![("a population over stations".into(), found)]
}

/// No simulation: the napkin's own figures.
pub fn bounds(case: &Case, _: Effort) -> Ways {
    let (think, services) = (case.params.num("Z"), case.params.list("D"));
    let journey: String = (0..services.len()).map(|at| visits(at, 1.0)).collect();
    let population = |n: u32| {
        let draft = stations(Draft::new(1.0), &services).source(
            "crowd",
            &format!("Closed(population: Constant({n}), journey: [Delay(\"exp({think}s)\"), {journey}])"),
        );
        surgelab::napkin::theory(&crate::support::compile(&draft.text())).populations.remove(0)
    };
    let mut answers = Answers::default();
    let row = population(1);
    answers.exact("Nstar", row.knee.expect("something is busy"));
    answers.exact("Xmax", row.throughput_most_per_s.expect("something is busy"));
    for name in case.expected.keys() {
        if let Some(n) = name.strip_prefix("R_lower_N").and_then(|n| n.parse().ok()) {
            answers.exact(name, population(n).response_bound_s);
        }
    }
    vec![("the napkin".into(), answers)]
}

/// Several populations at shared cores; a service per class and station, so that co-location is part of it.
pub fn classes(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (sizes, thinks, services) = (params.list("N"), params.list("Z"), params.table("S"));
    let stations = services[0].len();
    let pace: f64 = sizes.iter().zip(&thinks).zip(&services).map(|((n, z), s)| n / (z + s.iter().sum::<f64>())).sum();
    let plan = Plan::of(case, effort, 4e6, pace).warm_up(20.0 * thinks.iter().copied().fold(1.0, f64::max));
    let mut draft = plan.draft();
    for at in 0..stations {
        draft = draft.machine(&format!("m{at}"), "cores: 1");
    }
    for (class, work) in services.iter().enumerate() {
        let mut journey = format!("Delay(\"exp({}s)\"), ", thinks[class]);
        for (at, seconds) in work.iter().enumerate() {
            let body = format!("on: [\"m{at}\"], operations: {{ \"serve\": [Cpu(\"exp({seconds}s)\")] }}");
            draft = draft.service(&format!("s{at}c{class}"), &body);
            journey += &format!("Call(\"s{at}c{class}.serve\"), ");
        }
        let source = format!("Closed(population: Constant({}), journey: [{journey}])", sizes[class]);
        draft = draft.source(&format!("class{class}"), &source);
    }
    let found = plan.measure(&draft, |window| {
        let of = |name: &str| {
            let one = |class: usize, at: usize| {
                let (service, operation) = (format!("s{at}c{class}"), format!("s{at}c{class}.serve"));
                match name {
                    "U" => window.demand(&operation),
                    "Q" => window.present(&service),
                    "X" => window.finished(&operation),
                    _ => mean(&window.latencies_of(&operation)),
                }
            };
            let places = if name == "X" { 1 } else { stations };
            (0..sizes.len())
                .flat_map(|class| (0..places).map(move |at| (class, at)))
                .map(|(class, at)| one(class, at))
                .collect()
        };
        case.expected.keys().map(|name| (name.clone(), of(name))).collect()
    });
    vec![("populations that share".into(), found)]
}

pub fn open(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (lambda, services, visited) = (params.num("lam"), params.list("S"), params.list("V"));
    let plan = Plan::of(case, effort, 1e6, lambda);
    let journey: String = visited.iter().enumerate().map(|(at, times)| visits(at, *times)).collect();
    let draft = stations(plan.draft(), &services)
        .source("crowd", &format!("Users(arrive: Constant(\"{lambda}/s\"), journey: [{journey}])"));
    let found = plan.measure(&draft, |window| {
        case.expected.keys().map(|name| (name.clone(), each(window, services.len(), name))).collect()
    });
    vec![("a journey with visits".into(), found)]
}

pub fn jackson(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (external, routing, services) = (params.list("ext"), params.table("P"), params.list("S"));
    let lambda: f64 = external.iter().sum();
    let plan = Plan::of(case, effort, 1e6, lambda);
    let journey = walk(&external, &routing);
    let draft = stations(plan.draft(), &services)
        .source("crowd", &format!("Users(arrive: Constant(\"{lambda}/s\"), journey: [{journey}])"));
    let found = plan.measure(&draft, |window| {
        let of = |name: &String| match name.as_str() {
            "W" => vec![window.latencies(|_| true).iter().sum::<f64>() / (lambda * window.seconds)],
            _ => each(window, services.len(), name),
        };
        case.expected.keys().map(|name| (name.clone(), of(name))).collect()
    });
    vec![("a random walk over stations".into(), found)]
}

/// Steps that walk a Markov chain from `external` until it is left: the chain's states are eliminated one by one, as in
/// Kleene's proof that automata are regular expressions; what returns to a state is a geometric number of rounds.
fn walk(external: &[f64], routing: &[Vec<f64>]) -> String {
    let n = external.len();
    let (entry, exit) = (n, n + 1);
    let all: f64 = external.iter().sum();
    // (chance, steps between leaving one and entering the other)
    let mut ways = vec![vec![(0.0, String::new()); n + 2]; n + 2];
    for from in 0..n {
        ways[entry][from].0 = external[from] / all;
        for to in 0..n {
            ways[from][to].0 = routing[from][to];
        }
        ways[from][exit].0 = 1.0 - routing[from].iter().sum::<f64>();
    }
    for state in 0..n {
        let (again, around) = ways[state][state].clone();
        let visit = format!("Call(\"s{state}.serve\"), ");
        let rounds = if again > 0.0 {
            let mean = 1.0 / (1.0 - again);
            format!("Choose([({}, []), ({again}, [Repeat(\"geometric({mean})\", [{around}{visit}])])]), ", 1.0 - again)
        } else {
            String::new()
        };
        let ends: Vec<usize> = (state + 1..n + 2).collect();
        for &from in &ends {
            for &to in &ends {
                let (there, on) = (ways[from][state].clone(), ways[state][to].clone());
                let chance = there.0 * on.0 / (1.0 - again);
                if chance < 1e-12 {
                    continue;
                }
                let steps = format!("{}{visit}{rounds}{}", there.1, on.1);
                let (known, old) = ways[from][to].clone();
                let both =
                    if known > 0.0 { format!("Choose([({known}, [{old}]), ({chance}, [{steps}])]), ") } else { steps };
                ways[from][to] = (known + chance, both);
            }
        }
    }
    ways[entry][exit].1.clone()
}

pub fn fork_join(case: &Case, effort: Effort) -> Ways {
    let (lambda, service, n) = (case.params.num("lam"), 1.0 / case.params.num("mu"), case.params.int("n"));
    let plan = Plan::of(case, effort, 3e6, lambda);
    let links: String = (0..n).map(|at| format!("\"s{at}\": (), ")).collect();
    let branches: String = (0..n).map(|at| format!("[Call(\"s{at}.serve\")], ")).collect();
    let draft = stations(plan.draft(), &vec![service; n as usize])
        .service("app", &format!("links: {{ {links} }}, operations: {{ \"get\": [Parallel([{branches}])] }}"))
        .poisson(lambda, "app.get");
    let found =
        plan.measure(&draft, |window| case.expected.keys().map(|name| figure(name, window.latency())).collect());
    vec![("branches that join".into(), found)]
}

pub fn fan_out(case: &Case, effort: Effort) -> Ways {
    let (slow, n) = (case.params.num("p_slow"), case.params.int("n"));
    let lambda = 100.0;
    let plan = Plan::of(case, effort, 1e5, lambda);
    let plan = if effort == Effort::Quick { Plan { seconds: plan.seconds / 10.0, warm_up: 1.0 } } else { plan };
    let branches = "[Call(\"leaf.serve\")], ".repeat(n as usize);
    let draft = plan
        .draft()
        .service(
            "leaf",
            &format!(
                "operations: {{ \"serve\": [Choose([({slow}, [Delay(\"1s\")]), ({}, [Delay(\"10ms\")])])] }}",
                1.0 - slow
            ),
        )
        .service("app", &format!("links: {{ \"leaf\": () }}, operations: {{ \"get\": [Parallel([{branches}])] }}"))
        .poisson(lambda, "app.get");
    let found =
        plan.measure(&draft, |window| vec![figure("P_any_slow", window.share(|request| request.latency > 0.5))]);
    vec![("as slow as the slowest".into(), found)]
}

pub fn nested_pools(case: &Case, effort: Effort) -> Ways {
    let params = &case.params;
    let (lambda, workers, connections) = (params.num("lam"), params.int("workers"), params.int("conns"));
    let (own, below, room) = (params.num("S_app"), params.num("S_db"), params.int("K"));
    let system = |plan: Plan, lambda: f64| {
        plan.draft()
            .service("app", &format!("workers: {workers}, backlog: (limit: {}), links: {{ \"db\": (connections: Keep({connections})) }}, operations: {{ \"serve\": [Delay(\"exp({own}s)\"), Call(\"db.get\")] }}", room - workers))
            .service("db", &format!("operations: {{ \"get\": [Delay(\"exp({below}s)\")] }}"))
            .poisson(lambda, "app.serve")
    };
    let plan = Plan::of(case, effort, 3e6, lambda);
    let calm = plan.measure(&system(plan, lambda), |window| {
        let mut figures = station_figures(case, window, "app");
        figures.extend([
            figure("worker_util", window.used("app/0.workers")),
            figure("conn_util", window.used("app/0.pool(db)")),
            figure("mean_waiting_for_conn", window.waiting("app/0.pool(db)")),
            figure("mean_queue", window.waiting("app/0.workers")),
        ]);
        figures
    });
    let most = f64::from(connections) / below;
    let plan = Plan::of(case, effort, 1e6, 2.0 * most);
    let flooded = plan.measure(&system(plan, 2.0 * most), |window| vec![figure("X_sat", window.finished("app.serve"))]);
    vec![("a pool below workers".into(), calm), ("flooded".into(), flooded)]
}
