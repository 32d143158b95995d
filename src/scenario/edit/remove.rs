//! What is taken out, what names it, and what goes with it.

use super::Edit;
use super::group::Group;
use super::mention::{Mention, Mentions, Name, UnitKind};
use super::place::{ends, follow, path_of};
use super::rename::{TextEdit, rewritten};
use super::set::{Found, Replacement, fail};
use super::walk::mentions;
use crate::scenario::described::{Names, Thing};
use crate::scenario::syntax::Node;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

/// What an operation does when all it did is gone: nothing, in no time.
const NOTHING: &str = "Delay(\"0s\")";

/// Something that names what is taken out, directly or by way of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// What goes with it: the smallest thing that can; the path it has in the file as it stands.
    pub path: String,
    /// Bytes of the text that names it.
    pub span: Range<usize>,
    /// Who names it and how: "`app.page` calls `rds.query`".
    pub sentence: String,
}

/// All that goes.
pub(in crate::scenario) struct Removal<'t> {
    pub(super) mentions: Mentions<'t>,
    /// Units that go, those inside others, too.
    pub(super) gone: BTreeSet<usize>,
    /// Mentions that took something with them, and what.
    reasons: Vec<(usize, usize)>,
    /// Programs that are left with nothing: by the place of their list.
    emptied: BTreeSet<usize>,
}

/// The unit that a path names, and its place in a list by the list's path.
fn unit_at(mentions: &Mentions<'_>, tree: &Node, path: &str) -> Found<usize> {
    let way = follow(tree, path)?;
    let (_, last) = ends(&way)?;
    let path = path_of(&way);
    let Some(node) = last.node else {
        return match last.under {
            Some(_) => {
                fail(format!("`{path}` comes from the part"), "something that the file says; set it to another value")
            }
            None => fail(format!("nothing stands at `{path}`"), "something that the file says"),
        };
    };
    let end = node.span.end;
    let same = |unit: &super::mention::Unit<'_>| *unit.path == *path && unit.span.end >= end;
    let removable = |unit: &usize| {
        let optional = last.field.is_some_and(|field| field.default.is_some());
        mentions.units[*unit].kind != UnitKind::Needed || optional
    };
    match mentions.units.iter().position(same).filter(removable) {
        Some(unit) => Ok(unit),
        None => fail(format!("`{path}` must be there"), "a field with a default, an entry or an item"),
    }
}

/// What takes this out, and nothing with it.
pub(super) fn alone(text: &str, tree: &Node, path: &str) -> Found<Vec<Replacement>> {
    let mentions = mentions(tree);
    let seed = unit_at(&mentions, tree, path)?;
    let removal = Removal { mentions, gone: BTreeSet::from([seed]), reasons: Vec::new(), emptied: BTreeSet::new() };
    let (units, all) = (&removal.mentions.units, &removal.mentions.all);
    // Names that are gone are missed by the checks; a place in a list would be that of the next one.
    if matches!(units[seed].kind, UnitKind::Item | UnitKind::OneOf { .. })
        && let Some((list, _)) = units[seed].path.rsplit_once('.')
    {
        let item = Name::Item(list.to_owned(), units[seed].place);
        let set = all.iter().find(|mention| mention.name == item && !removal.is_gone(mention.unit));
        if let Some(mention) = set {
            let who = sentence(mention, &units[mention.unit].path);
            return fail(format!("{who}, which is in it"), "that to be taken out before, or with it");
        }
    }
    Ok(removal.replacements(text))
}

/// What goes when this goes.
pub(super) fn removal<'t>(tree: &'t Node, path: &str) -> Found<Removal<'t>> {
    let mentions = mentions(tree);
    let seed = unit_at(&mentions, tree, path)?;
    Ok(Removal::of(mentions, &[seed]))
}

/// What goes when these units go.
pub(in crate::scenario) fn removal_of<'t>(mentions: Mentions<'t>, seeds: &[usize]) -> Removal<'t> {
    Removal::of(mentions, seeds)
}

impl<'t> Removal<'t> {
    /// The same as single edits, to be done one after another.
    pub(in crate::scenario) fn edits(&self) -> Vec<Edit> {
        let units = &self.mentions.units;
        let outermost = |unit: &&usize| units[**unit].outer.is_none_or(|outer| !self.is_gone(outer));
        let mut going: Vec<usize> = self.gone.iter().filter(outermost).copied().collect();
        // From the end, so that places in front stay.
        going.sort_by_key(|unit| std::cmp::Reverse(units[*unit].span.start));
        let mut edits = Vec::new();
        for unit in going {
            let here = &units[unit];
            let list = here.path.rsplit_once('.').map_or("", |(list, _)| list);
            if !self.emptied.contains(&here.holder.span.start) {
                edits.push(Edit::remove(&*here.path));
            } else if here.place == 0 {
                edits.push(Edit::set(list, format!("[{NOTHING}]")));
            }
        }
        edits
    }

    /// What goes when these go.
    pub(super) fn of(mentions: Mentions<'t>, seeds: &[usize]) -> Self {
        let mut by_name: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
        let mut definitions: BTreeMap<&Name, usize> = BTreeMap::new();
        for (place, mention) in mentions.all.iter().enumerate() {
            by_name.entry(&mention.name).or_default().push(place);
            *definitions.entry(&mention.name).or_default() += usize::from(mention.defines);
        }
        let mut going = Going {
            mentions: &mentions,
            gone: BTreeSet::new(),
            counts: BTreeMap::new(),
            emptied: BTreeSet::new(),
            open: VecDeque::new(),
        };
        seeds.iter().for_each(|seed| going.take(*seed));
        let mut reasons = Vec::new();
        while let Some(unit) = going.open.pop_front() {
            for name in going.names_in(unit, &definitions) {
                for &place in by_name.get(&name).into_iter().flatten() {
                    let mention = &mentions.all[place];
                    if matches!(mention.names, Names::Defines(_)) || going.is_gone(mention.unit) {
                        continue;
                    }
                    if let Some(taken) = going.outwards(mention.unit) {
                        going.take(taken);
                        reasons.push((place, taken));
                    }
                }
            }
        }
        let Going { gone, emptied, .. } = going;
        Self { mentions, gone, reasons, emptied }
    }

    /// Who names what goes, in the order of the file.
    pub(super) fn dependents(&self) -> Vec<Dependent> {
        let mut found: Vec<Dependent> = self
            .reasons
            .iter()
            .map(|(place, unit)| {
                let mention = &self.mentions.all[*place];
                Dependent {
                    path: self.mentions.units[*unit].path.to_string(),
                    span: mention.literal.span.clone(),
                    sentence: sentence(mention, &self.mentions.units[mention.unit].path),
                }
            })
            .collect();
        found.sort_by(|one, other| (one.span.start, &one.path).cmp(&(other.span.start, &other.path)));
        found.dedup();
        found
    }

    /// What takes all of it out.
    pub(super) fn replacements(&self, text: &str) -> Vec<Replacement> {
        let units = &self.mentions.units;
        let mut by_holder: BTreeMap<usize, (&Node, BTreeSet<usize>, &str)> = BTreeMap::new();
        for &unit in &self.gone {
            let here = &units[unit];
            if here.outer.is_some_and(|outer| self.is_gone(outer)) {
                continue;
            }
            let list = match here.kind {
                UnitKind::Item | UnitKind::OneOf { .. } => here.path.rsplit_once('.').map_or("", |(list, _)| list),
                UnitKind::Entry | UnitKind::Field | UnitKind::Needed => "",
            };
            let entry = by_holder.entry(here.holder.span.start);
            entry.or_insert_with(|| (here.holder, BTreeSet::new(), list)).1.insert(here.place);
        }
        let mut found = Vec::new();
        let mut lists: BTreeMap<&str, &BTreeSet<usize>> = BTreeMap::new();
        for (start, (holder, places, list)) in &by_holder {
            let Some(group) = Group::of(text, holder) else { continue };
            match (group.entry(0), group.entry(group.len().wrapping_sub(1))) {
                (Some(first), Some(last)) if self.emptied.contains(start) => {
                    found.push(Replacement { span: first.start..last.end, text: NOTHING.to_owned() });
                }
                _ => found.extend(group.removals(places)),
            }
            if !list.is_empty() {
                lists.insert(list, places);
            }
        }
        found.sort_by_key(|gone| gone.span.start);
        let mut edits = Vec::new();
        for mention in &self.mentions.all {
            let Name::Item(path, place) = &mention.name else { continue };
            let Some(places) = lists.get(path.as_str()) else { continue };
            let before = places.range(..*place).count();
            let span = &mention.literal.span;
            let around = found.partition_point(|gone| gone.span.start <= span.start).checked_sub(1);
            let gone = around.is_some_and(|at| span.end <= found[at].span.end);
            if before > 0 && !gone {
                let new = (place - before).to_string();
                edits.push(TextEdit { literal: mention.literal.clone(), at: mention.at.clone(), new });
            }
        }
        found.extend(rewritten(edits));
        found
    }

    fn is_gone(&self, unit: usize) -> bool {
        is_within(&self.mentions, &self.gone, unit)
    }
}

fn is_within(mentions: &Mentions<'_>, gone: &BTreeSet<usize>, unit: usize) -> bool {
    let mut next = Some(unit);
    while let Some(unit) = next {
        if gone.contains(&unit) {
            return true;
        }
        next = mentions.units[unit].outer;
    }
    false
}

/// Paths that lead into a list by place, with the places that items have now.
pub(super) fn shifted(mentions: &Mentions<'_>, list: &str, moved: impl Fn(usize) -> Option<usize>) -> Vec<TextEdit> {
    let of_list = mentions.all.iter().filter_map(|mention| match &mention.name {
        Name::Item(path, place) if path == list => Some((mention, *place)),
        _ => None,
    });
    let edit = |(mention, place): (&Mention, usize)| {
        let new = moved(place).filter(|new| *new != place)?;
        Some(TextEdit { literal: mention.literal.clone(), at: mention.at.clone(), new: new.to_string() })
    };
    of_list.filter_map(edit).collect()
}

/// Things on their way out.
struct Going<'m, 't> {
    mentions: &'m Mentions<'t>,
    gone: BTreeSet<usize>,
    /// Items that go, by the place of their list.
    counts: BTreeMap<usize, usize>,
    emptied: BTreeSet<usize>,
    open: VecDeque<usize>,
}

impl Going<'_, '_> {
    fn is_gone(&self, unit: usize) -> bool {
        is_within(self.mentions, &self.gone, unit)
    }

    /// The smallest thing around a mention that can go.
    fn outwards(&self, unit: usize) -> Option<usize> {
        let mut next = Some(unit);
        while let Some(unit) = next {
            if self.mentions.units[unit].kind != UnitKind::Needed {
                return Some(unit);
            }
            next = self.mentions.units[unit].outer;
        }
        None
    }

    fn take(&mut self, unit: usize) {
        if !self.gone.insert(unit) {
            return;
        }
        self.open.push_back(unit);
        let here = &self.mentions.units[unit];
        let UnitKind::OneOf { program } = here.kind else { return };
        let list = here.holder.span.start;
        let count = self.counts.entry(list).or_default();
        *count += 1;
        let all = self.mentions.units[unit].holder.unwrapped().items();
        if *count < all {
            return;
        }
        if program && here.outer.is_some_and(|outer| self.mentions.units[outer].kind == UnitKind::Entry) {
            self.emptied.insert(list);
        } else if let Some(outer) = here.outer.and_then(|outer| self.outwards_of_list(outer)) {
            self.take(outer);
        }
    }

    /// What goes when a list in which one thing must stand is empty: an `on` takes its service with it.
    fn outwards_of_list(&self, unit: usize) -> Option<usize> {
        let units = &self.mentions.units;
        let mut next = Some(unit);
        if units[unit].kind == UnitKind::Field && units[unit].path.ends_with(".on") {
            next = units[unit].outer;
        }
        self.outwards(next?)
    }

    /// What is defined in something that goes, and what it is as an item. What a variant brings is gone with it if
    /// nothing else brings that, too.
    fn names_in(&self, unit: usize, definitions: &BTreeMap<&Name, usize>) -> Vec<Name> {
        let Mentions { all, units, .. } = self.mentions;
        let here = &units[unit];
        let from = all.partition_point(|mention| mention.literal.span.start < here.span.start);
        let inside = all[from..].iter().take_while(|mention| mention.literal.span.end <= here.span.end);
        let only = |mention: &Mention| mention.defines && definitions.get(&mention.name) == Some(&1);
        let defined = inside.filter(|mention| matches!(mention.names, Names::Defines(_)) || only(mention));
        let mut names: Vec<Name> = defined.map(|mention| mention.name.clone()).collect();
        if matches!(here.kind, UnitKind::Item | UnitKind::OneOf { .. })
            && let Some((list, _)) = here.path.rsplit_once('.')
        {
            names.push(Name::Item(list.to_owned(), here.place));
        }
        names
    }
}

/// Who names it, and how.
pub(super) fn sentence(mention: &Mention, path: &str) -> String {
    let content = &*mention.literal.content;
    let keys: Vec<&str> = path.split('.').collect();
    let who = match keys.as_slice() {
        ["services", service, "operations", operation, ..] => format!("`{service}.{operation}`"),
        ["services", name, ..] | ["traffic", name, ..] => format!("`{name}`"),
        ["runbook", place, ..] => format!("rule {} of the runbook", place.parse().map_or(1, |place: usize| place + 1)),
        ["objectives", ..] => "an objective".to_owned(),
        ["variants", ..] => {
            let name = path.trim_start_matches("variants.");
            let end = name.find(".set").or_else(|| name.find(".from")).unwrap_or(name.len());
            format!("variant `{}`", &name[..end])
        }
        _ => format!("`{path}`"),
    };
    let does = match (mention.names, mention.owner) {
        (Names::Call, "WriteBack") => "writes to",
        (Names::Call, _) => "calls",
        (Names::Refers(Thing::Service), "Balancer" | "Queue") => "hands on to",
        (Names::Refers(Thing::Service), "Service") => "has a link to",
        (Names::Refers(Thing::Service), "Access") => "has a way to",
        (Names::Refers(Thing::Machine), "Service") => "runs on",
        (Names::Refers(Thing::Machine), "Weighted") => "gives a weight to",
        (Names::Refers(Thing::Machine), "Move") => "moves a service to",
        (Names::Refers(Thing::Key), "Database") => "is divided by",
        (Names::Refers(Thing::Key), "Hash") => "is balanced by",
        (Names::Refers(Thing::Key), _) => "asks by the key",
        (Names::Refers(Thing::Operation), _) => "only reads with",
        (Names::Refers(Thing::Variant), "Variant") => "builds on",
        (Names::Refers(Thing::Variant), _) => "applies",
        (Names::StoreOrCache, _) => "looks into",
        (Names::Path, _) => "sets",
        (Names::Expression, _) => "counts what waits, in",
        _ => "is about",
    };
    format!("{who} {does} `{content}`")
}
