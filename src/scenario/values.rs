//! What a noun says, field by field: as it stands or by default, with unit, range and meaning from the field table.

use super::described::{Described, Doc, Field, Form, Shape};

/// A field of a noun and what it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldValue {
    /// Where it stands within the noun: `memory.limit`.
    pub path: String,
    /// As it would be written; `absent` for what is not there.
    pub value: String,
    /// It is as it is when nothing is written.
    pub by_default: bool,
    /// What it is: "a time".
    pub kind: String,
    /// Its units; empty: none.
    pub units: &'static str,
    /// Allowed values; empty: all.
    pub range: String,
    /// What it means.
    pub doc: &'static str,
}

/// Every field of a noun in the order of the language; records inside it are opened, lists and choices stand on one
/// line.
pub fn values<T: Described>(record: &T) -> Vec<FieldValue> {
    let mut rows = Vec::new();
    walk(T::shape(), &record.write(), "", &mut rows);
    rows
}

fn walk(shape: Shape, doc: &Doc, path: &str, rows: &mut Vec<FieldValue>) {
    match shape.present() {
        Shape::Record(record) => record.fields.iter().for_each(|field| row(field, part(doc, field.name), path, rows)),
        Shape::Choice(choice) => {
            let open = match doc {
                Doc::Group { open, .. } => open.trim_end_matches('('),
                Doc::Text(text) => text,
                Doc::Noted { of, .. } => return walk(shape, of, path, rows),
            };
            let variant = choice.variants.iter().find(|variant| variant.name == open);
            for field in variant.filter(|variant| variant.form == Form::Named).map_or(&[][..], |variant| variant.fields)
            {
                row(field, part(doc, field.name), path, rows);
            }
        }
        Shape::Scalar(_) | Shape::List(_) | Shape::Map(_) | Shape::Tuple(_) | Shape::Optional(_) => {}
    }
}

/// The part of that name, if it is written.
fn part<'d>(doc: &'d Doc, name: &str) -> Option<&'d Doc> {
    match doc {
        Doc::Group { parts, .. } => parts.iter().find(|(key, _)| key.as_deref() == Some(name)).map(|(_, part)| part),
        Doc::Text(_) => None,
        Doc::Noted { of, .. } => part(of, name),
    }
}

fn row(field: &Field, written: Option<&Doc>, path: &str, rows: &mut Vec<FieldValue>) {
    let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
    let shape = (field.shape)().present();
    match (shape, written) {
        (Shape::Record(record), Some(doc)) if !record.fields.is_empty() => return walk(shape, doc, &path, rows),
        (Shape::Map(_), Some(Doc::Group { parts, .. })) => {
            for (name, value) in parts {
                let key = name.as_deref().unwrap_or_default().trim_matches('"');
                rows.push(told(field, format!("{path}.{key}"), value.one_line(), false));
            }
            return;
        }
        _ => {}
    }
    let default = field.default.map_or_else(|| "absent".to_owned(), |default| default());
    let default = if default == "None" { "absent".to_owned() } else { default };
    rows.push(match written {
        Some(doc) => told(field, path, doc.one_line(), false),
        None => told(field, path, default, true),
    });
}

fn told(field: &Field, path: String, value: String, by_default: bool) -> FieldValue {
    let (kind, units) = match (field.shape)().present() {
        Shape::Scalar(scalar) => (scalar.what.to_owned(), scalar.units),
        other => (other.what(), ""),
    };
    let range = field.limit.map(|limit| limit()).unwrap_or_default();
    FieldValue {
        path,
        value: value.trim_matches('"').to_owned(),
        by_default,
        kind,
        units,
        range,
        doc: field.doc.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SCENARIOS;
    use crate::scenario::load;

    #[test]
    fn what_is_written_and_what_is_not_is_told() {
        let loaded = load(SCENARIOS[0].file, SCENARIOS[0].text).expect("the first scenario is sound");
        let rows = values(loaded.scenario.services.get("app").expect("it has an app"));
        let of = |path: &str| rows.iter().find(|row| row.path == path).map(|row| (row.value.as_str(), row.by_default));
        assert_eq!(of("workers"), Some(("50", false)));
        assert_eq!(of("memory.leak_per_request"), Some(("20KiB", false)));
        assert_eq!(of("memory.per_connection").map(|(_, by_default)| by_default), Some(true));
        assert!(of("operations.page").is_some_and(|(value, _)| value.contains("rds.query")), "{rows:?}");
        assert!(rows.iter().all(|row| !row.doc.is_empty()));
        let crowd = values(loaded.scenario.traffic.get("visitors").expect("there are visitors"));
        assert!(
            crowd.iter().any(|row| row.path == "patience" && row.value == "15s" && row.units.contains("ms")),
            "{crowd:?}"
        );
    }
}
