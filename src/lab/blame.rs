//! Who is to blame for what is wrong now, where it has a place in the picture.

use super::action::Subject;
use super::state::LabState;
use crate::host::Trouble;
use crate::measure::ranking;
pub use crate::measure::ranking::roots;
use std::slice;

impl LabState {
    /// What is to blame for most of what is wrong now.
    #[must_use]
    pub fn culprit(&self) -> Option<Subject> {
        // What is to blame may have no place here: then where it is felt first.
        self.subject_of(&self.frame.culprit)
            .or_else(|| self.subject_of(slice::from_ref(&self.troubles().first()?.1.subject)))
    }

    /// What is wrong now with how many causes before it: what comes down to the culprit first, under each what follows
    /// from it.
    #[must_use]
    pub fn troubles(&self) -> Vec<(usize, &Trouble)> {
        ranking::arranged(&self.frame.troubles, &self.frame.culprit)
    }
}
