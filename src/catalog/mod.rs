//! What surgelab brings along: the built-in scenarios and the parts, by name.
//!
//! A built-in scenario is a file like any other, embedded in the program so that it runs without one. Adding one is a
//! file in `scenarios/`, its name here and the moment of its picture in `assets/gallery/moments`; a test loads each.

pub use crate::scenario::parts::{Part, parts};

use crate::scenario::{nearest, parts};

/// A scenario that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Its file, for messages.
    pub file: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Gives the names of all of them to a macro. They stand here and nowhere else.
macro_rules! for_names {
    ($given:ident) => {
        $given! {
            "codingame"
            "avocado"
            "turbogonki"
            "wooga"
            "famigo"
            "retry-storm"
            "mongo-capacity-drop"
            "backoff"
            "sinkhole"
            "cache-flush"
            "autoscaler-lag"
            "black-friday"
            "cache-stampede"
            "connection-pool"
            "gc-death-spiral"
            "hot-shard"
            "keep-alive-exhaustion"
            "noisy-neighbour"
            "priority-shedding"
            "queue-backlog"
            "replica-lag"
            "slow-clients"
            "thundering-herd-after-restart"
        }
    };
}
#[cfg(feature = "panels")]
pub(crate) use for_names;

macro_rules! built_in { ($($name:literal)*) => { &[ $( BuiltIn {
    name: $name,
    file: concat!("scenarios/", $name, ".ron"),
    text: include_str!(concat!("../../scenarios/", $name, ".ron")),
} ),* ] } }

/// All of them; the first is the one that runs when none is named.
pub const SCENARIOS: &[BuiltIn] = for_names!(built_in);

/// The scenario of that name.
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    SCENARIOS.iter().find(|scenario| scenario.name == name)
}

/// Parts that a word finds: the one of that name, else those that speak of it.
pub fn parts_about(word: &str) -> Vec<Part> {
    if let Some(part) = find_part(word) {
        return vec![part];
    }
    let word = word.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&word);
    parts().filter(|part| has(part.name) || has(part.what()) || part.sources().any(|(_, source)| has(source))).collect()
}

/// The part of that name.
pub fn find_part(name: &str) -> Option<Part> {
    parts::find(name)
}

/// The name nearest to one that is not there.
pub fn nearest_name(name: &str) -> Option<&'static str> {
    nearest::nearest(name, SCENARIOS.iter().map(|scenario| scenario.name))
}
