//! Resources of one kind and owner taken together: how many wait for any of them at one time. The most of a sum is not
//! to be had from the most of its parts.

use crate::engine::state::ids::{AlikeId, InstanceId, MachineId};
use crate::engine::state::resource_kind::ResourceKind;
use crate::ids::Table;
use crate::model::{GroupId, LinkId, LockId, ServiceId};
use crate::units::Time;
use std::collections::BTreeMap;

/// Those who wait for resources that are alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    now: u32,
    most: u32,
    /// When there were so many for the first time.
    most_at: Time,
    since: Time,
}

impl Waiting {
    /// One of the resources has another number of them.
    #[inline]
    pub(crate) fn change(&mut self, at: Time, before: u32, after: u32) {
        if self.since.0 < 0 && at.0 >= 0 {
            (self.most, self.most_at) = (self.now, Time(0));
        }
        self.since = at;
        self.now = (self.now + after).saturating_sub(before);
        if self.now > self.most {
            (self.most, self.most_at) = (self.now, at);
        }
    }

    /// Most at one time of the window that `at` is in, since time 0 or before it, and when that was first.
    pub(crate) fn most(&self, at: Time) -> (u32, Time) {
        if self.since.0 < 0 && at.0 >= 0 { (self.now, Time(0)) } else { (self.most, self.most_at) }
    }
}

/// Whose a resource is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    whole: Whole,
    pub instance: Option<InstanceId>,
    pub machine: Option<MachineId>,
    /// Of a pool, slots or a broker's queue.
    pub link: Option<LinkId>,
    pub lock: Option<LockId>,
}

/// What the owner of a resource is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whole {
    Group(GroupId),
    Service(ServiceId),
}

impl Owner {
    /// A machine of a group.
    pub(crate) fn machine(group: GroupId, machine: MachineId) -> Self {
        Self { whole: Whole::Group(group), instance: None, machine: Some(machine), link: None, lock: None }
    }

    /// An instance of a service, on a machine if it is on one.
    pub(crate) fn instance(service: ServiceId, instance: InstanceId, machine: Option<MachineId>) -> Self {
        Self { whole: Whole::Service(service), instance: Some(instance), machine, link: None, lock: None }
    }

    /// A service, all its instances together.
    pub(crate) fn service(service: ServiceId) -> Self {
        Self { whole: Whole::Service(service), instance: None, machine: None, link: None, lock: None }
    }

    /// A lock there.
    pub(crate) fn of(self, lock: LockId) -> Self {
        Self { lock: Some(lock), ..self }
    }

    /// The end of a link there.
    pub(crate) fn over(self, link: LinkId) -> Self {
        Self { link: Some(link), ..self }
    }
}

/// What resources have in common that are alike: kind, whole, and the link or lock of each where it has one.
type Common = (ResourceKind, Whole, Option<LinkId>, Option<LockId>);

/// All resources by what they have in common: `app/0.workers` and `app/1.workers` are alike.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllAlike {
    known: BTreeMap<Common, AlikeId>,
    pub waiting: Table<AlikeId, Waiting>,
}

impl AllAlike {
    /// What a resource belongs to. All queues of a broker are one.
    pub(crate) fn of(&mut self, kind: ResourceKind, owner: &Owner) -> AlikeId {
        let nobody = Waiting { now: 0, most: 0, most_at: Time(0), since: Time(0) };
        let waiting = &mut self.waiting;
        let link = owner.link.filter(|_| kind != ResourceKind::Queue);
        *self.known.entry((kind, owner.whole, link, owner.lock)).or_insert_with(|| waiting.push(nobody))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_of_all_is_not_the_sum_of_each_ones_most() {
        let mut all = AllAlike::default();
        let owner = |service, instance| Owner::instance(ServiceId::new(service), InstanceId::new(instance), None);
        let of = [0, 1].map(|instance| all.of(ResourceKind::Workers, &owner(0, instance)));
        assert_eq!(of[0], of[1]);
        assert_ne!(of[0], all.of(ResourceKind::Workers, &owner(1, 2)));
        assert_ne!(of[0], all.of(ResourceKind::Pool, &owner(0, 0).over(LinkId::new(0))));
        let waiting = &mut all.waiting[of[0]];
        waiting.change(Time(-9), 0, 7);
        waiting.change(Time(-8), 7, 2);
        waiting.change(Time(1), 2, 5);
        waiting.change(Time(2), 5, 0);
        waiting.change(Time(3), 0, 4);
        assert_eq!(waiting.most(Time(4)), (5, Time(1)));
    }
}
