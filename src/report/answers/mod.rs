//! The page of every answer.

mod capacity;
mod compare;
mod diff;
mod drawing;
mod headline;
mod interrupted;
mod ladder;
mod pareto;
mod places;
mod recovery;
mod replications;
mod sensitivity;
mod sweep;
mod words;

use super::page::Page;
use super::{Context, Format, run};
use crate::study::Answer;

/// The one page of an answer, whatever it will be rendered as.
pub fn page(answer: &Answer, context: &Context) -> Page {
    page_for(answer, context, None)
}

/// The same for one format, without what it would not show.
pub fn page_for(answer: &Answer, context: &Context, format: Option<Format>) -> Page {
    let mut page = match answer {
        Answer::Run(results) => run::page(results, context),
        Answer::Replications(answer) => replications::page(answer, context),
        Answer::Capacity(answer) => capacity::page(answer, context),
        Answer::Comparison(answer) => compare::page(answer, context),
        Answer::Ladder(answer) => ladder::page(answer, context),
        Answer::Recovery(answer) => recovery::page(answer, context),
        Answer::Sensitivity(answer) => sensitivity::page(answer, context),
        Answer::Pareto(answer) => pareto::page(answer, context),
        Answer::Sweep(answer) => sweep::page(answer, context, format),
        Answer::Diff(answer) => diff::page(answer, context),
    };
    if let Some(why) = answer.interrupted() {
        interrupted::mark(&mut page, answer, why);
    }
    if let Some(source) = context.source.as_ref().filter(|_| !page.checks.checks.is_empty()) {
        let lines = places::Lines::of(source);
        page.checks.checks.iter_mut().for_each(|check| check.place = lines.place(check));
    }
    page
}
