//! The columns of the tables that studies of many runs make.

use super::columns::Columns;
use super::columns::Source::Here;

pub(super) const OF_HOLDS: Columns = &[
    ("source", Here("", "Who comes: a source of the file.")),
    ("holds", Here("", "The largest load at which every objective held, mean over the seeds, in its unit.")),
    ("95 % interval", Here("", "Half width of Student's t-interval over the seeds: t(0.975, n - 1) × s / √n.")),
    ("unit", Here("", "Of the load: requests/s, sessions/s, or users at once.")),
    ("the file expects", Here("", "The load that the file brings, in the same unit.")),
];

pub(super) const OF_BINDS: Columns = &[
    (
        "resource",
        Here(
            "",
            "What saturates first in the smallest load at which an objective failed; where nothing does, what is busiest.",
        ),
    ),
    ("busy", Here("share", "Its utilization there, mean over the run and the seeds.")),
    ("seeds", Here("", "Seeds in which it was this one, of all.")),
];

pub(super) const OF_MISSED: Columns = &[
    ("subject", Here("", "What the objective is about.")),
    ("objective", Here("", "As in the file.")),
    ("observed", Here("", "Its value in the smallest load at which it was missed.")),
    ("seeds", Here("", "Seeds in which it was missed there, of all.")),
];

pub(super) const OF_SEARCHES: Columns = &[
    ("seed", Here("", "Root of the random draws of that search.")),
    ("holds at", Here("", "The largest multiple of what the file expects at which every objective held.")),
    ("fails at", Here("", "The smallest at which one did not.")),
    ("runs", Here("", "Runs that it took to find out.")),
];

pub(super) const OF_DESIGNS: Columns = &[
    ("design", Here("", "The file, or a variant of it.")),
    ("held", Here("", "Runs in which every objective held, of all.")),
    ("broke first", Here("", "What saturated first in most runs; where nothing did, what went down first.")),
    (
        "goodput",
        Here("1/s", "Of a source, mean over the runs. ▲ or ▼: more or less than the first row beyond its interval."),
    ),
    ("failed", Here("share", "Of a source, mean over the runs.")),
    ("degraded", Here("share", "Answered by a fallback; of a source, mean over the runs.")),
    ("got through", Here("share", "Sessions that got to the end of their journey, of those that are over.")),
    ("messages given up", Here("share", "Of a queue: given up or lost, of the messages that are over.")),
    ("p95", Here("s", "Of those that succeeded, of a source, mean over the runs.")),
    ("cost", Here("", "Machine hours times price, mean over the runs.")),
];

pub(super) const OF_DIFFERENCES: Columns = &[
    ("design", Here("", "A variant of the file.")),
    ("subject", Here("", "A source, or `cost`.")),
    ("figure", Here("", "Goodput, failed, degraded, got through, p95, messages given up or cost, as in Designs.")),
    ("mean", Here("", "Over the runs of that design.")),
    (
        "difference",
        Here(
            "",
            "Mean of each run minus that of the first design with the same seed ± half width of its 95 % interval.",
        ),
    ),
];

pub(super) const OF_RUNGS: Columns = &[
    ("rung", Here("", "From the file as it is upwards.")),
    (
        "relief",
        Here("", "What was put in to get there, upon everything above: what bound made twice as large, or a variant."),
    ),
    ("holds", Here("", "The largest load at which every objective held, of the first source: mean over the seeds.")),
    ("×", Here("", "That load / the most that the file expects at one time, ± half width of its 95 % interval.")),
    ("gain", Here("", "That load / the one of the rung before.")),
    ("binds", Here("", "What saturates first just above it in most seeds; where nothing does, what is busiest.")),
    ("cost/h", Here("", "What an hour costs at that load: machine hours times price.")),
];

pub(super) const OF_LIMITS: Columns = &[
    ("source", Here("", "Who comes; all sources grow together.")),
    ("falls above", Here("", "The largest steady load at which nineteen of twenty requests are answered in the end.")),
    ("back below", Here("", "The largest load at which that is so after the upset.")),
    ("unit", Here("", "What loads of the source are counted in.")),
    ("the file expects", Here("", "The most of it at one time.")),
];

pub(super) const OF_BRANCHES: Columns = &[
    ("load", Here("", "Multiple of what the file expects.")),
    ("branch", Here("", "up: nothing happens but the load; down: the load after the upset.")),
    ("seed", Here("", "Root of the random draws of that run.")),
    ("answered", Here("share", "Requests answered in the last tenth of the run / those offered then.")),
    ("in the end", Here("", "Well: nineteen of twenty were answered there.")),
    (
        "outage",
        Here("s", "From the first ten seconds in which fewer were answered to the last, where there was a last."),
    ),
];

pub(super) const OF_NUMBERS: Columns = &[
    ("number", Here("", "Where it stands in the file.")),
    ("now", Here("", "As it is written.")),
    ("lower", Here("", "A quarter less: of whole things that cannot be halved, one less at least.")),
    (
        "limit",
        Here(
            "share",
            "The largest load that holds with the lower value / that with the same seed of the file as it is, minus 1, ± \
             half width of its 95 % interval, which is 1 % at least: searches are no more exact. ▲ or ▼: more or less \
             than nothing beyond it.",
        ),
    ),
    ("higher", Here("", "A quarter more, likewise.")),
    ("the limit then", Here("share", "The same with the higher value.")),
];

pub(super) const OF_CHOICES: Columns = &[
    ("binds", Here("", "What saturates first just above its limit in most searches; else what is busiest.")),
    (
        "beaten by",
        Here("", "A design that costs no more, holds no less, survives as often, and is better in one of these."),
    ),
    ("holds", Here("", "The largest steady load at which every objective holds, by source.")),
    ("survived", Here("", "Runs with the file's own crowd in which every objective held, of all.")),
    ("95 % interval", Here("share", "Wilson's, of that share.")),
    ("cost/h", Here("", "What an hour costs with the file's own crowd: machine hours times price.")),
    (AXIS, Here("", "The value of that field, or the variant, in the design.")),
];

/// Stands for a column that is called as a field of the scenario is.
pub(super) const AXIS: &str = "field";

pub(super) const OF_POINTS: Columns = &[
    (AXIS, Here("", "The value of that field, or the variant, at the point.")),
    ("held", Here("", "Runs of the point in which every objective held, of all.")),
    ("broke first", Here("", "What saturated first in most runs; where nothing did, what went down first.")),
    ("goodput", Here("1/s", "Of a source, mean over the runs of the point.")),
    ("failed", Here("share", "Of a source, mean over the runs of the point.")),
    ("degraded", Here("share", "Answered by a fallback; of a source, mean over the runs of the point.")),
    ("got through", Here("share", "Sessions that got to the end of their journey, of those that are over.")),
    ("messages given up", Here("share", "Of a queue: given up or lost, of the messages that are over.")),
    ("p95", Here("s", "Of those that succeeded, of a source, mean over the runs of the point.")),
    ("cost", Here("", "Machine hours times price, mean over the runs of the point.")),
];

pub(super) const OF_CHANGE: Columns = &[
    ("what", Here("", "The largest load that holds, what binds above it, and each objective.")),
    ("subject", Here("", "A source, or `cost`.")),
    ("figure", Here("", "Goodput, failed, degraded, got through, p95, messages given up or cost.")),
    ("changed", Here("", "A field of the scenario that head says otherwise.")),
    (
        "before",
        Here(
            "",
            "In base: the limit, the mean over its runs, or in how many of them an objective was kept and what was observed.",
        ),
    ),
    ("after", Here("", "The same in head.")),
    (
        "difference",
        Here(
            "",
            "Mean of each run of head minus that of base with the same seed ± half width of its 95 % interval; of a limit, \
             as a share of the base's.",
        ),
    ),
];
