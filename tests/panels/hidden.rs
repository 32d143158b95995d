//! What is hidden in the texts of a scenario is seen in the lab, and read out.

use crate::bench::Bench;
use crate::fixture;
use egui::epaint::Shape;
use surgelab::plain;

const HOSTILE: &str = "(version: 1, title: \"t \\u{1b}[31m\\u{202e}x \\u{9b}2J\\u{0}\", \
    teaches: \"e \\u{200b}\\u{feff} \\u{2066}y\", source: \"s \\u{7}\", horizon: \"10s\", machines: { \"m\": () }, \
    services: { \"a\": (on: [\"m\"], operations: { \"page\": [Cpu(\"1ms\")] }) }, \
    traffic: { \"u\": Open(rate: Constant(\"10/s\"), call: \"a.page\") })";

fn texts(shape: &Shape, found: &mut Vec<String>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts(shape, found)),
        Shape::Text(text) => found.push(text.galley.job.text.clone()),
        _ => {}
    }
}

#[test]
fn no_text_of_a_scenario_hides_anything() {
    let played = fixture::play("hostile.ron", HOSTILE, &[]);
    assert!(played.loaded.scenario.title.contains('\u{1b}'), "it is there to be shown");
    let bench = Bench::new(fixture::state(&played, 5.0));
    let mut drawn = Vec::new();
    bench.harness.output().shapes.iter().for_each(|clipped| texts(&clipped.shape, &mut drawn));
    assert!(drawn.iter().any(|text| text.starts_with("t ?[31m")), "the title is drawn: {drawn:?}");
    assert!(bench.has("t \\u{1b}[31m"), "and read out: {:?}", bench.names());
    let hidden = |c: char| c != '\n' && c != '\t' && plain::is_hidden(c);
    for text in drawn.into_iter().chain(bench.names()) {
        assert!(!text.contains(hidden), "{text:?}");
    }
}
