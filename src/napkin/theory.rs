//! Stations of queueing theory beside what a run showed, and where the two cannot be compared, why not.
//!
//! How far chance alone may part them: the mean of a queue over n arrivals has a 95 % interval of about
//! 1.96 √(2 (1 + ρ) / n) / (1 − ρ) of itself (Whitt 1989, for M/M/1; with (1 + cv²)/2 for other service times); where
//! places are few, that of the chain of its states (`formulas::mmck_spread`). Three such intervals are allowed, and a
//! fiftieth in any case.

use super::demand::{Demand, Loads};
use super::population;
use super::station::{Prediction, predict};
use crate::measure::results::{NapkinPopulation, NapkinStation, Operation, Results};
use crate::measure::story::StoryKind;
use crate::model::{Kind, Model, ServiceId};
use crate::number::{clock, length};

/// A run that leaves more to chance than this tells nothing.
const VAGUE: f64 = 0.5;
/// Calls may come this much faster or slower than predicted before the prediction is about another load.
const SAME_RATE: f64 = 0.02;
/// As results spell it.
const REFUSED: &str = "Refused";
const TIMED_OUT: &str = "TimedOut";
/// Journeys of each of a population from which on a run is long.
const ROUNDS: f64 = 100.0;
/// Failures that do not matter.
const FEW: f64 = 0.001;

/// Every service that is called, with the formula's answer or the reason why there is none.
pub fn stations(model: &Model, demand: &Demand, loads: &Loads) -> Vec<NapkinStation> {
    all(model, demand, loads).map(|(id, answer)| row(model, id, &answer)).collect()
}

fn all<'a>(
    model: &'a Model,
    demand: &'a Demand,
    loads: &'a Loads,
) -> impl Iterator<Item = (ServiceId, Result<Prediction, String>)> + use<'a> {
    let live = model.services.iter().enumerate().filter(|(_, service)| !service.retired);
    let answers = live.map(|(at, _)| (ServiceId::new(at), predict(model, demand, loads, ServiceId::new(at))));
    answers.filter(|(_, answer)| !matches!(answer, Err(why) if why.is_empty()))
}

fn row(model: &Model, id: ServiceId, answer: &Result<Prediction, String>) -> NapkinStation {
    let service = model.services[id].name.clone();
    let empty = NapkinStation {
        service,
        model: None,
        figure: "latency".into(),
        time_s: None,
        observed_s: None,
        refused: None,
        refused_observed: None,
        abandoned: None,
        abandoned_observed: None,
        within: None,
        agrees: None,
        why_not: None,
    };
    match answer {
        Ok(answer) => NapkinStation {
            model: Some(answer.model.clone()),
            figure: if answer.cpu_only { "time at the CPU" } else { "latency" }.into(),
            time_s: answer.time,
            refused: answer.refused,
            abandoned: answer.abandoned,
            why_not: answer.time.is_none().then(|| "no steady state: more is asked of it than it can do".into()),
            ..empty
        },
        Err(why) => NapkinStation { why_not: Some(why.clone()), ..empty },
    }
}

/// The same beside a run.
pub fn compared(
    model: &Model,
    demand: &Demand,
    loads: &Loads,
    results: &Results,
) -> (Vec<NapkinStation>, Vec<NapkinPopulation>) {
    let disturbed = disturbance(model, results);
    let stations = all(model, demand, loads).map(|(id, answer)| {
        let mut row = row(model, id, &answer);
        if let Ok(answer) = &answer {
            let seen = Seen::of(model, id, answer, results);
            (row.observed_s, row.refused_observed) = (seen.time, row.refused.map(|_| seen.refused));
            row.abandoned_observed = row.abandoned.map(|_| seen.abandoned);
            match disturbed.clone().map_or_else(|| compare(answer, &seen, results.lasted_s()), Err) {
                Ok((within, agrees)) => (row.within, row.agrees) = (Some(within), Some(agrees)),
                Err(why) => row.why_not = row.why_not.take().or(Some(why)),
            }
        }
        row
    });
    let stations = stations.collect();
    let bounds = population::all(model, demand).into_iter().map(|(mut row, requests)| {
        bounded(&mut row, requests, results, disturbed.clone());
        row
    });
    (stations, bounds.collect())
}

/// What made the run another than the one theory speaks of.
fn disturbance(model: &Model, results: &Results) -> Option<String> {
    if let Some(stopped) = &results.stopped {
        return Some(format!("the run ended at {}", clock(stopped.at_s)));
    }
    let changing = model.sources.iter().filter(|source| !source.retired).find(|source| {
        let initial = source.profile.initial();
        source.profile.points.iter().any(|(_, value)| (value - initial).abs() > 0.01 * initial.abs())
    });
    if let Some(source) = changing {
        return Some(format!("{} come at a changing rate", source.name));
    }
    let event = results.story.iter().find(|event| matches!(event.event, StoryKind::Rule | StoryKind::Down))?;
    Some(format!("at {}: {}", clock(event.at_s), event.text))
}

/// What a run showed of a station.
struct Seen {
    rate: f64,
    time: Option<f64>,
    refused: f64,
    /// Taken back by their callers, where a formula speaks of that.
    abandoned: f64,
    /// Failed in other ways.
    failed: f64,
}

impl Seen {
    fn of(model: &Model, id: ServiceId, answer: &Prediction, results: &Results) -> Self {
        let service = &model.services[id].name;
        let own: Vec<&Operation> = (model.services[id].operations.iter())
            .filter_map(|operation| results.operations.get(&model.operations[*operation].name))
            .collect();
        let offered: f64 = own.iter().map(|operation| operation.traffic.offered as f64).sum();
        let of = |reason: Option<&str>| {
            let count = |operation: &&Operation| match reason {
                Some(reason) => operation.traffic.failed.get(reason).copied().unwrap_or(0),
                None => operation.traffic.failures(),
            };
            own.iter().map(count).sum::<u64>() as f64 / offered.max(1.0)
        };
        // Means are per call that was taken in.
        let (mut weight, mut spent) = (0.0, 0.0);
        let own_name = |what: &str| format!("{service}.{what}");
        let (workers, cpu, delay, disk) = (own_name("workers"), own_name("cpu"), own_name("delay"), own_name("disk"));
        for operation in &own {
            let inside =
                (operation.traffic.offered - operation.traffic.failed.get(REFUSED).copied().unwrap_or(0)) as f64;
            let seconds = |map: &indexmap::IndexMap<String, f64>, name: &String| map.get(name).copied().unwrap_or(0.0);
            let mut time = seconds(&operation.waiting_s, &cpu) + seconds(&operation.service_s, &cpu);
            if model.services[id].kind == Kind::Balancer {
                // It adds nothing: all of it is the service behind.
                time = operation.service_s.values().sum();
            } else if !answer.cpu_only {
                time += seconds(&operation.waiting_s, &workers) + seconds(&operation.service_s, &delay);
                time += seconds(&operation.waiting_s, &disk) + seconds(&operation.service_s, &disk);
            }
            weight += inside;
            spent += inside * time;
        }
        let refused = of(Some(REFUSED));
        let abandoned = answer.abandoned.map_or(0.0, |_| of(Some(TIMED_OUT)));
        Self {
            rate: offered / results.lasted_s(),
            time: (weight > 0.0).then(|| spent / weight),
            refused,
            abandoned,
            failed: of(None) - refused - abandoned,
        }
    }
}

/// How far chance may part the two, and whether it did no more.
fn compare(answer: &Prediction, seen: &Seen, horizon_s: f64) -> Result<(f64, bool), String> {
    let (Some(predicted), Some(observed)) = (answer.time, seen.time) else {
        return Err(if answer.time.is_some() {
            "it was never called"
        } else {
            "no steady state: more is asked of it than it can do"
        }
        .into());
    };
    let calls = answer.rate * horizon_s;
    let off = (seen.rate / answer.rate - 1.0).abs();
    if off > SAME_RATE.max(3.0 / calls.sqrt()) {
        return Err(format!(
            "calls came at {:.3} a second instead of {:.3}: retries, or failures before it",
            seen.rate, answer.rate
        ));
    }
    let other = if answer.refused.is_some() { seen.failed } else { seen.failed + seen.refused };
    if other > FEW {
        return Err(format!("{:.1} % of its calls fail", other * 100.0));
    }
    let free = (1.0 - answer.utilization).max(0.05);
    let in_a_run = |spread: f64| 1.96 * spread / horizon_s.sqrt();
    let chance = answer.spread.map_or_else(
        || {
            1.96 * (2.0 * (1.0 + answer.utilization) / calls).sqrt() / free
                * f64::midpoint(1.0, answer.cv * answer.cv).max(1.0)
        },
        |spread| in_a_run(spread.time),
    );
    let within = (3.0 * chance).max(0.02);
    if within > VAGUE {
        return Err(format!("{calls:.0} calls are too few to tell"));
    }
    let close = |found: f64, expected: f64, within: f64| (found - expected).abs() <= within * expected;
    let as_many = |expected: Option<f64>, found: f64, spread: Option<f64>| {
        expected.is_none_or(|share| {
            // So many losses are expected; they come in clusters while the station is full.
            let losses = (share * calls).max(1.0);
            let chance = spread.map_or_else(|| 1.96 / losses.sqrt() / free.min(1.0), in_a_run);
            (found - share).abs() <= (within * share).max(3.0 * chance * share).max(FEW)
        })
    };
    let refused = answer.spread.map(|spread| spread.refused);
    let lost = as_many(answer.refused, seen.refused, refused) && as_many(answer.abandoned, seen.abandoned, None);
    Ok((within, close(observed, predicted, within) && lost))
}

/// A population's bounds beside what it did, where it stays as many: the bounds are of one N.
fn bounded(row: &mut NapkinPopulation, requests: f64, results: &Results, disturbed: Option<String>) {
    let Some(traffic) = results.traffic.get(&row.source) else { return };
    if row.changes {
        row.why_not = row.why_not.take().or(disturbed);
        return;
    }
    // Few sessions end within a horizon, and all of one beginning end together: their requests are counted.
    let journeys = traffic.succeeded as f64 / requests;
    if journeys <= 0.0 || !journeys.is_finite() {
        row.why_not = row.why_not.take().or(Some("no request succeeded".into()));
        return;
    }
    let throughput = journeys / results.lasted_s();
    row.throughput_per_s = Some(throughput);
    // The law N / X − Z would do as well, but for the chance in X where Z is most of it.
    row.response_s = traffic.latency_s.map(|latency| latency.mean * requests);
    let failures = traffic.failed_share().filter(|share| *share > FEW);
    let why = disturbed.or_else(|| failures.map(|share| format!("{:.1} % of its requests fail", share * 100.0)));
    row.why_not = row.why_not.take().or(why);
    if row.why_not.is_none() {
        // Throughput is counted: its own chance is about the root of the number of journeys.
        let within = 0.02f64.max(3.0 / journeys.sqrt());
        let below = |by: f64| row.response_s.is_some_and(|response| response < row.response_bound_s * (1.0 - by));
        // All that come at once find it empty: it takes many rounds until they are spread as they will be.
        if journeys < ROUNDS * row.population && below(0.0) {
            row.why_not = Some(format!("{} are too short to tell", length(results.lasted_s())));
        } else {
            let few = throughput <= row.throughput_bound_per_s * (1.0 + within);
            row.holds = Some(few && !below(within.max(0.05)));
        }
    }
}
