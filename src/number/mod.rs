//! Numbers for people: three significant digits, a unit that fits, no false precision. One definition for results,
//! reports and the lab; machine formats never pass through here.
//!
//! What stands here always has three digits, so that figures one below the other can be compared; [`sentence`] has
//! fewer, for the sentences of the story and of objectives.

pub mod sentence;

/// Shown where a value is absent.
pub const ABSENT: &str = "–";

/// A plain figure with three significant digits: `0.0123`, `3.46`, `98.7`, `123`, `1.23k`, `45.6M`.
pub fn figure(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            ABSENT.into()
        } else if value > 0.0 {
            "∞".into()
        } else {
            "−∞".into()
        };
    }
    let size = value.abs();
    for (unit, name) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        // 999.5 and up would print as four digits: they belong to the next unit.
        if size >= unit * 0.9995 {
            return format!("{}{name}", digits(value / unit));
        }
    }
    digits(value)
}

/// Three significant digits of a number below 1000.
fn digits(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".into();
    }
    let text = format!("{value:.decimals$}", decimals = decimals(value, 3));
    if text.trim_start_matches(['-', '0', '.']).is_empty() {
        return if value > 0.0 { "<0.000001".into() } else { "−0".into() };
    }
    if size < 0.099_95 { trimmed(text) } else { text }
}

/// Decimals that leave so many significant digits, 2 or 3, once the number is rounded; 6 at most.
fn decimals(value: f64, digits: u32) -> usize {
    // 99.96 would print as 100.0: it needs no decimal.
    let mut whole_from = if digits == 2 { 9.95 } else { 99.95 };
    let mut decimals = 0;
    while decimals < 6 && value.abs() < whole_from {
        whole_from /= 10.0;
        decimals += 1;
    }
    decimals
}

/// Without the zeros, and the point, that decimals end with.
fn trimmed(number: String) -> String {
    if !number.contains('.') {
        return number;
    }
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A whole number with its thousands apart: `12,345`.
pub fn count(value: u64) -> String {
    let plain = value.to_string();
    let mut text = String::with_capacity(plain.len() + plain.len() / 3);
    for (i, digit) in plain.chars().enumerate() {
        if i > 0 && (plain.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share of the whole as a percentage: `0 %`, `3.46 %`, `38.1 %`, `100 %`.
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.00005 { "<0.01 %".into() } else { format!("{} %", figure(share * 100.0)) }
}

/// Seconds in the unit that fits: `450 µs`, `12.3 ms`, `3.46 s`, `2.50 min`, `1.20 h`.
pub fn seconds(value: f64) -> String {
    if value == 0.0 {
        return "0 s".into();
    }
    let (scale, unit) = unit_of_time(value);
    format!("{} {unit}", figure(value * scale))
}

/// What seconds are to be multiplied with, and the unit they are then in.
fn unit_of_time(seconds: f64) -> (f64, &'static str) {
    match seconds.abs() {
        s if s < 0.999_5e-3 => (1e6, "µs"),
        s if s < 0.999_5 => (1e3, "ms"),
        s if s < 119.95 => (1.0, "s"),
        s if s < 7_199.5 => (1.0 / 60.0, "min"),
        _ => (1.0 / 3_600.0, "h"),
    }
}

/// An instant of the run as a clock that starts at 0: `2:36`, `1:04:02`; before time 0 with a minus sign.
pub fn clock(at: f64) -> String {
    let whole = at.abs().floor() as u64;
    let sign = if at < 0.0 && whole > 0 { "−" } else { "" };
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{sign}{hours}:{minutes:02}:{seconds:02}") } else { format!("{sign}{minutes}:{seconds:02}") }
}

/// An instant of the run with its hours in any case: `0:08:14`.
pub fn clock_of_hours(at: f64) -> String {
    let whole = at.abs().floor() as u64;
    let sign = if at < 0.0 { "-" } else { "" };
    format!("{sign}{}:{:02}:{:02}", whole / 3_600, whole / 60 % 60, whole % 60)
}

/// A length of time as a person would say it: `45 s`, `10 min`, `2 h`, `1 h 30 min`.
pub fn length(seconds_long: f64) -> String {
    let whole = seconds_long.round() as u64;
    if seconds_long < 119.5 {
        return seconds(seconds_long);
    }
    let (hours, minutes, rest) = (whole / 3_600, whole / 60 % 60, whole % 60);
    match (hours, minutes, rest) {
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, 0, _) => format!("{h} h"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_significant_digits() {
        let shown: Vec<String> = [
            0.0,
            0.0000001,
            0.000512,
            0.01234,
            0.5,
            0.99949,
            0.9996,
            3.456,
            9.996,
            98.71,
            99.96,
            123.4,
            999.4,
            999.6,
            12_345.0,
            45_600_000.0,
            -2.5,
        ]
        .into_iter()
        .map(figure)
        .collect();
        assert_eq!(
            shown,
            [
                "0",
                "<0.000001",
                "0.000512",
                "0.0123",
                "0.500",
                "0.999",
                "1.00",
                "3.46",
                "10.0",
                "98.7",
                "100",
                "123",
                "999",
                "1.00k",
                "12.3k",
                "45.6M",
                "-2.50"
            ]
        );
    }

    #[test]
    fn times_take_the_unit_that_fits() {
        let shown: Vec<String> =
            [0.0, 0.00045, 0.0123, 0.9996, 3.456, 150.0, 4_320.0, 14_400.0].into_iter().map(seconds).collect();
        assert_eq!(shown, ["0 s", "450 µs", "12.3 ms", "1.00 s", "3.46 s", "2.50 min", "72.0 min", "4.00 h"]);
        assert_eq!([clock(156.0), clock(3_842.9), clock(-90.0)], ["2:36", "1:04:02", "−1:30"]);
        assert_eq!([clock(3723.9), clock(315.0), clock(-0.5)], ["1:02:03", "5:15", "0:00"]);
        assert_eq!([clock_of_hours(3723.9), clock_of_hours(494.0)], ["1:02:03", "0:08:14"]);
        assert_eq!(
            [length(45.0), length(600.0), length(156.0), length(5_400.0)],
            ["45.0 s", "10 min", "2 min 36 s", "1 h 30 min"]
        );
    }

    #[test]
    fn counts_group_their_thousands() {
        assert_eq!([count(0), count(999), count(1_000), count(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn shares_are_percentages() {
        assert_eq!(
            [percent(0.0), percent(0.00001), percent(0.381), percent(1.0)],
            ["0 %", "<0.01 %", "38.1 %", "100 %"]
        );
    }
}
