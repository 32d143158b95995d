//! Numbers inside sentences: rounded as everywhere, without the zeros that only fill a column.

use super::{POWERS, decimals, duration, share_of, trimmed};

/// From here on a figure is whole.
const WHOLE: f64 = 99.5;

/// A ratio in two digits: `10`, `2.3`, `0.25`.
pub fn factor(value: f64) -> String {
    fixed(value, decimals(value, 2).min(2))
}

/// A share as a percentage: `38.1 %`, `38 %`, `0.4 %`. What is something is never `0 %`, and what is not all of it
/// never `100 %`.
pub fn percent(share: f64) -> String {
    share_of(share, |percent| fixed(percent, decimals(percent, 3).min(2)))
}

/// A figure in three digits, two decimals at most: `1,234`, `87`, `3.2`, `0.04`.
pub fn figure(value: f64) -> String {
    if value >= WHOLE { count(value) } else { fixed(value, few(value)) }
}

/// A whole number of things, of what is known as a mean: `10,000`.
pub fn count(value: f64) -> String {
    if !value.is_finite() || value >= POWERS {
        return super::figure(value);
    }
    super::count(value.round() as u64)
}

/// Seconds in the unit that fits: `350 ms`, `2.4 s`, `7 min`, `1 h 30 min`.
pub fn seconds(value: f64) -> String {
    duration(value, |value| fixed(value, few(value)))
}

/// A value in as many decimals, at least so few, as it needs to read other than the one beside it.
pub fn apart(value: f64, beside: f64) -> String {
    let all = (few(value)..=12).map(|decimals| (fixed(value, decimals), fixed(beside, decimals)));
    let mut apart = all.filter(|(one, other)| one != other).map(|pair| pair.0);
    apart.next().unwrap_or_else(|| if value.is_finite() { value.to_string() } else { super::figure(value) })
}

/// Names in a row: "a", "a and b", "a, b and 3 more".
pub fn list(names: &[impl AsRef<str>]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [one, two] => format!("{} and {}", one.as_ref(), two.as_ref()),
        [one, two, rest @ ..] => format!("{}, {} and {} more", one.as_ref(), two.as_ref(), rest.len()),
    }
}

/// Decimals of a figure: none from [`WHOLE`] on, one from ten on, else two.
fn few(value: f64) -> usize {
    if value >= WHOLE { 0 } else { decimals(value, 2).min(1) + 1 }
}

fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() || value.abs() >= POWERS {
        return super::figure(value);
    }
    trimmed(format!("{value:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_that_matter() {
        assert_eq!([factor(10.04), factor(3.0), factor(2.34), factor(0.5)], ["10", "3", "2.3", "0.5"]);
        assert_eq!([percent(0.381), percent(0.004), percent(1.0), percent(0.0)], ["38.1 %", "0.4 %", "100 %", "0 %"]);
        assert_eq!([count(9999.6), count(200.0), count(1234567.0)], ["10,000", "200", "1,234,567"]);
        assert_eq!([figure(1234.0), figure(87.04), figure(3.2), figure(0.04)], ["1,234", "87", "3.2", "0.04"]);
        assert_eq!(
            [seconds(0.35), seconds(2.41), seconds(420.0), seconds(7200.0)],
            ["350 ms", "2.41 s", "7 min", "2 h"]
        );
    }

    #[test]
    fn a_row_of_names_is_cut_after_two() {
        assert_eq!([list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c", "d"])], ["a", "a and b", "a, b and 2 more"]);
    }
}
