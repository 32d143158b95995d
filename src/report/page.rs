//! A report before it has a form: what is told, in order, and where it is read. Every report is such a page; what makes
//! one knows no format, what renders one knows no results.

use crate::measure::results::{StoryEvent, TrafficSeries};
use crate::measure::story::StoryKind;
use maud::Markup;
use std::borrow::Cow;

/// Where a page is read. What suits one place may not suit another: a terminal is narrow, a document has no pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Columns of letters of one width.
    Terminal,
    /// Text that somebody else lays out: a pull request, a note.
    Document,
    /// A page with pictures.
    Browser,
}

/// Some media.
pub type Media = &'static [Medium];

/// All of them.
pub const EVERYWHERE: Media = &[Medium::Terminal, Medium::Document, Medium::Browser];
/// The terminal only.
pub const TERMINAL: Media = &[Medium::Terminal];
/// Documents only.
pub const DOCUMENT: Media = &[Medium::Document];
/// The browser only.
pub const BROWSER: Media = &[Medium::Browser];
/// Where the whole of a report is read rather than skimmed.
pub const SCREENS: Media = &[Medium::Terminal, Medium::Browser];

/// A report.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is about.
    pub title: String,
    /// What sets it apart from others of its title, for documents.
    pub subtitle: Option<String>,
    /// What came of it.
    pub verdict: Verdict,
    /// The command that makes it again.
    pub command: String,
    /// Every figure with every digit, for programs.
    pub figures: Figures,
    /// What was to hold, for programs.
    pub checks: Checks,
    /// Where a document is put again and again, what it is found by there: it takes the place of its like.
    pub marker: Option<String>,
    pub(super) blocks: Vec<(Media, Block)>,
    /// Blocks from here on are details, and what those are called.
    details: Option<(usize, Cow<'static, str>)>,
}

/// What came of it, in a sentence or two without a line break.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The sentences.
    pub text: String,
    /// Everything held; none: nothing was to hold, and something was lost.
    pub pass: Option<bool>,
}

/// A piece of a page.
#[derive(Clone, Debug)]
pub enum Block {
    /// Rows and columns.
    Table(Table),
    /// What happened and because of what.
    Story(Vec<StoryEvent>),
    /// Traffic over time.
    Chart(Chart),
    /// What was in use over time.
    Heat(Vec<Busy>),
    /// A few lines under a heading.
    Lines(Heading, Vec<String>),
    /// A sentence.
    Note(Note),
    /// Something drawn, for browsers only.
    Picture(Heading, Markup),
}

/// What a block is called, and how it is to be read.
#[derive(Clone, Debug)]
pub struct Heading {
    /// One or two words.
    pub name: Cow<'static, str>,
    /// May be empty.
    pub meaning: Cow<'static, str>,
}

/// What a sentence is for.
#[derive(Clone, Debug)]
pub enum Note {
    /// What the reader is about to learn.
    Lead(String),
    /// What was run.
    Facts(String),
    /// What was run, and the digest to compare it by.
    Made(String, String),
    /// A figure that needs no table, and its name.
    Figure(&'static str, String),
    /// What weakens the figures.
    Warning(String),
    /// What else there is to know.
    Remark(String),
}

/// Rows under a heading.
#[derive(Clone, Debug)]
pub struct Table {
    /// None where what stands before it says enough.
    pub heading: Option<Heading>,
    /// From left to right.
    pub columns: Vec<Column>,
    /// Whether the columns' titles are shown; what is not shown still makes room.
    pub titled: bool,
    /// A cell for every column.
    pub rows: Vec<Vec<Cell>>,
    /// What the table does not show.
    pub remark: Option<String>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// May be empty.
    pub title: Cow<'static, str>,
    /// Where its cells stand.
    pub side: Side,
}

/// Where the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Names.
    Left,
    /// Figures.
    Right,
    /// Sentences, at the left, that may be broken into lines.
    Words,
}

/// One cell and what it is.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// What it is.
    pub tone: Tone,
}

/// What a piece of text is, not what it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As everything around it.
    Plain,
    /// A title or heading.
    Strong,
    /// Labels, units and axes.
    Muted,
    /// Succeeded, held.
    Good,
    /// Failed, missed.
    Bad,
    /// Saturated, refusing.
    Hot,
    /// Asked for.
    Asked,
}

/// Traffic over time, one curve a source, and the turns of the story along it.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Seconds from the left to the right.
    pub horizon_s: f64,
    /// Seconds of a point of each line.
    pub every_s: f64,
    /// By source.
    pub curves: Vec<Curve>,
    /// What was in use at the same time.
    pub busy: Vec<Busy>,
    /// Who waited in line meanwhile, the deepest lines first.
    pub lines: Vec<InLine>,
    /// What marks the axis.
    pub story: Vec<StoryEvent>,
}

/// A source over time.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Its name.
    pub name: String,
    /// Requests in all.
    pub offered: u64,
    /// Its figures.
    pub series: TrafficSeries,
}

/// A line of those who wait, over time.
#[derive(Clone, Debug)]
pub struct InLine {
    /// What they wait for.
    pub name: String,
    /// Most that waited at a look in the point.
    pub waiting: Vec<Option<f32>>,
    /// The longest that anybody had waited, seconds.
    pub oldest_s: Vec<Option<f32>>,
}

/// The share in use of a resource over time.
#[derive(Clone, Debug)]
pub struct Busy {
    /// Subject of the story.
    pub name: String,
    /// Absent while it is down.
    pub utilization: Vec<Option<f32>>,
}

/// Figures for programs, one row each or several that belong together.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// A cell for every column; what is absent is empty.
    pub rows: Vec<Vec<String>>,
}

/// What was to hold, and whether it did.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// What all of them are about.
    pub suite: String,
    /// What there is to know beside them: names and values.
    pub properties: Vec<(String, String)>,
    /// Each of them.
    pub checks: Vec<Check>,
}

/// Something that was to hold.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// What it is about.
    pub subject: String,
    /// What was to hold.
    pub expression: String,
    /// Why it did not.
    pub failure: Option<String>,
    /// Why it could not be said, where that is no failure.
    pub skipped: Option<String>,
    /// How much it weighs that it did not hold.
    pub weight: Weight,
    /// The field of the scenario that it is about, where it is none of its objectives.
    pub field: Option<String>,
    /// Where that stands.
    pub place: Option<Place>,
}

/// How much something weighs that did not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Everything fails with it.
    #[default]
    Error,
    /// It is told.
    Warning,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its path as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
}

impl Check {
    /// What is to be told where it did not hold.
    pub fn words(&self) -> Option<String> {
        self.failure.as_ref().map(|why| format!("{}: expected {}, {why}", self.subject, self.expression))
    }
}

impl Figures {
    /// Rows under the names of their columns.
    pub fn new(columns: &[&str], rows: Vec<Vec<String>>) -> Figures {
        Figures { columns: columns.iter().map(|name| (*name).to_owned()).collect(), rows }
    }
}

impl Page {
    /// A page with nothing on it yet.
    pub fn new(title: &str, verdict: Verdict, command: &str) -> Page {
        Page {
            title: title.to_owned(),
            subtitle: None,
            verdict,
            command: command.to_owned(),
            figures: Figures::default(),
            checks: Checks::default(),
            marker: None,
            blocks: Vec::new(),
            details: None,
        }
    }

    /// One more block, for those who read it there. What has nothing in it is left out.
    pub fn put(&mut self, media: Media, block: impl Into<Block>) {
        let block = block.into();
        if !block.is_empty() {
            self.blocks.push((media, block));
        }
    }

    /// What is put from here on are details: a document folds them.
    pub fn fold(&mut self, name: impl Into<Cow<'static, str>>) {
        self.details = Some((self.blocks.len(), name.into()));
    }

    /// What is read in a medium, in order.
    pub fn blocks(&self, medium: Medium) -> impl Iterator<Item = &Block> {
        Self::within(&self.blocks, medium)
    }

    /// The same without details.
    pub fn main(&self, medium: Medium) -> impl Iterator<Item = &Block> {
        Self::within(&self.blocks[..self.details.as_ref().map_or(self.blocks.len(), |(from, _)| *from)], medium)
    }

    /// What the details are called, and they.
    pub fn details(&self, medium: Medium) -> Option<(&str, impl Iterator<Item = &Block>)> {
        let (from, name) = self.details.as_ref()?;
        Some((name, Self::within(&self.blocks[*from..], medium)))
    }

    fn within(blocks: &[(Media, Block)], medium: Medium) -> impl Iterator<Item = &Block> {
        blocks.iter().filter(move |(media, _)| media.contains(&medium)).map(|(_, block)| block)
    }
}

impl Block {
    fn is_empty(&self) -> bool {
        match self {
            Block::Table(table) => table.rows.is_empty() && table.remark.is_none(),
            Block::Story(story) => story.is_empty(),
            Block::Chart(chart) => chart.curves.is_empty(),
            Block::Heat(rows) => rows.is_empty(),
            Block::Lines(_, lines) => lines.is_empty(),
            Block::Note(note) => note.text().is_empty(),
            Block::Picture(_, drawing) => drawing.0.is_empty(),
        }
    }
}

impl Note {
    /// Its words.
    pub fn text(&self) -> &str {
        match self {
            Note::Lead(text)
            | Note::Facts(text)
            | Note::Made(text, _)
            | Note::Figure(_, text)
            | Note::Warning(text)
            | Note::Remark(text) => text,
        }
    }
}

impl Heading {
    /// A name, and how what follows is to be read.
    pub fn new(name: impl Into<Cow<'static, str>>, meaning: impl Into<Cow<'static, str>>) -> Heading {
        Heading { name: name.into(), meaning: meaning.into() }
    }

    /// Of the story, wherever it is told.
    pub(super) fn story() -> Heading {
        Heading::new("Story", "1▸ means because of 1; the numbers mark the timeline")
    }
}

impl Table {
    /// An empty table whose first `left` columns hold names and the others figures.
    pub fn new<T: Into<Cow<'static, str>> + Clone>(left: usize, titles: &[T]) -> Table {
        let column = |(at, title): (usize, &T)| Column {
            title: title.clone().into(),
            side: if at < left { Side::Left } else { Side::Right },
        };
        let columns = titles.iter().enumerate().map(column).collect();
        Table { heading: None, columns, titled: true, rows: Vec::new(), remark: None }
    }

    /// The last column holds sentences.
    #[must_use]
    pub fn last_words(mut self) -> Table {
        if let Some(last) = self.columns.last_mut() {
            last.side = Side::Words;
        }
        self
    }

    /// Under a heading.
    #[must_use]
    pub fn headed(mut self, name: &'static str, meaning: impl Into<Cow<'static, str>>) -> Table {
        self.heading = Some(Heading::new(name, meaning));
        self
    }

    /// With those rows, each of as many cells as there are columns.
    #[must_use]
    pub fn with<C: Into<Cell>>(mut self, rows: impl IntoIterator<Item = Vec<C>>) -> Table {
        for row in rows {
            debug_assert_eq!(row.len(), self.columns.len(), "a row has a cell for every column");
            self.rows.push(row.into_iter().map(Into::into).collect());
        }
        self
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell { text: text.into(), tone: Tone::Plain }
    }
}

/// A cell in a tone.
pub fn toned(tone: Tone, text: impl Into<String>) -> Cell {
    Cell { text: text.into(), tone }
}

impl From<Table> for Block {
    fn from(table: Table) -> Block {
        Block::Table(table)
    }
}

impl From<Note> for Block {
    fn from(note: Note) -> Block {
        Block::Note(note)
    }
}

impl From<Chart> for Block {
    fn from(chart: Chart) -> Block {
        Block::Chart(chart)
    }
}

/// What kind of turn an event of the story is.
pub(super) fn tone_of(event: StoryKind) -> Tone {
    match event {
        StoryKind::Saturated
        | StoryKind::Degraded
        | StoryKind::Refusing
        | StoryKind::Opened
        | StoryKind::Throttled
        | StoryKind::Retransmitting
        | StoryKind::Unhealthy
        | StoryKind::Emptied => Tone::Hot,
        StoryKind::Failing
        | StoryKind::Down
        | StoryKind::RetryStorm
        | StoryKind::Metastable
        | StoryKind::Stampede
        | StoryKind::Deadlock
        | StoryKind::Herd
        | StoryKind::Stopped => Tone::Bad,
        StoryKind::Recovered | StoryKind::Up | StoryKind::Healthy => Tone::Good,
        StoryKind::Closed | StoryKind::Pending | StoryKind::Evicting | StoryKind::Rule | StoryKind::Skipped => {
            Tone::Muted
        }
    }
}
