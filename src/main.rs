//! The `surgelab` binary: arguments to the command line, and what needs a screen to the lab.

#[cfg(feature = "cli")]
fn main() -> std::process::ExitCode {
    surgelab::cli::main(surgelab::cli::Lab { open: lab::open, shot: lab::shot })
}

#[cfg(not(feature = "cli"))]
fn main() -> std::process::ExitCode {
    match lab::open(None, None) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}; this build has no command line either");
            std::process::ExitCode::FAILURE
        }
    }
}

/// The doors of a build with the lab.
#[cfg(feature = "lab")]
mod lab {
    /// Opens its window.
    pub fn open(scenario: Option<String>, variant: Option<String>) -> Result<(), String> {
        surgelab::lab::open(scenario, variant).map_err(|none| none.to_string())
    }

    /// Draws a picture.
    #[cfg(feature = "cli")]
    pub fn shot(wanted: &surgelab::shot::Shot) -> Result<Vec<u8>, String> {
        surgelab::lab::shot(wanted).map_err(|none| none.to_string())
    }
}

/// The same of a build without.
#[cfg(not(feature = "lab"))]
mod lab {
    const NONE: &str = "this build has no lab";

    pub fn open(_: Option<String>, _: Option<String>) -> Result<(), String> {
        Err(NONE.to_owned())
    }

    #[cfg(feature = "cli")]
    pub fn shot(_: &surgelab::shot::Shot) -> Result<Vec<u8>, String> {
        Err(format!("{NONE}: build it without --no-default-features"))
    }
}
