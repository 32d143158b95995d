//! The `surgelab` binary: arguments to the command line, and no arguments to the lab.

use std::process::ExitCode;

#[cfg(feature = "cli")]
fn main() -> ExitCode {
    surgelab::cli::main(open_lab)
}

#[cfg(not(feature = "cli"))]
fn main() -> ExitCode {
    match open_lab() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}; this build has no command line either");
            ExitCode::FAILURE
        }
    }
}

/// Opens the lab until its window is closed, or says why that cannot be.
fn open_lab() -> Result<(), String> {
    #[cfg(feature = "lab")]
    {
        surgelab::lab::open().map_err(|none| none.to_string())
    }
    #[cfg(not(feature = "lab"))]
    {
        Err("this build has no lab".to_owned())
    }
}
