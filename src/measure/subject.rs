//! What the story speaks of: its name for people, and what it names for the program.

use crate::model::{GroupId, LinkId, ServiceId, SourceId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;

/// Between joint causes where they are written as one.
const AND: &str = " and ";

/// What has a name of its own in the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entity {
    /// A crowd.
    Source(SourceId),
    /// A service, all its instances together.
    Service(ServiceId),
    /// A group of equal machines.
    Group(GroupId),
}

/// What a name of the story stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// The run itself.
    Run,
    /// "visitors", "app", "db".
    Entity(Entity),
    /// "app/0": one instance of a service or one machine of a group, by its ordinal.
    Member(Entity, u32),
    /// "rds.cpu": what can saturate, with whose name it bears; `measured` says whether it is a row of its own in the
    /// results.
    Resource {
        /// Whose name it bears.
        owner: Entity,
        /// It has figures of its own under this very name.
        measured: bool,
    },
    /// "app.breaker(rds)", "app.rate_limit(rds)": what guards a link, with who calls over it.
    Guard(Entity, LinkId),
    /// Who takes replies of a service more slowly than it could send them.
    SlowReaders(ServiceId),
    /// Who sends to a service more slowly than it could receive.
    SlowSenders(ServiceId),
    /// Connections that are kept after their reply.
    OpenSessions,
    /// Kept connections with nothing to do.
    IdleConnections,
    /// What lies between the callers of a service and it.
    NetworkTo(ServiceId),
    /// Pauses between attempts to call a service.
    RetriesTo(ServiceId),
    /// The path of a field that was set, or the name of a variant that took over.
    Change,
    /// Read from a file: only its name is known.
    #[default]
    Unknown,
}

impl Subject {
    /// Whose part it is, if it is one of a whole.
    pub fn owner(&self) -> Option<Entity> {
        match *self {
            Self::Resource { owner, .. } | Self::Guard(owner, _) => Some(owner),
            Self::Run
            | Self::Entity(_)
            | Self::Member(..)
            | Self::SlowReaders(_)
            | Self::SlowSenders(_)
            | Self::OpenSessions
            | Self::IdleConnections
            | Self::NetworkTo(_)
            | Self::RetriesTo(_)
            | Self::Change
            | Self::Unknown => None,
        }
    }

    /// True for a resource or a guard of that whole.
    pub fn is_part_of(&self, whole: &Self) -> bool {
        self.owner().is_some_and(|owner| *whole == Self::Entity(owner))
    }
}

/// A subject with its name. No two of a scenario have one name: equal names are equal subjects.
#[derive(Clone, Debug)]
pub struct Named {
    /// What it is.
    pub what: Subject,
    /// As it is written everywhere.
    pub name: String,
}

impl Named {
    /// A subject and how it is written.
    pub fn new(what: Subject, name: impl Into<String>) -> Self {
        Self { what, name: name.into() }
    }

    /// A source, a service or a machine group.
    pub fn entity(entity: Entity, name: impl Into<String>) -> Self {
        Self::new(Subject::Entity(entity), name)
    }

    /// A service.
    pub fn service(service: ServiceId, name: impl Into<String>) -> Self {
        Self::entity(Entity::Service(service), name)
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Named {}

impl PartialEq<str> for Named {
    fn eq(&self, other: &str) -> bool {
        self.name == other
    }
}

impl PartialEq<&str> for Named {
    fn eq(&self, other: &&str) -> bool {
        self.name == *other
    }
}

impl Deref for Named {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

impl From<&str> for Named {
    fn from(name: &str) -> Self {
        Self::new(Subject::Unknown, name)
    }
}

/// For people its name; between programs, what it is as well.
impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&self.name)
        } else {
            (self.what, &self.name).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer).map(|name| Self::new(Subject::Unknown, name))
        } else {
            <(Subject, String)>::deserialize(deserializer).map(|(what, name)| Self::new(what, name))
        }
    }
}

/// What is to blame: nothing but the subject itself, one cause, or joint ones. Written as one text, null without any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Causes(Vec<Named>);

impl Causes {
    /// "rds.cpu", "rds.cpu and forum.cpu"; absent where there is none.
    pub fn words(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| words(&self.0))
    }

    /// True when it is among them.
    pub fn name(&self, subject: &str) -> bool {
        self.0.iter().any(|cause| cause.name == subject)
    }
}

/// Subjects as one text: "a and b".
pub fn words(subjects: &[Named]) -> String {
    subjects.iter().map(Named::as_str).collect::<Vec<_>>().join(AND)
}

impl Deref for Causes {
    type Target = [Named];

    fn deref(&self) -> &[Named] {
        &self.0
    }
}

impl From<Vec<Named>> for Causes {
    fn from(causes: Vec<Named>) -> Self {
        Self(causes)
    }
}

impl From<Option<Named>> for Causes {
    fn from(cause: Option<Named>) -> Self {
        Self(cause.into_iter().collect())
    }
}

impl Serialize for Causes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { self.words().serialize(serializer) } else { self.0.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for Causes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Vec::deserialize(deserializer).map(Self);
        }
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self(text.iter().flat_map(|text| text.split(AND)).map(Named::from).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_written_as_one_text_and_read_back() {
        for (causes, text) in [(vec![], "null"), (vec!["a"], "\"a\""), (vec!["a.cpu", "b"], "\"a.cpu and b\"")] {
            let causes = Causes(causes.into_iter().map(Named::from).collect());
            assert_eq!(serde_json::to_string(&causes).unwrap(), text);
            assert_eq!(serde_json::from_str::<Causes>(text).unwrap(), causes);
        }
    }

    #[test]
    fn a_part_is_of_the_whole_whose_name_it_bears() {
        let app = Entity::Service(ServiceId::new(0));
        let part = Subject::Resource { owner: app, measured: true };
        assert!(part.is_part_of(&Subject::Entity(app)));
        assert!(!part.is_part_of(&Subject::Member(app, 0)) && !Subject::Entity(app).is_part_of(&Subject::Entity(app)));
    }
}
