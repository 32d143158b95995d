//! Variants and the runbook's patches: each must itself give a valid file.
use super::{At, Checker, Depth};
use crate::scenario::{
    edit::{Document, Edit, Splice},
    load::examine,
    problem::Problem,
    runbook::{Action, Rule, moved},
    service::Kind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Bytes of patched files that are read.
const READ: usize = 5 << 20;
/// Edits of a text that take as long as reading it.
const EDITS: usize = 4;

/// Parts of a path that are looked at: no file is nested as deep.
const DEEPEST: usize = 128;

/// What a run begins with and keeps.
const OF_THE_RUN: [&str; 9] =
    ["version", "title", "teaches", "source", "horizon", "warm_up", "seed", "objectives", "variants"];

impl<'a> Checker<'a> {
    /// What variants build on.
    pub(super) fn variants(&mut self, variants: At<'_>) {
        let scenario = self.scenario;
        for (name, variant) in &scenario.variants {
            let at = variants.child(name).child("from");
            let Some(from) = &variant.from else { continue };
            if !scenario.variants.contains(from) {
                self.unknown(at, "variant", from, scenario.variants.names());
                continue;
            }
            let mut next = Some(from.as_str());
            let mut steps = 0;
            while let Some(base) = next.filter(|base| *base != name && steps <= scenario.variants.len()) {
                steps += 1;
                next = scenario.variants.get(base).and_then(|variant| variant.from.as_deref());
            }
            if next == Some(name.as_str()) {
                self.error(at, format!("variant `{name}` builds on itself"), "expected a chain of `from` that ends");
            }
        }
    }

    /// The files that variants give: each is put into that of the variant it builds on, and taken out again.
    pub(super) fn variant_patches(&mut self, root: At<'_>, document: &Document) {
        let scenario = self.scenario;
        let mut above: BTreeMap<Option<&str>, Vec<&str>> = BTreeMap::new();
        for (name, variant) in &scenario.variants {
            above.entry(variant.from.as_deref()).or_default().push(name);
        }
        self.variants_on(None, &above, root, &mut document.clone());
    }

    /// Those that build on a variant whose changes stand in the document.
    fn variants_on(
        &mut self,
        base: Option<&str>,
        above: &BTreeMap<Option<&str>, Vec<&str>>,
        root: At<'_>,
        document: &mut Document,
    ) {
        let scenario = self.scenario;
        for &name in above.get(&base).into_iter().flatten() {
            let Some(variant) = scenario.variants.get(name) else { continue };
            let at = root.child("variants").child(name).child("set");
            let edits: Vec<(Edit, At<'_>)> =
                variant.edits().zip(variant.set.names().map(|path| at.name(path))).collect();
            if !self.overlap(name, at) {
                self.patched(root, &format!("variant `{name}`"), document, &edits);
            }
            if !above.contains_key(&Some(name)) || !self.can_read(edits.len() * document.text().len() / EDITS) {
                continue;
            }
            // What is wrong in a variant below is said there.
            let done: Vec<Splice> = edits.iter().filter_map(|(edit, _)| document.edit(edit).ok()).collect();
            self.variants_on(Some(name), above, root, document);
            for splice in done.iter().rev() {
                // It was put there, so it stands there.
                let _ = document.splice(&splice.inverse());
            }
        }
    }

    /// Whether so many bytes more may be read; says so once if not.
    fn can_read(&mut self, bytes: usize) -> bool {
        let read = self.read;
        self.read = read.saturating_add(bytes);
        if self.read > READ && read <= READ {
            self.problems.push(
                Problem::general(format!(
                    "variants and patches of the runbook are files of their own, of more than {} MiB in all",
                    READ >> 20
                ))
                .help("a shorter file, or fewer of them"),
            );
        }
        self.read <= READ
    }

    /// Paths of a variant that lie in one another: which of them counts would depend on their order.
    fn overlap(&mut self, name: &str, set: At<'_>) -> bool {
        let Some(variant) = self.scenario.variants.get(name) else { return false };
        let mut found = false;
        for inner in variant.set.names() {
            let outers = inner.match_indices('.').take(DEEPEST).map(|(end, _)| &inner[..end]);
            if let Some(outer) = { outers }.find(|outer| variant.set.contains(outer)) {
                found = true;
                let place = set.name(outer).span();
                let message = format!("`{inner}` is in `{outer}`, which variant `{name}` sets, too");
                let problem = self.error(set.name(inner), message, "expected one of them");
                problem.also = Some((place, "the whole of it".to_owned()));
                problem.help = Some(format!("write it into the value of `{outer}`"));
            }
        }
        found
    }

    /// The files that the runbook's `Set`s give, each alone; or only whether each can be put in.
    pub(super) fn runbook_patches(&mut self, root: At<'_>, document: &Document, read: bool) {
        let scenario = self.scenario;
        for (index, rule) in scenario.runbook.iter().enumerate() {
            let at = root.child("runbook").item(index);
            let (action, at) = match rule {
                Rule::At(_, action) => (action, at.item(1)),
                Rule::When { then, .. } => (then, at.child("then")),
                Rule::Autoscale { .. } => continue,
            };
            if let Action::Set(path, value) = action {
                let field = path.split('.').next().unwrap_or_default().trim();
                if OF_THE_RUN.contains(&field) {
                    let what = format!("`{field}` is of the run: a running system keeps it");
                    self.error(at.item(0), what, "expected a field of the system: machines, services, traffic");
                    continue;
                }
                let edit = (Edit::set(path, value.as_str()), at.item(0));
                if read {
                    self.patched(root, "this patch", document, &[edit]);
                } else if let Err(error) = document.can(&edit.0) {
                    self.error(edit.1, error.message, error.advice);
                }
            }
            // What is unknown is said where it stands.
            if let Action::Move { service, to } = action
                && read
                && scenario.services.get(service).is_some_and(|service| service.kind != Kind::External)
                && !to.is_empty()
                && to.iter().all(|group| scenario.machines.contains(group))
            {
                let (path, value) = moved(service, to);
                self.patched(root, "this move", document, &[(Edit::set(path, value), at)]);
            }
        }
    }

    /// The objective whose subject a wrong piece of text is.
    fn objective_of(&self, root: At<'_>, text: &str) -> Option<(Range<usize>, String)> {
        let subject = self.scenario.objectives.names().find(|subject| text.trim_matches('"') == *subject)?;
        Some((root.child("objectives").name(subject).span(), "this objective is about it".to_owned()))
    }

    /// Does edits one after another, then reads the whole. A problem of the result belongs to the first edit after
    /// which it is there.
    fn patched(&mut self, root: At<'_>, what: &str, before: &Document, edits: &[(Edit, At<'_>)]) {
        let size = before.text().len();
        if !self.can_read(size + edits.len() * size / EDITS) {
            return;
        }
        let mut document = before.clone();
        for (edit, at) in edits {
            if let Err(error) = document.edit(edit) {
                self.error(*at, error.message, error.advice);
                return;
            }
        }
        let text = document.text().to_owned();
        let problems = match examine("", document, Depth::AsItStands) {
            Ok(loaded) => {
                let known: BTreeSet<&str> = loaded.warnings.iter().map(|known| known.message.as_str()).collect();
                self.unused.retain(|unused| known.contains(unused.message.as_str()));
                return;
            }
            Err(problems) => problems,
        };
        // What is wrong below is said there, once.
        self.read = self.read.saturating_add(size);
        let below = examine("", before.clone(), Depth::AsItStands).err().unwrap_or_default();
        let new = |problem: &Problem| !below.iter().any(|known| known.message == problem.message);
        for problem in problems.into_iter().filter(new).take(3) {
            let mut stage = before.clone();
            let first = edits.iter().position(|(edit, _)| {
                self.read = self.read.saturating_add(size + size / EDITS);
                self.read < READ
                    && stage.edit(edit).is_ok()
                    && examine("", stage.clone(), Depth::AsItStands)
                        .is_err_and(|problems| problems.iter().any(|known| known.message == problem.message))
            });
            let also = problem.span.as_ref().and_then(|span| self.objective_of(root, text.get(span.clone())?));
            if let Some((_, at)) = edits.get(first.unwrap_or(0)) {
                let wrong = self.error(*at, format!("{what} gives a wrong file: {}", problem.message), problem.label);
                wrong.help = problem.help;
                wrong.also = also;
            }
        }
    }
}
