//! What takes a wire away, or hangs it to another.

use super::graph::Graph;
use crate::scenario::described::{Names, Thing, show};
use crate::scenario::edit::Edit;
use crate::scenario::edit::mention::{Mention, Mentions, Name, UnitKind};
use crate::scenario::edit::removal_of;
use crate::scenario::edit::walk::mentions;
use crate::scenario::load::Loaded;
use crate::scenario::nearest::list;
use crate::scenario::service::Kind;
use crate::scenario::syntax::{self, Node};
use std::collections::BTreeSet;

/// The path of whoever calls.
fn home(loaded: &Loaded, from: &str) -> String {
    let section = if loaded.scenario.traffic.contains(from) { "traffic" } else { "services" };
    format!("{section}.{from}")
}

fn tree_of(loaded: &Loaded) -> Result<Node, String> {
    syntax::parse(&loaded.text).map_err(|problem| problem.message)
}

/// Where one names another, in the order of the file.
fn between<'m>(all: &'m Mentions<'_>, home: &str, to: &str) -> Vec<&'m Mention> {
    let name = Name::Service(to.to_owned());
    let inside = |mention: &&Mention| {
        let path = &*all.units[mention.unit].path;
        mention.name == name && path.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    all.all.iter().filter(inside).filter(|mention| !matches!(mention.names, Names::Defines(_))).collect()
}

/// Where a service or a source calls another, or otherwise names it: paths, in the order of the file.
#[must_use]
pub fn wires(loaded: &Loaded, from: &str, to: &str) -> Vec<String> {
    let Ok(tree) = tree_of(loaded) else { return Vec::new() };
    let all = mentions(&tree);
    between(&all, &home(loaded, from), to).into_iter().map(|mention| all.units[mention.unit].path.to_string()).collect()
}

/// What takes every wire from one to another away, the link with it. An operation that does nothing else then does
/// nothing.
///
/// # Errors
/// Why it cannot be: there is none, or all of the caller would go.
pub fn unwired(loaded: &Loaded, from: &str, to: &str) -> Result<Vec<Edit>, String> {
    let tree = tree_of(loaded)?;
    let all = mentions(&tree);
    let home = home(loaded, from);
    let named = between(&all, &home, to);
    if named.is_empty() {
        return Err(format!("`{from}` does not call `{to}`"));
    }
    let outwards = |mut unit: usize| {
        while all.units[unit].kind == UnitKind::Needed {
            unit = all.units[unit].outer?;
        }
        Some(unit)
    };
    let seeds: BTreeSet<usize> = named.iter().filter_map(|mention| outwards(mention.unit)).collect();
    let seeds: Vec<usize> = seeds.into_iter().collect();
    let removal = removal_of(all, &seeds);
    let edits = removal.edits();
    let gone = |edit: &Edit| !edit.path().starts_with(&format!("{home}."));
    if edits.iter().any(gone) {
        return Err(format!("`{from}` is nothing without `{to}`: hang it to another, or remove it"));
    }
    Ok(edits)
}

/// What hangs every wire from one to another service instead, with the settings of its link. `operations`: what is
/// called there instead of what; others by the same name.
///
/// # Errors
/// Why it cannot be.
pub fn rehung(
    loaded: &Loaded,
    from: &str,
    to: &str,
    other: &str,
    operations: &[(&str, &str)],
) -> Result<Vec<Edit>, String> {
    let scenario = &loaded.scenario;
    let Some(callee) = scenario.services.get(other) else { return Err(super::not_called(loaded, other)) };
    if other == from {
        return Err(format!("`{from}` would call itself"));
    }
    let tree = tree_of(loaded)?;
    let all = mentions(&tree);
    let home = home(loaded, from);
    let named = between(&all, &home, to);
    if named.is_empty() {
        return Err(format!("`{from}` does not call `{to}`"));
    }
    let graph = Graph::of(scenario);
    let offered = graph.offers(other);
    let is_cache = matches!(callee.kind, Kind::Cache { .. });
    let mut edits = Vec::new();
    let mut removed = Vec::new();
    for mention in named {
        let path = all.units[mention.unit].path.to_string();
        let content = &*mention.literal.content;
        let replaced = || format!("{}{other}{}", &content[..mention.at.start], &content[mention.at.end..]);
        match (mention.names, mention.is_key) {
            (Names::Refers(Thing::Service), true) => {
                let stands = path.rsplit_once('.').is_some_and(|(map, _)| {
                    all.keys.iter().any(|key| key.at.start == 0 && *key.path == *format!("{map}.{other}"))
                });
                if stands { removed.push(Edit::remove(path)) } else { edits.push(Edit::rename(path, other)) }
            }
            (Names::Call, _) => {
                let called = content.split_once('.').map_or("", |(_, operation)| operation);
                let wanted = operations.iter().find(|(before, _)| *before == called).map_or(called, |(_, after)| after);
                if is_cache {
                    return Err(format!("`{other}` is a store: it is asked by `Cached`, not called"));
                }
                if !offered.contains(&wanted) {
                    let there = if offered.is_empty() { "nothing".to_owned() } else { list(offered.iter().copied()) };
                    return Err(format!("`{other}` has no operation `{wanted}`: it offers {there}"));
                }
                edits.push(Edit::set(path, show(&format!("{other}.{wanted}"))));
            }
            (Names::StoreOrCache, _) if !is_cache => {
                return Err(format!("`{other}` is no store, and `{from}` looks into `{to}`"));
            }
            _ => edits.push(Edit::set(path, show(&replaced()))),
        }
    }
    // From the end, so that places in front stay.
    removed.reverse();
    edits.extend(removed);
    Ok(edits)
}

/// What puts a service on another machine group, in the place of one of those it is on; none: on one more.
///
/// # Errors
/// Why it cannot be.
pub fn placed(loaded: &Loaded, service: &str, from: Option<&str>, to: &str) -> Result<Vec<Edit>, String> {
    let scenario = &loaded.scenario;
    let Some(found) = scenario.services.get(service) else { return Err(format!("there is no service `{service}`")) };
    if !scenario.machines.contains(to) {
        return Err(format!("`{to}` is no group of machines"));
    }
    if found.kind == Kind::External {
        return Err(format!("`{service}` is a third party: it runs on no machine of ours"));
    }
    if found.on.iter().any(|group| group == to) {
        return Err(format!("`{service}` runs on `{to}` already"));
    }
    let mut on = found.on.clone();
    match from {
        None => on.push(to.to_owned()),
        Some(from) => match on.iter_mut().find(|group| *group == from) {
            Some(group) => *group = to.to_owned(),
            None => return Err(format!("`{service}` does not run on `{from}`")),
        },
    }
    let place = from.and_then(|from| found.on.iter().position(|group| group == from)).unwrap_or(found.on.len());
    let path = format!("services.{service}.on");
    let written = loaded.place(&["services", service, "on", "0"]).is_some() && !found.on.is_empty();
    Ok(vec![match (written, from) {
        (true, Some(_)) => Edit::set(format!("{path}.{place}"), show(&to.to_owned())),
        (true, None) => Edit::insert(format!("{path}.{place}"), show(&to.to_owned())),
        (false, _) => Edit::set(path, show(&on)),
    }])
}
