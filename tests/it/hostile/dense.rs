//! Files of a mebibyte with as much as they can hold of one thing: each is checked in seconds, whatever it is full of.
//!
//! What is bounded is the processor's time of this thread, where the system tells it: many times what the work takes,
//! and far below what anything that grows with the square of it would.

use std::time::{Duration, Instant};
use surgelab::experiment::Compiled;
use surgelab::napkin;
use surgelab::report::{Context, Source, page};
use surgelab::scenario::{Loaded, load};
use surgelab::study::{Executor, StudySpec, answer};

/// Bytes of a file at most.
const MOST: usize = (1 << 20) - 1;
/// The slowest of these takes a second with the compiler's second level of optimisation.
const BOUND: Duration = Duration::from_secs(6);

/// So many entries, each made from its number.
fn each(count: usize, entry: impl Fn(usize) -> String) -> String {
    (0..count).map(|at| entry(at) + ", ").collect()
}

/// A file around some of its parts: what is not said is as small as can be.
struct Parts {
    machines: String,
    page: String,
    of_a: String,
    services: String,
    traffic: String,
    rest: String,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            machines: "\"m\": ()".to_owned(),
            page: "Cpu(\"1ms\")".to_owned(),
            of_a: String::new(),
            services: String::new(),
            traffic: "\"u\": Open(rate: Constant(\"1/s\"), call: \"a.page\")".to_owned(),
            rest: String::new(),
        }
    }
}

impl Parts {
    fn text(&self) -> String {
        let Self { machines, page, of_a, services, traffic, rest } = self;
        format!(
            "(version: 1, title: \"x\", horizon: \"10s\", machines: {{ {machines} }}, services: {{ \"a\": (on: [\"m\"], \
             operations: {{ \"page\": [{page}] }}, {of_a}), {services} }}, traffic: {{ {traffic} }}, {rest})"
        )
    }
}

/// The largest file of a kind that is no larger than one may be, and no longer than its lists may be.
fn largest(most: usize, make: &dyn Fn(usize) -> Parts) -> String {
    let (mut low, mut high) = (1, most);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if make(middle).text().len() <= MOST { low = middle } else { high = middle - 1 }
    }
    make(low).text()
}

/// What this thread has worked.
fn worked(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Checked as `surgelab check` does it.
#[track_caller]
fn is_checked_in_time(name: &str, text: &str) -> Result<Loaded, String> {
    let began = Instant::now();
    let before = worked(began);
    let checked = load("x.ron", text).and_then(|loaded| napkin::check(&loaded).map(|_| loaded));
    let took = worked(began).saturating_sub(before);
    assert!(took < BOUND, "{name}: {took:?} for {} bytes", text.len());
    checked.map_err(|problems| problems[0].message.clone())
}

#[track_caller]
fn valid(name: &str, most: usize, make: impl Fn(usize) -> Parts) {
    let text = largest(most, &make);
    let checked = is_checked_in_time(name, &text);
    assert!(checked.is_ok(), "{name}: {checked:?}");
}

/// Most entries of a list of the language.
const ENTRIES: usize = 2_000;

#[test]
fn links_of_every_service_to_every_other() {
    let linked = |count: usize, calls: bool| {
        let callees = |at: usize| at + 1..count;
        let service = |at: usize| {
            let links: String = callees(at).map(|to| format!("\"s{to}\": (), ")).collect();
            let steps: String = callees(at).map(|to| format!("Call(\"s{to}.p\"), ")).collect();
            let steps = if calls { steps } else { String::new() };
            format!("\"s{at}\": (on: [\"m\"], links: {{ {links} }}, operations: {{ \"p\": [Cpu(\"1ms\"), {steps}] }})")
        };
        Parts { services: each(count, service), ..Parts::default() }
    };
    valid("links", ENTRIES, |count| linked(count, false));
    valid("links and calls", ENTRIES, |count| linked(count, true));
    let star = |count: usize| Parts {
        of_a: format!("links: {{ {} }}", each(count, |at| format!("\"s{at}\": (timeout: \"1s\")"))),
        page: each(count, |at| format!("Call(\"s{at}.p\")")),
        services: each(count, |at| format!("\"s{at}\": (on: [\"m\"], operations: {{ \"p\": [Cpu(\"1ms\")] }})")),
        ..Parts::default()
    };
    valid("a star", ENTRIES - 1, star);
    let chain = |count: usize| {
        let service = |at: usize| {
            let next = format!("\"s{}\": (connections: Keep(2), timeout: \"1s\", retry: (times: 2))", at + 1);
            let call = format!("Call(\"s{0}.p\"), Call(\"s{0}.p\")", at + 1);
            let (links, steps) = if at + 1 < count { (next, call) } else { (String::new(), "Cpu(\"1ms\")".to_owned()) };
            format!("\"s{at}\": (on: [\"m\"], workers: 3, links: {{ {links} }}, operations: {{ \"p\": [{steps}] }})")
        };
        let traffic = "\"u\": Open(rate: Constant(\"1/s\"), call: \"s0.p\")".to_owned();
        Parts { services: each(count, service), traffic, ..Parts::default() }
    };
    valid("a chain of pools that are too small", ENTRIES - 1, chain);
}

#[test]
fn programs_of_very_many_steps() {
    type Step = fn(usize) -> String;
    let steps: [(&str, Step); 12] = [
        ("amounts", |at| format!("Cpu(\"{}us\")", at + 1)),
        ("pauses", |at| format!("Delay(\"{}us\")", at + 1)),
        ("gauges", |_| "Cpu(\"1us*in_flight\")".to_owned()),
        ("locks", |at| format!("Lock(\"l{at}\", \"\", [Cpu(\"1ms\")])")),
        ("locks in locks", |at| format!("Lock(\"l{at}\", \"\", [Lock(\"k{at}\", \"\", [Cpu(\"1ms\")])])")),
        ("branches", |_| "Parallel([[Cpu(\"1ms\")], [Cpu(\"1ms\")]])".to_owned()),
        ("choices", |at| format!("Choose([({}, [Cpu(\"1ms\")]), (1, [Delay(\"1ms\")])])", at + 1)),
        ("fallbacks", |_| "Try([Cpu(\"1ms\")], [Delay(\"1ms\")])".to_owned()),
        ("loops", |_| "Repeat(\"2\", [Cpu(\"1ms\")])".to_owned()),
        ("beside", |_| "Background([Cpu(\"1ms\")])".to_owned()),
        ("transfers", |at| format!("Send(\"{}B\")", at + 1)),
        ("failures", |_| "Fail(\"1%\")".to_owned()),
    ];
    for (name, step) in steps {
        valid(name, MOST, |count| Parts { page: each(count, step), ..Parts::default() });
    }
    let calls = |count: usize| {
        let (others, to) = (each(ENTRIES, |at| format!("\"p{at}\": [Cpu(\"1ms\")]")), |at: usize| at % ENTRIES);
        Parts {
            page: each(count, |at| format!("Call(\"b.p{}\")", to(at))),
            of_a: "links: { \"b\": () }".to_owned(),
            services: format!("\"b\": (on: [\"m\"], operations: {{ {others} }})"),
            ..Parts::default()
        }
    };
    valid("calls", MOST, calls);
    let journey = |count: usize| Parts {
        of_a: "keep_alive: \"5s\"".to_owned(),
        traffic: format!(
            "\"u\": Users(arrive: Constant(\"1/s\"), access: (keep_alive: true), journey: [{}])",
            each(count, |_| "Call(\"a.page\")".to_owned())
        ),
        ..Parts::default()
    };
    valid("a journey that keeps its connection", MOST, journey);
}

#[test]
fn stores_and_keys_of_very_many() {
    let stores = |count: usize| Parts {
        of_a: format!("stores: {{ {} }}", each(count, |at| format!("\"c{at}\": (capacity: {})", at + 1))),
        page: each(count, |at| format!("Cached(\"c{at}\", \"k\", [], [])")),
        rest: "keys: { \"k\": Zipf(n: 1000000000, s: 1.0) }".to_owned(),
        ..Parts::default()
    };
    valid("stores", ENTRIES, stores);
    let keys = |count: usize| Parts {
        of_a: "stores: { \"c\": (ttl: \"1s\") }".to_owned(),
        page: each(count, |at| format!("Cached(\"c\", \"k{at}\", [], [])")),
        rest: format!("keys: {{ {} }}", each(count, |at| format!("\"k{at}\": Zipf(n: 1000000000, s: 1.0)"))),
        ..Parts::default()
    };
    valid("keys", ENTRIES, keys);
}

#[test]
fn profiles_of_very_many_pieces() {
    let crowd =
        |rate: String| Parts { traffic: format!("\"u\": Open(rate: {rate}, call: \"a.page\")"), ..Parts::default() };
    let sum = |part: fn(usize) -> String| move |count: usize| crowd(format!("Sum([{}])", each(count, part)));
    let flash = |at| format!("Flash(base: \"1/s\", peak: \"9/s\", at: \"{at}ms\", rise: \"1ms\", half_life: \"1ms\")");
    valid("stages of many", MOST, sum(|at| format!("Stages(start: \"1/s\", stages: [(\"{}ms\", \"2/s\")])", at + 1)));
    // Each has 386 points, and all together no more than 4,000,000.
    valid("flashes", 10_000, sum(flash));
    valid("ramps", MOST, sum(|at| format!("Ramp(from: \"1/s\", to: \"2/s\", over: \"{}ms\")", at + 1)));
    valid("stages", MOST, |count| {
        crowd(format!("Stages(start: \"1/s\", stages: [{}])", each(count, |at| format!("(\"1ms\", \"{}/s\")", at % 9))))
    });
    let sources = |count: usize| Parts {
        traffic: each(count, |at| {
            let rate = format!("Stages(start: \"1/s\", stages: [(\"{}ms\", \"2/s\"), (\"1ms\", \"1/s\")])", at + 1);
            format!("\"u{at}\": Open(rate: {rate}, call: \"a.page\")")
        }),
        ..Parts::default()
    };
    valid("sources", ENTRIES, sources);
}

#[test]
fn warnings_of_every_service() {
    let overloaded = |count: usize| Parts {
        services: each(count, |at| {
            format!("\"s{at}\": (on: [\"m\"], workers: 1, operations: {{ \"p\": [Delay(\"1s\")] }})")
        }),
        traffic: format!(
            "\"u\": Users(arrive: Constant(\"1000/s\"), journey: [{}])",
            each(count, |at| format!("Call(\"s{at}.p\")"))
        ),
        ..Parts::default()
    };
    valid("overloaded", ENTRIES - 1, overloaded);
    let checks = |count: usize| Parts {
        services: "\"b\": (on: [\"m\"], workers: 1, operations: { \"p\": [Cpu(\"1ms\")] }), ".to_owned()
            + &each(count, |at| {
                let link = "\"b\": (health: (every: \"1s\"))";
                format!("\"s{at}\": (on: [\"m\"], links: {{ {link} }}, operations: {{ \"p\": [Call(\"b.p\")] }})")
            }),
        ..Parts::default()
    };
    valid("health checks", ENTRIES - 2, checks);
    let patched = |count: usize| Parts {
        page: each(count, |_| "Cpu(\"1ms\")".to_owned()),
        rest: format!(
            "runbook: [{}]",
            each(190, |at| format!("At(\"{at}ms\", Set(\"services.a.workers\", {}))", at + 1))
        ),
        ..Parts::default()
    };
    valid("a runbook of patches", 600, patched);
}

/// Each finds its place at once, however many are there.
#[test]
fn instances_of_very_many_on_one_machine() {
    let placed = |count: usize| Parts {
        services: each(count, |at| {
            format!("\"s{at}\": (on: [\"m\"], instances: Count(1000), operations: {{ \"p\": [Cpu(\"1ms\")] }})")
        }),
        ..Parts::default()
    };
    let loaded = is_checked_in_time("instances", &placed(100).text()).expect("it is right");
    let model = std::sync::Arc::new(surgelab::model::Model::compile(&loaded).expect("it compiles"));
    let (began, before) = (Instant::now(), worked(Instant::now()));
    let sim = surgelab::engine::Simulation::new(model, 1);
    let took = worked(began).saturating_sub(before);
    assert!(sim.instances().count() >= 100_000);
    assert!(took < BOUND, "{took:?} for 100,000 instances");
}

#[test]
fn what_balancers_pass_on_is_counted() {
    let balancers = Parts {
        of_a: String::new(),
        services: format!(
            "\"b\": (on: [\"m\"], operations: {{ {} }}), {}",
            each(ENTRIES, |at| format!("\"p{at}\": [Cpu(\"1ms\")]")),
            each(ENTRIES - 2, |at| format!(
                "\"x{at}\": (kind: Balancer(to: \"b\"), on: [\"m\"], links: {{ \"b\": () }})"
            ))
        ),
        ..Parts::default()
    };
    let refused = is_checked_in_time("balancers", &balancers.text()).expect_err("it is too much");
    assert!(refused.contains("operations in all"), "{refused}");
}

/// Of names that are not there, the nearest are sought as long as somebody reads on.
#[test]
fn names_that_are_not_there() {
    let operations = |count: usize| each(count, |at| format!("\"zzzzzzzzzq{at}\": [Cpu(\"1ms\")]"));
    let calls = |call: fn(usize) -> String| move |count: usize| each(count, call);
    type Written = fn(usize) -> String;
    let wrong: [(&str, Written); 2] = [
        ("operations of a service", |at| format!("Call(\"a.zzzzzzzzzz{at}\")")),
        ("operations of nobody", |at| format!("Call(\"z{at}\")")),
    ];
    for (name, call) in wrong {
        let make = |count: usize| Parts {
            page: format!("{}], {} \"last\": [Cpu(\"1ms\")", calls(call)(count), operations(1_900)),
            ..Parts::default()
        };
        let refused = is_checked_in_time(name, &largest(MOST, &make)).expect_err("it is wrong");
        assert!(refused.contains("unknown operation"), "{name}: {refused}");
    }
    let subjects = Parts {
        services: each(15, |service| {
            let operations = each(1_900, |at| format!("\"{}{at}\": [Cpu(\"1ms\")]", "p".repeat(8)));
            format!("\"{}{service}\": (on: [\"m\"], operations: {{ {operations} }})", "s".repeat(8))
        }),
        rest: format!(
            "objectives: {{ {} }}",
            each(1_999, |at| format!("\"{}{at}\": [\"p(95) < 1s\"]", "x".repeat(40)))
        ),
        ..Parts::default()
    };
    let refused = is_checked_in_time("subjects", &subjects.text()).expect_err("it is wrong");
    assert!(refused.contains("unknown subject"), "{refused}");
}

#[test]
fn variants_of_a_file_in_which_much_is_unused() {
    let unused = |count: usize, variants: usize| Parts {
        services: each(count, |at| format!("\"s{at}\": (on: [\"m\"], operations: {{ \"p\": [Cpu(\"1ms\")] }})")),
        rest: format!(
            "variants: {{ {} }}",
            each(variants, |at| format!("\"v{at}\": (set: {{ \"services.a.workers\": {} }})", at + 1))
        ),
        ..Parts::default()
    };
    let checked = is_checked_in_time("variants", &unused(1_000, 30).text());
    assert!(checked.is_ok(), "{checked:?}");
    let nested = |count: usize| Parts {
        rest: format!(
            "variants: {{ \"v\": (set: {{ {} }}) }}",
            each(count, |at| format!("\"a{}\": 1", ".b".repeat(at)))
        ),
        ..Parts::default()
    };
    let refused = is_checked_in_time("paths in paths", &nested(900).text()).expect_err("they overlap");
    assert!(refused.contains("which variant `v` sets, too"), "{refused}");
}

/// A page looks up where each of its checks stands in the file: the file is read once for all of them.
#[test]
fn as_many_objectives_as_there_may_be() {
    let parts = Parts {
        page: format!(
            "Cpu(\"1ms\")], {} \"last\": [Cpu(\"1ms\")",
            each(990, |at| format!("\"p{at}\": [Cpu(\"1ms\")]"))
        ),
        rest: format!(
            "objectives: {{ {} }}",
            each(990, |at| format!("\"a.p{at}\": [\"p(95) < 1s\", \"failed < 1%\"]"))
        ),
        ..Parts::default()
    };
    let loaded = is_checked_in_time("objectives", &parts.text()).expect("it is right");
    let compiled = Compiled::new(loaded, None, None).expect("it compiles");
    let (began, before) = (Instant::now(), worked(Instant::now()));
    let answer = answer(StudySpec::Run, &compiled, Executor::Inline, &|_| {}).expect("it runs");
    let source = Some(Source { file: "x.ron", loaded: &compiled.base });
    let page = page(&answer, &Context { command: "", teaches: "", model: None, source });
    let took = worked(began).saturating_sub(before);
    assert!(page.checks.checks.iter().filter(|check| check.place.is_some()).count() >= 1_980);
    assert!(took < BOUND, "{took:?} for 1,980 objectives");
}
