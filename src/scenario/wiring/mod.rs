//! Wires: who may call whom, and the edits that make a call, take it away or hang it elsewhere.
//!
//! Whoever calls is a service or a source, by name. What may not be is refused in words for people. An offer's edits
//! go together: the link and the step that uses it.

mod addition;
mod change;
pub(in crate::scenario) mod graph;

pub use addition::{Ground, added, additions, carried};
pub use change::{placed, rehung, unwired, wires};

use super::described::show;
use super::edit::Edit;
use super::load::Loaded;
use super::service::{Kind, Service};
use super::step::Step;
use super::traffic::Traffic;
use graph::Graph;

/// A way to wire one to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What would be called: "rds.query".
    pub operation: String,
    /// Whose program would call it: the path of an operation, a journey, or the `call` of a source.
    pub from: String,
    /// What makes the wire, all of them together; or why it cannot be.
    pub edits: Result<Vec<Edit>, String>,
}

/// Whom a service or a source may be wired to: every service in the order of the file, and why not.
#[must_use]
pub fn targets(loaded: &Loaded, from: &str) -> Vec<(String, Result<(), String>)> {
    let graph = Graph::of(&loaded.scenario);
    let names = loaded.scenario.services.names();
    names.map(|to| (to.to_owned(), any(offers_of(loaded, &graph, from, to)))).collect()
}

/// Something can be done, or why nothing can.
fn any(offers: Result<Vec<Offer>, String>) -> Result<(), String> {
    let mut first = None;
    for offer in offers? {
        match offer.edits {
            Ok(_) => return Ok(()),
            Err(why) => first = first.or(Some(why)),
        }
    }
    Err(first.unwrap_or_else(|| "there is nothing to call".to_owned()))
}

/// Every way to wire a service or a source to a service, those that cannot be among them.
///
/// # Errors
/// Why there is none at all.
pub fn offers(loaded: &Loaded, from: &str, to: &str) -> Result<Vec<Offer>, String> {
    offers_of(loaded, &Graph::of(&loaded.scenario), from, to)
}

fn offers_of(loaded: &Loaded, graph: &Graph<'_>, from: &str, to: &str) -> Result<Vec<Offer>, String> {
    let scenario = &loaded.scenario;
    let callee = scenario.services.get(to).ok_or_else(|| not_called(loaded, to))?;
    if from == to {
        return Err(format!("`{from}` would call itself"));
    }
    if let Some(source) = scenario.traffic.get(from) {
        return of_source(graph, (from, source), (to, callee));
    }
    let Some(caller) = scenario.services.get(from) else {
        return Err(format!("`{from}` is a group of machines: what runs there calls"));
    };
    match &caller.kind {
        Kind::Balancer { to: behind, .. } | Kind::Queue { to: behind, .. } => {
            return Err(format!("`{from}` hands everything on to `{behind}`: hang it to another instead"));
        }
        Kind::Server | Kind::Database { .. } | Kind::Cache { .. } | Kind::External => {}
    }
    if caller.operations.is_empty() {
        return Err(format!("`{from}` has no operation that could call"));
    }
    let link = (!caller.links.contains(to)).then(|| Edit::insert(format!("services.{from}.links.{to}"), "()"));
    if let Kind::Cache { .. } = callee.kind {
        return Ok(of_cache(loaded, graph, (from, caller), to, link.as_ref()));
    }
    let offered = graph.offers(to);
    if offered.is_empty() {
        return Err(format!("`{to}` has no operation"));
    }
    let word = if matches!(callee.kind, Kind::Queue { .. }) { "Enqueue" } else { "Call" };
    let mut found = Vec::new();
    for (name, program) in &caller.operations {
        for operation in &offered {
            let open = graph.open_source_of((from, name));
            let held = open.and_then(|source| Some((source, graph.holds((to, operation))?)));
            let back = graph.way((to, operation), |here| here == (from, name));
            let step = format!("{word}({})", show(&format!("{to}.{operation}")));
            found.push(Offer {
                operation: format!("{to}.{operation}"),
                from: format!("services.{from}.operations.{name}"),
                edits: match (back, held) {
                    (Some(way), _) => {
                        let way: Vec<String> =
                            way.iter().map(|(service, operation)| format!("{service}.{operation}")).collect();
                        Err(format!("`{from}.{name}` would wait for itself: {}", way.join(" → ")))
                    }
                    (None, Some((source, (service, operation)))) => Err(format!(
                        "`{service}.{operation}` holds to the end of the session, and `{source}`, which comes here, has none"
                    )),
                    (None, None) => {
                        Ok(step_edits(&format!("services.{from}.operations.{name}"), program, &step, link.as_ref()))
                    }
                },
            });
        }
    }
    Ok(found)
}

fn not_called(loaded: &Loaded, to: &str) -> String {
    if loaded.scenario.traffic.contains(to) {
        format!("`{to}` is a source: it calls, and nobody calls it")
    } else if loaded.scenario.machines.contains(to) {
        format!("`{to}` is a group of machines: what runs there is called")
    } else {
        format!("there is no service `{to}`")
    }
}

/// A step at the end of a program, in front of its reply, and the link that it needs.
fn step_edits(path: &str, program: &[Step], step: &str, link: Option<&Edit>) -> Vec<Edit> {
    let replies = |step: &&Step| matches!(step, Step::Send(_) | Step::Hold | Step::HoldFor(_));
    let place = program.len() - program.iter().rev().take_while(replies).count();
    link.cloned().into_iter().chain([Edit::insert(format!("{path}.{place}"), step)]).collect()
}

fn of_cache(
    loaded: &Loaded,
    graph: &Graph<'_>,
    (from, caller): (&str, &Service),
    to: &str,
    link: Option<&Edit>,
) -> Vec<Offer> {
    let key = loaded.scenario.keys.names().next();
    let offer = |(name, program): (&String, &Vec<Step>)| {
        let path = format!("services.{from}.operations.{name}");
        let edits = match key {
            _ if caller.stores.contains(to) => Err(format!("`{from}` has a store of its own that is called `{to}`")),
            Some(_) if graph.way((to, "get"), |here| here == (from, name)).is_some() => {
                Err(format!("`{from}.{name}` would wait for itself: `{to}` asks it"))
            }
            None => Err(format!("`{to}` is a store: it is asked by a key, and there is none")),
            Some(key) => {
                let step = format!("Cached({}, {}, [], [])", show(&to.to_owned()), show(&key.to_owned()));
                Ok(step_edits(&path, program, &step, link))
            }
        };
        Offer { operation: format!("{to}.get"), from: path, edits }
    };
    caller.operations.iter().map(offer).collect()
}

fn of_source(
    graph: &Graph<'_>,
    (from, source): (&str, &Traffic),
    (to, callee): (&str, &Service),
) -> Result<Vec<Offer>, String> {
    if let Kind::Cache { .. } = callee.kind {
        return Err(format!("`{to}` is a store: only services ask it"));
    }
    let offered = graph.offers(to);
    if offered.is_empty() {
        return Err(format!("`{to}` has no operation"));
    }
    let offer = |operation: &&str| {
        let called = format!("{to}.{operation}");
        let text = show(&called);
        let (path, edits) = match source {
            Traffic::Open { .. } => {
                let path = format!("traffic.{from}.call");
                let edits = match graph.holds((to, operation)) {
                    Some((service, name)) => {
                        Err(format!("`{service}.{name}` holds to the end of the session, and `{from}` has no sessions"))
                    }
                    None => Ok(vec![Edit::set(path.clone(), text)]),
                };
                (path, edits)
            }
            Traffic::Users { journey, .. } | Traffic::Closed { journey, .. } => {
                let path = format!("traffic.{from}.journey");
                let edits = step_edits(&path, journey, &format!("Call({text})"), None);
                (path, Ok(edits))
            }
        };
        Offer { operation: called, from: path, edits }
    };
    Ok(offered.iter().map(offer).collect())
}
