//! The grammar of amounts: sums of products of numbers, distributions and gauges.
use super::words::{KNOWN, Word};
use super::{Dimension, Expr, Gauge, TextError, law::lognormal_of};
use crate::scenario::nearest::{list, nearest};
use crate::units::{Bytes, Quantity, Span, parse_number};

/// Deepest nesting of parentheses.
const DEPTH: u32 = 16;
/// Longest text, in bytes.
const LENGTH: usize = 4096;

type Parsed<T> = Result<T, TextError>;
/// An expression and what it counts.
type Measured = (Expr, Dimension);

pub(super) fn parse(text: &str) -> Parsed<Measured> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    if text.len() > LENGTH {
        return Err(parser.fail(0..0, "the amount is too long", format!("at most {LENGTH} bytes")));
    }
    let parsed = parser.sum()?;
    parser.blanks();
    if parser.at < text.len() {
        let rest = parser.at..text.len();
        return Err(parser.fail(rest, "the amount should end here", "`+`, `*` or the end"));
    }
    Ok(parsed)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: u32,
}

impl Parser<'_> {
    fn fail(&self, at: std::ops::Range<usize>, message: impl Into<String>, expected: impl Into<String>) -> TextError {
        TextError { at, message: message.into(), expected: expected.into() }
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes `token` if it comes next.
    fn take(&mut self, token: char) -> bool {
        self.blanks();
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len_utf8();
        }
        found
    }

    fn expect(&mut self, token: char, after: &str) -> Parsed<()> {
        if self.take(token) {
            return Ok(());
        }
        Err(self.fail(self.here(), format!("`{token}` is missing {after}"), format!("`{token}`")))
    }

    /// The next character, or the empty end.
    fn here(&self) -> std::ops::Range<usize> {
        self.at..self.at + self.text[self.at..].chars().next().map_or(0, char::len_utf8)
    }

    fn sum(&mut self) -> Parsed<Measured> {
        let start = self.at;
        let (first, dimension) = self.product()?;
        let mut parts = vec![first];
        while self.take('+') {
            let from = self.at;
            let (part, other) = self.product()?;
            if other != dimension {
                return Err(self.fail(
                    from..self.at,
                    format!("{} cannot be added to {}", other.what(), dimension.what()),
                    format!("{}, as before", dimension.what()),
                ));
            }
            parts.push(part);
        }
        self.blanks();
        if self.text[self.at..].starts_with(['-', '/']) {
            return Err(self.fail(
                start.max(self.at)..self.at + 1,
                "amounts are only added and multiplied",
                "`+` or `*`",
            ));
        }
        Ok((one_or(parts, Expr::Sum), dimension))
    }

    fn product(&mut self) -> Parsed<Measured> {
        let (first, mut dimension) = self.factor()?;
        let mut parts = vec![first];
        while self.take('*') {
            let from = self.at;
            let (part, other) = self.factor()?;
            dimension = match (dimension, other) {
                (Dimension::Count, any) | (any, Dimension::Count) => any,
                (left, right) => {
                    let message = format!("{} cannot be multiplied with {}", left.what(), right.what());
                    return Err(self.fail(from..self.at, message, "a count, such as `in_flight` or `2`"));
                }
            };
            parts.push(part);
        }
        Ok((one_or(parts, Expr::Product), dimension))
    }

    fn factor(&mut self) -> Parsed<Measured> {
        if self.take('(') {
            if self.depth == DEPTH {
                return Err(self.fail(
                    self.at - 1..self.at,
                    "the amount is nested too deep",
                    format!("at most {DEPTH} levels"),
                ));
            }
            self.depth += 1;
            let inside = self.sum()?;
            self.depth -= 1;
            self.expect(')', "at the end of the group")?;
            return Ok(inside);
        }
        self.blanks();
        let rest = &self.text[self.at..];
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            let (value, dimension) = self.number()?;
            return Ok((Expr::Constant(value), dimension));
        }
        let from = self.at;
        if rest.starts_with('-') {
            return Err(self.fail(self.here(), "an amount cannot be negative", "an amount such as `8ms`"));
        }
        if rest.starts_with('p') && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
            return self.percentiles();
        }
        let name = self.word().to_owned();
        if name.is_empty() {
            return Err(self.fail(
                self.here(),
                "an amount is missing here",
                "an amount such as `8ms`, `exp(8ms)` or `10ms*in_flight`",
            ));
        }
        self.call(&name, from)
    }

    fn word(&mut self) -> &str {
        self.blanks();
        let from = self.at;
        let rest = &self.text[from..];
        self.at += rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
        &self.text[from..self.at]
    }

    /// A number with or without a unit.
    fn number(&mut self) -> Parsed<(f64, Dimension)> {
        self.blanks();
        let from = self.at;
        let rest = &self.text[from..];
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(rest.len());
        let unit_len = rest[digits..].find(|c: char| !(c.is_alphabetic() || c == '%')).unwrap_or(rest.len() - digits);
        let (number, unit, whole) = (&rest[..digits], &rest[digits..digits + unit_len], &rest[..digits + unit_len]);
        self.at += whole.len();
        let here = from..self.at;
        if unit.is_empty() {
            return match parse_number(number) {
                Some(value) if value <= 1e15 => Ok((value, Dimension::Count)),
                _ => Err(self.fail(
                    here,
                    format!("`{whole}` is not a number"),
                    "a number with a unit, such as `8ms`, or a count such as `3`",
                )),
            };
        }
        let parsed = if Span::UNITS.iter().any(|(name, _)| *name == unit) {
            Span::parse(whole).map(|span| (span.base(), Dimension::Time))
        } else if Bytes::UNITS.iter().any(|(name, _)| *name == unit) {
            Bytes::parse(whole).map(|bytes| (bytes.base(), Dimension::Bytes))
        } else {
            let expected = "a unit of time (ns us ms s min h d), of data (B KiB MiB GiB kB MB GB), or none for a count";
            return Err(self.fail(here, format!("`{unit}` is not a unit of an amount"), expected));
        };
        parsed.map_err(|error| self.fail(here, error.message, error.expected))
    }

    fn positive(&mut self, what: &str) -> Parsed<(f64, Dimension)> {
        self.blanks();
        let from = self.at;
        if !self.text[from..].starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.fail(
                self.here(),
                format!("{what} should be a number"),
                "a number, with its unit if it has one",
            ));
        }
        let (value, dimension) = self.number()?;
        if value > 0.0 {
            Ok((value, dimension))
        } else {
            Err(self.fail(from..self.at, format!("{what} must be above 0"), "a number above 0"))
        }
    }

    /// A named parameter such as `cv 1`.
    fn parameter(&mut self, name: &str, least: f64, above: bool) -> Parsed<f64> {
        if !self.take(',') || self.word() != name {
            return Err(self.fail(
                self.here(),
                format!("`{name}` is missing"),
                format!("`, {name} 1.5`: its name and a number"),
            ));
        }
        let from = {
            self.blanks();
            self.at
        };
        let (value, dimension) = self.positive(name)?;
        if dimension != Dimension::Count || value > 1000.0 || value < least || (above && value == least) {
            let bound = if above { "above" } else { "at least" };
            return Err(self.fail(
                from..self.at,
                format!("`{name}` is out of range"),
                format!("a bare number {bound} {least} and at most 1000"),
            ));
        }
        Ok(value)
    }

    /// A distribution or a gauge; its name is read already.
    fn call(&mut self, name: &str, from: usize) -> Parsed<Measured> {
        let gauge = match name {
            "in_flight" => Some(Gauge::InFlight),
            "connections" => Some(Gauge::Connections),
            "queued" => Some(Gauge::Queued),
            _ => None,
        };
        if let Some(gauge) = gauge {
            return Ok((Expr::Gauge(gauge), Dimension::Count));
        }
        let Some(usage) = KNOWN.iter().find(|known| known.name == name).map(|known| known.usage) else {
            let names = || KNOWN.iter().map(|known: &Word| known.name);
            let expected = match nearest(name, names()) {
                Some(near) => format!("`{near}`, it seems; there is {}", list(names())),
                None => format!("one of {}", list(names())),
            };
            return Err(self.fail(from..from + name.len(), format!("unknown amount `{name}`"), expected));
        };
        if !self.take('(') {
            return Err(self.fail(self.here(), format!("`(` is missing after `{name}`"), format!("`{usage}`")));
        }
        let parsed = match name {
            "waiting" => {
                let link = self.word().to_owned();
                if link.is_empty() {
                    return Err(self.fail(
                        self.here(),
                        "the link is missing",
                        "the name of a link, as in `waiting(db)`",
                    ));
                }
                (Expr::Gauge(Gauge::Waiting(link)), Dimension::Count)
            }
            "exp" => self.positive("the mean").map(|(mean, dimension)| (Expr::Exponential { mean }, dimension))?,
            "lognormal" | "gamma" | "hyperexp" | "pareto" | "weibull" => self.shaped(name)?,
            "mixture" => self.mixture()?,
            "erlang" => self.erlang()?,
            "uniform" => self.uniform()?,
            "geometric" => {
                let (mean, dimension) = self.positive("the mean")?;
                if dimension != Dimension::Count || mean < 1.0 {
                    return Err(self.fail(
                        from..self.at,
                        "`geometric` counts trials",
                        "a bare mean of at least 1, as in `geometric(20)`",
                    ));
                }
                (Expr::Geometric { mean }, dimension)
            }
            _ => self.empirical()?,
        };
        if !self.take(')') {
            return Err(self.fail(self.here(), format!("`{name}` should end here"), format!("`{usage}`")));
        }
        Ok(parsed)
    }

    /// A law of a mean and one named parameter.
    fn shaped(&mut self, name: &str) -> Parsed<Measured> {
        let (mean, dimension) = self.positive("the mean")?;
        let expr = match name {
            "lognormal" => Expr::LogNormal { mean, cv: self.parameter("cv", 0.0, true)? },
            "gamma" => Expr::Gamma { mean, cv: self.parameter("cv", 0.0, true)? },
            "hyperexp" => Expr::HyperExponential { mean, cv: self.parameter("cv", 1.0, false)? },
            "pareto" => Expr::Pareto { mean, shape: self.parameter("shape", 1.0, true)? },
            _ => Expr::Weibull { mean, shape: self.parameter("shape", 0.1, false)? },
        };
        Ok((expr, dimension))
    }

    /// `p50 300ms, p99 3s`: two percentiles of a log-normal law.
    fn percentiles(&mut self) -> Parsed<Measured> {
        let from = self.at;
        let (low, first, dimension) = self.percentile()?;
        if !self.take(',') {
            return Err(self.fail(
                self.here(),
                "one percentile makes no law",
                "a second one, as in `p50 300ms, p99 3s`",
            ));
        }
        self.blanks();
        let at = self.at;
        let (high, second, other) = self.percentile()?;
        if other != dimension {
            return Err(self.fail(at..self.at, "the percentiles do not count the same thing", "one kind of unit"));
        }
        if low >= high || first >= second {
            return Err(self.fail(
                from..self.at,
                "the percentiles do not rise",
                "the lower first, each with a larger value, as in `p50 300ms, p99 3s`",
            ));
        }
        let (mean, cv) = lognormal_of((low, first), (high, second));
        if !(cv <= 1000.0 && mean.is_finite()) {
            return Err(self.fail(from..self.at, "the percentiles are too far apart", "a cv of at most 1000"));
        }
        Ok((Expr::LogNormal { mean, cv }, dimension))
    }

    /// `p99.9 3s`: a share, a value and what that counts.
    fn percentile(&mut self) -> Parsed<(f64, f64, Dimension)> {
        self.blanks();
        let from = self.at;
        let rest = &self.text[from..];
        let digits = rest.strip_prefix('p').map_or("", |after| {
            &after[..after.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(after.len())]
        });
        let percent = parse_number(digits).filter(|percent| *percent > 0.0 && *percent < 100.0);
        let Some(percent) = percent else {
            return Err(self.fail(
                from..(from + 1 + digits.len()).min(self.text.len()),
                "a percentile is missing",
                "a percentile above p0 and below p100, and its value, as in `p99 3s`",
            ));
        };
        self.at = from + 1 + digits.len();
        let (value, dimension) = self.positive("the value of the percentile")?;
        Ok((percent / 100.0, value, dimension))
    }

    /// `mixture(exp(1ms):9, 40ms:1)`: amounts of one kind, each with its weight.
    fn mixture(&mut self) -> Parsed<Measured> {
        let mut parts = Vec::new();
        let mut dimension = None;
        if self.depth == DEPTH {
            let levels = format!("at most {DEPTH} levels");
            return Err(self.fail(self.here(), "the amount is nested too deep", levels));
        }
        self.depth += 1;
        loop {
            let from = self.at;
            let (part, kind) = self.sum()?;
            if *dimension.get_or_insert(kind) != kind {
                return Err(self.fail(from..self.at, "the parts do not count the same thing", "one kind of unit"));
            }
            if !self.take(':') {
                let expected = "`:` and a weight, as in `mixture(8ms:3, 40ms:1)`";
                return Err(self.fail(self.here(), "a part of the mixture has no weight", expected));
            }
            let at = self.at;
            let (weight, bare) = self.positive("the weight")?;
            if bare != Dimension::Count {
                return Err(self.fail(at..self.at, "a weight has no unit", "a bare number"));
            }
            parts.push((part, weight));
            if !self.take(',') {
                self.depth -= 1;
                return Ok((Expr::Mixture(parts), kind));
            }
        }
    }

    fn erlang(&mut self) -> Parsed<Measured> {
        let from = self.at;
        let (k, dimension) = self.positive("the number of stages")?;
        if dimension != Dimension::Count || k.fract() != 0.0 || k > 1000.0 {
            return Err(self.fail(
                from..self.at,
                "the stages of `erlang` are a whole number",
                "`erlang(k, mean)` with k from 1 to 1000",
            ));
        }
        self.expect(',', "after the stages")?;
        let (mean, dimension) = self.positive("the mean")?;
        Ok((Expr::Erlang { k: k as u32, mean }, dimension))
    }

    fn uniform(&mut self) -> Parsed<Measured> {
        self.blanks();
        let from = self.at;
        if !self.text[from..].starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.fail(self.here(), "the smallest value should be a number", "`uniform(1ms, 3ms)`"));
        }
        let (low, left) = self.number()?;
        self.expect(',', "between the bounds")?;
        let (high, right) = self.positive("the largest value")?;
        if left != right || low > high {
            return Err(self.fail(
                from..self.at,
                "the bounds of `uniform` do not fit",
                "the smaller first, both in the same kind of unit",
            ));
        }
        Ok((Expr::Uniform { low, high }, left))
    }

    fn empirical(&mut self) -> Parsed<Measured> {
        let from = self.at;
        let mut points = Vec::new();
        let mut dimension = None;
        loop {
            self.blanks();
            if !self.text[self.at..].starts_with(|c: char| c.is_ascii_digit()) {
                return Err(self.fail(
                    self.here(),
                    "a value should be a number",
                    "`empirical(10ms:3, 50ms:1)`: values and their weights",
                ));
            }
            let (value, kind) = self.number()?;
            if *dimension.get_or_insert(kind) != kind {
                return Err(self.fail(from..self.at, "the values do not count the same thing", "one kind of unit"));
            }
            self.expect(':', "between value and weight")?;
            let at = self.at;
            let (weight, bare) = self.positive("the weight")?;
            if bare != Dimension::Count {
                return Err(self.fail(at..self.at, "a weight has no unit", "a bare number"));
            }
            points.push((value, weight));
            if !self.take(',') {
                return Ok((Expr::Empirical(points), kind));
            }
        }
    }
}

/// A single part is itself.
fn one_or(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    if parts.len() > 1 {
        return many(parts);
    }
    parts.pop().expect("a sum or product has at least one part")
}
