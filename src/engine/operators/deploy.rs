//! Rolling deploys: a few instances at a time leave their callers' lists, finish what they have, are replaced and
//! return.
//!
//! Callers hear of it at once and send nothing more; what was on its way arrives and is served. The new process is
//! cold. An instance that is down when its turn comes starts as the new one anyway and is passed over.

use crate::engine::observation::{Cause, Observation, Observer, Skipped};
use crate::engine::state::ids::{DeployId, InstanceId};
use crate::engine::state::operators::Deploy;
use crate::engine::state::system::Availability;
use crate::engine::state::world::Context;
use crate::engine::time::event::Event;
use crate::model::ServiceId;
use crate::units::Span;
use std::collections::VecDeque;

impl<O: Observer> Context<'_, O> {
    /// Replaces instances of a service, so many at once.
    pub(crate) fn deploy(
        &mut self,
        service: ServiceId,
        ordinal: Option<u32>,
        at_once: u32,
        takes: Span,
        drain: Option<Span>,
    ) -> Result<(), Skipped> {
        let left: VecDeque<InstanceId> = self.instances_of(service, ordinal).into();
        if left.is_empty() {
            return Err(Skipped::NoSuchInstance);
        }
        let (begun, takes, drain) = (self.world.now, takes.0, drain.map(|span| span.0));
        let deploy = self.world.deploys.push(Deploy { service, begun, left, going: 0, at_once, takes, drain });
        self.deploy_next(deploy);
        Ok(())
    }

    /// Takes the next instances out of service.
    fn deploy_next(&mut self, deploy: DeployId) {
        let mut turn = Vec::new();
        let drain = self.world.deploys[deploy].drain;
        while self.world.deploys[deploy].going < self.world.deploys[deploy].at_once
            && let Some(instance) = self.world.deploys[deploy].left.pop_front()
        {
            let here = &mut self.world.instances[instance];
            if here.availability == Availability::Up && here.deploy.is_none() {
                here.deploy = Some(deploy);
                turn.push((instance, here.epoch));
                self.world.deploys[deploy].going += 1;
            }
        }
        let state = &self.world.deploys[deploy];
        if state.going == 0 && state.left.is_empty() {
            let (service, begun) = (state.service, state.begun);
            self.emit(|| Observation::Deployed { service, begun });
        }
        let leaving: Vec<InstanceId> = turn.iter().map(|(instance, _)| *instance).collect();
        self.drain_for_deploy(&leaving);
        for (instance, epoch) in turn.into_iter().filter(|_| drain.is_some()) {
            let until = self.world.now + Span(drain.unwrap_or_default());
            self.world.agenda.once(until, Event::DrainEnd { instance, epoch });
        }
    }

    /// A deploy waits no longer for what an instance still has.
    pub(crate) fn on_drain_end(&mut self, instance: InstanceId, epoch: u32) {
        let state = &self.world.instances[instance];
        if state.epoch == epoch && state.deploy.is_some() && state.availability == Availability::Draining {
            self.crash(instance, Cause::Deploy);
        }
    }

    /// The old process has ended, as it was to or before its time: the new one starts.
    pub(crate) fn start_new(&mut self, instance: InstanceId) {
        if let Some(deploy) = self.world.instances[instance].deploy {
            self.start_later(instance, self.world.deploys[deploy].takes);
        }
    }

    /// The new process serves: callers may know it again, and the next one has its turn.
    pub(crate) fn deployed(&mut self, instance: InstanceId) {
        let state = &mut self.world.instances[instance];
        let (service, deploy) = (state.service, state.deploy.take());
        let list = &mut self.world.services[service].list;
        if let Err(place) = list.binary_search(&instance) {
            list.insert(place, instance);
        }
        self.world.retarget(self.model, service);
        if let Some(deploy) = deploy {
            self.end_turn(deploy);
        }
    }

    /// An instance that is being deployed goes for good.
    pub(crate) fn leave_deploy(&mut self, instance: InstanceId) {
        if let Some(deploy) = self.world.instances[instance].deploy.take() {
            self.end_turn(deploy);
        }
    }

    fn end_turn(&mut self, deploy: DeployId) {
        self.world.deploys[deploy].going -= 1;
        self.deploy_next(deploy);
    }
}
