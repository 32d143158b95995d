//! Autoscaling: as many machines as a metric asks for, looked at again and again.
//!
//! Wanted are ceil(serving × metric / target), as the Kubernetes autoscaler counts them (horizontal pod autoscaling,
//! *Algorithm details*); within a tenth of the target nothing changes. Of a number for all of them together (messages,
//! requests per second) the target is the share of each. What has been ordered and is not there yet counts as had and not
//! as serving: a controller that is impatient with its cooldown orders no more for that, but one whose metric lags does.
//! Whatever it decides, it says why.

use super::event::Event;
use super::machine::Life;
use super::observation::{Observation, Observer, Scaling};
use super::world::Turn;
use crate::model::{Action, Metric, Scaler, Trigger};
use crate::units::Time;
use std::collections::VecDeque;

/// From here off the target it acts.
const TOLERANCE: f64 = 0.1;

/// What a controller remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Controller {
    /// Readings of the window, the oldest first.
    readings: VecDeque<(Time, (f64, f64))>,
    /// It does nothing before.
    rests_until: Option<Time>,
}

impl<O: Observer> Turn<'_, O> {
    /// A controller looks.
    pub(super) fn on_autoscale(&mut self, rule: u32) {
        let spec = &self.m.rules[rule as usize];
        let (Trigger::Autoscale(scaler), Action::Scale(group)) = (&spec.trigger, &spec.action) else { return };
        let (scaler, group) = (scaler.clone(), *group);
        let now = self.w.now;
        self.w.agenda.once(Time(now.0 + scaler.every.0.max(1)), Event::RuleCheck { rule });
        let Some(value) = self.metric_over_window(rule, &scaler) else { return };
        let list = &self.w.groups[group.index()].list;
        let has = list.len() as u32;
        let serving = list.iter().filter(|&&machine| self.w.machines[machine as usize].life == Life::Up).count() as u32;
        let asked = wanted(&scaler, value, serving, has);
        let wants = asked.clamp(scaler.least, scaler.most.max(scaler.least));
        let rests = self.w.rules[rule as usize].controller.rests_until.filter(|until| *until > now);
        let did = match (wants.cmp(&has), rests) {
            (std::cmp::Ordering::Equal, _) if asked > wants => Scaling::AtMost,
            (std::cmp::Ordering::Equal, _) if asked < wants => Scaling::AtLeast,
            (std::cmp::Ordering::Equal, _) => Scaling::Steady,
            (_, Some(until)) => Scaling::CoolingDown(until),
            (std::cmp::Ordering::Greater, None) => Scaling::Adds(wants - has),
            (std::cmp::Ordering::Less, None) => Scaling::Removes(has - wants),
        };
        self.tell(|| Observation::Scaled { rule, value, wants: asked, has, booting: has - serving, did });
        match did {
            Scaling::Adds(count) => self.add_machines(group, count),
            Scaling::Removes(count) => {
                self.remove_machines(group, count);
            }
            Scaling::Steady | Scaling::AtMost | Scaling::AtLeast | Scaling::CoolingDown(_) => return,
        }
        self.w.rules[rule as usize].controller.rests_until = Some(Time(now.0 + scaler.cooldown.0));
    }

    /// The mean of the metric over the controller's window; none while it says nothing.
    fn metric_over_window(&mut self, rule: u32, scaler: &Scaler) -> Option<f64> {
        let now = self.w.now;
        let reading = self.reading(scaler.metric);
        let scale = self.scale(scaler.metric);
        let readings = &mut self.w.rules[rule as usize].controller.readings;
        readings.push_back((now, reading));
        // The youngest that is a window old, or the oldest there is.
        while readings.get(1).is_some_and(|(at, _)| now.0 - at.0 >= scaler.window.0) {
            readings.pop_front();
        }
        let &(_, before) = readings.front()?;
        (reading.1 > before.1).then(|| scale * (reading.0 - before.0) / (reading.1 - before.1))
    }
}

/// How many the metric asks for.
fn wanted(scaler: &Scaler, value: f64, serving: u32, has: u32) -> u32 {
    let up = |wanted: f64| libm::ceil(wanted - 1e-9).clamp(0.0, 1e6) as u32;
    let together = matches!(scaler.metric, Metric::Queue(_) | Metric::Offered(_));
    let load = if together { value / scaler.target } else { f64::from(serving) * value / scaler.target };
    let off = if together { load / f64::from(has.max(1)) } else { value / scaler.target };
    if serving == 0 && !together || (off - 1.0).abs() <= TOLERANCE { has } else { up(load) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ServiceId;
    use crate::units::Span;

    fn scaler(metric: Metric, target: f64) -> Scaler {
        Scaler { metric, target, every: Span(1), window: Span(1), cooldown: Span(0), least: 1, most: 100 }
    }

    #[test]
    fn it_wants_what_brings_the_metric_to_its_target() {
        let cpu = scaler(Metric::ServiceCpu(ServiceId(0)), 0.6);
        let cases = [(0.8, 4, 4, 6), (0.65, 4, 4, 4), (0.55, 4, 4, 4), (0.3, 4, 4, 2), (0.9, 4, 6, 6), (0.0, 4, 4, 0), (0.9, 0, 3, 3)];
        for (value, serving, has, wants) in cases {
            assert_eq!(wanted(&cpu, value, serving, has), wants, "{value} of {serving} of {has}");
        }
        let queue = scaler(Metric::Queue(ServiceId(0)), 100.0);
        assert_eq!((wanted(&queue, 950.0, 2, 2), wanted(&queue, 210.0, 2, 2)), (10, 2));
    }
}
