//! Operators and controllers over time: rules by the clock or by a condition, and their actions.
//!
//! A condition is looked at once per window, at the mean over that window: a human or a controller reacts late.
//! A rule that does nothing says why.

use crate::engine::observation::{Cause, Observation, Observer, Skipped};
use crate::engine::state::ids::{InstanceId, MachineId, ResizeId};
use crate::engine::state::operators::{Resize, RuleState};
use crate::engine::state::system::Availability;
use crate::engine::state::world::{Context, World};
use crate::engine::time::event::Event;
use crate::model::{Action, Change, GroupId, Model, RuleId, ServiceId, Target, Trigger};
use crate::scenario::Edit;
use crate::scenario::metric::Metric;
use crate::units::{Span, Time};
use std::collections::VecDeque;

impl World {
    /// The rules by the clock that are still to act, in the order in which they do.
    pub(crate) fn schedule(&self, m: &Model) -> VecDeque<(Time, RuleId)> {
        let mut schedule: Vec<(Time, RuleId)> = (0..)
            .map(RuleId::new)
            .zip(&m.rules)
            .filter_map(|(index, rule)| {
                let Trigger::At(time) = rule.trigger else { return None };
                let to_come = !rule.retired && !self.rules[index].spent && time.0 >= self.now.0;
                to_come.then_some((Time(time.0), index))
            })
            .collect();
        schedule.sort();
        schedule.into()
    }

    /// Whether a rule is still the one that an event was made for.
    fn is_current(&self, m: &Model, rule: RuleId, epoch: u32) -> bool {
        !m.rules[rule].retired && self.rules[rule].epoch == epoch
    }
}

impl<O: Observer> Context<'_, O> {
    /// A rule begins, or begins anew: a condition or a controller is looked at from now on. Those by the clock are
    /// commands.
    pub(crate) fn start_rule(&mut self, rule: RuleId) {
        let state = &mut self.world.rules[rule];
        let epoch = state.epoch + 1;
        *state = RuleState { epoch, ..RuleState::default() };
        match &self.model.rules[rule].trigger {
            Trigger::At(_) => {}
            Trigger::When { .. } | Trigger::Autoscale(_) => {
                self.world.agenda.once(Time(self.world.now.0.max(0)), Event::RuleCheck { rule, epoch })
            }
        }
    }

    /// The window of a condition is over.
    pub(crate) fn on_rule_check(&mut self, rule: RuleId, epoch: u32) {
        if !self.world.is_current(self.model, rule, epoch) {
            return;
        }
        if let Trigger::Autoscale(_) = self.model.rules[rule].trigger {
            return self.on_autoscale(rule, epoch);
        }
        let Trigger::When { condition, window, lasting, after, repeat } = self.model.rules[rule].trigger.clone() else {
            return;
        };
        let now = self.world.now;
        let reading = self.reading(condition.watched);
        let state = &mut self.world.rules[rule];
        let before = state.reading.replace(reading);
        // Nothing divided by nothing says nothing: such a window holds neither above nor below.
        let value = match before {
            _ if condition.watched.metric == Metric::Up => reading.0,
            Some(before) if reading.1 > before.1 => (reading.0 - before.0) / (reading.1 - before.1),
            Some(_) | None => f64::NAN,
        };
        let holds = if condition.above { value > condition.threshold } else { value < condition.threshold };
        if !holds {
            state.holds_since = None;
        } else if !state.spent {
            let since = *state.holds_since.get_or_insert(Time(now.0 - window.0));
            if now.0 - since.0 >= lasting.0 {
                state.spent = true;
                state.holds_since = None;
                self.world.agenda.once(now + after, Event::RuleDue { rule, epoch });
            }
        }
        if repeat || !self.world.rules[rule].spent {
            self.world.agenda.once(now + Span(window.0.max(1)), Event::RuleCheck { rule, epoch });
        }
    }

    /// A rule acts, after its condition has held.
    pub(crate) fn on_rule_due(&mut self, rule: RuleId, epoch: u32) {
        if !self.world.is_current(self.model, rule, epoch) {
            return;
        }
        let spec = &self.model.rules[rule];
        if let Trigger::When { repeat: true, .. } = spec.trigger {
            self.world.rules[rule].spent = false;
        }
        let action = spec.action.clone();
        match self.act(&action) {
            Ok(()) => self.emit(|| Observation::RuleFired { rule }),
            Err(why) => self.emit(|| Observation::RuleSkipped { rule, why }),
        }
    }

    /// Carries out an action, whoever ordered it.
    pub(crate) fn act(&mut self, action: &Action) -> Result<(), Skipped> {
        match action {
            Action::AddMachines(group, count) => {
                self.add_machines(*group, *count);
                some_if(*count > 0)
            }
            Action::RemoveMachines(group, count) => {
                let removed = self.remove_machines(*group, *count);
                some_if(removed > 0)
            }
            Action::AddInstances(service, count) => {
                let wanted = self.world.services[*service].wanted;
                self.scale_service(*service, wanted.saturating_add(*count))
            }
            Action::RemoveInstances(service, count) => {
                let wanted = self.world.services[*service].wanted;
                self.scale_service(*service, wanted.saturating_sub(*count))
            }
            &Action::Resize { group, cores, memory, takes, outage } => {
                self.begin_resize(Resize { group, cores, memory, outage }, takes);
                Ok(())
            }
            Action::Crash(target) => self.crash_target(*target),
            Action::Slow { target, factor, lasting } => self.slow(*target, *factor, *lasting),
            Action::Restart { target, stagger } => self.restart(*target, *stagger),
            Action::Reload(service, ordinal) => {
                let until = self.world.now + self.model.services[*service].reload;
                let mut any = false;
                for instance in self.instances_of(*service, *ordinal) {
                    self.world.instances[instance].reloading = until;
                    any = true;
                }
                if any { Ok(()) } else { Err(Skipped::NoSuchInstance) }
            }
            Action::Set { path, value } => {
                self.world.changes.push(Change::Edit(Edit::set(path, value)));
                Ok(())
            }
            Action::Apply(variant) => {
                self.world.changes.push(Change::Apply(variant.clone()));
                Ok(())
            }
            Action::Deploy { service, ordinal, at_once, takes, drain } => {
                self.deploy(*service, *ordinal, *at_once, *takes, *drain)
            }
            Action::Partition { from, to, lasting } => self.partition(*from, *to, *lasting),
            Action::Flush { service, ordinal, store } => self.flush(*service, *ordinal, *store),
            // A controller's: it acts in its own time.
            Action::Scale(_) => Err(Skipped::NothingToDo),
            Action::ScaleTraffic(source, factor) => {
                self.scale_source(*source, *factor);
                Ok(())
            }
        }
    }

    fn members(&self, group: GroupId) -> Vec<MachineId> {
        self.world.groups[group].list.clone()
    }

    fn begin_resize(&mut self, resize: Resize, takes: Span) {
        let outage_at = self.world.now.0.saturating_add(takes.0.saturating_sub(resize.outage.0).max(0));
        let done_at = self.world.now.0.saturating_add(takes.0).max(outage_at);
        let resizes = &mut self.world.resizes;
        let free = resizes.ids().find(|&place| resizes[place].is_none());
        let place = free.unwrap_or_else(|| resizes.push(None));
        resizes[place] = Some(resize);
        let resize = place;
        self.world.agenda.once(Time(outage_at), Event::ResizeOutage { resize });
        self.world.agenda.once(Time(done_at), Event::ResizeDone { resize });
    }

    /// The services of a group that is resized go down.
    pub(crate) fn on_resize_outage(&mut self, resize: ResizeId) {
        let Some(Resize { group, outage, .. }) = self.world.resizes[resize] else { return };
        if outage.0 == 0 {
            return;
        }
        for machine in self.members(group) {
            for instance in self.world.machines[machine].instances.clone() {
                self.crash(instance, Cause::Resize);
            }
        }
    }

    /// They have their new size, and come back.
    pub(crate) fn on_resize_done(&mut self, resize: ResizeId) {
        let Some(Resize { group, cores, memory, .. }) = self.world.resizes[resize].take() else { return };
        for machine in self.members(group) {
            let home = &mut self.world.machines[machine];
            let size = cores.unwrap_or(home.cpu.cores);
            home.cpu.cores = size;
            if let Some(memory) = memory {
                home.ram = memory.0;
            }
            self.world.set_speed(machine);
            self.machine_capacities(machine);
            for instance in self.world.machines[machine].instances.clone() {
                match self.world.instances[instance].availability {
                    Availability::Down => self.start_instance(instance),
                    Availability::Up | Availability::Draining => self.set_capacities(instance, true),
                    Availability::Booting | Availability::Removed => {}
                }
            }
        }
        self.place_all();
        self.emit(|| Observation::TopologyChanged);
    }

    /// The instances a target names.
    pub(crate) fn instances_of(&self, service: ServiceId, ordinal: Option<u32>) -> Vec<InstanceId> {
        let list = &self.world.services[service].list;
        list.iter()
            .copied()
            .filter(|&instance| ordinal.is_none_or(|ordinal| self.world.instances[instance].ordinal == ordinal))
            .collect()
    }

    fn machines_of(&self, group: GroupId, ordinal: Option<u32>) -> Vec<MachineId> {
        let list = &self.world.groups[group].list;
        list.iter()
            .copied()
            .filter(|&machine| ordinal.is_none_or(|ordinal| self.world.machines[machine].ordinal == ordinal))
            .collect()
    }

    fn crash_target(&mut self, target: Target) -> Result<(), Skipped> {
        let mut any = false;
        let found = match target {
            Target::Service(service, ordinal) => {
                let instances = self.instances_of(service, ordinal);
                for &instance in &instances {
                    any |= self.world.instances[instance].availability == Availability::Up;
                    self.crash(instance, Cause::Crash);
                }
                !instances.is_empty()
            }
            Target::Machine(group, ordinal) => {
                let machines = self.machines_of(group, ordinal);
                for &machine in &machines {
                    any |= self.crash_machine(machine);
                }
                !machines.is_empty()
            }
        };
        match (found, any) {
            (true, true) => Ok(()),
            (true, false) => Err(Skipped::AlreadyDown),
            (false, _) => Err(Skipped::NoSuchInstance),
        }
    }

    fn slow(&mut self, target: Target, factor: f64, lasting: Span) -> Result<(), Skipped> {
        let now = self.world.now;
        let mut ends = Vec::new();
        match target {
            Target::Service(service, ordinal) => {
                for instance in self.instances_of(service, ordinal) {
                    let (machine, party) =
                        (self.world.instances[instance].machine, self.world.instances[instance].party);
                    if let Some(machine) = machine {
                        self.world.machines[machine].cpu.set_factor(now, party, factor);
                        self.world.touch_machine(machine);
                        ends.push(Event::SlowEnd { machine, instance: Some(instance) });
                    }
                }
            }
            Target::Machine(group, ordinal) => {
                for machine in self.machines_of(group, ordinal) {
                    self.world.machines[machine].slow = factor;
                    self.world.set_speed(machine);
                    ends.push(Event::SlowEnd { machine, instance: None });
                }
            }
        }
        let found = !ends.is_empty();
        for event in ends {
            self.world.agenda.once(now + lasting, event);
        }
        if found { Ok(()) } else { Err(Skipped::NoSuchInstance) }
    }

    pub(crate) fn on_slow_end(&mut self, machine: MachineId, instance: Option<InstanceId>) {
        let Some(instance) = instance else {
            self.world.machines[machine].slow = 1.0;
            return self.world.set_speed(machine);
        };
        if self.world.instances[instance].availability == Availability::Removed {
            return;
        }
        let party = self.world.instances[instance].party;
        self.world.machines[machine].cpu.set_factor(self.world.now, party, 1.0);
        self.world.touch_machine(machine);
    }

    /// Stops and starts processes (or boots dead machines), each `stagger` after the one before.
    fn restart(&mut self, target: Target, stagger: Span) -> Result<(), Skipped> {
        match target {
            Target::Service(service, ordinal) => {
                let instances = self.instances_of(service, ordinal);
                for (place, &instance) in instances.iter().enumerate() {
                    let delay = stagger * place as i64;
                    let epoch = self.world.instances[instance].epoch;
                    self.world.agenda.once(self.world.now + delay, Event::InstanceStop { instance, epoch });
                }
                if instances.is_empty() { Err(Skipped::NoSuchInstance) } else { Ok(()) }
            }
            Target::Machine(group, ordinal) => {
                let machines = self.machines_of(group, ordinal);
                let boot = self.model.groups[group].boot;
                for (place, &machine) in machines.iter().enumerate() {
                    let delay = stagger * place as i64;
                    self.crash_machine(machine);
                    self.world.machines[machine].availability = Availability::Booting;
                    self.world.agenda.once(self.world.now + delay + boot, Event::MachineStart { machine });
                }
                if machines.is_empty() { Err(Skipped::NoSuchInstance) } else { Ok(()) }
            }
        }
    }

    /// A restart's turn has come for an instance.
    pub(crate) fn on_instance_stop(&mut self, instance: InstanceId, epoch: u32) {
        if self.world.instances[instance].epoch != epoch {
            return;
        }
        self.crash(instance, Cause::Restart);
        let takes = self.service(instance).restart.map_or(0, |span| span.0);
        self.start_later(instance, takes);
    }
}

fn some_if(done: bool) -> Result<(), Skipped> {
    if done { Ok(()) } else { Err(Skipped::NothingToDo) }
}
