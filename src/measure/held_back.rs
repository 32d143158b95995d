//! Calls that a rate limit holds back, and calls that meet a full door in silence and are sent again: told per link.

use super::breakers;
use super::counters::row;
use super::culprits::service;
use super::episode::Episode;
use super::moment::Moment;
use super::saturations::Saturations;
use super::sentences;
use super::story::{Entry, Story, StoryKind};
use super::subject::{Causes, Entity};
use super::watched::{Change, Watched, share_of};
use crate::engine::ResourceKind;
use crate::model::{LinkId, ServiceId};
use crate::units::Time;
use std::collections::BTreeSet;

/// Share of the calls that is told.
const MANY: f64 = 0.05;
/// What a door is full of.
const PLACES: [ResourceKind; 3] = [ResourceKind::Workers, ResourceKind::Connections, ResourceKind::Descriptors];

#[derive(Clone, Debug)]
struct Link {
    throttled: Watched,
    silent: Watched,
}

/// All links.
#[derive(Clone, Debug, Default)]
pub struct HeldBack {
    links: Vec<Option<Box<Link>>>,
}

impl HeldBack {
    fn link(&mut self, link: LinkId) -> &mut Link {
        let new = || Box::new(Link { throttled: Watched::new(MANY), silent: Watched::new(MANY) });
        row(&mut self.links, link.number()).get_or_insert_with(new)
    }

    /// A rate limit let a call go, or held it back.
    pub fn limited(&mut self, link: LinkId, now: Time, held: bool) {
        self.link(link).throttled.test.end(now, now, held.then_some(0));
    }

    /// A call was dropped at a full door without a word.
    pub fn dropped(&mut self, link: LinkId, now: Time) {
        self.link(link).silent.test.end(now, now, Some(0));
    }

    /// A call over a link ended.
    #[inline]
    pub fn ended(&mut self, link: LinkId, now: Time) {
        // Where nothing was ever dropped there is nothing to compare with.
        if let Some(Some(known)) = self.links.get_mut(link.index()) {
            known.silent.test.end(now, now, None);
        }
    }

    /// Tell what happened.
    pub fn look(
        &mut self,
        look: &Moment,
        down: &BTreeSet<ServiceId>,
        saturations: &mut Saturations,
        story: &mut Story,
    ) {
        for (at, state) in self.links.iter_mut().enumerate() {
            let Some(state) = state else { continue };
            let link = LinkId::new(at);
            let change = state.throttled.look(look.now(), look.last);
            tell(look, (link, change), &mut state.throttled, throttled, (down, saturations, story));
            let change = state.silent.look(look.now(), look.last);
            tell(look, (link, change), &mut state.silent, silent, (down, saturations, story));
        }
    }
}

/// The sentence about a beginning; without an episode that about its end.
type Sentence = fn(&Moment, LinkId, Option<(&Episode, bool)>) -> Entry;

fn tell(
    look: &Moment,
    (link, change): (LinkId, Option<Change>),
    state: &mut Watched,
    sentence: Sentence,
    (down, saturations, story): (&BTreeSet<ServiceId>, &mut Saturations, &mut Story),
) {
    match change {
        Some(Change::Raised(episode)) => {
            let entry = sentence(look, link, Some((&episode, state.test.on().is_some())));
            let because = entry.because.clone();
            state.tell(&episode, story.add(entry), because.clone());
            saturations.name(look, &because, [episode.from, episode.until], down, story, 0);
        }
        Some(Change::Cleared(told)) => {
            let mut entry = Entry { at: told.episode.over(), ..sentence(look, link, None) };
            entry.text.extend(state.some_since(&told).map(|some| format!(" (all but {some})")));
            story.add(entry);
        }
        Some(Change::GoesOn(first)) => state.rewrite(story, sentence(look, link, Some((&first, true))).text),
        None => {}
    }
}

fn throttled(look: &Moment, link: LinkId, episode: Option<(&Episode, bool)>) -> Entry {
    let subject = breakers::limiter(look.model, link);
    let (at, kind, text) = match episode {
        Some((episode, lasts)) => {
            let over = sentences::during([episode.from, episode.until], lasts);
            let share = share_of(&episode.ended(), "calls");
            (episode.from, StoryKind::Throttled, format!("{subject} holds back {share} {over}"))
        }
        None => (Time(0), StoryKind::Recovered, format!("{subject} lets every call through again")),
    };
    Entry { at, kind, subject, because: Causes::default(), text }
}

fn silent(look: &Moment, link: LinkId, episode: Option<(&Episode, bool)>) -> Entry {
    let callee = look.model.links[link].callee;
    let subject = service(look.model, callee);
    let Some((episode, lasts)) = episode else {
        let text = format!("{subject} answers every connection again");
        return Entry { at: Time(0), kind: StoryKind::Recovered, subject, because: Causes::default(), text };
    };
    let span = [episode.from, episode.until];
    let window = look.around(span);
    let full = look.resources.subjects.iter().find(|found| {
        let its = found.owner == Some(Entity::Service(callee)) && PLACES.contains(&found.kind);
        its && look.resources.was_full(found, window, [episode.from; 2])
    });
    let because = full.map(|found| look.resources.told(found));
    let (share, over) = (share_of(&episode.ended(), "calls"), sentences::during(span, lasts));
    let text = format!("{subject} leaves {share} unanswered at its door {over}: they are sent again");
    Entry { at: episode.from, kind: StoryKind::Retransmitting, subject, because: because.into(), text }
}
