//! What a cache keeps from those behind it: expected hit ratios, with nothing simulated.
//!
//! Requests are taken as independent and Poisson. A full store: Che, Tung & Wang, Hierarchical web caching systems,
//! IEEE JSAC 20 (2002), an entry stays until nobody has asked for it for a characteristic time; FIFO and random after
//! Martina, Garetto & Leonardi (INFOCOM 2014), where being found does not prolong that time. A time to live by renewal:
//! λT/(1+λT), or 1 − exp(−λT) where being found begins it anew. A store without bounds misses each key once in the run.
//! Where two bounds meet and theory is silent, the lower of both ratios is an upper bound. A session misses once in
//! each instance that it comes to.

use super::{Demand, Loads};
use crate::model::store::Law;
use crate::model::{Balance, KeyId, Model, ServiceId, SourceId, SourceKind};
use crate::scenario::{Evict, Kind, Step, Store, walk};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Ranks of a law that are taken one by one; further ones in groups a hundredth as wide as their rank.
const SINGLE_RANKS: u32 = 1000;
const HALVINGS: u32 = 100;

/// Looks into one store by one key.
#[derive(Debug)]
struct Looks {
    owner: ServiceId,
    /// "app.items"; a `Cache` by its own name.
    name: String,
    rule: Rule,
    /// Keys go to instances by their value: the stores are parts of one.
    parted: bool,
    /// Who looks, and whom those call who miss.
    concerned: BTreeSet<ServiceId>,
}

/// Keys by popularity, as (how many, share of each).
type Shape = Arc<[(f64, f64)]>;

/// What the ratio follows from.
#[derive(Debug)]
enum Rule {
    /// Keys by popularity; the ratio of a full store; looks that its characteristic time
    /// spans; seconds to live, and whether being found begins them anew.
    Drawn { shape: Shape, full: Option<(f64, f64)>, ttl: Option<f64>, sliding: bool, lru: bool },
    /// By session; bounds make the ratio an upper bound.
    Session { source: usize, bounded: bool },
    /// Every look misses, or counts so, because of this.
    Never(&'static str),
}

/// Every use of a store in a model.
#[derive(Debug)]
pub(super) struct Caches {
    list: Vec<Looks>,
    places: BTreeMap<(ServiceId, String, String), usize>,
    horizon: f64,
    /// Keys that are gone through to say the ratios anew.
    work: usize,
}

/// Laws that are worked out; with more of them in a model the ratios of the others are not told.
const MOST_LAWS: usize = 400;
/// Keys that are gone through for ratios that follow the load.
const MOST_WORK: usize = 400_000;

/// What is known of a model while its stores are gathered.
#[derive(Default)]
struct Gathered<'a> {
    services: BTreeMap<&'a str, ServiceId>,
    keys: BTreeMap<&'a str, KeyId>,
    /// Places in the list, by owner, name of the store and key.
    uses: BTreeMap<(ServiceId, String, KeyId), usize>,
    shapes: BTreeMap<KeyId, Shape>,
    /// Ratio and characteristic time of full stores, by key, room and whether being found prolongs the time.
    full: BTreeMap<(KeyId, u64, bool), Option<(f64, f64)>>,
}

impl Caches {
    pub(super) fn of(model: &Model) -> Self {
        let horizon = model.scenario.horizon.as_seconds();
        let mut caches = Self { list: Vec::new(), places: BTreeMap::new(), horizon, work: 0 };
        let mut gathered = Gathered {
            services: model.services.enumerate().rev().map(|(id, service)| (service.name.as_str(), id)).collect(),
            keys: model.keys.enumerate().rev().map(|(id, key)| (key.name.as_str(), id)).collect(),
            ..Gathered::default()
        };
        for (name, spec) in &model.scenario.services {
            let Some(&user) = gathered.services.get(name.as_str()) else { continue };
            for steps in spec.operations.values() {
                caches.read(model, &mut gathered, user, steps);
            }
        }
        // What several keys share, none of them has to itself.
        let mut sharing: BTreeMap<(ServiceId, &str), usize> = BTreeMap::new();
        caches.list.iter().for_each(|looks| *sharing.entry((looks.owner, &looks.name)).or_default() += 1);
        let shared: Vec<bool> = caches.list.iter().map(|looks| sharing[&(looks.owner, &*looks.name)] > 1).collect();
        for (looks, shared) in caches.list.iter_mut().zip(shared) {
            if shared && matches!(looks.rule, Rule::Drawn { full: Some(_), .. }) {
                looks.rule = Rule::Never("several keys share its room");
            }
        }
        caches.bounded()
    }

    /// With so many that what they find is not told of all.
    fn bounded(mut self) -> Self {
        for looks in &mut self.list {
            let Rule::Drawn { shape, full, ttl, .. } = &looks.rule else { continue };
            let again = if full.is_none() || ttl.is_some() { shape.len() } else { 0 };
            if self.work + again > MOST_WORK {
                looks.rule = Rule::Never(TOO_MANY);
            } else {
                self.work += again;
            }
        }
        self
    }

    /// Keys that are gone through to say the ratios anew.
    pub(super) fn work(&self) -> usize {
        self.work + self.list.len()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The place of a step's looks.
    pub(super) fn place(&self, user: ServiceId, store: &str, key: &str) -> Option<usize> {
        self.places.get(&(user, store.to_owned(), key.to_owned())).copied()
    }

    /// Whether the ratios depend on how much there is to do.
    pub(super) fn follow_load(&self) -> bool {
        self.list.iter().any(|looks| match &looks.rule {
            Rule::Drawn { full, ttl, .. } => full.is_none() || ttl.is_some(),
            Rule::Session { .. } => true,
            Rule::Never(_) => false,
        })
    }

    /// The hit ratio of each, at these loads.
    pub(super) fn hits(&self, demand: &Demand, loads: &Loads) -> Vec<f64> {
        let ratio = |(at, looks): (usize, &Looks)| {
            let (all, instances) = (loads.looks[at], demand.instances(looks.owner).max(1.0));
            let rate = if looks.parted { all } else { all / instances };
            match &looks.rule {
                Rule::Drawn { shape, full, ttl, sliding, lru } => {
                    drawn(shape, *full, ttl.map(|ttl| ttl * rate), *sliding, *lru)
                        .unwrap_or_else(|| once_each(shape, rate * self.horizon))
                }
                Rule::Session { source, .. } => {
                    let each = all / loads.starting[*source];
                    let instances = if looks.parted { 1.0 } else { instances };
                    let missed = instances * -libm::expm1(each * libm::log1p(-1.0 / instances));
                    if each.is_finite() && each > 0.0 { (1.0 - missed / each).max(0.0) } else { 0.0 }
                }
                Rule::Never(_) => 0.0,
            }
        };
        self.list.iter().enumerate().map(ratio).collect()
    }

    /// What is to be said of a service's caches, and of those in front of it.
    pub(super) fn notes(&self, service: ServiceId, hits: &[f64]) -> Vec<String> {
        let concerned = self.list.iter().zip(hits).filter(|(looks, _)| looks.concerned.contains(&service));
        concerned
            .map(|(looks, hit)| {
                let most = match &looks.rule {
                    Rule::Never(why) => return format!("every look into {} counts as a miss: {why}", looks.name),
                    Rule::Drawn { full, ttl, sliding, lru, .. } => {
                        full.is_some() && ttl.is_some() && !(*sliding && *lru)
                    }
                    Rule::Session { bounded, .. } => *bounded,
                };
                format!(
                    "{}{:.1}% of the looks into {} find what they want",
                    if most { "at most " } else { "" },
                    hit * 100.0,
                    looks.name
                )
            })
            .collect()
    }

    fn read(&mut self, model: &Model, gathered: &mut Gathered, user: ServiceId, steps: &[Step]) {
        walk(steps, &mut |step| {
            if let Step::Cached(store, key, _, miss) = step {
                self.add(model, gathered, user, (store, key), miss);
            }
        });
    }

    fn add(
        &mut self,
        model: &Model,
        gathered: &mut Gathered,
        user: ServiceId,
        (store, key): (&str, &str),
        miss: &[Step],
    ) {
        let own = &model.services[user].name;
        let local = model.scenario.services.get(own).and_then(|spec| spec.stores.get(store));
        let far = model.scenario.services.get(store).and_then(|spec| match &spec.kind {
            Kind::Cache { store } => Some(store),
            Kind::Server | Kind::Balancer { .. } | Kind::Database { .. } | Kind::Queue { .. } | Kind::External => None,
        });
        let (spec, owner, name) = match (local, far, gathered.services.get(store).copied()) {
            (Some(spec), _, _) => (spec, user, format!("{own}.{store}")),
            (None, Some(spec), Some(owner)) => (spec, owner, store.to_owned()),
            (None, _, _) => return,
        };
        let Some(key_id) = gathered.keys.get(key).copied() else { return };
        let place = (owner, name, key_id);
        let at = gathered.uses.get(&place).copied().unwrap_or_else(|| {
            let (parted, name) = (parted(model, owner, key_id), place.1.clone());
            let rule = gathered.rule(model, spec, owner, key_id, parted);
            self.list.push(Looks { owner, rule, name, parted, concerned: BTreeSet::new() });
            gathered.uses.insert(place, self.list.len() - 1);
            self.list.len() - 1
        });
        self.places.insert((user, store.to_owned(), key.to_owned()), at);
        let called = miss.iter().filter_map(|step| match step {
            Step::Call(name) => name.split_once('.').and_then(|(name, _)| gathered.services.get(name).copied()),
            _ => None,
        });
        self.list[at].concerned.extend(called.chain([user, owner]));
    }
}

/// Whether all who call a service choose its instance by the key.
fn parted(model: &Model, owner: ServiceId, key: KeyId) -> bool {
    let by_user = matches!(model.keys[key].law, Law::User);
    let mut callers = model.links.iter().filter(|link| link.callee == owner && !link.retired).peekable();
    callers.peek().is_some()
        && callers.all(|link| link.balance == Balance::Hash(key) || (by_user && link.balance == Balance::Sticky))
}

/// Why of one among very many nothing is said.
const TOO_MANY: &str = "there are too many stores and keys to follow each";

impl Gathered<'_> {
    fn rule(&mut self, model: &Model, spec: &Store, owner: ServiceId, key: KeyId, parted: bool) -> Rule {
        let shape = match &model.keys[key].law {
            Law::User => return by_session(model, spec),
            law => self.shapes.entry(key).or_insert_with(|| shape(law)).clone(),
        };
        let lru = spec.evict == Evict::Lru;
        let parts = if parted { Demand::instances_of(model, owner) } else { 1.0 };
        let full = match spec.capacity {
            None => None,
            Some(capacity) => {
                let room = f64::from(capacity) * parts;
                let (known, place) = (self.full.len(), (key, room.to_bits(), lru));
                if known >= MOST_LAWS && !self.full.contains_key(&place) {
                    return Rule::Never(TOO_MANY);
                }
                let find = || characteristic(&shape, room, lru).map(|span| (found(&shape, span, lru), span));
                *self.full.entry(place).or_insert_with(find)
            }
        };
        Rule::Drawn { shape, full, ttl: spec.ttl.map(|ttl| ttl.as_seconds()), sliding: spec.sliding, lru }
    }
}

fn shape(law: &Law) -> Shape {
    match law {
        Law::User => Shape::from([]),
        Law::Uniform(n) => Shape::from([(f64::from(*n), 1.0 / f64::from(*n))]),
        Law::Zipf(law) => {
            let mut shape: Vec<(f64, f64)> =
                (1..=law.n.min(SINGLE_RANKS)).map(|rank| (1.0, law.weight(f64::from(rank)))).collect();
            let mut from = f64::from(SINGLE_RANKS + 1);
            while from <= f64::from(law.n) {
                let to = libm::floor(from * 1.01).min(f64::from(law.n));
                let count = to - from + 1.0;
                shape.push((count, (law.integral(to + 0.5) - law.integral(from - 0.5)) / count));
                from = to + 1.0;
            }
            let all: f64 = shape.iter().map(|(count, weight)| count * weight).sum();
            shape.into_iter().map(|(count, weight)| (count, weight / all)).collect()
        }
    }
}

fn by_session(model: &Model, spec: &Store) -> Rule {
    let sources: Vec<SourceId> = model.sources.ids().filter(|&at| !model.sources[at].retired).collect();
    let kinds: BTreeSet<u8> = sources.iter().map(|&at| model.sources[at].kind as u8).collect();
    match (sources.as_slice(), kinds.len()) {
        ([first, ..], 1) if model.sources[*first].kind == SourceKind::Open => {
            Rule::Never("every request is somebody else's")
        }
        ([source], _) if model.sources[*source].kind == SourceKind::Users => {
            Rule::Session { source: source.index(), bounded: spec.capacity.is_some() || spec.ttl.is_some() }
        }
        _ => Rule::Never("how often who comes back cannot be said"),
    }
}

/// The share of looks that find a key asked for `span` · share times on average while it is there.
fn found(shape: &[(f64, f64)], span: f64, renewed: bool) -> f64 {
    shape.iter().map(|(count, share)| count * share * there(share * span, renewed)).sum()
}

fn there(looks: f64, renewed: bool) -> f64 {
    if renewed { -libm::expm1(-looks) } else { looks / (1.0 + looks) }
}

/// The number of looks in which as many keys are asked for as there is room for; None where there is room for all.
fn characteristic(shape: &[(f64, f64)], capacity: f64, lru: bool) -> Option<f64> {
    let all: f64 = shape.iter().map(|(count, _)| count).sum();
    if capacity >= all {
        return None;
    }
    let held = |span: f64| shape.iter().map(|(count, share)| count * there(share * span, lru)).sum::<f64>();
    let (mut low, mut high) = (0.0, capacity);
    while held(high) < capacity {
        (low, high) = (high, high * 2.0);
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if held(middle) < capacity { low = middle } else { high = middle }
    }
    Some(high)
}

/// The ratio of a store with bounds; None where it has none.
fn drawn(shape: &[(f64, f64)], full: Option<(f64, f64)>, lives: Option<f64>, sliding: bool, lru: bool) -> Option<f64> {
    match (full, lives) {
        (None, None) => None,
        (Some((ratio, _)), None) => Some(ratio),
        (None, Some(lives)) => Some(found(shape, lives, sliding)),
        // It leaves when nobody asked for it for the shorter time.
        (Some((_, span)), Some(lives)) if sliding && lru => Some(found(shape, span.min(lives), true)),
        (Some((ratio, _)), Some(lives)) => Some(ratio.min(found(shape, lives, sliding))),
    }
}

/// The ratio over so many looks of a store that forgets nothing.
fn once_each(shape: &[(f64, f64)], looks: f64) -> f64 {
    if looks <= 0.0 {
        return 0.0;
    }
    let missed: f64 = shape.iter().map(|(count, share)| count * -libm::expm1(-share * looks)).sum();
    (1.0 - missed / looks).max(0.0)
}
