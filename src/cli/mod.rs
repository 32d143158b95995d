//! The command line: arguments, files, progress and exit codes. What is said comes from `report`.
//!
//! Results go to stdout or the file of `-o`, everything else to stderr. A reader that closes the pipe early got what it
//! wanted: that is no error.

mod args;
mod catalogue;
mod failure;
mod output;
mod progress;
mod run;
mod source;

use args::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

/// What `surgelab` runs when nothing is asked of it and there is no lab to open.
const DEFAULT_INCIDENT: &str = "codingame";

/// Do what the arguments say; without any, `open_lab` opens the lab or tells why it cannot.
pub fn main(open_lab: fn() -> Result<(), String>) -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = output::Terminal::new(arguments.color, arguments.quiet);
    let done = match arguments.command {
        Some(command) => perform(command, &terminal),
        None => without_command(open_lab, &terminal),
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

fn perform(command: Command, terminal: &output::Terminal) -> Result<ExitCode, Failure> {
    match command {
        Command::Run(args) => run::run(&args, terminal),
        Command::Check { files } => catalogue::check(&files, terminal),
        Command::List { parts: false } => catalogue::list(terminal),
        Command::List { parts: true } => catalogue::list_parts(terminal),
        Command::Show { scenario } => catalogue::show(&scenario, terminal),
        Command::Napkin { scenario, format } => catalogue::napkin(&scenario, format, terminal),
        Command::Schema { scenario, replications } => catalogue::schema(scenario, replications, terminal),
        Command::Fields { prefix, metrics, format } => catalogue::fields(prefix.as_deref(), metrics, format, terminal),
        Command::Completions { shell } => catalogue::completions(shell, terminal),
    }
}

/// The lab where there is one, else the default incident in the terminal.
fn without_command(open_lab: fn() -> Result<(), String>, terminal: &output::Terminal) -> Result<ExitCode, Failure> {
    match open_lab() {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(why) => {
            terminal.note(&format!("{why}; running the incident `{DEFAULT_INCIDENT}` here instead (`surgelab --help` tells the rest)"));
            run::run(&args::RunArgs::of(DEFAULT_INCIDENT), terminal)
        }
    }
}
