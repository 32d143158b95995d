//! Resources of one kind and owner taken together: how many wait for any of them at one time. The most of a sum is not
//! to be had from the most of its parts.

use crate::engine::state::ids::AlikeId;
use crate::engine::state::resource_kind::ResourceKind;
use crate::ids::Table;
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

/// All resources by what they have in common: `app/0.workers` and `app/1.workers` are alike.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllAlike {
    known: BTreeMap<(ResourceKind, bool, String), AlikeId>,
    pub waiting: Table<AlikeId, Waiting>,
}

impl AllAlike {
    /// What a resource of this name belongs to; `of_instance`: it is not a machine's.
    pub(crate) fn of(&mut self, kind: ResourceKind, of_instance: bool, name: &str) -> AlikeId {
        let (owner, what) = name.split_once('.').unwrap_or((name, ""));
        let owner = owner.rsplit_once('/').map_or(owner, |(owner, _)| owner);
        let nobody = Waiting { now: 0, most: 0, most_at: Time(0), since: Time(0) };
        let waiting = &mut self.waiting;
        let key = (kind, of_instance, format!("{owner}.{what}"));
        *self.known.entry(key).or_insert_with(|| waiting.push(nobody))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_of_all_is_not_the_sum_of_each_ones_most() {
        let mut all = AllAlike::default();
        let of = ["app/0.workers", "app/1.workers"].map(|name| all.of(ResourceKind::Workers, true, name));
        assert_eq!(of[0], of[1]);
        assert_ne!(of[0], all.of(ResourceKind::Workers, true, "api/0.workers"));
        let waiting = &mut all.waiting[of[0]];
        waiting.change(Time(-9), 0, 7);
        waiting.change(Time(-8), 7, 2);
        waiting.change(Time(1), 2, 5);
        waiting.change(Time(2), 5, 0);
        waiting.change(Time(3), 0, 4);
        assert_eq!(waiting.most(Time(4)), (5, Time(1)));
    }
}
