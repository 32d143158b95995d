//! The command line: arguments, files, progress and exit codes. What is said comes from `report`.
//!
//! Results go to stdout or the file of `-o`, everything else to stderr. A reader that closes the pipe early got what it
//! wanted: that is no error.

mod args;
mod catalogue;
mod diff;
mod explain;
mod failure;
mod fields;
mod git;
mod interrupts;
mod lab;
mod link;
mod listed;
mod memory;
mod merge;
mod outlet;
mod output;
mod progress;
mod rows;
mod run;
mod shard;
mod source;
mod studies;
mod together;
mod web;

pub use lab::Lab;

use crate::plain;
use args::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

/// Do what the arguments say; without any, open the lab.
pub fn main(lab: Lab) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let terminal = output::Terminal::new(arguments.color, arguments.quiet);
    let done = match arguments.command {
        Some(command) => perform(command, lab, &terminal),
        None => lab::open(lab, None, None, &terminal),
    };
    match done {
        Ok(code) => code,
        Err(Failure::PipeClosed) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal.complain(&failure);
            failure.code()
        }
    }
}

/// Says what is wrong with the arguments, or what was asked to be told of them.
fn refuse(error: &clap::Error) -> ExitCode {
    let hidden = |word: std::ffi::OsString| word.to_string_lossy().contains(plain::is_hidden);
    if !error.use_stderr() || !std::env::args_os().any(hidden) {
        error.exit();
    }
    // Their signs stand in the message: it is shown without colour.
    let text = error.render().to_string();
    let _ = std::io::Write::write_all(&mut std::io::stderr(), plain::lines(&text).as_bytes());
    ExitCode::from(2)
}

fn perform(command: Command, lab: Lab, terminal: &output::Terminal) -> Result<ExitCode, Failure> {
    match command {
        Command::Run(args) => run::run(&args, terminal),
        Command::Capacity(args) => studies::capacity(&args, terminal),
        Command::Compare(args) => studies::compare(&args, terminal),
        Command::Diff(args) => diff::diff(&args, terminal),
        Command::Ladder(args) => studies::ladder(&args, terminal),
        Command::Recovery(args) => studies::recovery(&args, terminal),
        Command::Sensitivity(args) => studies::sensitivity(&args, terminal),
        Command::Pareto(args) => studies::pareto(&args, terminal),
        Command::Sweep(args) => studies::sweep(&args, terminal),
        Command::Merge(args) => merge::merge(&args, terminal),
        Command::Lab { scenario, variant } => lab::open(lab, scenario, variant, terminal),
        Command::Web(args) => web::web(&args, terminal),
        Command::Link(args) => link::link(&args, terminal),
        Command::Shot(args) => lab::shot(lab, &args, terminal),
        Command::Check { files } => catalogue::check(&files, terminal),
        Command::List { parts: true, .. } => catalogue::list_parts(terminal),
        Command::List { json: true, .. } => catalogue::list_json(terminal),
        Command::List { .. } => catalogue::list(terminal),
        Command::Show { scenario, expand } => catalogue::show(&scenario, expand, terminal),
        Command::Napkin { scenario, format } => catalogue::napkin(&scenario, format, terminal),
        Command::Schema(args) => studies::schema(args, terminal),
        Command::Fields { metrics: true, format, .. } => fields::metrics(format, terminal),
        Command::Fields { asked, metrics: false, format } => fields::fields(asked.as_deref(), format, terminal),
        Command::Explain { words, format } => explain::explain(&words, format, terminal),
        Command::Completions { shell } => catalogue::completions(shell, terminal),
    }
}
