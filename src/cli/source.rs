//! Which scenario is meant: a file, a picture, stdin, a file of a git revision, a link, or one that is built in.

use super::args::ScenarioArgs;
use super::failure::Failure;
use super::git::Revised;
use crate::catalog;
use crate::experiment::{Compiled, Experiment, LoadFailure};
use crate::files;
use crate::scenario::nearest::{list, nearest};
use crate::scenario::{Edit, Loaded, Problem};
use crate::share::{self, ShareError, Shared};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of a file that are read to write into it what a link does to its run, each change once.
const REPLAYED: usize = 2 << 20;

/// What a name stands for.
pub struct Given {
    /// For messages.
    pub name: String,
    /// The scenario's text, as it was written.
    pub text: String,
    /// A link, or a picture, gives more than a text.
    pub shared: Option<Shared>,
}

/// Name for messages, and text.
pub fn read(name: &str) -> Result<(String, String), Failure> {
    given(name).map(|given| (given.name, given.text))
}

/// A link, a built-in's name, stdin or a file; what is read may be a picture, or a link in its turn.
pub fn given(name: &str) -> Result<Given, Failure> {
    if share::is_link(name) && !Path::new(name).exists() {
        return of_text("this link", name.to_owned());
    }
    if name == "-" {
        return of_text("<stdin>", limited(name, io::stdin().lock())?);
    }
    if let Some(built_in) = catalog::find(name) {
        return Ok(Given { name: built_in.file.to_owned(), text: built_in.text.to_owned(), shared: None });
    }
    match fs::File::open(name) {
        Ok(file) => of_text(name, limited(name, file)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match Revised::parse(name) {
            Some(revised) => match revised.read()? {
                Some(text) => Ok(Given { name: name.to_owned(), text, shared: None }),
                None => Err(not_there(revised)),
            },
            None => Err(unknown(name)),
        },
        Err(error) => Err(Failure::io(format!("cannot read {name}"), error)),
    }
}

fn of_text(name: &str, text: String) -> Result<Given, Failure> {
    if !share::is_link(&text) {
        return Ok(Given { name: name.to_owned(), text, shared: None });
    }
    let shared = Shared::read(&text).map_err(|error| no_link(name, &error))?;
    let Experiment { name, text, .. } = shared.experiment.clone();
    Ok(Given { name, text, shared: Some(shared) })
}

fn no_link(name: &str, error: &ShareError) -> Failure {
    let problem = Problem::general(error.to_string());
    Failure::Invalid { name: name.to_owned(), text: "".into(), problems: vec![problem] }
}

/// The revision and path of a name that is no file here and whose revision has no such file.
pub fn is_new(name: &str) -> Result<bool, Failure> {
    match Revised::parse(name).filter(|_| !Path::new(name).exists()) {
        Some(revised) => Ok(revised.read()?.is_none()),
        None => Ok(false),
    }
}

/// The path in a name of a file, without its revision and without `./`.
pub fn file_of(name: &str) -> &str {
    let path = Revised::parse(name).filter(|_| !Path::new(name).exists()).map_or(name, |revised| revised.path);
    path.strip_prefix("./").unwrap_or(path)
}

fn not_there(Revised { revision, path }: Revised) -> Failure {
    Failure::Usage {
        message: format!("there is no file `{path}` at `{revision}`"),
        help: format!("`git ls-tree -r --name-only {revision}` lists its files, from the top of the repository"),
    }
}

fn limited(name: &str, from: impl Read) -> Result<String, Failure> {
    let failed = |error| Failure::io(format!("cannot read {name}"), error);
    let bytes = files::read_bytes(from).map_err(failed)?;
    share::text_of(bytes).map_err(|error| match error {
        ShareError::NoText => failed(files::no_text()),
        error => no_link(name, &error),
    })
}

fn unknown(name: &str) -> Failure {
    let looks_like_a_file = name.contains(['/', '\\']) || Path::new(name).extension().is_some();
    if looks_like_a_file {
        let help = "a scenario is a .ron file, the name of a built-in one (`surgelab list`), or - for stdin".to_owned();
        return Failure::Usage { message: format!("there is no file `{name}`"), help };
    }
    if catalog::find_part(name).is_some() {
        let help = format!("`surgelab show {name}` tells what it is; a service has `like: \"{name}\"`");
        return Failure::Usage { message: format!("`{name}` is a part, not a scenario"), help };
    }
    let near = catalog::nearest_name(name).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let all = list(catalog::SCENARIOS.iter().map(|s| s.name));
    Failure::Usage {
        message: format!("there is no scenario and no file `{name}`"),
        help: format!("{near}built in: {all}"),
    }
}

/// What is asked for, as one run of a file: what a link does to its run is in the file's runbook.
pub fn experiment(args: &ScenarioArgs, seed: Option<u64>) -> Result<Experiment, Failure> {
    asked(args, seed, given(&args.scenario)?)
}

/// The same of what was read already.
pub fn asked(args: &ScenarioArgs, seed: Option<u64>, given: Given) -> Result<Experiment, Failure> {
    let experiment = match given.shared {
        Some(shared) => by_itself(shared.experiment)?,
        None => Experiment::new(given.name, given.text),
    };
    Ok(changed(args, seed, experiment))
}

/// What was read, with all that a link puts in and does.
pub fn whole(given: Given) -> Result<Loaded, Failure> {
    match given.shared {
        Some(shared) => load(&by_itself(shared.experiment)?),
        None => Ok(Experiment::new(given.name, given.text).base()?),
    }
}

/// An experiment with what the arguments say besides.
pub fn changed(args: &ScenarioArgs, seed: Option<u64>, experiment: Experiment) -> Experiment {
    let sets = args.sets.iter().map(|(path, value)| Edit::set(path, value));
    let edits = sets.chain(args.horizon.iter().map(|horizon| Edit::set("horizon", horizon)));
    Experiment {
        variant: args.variant.clone().or(experiment.variant),
        edits: experiment.edits.into_iter().chain(edits).collect(),
        seed: seed.or(experiment.seed),
        ..experiment
    }
}

/// Nothing is done to the run: the file does it by itself.
fn by_itself(experiment: Experiment) -> Result<Experiment, Failure> {
    if experiment.log.is_empty() {
        return Ok(experiment);
    }
    let changes = experiment.log.iter().filter(|entry| entry.intervention.is_a_change()).count();
    let bytes = experiment.text.len().saturating_mul(changes);
    if bytes > REPLAYED {
        return Err(Failure::Usage {
            message: format!(
                "{} is changed {changes} times: as a file that does so by itself it is more than {} MiB to read",
                experiment.name,
                REPLAYED >> 20
            ),
            help: "`surgelab lab` opens it".to_owned(),
        });
    }
    let rules = experiment.as_replay()?;
    let (written, _) = experiment.base()?.edited(&rules).map_err(|problems| LoadFailure {
        name: experiment.name.clone(),
        text: experiment.text.clone(),
        problems,
    })?;
    Ok(Experiment { text: written.text.to_string(), log: Vec::new(), ..experiment })
}

/// Its scenario: read, checked, edited.
pub fn load(experiment: &Experiment) -> Result<Loaded, Failure> {
    let base = base(experiment)?;
    Ok(experiment.load(&base, experiment.variant.as_deref())?)
}

/// The same, to be run.
pub fn compile(experiment: &Experiment) -> Result<Compiled, Failure> {
    base(experiment)?;
    Ok(experiment.compile()?)
}

/// Its text as it stands; what it asks for is there.
fn base(experiment: &Experiment) -> Result<Loaded, Failure> {
    let base = experiment.base()?;
    match experiment.variant.as_deref().filter(|variant| base.scenario.variants.get(variant).is_none()) {
        Some(variant) => Err(unknown_variant(&base, variant)),
        None => Ok(base),
    }
}

fn unknown_variant(loaded: &Loaded, variant: &str) -> Failure {
    let near = nearest(variant, loaded.scenario.variants.names())
        .map(|near| format!("did you mean `{near}`? "))
        .unwrap_or_default();
    Failure::Usage {
        message: format!("{} has no variant `{variant}`", loaded.name),
        help: format!("{near}there is {}", list(loaded.scenario.variants.names())),
    }
}
