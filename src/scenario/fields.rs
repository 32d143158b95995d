//! The field table as rows: every field of the language with its path, unit, range, default and meaning.
use super::{
    described::{Described, Field, Form, Shape},
    root::Scenario,
};

/// One field of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// Where it stands, `*` for names and numbers: `services.*.links.*.timeout`. With a name for it, a path of `--set`.
    pub path: String,
    /// The variants it belongs to, outermost first: `Users`, `Users Flash`; empty: always there.
    pub within: String,
    /// What it is: "a time".
    pub kind: String,
    /// Its units; empty: none.
    pub units: String,
    /// Allowed values; empty: all.
    pub range: String,
    /// What it is when not given, as it would be written, or "absent"; None: it must be given.
    pub default: Option<String>,
    /// What it means.
    pub doc: String,
}

/// Every field, in the order of the language. A type inside itself (a step in a step) is shown once.
pub fn fields() -> Vec<FieldRow> {
    let mut rows = Vec::new();
    walk(Scenario::shape(), Cursor::default(), &mut Vec::new(), &mut rows);
    rows
}

/// Where a walk is.
#[derive(Clone, Default)]
struct Cursor {
    path: String,
    within: String,
}

impl Cursor {
    fn at(&self, part: &str) -> Self {
        let path = if self.path.is_empty() { part.to_owned() } else { format!("{}.{part}", self.path) };
        Self { path, within: self.within.clone() }
    }

    fn within(&self, variant: &str) -> Self {
        let within = if self.within.is_empty() { variant.to_owned() } else { format!("{} {variant}", self.within) };
        Self { path: self.path.clone(), within }
    }
}

fn walk(shape: Shape, place: Cursor, open: &mut Vec<&'static str>, rows: &mut Vec<FieldRow>) {
    match shape {
        Shape::Scalar(_) => {}
        Shape::Optional(inner) => walk(inner(), place, open, rows),
        Shape::List(item) | Shape::Map(item) => walk(item(), place.at("*"), open, rows),
        Shape::Tuple(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item(), place.at(&index.to_string()), open, rows);
            }
        }
        Shape::Record(record) if open.contains(&record.name) => {}
        Shape::Record(record) => {
            open.push(record.name);
            record.fields.iter().for_each(|field| row(field, field.name, field.doc, &place, open, rows));
            open.pop();
        }
        Shape::Choice(choice) if open.contains(&choice.name) => {}
        Shape::Choice(choice) => {
            open.push(choice.name);
            for variant in choice.variants {
                let inside = place.within(variant.name);
                if variant.form == Form::Bare {
                    continue;
                }
                for (index, field) in variant.fields.iter().enumerate() {
                    let part = if variant.form == Form::Named { field.name.to_owned() } else { index.to_string() };
                    let doc = if field.doc.is_empty() {
                        format!("{}:{}", field.name, variant.doc)
                    } else {
                        field.doc.to_owned()
                    };
                    row(field, &part, &doc, &inside, open, rows);
                }
            }
            open.pop();
        }
    }
}

fn row(field: &Field, part: &str, doc: &str, place: &Cursor, open: &mut Vec<&'static str>, rows: &mut Vec<FieldRow>) {
    let place = place.at(part);
    let shape = (field.shape)();
    let (kind, units) = match shape.present() {
        Shape::Scalar(scalar) => (scalar.what.to_owned(), scalar.units.to_owned()),
        Shape::Choice(choice) => {
            let variants: Vec<String> = choice.variants.iter().map(super::described::Variant::usage).collect();
            (variants.join(" | "), String::new())
        }
        other => (other.what(), String::new()),
    };
    rows.push(FieldRow {
        path: place.path.clone(),
        within: place.within.clone(),
        kind,
        units,
        range: field.limit.map(|limit| limit()).unwrap_or_default(),
        default: field
            .default
            .map(|default| default())
            .map(|default| if default == "None" { "absent".to_owned() } else { default }),
        doc: doc.trim().to_owned(),
    });
    walk(shape, place, open, rows);
}
