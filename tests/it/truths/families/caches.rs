//! Stores that are asked for keys, and what they find.

use super::*;

/// Poisson requests for keys of a law to one store; what is missed takes `miss` to make.
fn store(plan: Plan, per_second: f64, law: &str, store: &str, miss: &str) -> Draft {
    let steps = if miss.is_empty() { String::new() } else { format!("Delay(\"{miss}\")") };
    plan.draft()
        .key("item", law)
        .service(
            "app",
            &format!("stores: {{ \"items\": ({store}) }}, operations: {{ \"get\": [Cached(\"items\", \"item\", [], [{steps}])] }}"),
        )
        .poisson(per_second, "app.get")
}

fn zipf(case: &Case) -> String {
    format!("Zipf(n: {}, s: {:?})", case.params.int("n"), case.params.num("zipf"))
}

fn hits(name: &str) -> impl Fn(&Window) -> Figures + Sync {
    move |window| vec![figure(name, window.hit_share())]
}

pub fn lru(case: &Case, effort: Effort) -> Ways {
    let (law, capacity) = (zipf(case), case.params.int("C"));
    let plan = Plan::of(case, effort, 2e6, 1000.0);
    let draft = |evict: &str| store(plan, 1000.0, &law, &format!("capacity: {capacity}, evict: {evict}"), "");
    let mut recent = plan.measure(&draft("Lru"), hits("hit"));
    let hit = recent.found["hit"][0];
    // An approximation of the same figure, and its one parameter: the age at which an entry leaves, in requests.
    recent.put("hit_che", hit);
    recent.derive("T_C_requests", "hit", |hit| age(case, hit));
    let first = plan.measure(&draft("Fifo"), |window| {
        let share = window.hit_share();
        vec![figure("hit_FIFO", share), figure("hit_RANDOM_approx", share)]
    });
    let random = plan.measure(&draft("Random"), |window| {
        let share = window.hit_share();
        vec![figure("hit_FIFO", share), figure("hit_RANDOM_approx", share)]
    });
    vec![("least recently used".into(), recent), ("first in, first out".into(), first), ("random".into(), random)]
}

/// The age T with Σ p (1 − exp(−p T)) = the hit share.
fn age(case: &Case, hit: f64) -> f64 {
    let (n, s) = (case.params.int("n"), case.params.num("zipf"));
    let weights: Vec<f64> = (1..=n).map(|k| f64::from(k).powf(-s)).collect();
    let all: f64 = weights.iter().sum();
    let found = |t: f64| weights.iter().map(|w| w / all * (1.0 - (-w / all * t).exp())).sum::<f64>();
    let (mut low, mut high) = (0.0, 1e9);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if found(middle) < hit { low = middle } else { high = middle }
    }
    high
}

/// FIFO and random replacement have one product form.
pub fn random(case: &Case, effort: Effort) -> Ways {
    let (law, capacity) = (zipf(case), case.params.int("C"));
    let plan = Plan::of(case, effort, 4e6, 1000.0);
    ["Random", "Fifo"]
        .map(|evict| {
            let draft = store(plan, 1000.0, &law, &format!("capacity: {capacity}, evict: {evict}"), "");
            (evict.to_owned(), plan.measure(&draft, hits("hit")))
        })
        .into()
}

pub fn ttl(case: &Case, effort: Effort) -> Ways {
    let (law, lambda, ttl) = (zipf(case), case.params.num("lam"), case.params.num("ttl"));
    let plan = Plan::of(case, effort, 2e6, lambda).warm_up(3.0 * ttl);
    let fixed = plan.measure(&store(plan, lambda, &law, &format!("ttl: \"{ttl}s\""), ""), |window| {
        let (hits, misses, entries) = window.store();
        vec![
            figure("hit_fixed_ttl", hits / (hits + misses)),
            figure("origin_rate_fixed", misses / window.seconds),
            figure("mean_items_fixed", entries),
        ]
    });
    let sliding = store(plan, lambda, &law, &format!("ttl: \"{ttl}s\", sliding: true"), "");
    vec![("fixed".into(), fixed), ("sliding".into(), plan.measure(&sliding, hits("hit_sliding_ttl")))]
}

/// One popular key that expires; a batch is a whole number of cycles.
pub fn stampede(case: &Case, effort: Effort) -> Ways {
    let (lambda, ttl, regen) = (case.params.num("key_rate"), case.params.num("ttl"), case.params.num("regen"));
    let cycle = 1.0 / lambda + regen + ttl;
    let cycles = if effort == Effort::Full { 20.0 } else { 5.0 };
    let plan = Plan { seconds: cycles * 5.0 * cycle, warm_up: cycle };
    let asked = store(plan, lambda, "Uniform(n: 1)", &format!("ttl: \"{ttl}s\""), &format!("{regen}s"));
    let none = plan.measure(&asked, |window| {
        let (hits, misses, _) = window.store();
        vec![
            figure("origin_calls_per_cycle_none", misses / cycles),
            figure("miss_fraction_none", misses / (hits + misses)),
            figure("origin_rate_none", misses / window.seconds),
        ]
    });
    // The first makes it, at an origin that counts; the others wait for what it brings.
    let waited = plan
        .draft()
        .key("item", "Uniform(n: 1)")
        .service("origin", &format!("operations: {{ \"make\": [Delay(\"{regen}s\")] }}"))
        .service(
            "app",
            &format!("stores: {{ \"items\": (ttl: \"{ttl}s\", single_flight: true) }}, links: {{ \"origin\": () }}, operations: {{ \"get\": [Cached(\"items\", \"item\", [], [Call(\"origin.make\")])] }}"),
        )
        .poisson(lambda, "app.get");
    let one = plan.measure(&waited, |window| {
        vec![figure("origin_calls_per_cycle_singleflight", window.finished("origin.make") * window.seconds / cycles)]
    });
    vec![("everybody makes it".into(), none), ("the first makes it".into(), one)]
}
