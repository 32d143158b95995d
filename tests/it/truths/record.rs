//! Facts to hold the engine to: systems with figures that somebody else computed or printed.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One system with all its figures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `MM1/rho0.9`: unique.
    pub id: String,
    /// The family that knows how the language says it.
    pub family: String,
    /// What tells it from others of its family, in the units of the source.
    pub params: Params,
    /// Figures by name: a number, a list, or a yes or no.
    pub expected: BTreeMap<String, Value>,
    /// Relative tolerance; three half-widths of the estimate are allowed in any case.
    pub rel: f64,
    /// Absolute tolerance, for figures near nothing.
    #[serde(default)]
    pub abs: f64,
    /// Requests that the full proof needs to tell anything.
    #[serde(default)]
    pub requests: Option<f64>,
    /// Small and calm enough for every test run.
    #[serde(default)]
    pub quick: bool,
    pub source: String,
    /// What a reader of the source should know.
    #[serde(default, rename = "note")]
    _note: Option<String>,
}

/// Parameters by name.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Params(BTreeMap<String, Value>);

impl Params {
    #[track_caller]
    fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or_else(|| panic!("no parameter {name} in {self:?}"))
    }

    /// A number that must be there.
    #[track_caller]
    pub fn num(&self, name: &str) -> f64 {
        self.get(name).as_f64().unwrap_or_else(|| panic!("{name} is no number"))
    }

    /// A number, or what it is when nothing is said.
    pub fn num_or(&self, name: &str, absent: f64) -> f64 {
        self.0.get(name).and_then(Value::as_f64).unwrap_or(absent)
    }

    /// A whole number.
    #[track_caller]
    pub fn int(&self, name: &str) -> u32 {
        self.num(name) as u32
    }

    /// A word, if it is given.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A list of numbers.
    #[track_caller]
    pub fn list(&self, name: &str) -> Vec<f64> {
        numbers(self.get(name))
    }

    /// A list of lists.
    #[track_caller]
    pub fn table(&self, name: &str) -> Vec<Vec<f64>> {
        self.get(name).as_array().expect("a table").iter().map(numbers).collect()
    }
}

/// A number as a list of one, a list as it is, yes as 1 and no as 0.
#[track_caller]
pub fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::Bool(yes) => vec![f64::from(u8::from(*yes))],
        other => vec![other.as_f64().unwrap_or_else(|| panic!("{other} is no number"))],
    }
}

/// Every record, in the order of the file.
pub fn cases() -> Vec<Case> {
    include_str!("records.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|problem| panic!("{problem} in {line}")))
        .collect()
}
