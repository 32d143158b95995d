//! The answer in each of its forms: the comment to the byte, SARIF by its standard, annotations by GitHub's rules.

use super::{SHOP, between, side, slower, tight};
use crate::cli::schema::violations;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use serde_json::Value;
use surgelab::report::{self, Context, Format, Look, Source};
use surgelab::scenario::{Loaded, load};
use surgelab::study::{Answer, Diff, DiffTerms, Levels};

const COMMAND: &str = "surgelab diff main:scenarios/shop.ron scenarios/shop.ron --seed 1";

/// A diff of a file that stands in a repository.
fn told(diff: Diff, text: &str, format: Format) -> String {
    let loaded: Loaded = load("scenarios/shop.ron", text).expect("it is a scenario");
    let source = Some(Source { file: "scenarios/shop.ron", loaded: &loaded });
    let context = Context { command: COMMAND, source, ..Context::default() };
    let answer = Answer::Diff(Box::new(diff));
    report::render(&report::page(&answer, &context), &answer, format, Look { color: false, width: 100 })
}

fn lost() -> (Diff, String) {
    let head = tight(&slower());
    (between(side(&tight(SHOP), 1), side(&head, 1)), head)
}

fn warned() -> (Diff, String) {
    let (diff, text) = lost();
    let levels = Levels(vec![Levels::parse("visitors p(95) < 175ms=warn").expect("it is one")]);
    let terms = DiffTerms { levels, margin: 0.03 };
    (Diff::between(diff.base, None, diff.head, &terms), text)
}

#[test]
fn the_comment_of_a_loss_is_the_one_of_the_readme() {
    let (diff, text) = lost();
    let comment = told(diff, &text, Format::Markdown);
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let shown = comment.split("<details>").next().unwrap();
    assert!(readme.contains(shown), "the README shows another comment:\n{shown}");
    insta::assert_snapshot!(comment);
}

#[test]
fn the_comment_of_an_improvement() {
    insta::assert_snapshot!(told(between(side(&slower(), 1), side(SHOP, 1)), SHOP, Format::Markdown));
}

#[test]
fn the_comment_of_a_change_that_changes_nothing() {
    let text = SHOP.replace("// A shop before a sale.\n", "// A shop.\n");
    insta::assert_snapshot!(told(between(side(SHOP, 1), side(&text, 1)), &text, Format::Markdown));
}

#[test]
fn the_comment_of_a_new_file() {
    let reason = Some("there is no main:scenarios/shop.ron, so head is new".to_owned());
    let terms = DiffTerms { levels: Levels::default(), margin: 0.03 };
    let diff = Diff::between(None, reason, side(SHOP, 1), &terms);
    insta::assert_snapshot!(told(diff, SHOP, Format::Markdown));
}

#[test]
fn the_loss_in_the_terminal_and_as_csv() {
    let (diff, text) = lost();
    let forms = [Format::Text, Format::Csv].map(|format| told(diff.clone(), &text, format));
    insta::assert_snapshot!(forms.join("\n"));
}

#[test]
fn several_comments_live_side_by_side() {
    let (diff, text) = lost();
    let comment = told(diff.clone(), &text, Format::Markdown);
    assert!(comment.starts_with("<!-- surgelab diff: scenarios/shop.ron -->\n# checkout"), "{comment}");
    assert_eq!(comment.matches("<!--").count(), 1);
    assert_eq!((comment.matches("<details>").count(), comment.matches("</details>").count()), (1, 1));
    let mut varied = diff;
    varied.head.variant = Some("no --> cache".to_owned());
    let comment = told(varied, &text, Format::Markdown);
    let first = comment.lines().next().unwrap();
    assert_eq!(first, "<!-- surgelab diff: scenarios/shop.ron [no - -> cache] -->");
}

/// Line of the file that begins with a word, from 1.
fn line(text: &str, word: &str) -> u64 {
    1 + text.lines().position(|line| line.trim_start().starts_with(word)).expect("it stands there") as u64
}

/// Properties of an object of the standard: name, JSON type, required. OASIS, SARIF 2.1.0, the sections named.
type Shape = &'static [(&'static str, &'static str, bool)];
/// §3.13
const LOG: Shape = &[("$schema", "string", false), ("version", "string", true), ("runs", "array", true)];
/// §3.14
const RUN: Shape = &[("tool", "object", true), ("results", "array", false)];
/// §3.18
const TOOL: Shape = &[("driver", "object", true)];
/// §3.19
const DRIVER: Shape = &[("name", "string", true), ("version", "string", false), ("rules", "array", false)];
/// §3.49
const DESCRIPTOR: Shape = &[("id", "string", true), ("shortDescription", "object", false)];
/// §3.11, §3.12
const MESSAGE: Shape = &[("text", "string", true)];
/// §3.27
const RESULT: Shape = &[
    ("ruleId", "string", false),
    ("ruleIndex", "integer", false),
    ("level", "string", false),
    ("message", "object", true),
    ("locations", "array", false),
    ("partialFingerprints", "object", false),
];
/// §3.28
const LOCATION: Shape = &[("physicalLocation", "object", false)];
/// §3.29
const PHYSICAL: Shape = &[("artifactLocation", "object", true), ("region", "object", false)];
/// §3.4
const ARTIFACT: Shape = &[("uri", "string", true)];
/// §3.30
const REGION: Shape = &[("startLine", "integer", true)];

/// An object has what its section requires, nothing that it does not know, and each in its type.
fn hold(value: &Value, shape: Shape, at: &str) {
    let object = value.as_object().unwrap_or_else(|| panic!("{at} is no object"));
    for (name, _, required) in shape {
        assert!(!required || object.contains_key(*name), "{at} lacks {name}");
    }
    for (name, value) in object {
        let (_, kind, _) = shape.iter().find(|(known, ..)| known == name).unwrap_or_else(|| panic!("{at}: {name}"));
        let is = match *kind {
            "string" => value.is_string(),
            "array" => value.is_array(),
            "integer" => value.is_u64(),
            _ => value.is_object(),
        };
        assert!(is, "{at}.{name} is no {kind}: {value}");
    }
}

fn hold_all(value: &Value, shape: Shape, at: &str) {
    value.as_array().into_iter().flatten().for_each(|each| hold(each, shape, at));
}

/// The schema of the standard: © OASIS Open 2020, copied whole as its notice allows.
fn sarif_schema() -> Value {
    serde_json::from_str(include_str!("../fixtures/sarif-2.1.0.json")).expect("it is JSON")
}

#[test]
fn what_is_no_sarif_is_told_from_it() {
    let (diff, text) = lost();
    let log: Value = serde_json::from_str(&told(diff, &text, Format::Sarif)).expect("it is JSON");
    let spoiled = |pointer: &str, value: Value| {
        let mut log = log.clone();
        *log.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer}")) = value;
        violations(&sarif_schema(), &log)
    };
    assert_eq!(violations(&sarif_schema(), &log), Vec::<String>::new());
    for (pointer, value) in [
        ("/version", "2.2.0".into()),
        ("/runs/0/results/0/level", "fatal".into()),
        ("/runs/0/results/0/message", serde_json::json!({})),
        ("/runs/0/results/0/ruleIndex", (-2).into()),
        ("/runs/0/results/0/partialFingerprints", serde_json::json!({ "a": 1 })),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", 0.into()),
        ("/runs/0/results/0/locations/0/physicalLocation/region", serde_json::json!({ "line": 1 })),
        ("/runs/0/tool/driver", serde_json::json!({ "version": "1" })),
        ("/runs/0/tool", serde_json::json!({})),
    ] {
        assert!(!spoiled(pointer, value).is_empty(), "{pointer} may not be so");
    }
}

/// Holds a log to the standard and gives its results.
fn sarif(text: &str) -> Vec<Value> {
    let log: Value = serde_json::from_str(text).expect("it is JSON");
    assert_eq!(violations(&sarif_schema(), &log), Vec::<String>::new());
    hold(&log, LOG, "log");
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"].as_array().map(Vec::len), Some(1));
    let run = &log["runs"][0];
    hold(run, RUN, "run");
    hold(&run["tool"], TOOL, "tool");
    hold(&run["tool"]["driver"], DRIVER, "driver");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("there are rules").clone();
    hold_all(&run["tool"]["driver"]["rules"], DESCRIPTOR, "rule");
    let results = run["results"].as_array().expect("there are results, if none").clone();
    for result in &results {
        hold(result, RESULT, "result");
        hold(&result["message"], MESSAGE, "message");
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()), "{result}");
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        assert!(result["partialFingerprints"].as_object().unwrap().values().all(Value::is_string));
        hold_all(&result["locations"], LOCATION, "location");
        for location in result["locations"].as_array().into_iter().flatten() {
            hold(&location["physicalLocation"], PHYSICAL, "physicalLocation");
            hold(&location["physicalLocation"]["artifactLocation"], ARTIFACT, "artifactLocation");
            hold(&location["physicalLocation"]["region"], REGION, "region");
            assert!(location["physicalLocation"]["region"]["startLine"].as_u64() >= Some(1));
        }
    }
    results
}

#[test]
fn sarif_keeps_to_its_standard_and_points_at_the_lines() {
    let (diff, text) = lost();
    let results = sarif(&told(diff, &text, Format::Sarif));
    let place = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        (place["artifactLocation"]["uri"].as_str().unwrap().to_owned(), place["region"]["startLine"].as_u64().unwrap())
    };
    let file = "scenarios/shop.ron".to_owned();
    assert_eq!(results.len(), 2, "{results:?}");
    assert_eq!(place(&results[0]), (file.clone(), line(&text, "\"rds\"")), "the field that changed");
    assert_eq!(place(&results[1]), (file, line(&text, "objectives")), "the objective");
    assert!(results[1]["message"]["text"].as_str().unwrap().starts_with("visitors: expected p(95) < 175ms, kept in 8"));
    assert!(results.iter().all(|result| result["level"] == "error"));
    assert_ne!(results[0]["partialFingerprints"], results[1]["partialFingerprints"]);
    let (diff, text) = warned();
    let results = sarif(&told(diff, &text, Format::Sarif));
    assert_eq!((&results[0]["level"], &results[1]["level"]), (&"error".into(), &"warning".into()));
    assert!(sarif(&told(between(side(SHOP, 1), side(SHOP, 1)), SHOP, Format::Sarif)).is_empty());
}

#[test]
fn annotations_stand_at_their_lines_errors_first() {
    let (diff, text) = warned();
    let told_lines = told(diff.clone(), &text, Format::Github);
    let lines: Vec<&str> = told_lines.lines().collect();
    assert_eq!(lines.len(), 2, "{told_lines}");
    let (rds, objectives) = (line(&text, "\"rds\""), line(&text, "objectives"));
    assert!(lines[0].starts_with(&format!("::error file=scenarios/shop.ron,line={rds},title=checkout::capacity: ")));
    let warning = format!("::warning file=scenarios/shop.ron,line={objectives},title=checkout::visitors: expected");
    assert!(lines[1].starts_with(&warning), "{told_lines}");
    let mut many = diff;
    many.head.scenario.title = "100 % of all, ours: shop\nor more".to_owned();
    many.objectives = (0..20)
        .map(|at| {
            let mut objective = many.objectives[0].clone();
            objective.expression = format!("p({at}) < 175ms");
            objective
        })
        .collect();
    let told_lines = told(many, &text, Format::Github);
    let (annotations, rest): (Vec<&str>, Vec<&str>) = told_lines.lines().partition(|line| line.starts_with("::"));
    assert_eq!((annotations.len(), rest.as_slice()), (10, &["11 more are not annotated"][..]), "{told_lines}");
    assert!(annotations[0].contains("title=100 %25 of all%2C ours%3A shop or more::"), "{told_lines}");
    let nothing = told(between(side(SHOP, 1), side(SHOP, 1)), SHOP, Format::Github);
    assert!(nothing.starts_with("::notice title=checkout::Nothing that is simulated changed"), "{nothing}");
}

/// Names of elements with their attributes, as an XML parser reads them.
fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut found = Vec::new();
    loop {
        match reader.read_event().expect("it is XML") {
            Event::Start(element) | Event::Empty(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.expect("attributes are in order");
                    let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                    (key, attribute.normalized_value(XmlVersion::Implicit1_0).expect("they are escaped").into_owned())
                });
                found.push((name, attributes.collect()));
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[test]
fn junit_is_xml_in_which_a_loss_fails_and_a_warning_does_not() {
    let count = |xml: &str, name: &str| elements(xml).iter().filter(|(known, _)| known == name).count();
    let (diff, text) = lost();
    let xml = told(diff, &text, Format::Junit);
    assert_eq!((count(&xml, "testcase"), count(&xml, "failure")), (3, 2), "{xml}");
    let suite = elements(&xml).into_iter().find(|(name, _)| name == "testsuite").expect("there is a suite");
    assert!(suite.1.contains(&("failures".to_owned(), "2".to_owned())), "{suite:?}");
    let (diff, text) = warned();
    let xml = told(diff, &text, Format::Junit);
    assert_eq!((count(&xml, "failure"), count(&xml, "system-out")), (1, 1), "{xml}");
    assert!(elements(&xml).iter().any(|(_, attributes)| attributes.iter().any(|(_, value)| value == "p(95) < 175ms")));
}

#[test]
fn a_comment_is_found_by_one_line_whatever_the_file_is_called() {
    let (diff, text) = lost();
    let loaded: Loaded = load("shop.ron", &text).expect("it is a scenario");
    let source = Some(Source { file: "new\n::error::\u{1b}x --> y.ron", loaded: &loaded });
    let answer = Answer::Diff(Box::new(diff));
    let page = report::page(&answer, &Context { command: COMMAND, source, ..Context::default() });
    let comment = report::render(&page, &answer, Format::Markdown, Look { color: false, width: 100 });
    let first = comment.lines().next().expect("it has lines");
    assert!(first.starts_with("<!-- surgelab diff: new ::error::\\u{1b}x") && first.ends_with("y.ron -->"), "{first}");
    assert_eq!(first.matches("-->").count(), 1, "{first}");
    assert!(!comment.lines().any(|line| line.starts_with("::error")), "{comment}");
}
