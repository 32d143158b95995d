//! The columns of every table and place of a page, each with its meaning or the key of the figure that has it.

/// Where the meaning of a column stands.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// In the catalogue, by key.
    Key(&'static str),
    /// Here: unit and meaning.
    Here(&'static str, &'static str),
}

use super::studies::{
    OF_BINDS, OF_BRANCHES, OF_CHANGE, OF_CHOICES, OF_DESIGNS, OF_DIFFERENCES, OF_HOLDS, OF_LIMITS, OF_MISSED,
    OF_NUMBERS, OF_POINTS, OF_RUNGS, OF_SEARCHES,
};
use Source::{Here, Key};

/// Columns of a place, by the titles they bear in some medium.
pub(super) type Columns = &'static [(&'static str, Source)];

const OF_TRAFFIC: Columns = &[
    (
        "traffic",
        Here("", "A source; below it an operation, all calls to it, every attempt one; or the messages of a broker."),
    ),
    ("offered", Key("offered")),
    ("goodput", Key("goodput_per_s")),
    ("failed", Key("failed_share")),
    ("degraded", Key("degraded_share")),
    ("mean", Key("latency_s.mean")),
    ("p50", Key("latency_s.p50")),
    ("p95", Key("latency_s.p95")),
    ("p99", Key("latency_s.p99")),
    ("max", Key("latency_s.max")),
    (
        "fails as",
        Here("share", "The two most common reasons and their shares of the failures; one of 95 % or more alone."),
    ),
];

const OF_SESSIONS: Columns = &[
    ("sessions", Here("", "A source whose crowd makes journeys: `Users` or `Closed`.")),
    ("came", Key("came")),
    ("completed", Key("completed_share")),
    ("gave up", Key("gave_up_share")),
    ("still there", Key("still_there")),
    ("p50", Key("duration_s.p50")),
    ("p95", Key("duration_s.p95")),
    ("p99", Key("duration_s.p99")),
    ("gives up as", Here("share", "The most common reasons of the step that failed, with their shares.")),
];

const OF_STEPS: Columns = &[
    ("step", Here("", "A call of the journey: its source, its place among the calls, the operation.")),
    ("reached", Key("reached")),
    ("calls", Key("calls")),
    (
        "failed",
        Here(
            "share",
            "Calls that failed for good while their session was under way, retries included / calls made there.",
        ),
    ),
    ("gave up", Here("share", "Sessions that ended there / sessions that reached it.")),
    ("mean", Key("latency_s.mean")),
    ("p95", Key("latency_s.p95")),
    ("gives up as", Here("share", "The most common reasons of that call's failure, with their shares.")),
];

const OF_LOSSES: Columns = &[
    ("comes down to", Here("", "Where the causes end of what was full, down or out of reach; –: nobody was.")),
    ("share", Here("share", "Of all requests that failed or were degraded.")),
    ("lost", Here("", "Requests that failed or were degraded because of it, by when they ended.")),
    ("from", Here("", "When something was first lost because of it, to the second.")),
    ("until", Here("", "When something was last lost because of it.")),
    ("whose", Here("", "The sources, those that lost most first.")),
];

const OF_QUEUES: Columns = &[
    (
        "queue",
        Here(
            "",
            "What is waited for, all instances together: workers (their backlog), threads, a broker's queue, a pool, \
             places, a lock. A share of a CPU, a disk or a network is not waited for in line: see Resources. A line in \
             which nobody waited longer than no time is left out.",
        ),
    ),
    ("waited", Key("waited_share")),
    ("deepest", Key("deepest")),
    ("at", Key("deepest_at_s")),
    ("oldest", Key("oldest_s")),
    ("empty at", Key("empty_at_s")),
    ("drained in", Key("drain_s")),
    ("left", Key("left")),
];

const OF_RESOURCES: Columns = &[
    ("resource", Here("", "What can saturate; ×6: six of a kind and owner in one row.")),
    ("ρ", Key("offered_load")),
    ("ρ mean", Key("offered_load")),
    ("ρ max", Key("offered_load_max")),
    ("busy", Key("utilization_mean")),
    ("busiest", Key("utilization_max")),
    ("worst", Here("share", "Of the member that was used most: the most of it in use in any 10 s.")),
    ("max", Here("", "The most of the figure to the left: behind busy, in any 10 s; behind waiting, at one time.")),
    ("waiting", Key("waiting_mean")),
    ("refused", Key("refused")),
    ("saturated", Key("saturated_at_s")),
    ("for", Key("saturated_for_s")),
];

const OF_STORES: Columns = &[
    ("store", Here("", "Where entries are kept to be found again, all instances together.")),
    ("looks", Here("", "Found + missed.")),
    ("found", Here("share", "(Found + answered by what another was getting already) / looks.")),
    ("entries", Here("", "Mean number of entries over the horizon.")),
    (
        "of",
        Here(
            "",
            "The most entries of all instances together, the mean over the horizon, also while some are down; absent: without a limit.",
        ),
    ),
    ("filled", Here("", "Entries put there after a miss.")),
    ("put", Here("", "Entries put there, or again, by `Put`.")),
    ("evicted", Here("", "Entries that made room for others.")),
    ("expired", Here("", "Entries whose time was over, or that were taken out.")),
    ("written", Here("", "Entries given to be written elsewhere (`write_back`).")),
    ("lost", Here("", "Entries lost before that.")),
];

const OF_NAPKIN: Columns = &[
    ("resource", Here("", "What can saturate, as the story calls it.")),
    ("napkin", Here("", "What can saturate, as the story calls it.")),
    (
        "ρ at base",
        Here(
            "share",
            "Demand / capacity at the crowd's initial level: arrivals × visits × time held ÷ capacity, with every door \
             open, without retries and without waiting; the waiting is in ρ of Resources. Where that is 1 and more, but \
             full doors in front keep it below: what they let through. A worker that stays with its connection is held \
             while that is open; of connections that pools keep, those in use count.",
        ),
    ),
    ("ρ at peak", Here("share", "The same when most is asked of it, with the sessions that are present then.")),
    (
        "breaks at",
        Here(
            "",
            "The load at which it is full with what full doors let through, in the unit of those who come; × peak: \
             as a multiple of the file's own load when most is asked of it. *: workers or places whose holders \
             wait for something that is full sooner, and then hold them longer.",
        ),
    ),
    (
        "demand passes",
        Here(
            "s",
            "When demand first reaches capacity, every door open; rows stand in this order, then by what is needed.",
        ),
    ),
    ("simulated", Here("share", "Utilization of the run: busy / capacity.")),
    ("note", Here("", "What else theory says.")),
];

const OF_THEORY: Columns = &[
    ("station", Here("", "A service, as a station of queueing theory at the base load.")),
    ("model", Here("", "Kendall's notation: arrivals / service / servers / places; PS: processor sharing.")),
    ("predicted", Here("s", "Mean time of a call there by the formula of that model; and the share it refuses.")),
    ("simulated", Here("s", "The same, simulated.")),
    ("±", Here("share", "By how much of the predicted figure chance alone may part the two in a run of this length.")),
    ("verdict", Here("", "Whether the two agree within that; or why no formula applies.")),
];

const OF_POPULATIONS: Columns = &[
    ("population", Here("", "A closed source, bounded by asymptotic analysis (Muntz and Wong 1974).")),
    ("n", Here("", "How many there are; where that changes, at the start, and nothing is compared.")),
    (
        "n*",
        Here(
            "",
            "(D + Z) / Dmax: beyond so many they wait for each other, and where; D is what a journey is served, Z what it rests, Dmax its largest demand.",
        ),
    ),
    ("x at most", Here("1/s", "min(1 / Dmax, N / (D + Z)): journeys per second.")),
    ("x", Here("1/s", "Journeys per second, simulated: requests that succeeded / requests of a journey / horizon.")),
    ("r at least", Here("s", "max(D, N Dmax - Z): a journey without its rests.")),
    ("r, verdict", Here("s", "The same simulated: mean latency × requests of a journey; and whether the bounds hold.")),
];

const OF_OBJECTIVES: Columns = &[
    ("subject", Here("", "What is asked: a source, an operation, a resource or `cost`.")),
    ("objective", Here("", "As in the file; every metric is explained below.")),
    (
        "observed",
        Here(
            "",
            "The metric's value. Never: later than any bound. Nothing to observe: nobody came, or it was never there; that fails the run unless the objective ends with `optional`.",
        ),
    ),
    ("missed in", Here("", "Replications in which it was missed, and in which there was nothing to observe.")),
];

const OF_FIGURES: Columns = &[
    ("subject", Here("", "A source, or a resource and its like.")),
    ("figure", Here("", "Goodput, failed, degraded, completed, p95 as in a run; busy: utilization.")),
    ("mean", Here("", "Over the replications that have the figure.")),
    ("95 % interval", Here("", "Half width of Student's t-interval: t(0.975, n - 1) × s / √n.")),
    ("least", Here("", "The smallest of a replication.")),
    ("most", Here("", "The largest of a replication.")),
    ("of", Here("", "Replications that have the figure.")),
];

const OF_TIMELINE: Columns = &[
    ("offered", Here("1/s", "Requests that began in the point, per second of it.")),
    (
        "goodput",
        Here(
            "1/s",
            "Requests that ended well in the point, whenever they began, per second of it; degraded ones included.",
        ),
    ),
    ("degraded", Here("1/s", "Of those that ended in the point, those answered by a fallback, per second of it.")),
    ("failed", Here("1/s", "Requests that failed in the point, whenever they began, per second of it.")),
    ("p95", Here("s", "95 % of those that ended well in the point took no longer, whenever they began.")),
    (
        "waiting",
        Here(
            "",
            "Of a queue: most that waited at a look in the point, once per simulated second; Queues has the most at any \
             instant. A column of several points shows the most of them.",
        ),
    ),
    ("oldest", Here("s", "Of a queue (HTML, JSON, CSV): the longest that anybody in it had waited at a look.")),
    ("busy", Here("share", "Utilization of what saturated: the mean over the column; gaps: it was down.")),
    (
        "≤",
        Here(
            "",
            "The most of any point of the series, also \"up to\": the maximum in the JSON. A bar or a curve is the mean \
             over its column, of p95 and of who waited the most in it: the figure may be more than the highest bar.",
        ),
    ),
];

const OF_STORY: Columns = &[
    ("at", Here("s", "When it happened, as a clock that starts at 0: minutes:seconds.")),
    ("1▸", Here("", "Because of number 1; the numbers mark the timeline.")),
    (
        "for",
        Here(
            "s",
            "How long it lasted: of something saturated from the first member that filled until the last had room. \
             \"for\" in Resources is the member that was saturated longest.",
        ),
    ),
    (
        "in the first",
        Here(
            "s",
            "The span that the numbers beside it are of, from when it began; \"for\" of what was over when it was told.",
        ),
    ),
    ("saturated", Here("", "Full with somebody waiting: of what works (cores, disks, networks, threads).")),
    (
        "exhausted",
        Here("", "Full with somebody waiting or turned away: of what is held (workers, connections, pools)."),
    ),
    ("backs up", Here("", "Messages wait for those who consume them.")),
    (
        "waiting",
        Here("", "Mean number that waited in the span of the sentence; in Resources the mean and the most of the run."),
    ),
    ("fails", Here("", "More than 5 % of a crowd's requests fail.")),
    (
        "collapses",
        Here("", "Half or more of what ends fails for ten seconds on end, and goodput is half or less of what it was."),
    ),
    (
        "odds",
        Here(
            "",
            "In how many of the runs an objective was missed or the run ended early, and in how many goodput collapsed; \
             then between what that share of all runs lies (Wilson's 95 % interval).",
        ),
    ),
    ("degraded", Here("", "More than 5 % of a crowd's requests are answered by a fallback.")),
    (
        "recovered",
        Here(
            "",
            "In the JSON: the end of what was told, at the next that ended well after the last failure of it, or when a \
             resource had room again; in words what is so again. Single ones may fail on: then their share since stands \
             there. The objective `recovered` is another thing: it knows outages only, in which half or more fail.",
        ),
    ),
    ("causes", Here("", "In the JSON: positions in the story, from 0, of the events that brought it on.")),
    ("died", Here("", "A process is gone; in brackets why and how many of the service still serve.")),
    ("takes out", Here("", "A balancer or caller sends no calls to that target any more, for the reason given.")),
    ("begun from", Here("", "When the first of the requests began that ran out of time.")),
    ("by the end", Here("", "Where it goes on to the end: what failed of all that ended from its beginning on.")),
    (
        "arrivals 3×",
        Here(
            "",
            "Why ρ is what it is, against the first minutes before it rose: by what factor each of these changed it: \
             arrivals (requests, as many as lead there), attempts per call, cache misses (calls per request), demand per \
             call, capacity. Their product, capacity as a divisor, is the growth of ρ; small ones are left out.",
        ),
    ),
    ("more", Here("", "How often the same happened again because of the same, and when the last of them began.")),
    (
        "instead of",
        Here("/s", "What each target got before what was found wrong began, as long ago as it took to find it."),
    ),
];

/// Why a call or request failed.
const OF_REASONS: Columns = &[
    (
        "Refused",
        Here("", "The callee, or its machine, took it not: backlog, connections or descriptors full, or down."),
    ),
    ("Shed", Here("", "Turned away so that workers stay free for calls of higher priority.")),
    ("TimedOut", Here("", "No answer within the caller's timeout or the crowd's patience.")),
    ("PoolTimeout", Here("", "Waited too long for a kept connection or a slot of the link.")),
    ("Crashed", Here("", "Whoever worked at it died.")),
    ("Unreachable", Here("", "Nobody there to take it: the machine is gone, or nothing passes between the two.")),
    ("CircuitOpen", Here("", "The caller's breaker was open: it was not sent.")),
    ("RateLimited", Here("", "The caller's rate limit held it back.")),
    ("Abandoned", Here("", "Whoever asked had left already.")),
    ("Error", Here("", "The operation itself failed (`Fail`).")),
];

const OF_REQUESTS: Columns = &[
    (
        "slowest",
        Here(
            "",
            "Of the requests that were followed (at first all, later one in 16), those that took longest and succeeded: \
             the longest of all, `max` in Traffic, may not be among them.",
        ),
    ),
    ("typical", Here("", "Others that were followed and succeeded, spread over their latencies.")),
    ("degraded", Here("", "One that a fallback answered.")),
    ("failed", Here("", "One for each way to fail.")),
];

const OF_SYSTEM: Columns = &[
    (
        "→",
        Here(
            "1/s",
            "Calls from one to the other per second of the horizon, every attempt one, all instances together.",
        ),
    ),
    ("bar", Here("share", "Mean utilization of what was used most there; of ×n, the mean of all, not of the busiest.")),
];

const OF_BROKE_FIRST: Columns = &[(
    "broke first",
    Here(
        "",
        "What saturated first, in how many of the replications, and when: mean ± half width of its 95 % interval.",
    ),
)];

/// Every place with its columns.
pub(super) const PLACES: &[(&str, Columns)] = &[
    ("Traffic", OF_TRAFFIC),
    ("Sessions", OF_SESSIONS),
    ("Journey", OF_STEPS),
    ("Losses", OF_LOSSES),
    ("Queues", OF_QUEUES),
    ("Resources", OF_RESOURCES),
    ("Stores", OF_STORES),
    ("Objectives", OF_OBJECTIVES),
    ("Timeline", OF_TIMELINE),
    ("Story", OF_STORY),
    ("Reasons", OF_REASONS),
    ("System", OF_SYSTEM),
    ("Requests", OF_REQUESTS),
    ("Napkin", OF_NAPKIN),
    ("Theory", OF_THEORY),
    ("Populations", OF_POPULATIONS),
    ("Figures", OF_FIGURES),
    ("Broke first", OF_BROKE_FIRST),
    ("Holds", OF_HOLDS),
    ("Binds", OF_BINDS),
    ("Missed", OF_MISSED),
    ("Searches", OF_SEARCHES),
    ("Designs", OF_DESIGNS),
    ("Differences", OF_DIFFERENCES),
    ("Change", OF_CHANGE),
    ("Rungs", OF_RUNGS),
    ("Limits", OF_LIMITS),
    ("Branches", OF_BRANCHES),
    ("Numbers", OF_NUMBERS),
    ("Choices", OF_CHOICES),
    ("Points", OF_POINTS),
];
