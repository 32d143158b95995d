//! What is wrong at a moment, for those who look at a run while it goes on.

use super::story::StoryKind;
use super::subject::{Causes, Named};
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Something is wrong now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// What: a resource's subject, a service or a source.
    pub subject: Named,
    /// In which way.
    pub kind: TroubleKind,
    /// Since when.
    pub since: Time,
    /// What is to blame at present; none: itself.
    pub because: Causes,
    /// Since when it has been well again: it may come back, and nothing is told yet.
    pub calm: Option<Time>,
}

/// In which way something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TroubleKind {
    /// A resource is full and waited for.
    Saturated,
    /// A service turns calls away.
    Refusing,
    /// A source's requests fail.
    Failing,
    /// Instances of a service are down.
    Down,
}

impl TroubleKind {
    /// The kind of sentence that tells of it.
    pub const fn told_as(self) -> StoryKind {
        match self {
            Self::Saturated => StoryKind::Saturated,
            Self::Refusing => StoryKind::Refusing,
            Self::Failing => StoryKind::Failing,
            Self::Down => StoryKind::Down,
        }
    }
}
