//! The page of every answer.

mod capacity;
mod compare;
mod replications;

use super::page::Page;
use super::{Context, run};
use crate::study::Answer;

/// The one page of an answer, whatever it will be rendered as.
pub fn page(answer: &Answer, context: &Context) -> Page {
    match answer {
        Answer::Run(results) => run::page(results, context),
        Answer::Replications(answer) => replications::page(answer, context),
        Answer::Capacity(answer) => capacity::page(answer, context),
        Answer::Comparison(answer) => compare::page(answer, context),
    }
}
