//! Autoscaling: as many machines as a metric asks for, looked at again and again.
//!
//! Wanted are ceil(serving × metric / target), as the Kubernetes autoscaler counts them (horizontal pod autoscaling,
//! *Algorithm details*); within a tenth of the target nothing changes. Of a number for all of them together (messages,
//! requests per second) the target is the share of each. What has been ordered and does not serve yet, because it boots
//! or is pending, counts as capacity to come: it is taken for idle, so that no more are ordered than the load asks for,
//! and it is not sent away again while those who serve have too much to do. Use is the mean over the window, but of the
//! capacity there is at the look: what came up meanwhile is not taken for as busy as those who were there before.
//! (Kubernetes has the newest metrics of each pod instead and leaves out those of a pod that just started.) It says why
//! it does nothing.

use crate::engine::observation::{Observation, Observer, Scaling};
use crate::engine::state::system::Availability;
use crate::engine::state::world::Context;
use crate::engine::time::event::Event;
use crate::model::{Action, RuleId, Scaler, Scope, Trigger};
use crate::scenario::metric::Metric;
use crate::units::Span;

/// From here off the target it acts.
const TOLERANCE: f64 = 0.1;

impl<O: Observer> Context<'_, O> {
    /// A controller looks.
    pub(crate) fn on_autoscale(&mut self, rule: RuleId, epoch: u32) {
        let spec = &self.model.rules[rule];
        let (Trigger::Autoscale(scaler), Action::Scale(scope)) = (&spec.trigger, &spec.action) else { return };
        let (scaler, scope) = (scaler.clone(), *scope);
        let now = self.world.now;
        self.world.agenda.once(now + Span(scaler.every.0.max(1)), Event::RuleCheck { rule, epoch });
        let Some((value, use_now)) = self.metric_over_window(rule, &scaler) else { return };
        let (has, serving, booting) = self.strength(scope);
        let asked = wanted(&scaler, use_now, serving, has);
        let wants = asked.clamp(scaler.least, scaler.most.max(scaler.least));
        let rests = self.world.rules[rule].controller.rests_until.filter(|until| *until > now);
        let did = match (wants.cmp(&has), rests) {
            (std::cmp::Ordering::Equal, _) if asked > wants => Scaling::AtMost,
            (std::cmp::Ordering::Equal, _) if asked < wants => Scaling::AtLeast,
            (std::cmp::Ordering::Equal, _) => Scaling::Steady,
            (_, Some(until)) => Scaling::CoolingDown(until),
            (std::cmp::Ordering::Greater, None) => Scaling::Adds(wants - has),
            (std::cmp::Ordering::Less, None) => Scaling::Removes(has - wants),
        };
        self.emit(|| Observation::Scaled { rule, value, wants: asked, has, booting, did });
        match (did, scope) {
            (Scaling::Adds(count), Scope::Machines(group)) => self.add_machines(group, count),
            (Scaling::Removes(count), Scope::Machines(group)) => {
                self.remove_machines(group, count);
            }
            (Scaling::Adds(_) | Scaling::Removes(_), Scope::Instances(service)) => {
                // It wants another number than there is: something changes.
                let _ = self.scale_service(service, wants);
            }
            (Scaling::Steady | Scaling::AtMost | Scaling::AtLeast | Scaling::CoolingDown(_), _) => return,
        }
        self.world.rules[rule].controller.rests_until = Some(now + scaler.cooldown);
    }

    /// How many there are of what it scales, ordered, pending and dead ones included, how many of them serve, and how
    /// many are to come.
    fn strength(&self, scope: Scope) -> (u32, u32, u32) {
        let is = |states: &[Availability], is: fn(Availability) -> bool| {
            states.iter().filter(|state| is(**state)).count() as u32
        };
        let (up, boots) = (|state| state == Availability::Up, |state| state == Availability::Booting);
        match scope {
            Scope::Machines(group) => {
                let list = &self.world.groups[group].list;
                let states: Vec<_> = list.iter().map(|&machine| self.world.machines[machine].availability).collect();
                (states.len() as u32, is(&states, up), is(&states, boots))
            }
            Scope::Instances(service) => {
                let staying = self.world.staying(service);
                let states: Vec<_> =
                    staying.iter().map(|&instance| self.world.instances[instance].availability).collect();
                let wanted = self.world.services[service].wanted;
                let pending = wanted.saturating_sub(states.len() as u32);
                (wanted, is(&states, up), is(&states, boots) + pending)
            }
        }
    }

    /// The mean of the metric over the controller's window, and the same use of what there is now; none while it says
    /// nothing.
    fn metric_over_window(&mut self, rule: RuleId, scaler: &Scaler) -> Option<(f64, f64)> {
        let now = self.world.now;
        let reading = self.reading(scaler.watched);
        let capacity = self.capacity_of(scaler.watched);
        let readings = &mut self.world.rules[rule].controller.readings;
        readings.push_back((now, reading));
        // The youngest that is a window old, or the oldest there is.
        while readings.get(1).is_some_and(|(at, _)| now.0 - at.0 >= scaler.window.0) {
            readings.pop_front();
        }
        let &(since, before) = readings.front()?;
        let (used, of) = (reading.0 - before.0, reading.1 - before.1);
        let mean = (of > 0.0).then(|| used / of)?;
        match capacity {
            Some(capacity) if capacity > 0.0 => Some((mean, used / ((now.0 - since.0) as f64 * 1e-9) / capacity)),
            Some(_) => None,
            None => Some((mean, mean)),
        }
    }
}

/// How many the metric asks for.
fn wanted(scaler: &Scaler, value: f64, serving: u32, has: u32) -> u32 {
    let up = |wanted: f64| libm::ceil(wanted - 1e-9).clamp(0.0, 1e6) as u32;
    let together = matches!(scaler.watched.metric, Metric::Queue | Metric::Rate | Metric::Waiting);
    let load = if together { value / scaler.target } else { f64::from(serving) * value / scaler.target };
    let spread = load / f64::from(has.max(1));
    let off = if together { spread } else { value / scaler.target };
    let stays = (off - 1.0).abs() <= TOLERANCE || (off > 1.0 && spread <= 1.0 + TOLERANCE);
    if stays || (serving == 0 && !together) { has } else { up(load) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Asked, ServiceId, Watched};
    use crate::scenario::metric::Resource;
    use crate::units::Span;

    fn scaler(metric: Metric, resource: Resource, target: f64) -> Scaler {
        let watched = Watched { metric, of: Asked::OfService(ServiceId::new(0), resource) };
        Scaler { watched, target, every: Span(1), window: Span(1), cooldown: Span(0), least: 1, most: 100 }
    }

    #[test]
    fn it_wants_what_brings_the_metric_to_its_target() {
        let cpu = scaler(Metric::Utilization, Resource::Cpu, 0.6);
        // What serves, what there is, what is wanted. While two boot beside four there are enough for 0.9 of the four;
        // while one of four serves and has too much to do, the three that boot are not sent away.
        let settled = [(0.8, 4, 4, 6), (0.65, 4, 4, 4), (0.55, 4, 4, 4), (0.3, 4, 4, 2), (0.0, 4, 4, 0)];
        let booting = [(0.9, 4, 6, 6), (1.0, 4, 6, 7), (1.0, 1, 4, 4), (0.2, 2, 4, 1), (0.9, 0, 3, 3)];
        for (value, serving, has, wants) in settled.into_iter().chain(booting) {
            assert_eq!(wanted(&cpu, value, serving, has), wants, "{value} of {serving} of {has}");
        }
        let queue = scaler(Metric::Queue, Resource::Queue, 100.0);
        assert_eq!((wanted(&queue, 950.0, 2, 2), wanted(&queue, 210.0, 2, 2)), (10, 2));
    }
}
