//! Active health checks: real calls that need a connection and a worker, and beliefs that lag the truth.

use super::event::Event;
use super::machine::Life;
use super::observation::{Observation, Observer};
use super::request::{NONE, Place, Role, State};
use super::world::Turn;
use crate::model::{Eject, LinkId};
use crate::units::Time;

impl<O: Observer> Turn<'_, O> {
    /// A check is due: one probe to the target, and the next check after `every`.
    pub(super) fn on_health_check(&mut self, client: u32, instance: u32) {
        let end = &self.w.clients[client as usize];
        let Some(health) = &self.m.links[end.link as usize].health else {
            return;
        };
        let (every, timeout) = (health.every.0, health.timeout.0);
        let caller = end.instance;
        let caller_gone = caller != NONE && self.w.instances[caller as usize].life == Life::Removed;
        if caller_gone || end.find(instance, 0).is_none() {
            return;
        }
        self.w.after(every, Event::HealthCheck { client, instance });
        if end_is_down(caller, &self.w.instances) {
            return;
        }
        let probe = self.w.execs.insert(Role::Probe, 0, 0, self.w.now);
        let state = &mut self.w.execs[probe];
        state.client = client;
        state.instance = instance;
        state.state = State::Transit;
        let reference = self.w.execs.reference(probe);
        self.w.after(timeout, Event::Timeout(reference));
        let target = &self.w.instances[instance as usize];
        if target.machine != NONE && self.w.machines[target.machine as usize].life == Life::Down {
            self.w.execs[probe].state = State::Silent;
            return;
        }
        if self.check_vanishes(client, instance) {
            self.w.execs[probe].state = State::Silent;
            return;
        }
        let full = self.w.now < target.reloading
            || target.connections >= target.max_connections
            || target.descriptors >= target.descriptor_limit;
        if !matches!(target.life, Life::Up | Life::Draining) {
            return self.end_probe(probe, false);
        }
        if full {
            return self.probe_turned_away(probe);
        }
        let target = &mut self.w.instances[instance as usize];
        target.connections += 1;
        target.descriptors += 1;
        self.w.note_connections(instance);
        let memory = self.service(instance).memory.per_connection;
        self.grow(instance, memory);
        self.w.execs[probe].place = Place::Holding;
        self.admit(probe, true);
    }

    /// No room for a check: it fails, or hears nothing until its time is over.
    pub(super) fn probe_turned_away(&mut self, probe: u32) {
        if self.service(self.w.execs[probe].instance).door.silent {
            self.w.execs[probe].state = State::Silent;
        } else {
            self.end_probe(probe, false);
        }
    }

    /// A check has lasted too long.
    pub(super) fn on_probe_timeout(&mut self, probe: u32) {
        self.leave_instance(probe);
        self.end_probe(probe, false);
    }

    /// What a check found changes the belief after `fall` failures or `rise` successes in a row.
    pub(super) fn end_probe(&mut self, probe: u32, passed: bool) {
        let (client, instance) = (self.w.execs[probe].client, self.w.execs[probe].instance);
        self.w.execs.remove(probe);
        let end = &mut self.w.clients[client as usize];
        let Some(at) = end.find(instance, 0) else {
            return;
        };
        let link = LinkId(end.link);
        let Some(health) = &self.m.links[link.index()].health else {
            return;
        };
        let target = &mut end.targets[at];
        if passed {
            target.falls = 0;
            target.rises += 1;
        } else {
            target.rises = 0;
            target.falls += 1;
        }
        target.sound = if target.sound { target.falls < health.fall } else { target.rises >= health.rise };
        self.believe(client, at);
    }

    /// What is known of a target has changed; what is believed may.
    fn believe(&mut self, client: u32, at: usize) {
        let now = self.w.now;
        let end = &mut self.w.clients[client as usize];
        let target = &mut end.targets[at];
        let (instance, healthy) = (target.instance, target.sound && !target.ejected);
        if healthy == target.healthy {
            return;
        }
        target.healthy = healthy;
        if healthy {
            target.since = now;
            end.unhealthy -= 1
        } else {
            end.unhealthy += 1
        }
        let (link, caller_instance) = (LinkId(end.link), end.instance);
        self.w.targets_changed(self.m, client);
        self.tell(|| Observation::HealthChanged { link, caller_instance, target: instance, healthy });
    }

    /// A call to a target has ended; one that fails too often in a row is ejected for a while.
    pub(super) fn judge(&mut self, client: u32, instance: u32, failed: bool, eject: Eject) {
        let end = &mut self.w.clients[client as usize];
        let Some(at) = end.find(instance, 0) else { return };
        let target = &mut end.targets[at];
        target.failures = if failed { target.failures + 1 } else { 0 };
        if target.failures >= eject.failures && !target.ejected {
            target.ejected = true;
            target.failures = 0;
            self.w.agenda.once(Time(self.w.now.0 + eject.lasting.0), Event::Reinstate { client, instance });
            self.believe(client, at);
        }
    }

    /// The time of an ejected target is over.
    pub(super) fn on_reinstate(&mut self, client: u32, instance: u32) {
        let end = &mut self.w.clients[client as usize];
        if let Some(at) = end.find(instance, 0) {
            end.targets[at].ejected = false;
            end.targets[at].failures = 0;
            self.believe(client, at);
        }
    }
}

/// A dead caller checks nobody.
fn end_is_down(caller: u32, instances: &[super::machine::Instance]) -> bool {
    caller != NONE && !matches!(instances[caller as usize].life, Life::Up | Life::Draining)
}
