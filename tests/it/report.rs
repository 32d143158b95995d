//! Reports of one small run, exact to the byte, and what must hold for each format.

mod fixture;

use crate::support::{Draft, run::loaded};
use fixture::shop;
use surgelab::measure::Results;
use surgelab::model::Model;
use surgelab::report::{self, TextOptions};
use surgelab::study::{self, Plan, Replicate, Replications, RunOptions};

const COMMAND: &str = "surgelab run shop --seed 7 --variant 'no cache'";

fn look() -> TextOptions<'static> {
    TextOptions { command: COMMAND, teaches: "The database caps first.", color: false, width: 100 }
}

/// Three replications of the shop: the second holds, the third has no successes.
fn study() -> Replications {
    let mut study = Replicate::new(Plan { seed: 7, replications: 3 });
    for point in study.next_points(8) {
        let mut results = Results { seed: point.seed, ..shop() };
        let factor = 1.0 + f64::from(point.index) / 10.0;
        results.traffic["visitors"].goodput_per_s *= factor;
        results.resources[0].utilization_mean /= factor;
        if point.index == 1 {
            results.objectives[0].pass = true;
            results.story.clear();
        }
        if point.index == 2 {
            results.traffic["visitors"].latency_s = None;
        }
        study.give(&results);
    }
    assert!(study.next_points(8).is_empty());
    study.finish().expect("three results were given")
}

#[test]
fn a_run_in_the_terminal() {
    insta::assert_snapshot!(report::text(&shop(), look()));
}

#[test]
fn a_run_in_a_narrow_terminal_with_colour() {
    let text = report::text(&shop(), TextOptions { color: true, width: 72, ..look() });
    assert!(text.contains("\u{1b}["));
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn a_run_as_csv() {
    insta::assert_snapshot!(report::csv(&shop()));
}

#[test]
fn a_run_as_markdown() {
    insta::assert_snapshot!(report::markdown(&shop(), COMMAND));
}

#[test]
fn a_run_as_junit() {
    insta::assert_snapshot!(report::junit(&shop()));
}

#[test]
fn a_run_as_a_page() {
    let page = report::html(&shop(), None, "The database caps first.", COMMAND);
    let (_, body) = page.split_once("<main>\n").expect("the page has a body");
    let (body, _) = body.split_once("</main>").expect("which ends");
    insta::assert_snapshot!(body);
}

#[test]
fn replications_in_the_terminal() {
    insta::assert_snapshot!(report::text_replications(&study(), look()));
}

#[test]
fn replications_as_csv_markdown_and_junit() {
    let study = study();
    insta::assert_snapshot!(
        [
            report::csv_replications(&study),
            report::markdown_replications(&study, COMMAND),
            report::junit_replications(&study)
        ]
        .join("\n")
    );
}

#[test]
fn text_keeps_to_its_width_and_ends_with_the_command() {
    let text = report::text(&shop(), look());
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "too wide: {line}");
    }
    assert_eq!(text.lines().last(), Some(COMMAND));
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn json_reads_back_the_same() {
    let text = report::json(&shop());
    let back: Results = serde_json::from_str(&text).expect("what was written can be read");
    assert!(report::json(&back) == text, "a number changed on the way");
}

#[test]
fn a_page_stands_alone_and_carries_the_results() {
    let mut results = shop();
    results.scenario.title = "</script><script>alert(1)</script>".into();
    let page = report::html(&results, None, "x", COMMAND);
    for outside in ["http:", "https:", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "the page would fetch something: {outside}");
    }
    assert_eq!(page.matches("<script").count(), 1, "a title cannot bring a script");
    let data = page
        .split("id=\"results\">")
        .nth(1)
        .and_then(|rest| rest.split("</script>").next())
        .expect("the data is there");
    let back: Results = serde_json::from_str(data).expect("the data is JSON");
    assert_eq!(back.scenario.title, results.scenario.title);
    assert!(page.contains("prefers-color-scheme: dark"));
}

#[test]
fn a_run_of_nothing_can_be_told() {
    let mut empty = shop();
    (empty.traffic, empty.operations, empty.series) = Default::default();
    (empty.resources, empty.story, empty.objectives, empty.napkin, empty.traces) = Default::default();
    let text = report::text(&empty, look());
    assert!(text.contains("Nothing saturated and nothing failed"), "{text}");
    for told in [
        report::markdown(&empty, COMMAND),
        report::csv(&empty),
        report::junit(&empty),
        report::html(&empty, None, "", COMMAND),
    ] {
        assert!(!told.contains("NaN"), "{told}");
    }
}

#[test]
fn in_how_many_replications_it_failed_is_counted() {
    let study = study();
    assert_eq!((study.replications, study.failed), (3, 2));
    assert_eq!(study.objectives.iter().map(|o| o.missed).collect::<Vec<_>>(), [2, 0]);
    let p95 = study
        .figures
        .iter()
        .find(|f| f.subject == "visitors" && f.metric == "latency_p95_s")
        .expect("visitors have a p95");
    assert_eq!(p95.estimate.expect("two replications have it").n, 2);
    assert_eq!(study.first_broken[0].subject, "rds.cpu");
}

#[test]
fn a_page_shows_the_system_and_what_broke_first() {
    let file = loaded(
        &Draft::new(60.0)
            .machine("big", "cores: 8")
            .service(
                "app",
                "on: [\"big\"], workers: 50, links: { \"db\": () }, operations: { \"page\": [Call(\"db.query\"), Cpu(\"1ms\")] }",
            )
            .service("db", "operations: { \"query\": [Cpu(\"exp(30ms)\")] }")
            .source("crowd", "Open(rate: Constant(\"60/s\"), call: \"app.page\", patience: \"1s\")")
            .source("robots", "Open(rate: Constant(\"1/s\"), call: \"app.page\")")
            .text(),
    );
    let (model, run) =
        (Model::compile(&file).unwrap(), || study::run(&file, &RunOptions::default(), &mut |_| {}).unwrap());
    let page = report::html(&run(), Some(&model), "", COMMAND);
    let picture = page
        .split("<figure class=\"topology\">")
        .nth(1)
        .and_then(|rest| rest.split("</figure>").next())
        .expect("a picture");
    assert_eq!(picture.matches("class=\"halo\"").count(), 1, "one culprit: the database's machine");
    let (_, after) = picture.split_once("class=\"halo\"").unwrap();
    assert!(after.split("<text").nth(1).unwrap().contains("box/0"), "{after}");
    for told in ["app/0", "db/0", "crowd", "robots", "▲ workers", "saturated for", "app/0 → db/0: "] {
        assert!(picture.contains(told), "{told} is missing:\n{picture}");
    }
    // The crowd's way is the wider one: the square root of sixty, all but the least width.
    let width = |of: &str| -> f64 {
        let path = picture.split("<path").find(|path| path.contains(of)).unwrap();
        path.split("stroke-width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    assert!(width("crowd → app/0") > 3.0 * width("robots → app/0"));
    assert!(["http:", "href=", "src=", "url("].iter().all(|outside| !page.contains(outside)));
    assert!(page == report::html(&run(), Some(&model), "", COMMAND), "equal results give equal bytes");
}
