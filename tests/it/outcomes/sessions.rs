//! Sessions: who came, who got through, where the others gave up, and how long it took.

use super::{about, results};
use crate::support::run::loaded;
use surgelab::measure::Results;
use surgelab::measure::results::Sessions;
use surgelab::report;
use surgelab::scenario::load;

fn sessions<'a>(results: &'a Results, source: &str) -> &'a Sessions {
    results.traffic[source].sessions.as_ref().expect("they are sessions")
}

fn people(source: &str, more: &str) -> String {
    format!(
        r#"(
            version: 1, title: "people", horizon: "10min",
            machines: {{ "m": (cores: 8) }},
            services: {{ "s": (on: ["m"], operations: {{
                "q": [Cpu("1ms"), Fail("2%")], "fine": [Delay("100ms")], "bad": [Delay("20ms"), Fail("30%")],
            }}) }},
            traffic: {{ {source} }},
            {more}
        )"#
    )
}

/// Ten clicks with 2 % error each: 1 − 0.98^10 of people never finish, though 2 % of requests fail.
#[test]
fn people_are_not_counted_as_calls() {
    let results = results(&people(
        r#""people": Users(arrive: Constant("20/s"), journey: [Repeat("10", [Call("s.q")])])"#,
        r#"objectives: { "people": ["failed < 3%", "sessions completed > 95%", "sessions gave up < 20%"] },"#,
    ));
    let never = 1.0 - 0.98_f64.powi(10);
    let sessions = sessions(&results, "people");
    about("gave up", sessions.gave_up_share.unwrap(), never, 0.01);
    about("completed", sessions.completed_share.unwrap(), 1.0 - never, 0.01);
    assert_eq!(sessions.came, sessions.completed + sessions.left() + sessions.still_there);
    assert_eq!(sessions.gave_up.keys().collect::<Vec<_>>(), ["Error"]);
    about("requests that fail", results.traffic["people"].failed_share().unwrap(), 0.02, 0.002);
    let states: Vec<bool> = results.objectives.iter().map(|objective| objective.pass).collect();
    assert_eq!(states, [true, false, true], "{:?}", results.objectives);
    assert_eq!(results.objectives[1].observed, sessions.completed_share);
    let verdict = report::verdict(&results);
    let told = format!("{} of people gave up", surgelab::number::percent(sessions.gave_up_share.unwrap()));
    assert!(verdict.contains(&told), "{verdict}");
    assert!(verdict.contains("of their requests failed"), "{verdict}");
    assert!(!verdict.contains("of people failed"), "{verdict}");
}

/// Where and why, by step: the first always goes well, the second fails for 30 %, so that 70 % get to the third.
#[test]
fn each_step_says_who_reached_it_and_who_left_there() {
    let results = results(&people(
        r#""people": Users(arrive: Constant("10/s"), journey: [Call("s.fine"), Delay("1s"), Call("s.bad"), Repeat("3", [Call("s.fine")])])"#,
        "",
    ));
    let sessions = sessions(&results, "people");
    let [first, second, third] = sessions.steps.as_slice() else { panic!("{:?}", sessions.steps) };
    assert_eq!([&first.operation, &second.operation, &third.operation], ["s.fine", "s.bad", "s.fine"]);
    assert_eq!((first.step, second.step, third.step), (1, 2, 3));
    assert_eq!((first.reached, first.calls, first.left()), (sessions.came, sessions.came, 0));
    about("left at the second", second.left() as f64 / second.reached as f64, 0.3, 0.02);
    assert_eq!((sessions.left(), third.left()), (second.left(), 0));
    about("reached the third", third.reached as f64 / second.reached as f64, 0.7, 0.02);
    about("calls in the loop", third.calls as f64 / third.reached as f64, 3.0, 0.02);
    about("time of a step", first.latency_s.unwrap().mean, 0.1, 1e-3);
    // 100 ms, a rest of 1 s, 20 ms, three times 100 ms.
    let duration = sessions.duration_s.unwrap();
    about("a session", duration.mean, 1.42, 2e-3);
    about("its 95th percentile", duration.p95, 1.42, 0.01);
}

/// Who gave up is endlessly late: with 30 % lost no 95th percentile is in time, though those that got through were.
#[test]
fn an_objective_counts_who_gave_up_as_endless() {
    let results = results(&people(
        r#""people": Users(arrive: Constant("10/s"), journey: [Call("s.bad"), Call("s.fine")])"#,
        r#"objectives: { "people": ["p(95) session < 3min", "p(50) session < 1s", "med session < 1s", "avg session < 1s", "max session < 1s"] },"#,
    ));
    let states: Vec<bool> = results.objectives.iter().map(|objective| objective.pass).collect();
    assert_eq!(states, [false, true, true, true, false], "{:?}", results.objectives);
    let note = results.objectives[0].note.as_deref().unwrap();
    assert!(note.contains("count as endless; 0.12 s of those that succeeded") || note.contains("120 ms"), "{note}");
}

/// Whoever tolerates failures gets to the end; a closed population begins a new session when one ends.
#[test]
fn who_goes_on_completes_and_a_population_comes_again() {
    let results = results(&people(
        r#""tolerant": Users(arrive: Constant("5/s"), journey: [Repeat("10", [Call("s.bad")])], then: Continue),
           "staff": Closed(population: Constant(4), journey: [Call("s.fine"), Delay("1s")])"#,
        "",
    ));
    let tolerant = sessions(&results, "tolerant");
    assert_eq!((tolerant.left(), tolerant.completed_share), (0, Some(1.0)));
    assert!(tolerant.steps[0].failed > 0);
    let staff = sessions(&results, "staff");
    // Four people, 1.1 s each, for 600 s.
    about("sessions of the staff", staff.completed_per_s, 4.0 / 1.1, 0.01);
    assert_eq!(staff.still_there, 4);
    about("time of one", staff.duration_s.unwrap().mean, 1.1, 1e-3);
    let verdict = report::verdict(&results);
    assert!(verdict.contains("of the requests of tolerant failed"), "{verdict}");
}

/// A fallback in one answer makes the session degraded; that of an earlier session of the same client does not.
#[test]
fn a_degraded_session_is_one_with_a_degraded_answer() {
    let results = results(&people(
        r#""staff": Closed(population: Constant(20), journey: [Try([Call("s.bad")], [Delay("1ms")]), Delay("100ms")])"#,
        "",
    ));
    let sessions = sessions(&results, "staff");
    about("degraded", sessions.degraded as f64 / sessions.completed as f64, 0.3, 0.02);
}

/// Each mistake has its place, what was expected and a hint.
#[test]
fn mistakes_in_objectives_of_sessions_are_told() {
    let wrong = |source: &str, expression: &str| {
        let text = people(source, &format!(r#"objectives: {{ "people": ["{expression}"] }},"#));
        let problems = load("wrong.ron", &text).expect_err("it is wrong");
        let problem = &problems[0];
        assert_eq!(problems.len(), 1, "{problems:#?}");
        let at = problem.span.clone().expect("it is about a place");
        (text[at].to_owned(), problem.message.clone(), problem.label.clone())
    };
    let users = r#""people": Users(arrive: Constant("1/s"), journey: [Call("s.fine")])"#;
    let open = r#""people": Open(rate: Constant("1/s"), call: "s.fine")"#;
    let (at, message, expected) = wrong(users, "sessions complete > 95%");
    assert_eq!((at.as_str(), message.as_str()), ("sessions complete", "unknown metric `sessions complete`"));
    assert!(expected.ends_with("did you mean `sessions completed`?"), "{expected}");
    let (_, message, expected) = wrong(open, "p(95) session < 3min");
    assert_eq!(message, "`p(95) session` cannot be asked of `people`");
    assert!(expected.contains("a source with sessions") && expected.contains("`people` is `Open`"), "{expected}");
    let (at, _, expected) = wrong(users, "sessions completed > 3min");
    assert_eq!(at, "3min");
    assert!(expected.contains('%'), "{expected}");
    let (_, message, _) = wrong(users, "worst 1min p(95) session < 3min");
    assert_eq!(message, "`p(95) session` has no windows");
    let fine = people(
        users,
        r#"objectives: { "people": ["p( 99 )   session < 3min", "sessions  completed >= 95% optional"] },"#,
    );
    loaded(&fine);
}
