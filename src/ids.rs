//! Ids: positions in tables, each of a type of its own, so that none is taken for another.
//!
//! An id stands for a number from 0 on; [`Table`] is the vector that only its own ids lead into. An id is never the
//! largest number, so that "none" fits into its place: `Option<Id>` takes the four bytes of the id.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A position in a [`Table`].
pub trait Id: Copy {
    /// The id of a position. Panics at the last position that fits into 32 bits.
    fn new(index: usize) -> Self;
    /// The position.
    fn index(self) -> usize;
}

/// Makes types of ids, in order of their positions; written out they are the position.
macro_rules! ids { ($($(#[doc = $doc:literal])* $name:ident)*) => { $(
    $(#[doc = $doc])*
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct $name(std::num::NonZeroU32);

    impl $name {
        /// The id of a position. Panics at the last position that fits into 32 bits.
        #[inline(always)]
        #[must_use]
        pub const fn new(index: usize) -> Self {
            match std::num::NonZeroU32::new((index as u32).wrapping_add(1)) {
                Some(number) => Self(number),
                None => panic!("a table is full"),
            }
        }

        /// The position in its table.
        #[inline(always)]
        #[must_use]
        pub const fn index(self) -> usize {
            self.number() as usize
        }

        /// The position as the word that stands for it in keys and on paper.
        #[inline(always)]
        #[must_use]
        pub const fn number(self) -> u32 {
            self.0.get() - 1
        }
    }

    impl $crate::ids::Id for $name {
        #[inline(always)]
        fn new(index: usize) -> Self {
            Self::new(index)
        }
        #[inline(always)]
        fn index(self) -> usize {
            self.index()
        }
    }

    impl std::fmt::Debug for $name {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, concat!(stringify!($name), "({})"), self.number())
        }
    }

    impl serde::Serialize for $name {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_u32(self.number())
        }
    }

    impl<'de> serde::Deserialize<'de> for $name {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let number = u32::deserialize(deserializer)?;
            if number == u32::MAX {
                return Err(serde::de::Error::custom("no position"));
            }
            Ok(Self::new(number as usize))
        }
    }
)* } }
pub(crate) use ids;

/// A vector whose rows are found by ids of their own type alone.
pub struct Table<I, T> {
    rows: Vec<T>,
    id: PhantomData<fn() -> I>,
}

impl<I: Id, T> Table<I, T> {
    /// No rows.
    #[must_use]
    pub const fn new() -> Self {
        Self { rows: Vec::new(), id: PhantomData }
    }

    /// Adds a row and says its id.
    pub fn push(&mut self, row: T) -> I {
        let id = self.next_id();
        self.rows.push(row);
        id
    }

    /// The id of the row that is added next.
    #[must_use]
    pub fn next_id(&self) -> I {
        I::new(self.rows.len())
    }

    /// How many rows there are.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row of an id that may be of another table of this kind.
    #[inline]
    #[must_use]
    pub fn get(&self, id: I) -> Option<&T> {
        self.rows.get(id.index())
    }

    /// The same, to be changed.
    #[inline]
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        self.rows.get_mut(id.index())
    }

    /// The ids of all rows there are now, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + use<I, T> {
        (0..self.rows.len()).map(I::new)
    }

    /// All rows, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    /// All rows, one after another.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.rows
    }

    /// The first row that is what is looked for.
    pub fn position(&self, is: impl FnMut(&T) -> bool) -> Option<I> {
        self.rows.iter().position(is).map(I::new)
    }

    /// All rows, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.rows.iter_mut()
    }

    /// All rows with their ids.
    pub fn enumerate(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator {
        self.rows.iter().enumerate().map(|(index, row)| (I::new(index), row))
    }

    /// All rows with their ids, to be changed.
    pub fn enumerate_mut(&mut self) -> impl DoubleEndedIterator<Item = (I, &mut T)> + ExactSizeIterator {
        self.rows.iter_mut().enumerate().map(|(index, row)| (I::new(index), row))
    }

    /// Drops all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// Drops all rows but the first so many.
    pub fn truncate(&mut self, len: usize) {
        self.rows.truncate(len);
    }

    /// Adds rows until there are so many, or drops the last ones.
    pub fn resize(&mut self, len: usize, row: T)
    where
        T: Clone,
    {
        self.rows.resize(len, row);
    }
}

impl<I: Id, T> Index<I> for Table<I, T> {
    type Output = T;
    #[inline(always)]
    fn index(&self, id: I) -> &T {
        &self.rows[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for Table<I, T> {
    #[inline(always)]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.rows[id.index()]
    }
}

impl<I, T: Clone> Clone for Table<I, T> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone(), id: PhantomData }
    }
}

impl<I, T: std::fmt::Debug> std::fmt::Debug for Table<I, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rows.fmt(f)
    }
}

impl<I, T> Default for Table<I, T> {
    fn default() -> Self {
        Self { rows: Vec::new(), id: PhantomData }
    }
}

impl<I, T: serde::Serialize> serde::Serialize for Table<I, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(serializer)
    }
}

impl<'de, I, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Table<I, T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(|rows| Self { rows, id: PhantomData })
    }
}

impl<I, T: PartialEq> PartialEq for Table<I, T> {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

impl<I, T> FromIterator<T> for Table<I, T> {
    fn from_iter<R: IntoIterator<Item = T>>(rows: R) -> Self {
        Self { rows: rows.into_iter().collect(), id: PhantomData }
    }
}

impl<'a, I, T> IntoIterator for &'a Table<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl<'a, I, T> IntoIterator for &'a mut Table<I, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    ids! {
        /// A row of a test.
        RowId
    }

    #[test]
    fn no_id_takes_no_room_of_its_own() {
        assert_eq!(size_of::<Option<RowId>>(), 4);
        assert_eq!(size_of::<Option<crate::model::ServiceId>>(), 4);
    }

    #[test]
    fn an_id_is_its_position_wherever_it_is_written() {
        for index in [0, 1, 77, u32::MAX as usize - 1] {
            let id = RowId::new(index);
            assert_eq!((id.index(), id.number()), (index, index as u32));
            let text = serde_json::to_string(&id).expect("a number");
            assert_eq!(text, index.to_string());
            assert_eq!(serde_json::from_str::<RowId>(&text).expect("an id"), id);
        }
        assert!(serde_json::from_str::<RowId>(&u32::MAX.to_string()).is_err());
        assert_eq!(format!("{:?}", RowId::new(3)), "RowId(3)");
        assert!(RowId::new(3) < RowId::new(20), "in the order of the table");
    }

    #[test]
    fn a_table_gives_its_rows_by_their_ids() {
        let mut table: Table<RowId, &str> = Table::new();
        let (a, b) = (table.push("a"), table.push("b"));
        table[b] = "c";
        assert_eq!((table[a], table[b], table.get(RowId::new(2))), ("a", "c", None));
        assert_eq!(table.ids().collect::<Vec<_>>(), [a, b]);
        assert_eq!(table.enumerate().map(|(id, row)| (id.index(), *row)).collect::<Vec<_>>(), [(0, "a"), (1, "c")]);
        assert_eq!(table.next_id().index(), table.len());
    }
}
