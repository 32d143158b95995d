//! As much of JSON Schema as our schemas and that of SARIF use: enough to hold results to them, in both directions.

use serde_json::Value;

/// Where `value` breaks `schema`; keys that the schema does not know count too.
pub fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.strip_prefix('#').expect("references stay inside");
        return check(root, root.pointer(pointer).expect("references lead somewhere"), value, at, found);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let fits = |choice: &Value| {
            let mut inner = Vec::new();
            check(root, choice, value, at, &mut inner);
            inner.is_empty()
        };
        if !choices.iter().any(fits) {
            found.push(format!("{at} fits no choice"));
        }
    }
    if let Some(known) = schema["enum"].as_array().filter(|known| !known.contains(value)) {
        found.push(format!("{at} is {value} and none of {known:?}"));
    }
    if let Some(least) = schema["minimum"].as_f64().filter(|least| value.as_f64().is_some_and(|it| it < *least)) {
        found.push(format!("{at} is below {least}"));
    }
    if !has_type(&schema["type"], value) {
        found.push(format!("{at} is not {}", schema["type"]));
        return;
    }
    match value {
        Value::Object(object) => {
            for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if !object.contains_key(required) {
                    found.push(format!("{at} lacks {required}"));
                }
            }
            let says = schema.get("properties").or(schema.get("additionalProperties")).is_some();
            for (key, inner) in object.iter().filter(|_| says) {
                match schema["properties"].get(key).or_else(|| schema.get("additionalProperties")) {
                    Some(Value::Bool(true)) => {}
                    Some(known) if known.is_object() => check(root, known, inner, &format!("{at}.{key}"), found),
                    _ => found.push(format!("{at} has an unknown {key}")),
                }
            }
        }
        Value::Array(items) => {
            if schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least) {
                found.push(format!("{at} has too few"));
            }
            let twice = (1..items.len()).any(|at| items[..at].contains(&items[at]));
            if schema["uniqueItems"] == true && twice {
                found.push(format!("{at} has the same twice"));
            }
            for (index, item) in items.iter().enumerate() {
                check(root, &schema["items"], item, &format!("{at}[{index}]"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match wanted {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}
