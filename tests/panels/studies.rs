//! Questions about the design: asked, waited for, answered on a page, out of date after an edit, and kept as a report.

use crate::bench::Bench;
use crate::fixture::{self, Played};
use crate::live_changes::{SECOND, Table};
use egui::{Key, Modifiers, Vec2};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use surgelab::catalog::BuiltIn;
use surgelab::experiment::{Compiled, Experiment};
use surgelab::host::Update;
use surgelab::lab::action::{Action, Subject};
use surgelab::lab::app::PlatformRequest;
use surgelab::lab::state::LabState;
use surgelab::lab::studies::{Asked, Found, Question, change, marks};
use surgelab::layout::{Layout, Point, Positions};
use surgelab::report;
use surgelab::scenario::Edit;
use surgelab::study::{self, Answer, Executor};
use surgelab::units::Time;

/// A site whose limit is soon found.
pub const SITE: &str = "(version: 1, title: \"a small site\", teaches: \"It is small.\", horizon: \"40s\",
    machines: {\"box\": (cores: 1)},
    services: {\"app\": (on: [\"box\"], workers: 6, backlog: (limit: 4), operations: {\"page\": [Cpu(\"exp(20ms)\")]})},
    traffic: {\"crowd\": Open(rate: Constant(\"20/s\"), call: \"app.page\", patience: \"2s\")},
    objectives: {\"crowd\": [\"failed < 2%\"]},
    variants: {\"two cores\": (set: {\"machines.box.cores\": 2})})";

fn compiled(edits: Vec<Edit>) -> Arc<Compiled> {
    let experiment = Experiment { edits, seed: Some(1), ..Experiment::new("site.ron", SITE) };
    Arc::new(experiment.compile().expect("it compiles"))
}

/// Each question's answer, found once.
fn found(question: Question) -> Found {
    static ANSWERS: OnceLock<Vec<Found>> = OnceLock::new();
    let all = ANSWERS.get_or_init(|| {
        let of = compiled(Vec::new());
        let answer = |question: Question| {
            let answer = study::answer(question.spec(), &of, Executor::Threads(2), &|_| {}).expect("it has one");
            Found { question, answer: Arc::new(answer), of: Arc::clone(&of) }
        };
        [Question::Limit, Question::Ladder, Question::Seeds].map(answer).to_vec()
    });
    all.iter().find(|found| found.question == question).expect("it was asked").clone()
}

fn site() -> &'static Played {
    static PLAYED: OnceLock<Played> = OnceLock::new();
    PLAYED.get_or_init(|| fixture::play("site.ron", SITE, &[]))
}

fn state() -> LabState {
    let mut state = fixture::state(site(), 30.0);
    let opened = compiled(Vec::new());
    state.running = Some(Arc::clone(&opened));
    state.opened = Some(opened);
    state
}

fn tall(state: LabState) -> Bench {
    Bench::sized(state, Vec2::new(1280.0, 2_400.0))
}

fn said(actions: &[Action]) -> Vec<String> {
    actions.iter().map(|action| format!("{action:?}")).collect()
}

/// With an answer on its page.
pub fn answered(question: Question) -> LabState {
    let mut state = state();
    state.studies.found.insert(question, found(question));
    state.studies.shown = Some(question);
    state
}

#[track_caller]
fn shows(bench: &Bench, all: &[&str]) {
    for part in all {
        assert!(bench.has(part), "no {part}: {:#?}", bench.names());
    }
}

#[test]
fn each_question_is_asked_by_its_button_and_the_limit_by_its_key() {
    for question in Question::ALL {
        let mut bench = tall(state());
        bench.click(question.label());
        assert_eq!(said(&bench.taken()), said(&[Action::Ask(question)]), "{question:?}");
    }
    let mut bench = tall(state());
    bench.press(Modifiers::NONE, Key::L);
    assert_eq!(said(&bench.taken()), said(&[Action::Ask(Question::Limit)]));
}

#[test]
fn a_question_at_work_says_how_far_it_is_and_is_given_up() {
    let mut state = state();
    let left = Some(Duration::from_secs(75));
    state.studies.asked = Some(Asked { question: Question::Limit, share: 0.25, left, of: None });
    state.studies.shown = Some(Question::Limit);
    let mut bench = tall(state);
    shows(&bench, &["Find the limit: 25.0 % done, about 1 min 15 s left", "from its start, beside the run"]);
    bench.click("Stop");
    assert_eq!(said(&bench.taken()), said(&[Action::Cancel]));
    bench.press(Modifiers::NONE, Key::L);
    assert!(bench.taken().is_empty(), "one question at a time");
    bench.press(Modifiers::NONE, Key::Escape);
    assert_eq!(said(&bench.taken()), said(&[Action::ShowAnswer(None)]));
}

#[test]
fn an_answer_is_a_page_with_its_verdict_tables_command_and_ways() {
    for question in [Question::Limit, Question::Ladder, Question::Seeds] {
        let answer = found(question).answer;
        for dark in [true, false] {
            let mut state = answered(question);
            state.view.dark = dark;
            crate::picture::keep(&state, &format!("answer-{question:?}-{dark}"));
        }
        let mut bench = tall(answered(question));
        let page = report::page(&answer, &report::Context::default());
        shows(&bench, &[&page.verdict.text, "surgelab ", "site.ron", "--seed 1", answer.digest()]);
        let expected: &[&str] = match question {
            Question::Limit => &["Holds", "the file expects", "Binds", "Missed", "failed < 2%", "Searches"],
            Question::Ladder => &["Rungs", "relief", "the file as it is", " → "],
            _ => &["Odds", "goodput collapses", "Figures"],
        };
        shows(&bench, expected);
        bench.click("Save report");
        assert_eq!(said(&bench.taken()), said(&[Action::Export(Some(question))]));
        bench.click("Close");
        assert_eq!(said(&bench.taken()), said(&[Action::ShowAnswer(None)]));
    }
}

#[test]
fn the_name_of_what_binds_leads_to_it() {
    let mut state = state();
    state.studies.found.insert(Question::Limit, found(Question::Limit));
    state.studies.shown = Some(Question::Limit);
    let binds = marks(&found(Question::Limit).answer)[0].binds.clone().expect("something binds");
    let mut bench = tall(state);
    bench.click(&binds);
    assert_eq!(said(&bench.taken()), said(&[Action::Reveal(Subject::Resource(binds))]));
}

#[test]
fn limits_stand_beside_their_boxes_and_on_the_timeline() {
    let limit = found(Question::Limit);
    let mark = marks(&limit.answer)[0].clone();
    let binds = mark.binds.clone().expect("something binds");
    let with = |edits: Vec<Edit>| {
        let mut state = state();
        state.layout = Layout::new(&site().model, &Positions::default());
        state.view.size = Point { x: 900.0, y: 560.0 };
        let bounds = state.layout.bounds();
        state.view.fit(bounds);
        let mut limit = limit.clone();
        limit.of = compiled(edits);
        state.studies.found.insert(Question::Limit, limit);
        tall(state)
    };
    let mut bench = with(Vec::new());
    let text = format!("{binds} breaks 1st at {}", mark.load);
    shows(&bench, &[&format!("Find the limit: {} of crowd ({binds})", mark.load)]);
    bench.click(&text);
    assert_eq!(said(&bench.taken()), said(&[Action::ShowAnswer(Some(Question::Limit))]));
    bench.click_containing("Find the limit: ");
    assert_eq!(said(&bench.taken()), said(&[Action::ShowAnswer(Some(Question::Limit))]));
    shows(&bench, &[&format!("Limit: holds {}, breaks at {binds}", mark.load)]);
    // Of another design it is told as what was.
    let old = with(vec![Edit::set("services.app.workers", "7")]);
    shows(&old, &[&format!("{binds} broke 1st at {}", mark.load), "(of another design)"]);
    assert!(!old.has("Limit: holds"));
}

#[test]
fn a_change_is_told_in_the_words_of_both_answers() {
    let of = compiled(vec![Edit::set("machines.box.cores", "2")]);
    let now = study::answer(Question::Limit.spec(), &of, Executor::Threads(2), &|_| {}).expect("it has one");
    let before = found(Question::Limit).answer;
    let told = change(&before, &now).expect("both have a limit");
    let (old, new) = (marks(&before)[0].clone(), marks(&now)[0].clone());
    assert!(new.value > old.value * 1.5, "{old:?} {new:?}");
    assert!(told.starts_with(&format!("{} → {} of crowd, ", old.load, new.load)), "{told}");
    assert!(change(&before, &found(Question::Seeds).answer).is_none(), "of one question");
}

/// In a lab with a host.
#[test]
fn a_lab_asks_is_answered_edits_and_asks_again() {
    let scenario = BuiltIn { name: "site.ron", file: "site.ron", text: SITE };
    let mut table = Table::open(&scenario);
    table.seek(Time(10 * SECOND));
    table.lab.ask(Action::Ask(Question::Limit));
    let answered = |lab: &surgelab::lab::app::Lab| {
        lab.state.studies.asked.is_none() && lab.state.studies.found.contains_key(&Question::Limit)
    };
    table.until("it is answered", answered);
    let first = table.lab.state.studies.found[&Question::Limit].clone();
    assert!(!table.lab.state.is_stale(&first));
    let expected = found(Question::Limit).answer;
    assert_eq!(report::json(&first.answer), report::json(&expected), "to the byte");
    table.lab.ask(Action::Edit(vec![Edit::set("machines.box.cores", "2")]));
    table.until("it is edited", |lab| !lab.state.changes().done.is_empty());
    table.seek(Time(12 * SECOND));
    assert!(table.lab.state.is_stale(&first), "the design is another");
    table.lab.ask(Action::Ask(Question::Limit));
    table.until("it is answered again", answered);
    let state = &table.lab.state;
    let (before, now) = (&state.studies.before[&Question::Limit], &state.studies.found[&Question::Limit]);
    assert!(!state.is_stale(now) && Arc::ptr_eq(&before.answer, &first.answer));
    assert!(change(&before.answer, &now.answer).is_some_and(|told| told.contains('→')));
    let command = "surgelab capacity site.ron --set machines.box.cores=2 --seed 1";
    assert_eq!(surgelab::lab::studies::command(Question::Limit, &now.of), command);

    table.lab.ask(Action::Export(Some(Question::Limit)));
    let saved = table.lab.platform_requests();
    let [PlatformRequest::Save(path, html, None)] = &saved[..] else { panic!("{saved:?}") };
    assert_eq!(path.to_str(), Some("site-capacity.html"));
    assert!(html.starts_with("<!doctype html>") && html.contains(command) && html.contains("a small site"));
    table.lab.ask(Action::Export(None));
    let saved = table.lab.platform_requests();
    let [PlatformRequest::Save(path, html, None)] = &saved[..] else { panic!("{saved:?}") };
    assert_eq!(path.to_str(), Some("site-run.html"));
    assert!(html.contains("It is small.") && html.contains("surgelab run site.ron"), "{}", &html[..600]);
    table.lab.state.saved(Ok("here/site-run.html".into()));
    assert_eq!(table.lab.state.notice.as_deref(), Some("The report is in here/site-run.html."));

    // From the start the run is another, and what was found stays.
    table.lab.ask(Action::EditFromStart(vec![Edit::set("services.app.workers", "9")]));
    table.until("it is played again", |lab| lab.state.frame.digest.is_some() && lab.state.changes().done.len() == 2);
    let state = &table.lab.state;
    assert!(state.is_stale(&state.studies.found[&Question::Limit]));
    table.lab.ask(Action::Cancel);
    assert!(table.lab.state.studies.shown.is_none(), "with nothing at work the page is put away");
}

#[test]
fn why_there_is_no_answer_stands_where_the_answer_would() {
    let mut state = state();
    state.act(Action::Ask(Question::Recovery));
    let problem = surgelab::scenario::Problem::general("there are no objectives");
    let failure =
        surgelab::experiment::LoadFailure { name: "site.ron".into(), text: String::new(), problems: vec![problem] };
    state.hear(Update::StudyFailed(Arc::new(failure)));
    let mut bench = tall(state);
    shows(&bench, &["No answer: there are no objectives."]);
    bench.click("Ask again");
    assert_eq!(said(&bench.taken()), said(&[Action::Ask(Question::Recovery)]));
}

#[test]
fn every_block_of_any_page_is_drawn() {
    let run = || {
        let mut state = state();
        let results = Answer::Run(Box::new((*site().results).clone()));
        let found = Found { question: Question::Seeds, answer: Arc::new(results), of: compiled(Vec::new()) };
        state.studies.found.insert(Question::Seeds, found);
        state.studies.shown = Some(Question::Seeds);
        state
    };
    let bench = tall(run());
    crate::picture::keep(&run(), "answer-run");
    // A run has all of them: notes, tables, the chart, use over time.
    shows(&bench, &["Traffic over time", "crowd: ", "digest"]);
}
