//! A value of the language that is kept as text until it is put in its place.

/// The RON text of one value, as written: what a variant or the runbook puts at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RonText(pub String);

impl RonText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
