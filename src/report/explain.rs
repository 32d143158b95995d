//! What every printed figure means, with its formula and unit: for `surgelab explain`, for the section of a page and
//! for the titles of its columns.
//!
//! A figure that stands in the results or can be asked for is defined by the catalogue beside the code that reads it;
//! what a table makes of several is defined here.

mod columns;
mod studies;

use crate::measure::catalogue::{COST, Figure, QUEUES, RESOURCES, SESSIONS, STEPS, TRAFFIC};
use crate::scenario::metric::{Metric, Unit};
use columns::Source::{Here, Key};
use columns::{Columns, PLACES, Source};
use studies::AXIS;

/// A figure as it is printed.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The heading it stands under.
    pub place: &'static str,
    /// Its title there.
    pub name: String,
    /// Its key in the results, or how it is asked for; empty: none of its own.
    pub key: String,
    /// What it counts in; empty: a number of things, or words.
    pub unit: &'static str,
    /// Meaning and formula.
    pub meaning: String,
}

/// The place of metrics that objectives and conditions can ask.
const METRICS: &str = "Metrics";
/// The place of the bill.
const BILL: &str = "Cost";

/// Unit and meaning of a figure of the catalogue.
fn catalogued(place: &str, key: &str) -> Option<(Unit, &'static str)> {
    fn find<T>(figures: &'static [Figure<T>], key: &str) -> Option<(Unit, &'static str)> {
        figures.iter().find(|figure| figure.key == key).map(|figure| (figure.unit, figure.meaning))
    }
    match place {
        "Traffic" => find(&TRAFFIC, key),
        "Sessions" => find(&SESSIONS, key),
        "Journey" => find(&STEPS, key),
        "Queues" => find(&QUEUES, key),
        "Resources" => find(&RESOURCES, key),
        BILL => find(&COST, key),
        _ => None,
    }
}

fn defined(place: &'static str, name: &str, source: Source) -> Option<Definition> {
    let (key, unit, meaning) = match source {
        Here(unit, meaning) => ("", unit, meaning),
        Key(key) => {
            let (unit, meaning) = catalogued(place, key)?;
            (key, unit.name(), meaning)
        }
    };
    Some(Definition { place, name: name.into(), key: key.into(), unit, meaning: meaning.into() })
}

/// Every figure that a report prints, then every metric that can be asked.
#[must_use]
pub fn definitions() -> Vec<Definition> {
    let columns = PLACES
        .iter()
        .flat_map(|&(place, columns)| columns.iter().filter_map(move |&(name, source)| defined(place, name, source)));
    let bill = COST.iter().filter_map(|figure| defined(BILL, figure.title, Key(figure.key)));
    let metrics = Metric::ALL.iter().map(|metric| {
        let row = metric.row();
        Definition {
            place: METRICS,
            name: row.name.into(),
            key: format!("{} of {}", row.usable.name(), row.of.phrase()),
            unit: row.unit.name(),
            meaning: row.meaning.into(),
        }
    });
    columns.chain(bill).chain(metrics).collect()
}

/// The heading under which the figures of a table are defined.
fn place_of(heading: &str) -> &str {
    match heading {
        "Saturated" => "Resources",
        other => other,
    }
}

/// What the column of a table means; None for one without a title or a definition. A table without a heading is known
/// by its titles.
#[must_use]
pub fn column(heading: Option<&str>, titles: &[&str], title: &str) -> Option<String> {
    let knows = |place: &str, columns: Columns, title: &str| titled(place, columns, title).is_some();
    let titles = || titles.iter().filter(|title| !title.is_empty());
    let by_heading = heading.map(place_of);
    let place = PLACES.iter().find(|(place, columns)| match by_heading {
        Some(heading) => *place == heading && titles().all(|title| knows(place, columns, title)),
        None => titles().all(|title| knows(place, columns, title)),
    });
    let place = place.or_else(|| PLACES.iter().find(|(at, columns)| titles().all(|title| knows(at, columns, title))));
    let &(place, columns) = place?;
    let &(name, source) = titled(place, columns, title)?;
    defined(place, name, source).map(|definition| definition.meaning)
}

/// The column with such a title. Those of designs and points may name a source before it, "visitors goodput"; those
/// that say what was chosen are called as the field is, "app.workers".
fn titled(place: &str, columns: Columns, title: &str) -> Option<&'static (&'static str, Source)> {
    let title = title.to_lowercase();
    let of_source = |name: &str| title.strip_suffix(name).is_some_and(|rest| rest.ends_with(' '));
    let designs = matches!(place, "Designs" | "Points" | "Choices");
    let longer = || columns.iter().find(|(name, _)| designs && of_source(name));
    let is_field = title.contains('.') || title == "variant" || !title.contains(' ');
    let chosen = || columns.iter().find(|(name, _)| *name == AXIS && is_field);
    columns.iter().find(|(name, _)| *name == title).or_else(longer).or_else(chosen)
}

/// Those in which every word occurs, in a name, a place, a key or a meaning; where some are so called, only those.
#[must_use]
pub fn search(words: &[String]) -> Vec<Definition> {
    // Whoever has no Greek keyboard.
    let word = |word: &String| if word.eq_ignore_ascii_case("rho") { "ρ".to_owned() } else { word.to_lowercase() };
    let words: Vec<String> = words.iter().map(word).collect();
    let called = words.join(" ");
    let all = definitions();
    let named: Vec<Definition> = {
        let is_called = |d: &&Definition| !called.is_empty() && d.name.to_lowercase() == called;
        all.iter().filter(is_called).cloned().collect()
    };
    if !named.is_empty() {
        return named;
    }
    let has = |definition: &Definition| {
        let Definition { place, name, key, meaning, .. } = definition;
        let text = format!("{place} {name} {key} {meaning}").to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    all.into_iter().filter(has).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_that_is_listed_has_a_definition() {
        for &(place, columns) in PLACES {
            for &(name, source) in columns {
                let definition = defined(place, name, source).unwrap_or_else(|| panic!("{place}: {name}"));
                assert!(definition.meaning.len() > 10, "{place}: {name}");
                // Reasons are written as in the file.
                assert!(place == "Reasons" || name == name.to_lowercase(), "{name}");
            }
        }
    }

    #[test]
    fn a_word_finds_what_is_called_so_or_speaks_of_it() {
        let find = |words: &[&str]| search(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert!(find(&["recovered"]).iter().all(|d| d.name == "recovered"));
        assert!(find(&["goodput"]).len() >= 3, "in tables, over time, and as a metric");
        assert!(find(&["endless", "session"]).iter().any(|d| d.name == "p(95) session"));
        assert!(find(&["nonsense"]).is_empty());
        for words in [
            &["broke", "first"][..],
            &["got", "through"],
            &["binds"],
            &["rho"],
            &["holds"],
            &["design"],
            &["CircuitOpen"],
        ] {
            assert!(!find(words).is_empty(), "{words:?}");
        }
        assert_eq!(find(&[]).len(), definitions().len());
    }
}
