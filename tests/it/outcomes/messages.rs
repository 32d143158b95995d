//! Messages that nobody works off: how many, since when, and because of whom.

use super::{about, results};
use surgelab::experiment::Experiment;
use surgelab::measure::results::{ObjectiveState, Results, StoryEvent};
use surgelab::measure::story::StoryKind;
use surgelab::scenario::{load, render};
use surgelab::study::{self, Answer, ComparePlan, Compared, Executor, StudySpec};

/// Four in five of 20 messages a second take longer than the timeout and are given up, and no request notices.
fn given_up(more: &str) -> String {
    format!(
        r#"(
            version: 1, title: "given up", horizon: "2min",
            machines: {{ "m": (cores: 8) }},
            services: {{
                "shop": (on: ["m"], links: {{ "jobs": () }}, operations: {{ "buy": [Cpu("1ms"), Enqueue("jobs.work")] }}),
                "jobs": (on: ["m"], kind: Queue(to: "worker"), links: {{ "worker": (timeout: "50ms") }}),
                "worker": (on: ["m"], operations: {{ "work": [Choose([(0.8, [Delay("1s")]), (0.2, [Delay("1ms")])])] }}),
            }},
            traffic: {{ "buyers": Open(rate: Constant("20/s"), call: "shop.buy") }},
            {more}
        )"#
    )
}

#[test]
fn objectives_ask_what_of_the_messages_was_given_up() {
    let asked = r#"objectives: {
        "jobs.work": ["messages given up < 1%", "messages given up > 70%", "p(10) message < 10ms", "p(95) message < 1h"],
        "buyers": ["failed < 1%"],
    }"#;
    let results = results(&given_up(asked));
    let [share, most, fast, late, crowd] = &results.objectives[..] else { panic!("{:?}", results.objectives) };
    // 0.8 of 2,400, ± 3 × √(0.8 × 0.2 / 2,400).
    about("given up", share.observed.unwrap(), 0.8, 0.025);
    assert_eq!((share.state, most.state), (ObjectiveState::Missed, ObjectiveState::Held));
    // A fifth takes 1 ms; 95 % are never done, for four fifths count as endless.
    about("the fastest tenth", fast.observed.unwrap(), 0.001, 0.0005);
    assert_eq!((late.observed, late.observed_text.as_str()), (None, "never"));
    assert_eq!(crowd.observed, Some(0.0), "no request waits for a message");
}

#[test]
fn a_condition_watches_what_of_the_messages_is_given_up() {
    let rule = |bound: &str| {
        let text = format!(
            "runbook: [When(condition: \"jobs.messages given up > {bound}\", window: \"20s\", then: ScaleTraffic(\"buyers\", 2))]"
        );
        results(&given_up(&text)).traffic["buyers"].offered as f64
    };
    // 20/s for 120 s; twice that once four fifths of a first window of 20 s were given up.
    about("never", rule("95%"), 2400.0, 150.0);
    about("after a window", rule("50%"), 400.0 + 4000.0, 250.0);
}

#[test]
fn a_comparison_says_what_of_the_messages_is_given_up() {
    let text = given_up("variants: { \"patient\": (set: { \"services.jobs.links.worker.timeout\": \"5s\" }) }");
    let compiled = Experiment::new("test", text).compile().expect("it is a scenario");
    let plan = StudySpec::Compare(ComparePlan { variants: Vec::new(), replications: 2 });
    let answer = study::answer(plan, &compiled, Executor::Threads(2), &|_| {}).expect("it can be asked");
    let Answer::Comparison(comparison) = &answer else { panic!("no comparison") };
    let of = |figures: &[Compared]| {
        let figure = figures.iter().find(|f| f.subject == "jobs.work" && f.metric == "messages_given_up_share");
        figure.cloned().expect("messages are compared")
    };
    about("base", of(&comparison.base.figures).value.unwrap().mean, 0.8, 0.02);
    let patient = of(&comparison.variants[0].figures);
    about("patient", patient.value.unwrap().mean, 0.0, 0.0);
    about("difference", patient.difference.unwrap().mean, -0.8, 0.02);
}

#[test]
fn messages_are_asked_of_queues_alone() {
    let wrong = |more: &str, words: &[&str]| {
        let text = given_up(more);
        let problems = load("t.ron", &text).expect_err("it is wrong");
        let said = render(&problems, "t.ron", &text, false);
        words.iter().for_each(|word| assert!(said.contains(word), "`{word}`: {said}"));
    };
    let of = |subject: &str| format!("objectives: {{ \"{subject}\": [\"messages given up < 1%\"] }}");
    let asked = ["`messages given up` cannot be asked of", "it is asked of an operation of a `Queue`"];
    wrong(&of("shop.buy"), &asked);
    wrong(&of("buyers"), &asked);
    wrong(&of("worker.work"), &asked);
    wrong("objectives: { \"jobs.work\": [\"worst 1min messages given up < 1%\"] }", &["has no windows"]);
    wrong("objectives: { \"jobs.work\": [\"messages givn up < 1%\"] }", &["did you mean `messages given up`?"]);
    let rule = "runbook: [When(condition: \"shop.messages given up > 5%\", then: ScaleTraffic(\"buyers\", 2))]";
    wrong(rule, &["`shop` is not a `Queue`"]);
}

fn gives_up<'a>(results: &'a Results, subject: &str) -> &'a StoryEvent {
    let of_it = |event: &&StoryEvent| event.event == StoryKind::Failing && event.subject == subject;
    results.story.iter().find(of_it).unwrap_or_else(|| panic!("{:#?}", results.story))
}

/// The consumer dies at 0:30 and is back a minute later. 20 messages a second find nobody meanwhile.
#[test]
fn the_story_says_since_when_messages_are_given_up_until_when_and_because_of_whom() {
    let text = r#"(
        version: 1, title: "nobody works", horizon: "3min",
        machines: { "m": (cores: 8), "w": (cores: 8) },
        services: {
            "shop": (on: ["m"], links: { "jobs": () }, operations: { "buy": [Cpu("1ms"), Enqueue("jobs.work")] }),
            "jobs": (on: ["m"], kind: Queue(to: "worker"), links: { "worker": () }),
            "worker": (on: ["w"], restart: "1min", operations: { "work": [Delay("1ms")] }),
        },
        traffic: { "buyers": Open(rate: Constant("20/s"), gaps: "1", call: "shop.buy") },
        runbook: [At("30s", Crash("worker"))],
    )"#;
    let results = results(text);
    let told = gives_up(&results, "jobs");
    let back = results.story.iter().find(|event| event.event == StoryKind::Up).expect("it comes back").at_s;
    // One every 50 ms: the first to find nobody comes within that of the crash, the last within that of its return.
    about("begins", told.at_s, 30.0, 0.06);
    assert!(told.text.contains("in the first 10 s"), "{}", told.text);
    assert!(told.text.starts_with("jobs gives up 20"), "200 in 10 s: {}", told.text);
    let until = told.text.split("; until ").nth(1).unwrap_or_else(|| panic!("{}", told.text));
    let (at, all) = until.split_once(", ").expect("with how many");
    let clock = surgelab::number::clock(back.floor());
    let before = surgelab::number::clock(back.floor() - 1.0);
    assert!(at == clock || at == before, "{until}, back at {back}");
    let all: f64 = all.trim_end_matches(" messages").replace(',', "").parse().expect("a number");
    about("all", all, (back - 30.0) * 20.0, 2.0);
    assert_eq!(told.because.words().as_deref(), Some("worker"), "{}", told.text);
    assert!(!told.causes.is_empty(), "that it died was told");
}

/// What a queue held is gone with its process: because of its own death.
#[test]
fn messages_that_are_lost_are_lost_because_their_queue_died() {
    let text = r#"(
        version: 1, title: "lost", horizon: "2min",
        machines: { "m": (cores: 8), "q": (cores: 1) },
        services: {
            "shop": (on: ["m"], links: { "jobs": () }, operations: { "buy": [Cpu("1ms"), Enqueue("jobs.work")] }),
            "jobs": (on: ["q"], kind: Queue(to: "worker"), links: { "worker": (connections: Keep(1)) }),
            "worker": (on: ["m"], operations: { "work": [Delay("1s")] }),
        },
        traffic: { "buyers": Open(rate: Constant("20/s"), gaps: "1", call: "shop.buy") },
        runbook: [At("30.5s", Crash("jobs"))],
        objectives: { "jobs.work": ["messages given up < 1%"] },
    )"#;
    let results = results(text);
    let told = gives_up(&results, "jobs");
    about("at", told.at_s, 30.5, 1e-6);
    // 20 came and 1 was done in each of 30.5 s.
    let lost: f64 = told.text.split(' ').nth(2).and_then(|count| count.parse().ok()).expect("a number");
    about("lost", lost, 30.5 * 19.0, 25.0);
    assert_eq!(told.because.words().as_deref(), Some("jobs"), "{}", told.text);
    let given_up = results.objectives[0].observed.expect("it was observed");
    about("lost messages are not done", given_up, results.messages["jobs.work"].failed_share().unwrap(), 1e-9);
    assert!(given_up > 0.5, "{given_up}");
}
