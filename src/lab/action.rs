//! What a person can ask of the lab. Panels and the canvas emit actions and change nothing themselves.

use super::studies::Question;
use super::view::Comparison;
use crate::engine::Command;
use crate::host::{Lane, Stride};
use crate::layout::{Node, Point};
use crate::model::{GroupId, LinkId, ServiceId, SourceId};
use crate::scenario::Edit;
use crate::scenario::form::Template;
use crate::scenario::wiring::Ground;
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

/// What a run is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rival {
    /// What was opened, with this variant or with none.
    Variant(Option<String>),
    /// A scenario that comes along.
    BuiltIn(&'static str),
    /// A file that the person is asked for.
    AskForFile,
    /// A file.
    File(PathBuf),
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
    /// The second run takes the place of the first.
    KeepB,
    /// What was copied is put in.
    Paste(String),
    /// Show this run, and let commands go to it.
    Steer(Lane),
    /// A command for the run that is shown.
    Command(Command),
    /// The surge is held, or not any more, at that time on the wall in seconds.
    Surge(bool, f64),
    /// The same system with this variant (or none) applied, from now on.
    ApplyVariant(Option<String>),
    /// Ask this of the design that is shown, beside the run.
    Ask(Question),
    /// Give up what was asked; with nothing at work, put the answer away.
    Cancel,
    /// Show the page of an answer where the inspector is; none: the inspector again.
    ShowAnswer(Option<Question>),
    /// Keep the report of an answer, or with none that of the run so far, as a file.
    Export(Option<Question>),
    /// A second run beside the one that is shown, with the same crowd.
    CompareWith(Rival),
    /// How A and B are shown beside each other.
    Compare(Comparison),
    /// Where the bar between them stands, as a share of the canvas.
    MoveBar(f32),
    /// The other run is shown as long as this is so.
    Flip(bool),
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
    /// Show the list of all commands with this typed, or put it away.
    ShowPalette(Option<String>),
    /// Find a field of what is picked by the words of its meaning.
    FindField,
    /// Ask for a file.
    AskForFile,
    /// Run that file, with a variant or without; where it is the one that runs already, none: with the same.
    OpenFile(PathBuf, Option<String>),
    /// Run that built-in scenario, with a variant or without.
    OpenBuiltIn(&'static str, Option<String>),
    /// Run what is open again from its start, with this variant or none.
    OpenVariant(Option<String>),
    /// The scenario of the run that is shown is edited, all of it at once, from now on.
    Edit(Vec<Edit>),
    /// It is edited from the start: the run is played again up to where it is.
    EditFromStart(Vec<Edit>),
    /// The scenario is edited, all of it at once: from the start or from now on, whichever is set.
    Change(Vec<Edit>),
    /// Edits hold from the start, or from now on.
    SwitchHere,
    /// Something from the list of parts is put there; on free ground it stands about this point.
    Add(Template, Ground, Option<Point>),
    /// A service goes from one group of machines to another, or to one of its own; that stands about this point.
    Carry {
        /// Its name.
        service: String,
        /// The group it leaves.
        from: String,
        /// Where it goes.
        ground: Ground,
        /// The middle of what is new there.
        at: Option<Point>,
    },
    /// A service or source calls a service; none: the person is asked whom.
    Wire(String, Option<String>),
    /// The list of parts is shown, or not.
    ShowParts(bool),
    /// An empty scenario, to build one's own.
    New,
    /// What was done to the run, at this place among the changes, is done at another time; none: not at all.
    Revise(usize, Option<Time>),
    /// What was changed last is as before.
    Undo,
    /// What was undone last is done again.
    Redo,
    /// Keep a picture of the window, with what runs in it.
    Picture,
    /// Keep what was changed in a file of its own.
    Save,
    /// Ask how what was changed shall be saved, or no longer.
    AskToSave(bool),
    /// Write this text there, in the place of that one where it is what stands there.
    SaveText(PathBuf, String, Option<String>),
    /// The text of the scenario is this.
    Rewrite(String),
    /// The text of the scenario is shown, or not.
    ShowText(bool),
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
