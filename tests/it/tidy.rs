//! The rules of the house that a compiler does not check: layers, length, names.

mod circles;
mod functions;
mod lines;
mod names;

use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up; a layer imports only from those before it.
const LAYERS: [&str; 21] = [
    "units",
    "number",
    "plain",
    "ids",
    "files",
    "scenario",
    "catalog",
    "model",
    "engine",
    "measure",
    "napkin",
    "experiment",
    "share",
    "study",
    "layout",
    "report",
    "host",
    "shot",
    "cli",
    "lab",
    "main",
];
/// Lines of a file at most.
const LONGEST: usize = 500;
/// A part of a type's name that says nothing.
const EMPTY_NAMES: [&str; 3] = ["Manager", "Helper", "Utils"];
/// Where a run must not depend on the platform, the clock or a hash.
const PURE: [&str; 4] = ["number", "model", "engine", "measure"];
const IMPURE: [&str; 8] =
    ["HashMap", "HashSet", "std::time", "rand_distr", "Instant::now", "SystemTime", "std::thread", "std::env"];
/// Methods of floats whose last digit differs between platforms.
const TRANSCENDENTAL: [&str; 22] = [
    "ln", "ln_1p", "log", "log2", "log10", "exp", "exp2", "exp_m1", "powf", "powi", "cbrt", "hypot", "sin", "cos",
    "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh",
];
/// Unfinished work.
const UNFINISHED: [&str; 5] = ["todo!", "unimplemented!", "dbg!", "TODO", "FIXME"];

struct Source {
    path: PathBuf,
    layer: String,
    text: String,
}

impl Source {
    /// Lines with their numbers, without comments and without what stands in `#[cfg(test)] mod`s at the end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = self.text.find("#[cfg(test)]\nmod tests").unwrap_or(self.text.len());
        let lines = self.text[..tests].lines().enumerate().map(|(i, line)| (i + 1, line));
        lines.map(|(i, line)| (i, line.split("//").next().unwrap_or(line)))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root().join(folder), &mut found);
    found.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    found
}

fn sources() -> Vec<Source> {
    let sources: Vec<Source> = rust_files("src")
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(root().join("src")).unwrap().to_path_buf();
            let first = inside.iter().next().unwrap().to_str().unwrap();
            Source {
                layer: first.trim_end_matches(".rs").to_owned(),
                text: fs::read_to_string(&path).unwrap(),
                path: inside,
            }
        })
        .collect();
    assert!(sources.len() > 50, "the sources were not found");
    sources
}

/// Modules in files of their own that are declared `#[cfg(test)] mod name;`: no part of the program.
fn is_test(source: &Source, all: &[Source]) -> bool {
    let (name, parent) = (source.path.file_stem().unwrap().to_str().unwrap(), source.path.parent().unwrap());
    let declares = |other: &Source| other.text.contains(&format!("#[cfg(test)]\nmod {name};"));
    let above = |other: &&Source| other.path.parent() == Some(parent) || other.path.with_extension("") == parent;
    all.iter().filter(above).any(declares)
}

/// What the program is made of.
fn program() -> Vec<Source> {
    let all = sources();
    let tests: Vec<bool> = all.iter().map(|source| is_test(source, &all)).collect();
    all.into_iter().zip(tests).filter(|(_, is_test)| !is_test).map(|(source, _)| source).collect()
}

/// Names of layers after `crate::`, also inside braces: `use crate::{model::Model, units::Time}`.
fn imports(line: &str) -> Vec<String> {
    let name =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for after in line.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(list) => found.extend(top_level(list).iter().map(|item| name(item))),
            None => found.push(name(after)),
        }
    }
    found
}

/// Items of a braced list that begins after its `{`, split at its own commas.
fn top_level(list: &str) -> Vec<String> {
    let (mut depth, mut items) = (0, vec![String::new()]);
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(String::new()),
            _ if depth == 0 => items.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    items
}

fn complain(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn layers_import_downward_only() {
    let rank = |layer: &str| LAYERS.iter().position(|l| *l == layer);
    let mut problems = Vec::new();
    for source in program().iter().filter(|s| s.layer != "lib") {
        let Some(own) = rank(&source.layer) else {
            problems.push(format!("{}: `{}` is no layer", source.path.display(), source.layer));
            continue;
        };
        let code: String = source.code().map(|(_, line)| format!("{} ", line.trim())).collect();
        for import in imports(&code) {
            if rank(&import).is_some_and(|there| there > own) {
                problems.push(format!(
                    "{}: {} imports {import}, which stands above it",
                    source.path.display(),
                    source.layer
                ));
            }
        }
    }
    complain(problems);
}

#[test]
fn files_are_short() {
    let long = |path: &PathBuf| {
        let lines = fs::read_to_string(path).unwrap().lines().count();
        (lines > LONGEST).then(|| format!("{}: {lines} lines; what is the second idea?", path.display()))
    };
    complain(
        ["src", "tests", "benches"]
            .iter()
            .flat_map(|folder| rust_files(folder))
            .filter_map(|path| long(&path))
            .collect(),
    );
}

#[test]
fn every_file_says_what_it_is() {
    let silent = |source: &Source| {
        (!source.text.starts_with("//!")).then(|| format!("{}: no `//!` at the top", source.path.display()))
    };
    complain(program().iter().filter_map(silent).collect());
}

#[test]
fn names_say_something() {
    let mut problems = Vec::new();
    for source in program() {
        for (number, line) in source.code() {
            let words: Vec<&str> = line.split_whitespace().collect();
            for pair in words.windows(2).filter(|pair| ["struct", "enum", "trait", "type"].contains(&pair[0])) {
                if EMPTY_NAMES.iter().any(|empty| pair[1].contains(empty)) {
                    problems.push(format!("{}:{number}: {} says nothing", source.path.display(), pair[1]));
                }
            }
        }
    }
    complain(problems);
}

#[test]
fn a_run_depends_on_no_clock_hash_or_platform() {
    let mut problems = Vec::new();
    for source in program().iter().filter(|s| PURE.contains(&s.layer.as_str())) {
        for (number, line) in source.code() {
            let place = format!("{}:{number}", source.path.display());
            problems.extend(IMPURE.iter().filter(|word| line.contains(*word)).map(|word| format!("{place}: {word}")));
            for method in TRANSCENDENTAL {
                let called = [format!(".{method}("), format!("f64::{method}"), format!("f32::{method}")];
                let after = |at: usize, call: &str| {
                    line[at + call.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_')
                };
                let hit = called
                    .iter()
                    .any(|call| line.find(call.as_str()).is_some_and(|at| call.ends_with('(') || after(at, call)));
                if hit {
                    problems.push(format!("{place}: .{method}() differs between platforms; libm's does not"));
                }
            }
        }
    }
    complain(problems);
}

/// Sums of times go through `Time + Span` and `Span + Span`, which end where time does.
#[test]
fn times_are_added_by_their_own_sums() {
    let mut problems = Vec::new();
    for source in program().iter().filter(|s| s.layer == "engine") {
        for (number, line) in source.code() {
            let summed = |type_: &str| {
                line.match_indices(type_).any(|(at, _)| {
                    let end = line[at..].find(')').map_or(line.len(), |end| at + end);
                    line[at..end].contains(".0 +") || line[at..end].contains(".0 *")
                })
            };
            if ["Time(", "Span("].into_iter().any(summed) {
                problems.push(format!("{}:{number}: {}", source.path.display(), line.trim()));
            }
        }
    }
    complain(problems);
}

#[test]
fn nothing_is_left_unfinished() {
    let mut problems = Vec::new();
    for source in program() {
        let tests = source.text.find("#[cfg(test)]\nmod tests").unwrap_or(source.text.len());
        for (index, line) in source.text[..tests].lines().enumerate() {
            let place = format!("{}:{}", source.path.display(), index + 1);
            problems
                .extend(UNFINISHED.iter().filter(|word| line.contains(*word)).map(|word| format!("{place}: {word}")));
        }
        problems.extend(
            source
                .code()
                .filter(|(_, line)| line.contains(".unwrap()"))
                .map(|(n, _)| format!("{}:{n}: unwrap()", source.path.display())),
        );
    }
    complain(problems);
}

#[test]
fn no_path_of_somebodys_machine_is_written_down() {
    let paths = ["/home/", "/root/", "/Users/", "C:\\Users"];
    let mut all = Vec::new();
    ["src", "tests", "benches", "scenarios", "assets", "web", "deploy", ".ci"]
        .iter()
        .for_each(|folder| files(&root().join(folder), &mut all));
    all.extend(
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.toml", "action.yml"].map(|name| root().join(name)),
    );
    let own = root().join("tests/it/tidy.rs");
    let mut problems = Vec::new();
    for path in all.iter().filter(|path| **path != own) {
        // What is not text has no words in it.
        let Ok(text) = fs::read_to_string(path) else { continue };
        for (index, line) in text.lines().enumerate() {
            problems.extend(
                paths.iter().filter(|p| line.contains(*p)).map(|p| format!("{}:{}: {p}", path.display(), index + 1)),
            );
        }
    }
    complain(problems);
}

#[test]
fn the_architecture_fits_on_a_few_screens() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() <= 200);
    for layer in LAYERS.iter().filter(|layer| root().join("src").join(layer).is_dir() && has_rust(layer)) {
        assert!(text.contains(&format!("`{layer}/`")), "ARCHITECTURE.md does not tell of {layer}/");
    }
}

fn has_rust(layer: &str) -> bool {
    !rust_files(&format!("src/{layer}")).is_empty()
}
