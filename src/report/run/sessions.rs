//! Tables of sessions: what became of who came, and of the journey step by step. The same wherever they are read.

use super::reasons;
use crate::measure::results::{Latency, Results, Sessions};
use crate::number::{count, percent, seconds};
use crate::report::or_absent;
use crate::report::page::{Cell, Table, Tone, toned};

/// A row for each source with sessions.
pub(super) fn sessions(results: &Results) -> Table {
    let row = |(name, sessions): (&String, &Sessions)| -> Vec<Cell> {
        let time = |of: fn(&Latency) -> f64| or_absent(sessions.duration_s.as_ref().map(of), seconds);
        vec![
            name.as_str().into(),
            count(sessions.came).into(),
            or_absent(sessions.completed_share, percent).into(),
            lost(sessions.gave_up_share),
            count(sessions.still_there).into(),
            time(|l| l.p50).into(),
            time(|l| l.p95).into(),
            time(|l| l.p99).into(),
            reasons(&sessions.gave_up).into(),
        ]
    };
    Table::new(1, &["sessions", "came", "completed", "gave up", "still there", "p50", "p95", "p99", "gives up as"])
        .last_words()
        .headed("Sessions", "whole journeys; shares of those that are over, times of those that completed")
        .with(all(results).map(row))
}

/// A row for each call of a journey of several, or in which somebody gave up.
pub(super) fn steps(results: &Results) -> Table {
    let told = |sessions: &Sessions| sessions.steps.len() > 1 || sessions.left() > 0;
    let rows = all(results).filter(|(_, sessions)| told(sessions)).flat_map(|(name, sessions)| {
        sessions.steps.iter().map(move |step| -> Vec<Cell> {
            let share = (step.reached > 0).then(|| step.left() as f64 / step.reached as f64);
            vec![
                format!("{name} {} {}", step.step, step.operation).into(),
                count(step.reached).into(),
                count(step.calls).into(),
                lost((step.calls > 0).then(|| step.failed as f64 / step.calls as f64)),
                lost(share),
                or_absent(step.latency_s.map(|l| l.mean), seconds).into(),
                or_absent(step.latency_s.map(|l| l.p95), seconds).into(),
                reasons(&step.gave_up).into(),
            ]
        })
    });
    Table::new(1, &["step", "reached", "calls", "failed", "gave up", "mean", "p95", "gives up as"])
        .last_words()
        .headed(
            "Journey",
            "sessions that came after the warm-up, by step; failed: of the calls; gave up: of those that reached it",
        )
        .with(rows)
}

fn all(results: &Results) -> impl Iterator<Item = (&String, &Sessions)> {
    let sessions = results.traffic.iter().filter_map(|(name, traffic)| Some((name, traffic.sessions.as_ref()?)));
    sessions.filter(|(_, sessions)| sessions.came > 0)
}

fn lost(share: Option<f64>) -> Cell {
    match share {
        Some(share) if share > 0.0 => toned(Tone::Bad, percent(share)),
        other => or_absent(other, percent).into(),
    }
}
