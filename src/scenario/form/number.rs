//! Numbers as a control moves them: in the unit they are written in, within what is allowed.

use crate::scenario::amount::Dimension;
use crate::scenario::described::{Allowed, Json, Scalar};
use crate::units::{Bandwidth, Bytes, Percent, Price, Quantity, Rate, Span, parse_number, split_number};

/// What a number counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Things, without fractions.
    Whole,
    /// Anything.
    Plain,
    /// A time.
    Span,
    /// So many in a time.
    Rate,
    /// Data.
    Bytes,
    /// Data in a time.
    Bandwidth,
    /// A share of the whole.
    Percent,
    /// Money for an hour.
    Price,
}

/// A number, to be moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// What it counts in.
    pub measure: Measure,
    /// As it is written, without its unit; None: there is none.
    pub value: Option<f64>,
    /// The unit it is written in; empty: none. Where there is no number, the usual one.
    pub unit: &'static str,
    /// Least and most, in base units (seconds, bytes, per second, a share, money per hour); None: none.
    pub range: Option<(f64, f64)>,
    /// What an arrow key moves it by, in its unit; ten times that with a modifier.
    pub step: f64,
}

/// Pixels of a drag in which a quantity grows by half.
const DRAG: f64 = 40.0;
/// Pixels of a drag for one thing, where there are few.
const DRAG_ONE: f64 = 8.0;

impl Measure {
    /// Of a scalar of the language; None: it is no number.
    pub(super) fn of(scalar: Scalar) -> Option<Self> {
        let kinds = [
            (Span::KIND, Self::Span),
            (Rate::KIND, Self::Rate),
            (Bytes::KIND, Self::Bytes),
            (Bandwidth::KIND, Self::Bandwidth),
            (Percent::KIND, Self::Percent),
            (Price::KIND, Self::Price),
        ];
        match scalar.json {
            Json::Integer => Some(Self::Whole),
            Json::Number => Some(Self::Plain),
            Json::String => kinds.into_iter().find(|(kind, _)| *kind == scalar.what).map(|(_, measure)| measure),
            Json::Boolean | Json::Any => None,
        }
    }

    /// Of what an amount counts.
    pub(super) fn of_dimension(dimension: Dimension) -> Self {
        match dimension {
            Dimension::Time => Self::Span,
            Dimension::Bytes => Self::Bytes,
            Dimension::Count => Self::Plain,
        }
    }

    /// Its units and their sizes in base units, the usual ones first; none: a bare number.
    #[must_use]
    pub fn units(self) -> Vec<(&'static str, f64)> {
        let of = |units: &'static [(&'static str, f64)]| units.to_vec();
        match self {
            Self::Whole | Self::Plain => Vec::new(),
            // Sizes of times are in nanoseconds.
            Self::Span => Span::UNITS.iter().map(|(unit, nanos)| (*unit, nanos / 1e9)).collect(),
            Self::Rate => of(Rate::UNITS),
            Self::Bytes => of(Bytes::UNITS),
            Self::Bandwidth => of(Bandwidth::UNITS),
            Self::Percent => of(Percent::UNITS),
            Self::Price => of(Price::UNITS),
        }
    }

    fn usual(self) -> &'static str {
        match self {
            Self::Whole | Self::Plain => "",
            Self::Span => "ms",
            Self::Rate => "/s",
            Self::Bytes => "KiB",
            Self::Bandwidth => "Mbit/s",
            Self::Percent => "%",
            Self::Price => "/h",
        }
    }

    /// Units in which a value that has become small is written: the next smaller of each.
    fn smaller(self, unit: &str) -> Option<&'static str> {
        const CHAINS: [&[&str]; 5] = [
            &["d", "h", "min", "s", "ms", "us", "ns"],
            &["TiB", "GiB", "MiB", "KiB", "B"],
            &["TB", "GB", "MB", "kB", "B"],
            &["Gbit/s", "Mbit/s", "kbit/s", "bit/s"],
            &["GiB/s", "MiB/s", "KiB/s", "B/s"],
        ];
        let chains = match self {
            Self::Span => &CHAINS[..1],
            Self::Bytes => &CHAINS[1..3],
            Self::Bandwidth => &CHAINS[3..],
            Self::Whole | Self::Plain | Self::Rate | Self::Percent | Self::Price => &[],
        };
        chains.iter().find_map(|chain| {
            let at = chain.iter().position(|known| *known == unit)?;
            chain.get(at + 1).copied()
        })
    }

    fn size(self, unit: &str) -> f64 {
        self.units().into_iter().find(|(known, _)| *known == unit).map_or(1.0, |(_, size)| size)
    }
}

/// The same number with the digits that matter.
fn tidy(value: f64) -> f64 {
    let places = 1e9 / 10f64.powi(value.abs().max(1e-9).log10().floor() as i32).clamp(1e-6, 1e9);
    let rounded = (value * places).round() / places;
    if rounded.is_finite() { rounded } else { value }
}

impl Number {
    /// The number of a text, as it stands in a file without its quotes.
    pub(super) fn of(measure: Measure, text: &str, allowed: Option<Allowed>) -> Self {
        let (number, unit) = split_number(text.trim());
        let known = measure.units().into_iter().map(|(known, _)| known).find(|known| *known == unit);
        let plain = || text.trim().replace('_', "").parse::<f64>().ok().filter(|value| value.is_finite());
        let value = match measure {
            Measure::Whole | Measure::Plain => plain(),
            _ => parse_number(number).filter(|_| known.is_some()),
        };
        let range = match allowed {
            Some(Allowed::Between(least, most)) => Some((least, most)),
            Some(Allowed::Of(_)) | None => None,
        };
        let mut found = Self { measure, value, unit: known.unwrap_or_else(|| measure.usual()), range, step: 1.0 };
        found.step = found.step_at(value.unwrap_or(0.0));
        found
    }

    /// A tenth of the leading digit's place: 250 moves by 10, 8 by 1, 0.5 by 0.1.
    fn step_at(&self, value: f64) -> f64 {
        if value == 0.0 || self.measure == Measure::Whole {
            return 1.0;
        }
        let magnitude = 10f64.powi(value.abs().log10().floor() as i32);
        if value >= 10.0 { magnitude / 10.0 } else { magnitude.min(1.0) }
    }

    /// The text after so many steps up, or down, each ten times as large if `coarse`. Without quotes; None: there is
    /// no number to move.
    #[must_use]
    pub fn stepped(&self, steps: i32, coarse: bool) -> Option<String> {
        let value = self.value?;
        let step = self.step * if coarse { 10.0 } else { 1.0 };
        Some(self.written((value / step).round().mul_add(step, f64::from(steps) * step)))
    }

    /// The text after a horizontal drag over so many pixels. Quantities grow by what they are, few things one by one.
    #[must_use]
    pub fn dragged(&self, pixels: f64) -> Option<String> {
        let value = self.value?;
        let linear = self.measure == Measure::Whole && value.abs() < DRAG || value == 0.0;
        let moved = match self.measure {
            Measure::Percent => value + pixels / (2.0 * DRAG_ONE),
            _ if linear => value + pixels / DRAG_ONE,
            _ => value * (pixels / DRAG * 1.5f64.ln()).exp(),
        };
        // Three digits are as many as a hand can aim at.
        let places = 10f64.powi(2 - moved.abs().max(1e-9).log10().floor() as i32);
        Some(self.written((moved * places).round() / places))
    }

    /// A value in its unit, within the range, as it is written without quotes.
    #[must_use]
    pub fn written(&self, value: f64) -> String {
        let size = self.measure.size(self.unit);
        let (least, most) = self.range.unwrap_or((0.0, f64::MAX));
        let mut value = tidy(value.clamp(least / size, most / size).max(0.0));
        let mut unit = self.unit;
        if self.measure == Measure::Whole {
            return format!("{}", value.round());
        }
        while value > 0.0 && value < 1.0 {
            let Some(smaller) = self.measure.smaller(unit) else { break };
            value = tidy(value * self.measure.size(unit) / self.measure.size(smaller));
            unit = smaller;
        }
        // Nothing is smaller than these.
        if unit == "ns" || unit == "B" {
            value = value.round();
        }
        format!("{value}{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Number {
        Number::of(Measure::Span, text, None)
    }

    #[test]
    fn a_step_is_a_tenth_of_what_is_there() {
        let moved = [
            ("250ms", 1, false, "260ms"),
            ("250ms", -1, true, "200ms"),
            ("8ms", 1, false, "9ms"),
            ("1s", -1, false, "0s"),
            ("1.5s", -1, false, "1s"),
            ("0s", 1, false, "1s"),
            ("0.5ms", -1, false, "400us"),
            ("100ms", -20, false, "0ms"),
        ];
        for (text, steps, coarse, wanted) in moved {
            assert_eq!(time(text).stepped(steps, coarse).as_deref(), Some(wanted), "{text} by {steps}");
        }
        let workers = Number::of(Measure::Whole, "50", Some(Allowed::Between(1.0, 60.0)));
        assert_eq!(workers.stepped(1, true).as_deref(), Some("60"));
        assert_eq!(workers.stepped(2, true).as_deref(), Some("60"));
        assert_eq!(workers.stepped(-9, true).as_deref(), Some("1"));
        let share = Number::of(Measure::Percent, "95%", Some(Allowed::Between(0.0, 1.0)));
        assert_eq!(share.stepped(9, false).as_deref(), Some("100%"));
    }

    #[test]
    fn a_drag_is_even_in_both_directions() {
        for text in ["250ms", "1s", "7min", "3h"] {
            let there = time(text).dragged(80.0).unwrap();
            let back = time(&there).dragged(-80.0).unwrap();
            let size = |text: &str| Span::parse(text).unwrap().as_seconds();
            assert!((size(&back) / size(text) - 1.0).abs() < 0.02, "{text} → {there} → {back}");
            assert!(size(&there) > 2.0 * size(text), "{there}");
        }
        assert_eq!(Number::of(Measure::Whole, "3", None).dragged(16.0).as_deref(), Some("5"));
        assert_eq!(time("forever").dragged(3.0), None);
    }
}
