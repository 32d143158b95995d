//! Links: what goes in comes out, in few characters; what was sent once opens for ever; what means harm is refused.

mod corpus;
mod hostile;

use surgelab::catalog::{self, SCENARIOS};
use surgelab::experiment::{Experiment, Intervention, LogEntry};
use surgelab::host::digest_at;
use surgelab::measure::record;
use surgelab::model::{Action, Target};
use surgelab::scenario::{self, Edit};
use surgelab::share::{Comments, Shared, Verdict};
use surgelab::units::{Span, Time};

const MINUTE: i64 = 60_000_000_000;

fn built_in(name: &str) -> Experiment {
    let found = catalog::find(name).unwrap();
    Experiment::new(found.file, found.text)
}

#[test]
fn every_scenario_comes_back_with_its_meaning() {
    for known in SCENARIOS {
        let compact = scenario::compact(known.text);
        let (whole, lean) = (scenario::load("a", known.text).unwrap(), scenario::load("a", &compact).unwrap());
        // Values of variants stand as they were written.
        let meaning = |loaded: &scenario::Loaded| scenario::compact(&loaded.scenario.meaning());
        assert_eq!(meaning(&whole), meaning(&lean), "{}", known.name);
        assert_eq!(scenario::compact(&compact), compact, "{}", known.name);
        let mine = Experiment { seed: Some(7), ..Experiment::new("folder of mine/mine.ron", known.text) };
        let shared = Shared::new(mine, Some(u64::MAX));
        let read = Shared::read(&shared.link(Comments::LeftOut).unwrap()).unwrap();
        assert_eq!((read.experiment.name.as_str(), &read.experiment.text, read.lean), ("mine.ron", &compact, true));
        let kept = Shared::read(&shared.link(Comments::Kept).unwrap()).unwrap();
        assert_eq!((kept.experiment.text.as_str(), kept.lean), (known.text, false), "to the byte");
    }
}

#[test]
fn links_are_short() {
    let edits = [("services.app.workers", "64"), ("machines.db.cores", "8"), ("traffic.visitors.patience", "9s")];
    let edits = edits.map(|(path, value)| Edit::set(path, value)).to_vec();
    let entry = LogEntry { time: Time(20 * MINUTE), intervention: Intervention::ApplyVariant(Some("caching".into())) };
    let experiment = Experiment {
        variant: Some("no runbook".into()),
        edits,
        seed: Some(1_234_567),
        log: vec![entry],
        moment: Some(Time(1_234_567_890_123)),
        ..built_in("codingame")
    };
    let link = Shared::new(experiment, Some(0x8f12_ab45_cd67_ef01)).link(Comments::LeftOut).unwrap();
    assert!(link.len() < 300, "{} characters: {link}", link.len());
    let mine = Experiment { name: "mine.ron".into(), moment: Some(Time(20 * MINUTE)), ..built_in("codingame") };
    let link = Shared::new(Experiment { text: format!("{} ", mine.text), ..mine }, Some(0x8f12_ab45_cd67_ef01))
        .link(Comments::LeftOut)
        .unwrap();
    assert!(link.len() < 2_000, "{} characters", link.len());
}

#[test]
fn whatever_was_done_comes_back_and_gives_the_same_run() {
    let base = built_in("retry-storm");
    let ids = base.compile().unwrap().model;
    let service = ids.services.ids().next().unwrap();
    let source = ids.sources.ids().next().unwrap();
    let at = |seconds: i64, intervention| LogEntry { time: Time(seconds * 1_000_000_000), intervention };
    let slow = Action::Slow { target: Target::Service(service, None), factor: 3.0, lasting: Span(12_345_678_901) };
    let name = &ids.sources[source].name;
    let log = vec![
        at(10, Intervention::Act(Action::ScaleTraffic(source, 1.75))),
        at(20, Intervention::Act(slow)),
        at(30, Intervention::Edit(vec![Edit::set(format!("traffic.{name}.patience"), "3s")])),
    ];
    let experiment = Experiment { seed: Some(3), log, moment: Some(Time(60_000_000_001)), ..base };
    let digest = digest_at(&experiment).unwrap();
    let shared = Shared::new(experiment.clone(), Some(digest));
    let read = Shared::read(&format!("https://example.org/lab/?embed#{}", shared.link(Comments::LeftOut).unwrap()));
    let read = read.unwrap();
    assert_eq!(read.experiment, experiment);
    assert_eq!(read.verdict(digest_at(&read.experiment).unwrap()), Verdict::Same);
    let other = Experiment { seed: Some(4), ..experiment };
    assert!(matches!(read.verdict(digest_at(&other).unwrap()), Verdict::Other(_)), "another seed is another run");
}

#[test]
fn the_digest_at_the_end_is_that_of_the_headless_run() {
    let experiment = built_in("backoff");
    let compiled = experiment.compile().unwrap();
    let results = record(compiled.model.clone(), &compiled.options(), &mut |_| {});
    assert_eq!(format!("{:016x}", digest_at(&experiment).unwrap()), results.digest);
}
