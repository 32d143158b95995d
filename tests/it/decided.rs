//! Runs of a search end as soon as their verdict is certain, and it is the one that they would have had.

use crate::support::{Draft, compile};
use surgelab::experiment::Experiment;
use surgelab::measure::{Options, Recording, Results};
use surgelab::study::{self, Answer, Capacity, CapacityPlan, Executor, StudySpec};

/// Portions of a run, of events.
const PORTION: u64 = 5_000;

fn run(text: &str, seed: u64, until_decided: bool, portion: u64) -> Results {
    let mut recording = Recording::new(&compile(text), Options { seed, until_decided, ..Options::default() });
    while recording.advance(portion) {}
    recording.results()
}

fn station(rate: f64, room: Option<u32>) -> Draft {
    Draft::new(120.0).warm_up(5.0).station("app", 1, room, "exp(10ms)").poisson(rate, "app.serve")
}

/// Objectives that can be certain before the end, with the load around which they begin to be missed.
fn drafts(near: f64) -> Vec<Draft> {
    vec![
        station(70.0 * near, None).objective("crowd", "p(95) < 100ms"),
        station(93.0 * near, None).objective("crowd", "med < 100ms"),
        station(85.0 * near, Some(4)).objective("crowd", "failed < 20%"),
        station(60.0 * near, None).objective("crowd", "max < 250ms"),
        station(90.0 * near, Some(30)).objective("crowd", "p(90) < 200ms").objective("app.serve", "failed < 1%"),
    ]
}

fn holds(results: &Results) -> bool {
    results.objectives.iter().all(|objective| objective.pass)
}

#[test]
fn a_run_that_ends_early_has_the_verdict_of_the_whole() {
    let (mut early, mut verdicts, mut all) = (0, [0, 0], 0);
    for near in [0.3, 0.8, 0.95, 1.0, 1.05, 1.2, 2.0, 8.0] {
        for draft in drafts(near) {
            for seed in 1..=3 {
                let (cut, whole) = (run(&draft.text(), seed, true, PORTION), run(&draft.text(), seed, false, PORTION));
                assert_eq!(holds(&cut), holds(&whole), "{near}, seed {seed}: {:?}", cut.objectives);
                assert!(whole.decided_at_s.is_none() && cut.stopped.is_none());
                assert!(cut.decided_at_s.is_none_or(|at| at < 120.0));
                if let Some(at) = cut.decided_at_s {
                    early += 1;
                    verdicts[usize::from(holds(&whole))] += 1;
                    let hopeless = near >= 2.0 && draft.text().contains("p(95)");
                    assert!(!hopeless || at < 100.0, "what is hopeless is seen before the end: {at}, {near}");
                }
                all += 1;
            }
        }
    }
    assert!(early > all / 2 && verdicts.iter().all(|verdict| *verdict > 5), "{early} of {all}, {verdicts:?}");
}

#[test]
fn when_it_ends_depends_on_no_portion() {
    let text = station(140.0, None).objective("crowd", "p(95) < 100ms").text();
    let [one, other] = [700, u64::MAX].map(|portion| serde_json::to_string(&run(&text, 1, true, portion)).unwrap());
    assert_eq!(one, other);
}

#[test]
fn what_nobody_can_count_goes_on_to_its_end() {
    let users = Draft::new(120.0)
        .station("app", 1, None, "exp(10ms)")
        .source("crowd", "Users(arrive: Constant(\"200/s\"), journey: [Call(\"app.serve\")])")
        .objective("crowd", "p(95) < 100ms");
    let bursty = Draft::new(120.0)
        .station("app", 1, None, "exp(10ms)")
        .source("crowd", "Open(rate: Constant(\"200/s\"), batch: \"geometric(2)\", call: \"app.serve\")")
        .objective("crowd", "p(95) < 100ms");
    let changed =
        station(200.0, None).objective("crowd", "p(95) < 100ms").rule("At(\"60s\", ScaleTraffic(\"crowd\", 9.0))");
    let windows = station(200.0, None).objective("crowd", "worst 10s p(95) < 100ms");
    for draft in [users, bursty, changed, windows] {
        let results = run(&draft.text(), 1, true, PORTION);
        assert!(!holds(&results) && results.decided_at_s.is_none(), "{:?}", results.decided_at_s);
    }
}

#[test]
fn a_search_says_what_it_spared() {
    let draft = station(30.0, None).objective("crowd", "p(95) < 100ms");
    let compiled = Experiment::new("test", draft.text()).compile().expect("it is a scenario");
    let plan = StudySpec::Capacity(CapacityPlan { surge: false, whole: true });
    let answer = study::answer(plan, &compiled, Executor::Threads(2), &|_| {}).expect("it runs");
    let Answer::Capacity(capacity) = &answer else { panic!("{answer:?}") };
    let Capacity { spent, runs, .. } = &**capacity;
    assert!(spent.cut_short > 0 && spent.cut_short < *runs, "{spent:?} of {runs}");
    let whole = f64::from(*runs) * 120.0;
    assert!((spent.simulated_s + spent.saved_s - whole).abs() < 1e-6 && spent.saved_s > 60.0, "{spent:?} of {whole}");
    let context = surgelab::report::Context { command: "", teaches: "", model: None, source: None };
    let page = surgelab::report::page(&answer, &context);
    let look = surgelab::report::Look { color: false, width: 200 };
    let text = surgelab::report::render(&page, &answer, surgelab::report::Format::Text, look);
    assert!(text.contains(&format!("{} cut short once certain", spent.cut_short)), "{text}");
}
