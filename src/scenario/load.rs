//! From text to a checked scenario, and from one scenario to its variants.
use super::{
    check,
    described::{Described, Reader},
    edit::{Dependent, Document, Edit, EditError, Splice},
    migrate,
    nearest::{list, nearest},
    parts,
    problem::Problem,
    root::Scenario,
    syntax,
};
use std::{ops::Range, sync::Arc};

/// Most problems that are told of one file.
const MOST: usize = 100;

/// A scenario that was read and checked, with the text it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the file is called in messages.
    pub name: String,
    /// The text, patches applied.
    pub text: Arc<str>,
    /// What it says.
    pub scenario: Arc<Scenario>,
    /// Legal, but surely not what was meant.
    pub warnings: Vec<Problem>,
}

/// A text that was read to be looked up in.
#[derive(Debug)]
pub struct Places {
    text: Arc<str>,
    tree: Option<syntax::Node>,
}

impl Places {
    /// Where the text has a value: as deep as it goes, at the name of what is not deeper.
    #[must_use]
    pub fn of(&self, path: &[&str]) -> Option<Range<usize>> {
        check::place(self.tree.as_ref()?, &self.text, path)
    }
}

/// Reads and checks a scenario file; every error at once, in the order of the file.
pub fn load(name: &str, text: &str) -> Result<Loaded, Vec<Problem>> {
    examine(name, Document::new(text), check::Depth::Whole)
}

/// Reads and checks a text, with its variants or without.
pub(super) fn examine(name: &str, document: Document, depth: check::Depth) -> Result<Loaded, Vec<Problem>> {
    let mut document = migrate::to_current(document).map_err(|problem| vec![*problem])?;
    let mut tree = document.tree().map_err(|problem| vec![*problem])?.clone();
    let (likes, mut problems) = parts::put_under(&mut tree);
    let mut reader = Reader::new(document.text());
    let scenario = Scenario::read(&tree, &mut reader);
    problems.extend(reader.problems);
    if let Some(scenario) = &scenario {
        problems.extend(check::check(scenario, &tree, &document, depth));
    }
    parts::explain(&likes, &mut problems);
    problems.sort_by_key(|problem| problem.span.as_ref().map_or(0, |span| span.start));
    problems.dedup_by(|one, other| one.span == other.span && one.message == other.message);
    if problems.iter().any(Problem::is_error) {
        problems.retain(Problem::is_error);
        let more = problems.len().saturating_sub(MOST);
        if more > 0 {
            problems.truncate(MOST);
            problems.push(Problem::general(format!("and {more} more problems")));
        }
        return Err(problems);
    }
    match scenario {
        Some(scenario) => {
            let (text, scenario) = (document.text().into(), Arc::new(scenario));
            Ok(Loaded { name: name.to_owned(), text, scenario, warnings: problems })
        }
        None => Err(vec![Problem::general("the file has no scenario")]),
    }
}

impl Loaded {
    /// Where the text has a value: as deep as it goes, at the name of what is not deeper.
    #[must_use]
    pub fn place(&self, path: &[&str]) -> Option<Range<usize>> {
        self.places().of(path)
    }

    /// Where its text has any value: for whoever asks for many.
    #[must_use]
    pub fn places(&self) -> Places {
        Places { text: Arc::clone(&self.text), tree: syntax::parse(&self.text).ok() }
    }

    /// This scenario with a variant (and those it builds on), then single edits, put in.
    ///
    /// # Errors
    /// What cannot be put in, or what is wrong with the file that this gives.
    pub fn with(&self, variant: Option<&str>, edits: &[Edit]) -> Result<Self, Vec<Problem>> {
        self.put_in(variant, edits, check::Depth::Patched)
    }

    /// The same of a file whose runbook was checked and is carried out: what it patches later has to be there.
    ///
    /// # Errors
    /// What cannot be put in, or what is wrong with the file that this gives.
    pub fn with_at_once(&self, variant: Option<&str>, edits: &[Edit]) -> Result<Self, Vec<Problem>> {
        self.put_in(variant, edits, check::Depth::Named)
    }

    fn put_in(&self, variant: Option<&str>, edits: &[Edit], depth: check::Depth) -> Result<Self, Vec<Problem>> {
        if variant.is_none() && edits.is_empty() {
            return Ok(self.clone());
        }
        let mut document = Document::new(&*self.text);
        if let Some(variant) = variant {
            apply_variant(&self.scenario, &mut document, variant).map_err(|problem| vec![*problem])?;
        }
        for edit in edits {
            document.edit(edit).map_err(|error| vec![error.into()])?;
        }
        let text: Arc<str> = document.text().into();
        examine(&self.name, document, depth).map_err(|problems| {
            let mut name = format!("{} with", self.name);
            variant.iter().for_each(|variant| name.push_str(&format!(" variant `{variant}`")));
            edits.iter().for_each(|edit| name.push_str(&format!(" {edit}")));
            problems
                .into_iter()
                .map(|problem| Problem { source: Some((name.clone(), text.clone())), ..problem })
                .collect()
        })
    }
}

impl Loaded {
    /// The file with these edits done one after another, all or none, and read anew with all its variants; and what
    /// they did to the text.
    ///
    /// # Errors
    /// What cannot be done, or what is wrong with the file that this gives, at its places there.
    pub fn edited(&self, edits: &[Edit]) -> Result<(Self, Splice), Vec<Problem>> {
        let mut document = Document::new(&*self.text);
        let splice = document.edit_all(edits).map_err(|error| vec![error.into()])?;
        let text: Arc<str> = document.text().into();
        let source = || {
            let words: Vec<String> = edits.iter().map(Edit::words).collect();
            (format!("{} after {}", self.name, words.join(", ")), Arc::clone(&text))
        };
        let told = |problem| Problem { source: Some(source()), ..problem };
        match examine(&self.name, document, check::Depth::Whole) {
            Ok(loaded) => Ok((loaded, splice)),
            Err(problems) => Err(problems.into_iter().map(told).collect()),
        }
    }

    /// What its text alone says, without what a running system keeps of its own.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn as_it_stands(&self) -> Result<Self, Vec<Problem>> {
        examine(&self.name, Document::new(&*self.text), check::Depth::AsItStands)
    }

    /// Who names what stands at a path, or what is in it, and what would go with it: in the order of the file.
    ///
    /// # Errors
    /// The path leads nowhere, or what stands there cannot go.
    pub fn dependents(&self, path: &str) -> Result<Vec<Dependent>, EditError> {
        Document::new(&*self.text).dependents(path)
    }
}

/// The names of a variant and of those it builds on, the first to apply first. A cycle ends where it closes.
pub(super) fn chain<'a>(scenario: &'a Scenario, variant: &'a str) -> Vec<&'a str> {
    let mut chain = vec![variant];
    let mut next = scenario.variants.get(variant).and_then(|variant| variant.from.as_deref());
    while let Some(name) = next.filter(|name| !chain.contains(name)) {
        chain.push(name);
        next = scenario.variants.get(name).and_then(|variant| variant.from.as_deref());
    }
    chain.reverse();
    chain
}

fn apply_variant(scenario: &Scenario, document: &mut Document, variant: &str) -> Result<(), Box<Problem>> {
    for name in chain(scenario, variant) {
        let Some(patch) = scenario.variants.get(name) else {
            let problem = Problem::general(format!("unknown variant `{name}`"));
            let near = nearest(name, scenario.variants.names())
                .map(|near| format!("did you mean `{near}`? "))
                .unwrap_or_default();
            let known = if scenario.variants.is_empty() {
                "the scenario has none".to_owned()
            } else {
                format!("there is {}", list(scenario.variants.names()))
            };
            return Err(Box::new(problem.help(format!("{near}{known}"))));
        };
        for edit in patch.edits() {
            document.edit(&edit).map_err(|error| Box::new(error.into()))?;
        }
    }
    Ok(())
}

impl Scenario {
    /// The scenario as a file: what equals its default, or its part, is left out. Loading it gives the same scenario.
    pub fn to_ron(&self) -> String {
        parts::shortened(self.write()).print()
    }

    /// All it says, with what its parts say: equal for scenarios that run the same.
    pub fn meaning(&self) -> String {
        self.write().print()
    }

    /// The scenario that says this. It was checked when it was written.
    ///
    /// # Errors
    /// It is no such text.
    pub fn of_meaning(text: &str) -> Result<Self, String> {
        let tree = syntax::parse(text).map_err(|problem| problem.message.clone())?;
        let mut reader = Reader::new(text);
        let scenario = Self::read(&tree, &mut reader).filter(|_| reader.problems.is_empty());
        let wrong =
            || reader.problems.first().map_or_else(|| "no scenario".to_owned(), |problem| problem.message.clone());
        scenario.ok_or_else(wrong)
    }
}
