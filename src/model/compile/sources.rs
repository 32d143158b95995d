//! Sources: who comes, and how a profile becomes arrivals.

use super::Compiler;
use crate::model::{Invites, Profile, Source, SourceKind, hash};
use crate::scenario::{self, Level, Problem, Then, Traffic, amount::Amount};
use crate::units::Span;

/// Arrivals per second or people of a source: beyond it the nanosecond is too coarse.
const HIGHEST_LEVEL: f64 = 1e9;

impl Compiler<'_> {
    pub(super) fn sources(&mut self) {
        for source in &mut self.m.sources {
            source.retired = true;
        }
        let scenario = self.scenario;
        for (name, traffic) in &scenario.traffic {
            let source = match traffic {
                Traffic::Open { rate, gaps, bursts, batch, .. } => {
                    let source = self.source(name, SourceKind::Open, rate, true);
                    let source = self.arrivals(source, gaps, bursts);
                    let mean = batch.expr().mean(&|_| 0.0);
                    let batch = (*batch != Amount::one()).then(|| self.amount(batch, None));
                    Source { batch, multiple: source.multiple * mean, ..source }
                }
                Traffic::Users { arrive, gaps, bursts, invites, then, .. } => {
                    let source = self.source(name, SourceKind::Users, arrive, *then == Then::Leave);
                    let source = self.arrivals(source, gaps, bursts);
                    let each = invites.as_ref().map_or(0.0, |invites| invites.each);
                    let invites = invites.as_ref().map(|spec| Invites { each, after: self.amount(&spec.after, None) });
                    // Each brings others, who bring others: 1 + m + m² + ...
                    let family = if each < 1.0 { 1.0 / (1.0 - each) } else { f64::INFINITY };
                    Source { invites, multiple: source.multiple * family, ..source }
                }
                Traffic::Closed { population, then, .. } => {
                    self.source(name, SourceKind::Closed, population, *then == Then::Leave)
                }
            };
            let source = Source { priority: traffic.priority() as u8, ..source };
            let at = self.known.sources.put(name.clone(), &mut self.m.sources, || source.clone());
            self.m.sources[at] = Source { key: self.m.sources[at].key, ..source };
        }
    }

    fn source<V: Level>(
        &mut self,
        name: &str,
        kind: SourceKind,
        profile: &scenario::Profile<V>,
        leave: bool,
    ) -> Source {
        let profile = Profile::new(profile, self.scenario.horizon, &|value: &V| value.level());
        if profile.points.iter().any(|(_, level)| level.is_nan() || *level > HIGHEST_LEVEL) {
            let most = profile.points.iter().map(|(_, level)| *level).fold(0.0, f64::max);
            let message = format!("the traffic of `{name}` grows to {most:.1e}");
            self.problems.push(
                Problem::general(message)
                    .help(format!("at most {HIGHEST_LEVEL:.0e} are simulated: end its growth earlier")),
            );
        }
        Source {
            name: name.to_owned(),
            retired: false,
            kind,
            profile,
            gaps: self.amount(&Amount::one_exponential(), None),
            batch: None,
            bursts: Vec::new(),
            invites: None,
            multiple: 1.0,
            entry: 0,
            leave,
            priority: 0,
            key: hash::hash(name.as_bytes()),
        }
    }

    fn arrivals(&mut self, source: Source, gaps: &Amount, bursts: &[(f64, Span)]) -> Source {
        let bursts: Vec<(f64, f64)> = bursts.iter().map(|(factor, lasting)| (*factor, lasting.as_seconds())).collect();
        let whole: f64 = bursts.iter().map(|(_, lasting)| lasting).sum();
        let mean = bursts.iter().map(|(factor, lasting)| factor * lasting).sum::<f64>() / whole;
        Source { gaps: self.amount(gaps, None), multiple: if bursts.is_empty() { 1.0 } else { mean }, bursts, ..source }
    }
}
