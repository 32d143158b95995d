//! The accessibility tree as JSON: what a screen reader is told, for tests and for the curious.

use egui::accesskit::{Node, NodeId, Toggled, TreeUpdate};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Every node that has a name, a value or the focus, in the order in which they are read: `role`, `label`, `value`,
/// `bounds` (left, top, right, bottom in pixels).
#[must_use]
pub fn json(update: &TreeUpdate) -> Value {
    let told = |(id, node): &(NodeId, Node)| {
        let mut entry = Map::new();
        entry.insert("role".into(), json!(format!("{:?}", node.role())));
        let mut add = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                entry.insert(key.into(), value);
            }
        };
        add("label", node.label().map(Into::into));
        add("value", node.value().map(Into::into).or_else(|| node.numeric_value().map(Into::into)));
        add("checked", node.toggled().map(|toggled| (toggled == Toggled::True).into()));
        add("selected", node.is_selected().map(Into::into));
        add("disabled", node.is_disabled().then_some(true.into()));
        add("focused", (update.focus == *id).then_some(true.into()));
        add("bounds", node.bounds().map(|bounds| json!([bounds.x0, bounds.y0, bounds.x1, bounds.y1])));
        let says = ["label", "value", "focused"].iter().any(|key| entry.contains_key(*key));
        says.then_some(Value::Object(entry))
    };
    Value::Array(in_order(update).into_iter().filter_map(told).collect())
}

/// Each node before its children, from the root on; last what hangs nowhere.
fn in_order(update: &TreeUpdate) -> Vec<&(NodeId, Node)> {
    let places: BTreeMap<NodeId, usize> = update.nodes.iter().enumerate().map(|(at, (id, _))| (*id, at)).collect();
    let mut left: Vec<NodeId> = update.tree.iter().map(|tree| tree.root).collect();
    let mut seen = vec![false; update.nodes.len()];
    let mut order = Vec::with_capacity(update.nodes.len());
    while let Some(id) = left.pop() {
        let Some(&at) = places.get(&id) else { continue };
        if !std::mem::replace(&mut seen[at], true) {
            order.push(&update.nodes[at]);
            left.extend(update.nodes[at].1.children().iter().rev());
        }
    }
    order.extend(update.nodes.iter().zip(&seen).filter(|(_, seen)| !**seen).map(|(node, _)| node));
    order
}
