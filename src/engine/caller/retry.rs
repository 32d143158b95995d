//! After a failed try: another one later, if the link's retries and their budget allow it, or the call is lost.

use crate::engine::caller::call::purpose;
use crate::engine::observation::{Activity, Observer, Outcome};
use crate::engine::state::request::State;
use crate::engine::state::world::{Context, nanos};
use crate::engine::time::event::Event;
use crate::model::{LinkId, SiteId};
use crate::scenario::Reason;
use crate::units::Span;
use rand::RngExt;

impl<O: Observer> Context<'_, O> {
    /// A try has failed: another one later, or the call is lost.
    pub(crate) fn attempt_failed(&mut self, caller: u32, reason: Reason) {
        let pc = self.world.execs[caller].pc;
        let site = self.site_at(pc);
        let link_id = self.model.sites[site].link;
        let retry = &self.model.links[link_id].retry;
        let tried = self.world.execs[caller].attempt;
        let again = (retry.times == u32::MAX || tried < retry.times)
            && retry.on & (1 << reason as u16) != 0
            && !(self.model.passes_deadlines && self.expired(caller));
        if again && self.spend(caller, site) {
            let key = self.model.code[pc as usize].key ^ purpose::BACKOFF ^ (u64::from(tried) << 48);
            let seconds = self.backoff(caller, key, link_id, tried);
            let state = &mut self.world.execs[caller];
            state.attempt += 1;
            state.state = State::Backoff;
            let reference = self.world.execs.reference(caller);
            self.world.agenda.once(self.world.now + Span(nanos(seconds)), Event::Wake(reference));
            if self.model.links[link_id].queue {
                let client = self.client_for(caller, site);
                self.delay_message(client, caller, true);
            }
            return self.set_activity(caller, Some(Activity::Backoff(link_id)));
        }
        self.end_request(caller, Outcome::Failed(reason));
        if self.fail_step(caller, reason) {
            self.resume(caller);
        }
    }

    /// Seconds before the retry that follows so many.
    pub(crate) fn backoff(&mut self, caller: u32, key: u64, link: LinkId, tried: u32) -> f64 {
        let retry = &self.model.links[link].retry;
        let mut seconds = self.draw(caller, key, retry.after) * libm::pow(retry.factor, f64::from(tried));
        seconds = seconds.min(retry.cap);
        if retry.jitter > 0.0 {
            seconds *= 1.0 - retry.jitter * self.stream(caller, key ^ 1).random::<f64>();
        }
        seconds
    }

    /// Takes a token from the retry budget; true without a budget.
    fn spend(&mut self, caller: u32, site: SiteId) -> bool {
        let client = self.client_for(caller, site);
        if self.model.links[self.model.sites[site].link].retry.budget.is_none() {
            return true;
        }
        let tokens = &mut self.world.clients[client].tokens;
        let pays = *tokens >= 1.0;
        if pays {
            *tokens -= 1.0;
        }
        pays
    }
}
