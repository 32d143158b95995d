//! Figures in a fixed width: three significant digits, written into the text of a picture without further memory.

use std::fmt::Write;

/// A rate, a count: `0`, `0.5`, `9.87`, `98.7`, `371`, `1.23k`, `45.6M`. Below a thousandth it is nothing.
pub(super) fn figure(text: &mut String, value: f32) {
    let size = f64::from(value).abs();
    let (scaled, unit) = match size {
        s if s >= 999.5e6 => (s / 1e9, "G"),
        s if s >= 999.5e3 => (s / 1e6, "M"),
        s if s >= 999.5 => (s / 1e3, "k"),
        s => (s, ""),
    };
    // Writing to a string does not fail.
    let _ = match scaled {
        s if s >= 99.95 => write!(text, "{s:.0}{unit}"),
        s if s >= 9.995 => write!(text, "{s:.1}{unit}"),
        s if s >= 0.005 => write!(text, "{s:.2}{unit}"),
        _ => write!(text, "0"),
    };
}

/// A number of things: whole below ten thousand.
pub(super) fn count(text: &mut String, value: u64) {
    if value < 10_000 {
        let _ = write!(text, "{value}");
    } else {
        figure(text, value as f32);
    }
}

/// A share as a percentage: `0 %`, `7 %`, `87 %`, `100 %`.
pub(super) fn percent(text: &mut String, share: f32) {
    let hundredths = (share * 100.0).clamp(0.0, 999.0);
    // A full one says 100 only when it is; 99.6 is not.
    let shown = if hundredths > 99.0 && hundredths < 99.95 { 99.0 } else { hundredths.round() };
    let _ = write!(text, "{shown:.0} %");
}

/// Seconds to go: `0:07`, `2:13`, `1:04:02`.
pub(super) fn countdown(text: &mut String, seconds: f64) {
    let whole = seconds.max(0.0).ceil() as u64;
    let (hours, minutes, rest) = (whole / 3_600, whole / 60 % 60, whole % 60);
    let _ =
        if hours > 0 { write!(text, "{hours}:{minutes:02}:{rest:02}") } else { write!(text, "{minutes}:{rest:02}") };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(write: impl Fn(&mut String)) -> String {
        let mut text = String::new();
        write(&mut text);
        text
    }

    #[test]
    fn figures_have_three_digits() {
        let shown = [0.0, 0.001, 0.5, 9.873, 9.999, 98.71, 371.2, 999.6, 1_234.0, 45.6e6]
            .map(|value| told(|text| figure(text, value)));
        assert_eq!(shown, ["0", "0", "0.50", "9.87", "10.0", "98.7", "371", "1.00k", "1.23k", "45.6M"]);
    }

    #[test]
    fn shares_counts_and_times_to_go() {
        assert_eq!(
            [0.0, 0.071, 0.996, 1.0].map(|share| told(|text| percent(text, share))),
            ["0 %", "7 %", "99 %", "100 %"]
        );
        assert_eq!([12, 9_999, 12_345].map(|n| told(|text| count(text, n))), ["12", "9999", "12.3k"]);
        assert_eq!([6.2, 133.0, 3_842.0].map(|s| told(|text| countdown(text, s))), ["0:07", "2:13", "1:04:02"]);
    }
}
