//! What was done to a run, written into its file: rules of the runbook, each at its time, that give the same run again.

use super::{Experiment, Intervention, LoadFailure, LogEntry};
use crate::engine::Command;
use crate::model::{Action, Model, Side, Target};
use crate::scenario::difference::{difference, variant_of};
use crate::scenario::{self, Edit, Loaded, RonText, Scenario};
use crate::units::Span;
use std::sync::Arc;

impl Experiment {
    /// What makes this experiment's text one that does by itself what the log does: a rule for each act, a variant for
    /// each change of the system that no single value says. The run is the same to the last bit.
    ///
    /// # Errors
    /// What a runbook cannot do, by hand or in words: something before time 0, a change of the runbook or the variants
    /// themselves, a variant that puts another runbook in the place of this one.
    pub fn as_replay(&self) -> Result<Vec<Edit>, LoadFailure> {
        let base = self.base()?;
        let compiled = self.compile()?;
        let wrong = |message: String| LoadFailure::of(&base, vec![scenario::Problem::general(message)]);
        let rules = base.scenario.runbook.len() + self.log.len();
        if rules > scenario::RULES {
            let all = format!("what was done makes a runbook of {rules} rules; a file has at most {}", scenario::RULES);
            return Err(wrong(all));
        }
        let mut replay = Replay { base: &base, from: self.variant.as_deref(), variants: Vec::new(), rules: Vec::new() };
        let mut model = Arc::clone(&compiled.model);
        for entry in &self.log {
            let command = entry.intervention.command(self, &base, &model)?;
            replay.entry(&compiled.loaded, entry, &command, &model).map_err(|why| {
                wrong(format!("{} at {}: {why}", entry.intervention.words(&model), Span(entry.time.0)))
            })?;
            if let Command::Replace(next) = command {
                model = next;
            }
        }
        let first = base.scenario.runbook.len();
        let at = |(place, rule): (usize, String)| Edit::insert(format!("runbook.{}", first + place), rule);
        let count = replay.rules.len();
        let edits: Vec<Edit> =
            replay.variants.into_iter().chain(replay.rules.into_iter().enumerate().map(at)).collect();
        let (written, _) = base.edited(&edits).map_err(|problems| LoadFailure::of(&base, problems))?;
        // What the variant or the edits put in must leave the rules where they are.
        let again = self.load(&written, self.variant.as_deref())?;
        let ours = &written.scenario.runbook[first..];
        if count > 0 && !again.scenario.runbook.ends_with(ours) {
            return Err(wrong("the variant, or an edit, puts another runbook in the place of this one".to_owned()));
        }
        Ok(edits)
    }
}

struct Replay<'a> {
    base: &'a Loaded,
    /// The variant that the run began with.
    from: Option<&'a str>,
    variants: Vec<Edit>,
    rules: Vec<String>,
}

impl Replay<'_> {
    fn entry(&mut self, start: &Loaded, entry: &LogEntry, command: &Command, model: &Model) -> Result<(), String> {
        if entry.time.0 < 0 {
            return Err("the runbook sleeps before time 0".to_owned());
        }
        let action = match (&entry.intervention, command) {
            (Intervention::Act(action), _) => written(action, model).ok_or("no rule of a runbook does this")?,
            // What is renamed goes on as it was; a variant could only bring another thing in its place.
            (Intervention::Edit(edits), _) if edits.iter().any(|edit| matches!(edit, Edit::Rename { .. })) => {
                return Err("a runbook gives no names: rename it in the file".to_owned());
            }
            (Intervention::Edit(_) | Intervention::ApplyVariant(_), Command::Replace(next)) => {
                match &entry.intervention {
                    Intervention::Edit(edits)
                        if let [Edit::Set { path, value }] = &edits[..]
                            && self.is_sound(path, value) =>
                    {
                        scenario::Action::Set(path.clone(), RonText(self.as_written(start, path, value)?))
                    }
                    _ => self.change(start, model, next)?,
                }
            }
            (Intervention::Edit(_) | Intervention::ApplyVariant(_), Command::Act(_)) => {
                return Err("no rule of a runbook does this".to_owned());
            }
        };
        let rule = scenario::Rule::At(Span(entry.time.0), action);
        self.rules.push(rule.one_line());
        Ok(())
    }

    /// The file alone takes this value: its checks ask that of every rule.
    fn is_sound(&self, path: &str, value: &str) -> bool {
        self.base.with_at_once(None, &[Edit::set(path, value)]).is_ok()
    }

    /// The value with its quotes, as it stands in the file after the edit.
    fn as_written(&self, start: &Loaded, path: &str, value: &str) -> Result<String, String> {
        let edit = [Edit::set(path, value)];
        let set = start.with_at_once(None, &edit).or_else(|_| self.base.with_at_once(None, &edit));
        let text = scenario::form::Forms::new(&set.map_err(told)?).at(path).map(|form| form.text);
        text.map_err(|error| error.message)
    }

    /// A variant of what the run has become, and the rule that puts it in.
    fn change(&mut self, start: &Loaded, model: &Model, next: &Model) -> Result<scenario::Action, String> {
        let (before, after) = (model.loaded(&start.name), next.loaded(&start.name));
        let of_system =
            |loaded: &Loaded| Scenario { variants: Default::default(), ..Scenario::clone(&loaded.scenario) };
        if before.scenario.runbook != after.scenario.runbook || before.scenario.variants != after.scenario.variants {
            return Err("it changes the runbook or the variants themselves".to_owned());
        }
        let (before, after) = (reread(&before)?, reread(&after)?);
        let chain = self.from.map_or_else(Vec::new, |from| {
            self.base.scenario.variants.get(from).map_or_else(Vec::new, |variant| variant.edits().collect())
        });
        // What differs from the moment before; where the file alone does not bear that, all that differs from the
        // start, put upon whatever the run is by then.
        let ways = [(None, Vec::new(), difference(&before, &after)), (self.from, chain, difference(start, &after))];
        let mut why = "it takes something back, which a variant cannot say".to_owned();
        for (from, chain, sets) in ways {
            let patch = |sets: &Vec<Edit>| chain.iter().chain(sets).cloned().collect::<Vec<Edit>>();
            match sets {
                Ok(sets)
                    if before
                        .with_at_once(None, &patch(&sets))
                        .is_ok_and(|reached| of_system(&reached) == of_system(&after)) =>
                {
                    let name = self.free_name();
                    let edit = variant_of(&name, "What was done to a run by hand.", from, &sets)?;
                    // As the file's checks read it: alone, upon the variant it builds on.
                    match self.base.with_at_once(from, &sets) {
                        Ok(_) => {
                            self.variants.push(edit);
                            return Ok(scenario::Action::Apply(name));
                        }
                        Err(problems) => why = told(problems),
                    }
                }
                Ok(_) => {}
                Err(message) => why = message,
            }
        }
        Err(why)
    }

    fn free_name(&self) -> String {
        let mut number = self.variants.len() + 1;
        let ours = |name: &str| self.variants.iter().any(|edit| edit.path().ends_with(name));
        let taken = |name: &str| self.base.scenario.variants.contains(name) || ours(name);
        while taken(&format!("replay {number}")) {
            number += 1;
        }
        format!("replay {number}")
    }
}

fn told(problems: Vec<scenario::Problem>) -> String {
    problems.into_iter().next().map_or_else(String::new, |problem| problem.message)
}

/// With what is of the run as its own text says it.
fn reread(loaded: &Loaded) -> Result<Loaded, String> {
    loaded.as_it_stands().map_err(told)
}

/// An action in the words of the language.
fn written(action: &Action, model: &Model) -> Option<scenario::Action> {
    let one = |name: &str, ordinal: Option<u32>| ordinal.map_or_else(|| name.to_owned(), |at| format!("{name}/{at}"));
    let target = |target: &Target| match *target {
        Target::Service(id, ordinal) => one(&model.services[id].name, ordinal),
        Target::Machine(id, ordinal) => one(&model.groups[id].name, ordinal),
    };
    let side = |side: &Side| match *side {
        Side::Source(id) => model.sources[id].name.clone(),
        Side::Service(id) => model.services[id].name.clone(),
        Side::Group(id) => model.groups[id].name.clone(),
    };
    let group = |id: &crate::model::GroupId| model.groups[*id].name.clone();
    let service = |id: &crate::model::ServiceId| model.services[*id].name.clone();
    Some(match action {
        Action::AddMachines(id, count) => scenario::Action::AddMachines(group(id), *count),
        Action::RemoveMachines(id, count) => scenario::Action::RemoveMachines(group(id), *count),
        Action::AddInstances(id, count) => scenario::Action::AddInstances(service(id), *count),
        Action::RemoveInstances(id, count) => scenario::Action::RemoveInstances(service(id), *count),
        Action::Resize { group: id, cores, memory, takes, outage } => scenario::Action::Resize {
            machine: group(id),
            cores: *cores,
            memory: *memory,
            takes: *takes,
            outage: *outage,
        },
        Action::Crash(of) => scenario::Action::Crash(target(of)),
        Action::Slow { target: of, factor, lasting } => {
            scenario::Action::Slow { target: target(of), factor: *factor, lasting: *lasting }
        }
        Action::Restart { target: of, stagger } => scenario::Action::Restart { target: target(of), stagger: *stagger },
        Action::Reload(id, ordinal) => scenario::Action::Reload(one(&service(id), *ordinal)),
        Action::Set { path, value } => scenario::Action::Set(path.clone(), RonText(value.clone())),
        Action::Apply(variant) => scenario::Action::Apply(variant.clone()),
        Action::ScaleTraffic(id, factor) => scenario::Action::ScaleTraffic(model.sources[*id].name.clone(), *factor),
        Action::Deploy { service: id, ordinal, at_once, takes, drain } => scenario::Action::Deploy {
            target: one(&service(id), *ordinal),
            at_once: *at_once,
            takes: *takes,
            drain: *drain,
        },
        Action::Partition { from, to, lasting } => {
            scenario::Action::Partition { from: side(from), to: side(to), lasting: *lasting }
        }
        Action::Flush { service: id, ordinal, store } => {
            let stores = &model.services[*id].stores;
            let store = store.and_then(|store| stores.get(store as usize)).map(|store| store.name.as_str());
            let whole = one(&service(id), *ordinal);
            let named = store.filter(|store| !store.is_empty());
            scenario::Action::Flush(named.map_or_else(|| whole.clone(), |store| format!("{whole}.{store}")))
        }
        Action::Scale(_) => return None,
    })
}
