//! `surgelab link`, and what is told of a run that was opened from one.

use super::args::{LinkArgs, ScenarioArgs};
use super::failure::Failure;
use super::output::Terminal;
use super::source::{changed, compile, given};
use crate::experiment::Experiment;
use crate::host::digest_at;
use crate::measure::Results;
use crate::number::count;
use crate::scenario;
use crate::share::{Comments, Shared, Verdict};
use std::process::ExitCode;

/// Longer links are cut by some programs that people talk with.
const KEPT_WHOLE: usize = 2_000;

/// Runs it up to its moment, and prints the link.
pub fn link(args: &LinkArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let given = given(&args.scenario.scenario)?;
    let base = given.shared.map_or_else(|| Experiment::new(given.name, given.text), |shared| shared.experiment);
    let experiment = changed(&args.scenario, args.seed, base);
    let moment = args.at.or(experiment.moment);
    let experiment = Experiment { moment, ..experiment };
    let compiled = compile(&experiment)?;
    let loaded = &compiled.loaded;
    terminal.warn(|color| scenario::render(&loaded.warnings, &loaded.name, &loaded.text, color));
    let digest = digest_at(&experiment)?;
    let shared = Shared::new(Experiment { seed: Some(compiled.seed), ..experiment }, Some(digest));
    let comments = if args.comments { Comments::Kept } else { Comments::LeftOut };
    let fragment = shared.link(comments).map_err(|error| Failure::Lab { message: error.to_string() })?;
    if Shared::read(&fragment).is_ok_and(|read| read.lean) {
        terminal.note("comments of the file are left out (--comments takes them along)");
    }
    let page = args.page.as_deref().unwrap_or_default();
    let link = format!("{}#{fragment}", page.split('#').next().unwrap_or_default());
    if link.len() > KEPT_WHOLE {
        terminal.note(&format!("{} characters: some programs cut links after {KEPT_WHOLE}", count(link.len() as u64)));
    }
    terminal.print(&format!("{link}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether nothing but the link says what is run.
pub fn is_as_shared(args: &ScenarioArgs, seed: Option<u64>) -> bool {
    args.variant.is_none() && args.sets.is_empty() && args.horizon.is_none() && seed.is_none()
}

/// How a run compares with the one that was shared.
pub fn compare(shared: &Shared, results: &Results, terminal: &Terminal) -> Result<(), Failure> {
    let digest = match shared.experiment.moment {
        Some(_) => digest_at(&shared.experiment)?,
        None => u64::from_str_radix(&results.digest, 16).unwrap_or_default(),
    };
    let verdict = shared.verdict(digest);
    if verdict != Verdict::Unknown {
        terminal.note(&verdict.words());
    }
    Ok(())
}
