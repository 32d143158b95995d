//! A surge by hand: twice the crowd as soon as it is asked for. Held, it is doubled again with each second, until it is
//! let go; then the crowd is what it was. A click leaves it doubled.

use super::action::Action;
use super::state::{Effect, LabState};
use crate::engine::Command;
use crate::model::{Action as Act, SourceId};

/// What is let go sooner was a click, seconds.
const CLICK_S: f64 = 0.4;
/// Doublings at most.
const MOST: i32 = 10;

/// A surge that is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surge {
    since_s: f64,
    doublings: i32,
}

impl LabState {
    /// What makes the crowd so many times what it is.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Vec<Action> {
        let sources = self.model().map_or(0, |model| model.sources.len());
        let scale = |source| Action::Command(Command::Act(Act::ScaleTraffic(SourceId::new(source), factor)));
        (0..sources).map(scale).collect()
    }

    /// The surge is held, or not, at that time on the wall.
    pub(super) fn hold_surge(&mut self, held: bool, at_s: f64) -> Vec<Effect> {
        let factor = match (held, self.surge) {
            (true, None) => {
                self.surge = Some(Surge { since_s: at_s, doublings: 1 });
                2.0
            }
            (true, Some(Surge { since_s, doublings })) => {
                let due = (1.0 + (at_s - since_s).max(0.0)).min(f64::from(MOST)) as i32;
                if due <= doublings {
                    return Vec::new();
                }
                self.surge = Some(Surge { since_s, doublings: due });
                2_f64.powi(due - doublings)
            }
            (false, Some(Surge { since_s, doublings })) => {
                self.surge = None;
                if at_s - since_s < CLICK_S {
                    return Vec::new();
                }
                0.5_f64.powi(doublings)
            }
            (false, None) => return Vec::new(),
        };
        self.scaled(factor).into_iter().flat_map(|action| self.act(action)).collect()
    }
}
