//! The lab as a person meets it: a real window, a real mouse, real keys; and what is said where there can be no window.
//!
//! What is asserted is what a screen reader would be told and what colours are where; the pictures stay in the folder
//! for temporary files of the build (`tmp/journey`).

mod doors;
mod stage;

use stage::{Named, Stage, share};

/// State colours of the dark theme.
const SATURATED: [u8; 3] = [0xEB, 0x6A, 0x2E];

/// "Time: 4:09 of 1:30:00" in seconds.
fn clock(tree: &[Named]) -> Option<f64> {
    let text = tree.iter().find_map(|named| named.label.strip_prefix("Time: "))?.split(" of ").next()?.to_owned();
    let (sign, digits) = text.strip_prefix('−').map_or((1.0, text.as_str()), |digits| (-1.0, digits));
    digits
        .split(':')
        .try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))
        .map(|seconds| sign * seconds)
}

fn named<'a>(tree: &'a [Named], words: &[&str]) -> Option<&'a Named> {
    tree.iter().find(|named| words.iter().all(|word| named.label.contains(word)))
}

/// The flag of the first to break, above the timeline; the inspector's lines stand further right.
fn flag(tree: &[Named]) -> Option<&Named> {
    let [left, below] = [1_000.0, 700.0];
    let above_the_line = |named: &&Named| named.bounds[0] < left && named.bounds[1] > below;
    let mut buttons = tree.iter().filter(|named| named.role == "Button").filter(above_the_line);
    buttons.find(|named| named.label.contains("rds.cpu"))
}

/// The island of the database.
fn island(tree: &[Named]) -> Option<&Named> {
    tree.iter().find(|named| named.label.starts_with("db/0, machine"))
}

#[test]
#[ignore = "needs the lab: tests/run lab"]
fn a_journey_to_the_collapse_and_back() {
    let mut stage = Stage::open(&[]);
    // It opens on the default incident, running.
    stage.find(&["CodinGame"]);
    stage.wait("time passes", |tree| clock(tree).filter(|now| *now > 5.0));
    stage.picture("opened");

    // Another scenario and back, through the gallery.
    stage.key("g");
    stage.wait("the search of the gallery", |tree| tree.iter().find(|named| named.role == "TextInput").cloned());
    stage.picture("gallery");
    stage.write("codin");
    stage.key("Return");
    stage.wait("the incident begins anew", |tree| clock(tree).filter(|now| *now < 200.0));

    // Before anything breaks.
    stage.wait("a minute has passed", |tree| clock(tree).filter(|now| *now > 60.0));
    let calm = stage.picture("calm");
    let before = stage.wait("the database stands somewhere", |tree| island(tree).cloned());
    assert!(share(&calm, before.bounds, SATURATED) < 0.01, "nothing is saturated yet");

    // Play to the collapse: the story tells of it above the timeline, and the island shows it.
    stage.wait("the collapse", |tree| flag(tree).and_then(|_| clock(tree)).filter(|now| *now > 300.0));
    stage.key("space");
    stage.find(&["Play"]);
    std::thread::sleep(std::time::Duration::from_millis(800));
    let drowned = stage.picture("collapse");
    let island_now = stage
        .wait("the database says so", |tree| island(tree).filter(|named| named.label.contains("saturated")).cloned());
    let hot = share(&drowned, island_now.bounds, SATURATED);
    assert!(hot > 0.02, "the island of the culprit is {hot:.3} of the colour of saturation");

    // It is kept as a picture, which holds the run.
    stage.key("ctrl+shift+s");
    stage.find(&["The picture is in"]);
    let kept = std::fs::read(stage.folder().join("codingame.png")).expect("a picture");
    assert!(surgelab::share::text_of(kept).is_ok_and(|link| surgelab::share::is_link(&link)), "it holds the run");
    stage.key("Escape");

    // With the panels away the culprit is what is left to see.
    stage.key("p");
    stage.wait("the canvas alone", |tree| named(tree, &["Hide the panels"]).is_none().then_some(()));
    std::thread::sleep(std::time::Duration::from_millis(1200));
    stage.picture("collapse-alone");
    stage.key("p");
    stage.find(&["Hide the panels"]);
    std::thread::sleep(std::time::Duration::from_millis(1200));

    // A click on the flag leads to the culprit and its evidence.
    let flag = stage.wait("a flag on the timeline", |tree| flag(tree).cloned());
    let (x, y) = flag.middle();
    stage.click_at(x, y);
    stage.wait("the time of the flag", |tree| clock(tree).filter(|now| (285.0..330.0).contains(now)));
    stage.wait("the culprit in the inspector", |tree| {
        let beside = |named: &&Named| named.bounds[0] > 900.0 && named.label.contains("rds.cpu");
        tree.iter().find(beside).cloned()
    });
    stage.picture("culprit");

    // Rewind before it.
    let line = stage.wait("the timeline", |tree| {
        tree.iter().find(|named| named.role == "Slider" && named.label == "Time").cloned()
    });
    let [left, top, right, bottom] = line.bounds;
    let at = left + (right - left) * 180.0 / 5400.0;
    stage.click_at(at as i32, (top + (bottom - top) * 0.6) as i32);
    let there = stage.wait("a time before the collapse", |tree| clock(tree).filter(|now| *now < 240.0));
    std::thread::sleep(std::time::Duration::from_millis(800));
    let rewound = stage.picture("rewound");
    let again = stage.wait("the database is calm again", |tree| {
        island(tree).filter(|named| !named.label.contains("saturated")).cloned()
    });
    assert!(share(&rewound, again.bounds, SATURATED) < 0.01, "nothing is saturated at {there} s");

    // Branch, and play both.
    stage.click(&["Try a change from here (B)"]);
    stage.find(&["Discard B"]);
    stage.picture("branched");
    stage.key("space");
    stage.wait("both runs go on", |tree| clock(tree).filter(|now| *now > there + 60.0));
    stage.key("space");
    let branch = stage.wait("the branch stands", |tree| named(tree, &["Play"]).and_then(|_| clock(tree)));
    stage.hold("x");
    let trunk = stage.wait("the trunk is shown", |tree| named(tree, &["goodput of B"]).and_then(|_| clock(tree)));
    stage.release("x");
    assert!((branch - trunk).abs() <= 1.0, "two runs in step: {branch} and {trunk}");
    stage.picture("both");
}
