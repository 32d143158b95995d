//! Active health checks: real calls that need a connection and a worker, and beliefs that lag the truth.

use crate::engine::observation::{Belief, Observation, Observer};
use crate::engine::state::ids::{ClientId, InstanceId};
use crate::engine::state::request::{Occupancy, Role, State};
use crate::engine::state::system::Availability;
use crate::engine::state::world::Context;
use crate::engine::time::event::Event;
use crate::model::{Eject, SourceId};

impl<O: Observer> Context<'_, O> {
    /// A check is due: one probe to the target, and the next check after `every`.
    pub(crate) fn on_health_check(&mut self, client: ClientId, instance: InstanceId) {
        let end = &self.world.clients[client];
        let Some(health) = &self.model.links[end.link].health else {
            return;
        };
        let (every, timeout) = (health.every, health.timeout);
        let caller = end.instance;
        let caller = caller.map(|caller| self.world.instances[caller].availability);
        let caller_gone = caller == Some(Availability::Removed);
        if caller_gone || end.find(instance, 0).is_none() {
            return;
        }
        self.world.after(every, Event::HealthCheck { client, instance });
        // A dead caller checks nobody.
        if caller.is_some_and(|caller| !matches!(caller, Availability::Up | Availability::Draining)) {
            return;
        }
        let probe = self.world.execs.insert(Role::Probe, SourceId::new(0), 0, self.world.now);
        let state = &mut self.world.execs[probe];
        state.client = Some(client);
        state.instance = Some(instance);
        state.state = State::Transit;
        let reference = self.world.execs.reference(probe);
        self.world.after(timeout, Event::Timeout(reference));
        let target = &self.world.instances[instance];
        if target.machine.is_some_and(|machine| self.world.machines[machine].availability == Availability::Down) {
            self.world.execs[probe].state = State::Silent;
            return;
        }
        if self.check_vanishes(client, instance) {
            self.world.execs[probe].state = State::Silent;
            return;
        }
        let full = self.world.now < target.reloading
            || target.connections >= target.max_connections
            || target.descriptors >= target.descriptor_limit;
        if !matches!(target.availability, Availability::Up | Availability::Draining) {
            return self.end_probe(probe, false);
        }
        if full {
            return self.probe_turned_away(probe);
        }
        let target = &mut self.world.instances[instance];
        target.descriptors += 1;
        target.connections += 1;
        self.world.note_opened(instance);
        let memory = self.service(instance).memory.per_connection;
        self.grow(instance, memory);
        self.world.execs[probe].occupancy = Occupancy::Holding;
        self.admit_probe(probe);
    }

    /// No room for a check: it fails, or hears nothing until its time is over.
    pub(crate) fn probe_turned_away(&mut self, probe: u32) {
        if self.service(self.world.execs[probe].instance()).door.silent {
            self.world.execs[probe].state = State::Silent;
        } else {
            self.end_probe(probe, false);
        }
    }

    /// A check has lasted too long.
    pub(crate) fn on_probe_timeout(&mut self, probe: u32) {
        self.leave_instance(probe);
        self.end_probe(probe, false);
    }

    /// What a check found changes the belief after `fall` failures or `rise` successes in a row.
    pub(crate) fn end_probe(&mut self, probe: u32, passed: bool) {
        let (client, instance) = (self.world.execs[probe].client(), self.world.execs[probe].instance());
        self.world.execs.remove(probe);
        let end = &mut self.world.clients[client];
        let Some(at) = end.find(instance, 0) else {
            return;
        };
        let link = end.link;
        let Some(health) = &self.model.links[link].health else {
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
        self.believe(client, at, Belief::Checks(if passed { health.rise } else { health.fall }));
    }

    /// What is known of a target has changed; what is believed may.
    fn believe(&mut self, client: ClientId, at: usize, why: Belief) {
        let now = self.world.now;
        let end = &mut self.world.clients[client];
        let target = &mut end.targets[at];
        let (instance, healthy) = (target.instance, target.sound && !target.ejected);
        if healthy == target.healthy {
            return;
        }
        end.least = None;
        target.healthy = healthy;
        if healthy {
            target.since = now;
            end.unhealthy -= 1
        } else {
            end.unhealthy += 1
        }
        let (link, caller_instance) = (end.link, end.instance);
        self.world.targets_changed(self.model, client);
        self.emit(|| Observation::HealthChanged { link, caller_instance, target: instance, healthy, why });
    }

    /// A call to a target has ended; one that fails too often in a row is ejected for a while.
    pub(crate) fn judge(&mut self, client: ClientId, instance: InstanceId, failed: bool, eject: Eject) {
        let end = &mut self.world.clients[client];
        let Some(at) = end.find(instance, 0) else { return };
        let target = &mut end.targets[at];
        target.failures = if failed { target.failures + 1 } else { 0 };
        if target.failures >= eject.failures && !target.ejected {
            target.ejected = true;
            target.failures = 0;
            self.world.agenda.once(self.world.now + eject.lasting, Event::Reinstate { client, instance });
            self.believe(client, at, Belief::Calls(eject.failures));
        }
    }

    /// The time of an ejected target is over.
    pub(crate) fn on_reinstate(&mut self, client: ClientId, instance: InstanceId) {
        let end = &mut self.world.clients[client];
        if let Some(at) = end.find(instance, 0) {
            end.targets[at].ejected = false;
            end.targets[at].failures = 0;
            self.believe(client, at, Belief::Calls(0));
        }
    }
}
