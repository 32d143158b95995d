//! Warnings that need more than the words of a file: what is overloaded before anybody surges, pools smaller than
//! Little's law asks for, health checks that stand in the queue they judge.

use super::Analysis;
use super::admitted::FULL;
use super::demand::{Loads, speed};
use super::resource::{Kind, Resource};
use crate::model::{Caller, Link, LinkId, Model, ServiceId};
use crate::number::{figure, seconds};
use crate::scenario::{Loaded, Places, Problem, Severity};

/// What is overloaded before anybody surges, each with a sentence: legal, and surely not meant.
#[must_use]
pub fn warnings(model: &Model) -> Vec<String> {
    overloaded(&Analysis::of(model)).into_iter().map(|(_, message)| message).collect()
}

/// The same, each with the resource it is about.
pub fn overloaded<'a>(analysis: &'a Analysis) -> Vec<(&'a Resource, String)> {
    let admitted = analysis.admitted_at_base();
    let rows = analysis.resources.iter().filter_map(|resource| {
        let base = analysis.base_load(resource, &admitted);
        (base > 1.0 / FULL).then(|| {
            let name = &resource.name;
            (
                resource,
                format!("`{name}` is overloaded at the base load already: offered load {}, capacity 1", figure(base)),
            )
        })
    });
    rows.collect()
}

/// The warnings of a scenario that was read: those of its file, and those of its load.
///
/// # Errors
/// What keeps it from being compiled.
pub fn check(loaded: &Loaded) -> Result<Vec<Problem>, Vec<Problem>> {
    let model = Model::compile(loaded)?;
    let analysis = Analysis::of(&model);
    let mut problems = loaded.warnings.clone();
    let overloaded = overloaded(&analysis);
    let places = loaded.places();
    for (resource, message) in &overloaded {
        let label = held(&analysis, resource, &analysis.base).unwrap_or_default();
        problems.push(placed(&places, &place(&model, resource.kind), message.clone(), label));
    }
    let full: Vec<&Resource> = overloaded.iter().map(|(resource, _)| *resource).collect();
    problems.extend(small_pools(&places, &analysis, &full));
    problems.extend(checks_in_line(&places, &analysis));
    problems.extend(endless_messages(&places, &analysis));
    Ok(problems)
}

/// Messages that are all handed on at once, to consumers that take in whatever comes and do less: at the peak they pile
/// up there, out of their queue's sight.
fn endless_messages(places: &Places, analysis: &Analysis) -> Vec<Problem> {
    let (model, moments) = (analysis.model, analysis.moments());
    let queues = model.links.iter().enumerate().filter(|(_, link)| link.queue && !link.retired);
    let problem = |(at, link): (usize, &Link)| {
        let (id, callee) = (LinkId::new(at), &model.services[link.callee]);
        let limits = [link.guards.target_limit, callee.max_connections, callee.descriptors, callee.backlog];
        if link.keep > 0 || limits != [u32::MAX; 4] {
            return None;
        }
        let own = analysis.resources.iter().filter(|resource| resource.service(model) == Some(link.callee));
        let works = |kind: Kind| {
            matches!(kind, Kind::Cpu(_) | Kind::Quota(_) | Kind::Threads(_) | Kind::Workers(_) | Kind::Disk(_))
        };
        let load = |resource: &Resource| moments.highest(|loads| resource.load(model, &analysis.demand, loads));
        let busiest = own.filter(|resource| works(resource.kind)).map(load).max_by(|a, b| a.1.total_cmp(&b.1));
        let (top, load) = busiest.filter(|(_, load)| *load > 1.0 / FULL)?;
        let operations = callee.operations.iter();
        let rate: f64 = operations.map(|operation| moments.loads(top).operations[operation.index()]).sum();
        let (comes, does) = (figure(rate), figure(rate / load));
        let message = format!("nothing bounds the messages that pile up at `{}`", callee.name);
        let label = format!("at the peak {comes}/s come and {does}/s are done");
        let help = "`connections: Keep(..)` of the link keeps in the queue what is not worked on";
        Some(placed(places, &at_link(model, id, "connections"), message, label).help(help))
    };
    queues.filter_map(problem).collect()
}

/// Pools that are the first to be too small for the highest load that the file reaches.
fn small_pools(places: &Places, analysis: &Analysis, full: &[&Resource]) -> Vec<Problem> {
    let moments = analysis.moments();
    let peak = |resource: &Resource| moments.highest(|loads| resource.load(analysis.model, &analysis.demand, loads));
    let load = |resource: &Resource| peak(resource).1;
    let loaded_most = analysis.resources.iter().map(|resource| (load(resource), resource));
    let tightest = loaded_most.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, resource)| resource);
    // A broker's messages may wait for its consumers.
    let pool = |kind: Kind| matches!(kind, Kind::Pool(link) if !analysis.model.links[link].queue);
    let short = |one: &&Resource| pool(one.kind) && load(one) > 1.0 / FULL && !full.contains(one);
    let Some(pool) = tightest.filter(short) else { return Vec::new() };
    let message = format!(
        "`{}` is the first to be too small for the peak: offered load {}, capacity 1",
        pool.name,
        figure(load(pool))
    );
    let label = held(analysis, pool, moments.loads(peak(pool).0)).unwrap_or_default();
    vec![placed(places, &place(analysis.model, pool.kind), message, label)]
}

/// How many are held at once by Little's law, and how many there are.
fn held(analysis: &Analysis, resource: &Resource, loads: &Loads) -> Option<String> {
    let (model, capacity) = (analysis.model, resource.capacity);
    let (rate, all, what) = match resource.kind {
        Kind::Pool(link) if model.links[link].queue => {
            (loads.calls[link.index()], loads.links[link.index()], "messages in work")
        }
        Kind::Pool(link) => (loads.calls[link.index()], loads.links[link.index()], "connections in use"),
        Kind::Slots(link) => (loads.calls[link.index()], loads.links[link.index()], "calls in progress"),
        Kind::Workers(service) => {
            let operations = &model.services[service].operations;
            let rate = operations.iter().map(|operation| loads.operations[operation.index()]).sum();
            (rate, loads.services[service.index()].workers(model.services[service].pins), "workers busy")
        }
        Kind::Lock(_, lock) => {
            let held = figure(loads.locks[lock.index()]);
            return Some(format!("{held} are held at once (Little's law), and there are {}", figure(capacity)));
        }
        _ => return None,
    };
    let (rate_text, each) = (figure(rate), seconds(all / rate));
    Some(format!("{rate_text}/s × {each} = {} {what} (Little's law), and there are {}", figure(all), figure(capacity)))
}

/// Health checks need a worker like any call: where those are short, a check tells full from dead no longer.
fn checks_in_line(places: &Places, analysis: &Analysis) -> Vec<Problem> {
    let model = analysis.model;
    let links = model.links.iter().enumerate().filter(|(_, link)| !link.retired).filter_map(|(at, link)| {
        let health = link.health.as_ref()?;
        let callee = &model.services[link.callee];
        if callee.workers == u32::MAX {
            return None;
        }
        let timeout = model.lanes[health.timeout].as_seconds();
        let message = format!("health checks of `{}` share the workers they judge", callee.name);
        let queue = match (callee.backlog, each(analysis, link.callee)) {
            (u32::MAX, _) => format!("a check waits behind all others, and fails after {}", seconds(timeout)),
            (0, _) => "a check that finds all workers busy is refused".to_owned(),
            (places, Some(each)) => format!(
                "a full backlog is {places} × {} = {} of work: a check is refused, or fails after {}",
                seconds(each),
                seconds(f64::from(places) * each),
                seconds(timeout)
            ),
            (places, None) => format!("a check is refused while {places} wait, and fails after {}", seconds(timeout)),
        };
        let problem = placed(places, &at_link(model, LinkId::new(at), "health"), message, queue);
        Some(problem.help("an instance that is only full is taken out, and the others get its load"))
    });
    links.collect()
}

/// Seconds from one call to the next that a busy instance gets done.
fn each(analysis: &Analysis, id: ServiceId) -> Option<f64> {
    let (model, loads) = (analysis.model, &analysis.highest);
    let service = &model.services[id];
    let rate: f64 = service.operations.iter().map(|operation| loads.operations[operation.index()]).sum();
    if rate <= 0.0 {
        return None;
    }
    let load = &loads.services[id.index()];
    let cores = service.groups.iter().map(|group| f64::from(model.groups[*group].cores)).fold(f64::INFINITY, f64::min);
    let threads = if service.threads == u32::MAX { f64::INFINITY } else { f64::from(service.threads) };
    let cores = cores.min(service.cpu_limit).min(threads);
    let working = load.cpu / rate / speed(model, id) / cores;
    Some(working.max(load.in_progress / rate / f64::from(service.workers)))
}

fn placed(places: &Places, keys: &[String], message: String, label: String) -> Problem {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    match places.of(&keys) {
        Some(span) => Problem::warning(span, message, label),
        None => Problem { severity: Severity::Warning, ..Problem::general(message) },
    }
}

/// Where the file says how much of a resource there is.
fn place(model: &Model, kind: Kind) -> Vec<String> {
    let machine = |group: crate::model::GroupId, field: &str| keys(&["machines", &model.groups[group].name, field]);
    let service = |id: ServiceId, field: &[&str]| {
        let mut path = keys(&["services", &model.services[id].name]);
        path.extend(keys(field));
        path
    };
    match kind {
        Kind::Cpu(group) => machine(group, "cores"),
        Kind::Network(group) | Kind::Ingress(group) => machine(group, "network"),
        Kind::Disk(group) => machine(group, "iops"),
        Kind::MachineMemory(group) => machine(group, "memory"),
        Kind::Quota(id) => service(id, &["cpu", "limit"]),
        Kind::Threads(id) => service(id, &["threads"]),
        Kind::Workers(id) => service(id, &["workers"]),
        Kind::Connections(id) => service(id, &["max_connections"]),
        Kind::Descriptors(id) => service(id, &["descriptors"]),
        Kind::Memory(id) => service(id, &["memory", "limit"]),
        Kind::Pool(link) => at_link(model, link, "connections"),
        Kind::Slots(link) => at_link(model, link, "target_limit"),
        Kind::RateLimit(link) => at_link(model, link, "rate_limit"),
        Kind::Lock(id, _) => service(id, &["operations"]),
    }
}

fn at_link(model: &Model, id: LinkId, field: &str) -> Vec<String> {
    let link = &model.links[id];
    match link.caller {
        Caller::Service(caller) => {
            keys(&["services", &model.services[caller].name, "links", &model.services[link.callee].name, field])
        }
        Caller::Source(source) => keys(&["traffic", &model.sources[source].name, "access"]),
    }
}

fn keys(of: &[&str]) -> Vec<String> {
    of.iter().map(|key| (*key).to_owned()).collect()
}
