//! How the main figures of runs are called and said, the same on every page.

use crate::number::{figure, length, percent, seconds};
use crate::study::{GIVEN_UP, Spent, WarmUp};

/// How a number is said.
pub(super) type Say = fn(f64) -> String;

/// How a figure is called, and how its value and a difference of it are said.
pub(super) fn said(metric: &str) -> (&'static str, Say, Say) {
    match metric {
        "goodput_per_s" => ("goodput", |v| format!("{}/s", figure(v)), |v| format!("{}/s", figure(v))),
        "failed_share" => ("failed", percent, points),
        "degraded_share" => ("degraded", percent, points),
        "completed_share" => ("got through", percent, points),
        GIVEN_UP => ("messages given up", percent, points),
        "latency_p95_s" => ("p95", seconds, seconds),
        "total" => ("cost", figure, figure),
        _ => ("", figure, figure),
    }
}

/// Whether it is left out where it is 0 everywhere: what nothing costs, what is degraded or given up nowhere.
pub(super) fn may_be_nothing(metric: &str) -> bool {
    matches!(metric, "total" | "degraded_share" | GIVEN_UP)
}

/// As the title of a column: "p95", or "visitors p95" where there are several sources. Messages are of their queue.
pub(super) fn title(subject: &str, metric: &str, several: bool) -> String {
    let (what, ..) = said(metric);
    let of_one = metric == GIVEN_UP || several && metric != "total";
    if of_one { format!("{subject} {what}") } else { what.to_owned() }
}

/// A difference of shares.
pub(super) fn points(share: f64) -> String {
    format!("{} points", figure(share * 100.0))
}

/// A difference with its sign.
pub(super) fn signed(value: f64, say: impl Fn(f64) -> String) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, say(value))
}

/// Whether less of it is better.
pub(super) fn less_is_better(metric: &str) -> bool {
    !matches!(metric, "goodput_per_s" | "completed_share")
}

/// Seeds of so many runs: "seeds 1 to 4".
pub(super) fn seeds(first: u64, runs: u32) -> String {
    match runs {
        0 | 1 => format!("seed {first}"),
        _ => format!("seeds {first} to {}", first.wrapping_add(u64::from(runs - 1))),
    }
}

/// What was cut from the beginning of the runs where the file gives no warm-up: " after 35 s of warm-up (MSER-5)".
pub(super) fn warmed_up(warm_up: Option<WarmUp>) -> String {
    match warm_up.map(|found| found.cut_s) {
        None => String::new(),
        Some(Some(cut)) if cut > 0.0 => format!(" after {} of warm-up (MSER-5)", length(cut)),
        Some(Some(_)) => ", steady from the start (MSER-5)".to_owned(),
        Some(None) => ", not known to be steady (MSER-5), nothing cut".to_owned(),
    }
}

/// That nothing was cut where something might have been: ", counted from the start".
pub(super) fn counted_from(start: bool) -> &'static str {
    if start { ", counted from the start (no warm_up is given)" } else { "" }
}

/// Runs that ended early: ", 12 cut short once certain (saves 31 %)".
pub(super) fn cut_short(spent: &Spent) -> String {
    match spent.cut_short {
        0 => String::new(),
        runs => format!(", {runs} cut short once certain (saves {})", percent(spent.saved_share())),
    }
}

/// A field as the title of a column: the last two names of its path.
pub(super) fn field(path: &str) -> String {
    let names: Vec<&str> = path.split('.').collect();
    names[names.len().saturating_sub(2)..].join(".")
}

/// Two costs are the same but for how they were added up.
pub(super) fn is_alike(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
}

/// Which is the cheapest, of so many that cost as little, of so many in all: "the cheapest is web.cores 2, at 0.4".
pub(super) fn cheapest_of(name: &str, cost: &str, as_cheap: usize, all: usize) -> String {
    match as_cheap {
        0 | 1 => format!("the cheapest is {name}, at {cost}"),
        many if many == all => format!("they all cost the same, {cost}; the first is {name}"),
        many => format!("{many} of them cost the least, {cost} each; the first of these is {name}"),
    }
}

/// With a capital letter in front.
pub(super) fn capital(mut text: String) -> String {
    if let Some(first) = text.chars().next() {
        let upper: String = first.to_uppercase().collect();
        text.replace_range(..first.len_utf8(), &upper);
    }
    text
}

/// "1 point", "3 points"
pub(super) fn number_of(many: usize, what: &str) -> String {
    if many == 1 { format!("1 {what}") } else { format!("{} {what}s", crate::number::count(many as u64)) }
}
