//! What can be asked.

mod budget;
mod studies;

pub use budget::BudgetArgs;
pub use studies::{
    Asked, CapacityArgs, ChoiceArgs, CompareArgs, DiffArgs, JournalArgs, LadderArgs, MergeArgs, ParetoArgs,
    RecoveryArgs, RowsArgs, SchemaArgs, SensitivityArgs, SweepArgs,
};

use crate::report::Format;
use crate::units::{Span, Time, UnitError};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// Find out where your architecture breaks before the crowd does.
#[derive(Debug, Parser)]
#[command(
    name = "surgelab",
    version,
    after_help = "Exit codes: 0 pass, 1 failed to run or met a limit, 2 usage, 3 invalid scenario, 4 files that do not make \
                  up one study, 99 objectives failed, 130 and 143 interrupted."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// No progress, no warnings
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate a scenario and tell what broke, when and because of what
    Run(RunArgs),
    /// Find the largest load that keeps the objectives, and what binds there
    Capacity(CapacityArgs),
    /// Tell what the variants of a scenario change, on the same crowd
    Compare(CompareArgs),
    /// Tell what a change does: base against head on the same crowd, and fail on what is lost
    Diff(DiffArgs),
    /// Find the capacity, relieve what binds, and find it again: what breaks first, second, third, at what load
    Ladder(LadderArgs),
    /// Find the load above which it falls, and the one below which it comes back
    Recovery(RecoveryArgs),
    /// Move each assumed number by a quarter: which one moves the capacity most, and is to be measured first
    Sensitivity(SensitivityArgs),
    /// Weigh designs: those that no other beats on cost, capacity and surviving the file's crowd
    Pareto(ParetoArgs),
    /// Run a grid, or a list, over fields and variants, and tell which points keep the objectives
    Sweep(SweepArgs),
    /// Make the answer of a sweep, or of replications, from the files of its shards
    Merge(MergeArgs),
    /// Open a scenario in the lab; without a display it runs here
    Lab {
        /// A file, the name of a built-in scenario, a link, or a picture of one [default: the first incident]
        #[arg(value_name = "FILE|NAME|LINK")]
        scenario: Option<String>,
        /// Apply a variant of the file
        #[arg(long, value_name = "NAME", requires = "scenario")]
        variant: Option<String>,
    },
    /// Print a link that opens as exactly this run, in the lab, in a browser or here
    Link(LinkArgs),
    /// Serve the lab for browsers that web/build made, to this computer only, and open it
    Web(WebArgs),
    /// Draw a moment of a run as a picture, without a window
    Shot(ShotArgs),
    /// Tell every problem of scenario files
    Check {
        /// Files, names of built-in scenarios, or - for stdin
        #[arg(required = true, value_name = "FILE|NAME")]
        files: Vec<String>,
    },
    /// List the built-in scenarios
    List {
        /// The parts that services can be like, instead
        #[arg(long)]
        parts: bool,
        /// The scenarios as JSON: name, title, what each teaches, its variants
        #[arg(long, conflicts_with = "parts")]
        json: bool,
    },
    /// Print a scenario, patched as asked, or a part: what it is, its numbers and where they come from
    ///
    /// A word that is no scenario finds parts: `surgelab show ruby`.
    Show {
        #[command(flatten)]
        scenario: ScenarioArgs,
        /// Fill in what its parts say, each value with where it comes from
        #[arg(long)]
        expand: bool,
    },
    /// Tell what theory says of a scenario, without simulating
    Napkin {
        #[command(flatten)]
        scenario: ScenarioArgs,
        #[arg(long, value_enum, default_value_t = TableFormat::Text)]
        format: TableFormat,
    },
    /// Print the JSON Schema of the results
    Schema(SchemaArgs),
    /// List the fields of the scenario language and the words of its texts
    Fields {
        /// A path (services.*.links), any word (retry), a topic (distributions), or an amount to draw ("exp(8ms)")
        #[arg(value_name = "PATH|WORD|TOPIC|AMOUNT")]
        asked: Option<String>,
        /// List the metrics of the results instead
        #[arg(long, conflicts_with = "asked")]
        metrics: bool,
        #[arg(long, value_enum, default_value_t = TableFormat::Text)]
        format: TableFormat,
    },
    /// Say what the figures of reports mean, with formula and unit
    Explain {
        /// Only what is called so, or speaks of all these words: goodput, p(95) session
        #[arg(value_name = "WORD")]
        words: Vec<String>,
        #[arg(long, value_enum, default_value_t = TableFormat::Text)]
        format: TableFormat,
    },
    /// Print a completion script
    Completions { shell: Shell },
}

/// Which scenario, and what to change in it.
#[derive(Clone, Debug, Args)]
pub struct ScenarioArgs {
    /// A file, the name of a built-in scenario, a link, a picture of one, or - for stdin
    #[arg(value_name = "FILE|NAME|LINK")]
    pub scenario: String,
    /// Apply a variant of the file
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// Put a value at a path: services.app.workers=50 (repeatable)
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = assignment)]
    pub sets: Vec<(String, String)>,
    /// How long to simulate: 10min
    #[arg(long, value_name = "TIME")]
    pub horizon: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Root of every random draw [default: the scenario's]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Run so many seeds, and tell means and 95 % intervals
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub replications: Option<u32>,
    /// Replications at once [default: one per core]
    #[arg(short, long, value_name = "J", requires = "replications")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub jobs: Option<u16>,
    #[command(flatten)]
    pub budget: BudgetArgs,
    #[command(flatten)]
    pub rows: RowsArgs,
    #[command(flatten)]
    pub outlet: Outlet,
}

/// Where an answer goes, and in which form.
#[derive(Clone, Debug, Default, Args)]
pub struct Outlet {
    /// [default: by the ending of -o, else text]
    #[arg(long, value_parser = formats())]
    pub format: Option<Format>,
    /// Write the results there, whole or not at all; - is stdout (repeatable: each in its format)
    #[arg(short, long, value_name = "[FORMAT=]FILE", value_parser = output)]
    pub output: Vec<Output>,
}

impl Outlet {
    /// Whether the answer is wanted in that format.
    pub fn has(&self, wanted: Format) -> bool {
        let ending = |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(wanted.name()));
        let of =
            |output: &Output| output.format.or(self.format).map_or(ending(&output.path), |format| format == wanted);
        if self.output.is_empty() { self.format == Some(wanted) } else { self.output.iter().any(of) }
    }
}

/// A file that an answer goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Absent: that of all, else that of its ending.
    pub format: Option<Format>,
    pub path: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub struct WebArgs {
    /// What web/build made
    #[arg(value_name = "FOLDER", default_value = "web/dist")]
    pub folder: PathBuf,
    /// Port to listen on; 0: any that is free
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Print the address and open no browser
    #[arg(long)]
    pub no_open: bool,
}

#[derive(Clone, Debug, Args)]
pub struct LinkArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Root of every random draw [default: the scenario's]
    #[arg(long)]
    pub seed: Option<u64>,
    /// The moment that is seen first: 20min [default: the beginning]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Time>,
    /// The address of a page with the lab, which the link then opens
    #[arg(long, value_name = "URL")]
    pub page: Option<String>,
    /// Take comments of a file along; the link is longer
    #[arg(long)]
    pub comments: bool,
}

#[derive(Clone, Debug, Args)]
pub struct ShotArgs {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The moment: 20min [default: the end]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Time>,
    /// Pixels across and down
    #[arg(long, value_name = "WxH", default_value = "1600x900", value_parser = extent)]
    pub size: (u32, u32),
    #[arg(long, value_enum, default_value_t = Theme::Dark)]
    pub theme: Theme,
    /// With the panels around the canvas
    #[arg(long)]
    pub panels: bool,
    /// Write the PNG there, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Theme {
    Dark,
    Light,
}

impl RunArgs {
    /// A plain run of a scenario.
    pub fn of(scenario: &str) -> RunArgs {
        let scenario = ScenarioArgs { scenario: scenario.to_owned(), variant: None, sets: Vec::new(), horizon: None };
        RunArgs {
            scenario,
            seed: None,
            replications: None,
            jobs: None,
            budget: BudgetArgs::default(),
            rows: RowsArgs::default(),
            outlet: Outlet::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    Text,
    Json,
    Markdown,
}

/// One of the formats of a report, by its name.
fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name)).try_map(|name| {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| format!("`{name}` is no format"))
    })
}

fn output(text: &str) -> Result<Output, String> {
    let known = text
        .split_once('=')
        .and_then(|(name, path)| Some((Format::ALL.into_iter().find(|format| format.name() == name)?, path)));
    let (format, path) = known.map_or((None, text), |(format, path)| (Some(format), path));
    if path.is_empty() {
        Err("expected a file, such as markdown=comment.md".to_owned())
    } else {
        Ok(Output { format, path: path.into() })
    }
}

fn moment(text: &str) -> Result<Time, String> {
    let span: Span = text.parse().map_err(|error: UnitError| error.to_string())?;
    Ok(Time(span.0))
}

/// Fewest and most pixels of a side.
const SIDES: std::ops::RangeInclusive<u32> = 64..=8_192;

fn extent(text: &str) -> Result<(u32, u32), String> {
    let sides =
        text.split_once(['x', '×']).and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    match sides {
        Some((width, height)) if SIDES.contains(&width) && SIDES.contains(&height) => Ok((width, height)),
        Some(_) => Err(format!("a side has {} to {} pixels", SIDES.start(), SIDES.end())),
        None => Err("expected WIDTHxHEIGHT in pixels, such as 1600x900".to_owned()),
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() => Ok((path.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected PATH=VALUE, such as services.app.workers=50".to_owned()),
    }
}
