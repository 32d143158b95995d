//! Where an answer goes: to stdout, or into files, each in its format, all of one run.

use super::args::Outlet;
use super::failure::{Failure, OBJECTIVES_FAILED};
use super::output::{Target, Terminal};
use super::source::file_of;
use crate::experiment::Compiled;
use crate::report::{Context, Format, Look, Source, page_for, render};
use crate::study::Answer;
use std::path::Path;
use std::process::ExitCode;

/// What stands for stdout.
const STDOUT: &str = "-";

/// Formats and files; none: stdout.
pub struct Outlets(Vec<(Format, Option<Target>)>);

impl Outlets {
    /// As asked, before anything is run.
    ///
    /// # Errors
    /// An ending stands for no format, two want one file, or a file cannot be written.
    pub fn new(asked: &Outlet) -> Result<Self, Failure> {
        if asked.output.is_empty() {
            return Ok(Self(vec![(asked.format.unwrap_or(Format::Text), None)]));
        }
        let mut known: Vec<(Format, Option<Target>)> = Vec::new();
        for output in &asked.output {
            let path = Some(output.path.as_path()).filter(|path| *path != Path::new(STDOUT));
            let format = output.format.or(asked.format).map_or_else(|| by_ending(path), Ok)?;
            let target = path.map(Target::open).transpose()?;
            let same = |known: &Option<Target>| match (known, &target) {
                (Some(known), Some(target)) => known.is_same(target),
                (None, None) => true,
                _ => false,
            };
            if known.iter().any(|(_, known)| same(known)) {
                return Err(Failure::Usage {
                    message: format!("two formats would be written to {}", output.path.display()),
                    help: "give each -o a file of its own".to_owned(),
                });
            }
            known.push((format, target));
        }
        Ok(Self(known))
    }

    /// The answer where it is wanted, as it is wanted, and the exit code of its verdict. `compiled` is what was run, if
    /// anything was.
    pub fn tell(
        self,
        answer: &Answer,
        command: &str,
        compiled: Option<&Compiled>,
        terminal: &Terminal,
    ) -> Result<ExitCode, Failure> {
        for (format, target) in self.0 {
            let context = Context {
                command,
                teaches: compiled.map_or("", |compiled| &compiled.loaded.scenario.teaches),
                model: compiled.filter(|_| format.has_pictures()).map(|compiled| &*compiled.model),
                source: compiled.map(|compiled| Source { file: file_of(&compiled.base.name), loaded: &compiled.base }),
            };
            let look = match target {
                Some(_) => Look { color: terminal.color(true), width: 100 },
                None => terminal.look(),
            };
            let text = render(&page_for(answer, &context, Some(format)), answer, format, look);
            let written = match target {
                Some(target) => target.write(text.as_bytes(), terminal),
                None => terminal.print(&text),
            };
            match written {
                Ok(()) | Err(Failure::PipeClosed) => {}
                Err(failure) => return Err(failure),
            }
        }
        // What stopped early was told as far as it came.
        Ok(match (answer.is_complete(), answer.pass()) {
            (false, _) => ExitCode::FAILURE,
            (true, true) => ExitCode::SUCCESS,
            (true, false) => ExitCode::from(OBJECTIVES_FAILED),
        })
    }
}

/// The format of a file's ending. An ending that stands for no format is an error; a file without one, such as a
/// device, gets text, and so does stdout.
fn by_ending(path: Option<&Path>) -> Result<Format, Failure> {
    let Some(ending) = path.and_then(|path| path.extension()).map(|ending| ending.to_string_lossy().to_lowercase())
    else {
        return Ok(Format::Text);
    };
    Format::by_ending(&ending).ok_or_else(|| {
        let endings = Format::ALL.iter().flat_map(|format| format.endings()).map(|ending| format!(".{ending}"));
        Failure::Usage {
            message: format!("no format is written to a file that ends in `.{ending}`"),
            help: format!("use {}, or say --format", endings.collect::<Vec<_>>().join(", ")),
        }
    })
}
