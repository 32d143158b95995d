//! What was probably meant where a value stands bare: `"100/s"` for `Constant("100/s")`, `50` for `(limit: 50)`.
use super::{Allowed, Choice, Field, Form, Json, Names, Record, Scalar, Shape, Variant};
use crate::scenario::{
    amount::Amount,
    syntax::{Node, Value},
};
use crate::units::split_number;

/// The variant that a bare value is probably of, with the value in it.
pub(super) fn variant(choice: &Choice, node: &Node) -> Option<String> {
    match &node.value {
        Value::List(_) => {
            let takes = |field: &Field| matches!((field.shape)().present(), Shape::List(_));
            let of_list = |variant: &&Variant| variant.fields.iter().any(|f| takes(f) && f.default.is_none());
            let mut named = choice.variants.iter().filter(|variant| variant.form == Form::Named);
            named.find(of_list).map(Variant::usage)
        }
        Value::Record { name: None, entries } if !entries.is_empty() => {
            let has = |variant: &&Variant, name: &str| variant.fields.iter().any(|field| field.name == name);
            let fits = |variant: &&Variant| {
                variant.form == Form::Named && entries.iter().all(|entry| has(variant, &entry.name.text))
            };
            let first = &entries[0].name.text;
            choice.variants.iter().find(fits).map(|variant| format!("{}({first}: ..)", variant.name))
        }
        _ => {
            let one = choice.variants.iter().filter(|v| v.form == Form::Positional && v.fields.len() == 1);
            let with = |variant: &Variant| Some(format!("{}({})", variant.name, inside(&variant.fields[0], node)?));
            one.clone().find_map(with)
        }
    }
}

/// The record that a bare value is probably a field of.
pub(super) fn record(record: &Record, node: &Node) -> Option<String> {
    let field = record.fields.iter().find(|field| field.default.is_none()).or(record.fields.first())?;
    Some(format!("({}: {})", field.name, inside(field, node)?))
}

/// A bare value as a field has it, where it can be one.
fn inside(field: &Field, node: &Node) -> Option<String> {
    let Shape::Scalar(scalar) = (field.shape)().present() else { return None };
    match &node.value {
        Value::Number(bare) => number(scalar, field, bare),
        Value::Text { text, .. } => words(scalar, field, text),
        _ => None,
    }
}

fn number(scalar: Scalar, field: &Field, bare: &str) -> Option<String> {
    match scalar.json {
        Json::Integer => bare.parse::<u32>().is_ok().then(|| bare.to_owned()),
        Json::Number => Some(bare.to_owned()),
        // A number without its unit: with the usual one.
        Json::String if !scalar.units.is_empty() => {
            let unit = match field.allowed.map(|allowed| allowed()) {
                Some(Allowed::Of(dimension)) => split_number(dimension.example()).1.to_owned(),
                Some(Allowed::Between(..)) | None => split_number(scalar.example.trim_matches('"')).1.to_owned(),
            };
            let plain = unit.chars().all(|c| c.is_alphabetic() || c == '/' || c == '%');
            plain.then(|| format!("\"{bare}{unit}\""))
        }
        Json::String | Json::Boolean | Json::Any => None,
    }
}

fn words(scalar: Scalar, field: &Field, text: &str) -> Option<String> {
    let (bare, unit) = split_number(text);
    let fits = match (scalar.json, field.allowed.map(|allowed| allowed())) {
        (Json::Integer | Json::Number, _) => return number(scalar, field, bare).filter(|_| unit.is_empty()),
        (Json::String, Some(Allowed::Of(dimension))) => {
            Amount::parse(text).is_ok_and(|amount| amount.dimension() == dimension)
        }
        (Json::String, _) if scalar.units.is_empty() => {
            field.names == Some(Names::Call) && text.contains('.') && !text.starts_with(|c: char| c.is_ascii_digit())
        }
        (Json::String, _) => !bare.is_empty() && scalar.units.split(' ').any(|known| known == unit),
        (Json::Boolean | Json::Any, _) => false,
    };
    fits.then(|| format!("{text:?}"))
}
