//! What has a button, a place in a menu or a key: one table, so that buttons, tooltips, menus and keys say the same.

use super::action::{Action, Subject};
use super::sides::beside;
use super::state::{LabState, SPEEDS};
use super::studies::Question;
use super::view::Comparison;
use crate::host::{Lane, Phase, Stride};
use crate::layout::Point;
use crate::scenario::Edit;
use crate::units::{Span, Time};
use egui::{Key, KeyboardShortcut, Modifiers};

/// With what the palette finds everything that can be compared.
pub const AGAINST: &str = "Compare with ";

/// Something a person can do with one key or one click.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UiCommand {
    PlayOrPause,
    Rewind,
    ToTheKnown,
    StepEvent,
    StepSecond,
    StepTen,
    Back,
    Forth,
    FarBack,
    FarForth,
    Slower,
    Faster,
    Unbound,
    Branch,
    Prune,
    KeepB,
    OtherRun,
    Compare,
    CompareWith,
    Surge,
    Limit,
    Culprit,
    Fit,
    ZoomIn,
    ZoomOut,
    Theme,
    Panels,
    Motion,
    Gallery,
    Open,
    Reload,
    Undo,
    Redo,
    Save,
    Text,
    Parts,
    Wire,
    Duplicate,
    Delete,
    Here,
    New,
    Report,
    Picture,
    Palette,
    FindField,
    Share,
    Dismiss,
}

impl UiCommand {
    /// All of them, in the order they are listed for people.
    pub const ALL: [Self; 47] = [
        Self::PlayOrPause,
        Self::Rewind,
        Self::ToTheKnown,
        Self::StepEvent,
        Self::StepSecond,
        Self::StepTen,
        Self::Back,
        Self::Forth,
        Self::FarBack,
        Self::FarForth,
        Self::Slower,
        Self::Faster,
        Self::Unbound,
        Self::Branch,
        Self::Prune,
        Self::KeepB,
        Self::OtherRun,
        Self::Compare,
        Self::CompareWith,
        Self::Surge,
        Self::Limit,
        Self::Culprit,
        Self::Fit,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::Theme,
        Self::Panels,
        Self::Motion,
        Self::Gallery,
        Self::Open,
        Self::Reload,
        Self::Undo,
        Self::Redo,
        Self::Save,
        Self::Text,
        Self::Parts,
        Self::Wire,
        Self::Duplicate,
        Self::Delete,
        Self::Here,
        Self::New,
        Self::Report,
        Self::Picture,
        Self::Palette,
        Self::FindField,
        Self::Share,
        Self::Dismiss,
    ];

    /// Its name, which is that of its button.
    #[must_use]
    pub fn label(self, state: &LabState) -> &'static str {
        match self {
            Self::PlayOrPause if state.playing => "Pause",
            Self::PlayOrPause => "Play",
            Self::Rewind => "Rewind",
            Self::ToTheKnown => "To the end of what was simulated",
            Self::StepEvent => "Step one event",
            Self::StepSecond => "Step 1 s",
            Self::StepTen => "Step 10 s",
            Self::Back => "Back",
            Self::Forth => "Forward",
            Self::FarBack => "Jump back",
            Self::FarForth => "Jump forward",
            Self::Slower => "Slower",
            Self::Faster => "Faster",
            Self::Unbound => "Maximum speed",
            Self::Branch => "Try a change from here (B)",
            Self::Prune => "Discard B",
            Self::KeepB => "Keep B",
            Self::OtherRun if state.frame.lane == Lane::Branch => "Show A",
            Self::OtherRun => "Show B",
            Self::Compare => "Compare A and B",
            Self::CompareWith => "Compare with…",
            Self::Surge => "Surge ×2",
            Self::Limit => Question::Limit.label(),
            Self::Culprit => "Show the culprit",
            Self::Fit => "Fit",
            Self::ZoomIn => "Zoom in",
            Self::ZoomOut => "Zoom out",
            Self::Theme if state.view.dark => "Light theme",
            Self::Theme => "Dark theme",
            Self::Panels if state.view.panels => "Hide the panels",
            Self::Panels => "Show the panels",
            Self::Motion if state.view.still => "Full motion",
            Self::Motion => "Reduce motion",
            Self::Gallery => "Scenarios",
            Self::Open => "Open a file…",
            Self::Reload => "Reload",
            Self::Undo => "Undo",
            Self::Redo => "Redo",
            Self::Save => "Save what was changed",
            Self::Text if state.view.text => "Hide the text",
            Self::Text => "Show the text",
            Self::Parts if state.view.parts => "Hide the parts",
            Self::Parts => "Add a part",
            Self::Wire => "Wire to…",
            Self::Duplicate => "Duplicate",
            Self::Delete => "Delete",
            Self::Here if state.view.here => "Edits: from now on",
            Self::Here => "Edits: from the start",
            Self::New => "New scenario",
            Self::Report => "Save the report of the run",
            Self::Picture => "Save a picture",
            Self::Palette => "All commands",
            Self::FindField => "Find a field",
            Self::Share => "Share",
            Self::Dismiss => "Dismiss",
        }
    }

    /// What it does, for those who hesitate.
    #[must_use]
    pub const fn tooltip(self) -> &'static str {
        match self {
            Self::PlayOrPause => "Let time pass, or stop it",
            Self::Rewind => "Back to 0:00; what was simulated stays known",
            Self::ToTheKnown => "To the latest time that was simulated",
            Self::StepEvent => "The next event and all others of its instant, then stand still",
            Self::StepSecond => "One second of the run, then stand still",
            Self::StepTen => "Ten seconds of the run, then stand still",
            Self::Back => "A little earlier",
            Self::Forth => "A little later",
            Self::FarBack => "Much earlier",
            Self::FarForth => "Much later",
            Self::Slower => "The next speed down, to 2,000 times slower than life",
            Self::Faster => "The next speed up, to an hour in a second",
            Self::Unbound => "No pace: as many events as this computer can",
            Self::Branch => {
                "A second run, B, that leaves this one now: what you change goes to B, and both can be compared"
            }
            Self::Prune => "Give the second run up; A stays, and Redo makes the changes again",
            Self::KeepB => "B takes the place of A; what was changed can still be undone",
            Self::OtherRun => "Hold to show the other run, let go to come back; meanwhile commands go to it",
            Self::Compare => {
                "A and B in a table, then on both sides of a bar, then one alone; without a B, what to compare with"
            }
            Self::CompareWith => "A variant, a scenario or a file as B, with the same crowd",
            Self::Surge => {
                "Twice as many come from now on; held, twice as many again each second, and as many as before once let go"
            }
            Self::Limit => Question::Limit.tooltip(),
            Self::Culprit => "What most of what is lost now comes down to",
            Self::Fit => "See everything",
            Self::ZoomIn => "Nearer",
            Self::ZoomOut => "Further",
            Self::Theme => "Dark or light",
            Self::Panels => "Panels, or the canvas alone",
            Self::Motion => "Only what must move does",
            Self::Gallery => "The scenarios that come with surgelab",
            Self::Open => "Run a scenario file",
            Self::Reload => "Read the file again",
            Self::Undo => "What was changed last is as before; the run is played again up to here",
            Self::Redo => "What was undone last is done again",
            Self::Report => "What is known of the run by now as an HTML page beside the scenario",
            Self::Picture => "The window as a PNG that opens as this run at this moment",
            Self::Palette => "Every command, variant, scenario, question and box by its name",
            Self::FindField => "Among the fields of what is picked, by the words of their meaning",
            Self::Save => "A file of its own that does by itself what was done; the file that was opened stays",
            Self::Text => "The scenario's file beside the canvas; what is typed holds at once",
            Self::Parts => "Servers, databases, caches, queues, crowds: drag one onto the canvas",
            Self::Wire => "Let what is picked call a service",
            Self::Duplicate => "The same again, beside it",
            Self::Delete => "Take what is picked out, with what names it",
            Self::Here => "Whether an edit holds from the start of the run or from the present on",
            Self::New => "An empty canvas to build on",
            Self::Share => "Pause, and copy a link that opens as exactly this run at this moment",
            Self::Dismiss => "Close what is on top, then what is picked, then back to the view before",
        }
    }

    /// Under which heading it is listed.
    #[must_use]
    pub const fn group(self) -> &'static str {
        match self {
            Self::PlayOrPause
            | Self::Rewind
            | Self::ToTheKnown
            | Self::StepEvent
            | Self::StepSecond
            | Self::StepTen
            | Self::Back
            | Self::Forth
            | Self::FarBack
            | Self::FarForth
            | Self::Slower
            | Self::Faster
            | Self::Unbound => "Time",
            Self::Branch | Self::Prune | Self::KeepB | Self::OtherRun | Self::Compare | Self::CompareWith => "A and B",
            Self::Surge => "Time",
            Self::Limit | Self::Report => "Questions",
            Self::Picture => "Scenarios",
            Self::Culprit | Self::Fit | Self::ZoomIn | Self::ZoomOut | Self::Theme | Self::Panels | Self::Motion => {
                "View"
            }
            Self::Undo | Self::Redo | Self::Save | Self::Text | Self::Here => "Changes",
            Self::Parts | Self::Wire | Self::Duplicate | Self::Delete => "Build",
            Self::Gallery
            | Self::New
            | Self::Open
            | Self::Reload
            | Self::Share
            | Self::Palette
            | Self::FindField
            | Self::Dismiss => "Scenarios",
        }
    }

    /// Whether holding its key does it again and again.
    const fn goes_on(self) -> bool {
        matches!(
            self,
            Self::StepEvent
                | Self::StepSecond
                | Self::StepTen
                | Self::Back
                | Self::Forth
                | Self::FarBack
                | Self::FarForth
                | Self::ZoomIn
                | Self::ZoomOut
        )
    }

    /// Its key.
    #[must_use]
    pub const fn key(self) -> KeyboardShortcut {
        let (modifiers, key) = match self {
            Self::PlayOrPause => (Modifiers::NONE, Key::Space),
            Self::Rewind => (Modifiers::NONE, Key::Home),
            Self::ToTheKnown => (Modifiers::NONE, Key::End),
            Self::StepEvent => (Modifiers::NONE, Key::Period),
            Self::StepSecond => (Modifiers::NONE, Key::S),
            Self::StepTen => (Modifiers::SHIFT, Key::S),
            Self::Back => (Modifiers::NONE, Key::ArrowLeft),
            Self::Forth => (Modifiers::NONE, Key::ArrowRight),
            Self::FarBack => (Modifiers::SHIFT, Key::ArrowLeft),
            Self::FarForth => (Modifiers::SHIFT, Key::ArrowRight),
            Self::Slower => (Modifiers::NONE, Key::OpenBracket),
            Self::Faster => (Modifiers::NONE, Key::CloseBracket),
            Self::Unbound => (Modifiers::NONE, Key::Backslash),
            Self::Branch => (Modifiers::NONE, Key::B),
            Self::Prune => (Modifiers::SHIFT, Key::B),
            Self::KeepB => (Modifiers::SHIFT, Key::K),
            Self::OtherRun => (Modifiers::NONE, Key::X),
            Self::Compare => (Modifiers::NONE, Key::C),
            Self::CompareWith => (Modifiers::NONE, Key::A),
            Self::Surge => (Modifiers::NONE, Key::U),
            Self::Limit => (Modifiers::NONE, Key::L),
            Self::Culprit => (Modifiers::SHIFT, Key::C),
            Self::Fit => (Modifiers::NONE, Key::F),
            Self::ZoomIn => (Modifiers::NONE, Key::Equals),
            Self::ZoomOut => (Modifiers::NONE, Key::Minus),
            Self::Theme => (Modifiers::NONE, Key::T),
            Self::Panels => (Modifiers::NONE, Key::P),
            Self::Motion => (Modifiers::NONE, Key::M),
            Self::Gallery => (Modifiers::NONE, Key::G),
            Self::Open => (Modifiers::COMMAND, Key::O),
            Self::Reload => (Modifiers::COMMAND, Key::R),
            Self::Undo => (Modifiers::COMMAND, Key::Z),
            Self::Redo => (Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z),
            Self::Save => (Modifiers::COMMAND, Key::S),
            Self::Text => (Modifiers::NONE, Key::E),
            Self::Parts => (Modifiers::NONE, Key::Slash),
            Self::Wire => (Modifiers::NONE, Key::W),
            Self::Duplicate => (Modifiers::NONE, Key::D),
            Self::Delete => (Modifiers::NONE, Key::Delete),
            Self::Here => (Modifiers::NONE, Key::H),
            Self::New => (Modifiers::COMMAND, Key::N),
            Self::Report => (Modifiers::COMMAND, Key::E),
            Self::Picture => (Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::S),
            Self::Palette => (Modifiers::COMMAND, Key::K),
            Self::FindField => (Modifiers::COMMAND, Key::F),
            Self::Share => (Modifiers::COMMAND.plus(Modifiers::ALT), Key::C),
            Self::Dismiss => (Modifiers::NONE, Key::Escape),
        };
        KeyboardShortcut::new(modifiers, key)
    }

    /// Takes its key out of what was pressed, with exactly its modifiers as they were then: Ctrl+B is not B, and a key
    /// that was let go within the same picture counts. A key that is held moves on and on, and switches once.
    pub fn take_key(self, input: &mut egui::InputState) -> bool {
        let KeyboardShortcut { modifiers: wanted, logical_key } = self.key();
        let mut hit = false;
        input.events.retain(|event| {
            let &egui::Event::Key { key, pressed: true, repeat, modifiers, .. } = event else { return true };
            if key != logical_key || !modifiers.matches_exact(wanted) {
                return true;
            }
            hit |= !repeat || self.goes_on();
            false
        });
        hit
    }

    /// Its key in words: "Shift+S".
    #[must_use]
    pub fn key_text(self) -> String {
        let KeyboardShortcut { modifiers, logical_key } = self.key();
        let named = match logical_key {
            Key::ArrowLeft => "←",
            Key::ArrowRight => "→",
            Key::Escape => "Esc",
            other => other.symbol_or_name(),
        };
        let mut text = String::new();
        if modifiers.command {
            text.push_str("Ctrl+");
        }
        if modifiers.alt {
            text.push_str("Alt+");
        }
        if modifiers.shift {
            text.push_str("Shift+");
        }
        text + named
    }

    /// What is to be done, as things stand; nothing where it makes no sense. `middle` is that of the canvas in the
    /// window.
    #[must_use]
    pub fn actions(self, state: &LabState, middle: Point) -> Vec<Action> {
        let frame = &state.frame;
        let runs = state.opened.is_some();
        let stands = frame.phase != Phase::Seeking;
        let ahead = frame.now < state.horizon() && stands;
        let when = |possible: bool, action: Action| if possible { vec![action] } else { Vec::new() };
        match self {
            Self::PlayOrPause => when(runs, Action::PlayOrPause),
            Self::Rewind => when(runs && frame.now != Time(0), Action::Seek(Time(0))),
            Self::ToTheKnown => when(runs && frame.now < frame.known, Action::Seek(frame.known)),
            Self::StepEvent => when(runs && ahead, Action::Step(Stride::Event)),
            Self::StepSecond => when(runs && ahead, Action::Step(Stride::Span(Span(1_000_000_000)))),
            Self::StepTen => when(runs && ahead, Action::Step(Stride::Span(Span(10_000_000_000)))),
            Self::Back => state.hop(-1),
            Self::Forth => state.hop(1),
            Self::FarBack => state.hop(-10),
            Self::FarForth => state.hop(10),
            Self::Slower => when(state.speed > SPEEDS[0], Action::Slower),
            Self::Faster => when(state.speed < f64::INFINITY, Action::Faster),
            Self::Unbound => when(state.speed < f64::INFINITY, Action::Speed(f64::INFINITY)),
            Self::Branch => when(runs && state.branched.is_none() && stands, Action::Branch(frame.now)),
            Self::Prune => when(state.branched.is_some(), Action::Prune),
            Self::KeepB => when(state.can_keep(), Action::KeepB),
            Self::OtherRun => when(state.branched.is_some(), Action::Steer(beside(frame.lane))),
            Self::Compare => match (state.branched, state.view.comparison) {
                (None, _) => when(runs, Action::ShowPalette(Some(AGAINST.to_owned()))),
                (Some(_), Comparison::Off) => vec![Action::Compare(Comparison::Table)],
                (Some(_), Comparison::Table) => vec![Action::Compare(Comparison::Split)],
                (Some(_), Comparison::Split) => vec![Action::Compare(Comparison::Off)],
            },
            Self::CompareWith => when(runs, Action::ShowPalette(Some(AGAINST.to_owned()))),
            Self::Surge => state.scaled(2.0),
            Self::Limit => when(runs && state.studies.asked.is_none(), Action::Ask(Question::Limit)),
            Self::Report => when(state.figures().is_some(), Action::Export(None)),
            Self::Picture => when(runs, Action::Picture),
            Self::Palette => vec![Action::ShowPalette(Some(String::new()))],
            Self::FindField => when(state.picked.is_some(), Action::FindField),
            Self::Culprit => match state.culprit() {
                Some(subject) => vec![Action::Pick(Some(subject.clone())), Action::Reveal(subject)],
                None => Vec::new(),
            },
            Self::Fit => when(runs, Action::Fit),
            Self::ZoomIn => when(runs, Action::Zoom(1.25, middle)),
            Self::ZoomOut => when(runs, Action::Zoom(0.8, middle)),
            Self::Theme => vec![Action::SwitchTheme],
            Self::Panels => vec![Action::SwitchPanels],
            Self::Motion => vec![Action::SwitchMotion],
            Self::Gallery => vec![Action::ShowGallery(!state.view.gallery)],
            Self::Open => vec![Action::AskForFile],
            Self::Reload => when(runs || state.load_failure.is_some(), Action::Reload),
            Self::Undo => when(state.can_undo(), Action::Undo),
            Self::Redo => when(state.can_redo(), Action::Redo),
            Self::Save => when(runs && !state.changes().done.is_empty(), Action::AskToSave(true)),
            Self::Text => when(runs, Action::ShowText(!state.view.text)),
            Self::Parts => when(runs, Action::ShowParts(!state.view.parts)),
            Self::Wire => state.picked_caller().map_or_else(Vec::new, |from| when(runs, Action::Wire(from, None))),
            Self::Duplicate => {
                let path = state.picked_path().filter(|_| !matches!(state.picked, Some(Subject::Link(_))));
                path.map_or_else(Vec::new, |path| vec![Action::Change(vec![Edit::Duplicate { path, name: None }])])
            }
            Self::Delete => state.removal().map_or_else(Vec::new, |(edits, _)| vec![Action::Change(edits)]),
            Self::Here => when(runs, Action::SwitchHere),
            Self::New => vec![Action::New],
            Self::Share => when(runs && stands, Action::Share),
            Self::Dismiss => {
                if state.saving
                    || state.wiring.is_some()
                    || state.notice.is_some()
                    || state.load_failure.is_some()
                    || state.asking_for_path
                {
                    vec![Action::Dismiss]
                } else if state.view.palette.is_some() {
                    vec![Action::ShowPalette(None)]
                } else if state.studies.shown.is_some() {
                    vec![Action::ShowAnswer(None)]
                } else if state.picked.is_none() && state.view.comparison != Comparison::Off {
                    vec![Action::Compare(Comparison::Off)]
                } else if state.view.gallery {
                    vec![Action::ShowGallery(false)]
                } else {
                    when(state.picked.is_some(), Action::Pick(None))
                        .into_iter()
                        .chain(when(state.picked.is_none() && state.view.before.is_some(), Action::Back))
                        .collect()
                }
            }
        }
    }
}
