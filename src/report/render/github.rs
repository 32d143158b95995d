//! Annotations of GitHub's workflow commands: what did not hold, beside its line of the scenario in a pull request.

use crate::report::page::{Check, Page, Weight};

/// Annotations at most: GitHub shows ten of a step.
const MOST: usize = 10;

/// A command a line, errors first; where all held, one notice that says so.
pub(super) fn github(page: &Page) -> String {
    let mut failed: Vec<(&Check, String)> =
        page.checks.checks.iter().filter_map(|check| Some((check, check.words()?))).collect();
    failed.sort_by_key(|(check, _)| check.weight);
    if failed.is_empty() {
        return format!("::notice title={}::{}\n", property(&page.title), data(&page.verdict.text));
    }
    let left_out = failed.len().saturating_sub(MOST);
    let line = |(check, message): &(&Check, String)| {
        let command = match check.weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
        };
        let place = check.place.as_ref();
        let place = place.map(|place| format!("file={},line={},", property(&place.file), place.line));
        let place = place.unwrap_or_default();
        format!("::{command} {place}title={}::{}\n", property(&page.title), data(message))
    };
    let mut out: String = failed.iter().take(MOST).map(line).collect();
    if left_out > 0 {
        out.push_str(&format!("{left_out} more are not annotated\n"));
    }
    out
}

/// What stands behind `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands behind `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
