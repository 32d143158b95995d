//! The `surgelab` binary: arguments to the command line or the lab.

use std::process::ExitCode;

#[cfg(feature = "cli")]
fn main() -> ExitCode {
    surgelab::cli::main()
}

#[cfg(not(feature = "cli"))]
fn main() -> ExitCode {
    eprintln!("this build of surgelab has no command line; build it with `--features cli`");
    ExitCode::FAILURE
}
