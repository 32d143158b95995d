//! Watches a run second by second and writes its story.

use super::availability::Availabilities;
use super::beliefs::Beliefs;
use super::breakers::Breakers;
use super::culprits::service;
use super::dead_letters::Brokers;
use super::failures::Failures;
use super::held_back::HeldBack;
use super::impact::Impacts;
use super::losses::Losses;
use super::moment::Moment;
use super::pending::Waiting;
use super::resources::Resources;
use super::saturations::Saturations;
use super::story::Story;
use super::subject::Causes;
use super::syndromes::Syndromes;
use super::trouble::{Trouble, TroubleKind};
use crate::model::Model;

/// State of the watch.
#[derive(Clone, Debug, Default)]
pub struct StoryBuilder {
    pub story: Story,
    pub lives: Availabilities,
    pub brokers: Brokers,
    pub breakers: Breakers,
    pub failures: Failures,
    pub losses: Losses,
    pub impacts: Impacts,
    pub beliefs: Beliefs,
    pub held_back: HeldBack,
    pending: Waiting,
    pub saturations: Saturations,
    pub syndromes: Syndromes,
    /// Somebody looks at what is wrong while it goes on: causes are asked for anew.
    pub follows: bool,
}

impl StoryBuilder {
    /// What is wrong now: what is full, and what refuses or fails as far as it was told.
    pub fn troubles(&self, model: &Model, resources: &Resources) -> Vec<Trouble> {
        let down = self.lives.down().map(|(id, since)| Trouble {
            subject: service(model, id),
            kind: TroubleKind::Down,
            since,
            because: Causes::default(),
            calm: None,
        });
        self.saturations.troubles(resources).chain(self.failures.troubles(model)).chain(down).collect()
    }

    /// Look at the second that just passed.
    pub fn look(&mut self, look: &Moment) {
        let story = &mut self.story;
        story.now = look.now();
        self.lives.look(look, story);
        self.pending.look(look, story);
        let down = self.lives.down_since(look.long.old.at);
        self.saturations.look(look, &down, self.follows, story);
        self.brokers.look(look, &down, story);
        self.breakers.look(look, &down, &mut self.saturations, story);
        self.beliefs.look(look, &down, &mut self.saturations, story);
        self.held_back.look(look, &down, &mut self.saturations, story);
        self.losses.look(look, &down);
        self.failures.look(look, (&down, &self.losses), self.follows, &mut self.saturations, story);
        self.syndromes.look(look, &self.failures, &self.saturations, story);
        if self.follows {
            let troubles = self.troubles(look.model, look.resources);
            self.impacts.look(look, &self.losses, &down, (&troubles, &self.story));
        }
    }
}
