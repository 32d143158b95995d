//! The commands that tell what there is: check, list, show, napkin, schema, completions.

use super::args::{Arguments, ScenarioArgs, TableFormat};
use super::failure::Failure;
use super::output::Terminal;
use super::source::{experiment, given, load, whole};
use crate::catalog;
use crate::experiment::{Compiled, LoadFailure};
use crate::napkin;
use crate::plain;
use crate::report::page::Tone;
use crate::report::{self, Paint, wrap};
use crate::scenario::{self, Loaded, render};
use crate::study::AnswerKind;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Every problem and warning of the files; the verdict of each on stdout, what is wrong on stderr.
pub fn check(files: &[String], terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut valid = true;
    for file in files {
        let given = given(file)?;
        let name = given.name.clone();
        let checked = whole(given).and_then(|loaded| {
            let warnings = napkin::check(&loaded).map_err(|problems| LoadFailure::of(&loaded, problems))?;
            Ok((loaded, warnings))
        });
        match checked {
            Ok((loaded, warnings)) => {
                terminal.warn(|color| render(&warnings, &name, &loaded.text, color));
                let warnings = match warnings.len() {
                    0 => String::new(),
                    1 => ", 1 warning".to_owned(),
                    n => format!(", {n} warnings"),
                };
                terminal.print(&format!("{}: valid{warnings}\n", plain::message(&name)))?;
            }
            Err(Failure::Invalid { name, text, problems }) => {
                valid = false;
                let count =
                    if problems.len() == 1 { "1 problem".to_owned() } else { format!("{} problems", problems.len()) };
                let told = format!("{}: invalid, {count}\n", plain::message(&name));
                terminal.complain(&Failure::Invalid { name, text, problems });
                terminal.print(&told)?;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(if valid { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// What theory says of a scenario.
pub fn napkin(scenario: &ScenarioArgs, format: TableFormat, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let model = Compiled::new(load(&experiment(scenario, None)?)?, scenario.variant.clone(), None)?.model;
    let theory = napkin::theory(&model);
    let text = match format {
        TableFormat::Json => report::json(&theory),
        TableFormat::Markdown => report::napkin_markdown(&theory),
        TableFormat::Text => report::napkin_text(&theory, terminal.look()),
    };
    terminal.print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Names, titles and what they teach.
pub fn list(terminal: &Terminal) -> Result<ExitCode, Failure> {
    let paint = Paint { color: terminal.color(false) };
    let mut out = String::new();
    for built_in in catalog::SCENARIOS {
        let loaded = built_in_as_loaded(built_in)?;
        let (taken, width) = (built_in.name.len() + 2, terminal.prose());
        let title = wrap(&loaded.scenario.title, width.saturating_sub(taken), 4);
        out.push_str(&format!("{}  {title}\n", paint.paint(Tone::Strong, built_in.name)));
        out.push_str(&format!("    {}\n", wrap(&loaded.scenario.teaches, width - 4, 4)));
        for (name, variant) in &loaded.scenario.variants {
            let teaches = if variant.teaches.is_empty() { String::new() } else { format!(": {}", variant.teaches) };
            out.push_str(&format!(
                "    {}\n",
                paint.paint(Tone::Muted, &wrap(&format!("--variant \"{name}\"{teaches}"), width - 4, 8))
            ));
        }
    }
    terminal.print(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn built_in_as_loaded(built_in: &catalog::BuiltIn) -> Result<Loaded, Failure> {
    scenario::load(built_in.file, built_in.text).map_err(|problems| Failure::Invalid {
        name: built_in.file.to_owned(),
        text: Arc::from(built_in.text),
        problems,
    })
}

/// The same for programs.
pub fn list_json(terminal: &Terminal) -> Result<ExitCode, Failure> {
    let entry = |built_in: &catalog::BuiltIn| {
        let scenario = built_in_as_loaded(built_in)?.scenario;
        let variants: Vec<_> = scenario
            .variants
            .iter()
            .map(|(name, variant)| json!({ "name": name, "teaches": variant.teaches }))
            .collect();
        let (title, teaches) = (&scenario.title, &scenario.teaches);
        Ok(json!({ "name": built_in.name, "title": title, "teaches": teaches, "variants": variants }))
    };
    let all = catalog::SCENARIOS.iter().map(entry).collect::<Result<Vec<_>, Failure>>()?;
    terminal.print(&report::json(&all))?;
    Ok(ExitCode::SUCCESS)
}

/// Names of the parts and what they are.
pub fn list_parts(terminal: &Terminal) -> Result<ExitCode, Failure> {
    terminal.print(&listed(&catalog::parts().collect::<Vec<_>>(), terminal))?;
    Ok(ExitCode::SUCCESS)
}

fn listed(parts: &[catalog::Part], terminal: &Terminal) -> String {
    let paint = Paint { color: terminal.color(false) };
    let longest = parts.iter().map(|part| part.name.len()).max().unwrap_or(0);
    let line = |part: &catalog::Part| {
        let blanks = " ".repeat(longest - part.name.len() + 2);
        let room = terminal.width().clamp(60, 110).saturating_sub(longest + 2);
        let what = wrap(part.what(), room, 0).replace('\n', &format!("\n{}", " ".repeat(longest + 2)));
        format!("{}{blanks}{what}\n", paint.paint(Tone::Strong, part.name))
    };
    parts.iter().map(line).collect()
}

/// The text of a scenario with its patches applied, or its parts filled in; a part, or the parts that a word finds.
pub fn show(scenario: &ScenarioArgs, expand: bool, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let name = scenario.scenario.as_str();
    let known = catalog::find(name).is_some() || name == "-" || Path::new(name).exists();
    let parts = if known { Vec::new() } else { catalog::parts_about(name) };
    if let Some(part) = parts.first() {
        let patched = expand || scenario.variant.is_some() || !scenario.sets.is_empty() || scenario.horizon.is_some();
        if patched && part.name == name {
            let help = format!("a service that is `like: \"{name}\"` gives its own fields instead");
            return Err(Failure::Usage { message: format!("`{name}` is a part, and nothing can be put in it"), help });
        }
        let text = if parts.len() == 1 { report::part_text(*part, terminal.look()) } else { listed(&parts, terminal) };
        terminal.print(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    let loaded = load(&experiment(scenario, None)?)?;
    let text = if expand { loaded.expanded() } else { loaded.text.to_string() };
    let end = if text.ends_with('\n') { "" } else { "\n" };
    terminal.print_file(&format!("{text}{end}"))?;
    Ok(ExitCode::SUCCESS)
}

/// The JSON Schema of the language.
pub fn scenario_schema(terminal: &Terminal) -> Result<ExitCode, Failure> {
    terminal.print(&report::json(&scenario::schema()))?;
    Ok(ExitCode::SUCCESS)
}

/// The JSON Schema of an answer.
pub fn schema(of: AnswerKind, terminal: &Terminal) -> Result<ExitCode, Failure> {
    terminal.print(&report::json(&of.schema()))?;
    Ok(ExitCode::SUCCESS)
}

/// A script for the shell.
pub fn completions(shell: Shell, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "surgelab", &mut script);
    terminal.print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
