//! Controllers that cannot do what they are for: targets out of reach, and two that share one number.
use super::{At, Checker};
use crate::scenario::{
    condition::Condition,
    metric::{Metric, Resource, Unit},
    runbook::Rule,
    service::{Instances, Service},
};
use crate::units::Percent;
use std::collections::BTreeMap;

impl Checker<'_> {
    pub(super) fn controllers(&mut self, runbook: At<'_>) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, rule) in self.scenario.runbook.iter().enumerate() {
            let at = runbook.item(index);
            match rule {
                Rule::Autoscale { of, metric, target, .. } => {
                    if let Some(first) = seen.insert(of, index) {
                        let place = runbook.item(first).child("of").span();
                        let problem = self.warn(
                            at.child("of"),
                            format!("two controllers set the number of `{of}`"),
                            "each takes back what the other did; expected one",
                        );
                        problem.also = Some((place, "the other one".to_owned()));
                    }
                    let text = format!("{metric} > {target}");
                    if let Ok(condition) = Condition::parse(&text) {
                        self.reachable(&condition, at.child("target"), "the controller never adds one");
                    }
                }
                Rule::When { condition, .. } => {
                    if let Ok(parsed) = Condition::parse(condition) {
                        self.reachable(&parsed, at.child("condition"), "it never comes true");
                    }
                }
                Rule::At(..) => {}
            }
        }
    }

    /// A share that cannot be exceeded, because of what is watched or because of the limits in front of it.
    fn reachable(&mut self, condition: &Condition, at: At<'_>, consequence: &str) {
        let share = condition.metric.row().unit == Unit::Share;
        if !condition.above || condition.metric != Metric::Utilization {
            let never = match condition.above {
                true => share && condition.threshold >= 1.0,
                false => condition.threshold <= 0.0,
            };
            if never {
                let side = if condition.above { "above" } else { "below" };
                let most = if condition.above { "a share is 100 % at most" } else { "it is 0 at least" };
                let bound = condition.metric.row().unit.print(condition.threshold);
                let name = condition.metric.name();
                let message = format!("`{name}` of `{}` is never {side} {bound}", condition.subject);
                self.warn(at, message, format!("{most}, so {consequence}"));
            }
            return;
        }
        let (most, why) = match (condition.resource, self.scenario.services.get(&condition.subject)) {
            (Some(Resource::Cpu), Some(service)) => self.most_cpu(&condition.subject, service),
            _ => (1.0, String::new()),
        };
        if most > condition.threshold {
            return;
        }
        let (watched, threshold) = (condition.subject.as_str(), Percent(condition.threshold));
        let resource = condition.resource.map_or("", Resource::name);
        let told = if why.is_empty() { String::new() } else { format!(": {why}") };
        self.warn(
            at,
            format!("`{watched}.{resource}` is never above {threshold}"),
            format!("it reaches {} at most{told}, so {consequence}", Percent(most)),
        );
    }

    /// The highest utilization of the machines of a service, and what keeps it there. Others on them may fill them.
    fn most_cpu(&self, name: &str, service: &Service) -> (f64, String) {
        let alone = |group: &String| {
            let others = |(other, spec): (&String, &Service)| other != name && spec.on.contains(group);
            !self.scenario.services.iter().any(others)
        };
        let limit = service.cpu.limit.unwrap_or(f64::INFINITY).min(service.threads.map_or(f64::INFINITY, f64::from));
        let busiest = service.workers.map_or(f64::INFINITY, f64::from);
        let each = limit.min(busiest);
        if !each.is_finite() || service.on.is_empty() || !service.on.iter().all(alone) {
            return (1.0, String::new());
        }
        let machines = || service.on.iter().filter_map(|group| self.scenario.machines.get(group));
        let count: u32 = machines().map(|machine| machine.count).fold(0, u32::saturating_add);
        let instances = match service.instances {
            Instances::PerMachine(each) => each,
            Instances::Count(all) => all.div_ceil(count.max(1)),
        };
        let cores = machines().map(|machine| machine.cores).min().unwrap_or(1);
        let most = (f64::from(instances) * each / f64::from(cores)).min(1.0);
        let of = if instances == 1 { "an instance".to_owned() } else { format!("{instances} instances") };
        (most, format!("{of} may use {} of a machine's {cores} cores", f64::from(instances) * each))
    }
}
