//! Scalars: numbers, texts, quantities, amounts, and values kept as text.
use super::{Described, Doc, Json, Reader, Scalar, Shape};
use crate::scenario::{
    amount::Amount,
    problem::Problem,
    profile::Count,
    syntax::{Node, Value},
    text::RonText,
};
use crate::units::{Bandwidth, Bytes, Percent, Price, Quantity, Rate, Span};

const WHOLE: Scalar = Scalar { what: "a whole number", example: "3", units: "", json: Json::Integer };
const NUMBER: Scalar = Scalar { what: "a number", example: "1.5", units: "", json: Json::Number };

/// The text of a number without separators; a problem for anything else.
fn number<'t>(node: &Node, reader: &mut Reader<'t>, scalar: Scalar) -> Option<String> {
    let node = node.unwrapped();
    match &node.value {
        Value::Number(text) => Some(text.replace('_', "")),
        Value::Text { text, .. } if text.parse::<f64>().is_ok() => {
            let problem = Problem::error(
                node.span.clone(),
                format!("a text where {} belongs", scalar.what),
                format!("expected {}", scalar.what),
            );
            reader.report(problem.help(format!("write it without quotes: `{text}`")))
        }
        _ => reader.mismatch(node, scalar.what, scalar.example),
    }
}

fn whole(node: &Node, reader: &mut Reader<'_>, most: u64) -> Option<u64> {
    let text = number(node, reader, WHOLE)?;
    let digits = text.strip_prefix('+').unwrap_or(&text);
    if let Ok(value) = digits.parse::<u64>()
        && value <= most
    {
        return Some(value);
    }
    let (message, expected) = match digits.parse::<f64>() {
        Ok(value) if value < 0.0 => (format!("`{text}` is negative"), "a whole number without a sign".to_owned()),
        Ok(value) if value.fract() != 0.0 || text.contains(['.', 'e', 'E']) => {
            (format!("`{text}` is not a whole number"), "a whole number".to_owned())
        }
        Ok(_) => (format!("`{text}` is too large"), format!("a whole number, at most {most}")),
        Err(_) => (format!("`{text}` is not a number"), "a whole number".to_owned()),
    };
    reader.report(Problem::error(node.span.clone(), message, format!("expected {expected}")))
}

impl Described for u32 {
    fn shape() -> Shape {
        Shape::Scalar(WHOLE)
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        whole(node, reader, u64::from(Self::MAX)).and_then(|value| Self::try_from(value).ok())
    }
    fn write(&self) -> Doc {
        Doc::Text(self.to_string())
    }
    fn stand_in() -> Option<Self> {
        Some(1)
    }
}

impl Described for u64 {
    fn shape() -> Shape {
        Shape::Scalar(WHOLE)
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        whole(node, reader, Self::MAX)
    }
    fn write(&self) -> Doc {
        Doc::Text(self.to_string())
    }
    fn stand_in() -> Option<Self> {
        Some(1)
    }
}

impl Described for f64 {
    fn shape() -> Shape {
        Shape::Scalar(NUMBER)
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let text = number(node, reader, NUMBER)?;
        match text.parse::<Self>() {
            Ok(value) if value.is_finite() => Some(value),
            Ok(_) => reader.report(Problem::error(
                node.span.clone(),
                format!("`{text}` is too large"),
                "expected a finite number",
            )),
            Err(_) => reader.report(Problem::error(
                node.span.clone(),
                format!("`{text}` is not a number"),
                "expected a number, such as `1.5`",
            )),
        }
    }
    fn write(&self) -> Doc {
        Doc::Text(format!("{self:?}"))
    }
    fn stand_in() -> Option<Self> {
        Some(1.0)
    }
}

impl Described for Count {
    fn shape() -> Shape {
        Shape::Scalar(Scalar { what: "a count", example: "100", units: "", json: Json::Number })
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let value = f64::read(node, reader)?;
        if (0.0..=1e9).contains(&value) {
            return Some(Self(value));
        }
        reader.report(Problem::error(node.span.clone(), "a count out of range", "expected 0 to 1000000000"))
    }
    fn write(&self) -> Doc {
        Doc::Text(self.0.to_string())
    }
    fn stand_in() -> Option<Self> {
        Some(Self(1.0))
    }
}

impl Described for bool {
    fn shape() -> Shape {
        Shape::Scalar(Scalar { what: "`true` or `false`", example: "true", units: "", json: Json::Boolean })
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match node.unwrapped().value {
            Value::Bool(value) => Some(value),
            _ => reader.mismatch(node, "`true` or `false`", ""),
        }
    }
    fn write(&self) -> Doc {
        Doc::Text(self.to_string())
    }
    fn stand_in() -> Option<Self> {
        Some(false)
    }
}

impl Described for String {
    fn shape() -> Shape {
        Shape::Scalar(Scalar { what: "a text", example: "\"..\"", units: "", json: Json::String })
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.unwrapped().value {
            Value::Text { text, .. } => Some(text.clone()),
            _ => reader.mismatch(node.unwrapped(), "a text", "\"..\""),
        }
    }
    fn write(&self) -> Doc {
        Doc::quoted(self)
    }
}

impl Described for RonText {
    fn shape() -> Shape {
        Shape::Scalar(Scalar { what: "the new value", example: "..", units: "", json: Json::Any })
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self(reader.text_of(node).to_owned()))
    }
    fn write(&self) -> Doc {
        Doc::Text(self.0.clone())
    }
}

impl Described for Amount {
    fn shape() -> Shape {
        Shape::Scalar(Scalar {
            what: "an amount",
            example: "\"exp(8ms)\"",
            units: "ns us ms s min h d, B KiB MiB GiB, or none",
            json: Json::String,
        })
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let node = node.unwrapped();
        match &node.value {
            Value::Text { text, plain } => Self::parse(text)
                .map_err(|error| {
                    let span = plain.as_ref().map_or(node.span.clone(), |content| {
                        content.start + error.at.start..content.start + error.at.end
                    });
                    Problem::error(span, error.message, format!("expected {}", error.expected))
                })
                .map_or_else(|problem| reader.report(problem), Some),
            Value::Number(bare) => {
                let label = "expected a text such as \"8ms\" or \"exp(8ms)\"";
                let help = format!(
                    "write `\"{bare}\"` for a count, and give everything else its unit, as in `\"{bare}ms\"` or `\"{bare}KiB\"`"
                );
                reader.report(
                    Problem::error(node.span.clone(), "a bare number where an amount belongs", label).help(help),
                )
            }
            _ => reader.mismatch(node, "an amount", "\"exp(8ms)\""),
        }
    }
    fn write(&self) -> Doc {
        Doc::quoted(self.text())
    }
    fn stand_in() -> Option<Self> {
        Some(Self::no_time())
    }
}

macro_rules! quantities { ($($quantity:ident $example:literal $units:literal)*) => { $(
    impl Described for $quantity {
        fn shape() -> Shape {
            Shape::Scalar(Scalar { what: Self::KIND, example: $example, units: $units, json: Json::String })
        }
        fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
            quantity(node, reader)
        }
        fn write(&self) -> Doc {
            Doc::quoted(&self.to_string())
        }
        fn stand_in() -> Option<Self> {
            Self::parse(Self::EXAMPLE).ok()
        }
    }
)* } }
quantities! {
    Span "\"250ms\"" "ns us ms s min h d"
    Rate "\"120/s\"" "/s /min /h /d"
    Bytes "\"40KiB\"" "B KiB MiB GiB TiB kB MB GB TB"
    Bandwidth "\"100Mbit/s\"" "bit/s kbit/s Mbit/s Gbit/s B/s KiB/s MiB/s GiB/s kB/s MB/s GB/s"
    Percent "\"5%\"" "%"
    Price "\"0.28/h\"" "/h"
}

fn quantity<Q: Quantity>(node: &Node, reader: &mut Reader<'_>) -> Option<Q> {
    let node = node.unwrapped();
    match &node.value {
        Value::Text { text, .. } => match Q::parse(text) {
            Ok(quantity) => Some(quantity),
            Err(error) => {
                reader.report(Problem::error(node.span.clone(), error.message, format!("expected {}", error.expected)))
            }
        },
        Value::Number(bare) => {
            let units: Vec<&str> = Q::UNITS.iter().map(|(unit, _)| *unit).collect();
            let problem = Problem::error(
                node.span.clone(),
                format!("a bare number where {} belongs", Q::KIND),
                format!("expected {} such as \"{}\"", Q::KIND, Q::EXAMPLE),
            );
            reader.report(
                problem.help(format!("write it as a text with its unit: \"{bare}\" and one of {}", units.join(" "))),
            )
        }
        _ => reader.mismatch(node, Q::KIND, &format!("\"{}\"", Q::EXAMPLE)),
    }
}
