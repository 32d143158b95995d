//! Whatever a person does, in whatever order: nothing panics, undoing all of it gives the same bytes, and what was
//! done gives the same run when it is done again.

use crate::live_changes::{SECOND, Table};
use surgelab::catalog;
use surgelab::engine::Command;
use surgelab::experiment::Experiment;
use surgelab::host::{Lane, Phase};
use surgelab::lab::action::Action;
use surgelab::model::{Action as Act, SourceId};
use surgelab::scenario::Edit;
use surgelab::scenario::form::{Control, Forms};
use surgelab::scenario::wiring::{Ground, additions, targets};
use surgelab::units::Time;

/// Small systems, so that much can be done to them.
const SCENARIOS: [&str; 4] = ["sinkhole", "connection-pool", "queue-backlog", "replica-lag"];
/// The runs go no further.
const END: i64 = 40;

/// Numbers of a known order.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides.max(1)
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        if all.is_empty() { None } else { all.get(self.roll(all.len())) }
    }

    fn time(&mut self) -> Time {
        Time(self.roll(END as usize) as i64 * SECOND)
    }
}

/// Until nothing is awaited any more.
#[track_caller]
fn settle(table: &mut Table) {
    let mut quiet = 0;
    for _ in 0..400_000 {
        table.lab.listen();
        assert!(!table.lab.state.dead, "{:?}", table.lab.state.notice);
        let state = &table.lab.state;
        let stands = state.frame.digest.is_some()
            && state.frame.phase != Phase::Seeking
            && state.progress.is_none()
            && (state.branched.is_some() || state.frame.lane == Lane::Trunk)
            && !state.awaits_change();
        quiet = if stands { quiet + 1 } else { 0 };
        // A picture is due after a while.
        if quiet > 1_000 {
            table.lab.ask(Action::Dismiss);
            table.lab.ask(Action::Cancel);
            table.hear(Vec::new());
            return;
        }
    }
    panic!("it never came to rest");
}

/// A number somewhere in the file goes up or down, something is put in, or something is wired.
fn edit(dice: &mut Dice, table: &Table) -> Option<Action> {
    let draft = table.lab.state.draft()?;
    match dice.roll(4) {
        0 => {
            let all = additions(draft);
            let free: Vec<_> = all.iter().filter(|template| template.missing.is_none()).collect();
            Some(Action::Add((*dice.of(&free)?).clone(), Ground::Free, None))
        }
        1 => {
            let names: Vec<String> = draft.scenario.services.names().map(str::to_owned).collect();
            let from = dice.of(&names)?.clone();
            let legal: Vec<String> =
                targets(draft, &from).into_iter().filter(|(_, legal)| legal.is_ok()).map(|(to, _)| to).collect();
            Some(Action::Wire(from, Some(dice.of(&legal)?.clone())))
        }
        2 => {
            let section = ["services", "machines", "traffic"][dice.roll(3)];
            let forms = Forms::new(draft);
            let entries = forms.below(section).ok()?;
            let path = dice.of(&entries)?.path.clone();
            Some(Action::Change(vec![match dice.roll(3) {
                0 => Edit::remove_with_dependents(path),
                1 => Edit::Duplicate { path, name: None },
                _ => Edit::rename(path, format!("name-{}", dice.roll(1_000))),
            }]))
        }
        _ => {
            let forms = Forms::new(draft);
            let mut path = ["services", "machines", "traffic"][dice.roll(3)].to_owned();
            for _ in 0..4 {
                let below = forms.below(&path).ok()?;
                let form = dice.of(&below)?;
                if let Control::Number(number) = &form.control {
                    let by = if dice.roll(2) == 0 { 1 } else { -1 };
                    return Some(Action::Change(vec![form.set(&number.stepped(by, false)?)]));
                }
                path.clone_from(&form.path);
            }
            None
        }
    }
}

fn something(dice: &mut Dice, table: &Table) -> Option<Action> {
    let state = &table.lab.state;
    Some(match dice.roll(14) {
        0..=3 => edit(dice, table)?,
        4 => {
            let sources = state.model()?.sources.len();
            let factor = [0.5, 1.5, 2.0][dice.roll(3)];
            if sources == 0 {
                return None;
            }
            Action::Command(Command::Act(Act::ScaleTraffic(SourceId::new(dice.roll(sources)), factor)))
        }
        5 => Action::Undo,
        6 => Action::Redo,
        7 | 8 => Action::Seek(dice.time()),
        9 => match state.branched {
            None => Action::Branch(dice.time()),
            Some(_) if dice.roll(2) == 0 => Action::Prune,
            Some(_) => Action::Steer(if state.frame.lane == Lane::Trunk { Lane::Branch } else { Lane::Trunk }),
        },
        10 => {
            let variants: Vec<String> = state.draft()?.scenario.variants.names().map(str::to_owned).collect();
            Action::ApplyVariant(Some(dice.of(&variants)?.clone()))
        }
        11 => Action::SwitchHere,
        12 => {
            let done = state.changes().done.len();
            let time = if dice.roll(2) == 0 { None } else { Some(dice.time()) };
            Action::Revise(dice.roll(done), time)
        }
        _ => Action::Rewrite(format!("{}// {}\n", state.changes().stated(), dice.roll(1_000))),
    })
}

fn play(seed: u64, count: usize) {
    let mut dice = Dice(seed);
    let name = SCENARIOS[dice.roll(SCENARIOS.len())];
    let text = catalog::find(name).expect("it comes along").text;
    let mut table = Table::of(name, text);
    table.seek(Time(10 * SECOND));
    let mut told = Vec::new();
    for _ in 0..count {
        let Some(action) = something(&mut dice, &table) else { continue };
        told.push(format!("{action:?}").chars().take(120).collect::<String>());
        table.lab.ask(action);
        settle(&mut table);
    }
    let now = table.lab.state.frame.now;
    let digest = table.lab.state.frame.digest;
    let experiment = table.lab.state.experiment().expect("it runs");
    let again = Experiment { moment: Some(now), ..experiment };
    let mut other = Table::of(name, text);
    other.lab.open(again);
    other.until("it is open", |lab| !lab.state.awaits_change());
    other.stand();
    settle(&mut other);
    other.seek(now);
    let [was, is] = [&table, &other].map(|table| (table.lab.state.changes().log(), table.lab.state.changes().stated()));
    assert_eq!(is, was, "{name}, seed {seed}: done again it is something else: {told:#?}");
    assert_eq!(other.lab.state.frame.digest, digest, "{name}, seed {seed}: done again it is another run: {told:#?}");

    if table.lab.state.branched.is_some() {
        table.lab.ask(Action::Prune);
        settle(&mut table);
    }
    while table.lab.state.can_undo() {
        table.lab.ask(Action::Undo);
        settle(&mut table);
    }
    assert_eq!(table.lab.state.changes().stated(), text, "{name}, seed {seed}: {told:#?}");
    let now = table.lab.state.frame.now;
    let mut plain = Table::of(name, text);
    plain.seek(now);
    assert_eq!(plain.lab.state.frame.digest, table.lab.state.frame.digest, "{name}, seed {seed}: {told:#?}");
}

#[test]
fn whatever_is_done_can_be_undone_and_done_again() {
    for seed in 1..=6 {
        play(seed, 12);
    }
}

/// For long: `tests/run --slow`.
#[test]
#[ignore = "minutes"]
fn whatever_is_done_for_long_can_be_undone_and_done_again() {
    for seed in 100..160 {
        play(seed, 40);
    }
}
