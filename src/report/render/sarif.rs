//! SARIF 2.1.0 for code scanning: what did not hold, at its line of the scenario.
//!
//! OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, 2020.

use crate::model::hash::hash;
use crate::report::page::{Check, Page, Place, Weight};
use serde_json::{Value, json};

/// The one rule there is.
const RULE: &str = "objective";

/// One run of the tool; what held is no result of it.
pub(super) fn sarif(page: &Page) -> String {
    let results: Vec<Value> = page.checks.checks.iter().filter_map(|check| result(page, check)).collect();
    let rule = json!({ "id": RULE, "shortDescription": { "text": "What is to hold of a system under its crowd" } });
    super::json(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "surgelab", "version": env!("CARGO_PKG_VERSION"), "rules": [rule] } },
            "results": results,
        }],
    }))
}

fn result(page: &Page, check: &Check) -> Option<Value> {
    let message = check.words()?;
    let level = match check.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
    };
    // What is lost is the same whatever the figures: code scanning tells by this what it knows already.
    let identity = format!("{}\n{}\n{}", page.checks.suite, check.subject, check.expression);
    let mut result = json!({
        "ruleId": RULE,
        "ruleIndex": 0,
        "level": level,
        "message": { "text": message },
        "partialFingerprints": { "objective/v1": format!("{:016x}", hash(identity.as_bytes())) },
    });
    if let Some(place) = &check.place {
        result["locations"] = json!([location(place)]);
    }
    Some(result)
}

fn location(place: &Place) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.file) },
            "region": { "startLine": place.line },
        }
    })
}

/// A path as a reference of RFC 3986: relative as it is, absolute with its scheme.
fn uri(path: &str) -> String {
    let mut out = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'\\' => out.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("scenarios/shop.ron"), "scenarios/shop.ron");
        assert_eq!(uri("/a b/ü.ron"), "file:///a%20b/%C3%BC.ron");
        assert_eq!(uri("a\\b:c"), "a/b%3Ac");
    }
}
