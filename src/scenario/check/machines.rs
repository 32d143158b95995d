//! Machines: speeds at which something ends, and room for what is to run there.
use super::{At, Checker};
use crate::scenario::service::{Instances, Service};

impl Checker<'_> {
    pub(super) fn machines(&mut self, root: At<'_>) {
        let scenario = self.scenario;
        for (name, machine) in &scenario.machines {
            let at = root.child("machines").child(name);
            self.flows(machine.network.map(|bandwidth| bandwidth.0), at.child("network"));
            self.flows(machine.iops.map(|rate| rate.0), at.child("iops"));
            if let Some(burst) = &machine.burst
                && let Some(most) = burst.most
                && most < burst.credits
            {
                let message = format!("at most {most} are kept, and there are {} at the start", burst.credits);
                self.error(at.child("burst").child("most"), message, "expected at least `credits`");
            }
        }
        for (name, service) in &scenario.services {
            self.room(name, service, root.child("services").child(name).child("instances"));
        }
    }

    /// One that fits nowhere waits for ever.
    fn room(&mut self, name: &str, service: &Service, at: At<'_>) {
        let Instances::Count(1..) = service.instances else { return };
        let machines = || service.on.iter().filter_map(|group| self.scenario.machines.get(group));
        let needs = service.memory.limit.unwrap_or(service.memory.idle);
        let memory = machines().any(|machine| machine.memory >= needs);
        let cores = machines().any(|machine| f64::from(machine.cores) >= service.cpu.limit.unwrap_or(0.0));
        if machines().next().is_some() && !(memory && cores) {
            let lacks = if memory { "cores enough" } else { "memory enough" };
            self.warn(
                at,
                format!("no machine has {lacks} for one instance of `{name}`"),
                "all of them will be pending",
            );
        }
    }
}
