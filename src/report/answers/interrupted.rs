//! An answer that was interrupted: it says so, and what is known so far, and concludes nothing.

use super::words::{capital, number_of};
use crate::number::figure;
use crate::report::page::{Check, Page, Verdict};
use crate::study::{Answer, Capacity, Comparison, Ladder, Pareto, Recovery, Sensitivity, Sweep};

/// Puts what there is to say in the place of a page's verdict and of its checks.
pub(super) fn mark(page: &mut Page, answer: &Answer, why: &str) {
    let known = known(answer);
    let known = if known.is_empty() { String::new() } else { format!(" So far: {known}.") };
    let text = capital(format!("{why}: there is no answer yet.{known}"));
    let check = Check {
        subject: answer.study().to_owned(),
        expression: "runs to its end".to_owned(),
        failure: Some(text.clone()),
        ..Check::default()
    };
    page.checks.checks = vec![check];
    page.verdict = Verdict { text, pass: Some(false) };
}

/// What the rest cannot contradict.
fn known(answer: &Answer) -> String {
    match answer {
        Answer::Run(_) | Answer::Diff(_) => String::new(),
        Answer::Replications(answer) => {
            format!("{} failed", number_of(answer.failed as usize, "run"))
        }
        Answer::Capacity(answer) => capacity(answer),
        Answer::Comparison(answer) => compared(answer),
        Answer::Sweep(answer) => swept(answer),
        Answer::Ladder(answer) => rungs(answer),
        Answer::Sensitivity(answer) => moved(answer),
        Answer::Pareto(answer) => weighed(answer),
        Answer::Recovery(answer) => recovery(answer),
    }
}

/// "between 0.39 and 0.41 times what the file expects"
fn between(low: Option<f64>, high: Option<f64>) -> Option<String> {
    Some(match (low, high) {
        (Some(low), Some(high)) => format!("between {} and {} times what the file expects", figure(low), figure(high)),
        (Some(low), None) => format!("above {} times what the file expects", figure(low)),
        (None, Some(high)) => format!("below {} times what the file expects", figure(high)),
        (None, None) => return None,
    })
}

fn of_seeds(seeds: usize) -> String {
    match seeds {
        1 => "the limit of the one seed that was tried lies".to_owned(),
        seeds => format!("the limits of the {seeds} seeds that were tried lie"),
    }
}

fn capacity(answer: &Capacity) -> String {
    let tried = answer.searches.iter().filter(|search| search.runs > 0).count();
    let between = between(answer.holds_at, answer.fails_at).map(|between| format!("{} {between}", of_seeds(tried)));
    between.unwrap_or_default()
}

fn compared(answer: &Comparison) -> String {
    let held = answer.designs().filter(|design| design.held == answer.replications).count();
    let designs = number_of(answer.variants.len() + 1, "design");
    format!("{held} of {designs} kept every objective in all {} runs", answer.replications)
}

fn swept(answer: &Sweep) -> String {
    let held = answer.rows.iter().filter(|row| row.pass(answer.head.replications)).count();
    format!("{held} of {} kept every objective", number_of(answer.rows.len(), "point"))
}

fn rungs(answer: &Ladder) -> String {
    let said = answer.rungs.iter().filter_map(|rung| {
        let binds = rung.binding.first()?;
        Some(format!("{} binds at {} times what the file expects", binds.subject, figure(rung.multiple?.mean)))
    });
    said.collect::<Vec<_>>().join(", then ")
}

fn moved(answer: &Sensitivity) -> String {
    let Some(multiple) = answer.multiple else { return String::new() };
    let holds = format!("it holds {} times what the file expects", figure(multiple.mean));
    match answer.numbers.first() {
        Some(first) => format!("{holds}; of the numbers that were moved {} moves that most", first.path),
        None => holds,
    }
}

fn weighed(answer: &Pareto) -> String {
    let safe = answer.designs.iter().filter(|design| design.survived.n == design.survived.of).count();
    let designs = number_of(answer.designs.len(), "design");
    format!("{safe} of {designs} kept every objective in all {} runs", answer.replications)
}

fn recovery(answer: &Recovery) -> String {
    let searched = &answer.searched;
    let up = between(searched.holds_at, searched.fails_at).map(|load| format!("it falls {load}"));
    let down = between(searched.back_at, searched.lost_at).map(|load| format!("it comes back up to a load {load}"));
    let known = [up, down].into_iter().flatten().collect::<Vec<_>>().join("; ");
    if known.is_empty() { known } else { format!("with the seeds that were tried {known}") }
}
