//! Numbers inside sentences: few digits, no false precision.

use crate::scenario::metric::Unit;

/// "10", "2.3", "0.25".
pub fn factor(value: f64) -> String {
    let digits = if value >= 9.95 {
        0
    } else if value >= 0.995 {
        1
    } else {
        2
    };
    trim(format!("{value:.digits$}"))
}

/// "38 %", "0.4 %".
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    let digits = if p >= 9.95 || p == 0.0 { 0 } else { 1 };
    format!("{} %", trim(format!("{p:.digits$}")))
}

/// "1,234", "87", "3.2", "0.04": three digits at most below a thousand.
pub fn figure(value: f64) -> String {
    let digits = if value >= 99.5 {
        return count(value);
    } else if value >= 9.95 {
        1
    } else {
        2
    };
    trim(format!("{value:.digits$}"))
}

/// "10,000"
pub fn count(value: f64) -> String {
    let digits = format!("{:.0}", libm::round(value));
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 && c.is_ascii_digit() && !out.ends_with('-') {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// "350 ms", "2.4 s", "7 min", "1.5 h"
pub fn span(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-3 => (s * 1e6, "µs"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s if s < 120.0 => (s, "s"),
        s if s < 7200.0 => (s / 60.0, "min"),
        s => (s / 3600.0, "h"),
    };
    let digits = if value >= 99.5 {
        0
    } else if value >= 9.95 {
        1
    } else {
        2
    };
    format!("{} {unit}", trim(format!("{value:.digits$}")))
}

/// A metric's value in its unit.
pub fn quantity(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Seconds if value == 0.0 => "0 s".into(),
        Unit::Seconds => span(value),
        Unit::Share => percent(value),
        Unit::PerSecond => format!("{}/s", figure(value)),
        Unit::Money => format!("{value:.4}"),
        Unit::Count | Unit::OfResource => figure(value),
    }
}

/// "2:36", "1:04:02" since time 0, as the story's own column has it.
pub fn clock(seconds: f64) -> String {
    let s = libm::floor(seconds.abs()) as u64;
    let sign = if seconds < 0.0 && s > 0 { "−" } else { "" };
    let (hours, minutes, seconds) = (s / 3600, s / 60 % 60, s % 60);
    if hours > 0 { format!("{sign}{hours}:{minutes:02}:{seconds:02}") } else { format!("{sign}{minutes}:{seconds:02}") }
}

/// "0:08:14" since time 0: hours in any case.
pub fn clock_of_hours(seconds: f64) -> String {
    let s = libm::floor(seconds.abs()) as u64;
    let sign = if seconds < 0.0 { "-" } else { "" };
    format!("{sign}{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

/// Names in a row: "a", "a and b", "a, b and 3 more".
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}

/// Rounded up to a whole number.
pub fn whole(value: f64) -> usize {
    libm::ceil(value - 1e-9).max(0.0) as usize
}

fn trim(number: String) -> String {
    if !number.contains('.') {
        return number;
    }
    number.trim_end_matches('0').trim_end_matches('.').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_digits_that_matter() {
        assert_eq!([factor(10.04), factor(3.0), factor(2.34), factor(0.5)], ["10", "3", "2.3", "0.5"]);
        assert_eq!([percent(0.381), percent(0.004), percent(1.0), percent(0.0)], ["38 %", "0.4 %", "100 %", "0 %"]);
        assert_eq!([count(9999.6), count(200.0), count(1234567.0)], ["10,000", "200", "1,234,567"]);
        assert_eq!([span(0.35), span(2.41), span(420.0), span(7200.0)], ["350 ms", "2.41 s", "7 min", "2 h"]);
        assert_eq!([clock(3723.9), clock(315.0), clock(-0.5), clock(-90.0)], ["1:02:03", "5:15", "0:00", "−1:30"]);
        assert_eq!([clock_of_hours(3723.9), clock_of_hours(494.0)], ["1:02:03", "0:08:14"]);
    }
}
