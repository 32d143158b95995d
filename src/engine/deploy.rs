//! Rolling deploys: a few instances at a time leave their callers' lists, finish what they have, are replaced and
//! return.
//!
//! Callers hear of it at once and send nothing more; what was on its way arrives and is served. The new process is
//! cold. An instance that is down when its turn comes starts as the new one anyway and is passed over.

use super::event::Event;
use super::machine::Life;
use super::observation::{Cause, Observation, Observer, Skipped};
use super::request::NONE;
use super::world::Turn;
use crate::model::ServiceId;
use crate::units::{Span, Time};
use std::collections::VecDeque;

/// A deploy in progress.
#[derive(Clone, Debug)]
pub(super) struct Deploy {
    service: u32,
    begun: Time,
    /// Instances whose turn is to come.
    left: VecDeque<u32>,
    /// How many are being replaced, and how many may be at once.
    going: u32,
    at_once: u32,
    takes: i64,
    drain: Option<i64>,
}

impl<O: Observer> Turn<'_, O> {
    /// Replaces instances of a service, so many at once.
    pub(super) fn deploy(
        &mut self,
        service: ServiceId,
        ordinal: Option<u32>,
        at_once: u32,
        takes: Span,
        drain: Option<Span>,
    ) -> Result<(), Skipped> {
        let left: VecDeque<u32> = self.instances_of(service, ordinal).into();
        if left.is_empty() {
            return Err(Skipped::NoSuchInstance);
        }
        let (begun, takes, drain) = (self.w.now, takes.0, drain.map(|span| span.0));
        self.w.deploys.push(Deploy { service: service.0, begun, left, going: 0, at_once, takes, drain });
        self.deploy_next(self.w.deploys.len() as u32 - 1);
        Ok(())
    }

    /// Takes the next instances out of service.
    fn deploy_next(&mut self, deploy: u32) {
        loop {
            let state = &mut self.w.deploys[deploy as usize];
            if state.going >= state.at_once {
                return;
            }
            let Some(instance) = state.left.pop_front() else {
                if state.going == 0 {
                    let (service, begun) = (ServiceId(state.service), state.begun);
                    self.tell(|| Observation::Deployed { service, begun });
                }
                return;
            };
            let drain = state.drain;
            let here = &self.w.instances[instance as usize];
            if here.life != Life::Up || here.deploy != NONE {
                continue;
            }
            let epoch = here.epoch;
            self.w.deploys[deploy as usize].going += 1;
            self.w.instances[instance as usize].deploy = deploy;
            self.drain_for_deploy(instance);
            if let Some(drain) = drain {
                self.w.agenda.once(Time(self.w.now.0 + drain), Event::DrainEnd { instance, epoch });
            }
        }
    }

    /// A deploy waits no longer for what an instance still has.
    pub(super) fn on_drain_end(&mut self, instance: u32, epoch: u32) {
        let state = &self.w.instances[instance as usize];
        if state.epoch == epoch && state.deploy != NONE && state.life == Life::Draining {
            self.crash(instance, Cause::Deploy);
        }
    }

    /// The old process has ended, as it was to or before its time: the new one starts.
    pub(super) fn start_new(&mut self, instance: u32) {
        let deploy = self.w.instances[instance as usize].deploy;
        let takes = self.w.deploys[deploy as usize].takes;
        self.start_later(instance, takes);
    }

    /// The new process serves: callers may know it again, and the next one has its turn.
    pub(super) fn deployed(&mut self, instance: u32) {
        let (service, deploy) =
            (self.w.instances[instance as usize].service, self.w.instances[instance as usize].deploy);
        self.w.instances[instance as usize].deploy = NONE;
        let list = &mut self.w.services[service as usize].list;
        if let Err(place) = list.binary_search(&instance) {
            list.insert(place, instance);
        }
        self.w.retarget(self.m, service);
        self.end_turn(deploy);
    }

    /// An instance that is being deployed goes for good.
    pub(super) fn leave_deploy(&mut self, instance: u32) {
        let deploy = std::mem::replace(&mut self.w.instances[instance as usize].deploy, NONE);
        self.end_turn(deploy);
    }

    fn end_turn(&mut self, deploy: u32) {
        self.w.deploys[deploy as usize].going -= 1;
        self.deploy_next(deploy);
    }
}
