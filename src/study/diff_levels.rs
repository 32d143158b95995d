//! How much a loss weighs: the level of each objective and of the capacity.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the capacity is called among the objectives.
pub const CAPACITY: &str = "capacity";

/// How much it weighs that something is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing: it is not looked at.
    Off,
    /// It is told.
    Warn,
    /// The comparison fails.
    #[default]
    Error,
}

/// Levels by name, the last that fits counts; what has none is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levels(pub Vec<(String, Level)>);

impl Level {
    /// All of them.
    pub const ALL: [Level; 3] = [Level::Off, Level::Warn, Level::Error];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }
}

impl Levels {
    /// Reads "visitors p(95) < 2s=warn", "visitors=off" or "capacity=warn".
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<(String, Level), String> {
        let expected = || {
            "expected OBJECTIVE=off, warn or error, such as 'visitors p(95) < 2s=warn', visitors=off or capacity=warn"
                .to_owned()
        };
        let (name, level) = text.rsplit_once('=').ok_or_else(expected)?;
        let level = Level::ALL.into_iter().find(|known| known.name() == level.trim()).ok_or_else(expected)?;
        let name = words(name);
        if name.is_empty() { Err(expected()) } else { Ok((name, level)) }
    }

    /// Of an objective.
    #[must_use]
    pub fn of(&self, subject: &str, expression: &str) -> Level {
        self.last(|name| is_called(name, subject, expression))
    }

    /// Of the capacity.
    #[must_use]
    pub fn of_capacity(&self) -> Level {
        self.last(|name| name == CAPACITY)
    }

    fn last(&self, fits: impl Fn(&str) -> bool) -> Level {
        self.0.iter().rev().find(|(name, _)| fits(name)).map_or(Level::default(), |(_, level)| *level)
    }

    /// The first name that is none of these objectives, given as subject and expression.
    #[must_use]
    pub fn unknown<'a>(&'a self, objectives: &[(&str, &str)]) -> Option<&'a str> {
        let known = |name: &str| {
            name == CAPACITY || objectives.iter().any(|(subject, expression)| is_called(name, subject, expression))
        };
        self.0.iter().map(|(name, _)| name.as_str()).find(|name| !known(name))
    }
}

/// A name is that of the subject, or of the objective itself, however its words are spaced.
fn is_called(name: &str, subject: &str, expression: &str) -> bool {
    name == subject || name == words(&format!("{subject} {expression}"))
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_level_that_fits_counts() {
        let asked = ["visitors=off", "visitors  p(95) <= 2s = warn", "capacity=warn"];
        let levels = Levels(asked.iter().map(|text| Levels::parse(text).expect("it is one")).collect());
        assert_eq!(levels.of("visitors", "p(95)  <= 2s"), Level::Warn);
        assert_eq!(levels.of("visitors", "failed < 1%"), Level::Off);
        assert_eq!(levels.of("robots", "failed < 1%"), Level::Error);
        assert_eq!(levels.of_capacity(), Level::Warn);
        assert_eq!(levels.unknown(&[("visitors", "p(95) <= 2s")]), None);
        assert_eq!(levels.unknown(&[("visitors", "p(95) < 2s")]), Some("visitors p(95) <= 2s"));
        for wrong in ["visitors", "visitors=loud", "=warn", "visitors p(95) <= 2s"] {
            assert!(Levels::parse(wrong).unwrap_err().contains("off, warn or error"), "{wrong}");
        }
    }
}
