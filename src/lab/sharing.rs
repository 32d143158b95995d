//! What is shown as a link, and a link as what is shown.

use super::state::{Effect, LabState};
use crate::catalog::SCENARIOS;
use crate::experiment::Experiment;
use crate::host::{Pace, Phase, Request};
use crate::layout::Positions;
use crate::share::{Comments, Shared, Verdict};

impl LabState {
    /// A link of the run that is shown. It stands first: only then it is known what it has come to.
    pub(super) fn share(&mut self) -> Vec<Effect> {
        if self.opened.is_none() || self.dead {
            return Vec::new();
        }
        (self.playing, self.sharing) = (false, true);
        vec![Effect::Say(Request::Pace(Pace::Paused)), Effect::Say(Request::Seek(self.frame.now))]
    }

    /// What is shown at its present moment.
    pub(super) fn shared(&self) -> Option<Shared> {
        let experiment = self.experiment()?;
        Some(Shared::new(Experiment { moment: Some(self.frame.now), ..experiment }, self.frame.digest))
    }

    /// What was changed of the run that is shown and is in no file, with the file's comments; none: nothing was, or the
    /// host is lost.
    #[must_use]
    pub fn kept_link(&self) -> Option<String> {
        if self.dead || self.nothing_to_lose() {
            return None;
        }
        self.shared()?.link(Comments::Kept).ok()
    }

    /// A picture of the window that opens as what is on it; one that holds more than a link can is a picture only.
    pub(super) fn picture(&self) -> Vec<Effect> {
        let Some(name) = self.opened.as_ref().map(|opened| opened.loaded.name.as_str()) else { return Vec::new() };
        let path = self.file.clone().unwrap_or_else(|| name.into()).with_extension("png");
        let link = self.shared().filter(|_| !self.dead).and_then(|shared| shared.link(Comments::Kept).ok());
        vec![Effect::Picture(path, link)]
    }

    /// Run what was shared. What ran before is given up once it is known that this loads.
    pub(super) fn open_shared(&mut self, shared: Shared) -> Vec<Effect> {
        let mut experiment = shared.experiment.clone();
        if let Some(known) = SCENARIOS.iter().find(|known| known.file == experiment.name) {
            known.name.clone_into(&mut experiment.name);
        }
        self.claim = Some(Box::new(shared));
        self.open(None, Positions::default(), experiment)
    }

    /// The same of a link; one that cannot be opened changes nothing.
    pub fn open_link(&mut self, link: &str) -> Vec<Effect> {
        match Shared::read(link) {
            Ok(shared) => self.open_shared(shared),
            Err(why) => {
                let why = sentence(&why.to_string());
                self.unopened = self.opened.is_none().then(|| why.clone());
                self.notice = Some(why);
                Vec::new()
            }
        }
    }

    /// A frame has come: what waited for the run to stand is done.
    pub(super) fn on_standing(&mut self) -> Vec<Effect> {
        let Some(digest) = self.frame.digest.filter(|_| self.frame.phase != Phase::Seeking) else { return Vec::new() };
        self.compare(digest);
        if !std::mem::take(&mut self.sharing) {
            return Vec::new();
        }
        let link = self.shared().map(|shared| shared.link(Comments::LeftOut));
        match link {
            Some(Ok(link)) => vec![Effect::Share(link)],
            Some(Err(why)) => {
                self.notice = Some(format!("It cannot be shared: {why}"));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Whether the run is the one that was shared, once it is where that was.
    fn compare(&mut self, digest: u64) {
        let Some(claim) = &self.claim else { return };
        let Some(moment) = claim.experiment.moment else { return self.claim = None };
        let done = self.changes().log().len();
        let there = self.frame.now == moment.min(self.horizon()) && done == claim.experiment.log.len();
        if there {
            let verdict = claim.verdict(digest);
            self.notice = (verdict != Verdict::Unknown).then(|| verdict.words());
        }
        // What was changed since is another run.
        if there || done > claim.experiment.log.len() {
            self.claim = None;
        }
    }

    /// The link was given to the person, in these words, or not.
    pub fn was_shared(&mut self, given: Result<String, String>) {
        self.notice = Some(match given {
            Ok(words) => words,
            Err(why) => format!("The link could not be copied: {why}"),
        });
    }
}

/// An error as a person reads it beside other sentences.
fn sentence(why: &str) -> String {
    let mut chars = why.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    let end = if why.ends_with('.') { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), chars.as_str())
}
