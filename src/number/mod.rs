//! Numbers for people: three significant digits, a unit that fits, no false precision. One definition for results,
//! reports and the lab; machine formats never pass through here.
//!
//! What stands here always has three digits, so that figures one below the other can be compared; [`sentence`] rounds
//! the same and leaves away the zeros that only fill a column.

pub mod sentence;

/// Shown where a value is absent.
pub const ABSENT: &str = "–";

/// From here on nobody counts digits: a figure is a power of ten.
const POWERS: f64 = 1e15;

/// A plain figure with three significant digits: `0.0123`, `3.46`, `98.7`, `123`, `1.23k`, `45.6M`, `5.09e82`.
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
    if size >= POWERS {
        return format!("{value:.2e}");
    }
    for (unit, name) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        // 999.5 and up would print as four digits: they belong to the next unit.
        if size >= unit * 0.9995 {
            return format!("{}{name}", digits(value / unit));
        }
    }
    digits(value)
}

/// A number of a file as it may be written there: with all its digits, unless that takes a line of them.
pub fn written(value: f64) -> String {
    let size = value.abs();
    if size >= POWERS || (size > 0.0 && size < 1.0 / POWERS) { format!("{value:e}") } else { value.to_string() }
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

/// A share of the whole as a percentage: `0 %`, `3.46 %`, `38.1 %`, `100 %`. What is something is never `0 %`, and what
/// is not all of it never `100 %`.
pub fn percent(share: f64) -> String {
    share_of(share, figure)
}

/// A share as a percentage that `say` rounds; where that would make nothing or all of it, with the digits it needs.
fn share_of(share: f64, say: impl Fn(f64) -> String) -> String {
    let percent = share * 100.0;
    let said = say(percent);
    // What counts give is further from all of it than what adding floats leaves.
    let all = (share - 1.0).abs() < 1e-12;
    match said.as_str() {
        "0" | "<0.000001" if share > 0.0 => near_zero(percent),
        _ if share > 0.0 && share < 0.000_05 => near_zero(percent),
        "100" if !all && share < 1.0 && percent < 99.995 => format!("{percent:.2} %"),
        "100" if !all && share < 1.0 => ">99.99 %".into(),
        _ => format!("{said} %"),
    }
}

/// A percentage that is next to nothing.
fn near_zero(percent: f64) -> String {
    if percent < 0.005 { "<0.01 %".into() } else { format!("{percent:.2} %") }
}

/// Seconds in the unit that fits: `450 µs`, `12.3 ms`, `3.46 s`, `2 min 30 s`, `1 h 12 min`.
pub fn seconds(value: f64) -> String {
    duration(value, figure)
}

/// A length of time: below a minute in the unit that fits, with the digits of `say`, from there on in whole seconds,
/// from an hour on in whole minutes.
fn duration(value: f64, say: impl Fn(f64) -> String) -> String {
    match value.abs() {
        0.0 => "0 s".into(),
        s if s < 0.999_5e-3 => format!("{} µs", say(value * 1e6)),
        s if s < 0.999_5 => format!("{} ms", say(value * 1e3)),
        s if s < 59.95 || !s.is_finite() => format!("{} s", say(value)),
        s => format!("{}{}", if value < 0.0 { "-" } else { "" }, whole(s)),
    }
}

/// A minute or more.
fn whole(value: f64) -> String {
    let seconds = value.round() as u64;
    let (first, unit, second, lesser) = if seconds < 3_600 {
        (seconds / 60, "min", seconds % 60, "s")
    } else {
        let minutes = (value / 60.0).round() as u64;
        (minutes / 60, "h", minutes % 60, "min")
    };
    if second == 0 { format!("{first} {unit}") } else { format!("{first} {unit} {second} {lesser}") }
}

/// An instant of the run as a clock that starts at 0: `2:36`, `1:04:02`; before time 0 with a minus sign.
pub fn clock(at: f64) -> String {
    let whole = at.abs().floor() as u64;
    let sign = if at < 0.0 && whole > 0 { "−" } else { "" };
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{sign}{hours}:{minutes:02}:{seconds:02}") } else { format!("{sign}{minutes}:{seconds:02}") }
}

/// A length of time as a person would say it: `45 s`, `10 min`, `2 h`, `1 h 30 min`.
pub fn length(seconds_long: f64) -> String {
    sentence::seconds(seconds_long)
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
    fn what_is_beyond_counting_is_a_power_of_ten() {
        assert_eq!([999e12, 1e15, 5.0926e82, -1e300].map(figure), ["999T", "1.00e15", "5.09e82", "-1.00e300"]);
        assert_eq!(sentence::figure(5.0926e82), "5.09e82");
        assert_eq!(sentence::factor(5.0926e82), "5.09e82");
        assert_eq!([2.0, 0.25, 1e300, -1e-300].map(written), ["2", "0.25", "1e300", "-1e-300"]);
    }

    #[test]
    fn times_take_the_unit_that_fits() {
        let shown: Vec<String> =
            [0.0, 0.00045, 0.0123, 0.9996, 3.456, 150.0, 4_320.0, 14_400.0].into_iter().map(seconds).collect();
        assert_eq!(shown, ["0 s", "450 µs", "12.3 ms", "1.00 s", "3.46 s", "2 min 30 s", "1 h 12 min", "4 h"]);
        assert_eq!([seconds(59.94), seconds(59.96), seconds(-150.0)], ["59.9 s", "1 min", "-2 min 30 s"]);
        assert_eq!([clock(156.0), clock(3_842.9), clock(-90.0)], ["2:36", "1:04:02", "−1:30"]);
        assert_eq!([clock(3723.9), clock(315.0), clock(-0.5)], ["1:02:03", "5:15", "0:00"]);
        assert_eq!(
            [length(45.0), length(600.0), length(156.0), length(5_400.0)],
            ["45 s", "10 min", "2 min 36 s", "1 h 30 min"]
        );
    }

    #[test]
    fn lengths_are_rounded_and_never_cut() {
        assert_eq!([length(5_075.6), length(3_599.6), length(7_199.0)], ["1 h 25 min", "1 h", "2 h"]);
        assert_eq!([length(112.0), length(121.2), length(726.0)], ["1 min 52 s", "2 min 1 s", "12 min 6 s"]);
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

    #[test]
    fn something_is_never_nothing_and_not_all_is_never_all() {
        let shares = [0.000_035, 0.000_049, 0.000_4, 0.996, 0.999_8, 0.999_999, 1.0 - 1e-15];
        assert_eq!(shares.map(percent), ["<0.01 %", "<0.01 %", "0.04 %", "99.6 %", "99.98 %", ">99.99 %", "100 %"]);
        assert_eq!(
            shares.map(sentence::percent),
            ["<0.01 %", "<0.01 %", "0.04 %", "99.6 %", "99.98 %", ">99.99 %", "100 %"]
        );
    }
}
