//! Comparison: pairs on the same crowd, whose differences are known far better than the figures themselves.

use crate::support::Draft;
use surgelab::experiment::Experiment;
use surgelab::scenario::Edit;
use surgelab::study::{self, Answer, ComparePlan, Compared, Comparison, Executor, StudySpec};

fn ask(draft: &Draft, with: &[&str], edits: Vec<Edit>, replications: u32) -> Result<Comparison, String> {
    let compiled = Experiment { edits, ..Experiment::new("test", draft.text()) }.compile().expect("it is a scenario");
    let plan = ComparePlan { variants: with.iter().map(|name| (*name).to_owned()).collect(), replications };
    match study::answer(StudySpec::Compare(plan), &compiled, Executor::Threads(2), &|_| {}) {
        Ok(Answer::Comparison(comparison)) => Ok(*comparison),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(format!("{} {:?}", failure.problems[0].message, failure.problems[0].help)),
    }
}

/// An M/M/1 queue, and one that is a tenth quicker, and one that is the same under another name.
fn queue() -> Draft {
    Draft::new(400.0)
        .warm_up(20.0)
        .station("app", 1, None, "exp(10ms)")
        .poisson(70.0, "app.serve")
        .objective("crowd", "p(95) < 120ms")
        .variant("quick", "set: { \"services.app.operations.serve\": [Delay(\"exp(9ms)\")] }")
        .variant("same", "set: { \"machines.box.cores\": 1 }")
}

fn p95(figures: &[Compared]) -> &Compared {
    figures.iter().find(|figure| figure.metric == "latency_p95_s").expect("there is one")
}

#[test]
fn a_difference_is_sharper_than_the_figures_and_nothing_differs_from_itself() {
    let compared = ask(&queue(), &[], Vec::new(), 8).expect("it can be asked");
    assert_eq!(compared.variants.len(), 2);
    let (base, quick, same) = (&compared.base, &compared.variants[0], &compared.variants[1]);
    // 95 % of an exponential time with mean 1 / (µ − λ).
    let exact = |service: f64| 20f64.ln() / (1.0 / service - 70.0);
    let difference = p95(&quick.figures).difference.expect("there are pairs");
    let half = difference.half_width.expect("of several pairs");
    assert!((difference.mean - (exact(0.009) - exact(0.010))).abs() < 2.0 * half, "{difference:?}");
    assert!(half < 0.7 * p95(&base.figures).value.unwrap().half_width.unwrap(), "the same crowd: {difference:?}");
    assert!(p95(&quick.figures).differs());
    assert!(same.figures.iter().all(|figure| !figure.differs() && figure.difference.is_none_or(|d| d.mean == 0.0)));
    assert!(base.figures.iter().all(|figure| figure.difference.is_none()));
    assert!(quick.held == 8 && compared.pass());
}

#[test]
fn edits_come_after_every_variant_and_what_is_named_is_compared() {
    let slow = vec![Edit::set("services.app.operations.serve", "[Delay(\"exp(5ms)\")]")];
    let compared = ask(&queue(), &["quick"], slow, 2).expect("it can be asked");
    assert_eq!(compared.variants.len(), 1);
    assert_eq!(p95(&compared.variants[0].figures).difference.unwrap().mean, 0.0, "what is set holds for both");
    let unknown = ask(&queue(), &["quik"], Vec::new(), 2).unwrap_err();
    assert!(unknown.contains("unknown variant `quik`") && unknown.contains("did you mean `quick`"), "{unknown}");
    let alone = Draft::new(10.0).station("app", 1, None, "1ms").poisson(1.0, "app.serve");
    assert!(ask(&alone, &[], Vec::new(), 2).unwrap_err().contains("no variants"));
}

#[test]
fn the_bytes_are_the_same_with_any_number_of_threads_and_read_back() {
    let compiled = Experiment::new("test", queue().text()).compile().expect("it is a scenario");
    let plan = ComparePlan { variants: Vec::new(), replications: 3 };
    let ask = |executor| {
        let answer = study::answer(StudySpec::Compare(plan.clone()), &compiled, executor, &|_| {}).expect("it runs");
        serde_json::to_string(&answer).unwrap()
    };
    let one = ask(Executor::Inline);
    assert_eq!(ask(Executor::Threads(3)), one);
    assert!(matches!(serde_json::from_str(&one), Ok(Answer::Comparison(_))));
}

#[test]
fn what_goes_down_where_nothing_saturates_breaks_first() {
    let draft = Draft::new(60.0)
        .machine("m", "count: 2, cores: 4")
        .service("a", "on: [\"m\"], operations: { \"o\": [Cpu(\"1ms\")] }")
        .poisson(50.0, "a.o")
        .rule("At(\"20s\", Crash(\"a\"))")
        .variant("calm", "set: { \"runbook\": [] }");
    let compared = ask(&draft, &[], Vec::new(), 2).expect("it can be asked");
    assert!(compared.base.first_broken.as_deref().is_some_and(|first| first.starts_with('a')), "{:?}", compared.base);
    assert_eq!(compared.variants[0].first_broken, None);
}
