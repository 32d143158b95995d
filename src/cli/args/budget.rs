//! What runs may take.

use crate::engine::Limits;
use crate::units::{Bytes, Quantity, Span, UnitError};
use clap::Args;

/// Limits of runs, and of the time that all of them take.
#[derive(Clone, Debug, Default, Args)]
pub struct BudgetArgs {
    /// Move a limit of each run: events=1e9, executions=1e6, steps=1e6, state=2GB (repeatable)
    ///
    /// A run that meets one ends there, with its name, what it has, and exit code 1. `events` in all, 10,000,000,000
    /// where nobody says otherwise; `executions` at once, 10,000,000: calls, sessions and branches on their way;
    /// `steps` at one instant of simulated time, 20,000,000; bytes of `state`, with what is measured of it: 4 GB, or
    /// half of what the process may have where that is less, shared by the runs that go on at once.
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = limit)]
    pub limits: Vec<Limit>,
    /// End after so long by the clock, with what there is: 30s
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub time_limit: Option<Span>,
}

/// One limit, as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Events(u64),
    Executions(u64),
    Steps(u64),
    State(u64),
}

impl BudgetArgs {
    /// The limits that stand where nothing is asked for, but for those that are.
    pub fn over(&self, limits: Limits) -> Limits {
        self.limits.iter().fold(limits, |limits, asked| match *asked {
            Limit::Events(events) => Limits { events, ..limits },
            Limit::Executions(executions) => Limits { executions, ..limits },
            Limit::Steps(at_once) => Limits { at_once, ..limits },
            Limit::State(state) => Limits { state, ..limits },
        })
    }

    /// What is typed for it.
    pub fn options(&self) -> Vec<String> {
        let typed = |limit: &Limit| match limit {
            Limit::Events(most) => format!("events={}", short(*most)),
            Limit::Executions(most) => format!("executions={}", short(*most)),
            Limit::Steps(most) => format!("steps={}", short(*most)),
            Limit::State(most) => format!("state={}", Bytes(*most)),
        };
        self.limits.iter().flat_map(|limit| ["--limit".to_owned(), typed(limit)]).collect()
    }
}

/// A count as one would type it: `1e9`, `5000`, `2500000`.
fn short(count: u64) -> String {
    let plain = count.to_string();
    let digits = plain.trim_end_matches('0');
    let zeros = plain.len() - digits.len();
    if zeros < 4 || digits.is_empty() { plain } else { format!("{digits}e{zeros}") }
}

fn limit(text: &str) -> Result<Limit, String> {
    let expected = || "expected events, executions, steps or state and a value, such as events=1e9".to_owned();
    let (name, value) = text.split_once('=').ok_or_else(expected)?;
    match name.trim() {
        "events" => number(value).map(Limit::Events),
        "executions" => number(value).map(Limit::Executions),
        "steps" => number(value).map(Limit::Steps),
        "state" => match Bytes::parse(value.trim()) {
            Ok(Bytes(bytes @ 1..)) => Ok(Limit::State(bytes)),
            _ => Err(format!("`{}` is no size above 0, such as 2GB", value.trim())),
        },
        _ => Err(expected()),
    }
}

/// A whole number from 1 on; `1e9` and `1_000_000` are some.
fn number(text: &str) -> Result<u64, String> {
    /// Floats are whole numbers up to here.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let plain = text.trim().replace('_', "");
    let exact = plain.parse::<u64>().ok();
    let number = exact.or_else(|| {
        let float = plain.parse::<f64>().ok().filter(|float| (1.0..=EXACT).contains(float))?;
        (float.fract() == 0.0).then_some(float as u64)
    });
    number.filter(|number| *number > 0).ok_or_else(|| format!("`{}` is no whole number above 0", text.trim()))
}

fn time(text: &str) -> Result<Span, String> {
    let span: Span = text.parse().map_err(|error: UnitError| error.to_string())?;
    if span == Span::ZERO { Err("expected a time above 0, such as 30s".to_owned()) } else { Ok(span) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_and_typed_again() {
        let typed = ["events=1e9", "executions = 1_000", "steps=7", "state=2GiB", "state=2GB", "steps=25e6"];
        let limits = typed.map(|text| limit(text).expect(text));
        let state = [Limit::State(2 << 30), Limit::State(2_000_000_000)];
        let counts = [Limit::Events(1_000_000_000), Limit::Executions(1_000), Limit::Steps(7)];
        let wanted = [&counts[..], &state, &[Limit::Steps(25_000_000)]].concat();
        assert_eq!(limits.as_slice(), wanted);
        let args = BudgetArgs { limits: limits.to_vec(), time_limit: None };
        assert_eq!(
            args.options().join(" "),
            "--limit events=1e9 --limit executions=1000 --limit steps=7 --limit state=2GiB --limit state=2GB \
             --limit steps=25e6"
        );
        for wrong in
            ["events", "events=0", "events=1.5", "events=-1", "events=inf", "state=0B", "state=2", "rows=1", "="]
        {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
    }
}
