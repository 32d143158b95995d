//! A JSON Schema of the language, made of the field table.
//!
//! RON has choices, JSON has not: `Server` is the text `"Server"`, `Cpu("8ms")` is `{"Cpu": ["8ms"]}` and
//! `Balancer(to: "app")` is `{"Balancer": {"to": "app"}}`.
use super::{
    described::{Choice, Described, Field, Form, Json, Record, Shape, Variant},
    reference,
    root::Scenario,
};
use serde_json::{Map, Value, json};

/// The schema of a scenario file.
pub fn schema() -> Value {
    let mut kinds = Kinds::default();
    let root = kinds.shape(Scenario::shape());
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "surgelab scenario",
        "description": "The language of surgelab. RON's choices are written as in JSON: `Cpu(\"8ms\")` is {\"Cpu\": [\"8ms\"]}.",
        "$defs": kinds.defined,
    });
    if let (Value::Object(schema), Value::Object(root)) = (&mut schema, root) {
        schema.extend(root);
    }
    schema
}

/// Types that were met, by name.
#[derive(Default)]
struct Kinds {
    defined: Map<String, Value>,
}

impl Kinds {
    fn shape(&mut self, shape: Shape) -> Value {
        match shape {
            Shape::Scalar(scalar) => {
                let mut value = match scalar.json {
                    Json::String => json!({ "type": "string" }),
                    Json::Integer => json!({ "type": "integer", "minimum": 0 }),
                    Json::Number => json!({ "type": "number" }),
                    Json::Boolean => json!({ "type": "boolean" }),
                    Json::Any => json!({}),
                };
                value["description"] = json!(if scalar.what == "an amount" {
                    format!("{}: {}", scalar.what, reference::of_amounts())
                } else if scalar.units.is_empty() {
                    scalar.what.to_owned()
                } else {
                    format!("{}; units: {}", scalar.what, scalar.units)
                });
                value
            }
            Shape::Record(record) => self.reference(record.name, |kinds| kinds.record(record)),
            Shape::Choice(choice) => {
                // A profile of rates and one of counts are two types of one name: told apart by what they hold.
                let holds =
                    choice.variants.first().and_then(|variant| variant.fields.first()).map(|field| (field.shape)());
                let name = match holds {
                    Some(Shape::Scalar(scalar)) if choice.name == "Profile" => {
                        format!("Profile of {}", scalar.what.trim_start_matches("a "))
                    }
                    _ => choice.name.to_owned(),
                };
                self.reference(&name, |kinds| kinds.choice(choice))
            }
            Shape::List(item) => json!({ "type": "array", "items": self.shape(item()) }),
            Shape::Map(item) => json!({ "type": "object", "additionalProperties": self.shape(item()) }),
            Shape::Tuple(items) => {
                let items: Vec<Value> = items.iter().map(|item| self.shape(item())).collect();
                json!({ "type": "array", "prefixItems": items, "minItems": items.len(), "maxItems": items.len() })
            }
            Shape::Optional(inner) => json!({ "anyOf": [self.shape(inner()), { "type": "null" }] }),
        }
    }

    fn reference(&mut self, name: &str, define: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.defined.contains_key(name) {
            // Taken before it is defined: a step holds steps.
            self.defined.insert(name.to_owned(), Value::Null);
            let defined = define(self);
            self.defined.insert(name.to_owned(), defined);
        }
        json!({ "$ref": format!("#/$defs/{}", name.replace(' ', "%20")) })
    }

    fn record(&mut self, record: &Record) -> Value {
        let mut value = self.object(record.fields);
        value["description"] = json!(record.doc.trim());
        value
    }

    fn object(&mut self, fields: &[Field]) -> Value {
        let mut properties = Map::new();
        for field in fields {
            properties.insert(field.name.to_owned(), self.field(field));
        }
        let required: Vec<&str> =
            fields.iter().filter(|field| field.default.is_none()).map(|field| field.name).collect();
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    }

    fn field(&mut self, field: &Field) -> Value {
        let mut value = self.shape((field.shape)());
        let mut description = field.doc.trim().to_owned();
        if let Some(limit) = field.limit {
            description.push_str(&format!(" ({})", limit()));
        }
        if let Some(default) = field.default {
            description.push_str(&format!(" Default: {}.", default()));
        }
        if let Some(language) = reference::of_field(field.name) {
            description.push_str(&format!(" {language}"));
        }
        if !description.is_empty() {
            value["description"] = json!(description.trim());
        }
        value
    }

    fn choice(&mut self, choice: &Choice) -> Value {
        let variants: Vec<Value> = choice.variants.iter().map(|variant| self.variant(variant)).collect();
        json!({ "description": choice.doc.trim(), "oneOf": variants })
    }

    fn variant(&mut self, variant: &Variant) -> Value {
        let inner = match variant.form {
            Form::Bare => return json!({ "const": variant.name, "description": variant.doc.trim() }),
            Form::Positional => {
                let items: Vec<Value> = variant.fields.iter().map(|field| self.field(field)).collect();
                json!({ "type": "array", "prefixItems": items, "minItems": items.len(), "maxItems": items.len() })
            }
            Form::Named => self.object(variant.fields),
        };
        let mut properties = Map::new();
        properties.insert(variant.name.to_owned(), inner);
        json!({
            "type": "object",
            "description": variant.doc.trim(),
            "properties": properties,
            "required": [variant.name],
            "additionalProperties": false,
        })
    }
}
