//! Designs: a scenario with one choice of each axis put in. An axis is a field with its values, the variants of the
//! file, or multiples of its crowd. Every design is read, checked and compiled before anything is run.

use super::load::{Crowd, Length};
use crate::experiment::{Compiled, LoadFailure};
use crate::scenario::{Edit, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The axis that stands for the variants of the file.
pub const VARIANT: &str = "variant";
/// The value of that axis that stands for the file without a variant.
pub const FILE: &str = "file";
/// The axis that stands for the crowd: every source brings so many times what the file, with all else that is chosen,
/// says of it.
pub const LOAD: &str = "load";
/// Most designs of a study, and most runs.
pub const MOST_DESIGNS: usize = 100_000;
const MOST_RUNS: usize = 1_000_000;
/// Most problems that are told.
const MOST_PROBLEMS: usize = 20;

/// What is chosen from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Axis {
    /// A field of the scenario, such as "services.app.workers", "variant", or "load": the crowd, so many times.
    pub path: String,
    /// Its values, as they are written in a file.
    pub values: Vec<String>,
}

/// How axes make designs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// At least one.
    pub axes: Vec<Axis>,
    /// The first values of all axes are a design, the second ones, and so on; otherwise every combination is one, the
    /// last axis changing fastest.
    pub zip: bool,
}

/// One choice of each axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// A value of each axis.
    pub values: Vec<String>,
    /// The variant of the file that it stands on, if that is chosen.
    pub variant: Option<String>,
    /// What is put in after that.
    pub edits: Vec<Edit>,
    /// Hash of what the scenario means with it.
    pub digest: String,
}

impl Axis {
    /// From "services.app.workers=5,10,20" or "variant=file,bigger". A comma inside brackets or quotes parts nothing.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected PATH=VALUE,VALUE,... such as services.app.workers=5,10,20".to_owned();
        let (path, values) = text.split_once('=').ok_or_else(expected)?;
        let path = path.trim();
        if path.is_empty() {
            return Err(expected());
        }
        let unquoted = |value: &str| match value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inner) if path == VARIANT => inner.to_owned(),
            _ => value.to_owned(),
        };
        let values: Vec<String> = parts(values).into_iter().map(|value| unquoted(value.trim())).collect();
        if values.iter().any(String::is_empty) {
            return Err(format!("`{path}` has an empty value; {}", expected()));
        }
        if path == "seed" {
            return Err("`seed` is no axis: every point is run with the same seeds (--seed, --replications)".to_owned());
        }
        let bad = |value: &&String| path == LOAD && multiple(value).is_none();
        if let Some(value) = values.iter().find(bad) {
            return Err(format!("`{value}` is no multiple of the crowd: expected load=0.5,1,2"));
        }
        let mut seen = BTreeSet::new();
        if let Some(again) = values.iter().find(|value| !seen.insert(*value)) {
            return Err(format!("`{path}` has the value {again} twice"));
        }
        Ok(Self { path: path.to_owned(), values })
    }

    /// The edit, or the variant, that a value stands for.
    fn edit(&self, value: &str) -> Result<Edit, Option<String>> {
        match (self.path.as_str(), value) {
            (VARIANT, FILE) => Err(None),
            (VARIANT, name) => Err(Some(name.to_owned())),
            (path, value) => Ok(Edit::set(path, value)),
        }
    }
}

/// As it is typed: what has a comma or a quote of its own is in quotes.
impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = |value: &String| {
            let plain = self.path != VARIANT || parts(value).len() == 1;
            if plain { value.clone() } else { format!("\"{value}\"") }
        };
        let values: Vec<String> = self.values.iter().map(typed).collect();
        write!(f, "{}={}", self.path, values.join(","))
    }
}

/// Names in a row, each in quotes where it has a comma: `a,"b, too",c`.
pub fn names(text: &str) -> Vec<String> {
    let unquoted = |name: &str| match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.to_owned(),
        None => name.to_owned(),
    };
    parts(text).into_iter().map(|name| unquoted(name.trim())).collect()
}

/// How many times the crowd comes; none: that is no number of times.
fn multiple(value: &str) -> Option<f64> {
    value.parse().ok().filter(|multiple: &f64| multiple.is_finite() && *multiple > 0.0)
}

/// The text between commas that stand in no brackets and no quotes.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut from) = (0_i32, false, 0);
    let mut parts = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth <= 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

impl Choices {
    /// Every design, each checked. `runs` is how many each takes at least.
    ///
    /// # Errors
    /// There is nothing to choose from, there are too many designs, or some are no scenarios: which, and why.
    pub fn designs(&self, compiled: &Compiled, runs: u32) -> Result<Vec<Design>, LoadFailure> {
        self.each(compiled, runs, |design| design)
    }

    /// What is to be kept of every design, each checked.
    ///
    /// # Errors
    /// As of [`Choices::designs`].
    pub(super) fn each<T>(
        &self,
        compiled: &Compiled,
        runs: u32,
        keep: impl Fn(Design) -> T,
    ) -> Result<Vec<T>, LoadFailure> {
        let fail = |problems| Err(LoadFailure::of(&compiled.loaded, problems));
        if let Some(problem) = self.problem(compiled) {
            return fail(vec![problem]);
        }
        let many = self.count();
        let all = many.and_then(|many| many.checked_mul(runs as usize));
        if many.is_none_or(|many| many > MOST_DESIGNS) || all.is_none_or(|all| all > MOST_RUNS) {
            let said = many.map_or_else(|| "far too many".to_owned(), |many| many.to_string());
            let problem = Problem::general(format!("these axes make {said} designs, each of {runs} runs or more"));
            return fail(vec![problem.help(format!(
                "at most {MOST_DESIGNS} designs and {MOST_RUNS} runs: give fewer values, fewer axes or fewer replications"
            ))]);
        }
        let mut designs = Vec::new();
        let (mut problems, mut known) = (Vec::new(), BTreeSet::new());
        for index in 0..many.unwrap_or_default() {
            match self.design(index, compiled) {
                Ok(design) => designs.push(keep(design)),
                Err(failure) => problems.extend(failure.problems.into_iter().filter_map(|problem| {
                    let new = known.insert((problem.message.clone(), problem.label.clone()));
                    new.then(|| Problem { message: format!("{}: {}", self.said(index), problem.message), ..problem })
                })),
            }
            if problems.len() >= MOST_PROBLEMS {
                break;
            }
        }
        if problems.is_empty() { Ok(designs) } else { fail(problems) }
    }

    /// What is wrong before any design is made.
    fn problem(&self, compiled: &Compiled) -> Option<Problem> {
        let paths = || self.axes.iter().map(|axis| axis.path.as_str());
        let first = self.axes.first()?.values.len();
        let twice = paths().enumerate().find(|(at, path)| paths().take(*at).any(|other| other == *path));
        if let Some((_, path)) = twice {
            let problem = Problem::general(format!("`{path}` is an axis twice"));
            return Some(problem.help(format!("give all its values at once: {path}=A,B,C")));
        }
        if let Some(other) = self.axes.iter().find(|axis| self.zip && axis.values.len() != first) {
            let problem = Problem::general(format!(
                "axes that go together have as many values each: `{}` has {}, `{}` has {first}",
                other.path,
                other.values.len(),
                self.axes[0].path
            ));
            return Some(problem.help("give as many values for each, or leave out --zip to get every combination"));
        }
        let variant = compiled.variant.as_ref().filter(|_| paths().any(|path| path == VARIANT))?;
        let problem = Problem::general(format!("variants are an axis, and `{variant}` is asked for beside it"));
        Some(problem.help("leave out --variant, and name it among the values of the axis"))
    }

    /// How many designs there are; none: more than can be counted.
    fn count(&self) -> Option<usize> {
        let mut lengths = self.axes.iter().map(|axis| axis.values.len());
        if self.zip { Some(lengths.next().unwrap_or_default()) } else { lengths.try_fold(1, usize::checked_mul) }
    }

    /// The values of a design, by its position.
    pub(super) fn values(&self, index: usize) -> Vec<&str> {
        let mut rest = index;
        let mut values: Vec<&str> = Vec::new();
        for axis in self.axes.iter().rev() {
            let at = if self.zip { index } else { rest % axis.values.len() };
            rest /= axis.values.len();
            values.push(&axis.values[at]);
        }
        values.reverse();
        values
    }

    /// "services.app.workers=5 variant=bigger"
    fn said(&self, index: usize) -> String {
        let said = self.axes.iter().zip(self.values(index)).map(|(axis, value)| format!("{}={value}", axis.path));
        said.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn design(&self, index: usize, compiled: &Compiled) -> Result<Design, LoadFailure> {
        let values = self.values(index);
        let (mut variant, mut edits, mut load) = (None, Vec::new(), None);
        for (axis, value) in self.axes.iter().zip(&values) {
            match axis.edit(value) {
                _ if axis.path == LOAD => load = multiple(value),
                Ok(edit) => edits.push(edit),
                Err(chosen) => variant = chosen,
            }
        }
        let made = |edits: &[Edit]| Compiled::new(compiled.changed(variant.as_deref(), edits)?, None, None);
        let mut changed = made(&edits)?;
        if let Some(multiple) = load {
            // Of the crowd as the other choices leave it.
            edits.extend(Crowd::of(&changed, true, true).edits(multiple, Length::Long));
            changed = made(&edits)?;
        }
        let digest = format!("{:016x}", changed.model.digest);
        Ok(Design { values: values.into_iter().map(str::to_owned).collect(), variant, edits, digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_is_read_as_it_is_typed() {
        let axis = |text| Axis::parse(text).map(|axis| (axis.path, axis.values));
        let read =
            |path: &str, values: &[&str]| Ok((path.to_owned(), values.iter().map(|v| (*v).to_owned()).collect()));
        assert_eq!(axis("a.b=5, 10,20"), read("a.b", &["5", "10", "20"]));
        assert_eq!(
            axis("a=Keep(5),Ramp(from: \"1/s\", to: \"2/s\")"),
            read("a", &["Keep(5)", "Ramp(from: \"1/s\", to: \"2/s\")"])
        );
        assert_eq!(
            axis("variant=file,\"TLS elsewhere, too early\""),
            read("variant", &["file", "TLS elsewhere, too early"])
        );
        assert_eq!(axis("a=\"8ms\""), read("a", &["\"8ms\""]));
        for wrong in ["a.b", "=5", "a=", "a=5,,6"] {
            assert!(axis(wrong).is_err_and(|told| told.contains("expected PATH=VALUE")), "{wrong}");
        }
    }

    #[test]
    fn combinations_count_with_the_last_axis_fastest() {
        let axes = vec![
            Axis { path: "a".into(), values: vec!["1".into(), "2".into()] },
            Axis { path: "b".into(), values: vec!["x".into(), "y".into()] },
        ];
        let choices = |zip| Choices { axes: axes.clone(), zip };
        let all: Vec<String> = (0..4).map(|index| choices(false).said(index)).collect();
        assert_eq!(all, ["a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"]);
        assert_eq!(choices(true).count(), Some(2));
        assert_eq!(choices(true).said(1), "a=2 b=y");
    }
}
