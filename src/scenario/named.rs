//! A map that keeps the order of the file.
use indexmap::IndexMap;

/// Whether things may be called so: names stand in paths and in `svc.op`, so they have no points, slashes or blanks.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(allowed)
}

/// Longest name, in bytes.
pub const LONGEST_NAME: usize = 64;

/// Things by name, in the order of the file. Two are equal when their order is, too.
#[derive(Clone, Debug)]
pub struct Named<T>(IndexMap<String, T>);

impl<T> Named<T> {
    /// Its entries in order.
    pub fn iter(&self) -> indexmap::map::Iter<'_, String, T> {
        self.0.iter()
    }
    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.get(name)
    }
    /// The position of that name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.0.get_index_of(name)
    }
    /// True if there is an entry of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
    /// Its names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
    /// Its values in order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }
    /// Adds an entry at the end; gives back the one it replaces.
    pub fn insert(&mut self, name: String, value: T) -> Option<T> {
        self.0.insert(name, value)
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<T: PartialEq> PartialEq for Named<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().eq(other.0.iter())
    }
}

impl<T> FromIterator<(String, T)> for Named<T> {
    fn from_iter<I: IntoIterator<Item = (String, T)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<'a, T> IntoIterator for &'a Named<T> {
    type Item = (&'a String, &'a T);
    type IntoIter = indexmap::map::Iter<'a, String, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
