//! Who is to blame for what is wrong now, where it has a place in the picture.

use super::action::Subject;
use super::state::LabState;
pub use crate::measure::ranking::{arranged, culprit, roots};
use std::slice;

impl LabState {
    /// What is to blame for most of what is wrong now.
    #[must_use]
    pub fn culprit(&self) -> Option<Subject> {
        let culprit = culprit(&self.frame.troubles);
        // What is to blame may have no place here: then where it is felt first.
        self.subject_of(culprit)
            .or_else(|| self.subject_of(slice::from_ref(&arranged(&self.frame.troubles).first()?.1.subject)))
    }
}
