//! Messages as bytes, for a host on the other side of a browser's worker.
//!
//! The page compiles what it asked to be opened once more instead of being sent it; a model that a run has become
//! since goes over whole. Figures go by the names of their fields, as they are written to files; frames, which come 30
//! times a second, by position. Both ends are of one build: this is no format to be kept.

use super::frame::{Frame, Resource};
use super::message::{Lane, LoggedCommand, Request, Update};
use crate::experiment::{Compiled, Experiment, LoadFailure};
use crate::measure::Results;
use crate::model::Model;
use crate::scenario::Edit;
use crate::units::Time;
use rmp_serde::{decode, encode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What a message is, in its first byte.
const TOLD: u8 = 0;
const FRAME: u8 = 1;
/// Of the trunk, of the branch: a page that is hidden keeps only the last of each (`web/page.js`).
const REPORTS: [u8; 2] = [2, 3];

/// Why bytes are no message.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// It could not be written.
    #[error("a message could not be written: {0}")]
    Encoding(#[from] encode::Error),
    /// It could not be read.
    #[error("a message could not be read: {0}")]
    Decoding(#[from] decode::Error),
    /// Of an answer.
    #[error("an answer could not be read: {0}")]
    Answer(#[from] serde_json::Error),
    /// It does not follow from those before it.
    #[error("a message came out of turn: {0}")]
    OutOfTurn(&'static str),
}

/// A request as bytes.
///
/// # Errors
/// It holds what cannot be written.
pub fn encode_request(request: &Request) -> Result<Vec<u8>, WireError> {
    Ok(rmp_serde::to_vec_named(request)?)
}

/// The request again.
///
/// # Errors
/// These bytes are none.
pub fn decode_request(bytes: &[u8]) -> Result<Request, WireError> {
    Ok(rmp_serde::from_slice(bytes)?)
}

/// What is told but for frames and reports.
#[derive(Serialize, Deserialize)]
enum Told {
    Opened(Box<Opened>),
    /// None: as it was opened.
    Compiled(Lane, Option<Box<Became>>),
    LoadFailure(Arc<LoadFailure>),
    Logged(LoggedCommand),
    Progress(Time, Time),
    Withdrawn(Lane, u32),
    StudyBegun(Box<Opened>),
    StudyProgress(f32, Option<Duration>),
    StudyFailed(Arc<LoadFailure>),
    Compared(Box<Opened>),
    Studied(String),
    Branched(Time),
    Pruned,
    Done(Lane),
    Stopped(Lane, String),
    Died(String),
}

/// What was opened, as it was asked for.
#[derive(Serialize, Deserialize)]
struct Opened {
    name: String,
    text: Arc<str>,
    variant: Option<String>,
    edits: Vec<Edit>,
    seed: u64,
}

impl Opened {
    fn of(compiled: &Compiled) -> Self {
        Self {
            name: compiled.base.name.clone(),
            text: Arc::clone(&compiled.base.text),
            variant: compiled.variant.clone(),
            edits: compiled.edits.clone(),
            seed: compiled.seed,
        }
    }
}

/// What was compiled there, compiled here: the same.
fn compiled(opened: Opened) -> Result<Arc<Compiled>, WireError> {
    let Opened { name, text, variant, edits, seed } = opened;
    let experiment = Experiment { variant, edits, seed: Some(seed), ..Experiment::new(name, &*text) };
    let compiled = experiment.compile().map_err(|_| WireError::OutOfTurn("what runs there does not load here"))?;
    Ok(Arc::new(compiled))
}

/// What a run has become.
#[derive(Serialize, Deserialize)]
struct Became {
    variant: Option<String>,
    model: Model,
}

/// The host's end.
#[derive(Debug, Default)]
pub struct Encoder {
    opened: Option<Arc<Compiled>>,
    resources: Option<Arc<[Resource]>>,
}

impl Encoder {
    /// A message as bytes. Messages are read in the order in which they are written.
    ///
    /// # Errors
    /// It holds what cannot be written.
    pub fn encode(&mut self, update: Update) -> Result<Vec<u8>, WireError> {
        let told = match update {
            Update::Frame(frame) => return self.frame(*frame),
            Update::Report(lane, now, results) => {
                // When a sentence was found is in no file.
                let found: Vec<f64> = results.story.iter().map(|event| event.found_s).collect();
                return written(REPORTS[lane as usize], &(lane, now, found, results), true);
            }
            Update::Opened(opened) => {
                self.opened = Some(Arc::clone(&opened));
                Told::Opened(Box::new(Opened::of(&opened)))
            }
            Update::StudyBegun(asked) => Told::StudyBegun(Box::new(Opened::of(&asked))),
            Update::Compared(other) => Told::Compared(Box::new(Opened::of(&other))),
            Update::Compiled(lane, compiled) => {
                let same = self.opened.as_ref().is_some_and(|opened| Arc::ptr_eq(opened, &compiled));
                let became = || Became { variant: compiled.variant.clone(), model: Model::clone(&compiled.model) };
                Told::Compiled(lane, (!same).then(became).map(Box::new))
            }
            Update::LoadFailure(failure) => Told::LoadFailure(failure),
            Update::Logged(command) => Told::Logged(command),
            Update::Progress { at, goal } => Told::Progress(at, goal),
            Update::Withdrawn(lane, place) => Told::Withdrawn(lane, place),
            Update::StudyProgress { share, left } => Told::StudyProgress(share, left),
            Update::StudyFailed(failure) => Told::StudyFailed(failure),
            Update::Studied(answer) => Told::Studied(serde_json::to_string(&*answer)?),
            Update::Branched(at) => Told::Branched(at),
            Update::Pruned => Told::Pruned,
            Update::Done(lane) => Told::Done(lane),
            Update::Stopped(lane, reason) => Told::Stopped(lane, reason),
            Update::Died(why) => Told::Died(why),
        };
        written(TOLD, &told, true)
    }

    /// Resources that were told before are not told again.
    fn frame(&mut self, mut frame: Frame) -> Result<Vec<u8>, WireError> {
        let resources = std::mem::take(&mut frame.resources);
        let known = self.resources.as_ref().is_some_and(|known| Arc::ptr_eq(known, &resources));
        self.resources = Some(Arc::clone(&resources));
        written(FRAME, &(frame, (!known).then_some(resources)), false)
    }
}

fn written(kind: u8, what: &impl Serialize, named: bool) -> Result<Vec<u8>, WireError> {
    let mut bytes = vec![kind];
    if named {
        encode::write_named(&mut bytes, what)?;
    } else {
        encode::write(&mut bytes, what)?;
    }
    Ok(bytes)
}

/// The page's end.
#[derive(Debug, Default)]
pub struct Decoder {
    opened: Option<Arc<Compiled>>,
    resources: Arc<[Resource]>,
}

impl Decoder {
    /// The message again.
    ///
    /// # Errors
    /// These bytes are none that follows from those before.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Update, WireError> {
        let (kind, rest) = bytes.split_first().ok_or(WireError::OutOfTurn("it is empty"))?;
        match *kind {
            FRAME => {
                let (mut frame, resources): (Frame, Option<Arc<[Resource]>>) = rmp_serde::from_slice(rest)?;
                if let Some(resources) = resources {
                    self.resources = resources;
                }
                frame.resources = Arc::clone(&self.resources);
                Ok(Update::Frame(Box::new(frame)))
            }
            kind if REPORTS.contains(&kind) => {
                let (lane, now, found, mut results): (Lane, Time, Vec<f64>, Box<Results>) =
                    rmp_serde::from_slice(rest)?;
                results.story.iter_mut().zip(found).for_each(|(event, found_s)| event.found_s = found_s);
                Ok(Update::Report(lane, now, Arc::from(results)))
            }
            TOLD => self.told(rmp_serde::from_slice(rest)?),
            _ => Err(WireError::OutOfTurn("its kind is unknown")),
        }
    }

    fn told(&mut self, told: Told) -> Result<Update, WireError> {
        Ok(match told {
            Told::Opened(opened) => Update::Opened(self.opened(*opened)?),
            Told::Compiled(lane, became) => {
                let opened = self.opened.as_ref().ok_or(WireError::OutOfTurn("nothing was opened"))?;
                Update::Compiled(
                    lane,
                    match became {
                        None => Arc::clone(opened),
                        Some(became) => Arc::new(opened.after(&Arc::new(became.model), became.variant)),
                    },
                )
            }
            Told::LoadFailure(failure) => Update::LoadFailure(failure),
            Told::Logged(command) => Update::Logged(command),
            Told::Progress(at, goal) => Update::Progress { at, goal },
            Told::StudyBegun(asked) => Update::StudyBegun(compiled(*asked)?),
            Told::Compared(other) => Update::Compared(compiled(*other)?),
            Told::Withdrawn(lane, place) => Update::Withdrawn(lane, place),
            Told::StudyProgress(share, left) => Update::StudyProgress { share, left },
            Told::StudyFailed(failure) => Update::StudyFailed(failure),
            Told::Studied(answer) => Update::Studied(Arc::new(serde_json::from_str(&answer)?)),
            Told::Branched(at) => Update::Branched(at),
            Told::Pruned => Update::Pruned,
            Told::Done(lane) => Update::Done(lane),
            Told::Stopped(lane, reason) => Update::Stopped(lane, reason),
            Told::Died(why) => Update::Died(why),
        })
    }

    /// What runs there, compiled here: the same.
    fn opened(&mut self, opened: Opened) -> Result<Arc<Compiled>, WireError> {
        let compiled = compiled(opened)?;
        self.opened = Some(Arc::clone(&compiled));
        Ok(compiled)
    }
}
