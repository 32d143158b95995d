//! Studies whose points are known beforehand: run here, or a shard of them, with their rows written down on the way.

use super::args::{Asked, RowsArgs};
use super::failure::Failure;
use super::output::Terminal;
use super::rows::Rows;
use super::run::Question;
use crate::study::{Listed, Partition, RowsHead, StudySpec, drive, no_answer};
use std::process::ExitCode;

/// Runs the study and tells its answer; of a shard only its rows are written, and the verdict is left to whoever merges
/// all of them.
pub fn listed(
    asked: &Asked,
    name: &str,
    spec: StudySpec,
    options: &[String],
    rows: &RowsArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let shard = rows.shard.map(|shard| shard.here(&|name| std::env::var(name).ok())).transpose()?;
    let question = Question::read(asked, name, options, false, terminal)?;
    let begun = spec.begin_listed(&question.compiled)?;
    let mut study = begun.expect("this kind of study knows its points");
    let partition = shard.unwrap_or(Partition::WHOLE);
    let head = RowsHead::new(&question.experiment, &question.compiled, &spec, &*study, partition, &question.command);
    let open = |path| Rows::open(path, rows.resume, &head, &mut *study);
    let mut file = rows.rows.as_deref().map(open).transpose()?;
    let left = study.select(partition);
    let ran = question.ask(terminal, |on| {
        let mut failure = None;
        let mut given = |study: &mut (dyn Listed + 'static)| {
            while let (None, Some(row)) = (&failure, study.just_done()) {
                failure = file.as_mut().and_then(|file| file.put(row).err());
            }
            failure.is_none()
        };
        let cut = drive(&mut *study, on.compiled, on.executor, on.progress, &mut given)?;
        failure.map_or(Ok(cut), Err)
    });
    if shard.is_some() {
        ran?;
        let mine = (0..study.points()).filter(|point| partition.has(*point, &study.name(*point))).count();
        terminal.note(&format!("shard {partition}: {mine} of {} points, {left} of them run now", study.points()));
        return Ok(question.ended_by().unwrap_or(ExitCode::SUCCESS));
    }
    let answer = ran.and_then(|cut| study.finish(cut).ok_or_else(|| no_answer(&question.compiled).into()));
    question.tell(answer, terminal)
}
