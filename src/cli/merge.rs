//! `surgelab merge`: the answer of a study from the rows of its shards.

use super::args::MergeArgs;
use super::failure::Failure;
use super::outlet::Outlets;
use super::output::Terminal;
use crate::experiment::LoadFailure;
use crate::study::{self, Inconsistent, MergeFailure, Merged, RowsFile};
use std::fs;
use std::process::ExitCode;

/// Tells what one process would have told, with the same exit code.
pub fn merge(args: &MergeArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let outlets = Outlets::new(&args.outlet)?;
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for path in &args.files {
        let name = path.display().to_string();
        let content = fs::read(path).map_err(|error| Failure::io(format!("cannot read {name}"), error))?;
        match RowsFile::read(&name, &content) {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Inconsistent { problems, help: "merge files that --rows made".to_owned() });
    }
    let Merged { study, compiled } = study::merge(&files).map_err(|failure| match failure {
        MergeFailure::Inconsistent(Inconsistent { problems, help }) => Failure::Inconsistent { problems, help },
        // The files are what was given; what is wrong is in them.
        MergeFailure::Load(LoadFailure { name, problems, .. }) => {
            let problems = problems.iter().map(|problem| format!("{name} in their first line: {}", problem.message));
            Failure::Inconsistent {
                problems: problems.collect(),
                help: "merge files that --rows of this version made".to_owned(),
            }
        }
    })?;
    let answer = study.finish(None).expect("every point is there, and there is at least one");
    let command = files.first().map_or("", |file| &file.head.command);
    outlets.tell(&answer, command, Some(&compiled), terminal)
}
