//! What a file may say in right syntax and still be wrong: names, references, programs, sizes.
use super::{problem::Problem, root::Scenario, syntax::Node};

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Variants and patches of the runbook, too.
    Whole,
}

/// Every problem of a scenario.
pub fn check(_scenario: &Scenario, _tree: &Node, _text: &str, _depth: Depth) -> Vec<Problem> {
    Vec::new()
}
