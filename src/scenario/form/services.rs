//! Services that may be put in: one of each kind, one like each part; what is rented is on no machine of ours.

use super::candidates::Place;
use super::template::{Written, first};
use crate::scenario::described::{Described, Names, Shape, Thing, Variant, show};
use crate::scenario::edit::place::Spot;
use crate::scenario::parts;
use crate::scenario::service::Kind;

/// A service of each kind, then one like each part.
pub(super) fn service_templates(place: &Place<'_>, way: &[Spot<'_>]) -> Vec<(String, &'static str, Written)> {
    let on =
        || first(place, way, Names::Refers(Thing::Machine), "Service").map(|group| format!("on: [{}]", show(&group)));
    // Somebody with operations of his own, or who hands on to one.
    let behind = || {
        let offers = |name: &&str| !place.graph.offers(name).is_empty() && !is_cache(place, name);
        place
            .scenario
            .services
            .names()
            .find(offers)
            .map(|name| show(&name.to_owned()))
            .ok_or("there is no service to hand on to".to_owned())
    };
    let Shape::Choice(kinds) = Kind::shape() else { return Vec::new() };
    let of_kind = |kind: &'static Variant| {
        let text = match kind.name {
            "Server" => on().map(|on| format!("({on}, operations: {{ \"run\": [Cpu(\"1ms\")] }})")),
            "Database" => on().map(|on| format!("(kind: Database, {on}, operations: {{ \"query\": [Cpu(\"1ms\")] }})")),
            "Cache" => on().map(|on| format!("(kind: Cache, {on})")),
            "External" => Ok("(kind: External, operations: { \"ask\": [Delay(\"100ms\")] })".to_owned()),
            "Balancer" => behind().map(|to| format!("(kind: Balancer(to: {to}), links: {{ {to}: () }})")),
            "Queue" => behind().map(|to| format!("(kind: Queue(to: {to}), links: {{ {to}: (connections: Keep(1)) }})")),
            _ => Err("there is no such kind".to_owned()),
        };
        (kind.name.to_owned(), kind.doc, text)
    };
    let of_part = |part: parts::Part| {
        let like = show(&part.name.to_owned());
        let text = match part.kind() {
            "Balancer" | "Queue" => behind().and_then(|to| {
                let kind = format!("kind: {}(to: {to}), links: {{ {to}: () }}", part.kind());
                let on = if part.is_rented() { String::new() } else { format!("{}, ", on()?) };
                Ok(format!("(like: {like}, {on}{kind})"))
            }),
            "External" => Ok(format!("(like: {like}{})", operations_of(part, "ask", "Delay(\"100ms\")"))),
            "Cache" => on().map(|on| format!("(like: {like}, {on})")),
            _ => on().map(|on| format!("(like: {like}, {on}{})", operations_of(part, "run", "Cpu(\"1ms\")"))),
        };
        (part.name.to_owned(), part.what(), text)
    };
    kinds.variants.iter().map(of_kind).chain(parts::parts().map(of_part)).collect()
}

fn is_cache(place: &Place<'_>, name: &str) -> bool {
    matches!(place.scenario.services.get(name).map(|service| &service.kind), Some(Kind::Cache { .. }))
}

/// An operation, where the part brings none.
fn operations_of(part: parts::Part, name: &str, step: &str) -> String {
    if part.has_operations() { String::new() } else { format!(", operations: {{ \"{name}\": [{step}] }}") }
}
