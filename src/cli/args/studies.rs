//! What can be asked of a scenario beside a run.

use super::super::shard::ShardArg;
use super::{BudgetArgs, Outlet, ScenarioArgs};
use crate::study::{self, Axis, Level, Levels, Target};
use crate::units::{Percent, Quantity, Span, UnitError};
use clap::Args;
use std::path::PathBuf;

/// What every study is asked with.
#[derive(Clone, Debug, Args)]
pub struct Asked {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Seed of the first run; others follow by ones [default: the scenario's]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Runs at once [default: one per core]
    #[arg(short, long, value_name = "J")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub jobs: Option<u16>,
    #[command(flatten)]
    pub budget: BudgetArgs,
    #[command(flatten)]
    pub outlet: Outlet,
}

/// Processes that share the runs of a study.
#[derive(Clone, Debug, Default, Args)]
pub struct JournalArgs {
    /// Share the runs with every process that is given this folder; each tells the same answer
    ///
    /// A folder that all of them can reach. Runs that are in it are not made again, by whatever study they were made.
    /// Each process has a file of its own there; one that was killed can be started again.
    #[arg(long, value_name = "FOLDER")]
    pub journal: Option<PathBuf>,
    /// Take over what a process began that has been silent for so long; the same for all of them [default: 15s]
    #[arg(long, value_name = "TIME", value_parser = span, requires = "journal")]
    pub patience: Option<Span>,
}

/// The first seed comes near its limit with short runs. What it then searches, and every other seed, is runs as long as
/// the file says, for what fills up slowly holds more in a short one; where that would bring more than 300,000 requests
/// a run is shorter. The answer says how long runs were; with --horizon all are that long.
#[derive(Clone, Debug, Args)]
pub struct CapacityArgs {
    #[command(flatten)]
    pub asked: Asked,
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Scale the file's crowd as it is over time, instead of a steady one
    #[arg(long)]
    pub surge: bool,
}

#[derive(Clone, Debug, Args)]
pub struct CompareArgs {
    #[command(flatten)]
    pub asked: Asked,
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Compare with this variant (repeatable) [default: all of the file's]
    #[arg(long, value_name = "VARIANT")]
    pub with: Vec<String>,
    /// Seeds, each of which gives a pair
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub replications: u32,
}

/// Base and head meet the same random numbers. An objective that base keeps and head loses, or a capacity that falls by
/// more than the margin, ends it with 99. Where base does not check, or its revision has no such file, head is judged
/// alone. BASE and HEAD are each a file, the name of a built-in scenario, a file of a git revision
/// (main:scenarios/shop.ron), or the saved JSON of `diff`, `run` or `capacity`.
#[derive(Clone, Debug, Args)]
#[command(mut_arg("scenario", |head| head.value_name("HEAD").help("What it is")))]
pub struct DiffArgs {
    /// What it was
    #[arg(value_name = "BASE")]
    pub base: String,
    #[command(flatten)]
    pub asked: Asked,
    /// Seeds, each of which gives a pair of runs
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(5..=1_000_000))]
    pub replications: u32,
    /// How much a loss weighs: OBJECTIVE=LEVEL with off, warn or error, such as 'visitors p(95) < 2s=warn',
    /// visitors=off or capacity=off (repeatable; the last that fits counts) [default: all error]
    #[arg(long = "level", value_name = "OBJECTIVE=LEVEL", value_parser = Levels::parse)]
    pub levels: Vec<(String, Level)>,
    /// By how much the capacity may fall
    #[arg(long, value_name = "SHARE", default_value = "3%", value_parser = share)]
    pub margin: f64,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse::<Percent>().map_err(|error: UnitError| error.to_string())?.base();
    if (0.0..1.0).contains(&share) { Ok(share) } else { Err("expected a share from 0% to 99%".to_owned()) }
}

/// What binds is made twice as large by its kind: the machines of a group that has several, else their cores; workers,
/// threads, connections, descriptors, a pool, places, memory, bandwidth. Prices grow along.
#[derive(Clone, Debug, Args)]
pub struct LadderArgs {
    #[command(flatten)]
    pub asked: Asked,
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Scale the file's crowd as it is over time, instead of a steady one
    #[arg(long)]
    pub surge: bool,
    /// Climb until this holds: 2x what the file expects, or 500 of the only source's unit
    #[arg(long, value_name = "LOAD", value_parser = target)]
    pub target: Option<Target>,
    /// Most rungs [default: 4, or one for each relief and one for the file]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub rungs: Option<u32>,
    /// Relieve by these variants instead, one upon the other: NAME,"NAME, WITH COMMA" (repeatable)
    #[arg(long, value_name = "VARIANT,..", value_parser = names)]
    pub relief: Vec<Names>,
}

/// Names given in a row.
pub type Names = Vec<String>;

fn names(text: &str) -> Result<Names, String> {
    Ok(study::names(text))
}

fn target(text: &str) -> Result<Target, String> {
    let expected = || "expected a multiple such as 2x, or a load such as 500".to_owned();
    let multiple = text.strip_suffix(['x', '×']);
    let number: f64 = multiple.unwrap_or(text).trim().parse().map_err(|_| expected())?;
    if !(number.is_finite() && number > 0.0) {
        return Err(expected());
    }
    Ok(if multiple.is_some() { Target::Multiple(number) } else { Target::Load(number) })
}

/// A run is well when nineteen of twenty requests are answered in its last tenth. Upwards nothing happens but the load;
/// downwards it follows an upset: the runbook of the file, or a push where there is none or one is asked for.
#[derive(Clone, Debug, Args)]
pub struct RecoveryArgs {
    #[command(flatten)]
    pub asked: Asked,
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Upset it by so many times the load that it holds [default: by the runbook; without one 1.5x]
    #[arg(long, value_name = "TIMES", value_parser = times)]
    pub push: Option<f64>,
    /// How long the push lasts [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = span, requires = "push")]
    pub lasting: Option<Span>,
    /// Seeds, each of which searches
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub replications: u32,
}

fn times(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix(['x', '×']).unwrap_or(text).trim().parse::<f64>().ok();
    number.filter(|times| times.is_finite() && *times > 0.0).ok_or_else(|| "expected a multiple such as 2x".to_owned())
}

fn span(text: &str) -> Result<Span, String> {
    text.parse().map_err(|error: UnitError| error.to_string())
}

/// Which numbers are assumed is what comments of the file and sources of its parts say: `// assumed: 8 ms a page`.
#[derive(Clone, Debug, Args)]
pub struct SensitivityArgs {
    #[command(flatten)]
    pub asked: Asked,
    #[command(flatten)]
    pub journal: JournalArgs,
    /// Scale the file's crowd as it is over time, instead of a steady one
    #[arg(long)]
    pub surge: bool,
    /// Move this number, or all inside it: services.app.operations (repeatable) [default: every assumed one]
    #[arg(long, value_name = "PATH")]
    pub of: Vec<String>,
    /// Seeds, each of which gives a pair of limits
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub replications: u32,
}

/// Each design is run with the file's own crowd, and its capacity is searched.
#[derive(Clone, Debug, Args)]
pub struct ParetoArgs {
    #[command(flatten)]
    pub asked: Asked,
    #[command(flatten)]
    pub journal: JournalArgs,
    #[command(flatten)]
    pub choices: ChoiceArgs,
    /// Scale the file's crowd as it is over time to find the capacity, instead of a steady one
    #[arg(long)]
    pub surge: bool,
    /// Runs of each design with the file's own crowd
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub replications: u32,
}

/// Every point is run with the same seeds. A list of fields makes a grid; with --zip their values go together.
#[derive(Clone, Debug, Args)]
pub struct SweepArgs {
    #[command(flatten)]
    pub asked: Asked,
    #[command(flatten)]
    pub choices: ChoiceArgs,
    /// Seeds of each point
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub replications: u32,
    #[command(flatten)]
    pub rows: RowsArgs,
}

/// Points that are written down as they are done, and shared between machines.
#[derive(Clone, Debug, Default, Args)]
pub struct RowsArgs {
    /// Write each point there as soon as it is done, a line of JSON each
    #[arg(long, value_name = "FILE.jsonl")]
    pub rows: Option<PathBuf>,
    /// Take up what that file has, and run what is left
    #[arg(long, requires = "rows")]
    pub resume: bool,
    /// Run this share of the points only, into --rows; `surgelab merge` makes the answer of all shares
    ///
    /// K/N or slice:K/N: every Nth point, from the Kth on. hash:K/N: by the point's name, so that it stays in its shard
    /// when others are added. auto: as the array job or the parallel job says that this is (Slurm, Kubernetes, AWS
    /// Batch, GitLab, CircleCI, Buildkite); auto/N where it does not say how many there are (Kubernetes).
    #[arg(long, value_name = "K/N|auto", requires = "rows", conflicts_with_all = ["format", "output"])]
    pub shard: Option<ShardArg>,
}

/// The files of the shards of one study, made by --shard and --rows, or a file of --rows alone.
#[derive(Clone, Debug, Args)]
pub struct MergeArgs {
    /// Files of rows, those of all shards
    #[arg(required = true, value_name = "FILE.jsonl")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub outlet: Outlet,
}

/// Of what designs are made.
#[derive(Clone, Debug, Args)]
pub struct ChoiceArgs {
    /// A field and its values: services.app.workers=5,10,20; variants: variant=file,NAME; or the crowd, so many times:
    /// load=0.5,1,2 (repeatable)
    #[arg(long, required = true, value_name = "PATH=VALUE,..", value_parser = Axis::parse)]
    pub over: Vec<Axis>,
    /// The first values of all go together, then the second ones, instead of every combination
    #[arg(long)]
    pub zip: bool,
}

/// Of which record.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub struct SchemaArgs {
    /// Of the scenario language instead
    #[arg(long)]
    pub scenario: bool,
    /// Of the results of --replications instead
    #[arg(long)]
    pub replications: bool,
    /// Of the results of capacity instead
    #[arg(long)]
    pub capacity: bool,
    /// Of the results of compare instead
    #[arg(long)]
    pub compare: bool,
    /// Of the results of diff instead
    #[arg(long)]
    pub diff: bool,
    /// Of the results of sweep instead
    #[arg(long)]
    pub sweep: bool,
    /// Of the results of recovery instead
    #[arg(long)]
    pub recovery: bool,
    /// Of the results of sensitivity instead
    #[arg(long)]
    pub sensitivity: bool,
    /// Of the results of pareto instead
    #[arg(long)]
    pub pareto: bool,
    /// Of the results of ladder instead
    #[arg(long)]
    pub ladder: bool,
}
