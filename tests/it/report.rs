//! Reports of one small run, exact to the byte, and what must hold for each format.

mod fixture;
mod pages;

use crate::support::{Draft, run::loaded};
use fixture::{groups, shop};
use surgelab::engine::ResourceKind;
use surgelab::experiment::Experiment;
use surgelab::measure::Results;
use surgelab::measure::results::ObjectiveState;
use surgelab::model::Model;
use surgelab::report::page::{Block, Medium};
use surgelab::report::{self, Context, Format, Look};
use surgelab::scenario::Edit;
use surgelab::study::{
    self, Answer, Axis, CapacityPlan, Choices, ComparePlan, DiffPlan, DiffTerms, Executor, LadderPlan, Levels,
    ParetoPlan, Plan, RecoveryPlan, Replicate, Replications, RunOptions, SensitivityPlan, Study, StudySpec, SweepPlan,
};

const COMMAND: &str = "surgelab run shop --seed 7 --variant 'no cache'";

const PLAIN: Look = Look { color: false, width: 100 };

fn told(answer: &Answer, format: Format, look: Look) -> String {
    let context = Context { command: COMMAND, teaches: "The database caps first.", model: None, source: None };
    report::render(&report::page(answer, &context), answer, format, look)
}

fn run(results: Results) -> Answer {
    Answer::Run(Box::new(results))
}

/// The shop in a format.
fn shop_as(format: Format) -> String {
    told(&run(shop()), format, PLAIN)
}

/// Three replications of the shop: the second holds, the third has no successes.
fn study() -> Answer {
    let mut study = Replicate::new(Plan { seed: 7, replications: 3 });
    for (index, point) in study.next_points(8).iter().enumerate() {
        let mut results = Results { seed: point.seed, ..shop() };
        let factor = 1.0 + index as f64 / 10.0;
        results.traffic["visitors"].goodput_per_s *= factor;
        results.resources[0].utilization_mean /= factor;
        if index == 1 {
            results.objectives[0].state = ObjectiveState::Held;
            results.objectives[0].pass = true;
            results.story.clear();
        }
        if index == 2 {
            results.traffic["visitors"].latency_s = None;
        }
        study.give(point, results);
    }
    assert!(study.next_points(8).is_empty());
    Box::new(study).finish(None).expect("three results were given")
}

fn replications() -> Replications {
    let Answer::Replications(replications) = study() else { panic!("it was replicated") };
    *replications
}

#[test]
fn a_run_in_the_terminal() {
    insta::assert_snapshot!(shop_as(Format::Text));
}

#[test]
fn a_run_in_a_narrow_terminal_with_colour() {
    let text = told(&run(shop()), Format::Text, Look { color: true, width: 72 });
    assert!(text.contains("\u{1b}["));
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn a_run_as_csv() {
    let csv = shop_as(Format::Csv);
    let (series, rest): (Vec<&str>, Vec<&str>) = csv.lines().partition(|line| line.contains(",series,"));
    assert_eq!(series.len(), 2 * 5 * 120 + 2 * 120 + 120, "two sources, two resources, a queue, every point");
    let turns: Vec<&str> = series.into_iter().filter(|line| line.ends_with(",390") || line.ends_with(",0")).collect();
    insta::assert_snapshot!(format!("{}\n{}", rest.join("\n"), turns.join("\n")));
}

#[test]
fn a_run_as_markdown() {
    insta::assert_snapshot!(shop_as(Format::Markdown));
}

#[test]
fn a_run_as_junit() {
    insta::assert_snapshot!(shop_as(Format::Junit));
}

#[test]
fn a_run_as_a_page() {
    let page = shop_as(Format::Html);
    let (_, body) = page.split_once("<main>\n").expect("the page has a body");
    let (body, _) = body.split_once("</main>").expect("which ends");
    let (before, rest) = body.split_once("<details class=\"meanings\">").expect("it says what its figures mean");
    let (meanings, after) = rest.split_once("</details>").expect("all of them");
    for definition in report::definitions() {
        assert!(meanings.contains(&format!("{}: <b>{}</b>", definition.place, definition.name)), "{definition:?}");
    }
    insta::assert_snapshot!(format!("{before}<details class=\"meanings\">…</details>{after}"));
}

/// Every column of every table, in every medium, of every kind of page.
#[test]
fn every_column_that_is_printed_is_explained() {
    let context = Context { command: COMMAND, teaches: "", model: None, source: None };
    for answer in answers().into_iter().chain(studies()) {
        let page = report::page(&answer, &context);
        for medium in [Medium::Terminal, Medium::Document, Medium::Browser] {
            for block in page.blocks(medium) {
                let Block::Table(table) = block else { continue };
                let heading = table.heading.as_ref().map(|heading| &*heading.name);
                let titles: Vec<&str> = table.columns.iter().map(|column| &*column.title).collect();
                for title in titles.iter().filter(|title| !title.is_empty()) {
                    assert!(report::column(heading, &titles, title).is_some(), "{heading:?}: `{title}` of {titles:?}");
                }
            }
        }
    }
}

/// Instances that are there are always in use: a row of them is news only where some found no room.
#[test]
fn instances_take_a_row_only_where_some_had_no_room() {
    let mut results = shop();
    let mut instances = results.resources[3].clone();
    (instances.id, instances.subject) = ("app.instances".into(), "app.instances".into());
    (instances.kind, instances.utilization_mean, instances.waiting_mean) = (ResourceKind::Instances, 1.0, 0.0);
    results.resources.push(instances);
    for (waiting, shown) in [(0.0, false), (1.5, true)] {
        let last = results.resources.last_mut().unwrap();
        (last.waiting_mean, last.waiting_max) = (waiting, 2.0 * waiting);
        results.groups = groups(&results.resources);
        for format in [Format::Text, Format::Html] {
            let told = told(&run(results.clone()), format, PLAIN);
            let tables = told.split("<script").next().unwrap();
            assert_eq!(tables.contains("app.instances"), shown, "{format:?} with {waiting} waiting");
        }
    }
}

/// Requests that went the same way are drawn once.
#[test]
fn equal_requests_are_told_as_one() {
    let mut results = shop();
    for number in 0..7 {
        let mut same = results.traces[0].clone();
        (same.number, same.started_s) = (number, 300.0 + number as f64);
        results.traces.push(same);
    }
    let mut longer = results.traces[0].clone();
    longer.latency_s *= 1.5;
    results.traces.push(longer);
    let page = told(&run(results), Format::Html, PLAIN);
    assert_eq!(page.matches("<summary>slowest: visitors ").count(), 2, "{page}");
    assert!(page.contains(", and 7 more like it"));
}

/// An objective with nothing to observe fails, unless it is optional; every format says which.
#[test]
fn nothing_to_observe_is_its_own_state() {
    let mut results = shop();
    results.objectives.remove(0);
    assert!(results.pass(), "what is optional need not be observed");
    let junit = told(&run(results.clone()), Format::Junit, PLAIN);
    assert!(junit.contains("<skipped message=\"nothing to observe\""), "{junit}");
    let verdict = report::verdict(&results);
    assert!(verdict.ends_with("1 of 2 objectives held, 1 optional had nothing to observe."), "{verdict}");
    results.objectives[1].pass = false;
    assert!(!results.pass());
    let verdict = report::verdict(&results);
    assert!(verdict.ends_with("1 of 2 objectives had nothing to observe."), "{verdict}");
    let answer = run(results);
    let junit = told(&answer, Format::Junit, PLAIN);
    assert!(junit.contains("<failure message=\"nothing to observe\""), "{junit}");
    for (format, said) in [
        (Format::Text, "1 held, 0 missed, 1 with nothing to observe"),
        (Format::Markdown, "| ? | rds.query |"),
        (Format::Html, "? not observed"),
        (Format::Json, "\"state\": \"unobserved\""),
    ] {
        let told = told(&answer, format, PLAIN);
        assert!(told.contains(said), "{format:?}: {told}");
    }
}

#[test]
fn replications_in_the_terminal() {
    insta::assert_snapshot!(told(&study(), Format::Text, PLAIN));
}

#[test]
fn replications_as_csv_markdown_and_junit() {
    let study = study();
    insta::assert_snapshot!(
        [Format::Csv, Format::Markdown, Format::Junit].map(|format| told(&study, format, PLAIN)).join("\n")
    );
}

#[test]
fn text_keeps_to_its_width_and_ends_with_the_command() {
    let text = shop_as(Format::Text);
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
    let title = results.scenario.title.clone();
    let page = told(&run(results), Format::Html, PLAIN);
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
    assert_eq!(back.scenario.title, title);
    assert!(page.contains("prefers-color-scheme: dark"));
}

#[test]
fn a_run_of_nothing_can_be_told() {
    let mut empty = shop();
    (empty.traffic, empty.operations, empty.series) = Default::default();
    (empty.resources, empty.story, empty.objectives, empty.napkin, empty.traces) = Default::default();
    empty.losses.clear();
    let empty = run(empty);
    let text = told(&empty, Format::Text, PLAIN);
    assert!(text.contains("Nothing saturated and nothing failed"), "{text}");
    for told in [Format::Markdown, Format::Csv, Format::Junit, Format::Html].map(|format| told(&empty, format, PLAIN)) {
        assert!(!told.contains("NaN"), "{told}");
    }
}

#[test]
fn in_how_many_replications_it_failed_is_counted() {
    let study = replications();
    assert_eq!((study.replications, study.failed), (3, 2));
    let objectives: Vec<_> = study.objectives.iter().map(|o| (o.missed, o.unobserved, o.pass)).collect();
    assert_eq!(objectives, [(2, 0, false), (0, 0, true), (0, 3, true)]);
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
    let model = Model::compile(&file).unwrap();
    let html = || {
        let answer = run(study::run(&file, &RunOptions::default(), &mut |_| {}).unwrap());
        let context = Context { command: COMMAND, teaches: "", model: Some(&model), source: None };
        report::render(&report::page(&answer, &context), &answer, Format::Html, PLAIN)
    };
    let page = html();
    let picture = page
        .split("<figure class=\"topology\">")
        .nth(1)
        .and_then(|rest| rest.split("</figure>").next())
        .expect("a picture");
    assert_eq!(picture.matches("class=\"halo\"").count(), 1, "one culprit: the database's machine");
    let (_, after) = picture.split_once("class=\"halo\"").unwrap();
    assert!(after.split("<text").nth(1).unwrap().contains("box/0"), "{after}");
    for told in ["app/0", "db/0", "crowd", "robots", "▲ workers", "saturated for", "app → db: "] {
        assert!(picture.contains(told), "{told} is missing:\n{picture}");
    }
    // The crowd's way is the wider one: the square root of sixty, all but the least width.
    let width = |of: &str| -> f64 {
        let path = picture.split("<path").find(|path| path.contains(of)).unwrap();
        path.split("stroke-width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    assert!(width("crowd → app") > 3.0 * width("robots → app"));
    assert!(["http:", "href=", "src=", "url("].iter().all(|outside| !page.contains(outside)));
    assert!(page == html(), "equal results give equal bytes");
}

/// One of every kind.
fn answers() -> [Answer; 2] {
    [run(shop()), study()]
}

/// Every study of a system with sessions and prices.
fn studies() -> [Answer; 8] {
    let journey = "Closed(population: Constant(20), journey: [Call(\"app.serve\")], then: Continue)";
    let draft = Draft::new(20.0)
        .machine("box", "cores: 1, price: \"0.10/h\"")
        .station("app", 1, None, "exp(10ms)")
        .poisson(30.0, "app.serve")
        .source("staff", journey)
        .objective("crowd", "p(95) < 100s")
        .variant("quick", "set: { \"services.app.operations.serve\": [Delay(\"exp(9ms)\")] }");
    let compare = ComparePlan { variants: Vec::new(), replications: 2 };
    let capacity = CapacityPlan { surge: false, whole: false };
    let axes = ["services.app.workers=1,2", "variant=file,quick"].map(|axis| Axis::parse(axis).expect("it is one"));
    let choices = Choices { axes: axes.to_vec(), zip: false };
    let relief = vec!["quick".to_owned()];
    let terms = DiffTerms { levels: Levels::default(), margin: 0.03 };
    let specs = [
        StudySpec::Compare(compare),
        StudySpec::Capacity(capacity),
        StudySpec::Sweep(SweepPlan { choices: choices.clone(), replications: 2 }),
        StudySpec::Ladder(LadderPlan { capacity, target: None, rungs: 2, relief }),
        StudySpec::Recovery(RecoveryPlan { push: None, replications: 1 }),
        StudySpec::Sensitivity(SensitivityPlan { capacity, of: vec!["services.app".into()], replications: 2 }),
        StudySpec::Pareto(ParetoPlan { choices, capacity, replications: 3 }),
        StudySpec::Diff(DiffPlan { base: None, alone: None, replications: 5, whole: false, terms }),
    ];
    let horizon = vec![Edit::set("horizon", "150s")];
    let experiment = Experiment { edits: horizon, ..Experiment::new("test", draft.text()) };
    let compiled = experiment.compile().expect("it is a scenario");
    specs.map(|spec| study::answer(spec, &compiled, Executor::Threads(2), &|_| {}).expect("it can be asked"))
}

#[test]
fn an_answer_reads_back_as_itself() {
    for answer in answers().into_iter().chain(studies()) {
        let text = serde_json::to_string(&answer).unwrap();
        let back: Answer = serde_json::from_str(&text).expect("what was written can be read");
        assert_eq!(std::mem::discriminant(&back), std::mem::discriminant(&answer), "it became another kind");
        assert!(serde_json::to_string(&back).unwrap() == text, "a number changed on the way");
        assert_eq!((back.pass(), back.digest()), (answer.pass(), answer.digest()));
    }
}

/// What stands in an attribute or between tags of a drawing is a number or escaped text; each page has its drawing.
#[test]
fn every_study_is_told_in_every_format() {
    for answer in studies() {
        for format in Format::ALL {
            let text = told(&answer, format, PLAIN);
            let least = if format == Format::Github { 0 } else { 3 };
            assert!(text.lines().count() > least, "{format:?} says next to nothing: {text}");
            assert!(!text.contains("NaN") && !text.contains("inf\""), "{text}");
        }
        let html = told(&answer, Format::Html, PLAIN);
        let drawn = !matches!(answer, Answer::Comparison(_) | Answer::Capacity(_) | Answer::Diff(_));
        assert_eq!(html.contains("<svg"), drawn, "{html}");
        assert_eq!(html.matches("<svg").count(), html.matches("</svg>").count());
    }
}

#[test]
fn every_answer_is_a_page_in_every_format() {
    for answer in answers() {
        for format in Format::ALL {
            let text = told(&answer, format, PLAIN);
            let named = match format {
                Format::Text | Format::Markdown | Format::Html | Format::Github => "A shop on television",
                Format::Sarif => "visitors: expected p(95)",
                Format::Json => answer.digest(),
                Format::Csv | Format::Junit => "no cache",
            };
            assert!(text.contains(named), "{format:?} says nothing of it: {text}");
            let least = if format == Format::Github { 0 } else { 5 };
            assert!(text.lines().count() > least, "{format:?} says next to nothing: {text}");
            assert!(!text.contains("NaN"), "{text}");
        }
    }
}
