//! JSON and the schemas that are its contract.

use crate::measure::results::Results;
use crate::study::Replications;
use schemars::{JsonSchema, schema_for};
use serde::Serialize;

/// Results of a run or of a study, indented, with a line break at the end.
pub fn json(results: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(results).expect("results are plain data with finite numbers");
    text.push('\n');
    text
}

/// JSON Schema of a run's results.
pub fn results_schema() -> String {
    schema::<Results>()
}

/// JSON Schema of the results of replications.
pub fn replications_schema() -> String {
    schema::<Replications>()
}

fn schema<T: JsonSchema>() -> String {
    json(&schema_for!(T))
}
