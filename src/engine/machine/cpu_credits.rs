//! Burstable machines: credits of core time, earned steadily and spent by the cores in use.
//!
//! The balance moves by baseline − used cores, up to the most that is kept. While there is any the cores run freely;
//! with none left they are held at the baseline, and whatever is earned below it can be spent again. Nothing polls: the
//! use is constant between two changes of the load, so the instant at which credits run out is known and put on the
//! agenda.

use crate::engine::state::cpu_credits::Credits;
use crate::engine::state::ids::MachineId;
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::world::{World, fixed};
use crate::engine::time::event::Event;
use crate::model::Model;
use crate::units::Span;

impl World {
    /// The credits of a new machine, or new terms for an old one.
    pub(crate) fn give_credits(&mut self, m: &Model, machine: MachineId) {
        let Some(burst) = m.groups[self.machines[machine].group].burst else {
            if let Some(credits) = self.machines[machine].credits.take() {
                self.agenda.clear(credits.slot);
                self.machines[machine].cpu.set_portion(self.now, 1.0);
                self.note_portion(machine);
                self.touch_machine(machine);
            }
            return;
        };
        match &mut self.machines[machine].credits {
            Some(credits) => {
                credits.baseline = burst.baseline;
                credits.most = burst.most;
            }
            None => {
                let slot = self.agenda.slot(Event::CreditsGone { machine });
                let credits = Credits {
                    balance: burst.credits,
                    most: burst.most,
                    baseline: burst.baseline,
                    used: 0.0,
                    since: self.now,
                    slot,
                };
                self.machines[machine].credits = Some(credits);
            }
        }
        self.touch_machine(machine);
    }

    /// What was earned and spent up to now; how many cores may be used from now on.
    pub(crate) fn settle_credits(&mut self, machine: MachineId) {
        let now = self.now;
        let home = &mut self.machines[machine];
        let cores = f64::from(home.cpu.cores);
        let Some(credits) = &mut home.credits else { return };
        let seconds = (now.0 - credits.since.0) as f64 * 1e-9;
        credits.balance =
            (credits.balance + (credits.baseline * cores - credits.used) * seconds).clamp(0.0, credits.most);
        credits.since = now;
        let portion = if credits.balance > 0.0 { 1.0 } else { credits.baseline };
        let before = home.cpu.capacity();
        home.cpu.set_portion(now, portion);
        if home.cpu.capacity() != before {
            self.note_portion(machine);
        }
    }

    /// From now on so much is used: when will nothing be left?
    pub(crate) fn spend_credits(&mut self, machine: MachineId) {
        let home = &mut self.machines[machine];
        let cores = f64::from(home.cpu.cores);
        let used = home.cpu.load().0;
        let Some(credits) = &mut home.credits else { return };
        credits.used = used;
        let spent = used - credits.baseline * cores;
        let (slot, seconds) = (credits.slot, credits.balance / spent);
        if credits.balance > 0.0 && spent > 0.0 && seconds < 3e9 {
            self.agenda.set(slot, self.now + Span(libm::ceil(seconds * 1e9) as i64));
        } else {
            self.agenda.clear(slot);
        }
    }

    /// Credits have run out.
    pub(crate) fn on_credits_gone(&mut self, machine: MachineId) {
        if let Some(credits) = &mut self.machines[machine].credits {
            // What rounding leaves is nothing.
            credits.balance = 0.0;
            credits.since = self.now;
            self.touch_machine(machine);
        }
    }

    fn note_portion(&mut self, machine: MachineId) {
        let home = &self.machines[machine];
        let up = matches!(
            home.availability,
            crate::engine::state::system::Availability::Up | crate::engine::state::system::Availability::Draining
        );
        let (meter, cores) = (home.cpu_meter, fixed(ResourceKind::Cpu, home.cpu.capacity()));
        self.capacity(Some(meter), if up { cores } else { 0 });
    }
}
