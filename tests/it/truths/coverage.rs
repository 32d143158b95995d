//! What is proved, as a table for people: `COVERAGE.md`, held to the records by a test.

use super::families::{BEYOND, FAMILIES};
use super::record::{Case, cases, numbers};
use std::fmt::Write;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/truths/COVERAGE.md");

fn table() -> String {
    let cases = cases();
    let figures = |case: &Case| case.expected.values().map(|value| numbers(value).len()).sum::<usize>();
    let outside = |case: &Case, name: &str| {
        BEYOND.iter().any(|(family, figure, _)| *family == case.family && (*figure == "*" || *figure == name))
    };
    let left_out: usize = cases.iter().flat_map(|case| case.expected.keys().filter(|name| outside(case, name))).count();
    let mut text = format!(
        "# What the engine is held to\n\nWritten from `records.jsonl` and `families/` by `cargo test coverage`; to renew it, set `SURGELAB_RENEW=1`.\n\n{} systems with {} figures in {} families; {left_out} figures are beyond the language.\n\n| family | in the language | systems | figures | quick | source |\n|---|---|--:|--:|:-:|---|\n",
        cases.len(),
        cases.iter().map(figures).sum::<usize>(),
        FAMILIES.len(),
    );
    for family in FAMILIES {
        let of: Vec<&Case> = cases.iter().filter(|case| case.family == family.name).collect();
        let mut sources: Vec<&str> = of.iter().map(|case| case.source.as_str()).collect();
        sources.dedup();
        let quick = if of.iter().any(|case| case.quick) { "yes" } else { "" };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {quick} | {} |",
            family.name,
            family.said,
            of.len(),
            of.iter().map(|case| figures(case)).sum::<usize>(),
            sources.join("; "),
        );
    }
    if !BEYOND.is_empty() {
        text += "\n## Beyond the language\n\n| family | figure | why |\n|---|---|---|\n";
        for (family, figure, why) in BEYOND {
            let _ = writeln!(text, "| {family} | {} | {why} |", if *figure == "*" { "all" } else { figure });
        }
    }
    text
}

#[test]
fn the_coverage_table_is_up_to_date() {
    let table = table();
    if std::env::var_os("SURGELAB_RENEW").is_some() {
        std::fs::write(PATH, &table).unwrap();
    }
    let kept = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(kept == table, "COVERAGE.md is not what the records say: run the test with SURGELAB_RENEW=1");
}
