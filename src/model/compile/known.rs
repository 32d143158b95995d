//! Where names and amounts stand in the tables of a model: each is looked up, never searched for.

use crate::ids::{Id, Table};
use crate::model::{Amount, AmountId, GroupId, KeyId, LaneId, LinkId, LockId, Model, OperationId, ServiceId, SourceId};
use crate::units::Span;
use std::borrow::Borrow;
use std::collections::BTreeMap;

/// Rows by what tells them apart; of two that are alike, the first.
pub(super) struct Rows<K, I>(BTreeMap<K, I>);

impl<K: Ord, I: Id> Rows<K, I> {
    fn of(keys: impl Iterator<Item = K>) -> Self {
        let mut rows = BTreeMap::new();
        for (at, key) in keys.enumerate() {
            rows.entry(key).or_insert_with(|| I::new(at));
        }
        Self(rows)
    }

    /// The row of a key.
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<I>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).copied()
    }

    /// The row of a key, appended to the table if it is new.
    pub(super) fn put<T>(&mut self, key: K, table: &mut Table<I, T>, new: impl FnOnce() -> T) -> I {
        *self.0.entry(key).or_insert_with(|| table.push(new()))
    }
}

/// All of a model that is referred to while it is made.
pub(super) struct Known {
    pub(super) keys: Rows<String, KeyId>,
    pub(super) groups: Rows<String, GroupId>,
    pub(super) services: Rows<String, ServiceId>,
    pub(super) operations: Rows<String, OperationId>,
    pub(super) links: Rows<String, LinkId>,
    pub(super) sources: Rows<String, SourceId>,
    pub(super) amounts: Rows<String, AmountId>,
    pub(super) lanes: Rows<Span, LaneId>,
    /// By service and name, with the place among those of the service.
    pub(super) locks: BTreeMap<ServiceId, BTreeMap<String, (LockId, u16)>>,
}

impl Known {
    pub(super) fn of(model: &Model) -> Self {
        let locks = model.services.iter().enumerate().filter(|(_, service)| !service.locks.is_empty());
        let names = |locks: &[LockId]| {
            let named = locks.iter().enumerate().map(|(at, id)| (model.locks[*id].name.clone(), (*id, at as u16)));
            named.rev().collect()
        };
        Self {
            keys: Rows::of(model.keys.iter().map(|row| row.name.clone())),
            groups: Rows::of(model.groups.iter().map(|row| row.name.clone())),
            services: Rows::of(model.services.iter().map(|row| row.name.clone())),
            operations: Rows::of(model.operations.iter().map(|row| row.name.clone())),
            links: Rows::of(model.links.iter().map(|row| row.name.clone())),
            sources: Rows::of(model.sources.iter().map(|row| row.name.clone())),
            amounts: Rows::of(model.amounts.iter().map(told)),
            lanes: Rows::of(model.lanes.iter().copied()),
            locks: locks.map(|(at, service)| (ServiceId::new(at), names(&service.locks))).collect(),
        }
    }
}

/// All that an amount is: two of the same text are the same.
pub(super) fn told(amount: &Amount) -> String {
    format!("{amount:?}")
}
