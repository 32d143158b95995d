//! Which services are stations of textbook queueing theory, and what it says of them.
//!
//! A queue in front of workers needs a Poisson stream; shared cores and exponential queues also have their answer
//! inside an open network of such stations (product form: Baskett, Chandy, Muntz & Palacios 1975), whatever feeds them
//! there.

use super::arrivals::{Arrivals, Patience, Retries};
use super::demand::{Demand, Loads, speed};
use super::formulas;
use super::work::{Shape, Work};
use crate::model::{Amount, Balance, Kind, Model, Placement, ServiceId};
use crate::number::{self, percent};
use crate::scenario::{self, Drop};

/// What a formula says of a station.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// `M/M/4`, `M/G/1-PS`, ...
    pub model: String,
    /// Mean seconds a call spends waiting and being served; None: no steady state.
    pub time: Option<f64>,
    /// Share of the calls that find no place; None: all have one.
    pub refused: Option<f64>,
    /// Share of the calls that their callers give up; None: none.
    pub abandoned: Option<f64>,
    /// Calls per second, all instances together.
    pub rate: f64,
    /// Offered load ρ: what is asked, as a share of what it can do.
    pub utilization: f64,
    /// Standard deviation of the service time over its mean.
    pub cv: f64,
    /// Only the time at the CPU is meant.
    pub cpu_only: bool,
    /// What chance does to it, where places are few; all instances together.
    pub spread: Option<formulas::Spread>,
}

/// A share smaller than this is as good as none.
const NONE: f64 = 1e-9;

/// The formula's answer at these loads, or why none applies.
pub fn note(model: &Model, demand: &Demand, loads: &Loads, service: ServiceId) -> String {
    if model.services[service].kind == Kind::Balancer {
        return String::new();
    }
    match predict(model, demand, loads, service) {
        Ok(answer) => {
            let share = |share: Option<f64>, what: &str| {
                share.map_or(String::new(), |share| format!(" ({} {what})", percent(share)))
            };
            let lost = share(answer.refused, "refused") + &share(answer.abandoned, "given up");
            let what = if answer.cpu_only { "mean time at the CPU" } else { "mean latency" };
            match answer.time {
                Some(seconds) => {
                    format!("{}{lost}: {what} {} at the base load", answer.model, number::seconds(seconds))
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
    match service.kind {
        Kind::Balancer => return behind(model, demand, loads, id),
        Kind::External | Kind::Queue { .. } => return Err(String::new()),
        Kind::Server | Kind::Database | Kind::Cache => {}
    }
    let work = Work::of(model, demand, loads, id)?;
    let room = Room::of(model, demand, id)?;
    if work.shape == Shape::Delay && service.workers == u32::MAX && room.connections == u32::MAX {
        // Nobody waits for anything, whoever comes.
        return Ok(work.at("M/G/∞", Some(work.mean), 0.0));
    }
    let arrivals = Arrivals::of(model, demand, loads, id)?;
    if let Some(why) = arrivals.disturbed_by(model, &|other| Work::of(model, demand, loads, other)) {
        return Err(why);
    }
    if let Some(why) = unlike_a_station(model, demand, id) {
        return Err(why.into());
    }
    let servers = servers(model, demand, loads, id, work)?;
    let station = Station { rate: servers.work.rate / demand.instances(id), servers, room, arrivals: &arrivals };
    let answer = station.answer()?;
    beyond_a_first_try(model, &station, answer, demand.instances(id))
}

/// Through a balancer that adds nothing a call takes as long as at the service behind it.
fn behind(model: &Model, demand: &Demand, loads: &Loads, id: ServiceId) -> Result<Prediction, String> {
    let service = &model.services[id];
    let rate: f64 = service.operations.iter().map(|operation| loads.operations[operation.index()]).sum();
    let [link] = service.links.as_slice() else { return Err(String::new()) };
    let link = &model.links[*link];
    if rate <= 0.0 {
        return Err(String::new());
    }
    let to = &model.services[link.callee].name;
    let none = |amount| matches!(model.amounts[amount], Amount::Constant { value, .. } if value == 0.0);
    let spec = model.scenario.services.get(&service.name).map(|spec| &spec.kind);
    let works = !matches!(spec, Some(scenario::Kind::Balancer { cpu, .. }) if cpu.is_zero());
    let limits = [service.workers, service.max_connections, service.descriptors, service.backlog];
    let way = none(link.latency) && !link.handshake && link.keep == 0 && !link.guarded && link.timeout.is_none();
    if works || !way || limits != [u32::MAX; 4] || model.paces[link.pace as usize].is_finite() {
        return Err(format!("it passes calls on to {to}, whose time is part of its own"));
    }
    match predict(model, demand, loads, link.callee) {
        Ok(answer) if !answer.cpu_only => Ok(Prediction { rate, ..answer }),
        Ok(_) | Err(_) => Err(format!("it passes calls on to {to}: see there")),
    }
}

/// Places of an instance besides those of its workers.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Behind its workers.
    backlog: u32,
    /// In all: every call has a connection of its own.
    connections: u32,
    /// Seconds that a connection is there before and after its call.
    beyond: f64,
}

impl Room {
    fn of(model: &Model, demand: &Demand, id: ServiceId) -> Result<Self, String> {
        let service = &model.services[id];
        let connections = service.max_connections.min(service.descriptors);
        let links = demand.links_to(id).iter().map(|id| &model.links[*id]);
        let mut beyond: f64 = 0.0;
        // What is opened for a call is there from its arrival until the reply is sent.
        for link in links.filter(|link| link.keep > 0 || link.keep_alive) {
            for (amount, times) in [(link.latency, 2.0), (link.handshake_latency, 1.0)] {
                match &model.amounts[amount] {
                    Amount::Constant { value, .. } => beyond = beyond.max(times * value),
                    _ if connections < u32::MAX => return Err("its connections stay longer than their calls".into()),
                    _ => {}
                }
            }
        }
        Ok(Self { backlog: service.backlog, connections, beyond })
    }
}

/// Who serves, and how.
struct Servers {
    work: Work,
    /// Mean seconds of service.
    time: f64,
    count: u32,
    /// All that is there shares them; otherwise first come first served.
    shared: bool,
    /// Any number is served at once.
    endless: bool,
    /// Nobody waits behind the workers but in their backlog.
    bounded: bool,
}

fn servers(model: &Model, demand: &Demand, loads: &Loads, id: ServiceId, work: Work) -> Result<Servers, String> {
    let service = &model.services[id];
    if work.shape == Shape::Delay {
        let (count, endless) = (service.workers, service.workers == u32::MAX);
        return Ok(Servers { time: work.mean, count, work, shared: false, endless, bounded: true });
    }
    let [group] = service.groups.as_slice() else { return Err("it runs on several machine groups".into()) };
    let group = &model.groups[*group];
    if group.services.len() > 1 {
        return Err("it shares its machines".into());
    }
    if service.cpu_limit.is_finite() || group.burst.is_some() {
        return Err("its cores are not all its own".into());
    }
    let alone = match service.placement {
        Placement::PerMachine(each) => each == 1,
        Placement::Count(count) => count <= group.count,
    };
    if !alone {
        return Err("its instances share machines".into());
    }
    if work.shape == Shape::Disk {
        if service.workers < u32::MAX || !group.iops.is_finite() {
            return Err("its disk is no queue of its own".into());
        }
        let time = work.mean / group.iops;
        return Ok(Servers { work, time, count: 1, shared: false, endless: false, bounded: false });
    }
    let cores = group.cores;
    let unlimited = service.workers == u32::MAX && service.threads == u32::MAX;
    let work = if work.shape == Shape::Held && service.workers == u32::MAX {
        Work::mixed(demand, loads, id, work.rate, "it does more than one piece of work".into())?
    } else {
        work
    };
    let time = if work.shape == Shape::Held { work.mean } else { work.mean / speed(model, id) };
    if unlimited && !service.fifo {
        // Insensitive to the distribution of the work (Sakata et al. 1969, Cohen 1979), also in several pieces.
        return Ok(Servers { work, time, count: cores, shared: true, endless: false, bounded: false });
    }
    if work.shape == Shape::Mixed {
        return Err(work.why_mixed);
    }
    let count = service.workers.min(service.threads);
    if count > cores {
        return Err(match unlimited {
            true => "an event loop with any number of threads is no station".into(),
            false => format!("{count} at once share {cores} cores"),
        });
    }
    if service.workers > service.threads {
        if work.shape == Shape::Held {
            return Err("its threads do other calls while one waits".into());
        }
        // All that is ready shares so many threads, or is served in turn by them.
        return Ok(Servers { work, time, count, shared: !service.fifo, endless: false, bounded: false });
    }
    // Every busy one has a core of its own: a queue in front of so many servers.
    Ok(Servers { work, time, count, shared: false, endless: false, bounded: true })
}

/// Why a service is no queue in front of workers, whoever comes and whatever the work.
fn unlike_a_station(model: &Model, demand: &Demand, id: ServiceId) -> Option<&'static str> {
    let service = &model.services[id];
    let door = &service.door;
    let mut callers = demand.links_to(id).iter().map(|id| &model.links[*id]);
    if service.sets.is_some() {
        Some("its instances are asked for different things")
    } else if service.sigma != 0.0 || service.kappa != 0.0 {
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

/// An instance with all that a formula asks for.
struct Station<'a> {
    servers: Servers,
    room: Room,
    arrivals: &'a Arrivals,
    /// Calls per second.
    rate: f64,
}

/// Beyond so many places summing up the states takes longer than the answer is worth.
const MOST_PLACES: u32 = 1_000_000;

impl Station<'_> {
    fn load(&self) -> f64 {
        if self.servers.endless { 0.0 } else { self.rate * self.servers.time / f64::from(self.servers.count) }
    }

    /// Who finds a connection; all do where that fails for next to nobody.
    fn places(&self) -> Result<u32, String> {
        let Room { backlog, connections, beyond } = self.room;
        let Servers { count, endless, bounded, time, .. } = self.servers;
        let behind = if bounded && !endless { backlog.saturating_add(count) } else { u32::MAX };
        if connections == u32::MAX || connections > MOST_PLACES {
            return Ok(behind);
        }
        let servers = if endless { connections } else { count.min(connections) };
        let full = formulas::mmck(self.rate, time + beyond, servers, connections.min(behind)).refused;
        if full < NONE && behind == u32::MAX {
            return Ok(u32::MAX);
        }
        if full >= NONE && beyond > 0.0 {
            return Err("its connections stay longer than their calls".into());
        }
        Ok(behind.min(connections))
    }

    /// What the formula says of calls that are made once.
    fn answer(&self) -> Result<Prediction, String> {
        let Servers { work, time, count, shared, endless, .. } = &self.servers;
        let (rate, time, count, load) = (self.rate, *time, *count, self.load());
        let places = self.places()?;
        if self.arrivals.network && places < u32::MAX {
            return Err("its calls come from a network, and a queue there needs room for all".into());
        }
        if self.arrivals.batch.0 > 1.0 {
            return self.batches(places);
        }
        if *endless && places == u32::MAX {
            return Ok(work.at("M/G/∞", Some(time), 0.0));
        }
        if (*endless || places <= count) && places < u32::MAX {
            // Erlang's loss formula holds for any service time (Sevastyanov 1957).
            let refused = formulas::erlang_b(places, rate * time);
            let load = rate * time / f64::from(places);
            return Ok(Prediction {
                refused: Some(refused),
                spread: Some(self.spread(places, places)),
                ..work.at(&format!("M/G/{places}/{places}"), Some(time), load)
            });
        }
        let exact = work.exponential || *shared;
        if self.arrivals.network && !exact {
            return Err("its calls come from a network, and a queue there needs exponential work".into());
        }
        let (law, discipline) = if *shared { ("G", "-PS") } else { ("M", "") };
        match (places, count) {
            (u32::MAX, _) if exact => Ok(work.at(
                &format!("M/{law}/{count}{discipline}"),
                formulas::mmc_waiting(rate, time, count).map(|waiting| waiting + time),
                load,
            )),
            (u32::MAX, 1) => {
                Ok(work.at("M/G/1", formulas::mg1_waiting(rate, time, work.cv).map(|waiting| waiting + time), load))
            }
            (places, _) if exact && places <= MOST_PLACES => {
                let answer = formulas::mmck(rate, time, count, places);
                let found =
                    work.at(&format!("M/{law}/{count}/{places}{discipline}"), Some(answer.waiting + time), load);
                Ok(Prediction { refused: Some(answer.refused), spread: Some(self.spread(count, places)), ..found })
            }
            _ if !exact => Err(format!("{count} servers need exponential work (its cv is {:.2})", work.cv)),
            _ => Err(format!("its backlog of {} is too long to add up", places - count)),
        }
    }

    /// What chance does where places are few: as with exponential work, and more where work varies more.
    fn spread(&self, servers: u32, places: u32) -> formulas::Spread {
        let Servers { work, time, .. } = &self.servers;
        let found = formulas::mmck_spread(self.rate, *time, servers, places);
        let more = f64::midpoint(1.0, work.cv * work.cv).max(1.0) / (work.rate / self.rate).sqrt();
        formulas::Spread { time: found.time * more, refused: found.refused * more }
    }

    /// Several at once, one served after the other.
    fn batches(&self, places: u32) -> Result<Prediction, String> {
        let Servers { work, time, count, shared, endless, .. } = &self.servers;
        if *endless && places == u32::MAX {
            return Ok(work.at("M/G/∞", Some(*time), 0.0));
        }
        if *count > 1 || *shared || places < u32::MAX {
            return Err("its calls come several at once".into());
        }
        let (mean, second) = self.arrivals.batch;
        let size = if second <= mean * mean * (1.0 + 1e-9) { format!("{mean:.0}") } else { "X".to_owned() };
        let law = if work.exponential { "M" } else { "G" };
        let waiting = formulas::mxg1_waiting(self.rate, *time, work.cv, self.arrivals.batch);
        let found = work.at(&format!("M^[{size}]/{law}/1"), waiting.map(|waiting| waiting + time), self.load());
        // Batches are as a service time that varies more, for the chance that parts theory and simulation.
        let cv = libm::sqrt((1.0 + work.cv * work.cv) * second / mean - 1.0);
        Ok(Prediction { cv, ..found })
    }
}

/// The answer where callers lose patience or come again.
fn beyond_a_first_try(
    model: &Model,
    station: &Station,
    answer: Prediction,
    instances: f64,
) -> Result<Prediction, String> {
    let links = &station.arrivals.links;
    let (patience, retries) = (Patience::of(model, links), Retries::of(model, links));
    let Station { servers, rate, .. } = station;
    let (rate, places) = (*rate, station.places()?);
    let plain = servers.work.exponential && !servers.endless && !station.arrivals.network;
    match patience {
        Patience::None => {}
        Patience::Other { least } if answer.time.is_some_and(|time| 25.0 * time < least) => {}
        Patience::Exponential { mean, all } if plain && station.arrivals.batch.0 <= 1.0 && !servers.shared => {
            if retries != Retries::None {
                return Err("who took a call back makes it again".into());
            }
            let found = formulas::mmck_patience(rate, servers.time, (servers.count, places), mean, all);
            let bound = if places < u32::MAX { format!("/{places}") } else { String::new() };
            let name = format!("M/M/{}{bound}+M", servers.count);
            let work = servers.work.at(&name, Some(found.time), station.load().min(1.0));
            let refused = (places < u32::MAX).then_some(found.refused);
            // Where only what waits is taken back, patience also ends while a call is served: by chance, as it began.
            let served = 1.0 - found.abandoned - found.refused;
            let late = if all { 0.0 } else { served * servers.time / (servers.time + mean) };
            return Ok(Prediction { refused, abandoned: Some(found.abandoned + late), ..work });
        }
        Patience::Exponential { .. } | Patience::Other { .. } => {
            return Err("its callers take back what they no longer wait for: a steady state at any load".into());
        }
    }
    if answer.refused.is_none_or(|share| share < NONE) {
        return Ok(answer);
    }
    match retries {
        Retries::None => Ok(answer),
        Retries::Forever { pause } if places == 1 && instances == 1.0 && links.len() == 1 => {
            let work = &servers.work;
            let Some(orbit) = formulas::mg1_retrial(rate, servers.time, work.cv, pause) else {
                return Ok(Prediction { time: None, ..work.at("M/G/1 retrial", None, station.load()) });
            };
            let law = if work.exponential { "M" } else { "G" };
            let tries = rate + orbit / pause;
            let found = work.at(&format!("M/{law}/1 retrial"), Some(servers.time), station.load());
            Ok(Prediction { refused: Some(1.0 - rate / tries), rate: tries, ..found })
        }
        Retries::Forever { .. } | Retries::Other => Err("those it refuses come again".into()),
    }
}

impl Work {
    fn at(&self, name: &str, time: Option<f64>, utilization: f64) -> Prediction {
        Prediction {
            model: name.to_owned(),
            time,
            refused: None,
            abandoned: None,
            rate: self.rate,
            utilization,
            cv: self.cv,
            cpu_only: self.shape == Shape::Mixed,
            spread: None,
        }
    }
}
