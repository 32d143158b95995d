//! Resources of one subject of the story, told in one row: six `app/N.workers` become `app.workers ×6`.

use crate::measure::results::Resource;
use indexmap::IndexMap;

/// Resources of one kind of one service or machine group.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// As in the story: `app.workers`, `rds.cpu`.
    pub name: &'a str,
    /// Its members in the order of the results.
    pub members: Vec<&'a Resource>,
}

impl Group<'_> {
    /// `app.workers ×6`
    pub fn label(&self) -> String {
        if self.members.len() > 1 { format!("{} ×{}", self.name, self.members.len()) } else { self.name.to_owned() }
    }

    /// Largest of a figure over the members that have it.
    pub fn largest(&self, of: impl Fn(&Resource) -> Option<f64>) -> Option<f64> {
        self.members.iter().filter_map(|r| of(r)).reduce(f64::max)
    }

    /// Capacity-weighted mean of a figure.
    pub fn mean(&self, of: impl Fn(&Resource) -> f64) -> f64 {
        let capacity: f64 = self.members.iter().map(|r| r.capacity).filter(|c| c.is_finite()).sum();
        if capacity > 0.0 {
            self.members.iter().filter(|r| r.capacity.is_finite()).map(|r| of(r) * r.capacity).sum::<f64>() / capacity
        } else {
            self.members.iter().map(|r| of(r)).sum::<f64>() / self.members.len() as f64
        }
    }

    /// Sum of a figure.
    pub fn sum(&self, of: impl Fn(&Resource) -> f64) -> f64 {
        self.members.iter().map(|r| of(r)).sum()
    }

    /// First second any member was saturated.
    pub fn saturated_at(&self) -> Option<f64> {
        self.members.iter().filter_map(|r| r.saturated_at_s).reduce(f64::min)
    }
}

/// All groups, first those that saturated in the order they did, then the rest by utilization, highest first.
pub fn groups(resources: &[Resource]) -> Vec<Group<'_>> {
    let mut by_name: IndexMap<&str, Vec<&Resource>> = IndexMap::new();
    for resource in resources {
        by_name.entry(&resource.subject).or_default().push(resource);
    }
    let mut groups: Vec<Group> = by_name.into_iter().map(|(name, members)| Group { name, members }).collect();
    groups.sort_by(|a, b| match (a.saturated_at(), b.saturated_at()) {
        (Some(x), Some(y)) => x.total_cmp(&y),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => b.mean(|r| r.utilization_mean).total_cmp(&a.mean(|r| r.utilization_mean)),
    });
    groups
}
