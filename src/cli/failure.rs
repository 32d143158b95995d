//! Why a command did not do what was asked, and the exit code that says so.

use crate::experiment::LoadFailure;
use crate::plain;
use crate::scenario::{Problem, render};
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

/// Exit code of a run that missed its objectives.
pub const OBJECTIVES_FAILED: u8 = 99;

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// Nobody reads on. Not an error.
    PipeClosed,
    /// A file cannot be read or written.
    Io { what: String, error: io::Error },
    /// What was asked makes no sense.
    Usage { message: String, help: String },
    /// The lab cannot do it here.
    Lab { message: String },
    /// Files do not make up one study.
    Inconsistent { problems: Vec<String>, help: String },
    /// The scenario cannot be run.
    Invalid { name: String, text: Arc<str>, problems: Vec<Problem> },
}

impl From<LoadFailure> for Failure {
    fn from(LoadFailure { name, text, problems }: LoadFailure) -> Failure {
        Failure::Invalid { name, text: text.into(), problems }
    }
}

impl Failure {
    /// A failure to read or write something.
    pub fn io(what: impl Into<String>, error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Failure::PipeClosed
        } else {
            Failure::Io { what: what.into(), error }
        }
    }

    /// 1 failed to run, 2 usage, 3 invalid scenario, 4 files that do not make up one study.
    pub fn code(&self) -> ExitCode {
        match self {
            Failure::PipeClosed => ExitCode::SUCCESS,
            Failure::Io { .. } | Failure::Lab { .. } => ExitCode::from(1),
            Failure::Usage { .. } => ExitCode::from(2),
            Failure::Invalid { .. } => ExitCode::from(3),
            Failure::Inconsistent { .. } => ExitCode::from(4),
        }
    }

    /// What to tell, with a line break at the end.
    pub fn text(&self, color: bool) -> String {
        match self {
            Failure::PipeClosed => String::new(),
            Failure::Io { what, error } => format!("error: {}: {error}\n", plain::message(what)),
            Failure::Lab { message } => format!("error: {}\n", plain::message(message)),
            Failure::Usage { message, help } => {
                format!("error: {}\nhelp: {}\n", plain::message(message), plain::message(help))
            }
            Failure::Inconsistent { problems, help } => {
                let told: String =
                    problems.iter().map(|problem| format!("error: {}\n", plain::message(problem))).collect();
                format!("{told}help: {}\n", plain::message(help))
            }
            Failure::Invalid { name, text, problems } => render(problems, name, text, color),
        }
    }
}
