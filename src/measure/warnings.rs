//! What weakens the figures of a run, and what to do about it.

use super::counters::Snapshot;
use super::results::Results;
use crate::model::Model;
use crate::number::sentence;

/// Below this many samples the 99th percentile rests on less than one of them.
const SAMPLES: u64 = 100;
/// Share of the requests in flight at the horizon that makes a run too short.
const CENSORED: f64 = 0.05;

/// Sessions shorter than this many seconds gather at once.
const SHORT: f64 = 0.001;

/// All warnings of a run.
pub fn find(results: &Results, model: &Model, end: &Snapshot) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(stop) = &results.stopped {
        if stop.at_s <= 0.0 {
            return vec![format!("the run stopped in its warm-up ({}): nothing was measured", stop.reason)];
        }
        out.push(format!(
            "the run stopped at {} of {} ({}): everything here is about that part only",
            sentence::seconds(stop.at_s),
            sentence::seconds(results.horizon_s),
            stop.reason
        ));
    }
    for (i, source) in model.sources.iter().enumerate() {
        let Some(traffic) = results.traffic.get(&source.name) else { continue };
        if traffic.offered == 0 {
            out.push(format!("{} asked for nothing within the horizon", source.name));
        } else if traffic.succeeded < SAMPLES && traffic.succeeded > 0 {
            out.push(format!(
                "percentiles of {} rest on {} request{}: run longer or more replications",
                source.name,
                traffic.succeeded,
                if traffic.succeeded == 1 { "" } else { "s" }
            ));
        }
        if traffic.in_flight as f64 > CENSORED * traffic.offered as f64 && traffic.in_flight >= 10 {
            let share = sentence::percent(traffic.in_flight as f64 / traffic.offered as f64);
            out.push(format!(
                "{share} of the requests of {} have no outcome at the horizon and are in no percentile",
                source.name
            ));
        }
        let count = end.counters.sources.get(i).copied().unwrap_or_default();
        if count.sessions_started > 0 && source.profile.points.first().is_some_and(|p| p.1 > 0.0) {
            let open = count.sessions_started.saturating_sub(count.sessions_ended);
            let time = (count.session_nanos + i128::from(open) * i128::from(end.at.0)) as f64 / 1e9;
            let completed = traffic.sessions.as_ref().and_then(|sessions| sessions.duration_s).map(|time| time.mean);
            // Who gave up left early. Those still open make it an underestimate: a warning that is due is sure.
            let (mean, of) = match completed {
                Some(mean) => (mean, "completed sessions took"),
                None => (time / count.sessions_started as f64, "none completed; they took, so far,"),
            };
            let warm_up = model.warm_up.0 as f64 / 1e9;
            if source.kind == crate::model::SourceKind::Users && warm_up.max(SHORT) < mean && results.horizon_s > 0.0 {
                let short = match warm_up > 0.0 {
                    true => {
                        format!("warm-up ({}) is shorter than a session of {}", sentence::seconds(warm_up), source.name)
                    }
                    false => format!("without a warm-up the sessions of {} all begin anew", source.name),
                };
                out.push(format!(
                    "{short} ({of} {} on average): the first figures are of a crowd still gathering; set `warm_up` to at least that",
                    sentence::seconds(mean)
                ));
            }
        }
    }
    out
}
