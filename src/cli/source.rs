//! Which scenario is meant: a file, stdin, a file of a git revision, or one that is built in.

use super::args::ScenarioArgs;
use super::failure::Failure;
use super::git::Revised;
use crate::catalog;
use crate::experiment::{Compiled, Experiment};
use crate::files;
use crate::scenario::nearest::{list, nearest};
use crate::scenario::{Edit, Loaded};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// Name for messages, and text.
pub fn read(name: &str) -> Result<(String, String), Failure> {
    if name == "-" {
        return Ok(("<stdin>".to_owned(), limited(name, io::stdin().lock())?));
    }
    if let Some(built_in) = catalog::find(name) {
        return Ok((built_in.file.to_owned(), built_in.text.to_owned()));
    }
    match fs::File::open(name) {
        Ok(file) => Ok((name.to_owned(), limited(name, file)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match Revised::parse(name) {
            Some(revised) => match revised.read()? {
                Some(text) => Ok((name.to_owned(), text)),
                None => Err(not_there(revised)),
            },
            None => Err(unknown(name)),
        },
        Err(error) => Err(Failure::io(format!("cannot read {name}"), error)),
    }
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
    files::read_text(from).map_err(|error| Failure::io(format!("cannot read {name}"), error))
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

/// What is asked for.
pub fn experiment(args: &ScenarioArgs, seed: Option<u64>) -> Result<Experiment, Failure> {
    let (name, text) = read(&args.scenario)?;
    let sets = args.sets.iter().map(|(path, value)| Edit::set(path, value));
    let edits = sets.chain(args.horizon.iter().map(|horizon| Edit::set("horizon", horizon))).collect();
    Ok(Experiment { variant: args.variant.clone(), edits, seed, ..Experiment::new(name, text) })
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
