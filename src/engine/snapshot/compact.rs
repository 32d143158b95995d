//! Executions in few bytes each, for copies that are kept.
//!
//! Most executions of a large system rest: an open tab, a held connection, a caller that waits. They differ from a
//! fresh execution in a few fields, and those hold small numbers. So a field is written only where it is not as in a
//! fresh one, as its distance from that in as many bytes as it needs; what kind of execution it is (state, place,
//! marks), of which there are few, is a number in a list. About 60 bytes stand for the 192 of an execution.

use crate::engine::observation::{ActivityCode, Outcome};
use crate::engine::state::ids::ExecRef;
use crate::engine::state::request::{Exec, Occupancy, Queue, Role, State, blank};
use crate::engine::state::slab::Slab;
use crate::ids::Id;
use crate::model::SourceId;
use crate::units::Time;
use std::collections::BTreeMap;

/// A slab that is kept and cannot be used until it is unpacked.
#[derive(Clone, Debug)]
pub(crate) struct Compact {
    /// Times are told by their distance from this.
    now: Time,
    kinds: Vec<Kind>,
    /// Place by place: 0 and the generation of a free one; else 1 + its kind, the fields that follow, and those.
    bytes: Box<[u8]>,
    places: u32,
    free: Vec<u32>,
    /// An empty slab with the limits of the one that is kept.
    limits: Slab,
}

impl Compact {
    /// Everything in the slab.
    pub(crate) fn of(slab: &Slab, now: Time) -> Self {
        /// Bytes of a place, about: the room made at first.
        const PLACE: usize = 64;
        let fresh = blank(0, Role::Root, SourceId::new(0), 0, now);
        let mut numbers: BTreeMap<Kind, u32> = BTreeMap::new();
        let mut kinds = Vec::new();
        let mut bytes = Vec::with_capacity(slab.slots.len() * PLACE);
        for exec in &slab.slots {
            if exec.state == State::Free {
                bytes.push(0);
                put(u64::from(exec.generation), &mut bytes);
                continue;
            }
            let kind = Kind::of(exec);
            let number = *numbers.entry(kind).or_insert_with(|| {
                kinds.push(kind);
                kinds.len() as u32
            });
            put(u64::from(number), &mut bytes);
            write(exec, &fresh, &mut bytes);
        }
        Self {
            now,
            kinds,
            bytes: bytes.into_boxed_slice(),
            places: slab.slots.len() as u32,
            free: slab.free.clone(),
            limits: slab.like(Vec::new(), Vec::new()),
        }
    }

    /// The slab as it was.
    pub(crate) fn slab(&self) -> Slab {
        let fresh = blank(0, Role::Root, SourceId::new(0), 0, self.now);
        let mut bytes = &*self.bytes;
        let mut place = || match take(&mut bytes) {
            0 => Exec { state: State::Free, generation: take(&mut bytes) as u32, ..fresh.clone() },
            number => read(self.kinds[number as usize - 1], &fresh, &mut bytes),
        };
        let slots = (0..self.places).map(|_| place()).collect();
        self.limits.like(slots, self.free.clone())
    }

    /// Bytes it takes.
    pub(crate) fn footprint(&self) -> usize {
        size_of::<Self>() + self.bytes.len() + size_of_val(&*self.free) + size_of_val(&*self.kinds)
    }
}

/// Names every field of an execution: those of its kind with their types, then the others.
macro_rules! fields {
    (kind: $($mark:ident: $type:ty),+; own: $($field:ident),+) => {
        /// What many executions have in common.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        struct Kind { $($mark: $type),+ }

        impl Kind {
            fn of(exec: &Exec) -> Self {
                Self { $($mark: exec.$mark),+ }
            }
        }

        const _: () = assert!([$(stringify!($field)),+].len() <= 32, "each field has a bit");

        fn write(exec: &Exec, fresh: &Exec, out: &mut Vec<u8>) {
            let place = out.len();
            out.extend([0; 4]);
            let (mut present, mut bit) = (0u32, 1u32);
            $(
                if exec.$field != fresh.$field {
                    present |= bit;
                    exec.$field.write(&fresh.$field, out);
                }
                bit = bit.wrapping_shl(1);
            )+
            let _all = bit;
            out[place..place + 4].copy_from_slice(&present.to_le_bytes());
        }

        fn read(kind: Kind, fresh: &Exec, from: &mut &[u8]) -> Exec {
            let (head, rest) = from.split_first_chunk().expect("an execution was written whole");
            *from = rest;
            let mut present = u32::from_le_bytes(*head);
            $(
                let $field = if present & 1 != 0 { Field::read(&fresh.$field, from) } else { fresh.$field };
                present >>= 1;
            )+
            let _none = present;
            let Kind { $($mark),+ } = kind;
            Exec { $($mark,)+ $($field),+ }
        }
    };
}

fields! {
    kind:
        role: Role, state: State, occupancy: Occupancy, degraded: bool, holds: bool, slot: bool, counted: bool,
        fresh: bool, kept: bool, pinned: bool, owes_reply: bool, single: bool, hit: bool,
        followed: bool, class: u8, claims: u8,
        outcome: Outcome, activity: ActivityCode;
    own:
        generation, user, loops, round, pc, call_pc, operation, instance, source, parent, parent_ticket, ticket,
        root, site, attempt, client, target, child, sibling, pending, need, next, previous, held, key, number,
        started, since
}

/// A number, least significant seven bits first.
#[inline]
fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[inline]
fn take(from: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (&byte, rest) = from.split_first().expect("a number was written whole");
        *from = rest;
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return number;
        }
    }
}

/// What can be told by its distance from a value that is expected.
trait Field: Sized {
    fn write(&self, fresh: &Self, out: &mut Vec<u8>);
    fn read(fresh: &Self, from: &mut &[u8]) -> Self;
}

impl Field for u32 {
    #[inline]
    fn write(&self, fresh: &Self, out: &mut Vec<u8>) {
        put(u64::from(self.wrapping_sub(*fresh)), out);
    }
    #[inline]
    fn read(fresh: &Self, from: &mut &[u8]) -> Self {
        fresh.wrapping_add(take(from) as u32)
    }
}

impl Field for u64 {
    #[inline]
    fn write(&self, fresh: &Self, out: &mut Vec<u8>) {
        put(self.wrapping_sub(*fresh), out);
    }
    #[inline]
    fn read(fresh: &Self, from: &mut &[u8]) -> Self {
        fresh.wrapping_add(take(from))
    }
}

impl<I: Id> Field for Option<I> {
    #[inline]
    fn write(&self, fresh: &Self, out: &mut Vec<u8>) {
        let word = |id: &Self| id.map_or(0, |id| id.index() as u32 + 1);
        word(self).write(&word(fresh), out);
    }
    #[inline]
    fn read(fresh: &Self, from: &mut &[u8]) -> Self {
        let word = fresh.map_or(0, |id| id.index() as u32 + 1).wrapping_add(take(from) as u32);
        (word != 0).then(|| I::new(word as usize - 1))
    }
}

impl Field for SourceId {
    #[inline]
    fn write(&self, fresh: &Self, out: &mut Vec<u8>) {
        Some(*self).write(&Some(*fresh), out);
    }
    #[inline]
    fn read(fresh: &Self, from: &mut &[u8]) -> Self {
        <Option<Self> as Field>::read(&Some(*fresh), from).expect("a source was written")
    }
}

/// What is past is a small number.
impl Field for Time {
    #[inline]
    fn write(&self, fresh: &Self, out: &mut Vec<u8>) {
        put(fresh.0.wrapping_sub(self.0) as u64, out);
    }
    #[inline]
    fn read(fresh: &Self, from: &mut &[u8]) -> Self {
        Self(fresh.0.wrapping_sub(take(from) as i64))
    }
}

impl Field for ExecRef {
    #[inline]
    fn write(&self, fresh: &Self, out: &mut Vec<u8>) {
        self.index.write(&fresh.index, out);
        self.generation.write(&fresh.generation, out);
    }
    #[inline]
    fn read(fresh: &Self, from: &mut &[u8]) -> Self {
        Self { index: Field::read(&fresh.index, from), generation: Field::read(&fresh.generation, from) }
    }
}

impl Field for Queue {
    fn write(&self, fresh: &Self, out: &mut Vec<u8>) {
        self.head.write(&fresh.head, out);
        self.tail.write(&fresh.tail, out);
        self.len.write(&fresh.len, out);
    }
    fn read(fresh: &Self, from: &mut &[u8]) -> Self {
        Self {
            head: Field::read(&fresh.head, from),
            tail: Field::read(&fresh.tail, from),
            len: Field::read(&fresh.len, from),
        }
    }
}

impl<const N: usize> Field for [u32; N] {
    fn write(&self, fresh: &Self, out: &mut Vec<u8>) {
        self.iter().zip(fresh).for_each(|(word, fresh)| word.write(fresh, out));
    }
    fn read(fresh: &Self, from: &mut &[u8]) -> Self {
        std::array::from_fn(|place| Field::read(&fresh[place], from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::observation::Activity;
    use crate::engine::state::ids::InstanceId;
    use crate::model::OperationId;

    /// An execution with most fields set, by a number.
    fn odd(n: u64) -> Exec {
        let word = |by: u64| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (by % 40)) as u32;
        let reference = |by| ExecRef { index: word(by), generation: word(by + 1) };
        Exec {
            state: State::Held,
            holds: n.is_multiple_of(2),
            class: n as u8,
            user: word(1),
            loops: [0, word(2), 1, u32::MAX],
            round: word(3),
            pc: word(4),
            operation: Some(OperationId::new(word(5) as usize)),
            instance: (!n.is_multiple_of(3)).then(|| InstanceId::new(7)),
            parent: reference(6),
            root: reference(8),
            child: ExecRef::NOBODY,
            held: Queue { head: word(9), tail: 3, len: 2 },
            key: n.wrapping_mul(0xBF58_476D_1CE4_E5B9),
            number: n,
            started: Time(-5),
            outcome: Outcome::Failed(crate::scenario::Reason::Shed),
            activity: ActivityCode::of(Activity::Call(crate::model::LinkId::new(n as usize % 3))),
            since: Time(i64::MAX - 3),
            ..blank(word(10), Role::Attempt, SourceId::new(2), 0, Time(9))
        }
    }

    #[test]
    fn a_slab_comes_back_as_it_was() {
        let now = Time(1_000_000_007);
        let mut slab = Slab::default();
        for n in 0..500u64 {
            let index = slab.insert(Role::Root, SourceId::new(1), n << 32, Time(now.0 - n as i64 * 1_000_000));
            if n % 2 == 0 {
                slab[index] = Exec { generation: slab[index].generation, ..odd(n) };
            }
            if n % 5 == 0 {
                slab.remove(index);
            }
        }
        let kept = Compact::of(&slab, now);
        assert_eq!(
            format!("{:?}", kept.slab().slots.iter().filter(|e| e.state != State::Free).collect::<Vec<_>>()),
            format!("{:?}", slab.slots.iter().filter(|e| e.state != State::Free).collect::<Vec<_>>())
        );
        let generations =
            |slab: &Slab| slab.slots.iter().map(|e| (e.generation, e.state == State::Free)).collect::<Vec<_>>();
        assert_eq!(generations(&kept.slab()), generations(&slab));
        assert_eq!(kept.slab().free, slab.free);
        assert!(kept.footprint() < 100 * slab.slots.len(), "{} bytes", kept.footprint());
    }
}
