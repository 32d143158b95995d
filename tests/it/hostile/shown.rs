//! What a scenario says of itself, shown: in no output does it do anything but stand there.

use crate::support::run::loaded;
use surgelab::engine::Limits;
use surgelab::experiment::Compiled;
use surgelab::plain;
use surgelab::report::{Context, Format, Look, page, render};
use surgelab::scenario;
use surgelab::study::{Answer, Executor, StudySpec, answer};

/// A title of all that is not seen: escape sequences, C1, NUL, a change of direction, what is no character, markup.
const TITLE: &str = "=1+1 \\u{1b}]0;owned\\u{7}\\u{1b}[31mred \\u{9b}2J\\u{0} \\u{202e}txt.exe \\u{ffff}\\u{feff} \
                     <script>alert(1)</script> ]]> --> | `x` ```\\n# head\\n|a|b|";

fn hostile() -> Compiled {
    let text = format!(
        "(version: 1, title: \"{TITLE}\", teaches: \"{TITLE}\", horizon: \"10s\", machines: {{ \"m\": () }}, \
         services: {{ \"a\": (on: [\"m\"], workers: 1, backlog: (limit: 3), operations: {{ \"page\": [Cpu(\"90ms\")] }}) }}, \
         traffic: {{ \"u\": Open(rate: Constant(\"20/s\"), call: \"a.page\") }}, \
         objectives: {{ \"u\": [\"p(95) < 1ms\"] }}, \
         runbook: [At(\"3s\", Set(\"services.a.workers\", 2 /* \u{1b}[31m */))], \
         variants: {{ \"{TITLE}\": (teaches: \"{TITLE}\", set: {{ \"services.a.workers\": 9 }}) }})"
    );
    let loaded = loaded(&text);
    let variant = loaded.scenario.variants.names().next().map(str::to_owned);
    let mut compiled = Compiled::new(loaded, variant, None).expect("it compiles");
    compiled.limits = Limits { events: 100_000, ..Limits::DEFAULT };
    compiled
}

fn answers() -> Vec<Answer> {
    let compiled = hostile();
    [StudySpec::Run, StudySpec::Replicate(2)]
        .map(|study| answer(study, &compiled, Executor::Inline, &|_| {}).expect("it runs"))
        .to_vec()
}

fn outputs(format: Format) -> Vec<String> {
    let command = "surgelab run 'a\u{1b}[31m.ron' --set 'x=```\u{202e}'";
    let compiled = hostile();
    let context =
        Context { command, teaches: &compiled.loaded.scenario.teaches, model: Some(&compiled.model), source: None };
    let look = Look { color: false, width: 80 };
    answers().iter().map(|answer| render(&page(answer, &context), answer, format, look)).collect()
}

#[test]
fn no_output_holds_a_sign_that_is_hidden() {
    for format in Format::ALL {
        for text in outputs(format) {
            let hidden = |c: &char| *c != '\n' && plain::is_hidden(*c);
            let found: Vec<char> = text.chars().filter(hidden).collect();
            assert!(found.is_empty(), "{}: {found:?}", format.name());
            // These tell of objectives that are missed alone.
            let tells = !matches!(format, Format::Sarif | Format::Github);
            assert!(!tells || text.contains("owned"), "{}: what it says is there", format.name());
        }
    }
}

#[test]
fn a_cell_is_no_formula() {
    for text in outputs(Format::Csv) {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for record in reader.records().map(|record| record.expect("it is CSV")) {
            for cell in &record {
                let number = cell.parse::<f64>();
                assert!(number.is_ok() || !cell.starts_with(['=', '+', '-', '@']), "{cell}");
                assert!(number.is_err() || number.is_ok_and(f64::is_finite), "{cell} is no figure");
            }
        }
    }
}

#[test]
fn markdown_has_no_markup_but_its_own() {
    for text in outputs(Format::Markdown) {
        let fence = text.lines().last().expect("it has lines");
        let (told, command) = text.split_once(&format!("{fence}sh\n")).expect("it ends with its command");
        assert!(!told.replace("\\<", "").contains("<script"), "{told}");
        assert!(!told.lines().any(|line| line.starts_with("# head") || line.starts_with("|a|b|")), "{told}");
        // What the command holds does not end its fence.
        assert!(fence.len() > 3 && fence.chars().all(|c| c == '`'), "{fence}");
        assert_eq!(command.matches(fence).count(), 1, "{command}");
    }
}

#[test]
fn a_page_and_its_checks_are_well_formed() {
    for text in outputs(Format::Junit) {
        let mut open = 0_i32;
        for piece in text.split('<').skip(1) {
            assert!(piece.contains('>'), "{piece}");
            open +=
                if piece.starts_with('/') { -1 } else { i32::from(!piece.starts_with('?') && !piece.contains("/>")) };
        }
        assert_eq!(open, 0, "{text}");
    }
    for text in outputs(Format::Html) {
        assert_eq!(text.matches("<script").count(), 1, "its own data alone");
        assert!(!text.contains("alert(1)</script>"));
    }
}

#[test]
fn json_says_what_the_file_says() {
    for (text, answer) in outputs(Format::Json).iter().zip(answers()) {
        let read: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
        let title = read["scenario"]["title"].as_str().expect("it has a title");
        let Answer::Run(results) = answer else { continue };
        assert_eq!(title, results.scenario.title);
        assert!(title.contains('\u{1b}') && title.contains('\u{202e}'));
    }
}

#[test]
fn messages_are_short_and_plain() {
    let long = "x".repeat(300_000);
    let wrong = [
        "(version: 1, title: \"\u{1b}[31m\", \u{202e}: 1)".to_owned(),
        format!("(version: 1, title: \"a\", horizon: \"1s\", {long}: 1)"),
        format!("(version: 1, title: \"a\", horizon: \"{long}\")"),
        format!(
            "(version: 1, title: \"a\", horizon: \"1s\", services: {{ \"{long}\": (on: [\"{long}\"], kind: {long}) }})"
        ),
        format!(
            "(version: 1, title: \"a\", horizon: \"1s\", machines: {{ \"m\": () }}, services: {{ \"a\": (on: [\"m\"], operations: {{ \"p\": [Call(\"{long}.{long}\")] }}) }}, traffic: {{ \"u\": Open(rate: Constant(\"1/s\"), call: \"{long}\u{1b}[2J\") }})"
        ),
        format!("(version: 1, title: \"{}\u{1b}[2J\u{9b}\", horizon: 1)", "é".repeat(150)),
    ];
    for text in wrong {
        let problems = scenario::load("a\u{1b}]0;x\u{7}.ron", &text).expect_err("it is wrong");
        let said = scenario::render(&problems, "a\u{1b}]0;x\u{7}.ron", &text, false);
        assert!(!said.contains(|c| c != '\n' && plain::is_hidden(c)), "{said:?}");
        assert!(said.len() < 6_000 * problems.len(), "{} bytes of {} problems", said.len(), problems.len());
    }
}
