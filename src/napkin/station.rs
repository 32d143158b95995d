//! Which services are stations of textbook queueing theory, and what it says of them.
//!
//! A queue in front of workers needs a Poisson stream; shared cores and exponential queues also have their answer
//! inside an open network of such stations (product form: Baskett, Chandy, Muntz & Palacios 1975), whatever feeds them
//! there.

use super::demand::{Demand, Loads};
use super::formulas;
use super::resource::speed;
use super::work::{Shape, Work};
use crate::model::{Amount, Balance, Caller, Instr, Kind, Model, ServiceId, SourceKind};
use crate::scenario::Drop;
use crate::units::Span;

/// What a formula says of a station.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// `M/M/4`, `M/G/1-PS`, ...
    pub model: String,
    /// Mean seconds a call spends waiting and being served; None: no steady state.
    pub time: Option<f64>,
    /// Share of the calls that find no place; None: all have one.
    pub refused: Option<f64>,
    /// Calls per second, all instances together.
    pub rate: f64,
    /// Offered load ρ: what is asked, as a share of what it can do.
    pub utilization: f64,
    /// Standard deviation of the service time over its mean.
    pub cv: f64,
    /// Only the time at the CPU is meant.
    pub cpu_only: bool,
}

/// The formula's answer at these loads, or why none applies.
pub fn note(model: &Model, demand: &Demand, loads: &Loads, service: ServiceId) -> String {
    match predict(model, demand, loads, service) {
        Ok(answer) => {
            let refused = answer.refused.map_or(String::new(), |share| format!(" ({:.2}% refused)", share * 100.0));
            let what = if answer.cpu_only { "mean time at the CPU" } else { "mean latency" };
            match answer.time {
                Some(seconds) => {
                    format!("{}{refused}: {what} {} at the base load", answer.model, Span((seconds * 1e9) as i64))
                }
                None => format!("{}: no steady state at the base load", answer.model),
            }
        }
        Err(why) if why.is_empty() => why,
        Err(why) => format!("no formula: {why}"),
    }
}

/// The formula's answer, or why there is none (empty: it is no station at all).
pub fn predict(model: &Model, demand: &Demand, loads: &Loads, id: ServiceId) -> Result<Prediction, String> {
    let service = &model.services[id];
    if matches!(service.kind, Kind::External | Kind::Balancer | Kind::Queue { .. }) {
        return Err(String::new());
    }
    let work = Work::of(model, loads, id)?;
    let arrivals = arrivals(model, id);
    if work.shape == Shape::Delay && service.workers == u32::MAX {
        // Nobody waits for anything, whoever comes.
        return Ok(work.at("M/G/∞", Some(work.mean), 0.0));
    }
    let arrivals = arrivals?;
    if let Some(why) = unlike_a_station(model, demand, id) {
        return Err(why.into());
    }
    let instances = demand.instances(id);
    let rate = work.rate / instances;
    if work.shape == Shape::Delay {
        return queue(
            &work,
            arrivals,
            rate,
            work.mean,
            service.workers,
            service.backlog.saturating_add(service.workers),
        );
    }
    let [group] = service.groups.as_slice() else { return Err("it runs on several machine groups".into()) };
    let group = &model.groups[*group];
    if group.services.len() > 1 {
        return Err("it shares its machines".into());
    }
    if service.cpu_limit.is_finite() || group.burst.is_some() {
        return Err("its cores are not all its own".into());
    }
    if work.shape == Shape::Disk {
        if arrivals == Arrivals::Network || service.workers < u32::MAX || !group.iops.is_finite() {
            return Err("its disk is no queue of its own".into());
        }
        return queue(&work, arrivals, rate, work.mean / group.iops, 1, u32::MAX);
    }
    on_cores(model, id, work, arrivals, rate)
}

/// Work on cores that nobody else uses.
fn on_cores(model: &Model, id: ServiceId, work: Work, arrivals: Arrivals, rate: f64) -> Result<Prediction, String> {
    let service = &model.services[id];
    let cores = model.groups[service.groups[0]].cores;
    let time = work.mean / speed(model, id);
    let unlimited = service.workers == u32::MAX && service.threads == u32::MAX;
    if unlimited && !service.fifo {
        // Insensitive to the distribution of the work (Sakata et al. 1969, Cohen 1979), also in several pieces.
        let load = rate * time;
        let name = format!("M/G/{cores}-PS");
        return Ok(work.at(
            &name,
            formulas::mmc_waiting(rate, time, cores).map(|waiting| waiting + time),
            load / f64::from(cores),
        ));
    }
    if work.shape == Shape::Mixed {
        return Err(work.why_mixed);
    }
    let servers = service.workers.min(service.threads);
    if servers > cores {
        return Err(match unlimited {
            true => "an event loop with any number of threads is no station".into(),
            false => format!("{servers} at once share {cores} cores"),
        });
    }
    if service.workers > service.threads && !service.fifo {
        // All that is ready shares so many threads.
        let load = rate * time / f64::from(servers);
        let waiting = formulas::mmc_waiting(rate, time, servers);
        return Ok(work.at(&format!("M/G/{servers}-PS"), waiting.map(|waiting| waiting + time), load));
    }
    // Every busy one has a core of its own: a queue in front of so many servers.
    let places = if service.workers <= service.threads { service.backlog.saturating_add(servers) } else { u32::MAX };
    queue(&work, arrivals, rate, time, servers, places)
}

/// Why a service is no queue in front of workers, whoever comes and whatever the work.
fn unlike_a_station(model: &Model, demand: &Demand, id: ServiceId) -> Option<&'static str> {
    let service = &model.services[id];
    let door = &service.door;
    let mut callers = model.links.iter().filter(|link| link.callee == id && !link.retired);
    if service.sigma != 0.0 || service.kappa != 0.0 {
        Some("its tasks slow each other down")
    } else if door.drop != Drop::Never || !door.shed.is_empty() || door.deadline.is_some() || door.silent {
        Some("it drops what comes too late or too much")
    } else if service.pins {
        Some("its workers stay with their connections")
    } else if demand.instances(id) > 1.0 && !callers.all(|link| link.balance == Balance::Random) {
        Some("its calls are dealt out, not random")
    } else {
        None
    }
}

/// First come first served.
fn queue(
    work: &Work,
    arrivals: Arrivals,
    rate: f64,
    time: f64,
    servers: u32,
    places: u32,
) -> Result<Prediction, String> {
    let exponential = work.exponential;
    let load = rate * time / f64::from(servers);
    if arrivals == Arrivals::Network && (!exponential || places < u32::MAX) {
        return Err("its calls come from a network, and a queue there needs exponential work and room for all".into());
    }
    if places == servers {
        // Erlang's loss formula holds for any service time (Sevastyanov 1957).
        let refused = formulas::erlang_b(servers, rate * time);
        return Ok(Prediction {
            refused: Some(refused),
            ..work.at(&format!("M/G/{servers}/{servers}"), Some(time), load)
        });
    }
    match (places, servers) {
        (u32::MAX, _) if exponential => Ok(work.at(
            &format!("M/M/{servers}"),
            formulas::mmc_waiting(rate, time, servers).map(|waiting| waiting + time),
            load,
        )),
        (u32::MAX, 1) => {
            Ok(work.at("M/G/1", formulas::mg1_waiting(rate, time, work.cv).map(|waiting| waiting + time), load))
        }
        (places, _) if exponential && places <= MOST_PLACES => {
            let answer = formulas::mmck(rate, time, servers, places);
            let found = work.at(&format!("M/M/{servers}/{places}"), Some(answer.waiting + time), load);
            Ok(Prediction { refused: Some(answer.refused), ..found })
        }
        _ if !exponential => Err(format!("{servers} servers need exponential work (its cv is {:.2})", work.cv)),
        _ => Err(format!("its backlog of {} is too long to add up", places - servers)),
    }
}

impl Work {
    fn at(&self, name: &str, time: Option<f64>, utilization: f64) -> Prediction {
        Prediction {
            model: name.to_owned(),
            time,
            refused: None,
            rate: self.rate,
            utilization,
            cv: self.cv,
            cpu_only: self.shape == Shape::Mixed,
        }
    }
}

/// Beyond so many places summing up the states takes longer than the answer is worth.
const MOST_PLACES: u32 = 1_000_000;

/// What a station's calls are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrivals {
    /// A Poisson stream.
    Poisson,
    /// From stations of an open network whose visitors came as a Poisson stream.
    Network,
}

/// Where a station's calls come from: all the way up to sources that are Poisson, over callers that keep nobody
/// waiting.
fn arrivals(model: &Model, id: ServiceId) -> Result<Arrivals, String> {
    let mut todo = vec![id];
    let mut seen = vec![false; model.services.len()];
    let mut found = Arrivals::Poisson;
    while let Some(id) = todo.pop() {
        if std::mem::replace(&mut seen[id.index()], true) {
            continue;
        }
        for link in model.links.iter().filter(|link| link.callee == id && !link.retired) {
            if link.guarded {
                return Err("calls on their way to it are limited, repeated or lost".into());
            }
            match link.caller {
                Caller::Source(source) => {
                    let source = &model.sources[source];
                    if source.batch.is_some() {
                        return Err(format!("{} comes in batches", source.name));
                    }
                    if !source.bursts.is_empty() || model.amounts[source.gaps] != Amount::Exponential(1.0) {
                        return Err(format!("{} does not come at random", source.name));
                    }
                    match source.kind {
                        SourceKind::Open => {}
                        SourceKind::Users if source.invites.is_none() => found = Arrivals::Network,
                        SourceKind::Users => return Err(format!("{} bring others", source.name)),
                        SourceKind::Closed => return Err(format!("the users of {} come back", source.name)),
                    }
                }
                Caller::Service(caller) => {
                    let spec = &model.services[caller];
                    if matches!(spec.kind, Kind::Queue { .. }) {
                        return Err(format!("its calls come through the broker {}", spec.name));
                    }
                    if link.keep > 0 {
                        return Err(format!("{} lets so many calls through at a time", spec.name));
                    }
                    if spec.workers < u32::MAX {
                        return Err(format!("its calls come from {}, not from a Poisson source", spec.name));
                    }
                    let passes = |entry: u32| matches!(model.code[entry as usize].instr, Instr::Call(_));
                    let only_passes =
                        spec.operations.iter().all(|operation| passes(model.operations[*operation].entry));
                    if spec.kind != Kind::Balancer || !only_passes {
                        if spec.fifo || spec.threads < u32::MAX {
                            return Err(format!("its calls come from {}, an event loop", spec.name));
                        }
                        found = Arrivals::Network;
                    }
                    todo.push(caller);
                }
            }
        }
    }
    Ok(found)
}
