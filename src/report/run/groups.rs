//! Resources of one subject of the story, told in one row: six `app/N.workers` become `app.workers ×6`.

use crate::engine::ResourceKind;
use crate::measure::results::ResourceGroup;

/// `app.workers ×6`
pub fn label(group: &ResourceGroup) -> String {
    if group.members > 1 { format!("{} ×{}", group.all.id, group.members) } else { group.all.id.clone() }
}

/// Something to tell: it was full, or used at all. Instances are always there; those that found no room are told.
pub fn was_used(group: &ResourceGroup) -> bool {
    let all = &group.all;
    all.saturated_at_s.is_some()
        || if all.kind == ResourceKind::Instances { all.waiting_max > 0.0 } else { all.utilization_mean > 0.0 }
}

/// All groups, first those that saturated in the order they did, then the rest by utilization, highest first.
pub fn ranked(groups: &[ResourceGroup]) -> Vec<&ResourceGroup> {
    let mut ranked: Vec<&ResourceGroup> = groups.iter().collect();
    ranked.sort_by(|a, b| match (a.all.saturated_at_s, b.all.saturated_at_s) {
        (Some(x), Some(y)) => x.total_cmp(&y),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => b.all.utilization_mean.total_cmp(&a.all.utilization_mean),
    });
    ranked
}
