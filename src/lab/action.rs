//! What a person can ask of the lab. Panels and the canvas emit actions and change nothing themselves.

use crate::engine::Command;
use crate::host::{Lane, Stride};
use crate::layout::{Node, Point};
use crate::model::{GroupId, LinkId, ServiceId, SourceId};
use crate::scenario::Edit;
use crate::study::StudySpec;
use crate::units::Time;
use std::path::PathBuf;

/// What can be picked, and is then shown in full.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A crowd: all requests of a source.
    Source(SourceId),
    /// All instances of a service.
    Service(ServiceId),
    /// An instance, by its index in the engine.
    Instance(u32),
    /// A machine, by its index in the engine.
    Machine(u32),
    /// All machines of a group.
    Group(GroupId),
    /// A link.
    Link(LinkId),
    /// What saturates, by the name that the story uses: "rds.cpu".
    Resource(String),
    /// A kept request: its source and number.
    Request(SourceId, u64),
}

/// What somebody asked for.
#[derive(Clone, Debug)]
pub enum Action {
    /// Let time pass at the speed chosen, or stop it.
    PlayOrPause,
    /// Simulated seconds per second; infinite: as fast as can be.
    Speed(f64),
    /// The next speed up or down the ladder.
    Faster,
    /// See `Faster`.
    Slower,
    /// One step, then stand still.
    Step(Stride),
    /// Be at that time.
    Seek(Time),
    /// A second run that leaves the trunk at that time.
    Branch(Time),
    /// Give the second run up.
    Prune,
    /// Show this run, and let commands go to it.
    Steer(Lane),
    /// A command for the run that is shown.
    Command(Command),
    /// The same system with this variant (or none) applied, from now on.
    ApplyVariant(Option<String>),
    /// Answer this, beside the run.
    Study(StudySpec),
    /// Give the study up, or put its answer away.
    Cancel,
    /// Show this in full; none: nothing.
    Pick(Option<Subject>),
    /// Put it in the middle of the canvas as well.
    Reveal(Subject),
    /// Back to what was seen before something was brought into sight.
    Back,
    /// See everything.
    Fit,
    /// Zoom by a factor about a pixel of the canvas's window.
    Zoom(f32, Point),
    /// Move the canvas by so many pixels.
    Pan(Point),
    /// The person's own place for a box.
    Move(Node, Point),
    /// Keep the person's places in a file beside the scenario's.
    Keep,
    /// Dark or light.
    SwitchTheme,
    /// Panels, or the canvas alone.
    SwitchPanels,
    /// Nothing moves but what must.
    SwitchMotion,
    /// Show or hide the scenarios that come with the program.
    ShowGallery(bool),
    /// Ask for a file.
    AskForFile,
    /// Run that file, with a variant or without; where it is the one that runs already, none: with the same.
    OpenFile(PathBuf, Option<String>),
    /// Run that built-in scenario, with a variant or without.
    OpenBuiltIn(&'static str, Option<String>),
    /// Run what is open again from its start, with this variant or none.
    OpenVariant(Option<String>),
    /// A field gets a value in the run that is shown, from now on.
    Edit(Edit),
    /// A field gets a value from the start: the run is played again up to where it is.
    EditFromStart(Edit),
    /// What was changed last is as before.
    Undo,
    /// What was undone last is done again.
    Redo,
    /// Keep what was changed in a file of its own.
    Save,
    /// Run what was shown again with all that was done to it by hand, and be at that time.
    Restart(Time),
    /// Read the file that runs again.
    Reload,
    /// Make a link of what is shown: of the run with all that was done to it, at this moment.
    Share,
    /// Run what somebody shared by this link, and stand at its moment.
    OpenLink(String),
    /// Put the message or the problems away.
    Dismiss,
}
