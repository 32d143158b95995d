//! A study that is ended before its end says so, with what is known, and nothing that the whole could contradict.

use crate::support::Draft;
use surgelab::experiment::{Compiled, Experiment};
use surgelab::report::{self, Context, Format, Look};
use surgelab::study::{
    self, Answer, Axis, CapacityPlan, Choices, ComparePlan, DiffPlan, DiffTerms, Executor, LadderPlan, Levels,
    ParetoPlan, RecoveryPlan, SensitivityPlan, StudySpec, SweepPlan,
};

const STEADY: CapacityPlan = CapacityPlan { surge: false, whole: false };
/// What only a study that came to its end may say.
const CONCLUSIONS: [&str; 14] = [
    "Some seeds have a limit",
    "Under some seeds it falls",
    "depends on the seed at every load",
    "There is no limit that numbers",
    "Nothing binds",
    "No load holds",
    "No design keeps",
    "keeps every objective",
    "keep every objective",
    "None of",
    "beaten by none",
    "Measure ",
    "nobody looked",
    "loses",
];

fn queue() -> Draft {
    Draft::new(60.0)
        .warm_up(5.0)
        .machine("box", "cores: 1, price: \"1/h\"")
        .service("app", "workers: 1, backlog: (limit: 20), operations: { \"serve\": [Delay(\"exp(10ms)\")] }")
        .poisson(50.0, "app.serve")
        .objective("crowd", "failed < 1%")
        .variant("quick", "set: { \"services.app.operations.serve\": [Delay(\"exp(5ms)\")] }")
        .variant("wide", "set: { \"services.app.workers\": 2 }")
}

fn compiled() -> Compiled {
    Experiment::new("test", queue().text()).compile().expect("it is a scenario")
}

/// Every study of many runs.
fn specs() -> Vec<StudySpec> {
    let choices = || Choices { axes: vec![Axis::parse("services.app.workers=1,2,3").expect("an axis")], zip: false };
    let terms = || DiffTerms { levels: Levels(Vec::new()), margin: 0.03 };
    vec![
        StudySpec::Replicate(6),
        StudySpec::Capacity(STEADY),
        StudySpec::Compare(ComparePlan { variants: Vec::new(), replications: 3 }),
        StudySpec::Sweep(SweepPlan { choices: choices(), replications: 2 }),
        StudySpec::Ladder(LadderPlan { capacity: STEADY, target: None, rungs: 2, relief: Vec::new() }),
        StudySpec::Sensitivity(SensitivityPlan {
            capacity: STEADY,
            of: vec!["services.app.workers".to_owned(), "services.app.operations".to_owned()],
            replications: 2,
        }),
        StudySpec::Pareto(ParetoPlan { choices: choices(), capacity: STEADY, replications: 2 }),
        StudySpec::Recovery(RecoveryPlan { push: Some(study::Push { times: 2.0, lasting_s: 10.0 }), replications: 3 }),
        StudySpec::Diff(DiffPlan { base: None, alone: None, replications: 3, whole: false, terms: terms() }),
    ]
}

/// The answer of a study that a signal ends once it has come so far; none: it had none yet.
fn ended_at(spec: &StudySpec, share: f64) -> Option<Answer> {
    let compiled = compiled();
    let halt = compiled.halt.clone();
    let hear = move |done: f64| {
        if done >= share {
            halt.now("interrupted by SIGINT");
        }
    };
    match study::answer(spec.clone(), &compiled, Executor::Inline, &hear) {
        Ok(answer) => Some(answer),
        Err(failure) => {
            let told = &failure.problems[0].message;
            assert!(told.contains("there is no answer: interrupted by SIGINT"), "{told}");
            None
        }
    }
}

fn told(answer: &Answer, format: Format) -> String {
    report::render(&report::page(answer, &Context::default()), answer, format, Look { color: false, width: 200 })
}

#[test]
fn what_is_interrupted_says_so_and_concludes_nothing() {
    for spec in specs() {
        let mut answers = 0;
        for share in [0.02, 0.1, 0.3, 0.5, 0.7, 0.9] {
            let Some(answer) = ended_at(&spec, share) else { continue };
            let Some(why) = answer.interrupted() else { continue };
            answers += 1;
            assert!(why.starts_with("interrupted by SIGINT, after "), "{why}");
            assert!(!answer.pass() && !answer.is_complete() && answer.is_sealed(), "{spec:?} at {share}");
            let text = told(&answer, Format::Text);
            assert!(text.contains("Interrupted by SIGINT, after") && text.contains("no answer yet"), "{text}");
            for wrong in CONCLUSIONS {
                assert!(!text.contains(wrong), "{spec:?} at {share} says {wrong:?}:\n{text}");
            }
            let junit = told(&answer, Format::Junit);
            assert!(junit.contains("runs to its end") && junit.contains("failures=\"1\""), "{junit}");
            let json = serde_json::to_string(&answer).expect("it is plain data");
            assert!(serde_json::from_str::<Answer>(&json).is_ok_and(|back| back.interrupted().is_some()), "{json}");
        }
        assert!(answers > 0, "{spec:?} was never interrupted");
    }
}

#[test]
fn the_bounds_of_what_was_interrupted_hold_in_the_end() {
    let capacity = StudySpec::Capacity(STEADY);
    let Some(Answer::Capacity(whole)) = ended_at(&capacity, 2.0) else { panic!("it has an answer") };
    assert!(whole.interrupted.is_none() && whole.near.is_none(), "a run is no shorter than the file's: {whole:?}");
    let (recovery, mut narrowed) = (specs().remove(7), 0);
    let Some(Answer::Recovery(up_and_down)) = ended_at(&recovery, 2.0) else { panic!("it has an answer") };
    let falls = up_and_down.falls_above.expect("it falls");
    for share in [0.05, 0.1, 0.2, 0.4] {
        if let Some(Answer::Capacity(part)) = ended_at(&capacity, share) {
            assert!(part.multiple.is_none() && part.binding.is_empty() && part.limits[0].holds.is_none(), "{part:?}");
            let both = whole.searches.iter().zip(&part.searches).filter(|(_, part)| part.runs > 0);
            let tried: Vec<f64> = both.filter_map(|(search, _)| search.limit()).collect();
            let known = |limit: &f64| part.holds_at.is_none_or(|low| low <= *limit * 1.011);
            assert!(tried.iter().all(known), "{part:?} of {tried:?}");
            assert!(tried.iter().all(|limit| part.fails_at.is_none_or(|high| high >= *limit / 1.011)), "{part:?}");
            narrowed += usize::from(part.holds_at.is_some() && part.fails_at.is_some());
        }
        if let Some(Answer::Recovery(part)) = ended_at(&recovery, share) {
            assert!(part.falls_above.is_none() && part.back_below.is_none() && part.falls_by.is_none(), "{part:?}");
            assert!(part.searched.holds_at.is_none_or(|low| low <= falls.max * 1.011), "{part:?}");
        }
    }
    assert!(narrowed > 0, "both sides were known at some time");
}

#[test]
fn a_study_that_was_ended_by_nothing_says_nothing_of_it() {
    let json = serde_json::to_string(&ended_at(&StudySpec::Replicate(2), 2.0)).expect("it is plain data");
    assert!(!json.contains("interrupted"), "{json}");
}
