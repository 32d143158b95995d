//! How many instances a service had while it had any.

use super::counters::row;
use super::resources::Hosting;
use crate::model::ServiceId;

/// By service: instances there were at the looks from time 0 on, up or down, and the looks with any.
#[derive(Clone, Debug, Default)]
pub struct Fleets(Vec<(u64, u64)>);

impl Fleets {
    /// One look at all instances.
    pub fn count(&mut self, places: &[Hosting]) {
        let mut there: Vec<u64> = vec![0; self.0.len()];
        for place in places.iter().filter(|place| !place.removed) {
            *row(&mut there, place.service.number()) += 1;
        }
        for (service, &instances) in there.iter().enumerate().filter(|fleet| *fleet.1 > 0) {
            let (all, looks) = row(&mut self.0, service as u32);
            (*all, *looks) = (*all + instances, *looks + 1);
        }
    }

    /// Mean number of a service's instances while there were any, those that were down counted.
    pub fn mean(&self, service: ServiceId) -> f64 {
        let (all, looks) = self.0.get(service.index()).copied().unwrap_or_default();
        all as f64 / looks.max(1) as f64
    }
}
