//! A study driven together with others: known results are given, and of the runs that are wanted this process makes
//! those that nobody else does.

use super::super::driver::{conclude, no_answer, prepare};
use super::super::{Answer, Executor, Point, Study, StudySpec};
use super::{Journal, JournalFailure, RunKey};
use crate::experiment::{Compiled, LoadFailure};
use crate::measure::{Recording, Results};
use crate::model::hash::hash;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// Points that are wanted at a time at most, each waiting for a process.
const MOST_WANTED: usize = 128;
/// How often a process that has nothing to do looks for what others did.
const LOOK: Duration = Duration::from_millis(100);

/// An answer that several processes found.
#[derive(Clone, Debug)]
pub struct Shared {
    /// It.
    pub answer: Answer,
    /// Runs that it rests on.
    pub given: u32,
    /// Runs that were made by this process.
    pub made: u32,
}

/// Why a study was not driven to its end.
#[derive(Debug)]
pub enum ShareFailure {
    /// A point's edits do not fit the scenario.
    Load(LoadFailure),
    /// The journal is of no use.
    Journal(JournalFailure),
}

impl From<JournalFailure> for ShareFailure {
    fn from(failure: JournalFailure) -> Self {
        Self::Journal(failure)
    }
}

/// A point that is named and not given.
struct Wanted {
    point: Point,
    run: RunKey,
}

/// What the threads of this process have in common.
struct Work<'s> {
    study: &'s mut dyn Study,
    journal: &'s mut Journal,
    compiled: &'s Compiled,
    progress: &'s (dyn Fn(f64) + Sync),
    /// In the order of naming.
    wanted: VecDeque<Wanted>,
    /// What this process is running.
    running: Vec<RunKey>,
    given: u32,
    made: u32,
    /// Whether it came to the study's end.
    end: Option<Result<bool, ShareFailure>>,
}

/// The answer of a study, found together with everybody who uses the journal; all of them find the same. `progress`
/// hears the share done, 0 to 1.
///
/// # Errors
/// A point's edits do not fit the scenario, or the journal is of no use.
pub fn answer(
    study: StudySpec,
    compiled: &Compiled,
    executor: Executor,
    progress: &(dyn Fn(f64) + Sync),
    journal: &mut Journal,
) -> Result<Shared, ShareFailure> {
    let mut study = study.begin(compiled).map_err(ShareFailure::Load)?;
    let Driven { given, made, whole } = share(&mut *study, compiled, executor, progress, journal)?;
    let cut = (!whole).then(|| compiled.halt.reason().unwrap_or_else(|| "ended".to_owned()));
    let answer = study.finish(cut).ok_or_else(|| ShareFailure::Load(no_answer(compiled)))?;
    Ok(Shared { answer, given, made })
}

/// How far a study came.
struct Driven {
    given: u32,
    made: u32,
    /// To its end.
    whole: bool,
}

/// Runs a study to its end: how many results were given, and how many of them were made here.
fn share(
    study: &mut dyn Study,
    compiled: &Compiled,
    executor: Executor,
    progress: &(dyn Fn(f64) + Sync),
    journal: &mut Journal,
) -> Result<Driven, ShareFailure> {
    let wanted = VecDeque::new();
    let work = Work { study, journal, compiled, progress, wanted, running: Vec::new(), given: 0, made: 0, end: None };
    let crew = Crew { work: Mutex::new(work), news: Condvar::new() };
    std::thread::scope(|scope| {
        // Threads that cannot be had are done without.
        let _ = std::thread::Builder::new().spawn_scoped(scope, || crew.stay());
        for _ in 1..executor.width() {
            let _ = std::thread::Builder::new().spawn_scoped(scope, || crew.work());
        }
        crew.work();
    });
    match crew.work.into_inner() {
        Ok(work) => {
            let (given, made) = (work.given, work.made);
            work.end.unwrap_or(Ok(false)).map(|whole| Driven { given, made, whole })
        }
        // A poisoned lock means a thread panicked, and the scope passed that on before.
        Err(poisoned) => {
            let Work { given, made, .. } = *poisoned.get_ref();
            Ok(Driven { given, made, whole: false })
        }
    }
}

struct Crew<'s> {
    work: Mutex<Work<'s>>,
    news: Condvar,
}

impl Crew<'_> {
    /// Works until the study is at its end.
    fn work(&self) {
        let _leaving = Leaving(self);
        let Ok(mut work) = self.work.lock() else { return };
        while work.end.is_none() {
            if work.is_halted() {
                work.end = Some(Ok(false));
                break;
            }
            match work.step() {
                Err(failure) => work.end = Some(Err(failure)),
                Ok(Next::End) => work.end = Some(Ok(true)),
                Ok(Next::Wait) => {
                    let Ok((waited, _)) = self.news.wait_timeout(work, LOOK) else { return };
                    work = waited;
                }
                Ok(Next::Run(run, recording)) => {
                    drop(work);
                    let results = play(*recording);
                    let Ok(locked) = self.work.lock() else { return };
                    work = locked;
                    // What was cut short is no result of that run.
                    if !work.is_halted() {
                        work.put(&run, results);
                    }
                    self.news.notify_all();
                }
            }
        }
        self.news.notify_all();
    }

    /// Gives signs of life meanwhile.
    fn stay(&self) {
        let Ok(mut work) = self.work.lock() else { return };
        while work.end.is_none() {
            if let Err(failure) = work.journal.stay() {
                work.end = Some(Err(failure.into()));
                break;
            }
            let pause = work.journal.pause();
            let Ok((waited, _)) = self.news.wait_timeout(work, pause) else { return };
            work = waited;
        }
    }
}

fn play(mut recording: Recording) -> Results {
    recording.play(&mut |_| {});
    conclude(recording)
}

enum Next {
    Run(RunKey, Box<Recording>),
    Wait,
    End,
}

impl Work<'_> {
    /// A signal or the clock ends the study here.
    fn is_halted(&self) -> bool {
        self.compiled.halt.reason().is_some()
    }

    /// Names what is wanted, gives what is known, and says what is to be done next.
    fn step(&mut self) -> Result<Next, ShareFailure> {
        loop {
            self.journal.refresh()?;
            self.name()?;
            while self.give()? {
                self.name()?;
            }
            if self.wanted.is_empty() {
                return Ok(Next::End);
            }
            let mut news = false;
            for at in self.free() {
                let run = self.wanted[at].run.clone();
                if self.journal.claim(&run)? {
                    let (model, options) =
                        prepare(self.compiled, &self.wanted[at].point).map_err(ShareFailure::Load)?;
                    self.running.push(run.clone());
                    return Ok(Next::Run(run, Box::new(Recording::new(&model, options))));
                }
                // Then there is something to give, and others to name.
                news |= self.journal.has(&run);
            }
            if !news {
                return Ok(Next::Wait);
            }
        }
    }

    /// What nobody has and nobody makes, by position; each process begins elsewhere, so that few want the same.
    fn free(&self) -> Vec<usize> {
        let is_free =
            |run: &RunKey| !self.journal.has(run) && !self.running.contains(run) && !self.journal.is_taken(run);
        let turn = |run: &RunKey| hash(format!("{}{}{}", self.journal.own_name(), run.digest, run.seed).as_bytes());
        let wanted = self.wanted.iter().enumerate().filter(|(_, wanted)| is_free(&wanted.run));
        let mut free: Vec<(u64, usize)> = wanted.map(|(at, wanted)| (turn(&wanted.run), at)).collect();
        free.sort_unstable();
        free.into_iter().map(|(_, at)| at).collect()
    }

    fn name(&mut self) -> Result<(), ShareFailure> {
        while self.wanted.len() < MOST_WANTED {
            let points = self.study.next_points(MOST_WANTED - self.wanted.len());
            if points.is_empty() {
                break;
            }
            for point in points {
                let (model, options) = prepare(self.compiled, &point).map_err(ShareFailure::Load)?;
                let until_decided = options.until_decided;
                let run = RunKey { until_decided, ..RunKey::new(&model, options.variant, options.seed) };
                self.wanted.push_back(Wanted { point, run });
            }
        }
        Ok(())
    }

    /// Gives what is known, in the order of naming; whether there was anything.
    fn give(&mut self) -> Result<bool, ShareFailure> {
        let before = self.given;
        while let Some(first) = self.wanted.front()
            && let Some(results) = self.journal.results(&first.run)?
        {
            self.study.give(&first.point, results);
            self.wanted.pop_front();
            self.given += 1;
            (self.progress)((f64::from(self.given) / f64::from(self.study.length())).min(1.0));
        }
        Ok(self.given > before)
    }

    /// A run is done here.
    fn put(&mut self, run: &RunKey, results: Results) {
        self.running.retain(|running| running != run);
        self.made += 1;
        if let Err(failure) = self.journal.keep(run, results) {
            self.end = Some(Err(failure.into()));
        }
    }
}

/// Whoever leaves in a panic ends the work of those who would wait for it.
struct Leaving<'c, 's>(&'c Crew<'s>);

impl Drop for Leaving<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Ok(mut work) = self.0.work.lock() {
                let work: &mut MutexGuard<'_, Work<'_>> = &mut work;
                work.end = Some(Ok(false));
            }
            self.0.news.notify_all();
        }
    }
}
