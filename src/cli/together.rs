//! Studies whose next points follow from results, with their runs shared between processes by a journal.

use super::failure::Failure;
use super::output::Terminal;
use super::run::On;
use crate::study::journal::{self, Journal, JournalFailure, PATIENCE, ShareFailure, Shared};
use crate::study::{Answer, StudySpec};
use crate::units::Span;
use std::path::Path;
use std::time::Duration;

/// The least patience with others: less is not enough to be sure of anything.
const LEAST: f64 = 0.1;

/// The answer, from what is in the folder and what comes to it meanwhile.
pub fn together(
    study: StudySpec,
    on: &On,
    folder: &Path,
    patience: Option<Span>,
    terminal: &Terminal,
) -> Result<Answer, Failure> {
    let patience = patience.map_or(PATIENCE, |span| Duration::from_secs_f64(span.as_seconds().max(LEAST)));
    let mut shared = Journal::open(folder, patience)?;
    let found = journal::answer(study, on.compiled, on.executor, on.progress, &mut shared);
    for note in shared.notes() {
        terminal.note(&note);
    }
    let Shared { answer, given, made } = found?;
    terminal.note(&format!("{}: {made} of {given} runs made here", folder.display()));
    Ok(answer)
}

impl From<JournalFailure> for Failure {
    fn from(failure: JournalFailure) -> Failure {
        match failure {
            JournalFailure::Io { what, error } => Failure::io(what, error),
            JournalFailure::Damaged(problem) => Failure::Inconsistent {
                problems: vec![problem],
                help: "remove that file, or name another folder".to_owned(),
            },
        }
    }
}

impl From<ShareFailure> for Failure {
    fn from(failure: ShareFailure) -> Failure {
        match failure {
            ShareFailure::Load(failure) => failure.into(),
            ShareFailure::Journal(failure) => failure.into(),
        }
    }
}
