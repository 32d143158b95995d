//! An amount as a control has it: its law, the law's numbers, and the other laws with the same mean.

use super::number::{Measure, Number};
use crate::scenario::amount::drawn::Drawn;
use crate::scenario::amount::words::{self, Group, KNOWN, PERCENTILES};
use crate::scenario::amount::{Amount, Dimension};
use crate::units::{Bytes, Quantity, Span};
use std::ops::Range;

/// What an amount is.
#[derive(Clone, Debug, PartialEq)]
pub struct AmountForm {
    /// What the field counts in; None: it may count anything.
    pub dimension: Option<Dimension>,
    /// Its mean on an idle instance, in base units; None: it cannot be read.
    pub mean: Option<f64>,
    /// What it is drawn from.
    pub law: Law,
    /// The law's numbers, in order.
    pub parameters: Vec<Parameter>,
    /// Every law that the amount could be drawn from instead.
    pub laws: Vec<LawChoice>,
    text: String,
}

/// What an amount is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// Always the same.
    Constant,
    /// A law of the language, by its word; `p50` for two percentiles.
    Drawn(&'static str),
    /// A sum, a product, a gauge, or what cannot be read: a text.
    Expression,
}

/// A number of a law.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// What it is called: "mean", "cv", "shape".
    pub name: String,
    /// As it is written.
    pub text: String,
    /// To be moved.
    pub number: Number,
    at: Range<usize>,
}

/// A law to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct LawChoice {
    /// As it is written; `constant` for none.
    pub name: &'static str,
    /// How it is used.
    pub usage: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// The amount drawn from it, with the mean it has now, without quotes.
    pub text: String,
}

impl AmountForm {
    pub(super) fn of(text: &str, dimension: Option<Dimension>) -> Self {
        let parsed = Amount::parse(text).ok();
        let counts = parsed.as_ref().map(Amount::dimension).or(dimension).unwrap_or(Dimension::Time);
        let mean = parsed.as_ref().map(|amount| amount.expr().mean(&|_| 0.0));
        let (law, parameters) = match &parsed {
            Some(amount) if amount.constant().is_some() && !text.contains(['(', '+', '*']) => {
                (Law::Constant, vec![parameter(text, 0..text.len(), "value", "", counts)])
            }
            Some(_) => drawn(text, counts).unwrap_or((Law::Expression, Vec::new())),
            None => (Law::Expression, Vec::new()),
        };
        let laws = laws(mean.unwrap_or(0.0), counts);
        Self { dimension, mean, law, parameters, laws, text: text.to_owned() }
    }

    /// What it looks like at an idle instance, where it varies; its values in so many pieces.
    #[must_use]
    pub fn plot(&self, pieces: u32) -> Option<Drawn> {
        let amount = Amount::parse(&self.text).ok().filter(|amount| amount.constant().is_none())?;
        Some(amount.expr().drawn(pieces))
    }

    /// The amount with another number for one of its law's.
    #[must_use]
    pub fn with(&self, parameter: usize, value: &str) -> String {
        let Some(parameter) = self.parameters.get(parameter) else { return self.text.clone() };
        [&self.text[..parameter.at.start], value, &self.text[parameter.at.end..]].concat()
    }
}

fn parameter(text: &str, at: Range<usize>, name: &str, usage: &str, counts: Dimension) -> Parameter {
    let measure = match name {
        "cv" | "shape" => Measure::Plain,
        "stages" => Measure::Whole,
        _ if usage == "weight" => Measure::Plain,
        _ => Measure::of_dimension(counts),
    };
    let written = text[at.clone()].to_owned();
    Parameter { name: name.to_owned(), number: Number::of(measure, &written, None), text: written, at }
}

/// Pieces between commas outside of parentheses, without blanks around them.
fn pieces(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let (mut depth, mut from, mut found) = (0, within.start, Vec::new());
    let mut ends: Vec<usize> = Vec::new();
    for (at, c) in text[within.clone()].char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => ends.push(within.start + at),
            _ => {}
        }
    }
    ends.push(within.end);
    for end in ends {
        let piece = &text[from..end];
        let start = from + piece.len() - piece.trim_start().len();
        found.push(start..start + piece.trim().len());
        from = (end + 1).min(within.end);
    }
    found
}

/// The law of a text that is one law alone.
fn drawn(text: &str, counts: Dimension) -> Option<(Law, Vec<Parameter>)> {
    let trimmed = text.trim();
    let lead = text.len() - text.trim_start().len();
    let is_percentile = trimmed.starts_with('p') && trimmed[1..].starts_with(|c: char| c.is_ascii_digit());
    if is_percentile && !trimmed.contains(['(', '+', '*']) {
        let named = |piece: Range<usize>| {
            let (name, _) = text[piece.clone()].split_once(char::is_whitespace)?;
            let value = piece.start + name.len();
            let rest = &text[value..piece.end];
            Some(parameter(text, value + rest.len() - rest.trim_start().len()..piece.end, name, "", counts))
        };
        let parameters: Option<Vec<Parameter>> = pieces(text, 0..text.len()).into_iter().map(named).collect();
        return Some((Law::Drawn(PERCENTILES.name), parameters?));
    }
    let open = trimmed.find('(')?;
    let word = KNOWN.iter().find(|word| word.group == Group::Distribution && word.name == trimmed[..open].trim())?;
    let inside = lead + open + 1..lead + trimmed.len() - 1;
    // The parenthesis that opens first must close last: `exp(1ms) + exp(2ms)` is a sum.
    let mut depth = 1;
    let closes = text.get(inside.clone())?.chars().any(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    });
    if closes || !trimmed.ends_with(')') {
        return None;
    }
    let usage = word.usage.get(word.name.len() + 1..word.usage.len() - 1)?;
    let named: Vec<&str> = usage.split(", ").collect();
    let mut parameters = Vec::new();
    for (place, piece) in pieces(text, inside).into_iter().enumerate() {
        let name = *named.get(place).filter(|name| **name != "..").unwrap_or(&named[0]);
        let written = &text[piece.clone()];
        match name.split_once([' ', ':']) {
            Some((word, _)) if name.contains(' ') => {
                let rest = written.strip_prefix(word)?;
                let from = piece.end - rest.trim_start().len();
                parameters.push(parameter(text, from..piece.end, word, "", counts));
            }
            Some((first, second)) => {
                let colon = piece.start + written.rfind(':')?;
                let end = piece.start + text[piece.start..colon].trim_end().len();
                let weight = &text[colon + 1..piece.end];
                let from = colon + 1 + weight.len() - weight.trim_start().len();
                parameters.push(parameter(text, piece.start..end, first, "", counts));
                parameters.push(parameter(text, from..piece.end, second, "weight", counts));
            }
            None => parameters.push(parameter(text, piece, name, "", counts)),
        }
    }
    Some((Law::Drawn(word.name), parameters))
}

/// A mean as it is written, with what it counts in.
fn print(mean: f64, counts: Dimension) -> String {
    let written = match counts {
        Dimension::Time => Span::from_base(mean).map(|span| span.to_string()),
        Dimension::Bytes => Bytes::from_base(mean).map(|bytes| bytes.to_string()),
        Dimension::Count => Some(((mean * 1e6).round() / 1e6).to_string()),
    };
    written.unwrap_or_else(|| counts.example().to_owned())
}

fn laws(mean: f64, counts: Dimension) -> Vec<LawChoice> {
    let mean = if mean > 0.0 && mean.is_finite() {
        mean
    } else {
        match counts {
            Dimension::Time => 1e-3,
            Dimension::Bytes => 1024.0,
            Dimension::Count => 1.0,
        }
    };
    let m = |share: f64| print(mean * share, counts);
    let text = |word: &str| {
        Some(match word {
            "exp" => format!("exp({})", m(1.0)),
            "lognormal" => format!("lognormal({}, cv 1)", m(1.0)),
            "gamma" => format!("gamma({}, cv 0.5)", m(1.0)),
            "erlang" => format!("erlang(2, {})", m(1.0)),
            "pareto" => format!("pareto({}, shape 2.5)", m(1.0)),
            "weibull" => format!("weibull({}, shape 0.8)", m(1.0)),
            "uniform" => format!("uniform({}, {})", m(0.5), m(1.5)),
            "hyperexp" => format!("hyperexp({}, cv 2)", m(1.0)),
            "geometric" if counts == Dimension::Count && mean >= 1.0 => format!("geometric({})", m(1.0)),
            "empirical" => format!("empirical({}:1, {}:1)", m(0.5), m(1.5)),
            "mixture" => format!("mixture({}:1, {}:1)", m(0.5), m(1.5)),
            // Of the log-normal law with cv 1: the mean over √2, and e^(2.3263·√ln 2) times that.
            "p50" => format!("p50 {}, p99 {}", m(std::f64::consts::FRAC_1_SQRT_2), m(4.905_3)),
            _ => return None,
        })
    };
    let constant = LawChoice { name: "constant", usage: counts.example(), meaning: "Always the same.", text: m(1.0) };
    let known = KNOWN.iter().chain([&PERCENTILES]).filter(|word| word.group == Group::Distribution);
    let choice = |word: &words::Word| {
        let text = text(word.name)?;
        // What is too small to be told apart cannot be written so.
        Amount::parse(&text).ok()?;
        Some(LawChoice { name: word.name, usage: word.usage, meaning: word.meaning, text })
    };
    [constant].into_iter().chain(known.filter_map(choice)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_is_taken_apart_and_put_together() {
        for word in KNOWN.iter().chain([&PERCENTILES]).filter(|word| word.group == Group::Distribution) {
            let form = AmountForm::of(word.example, None);
            assert_eq!(form.law, Law::Drawn(word.name), "{}", word.example);
            assert!(!form.parameters.is_empty(), "{}", word.example);
            for (place, parameter) in form.parameters.iter().enumerate() {
                assert_eq!(form.with(place, &parameter.text), word.example);
                if parameter.number.value.is_some() {
                    let stepped = parameter.number.stepped(1, false).unwrap();
                    assert!(Amount::parse(&form.with(place, &stepped)).is_ok(), "{}", form.with(place, &stepped));
                }
            }
        }
    }

    #[test]
    fn another_law_has_the_same_mean() {
        for text in ["8ms", "exp(40KiB)", "geometric(20)", "lognormal(3s, cv 2)", "1s + 10ms*in_flight", "0s"] {
            let form = AmountForm::of(text, None);
            assert!(form.laws.len() >= 12, "{text}: {:?}", form.laws);
            for law in &form.laws {
                let mean = Amount::parse(&law.text).unwrap().expr().mean(&|_| 0.0);
                let wanted = form.mean.filter(|mean| *mean > 0.0).unwrap_or(1e-3);
                assert!((mean / wanted - 1.0).abs() < 2e-3, "{text}: {} has {mean}, not {wanted}", law.text);
            }
        }
    }

    #[test]
    fn what_is_no_law_is_a_text() {
        for text in ["1s + 10ms*in_flight", "exp(1ms) + exp(2ms)", "2*exp(1ms)", "in_flight", "exp(", "", "p50", "é"] {
            assert_eq!(AmountForm::of(text, None).law, Law::Expression, "{text}");
        }
        let form = AmountForm::of("lognormal(8ms, cv 1)", Some(Dimension::Time));
        let names: Vec<&str> = form.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(names, ["mean", "cv"]);
        assert_eq!(form.with(1, "2"), "lognormal(8ms, cv 2)");
    }
}
