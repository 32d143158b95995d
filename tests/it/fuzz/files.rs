//! Bytes and tokens of files: read, checked, run for a moment and told in every format.

use super::dice::{Dice, EXTREME};
use std::sync::{Arc, OnceLock};
use surgelab::catalog::SCENARIOS;
use surgelab::engine::Limits;
use surgelab::measure::{Options, record};
use surgelab::model::Model;
use surgelab::report::{Context, Format, Look, page, render};
use surgelab::scenario::{self, Loaded};
use surgelab::study::Answer;
use surgelab::{napkin, plain};

/// Small files with much of the language in them; what was found stands there, too.
const CORPUS: [&str; 4] = [
    include_str!("../fixtures/full.ron"),
    include_str!("../fixtures/hug.ron"),
    include_str!("../fixtures/shop.ron"),
    include_str!("../fixtures/television.ron"),
];

/// What a run of a case may take.
pub const LIMITS: Limits = Limits { events: 20_000, at_once: 50_000, executions: 20_000, state: 300_000_000 };

fn corpus() -> &'static [&'static str] {
    static ALL: OnceLock<Vec<&str>> = OnceLock::new();
    ALL.get_or_init(|| CORPUS.into_iter().chain(SCENARIOS.iter().map(|built_in| built_in.text)).collect())
}

/// The pieces of a text: words, numbers, texts, signs and blanks.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' || c == '.' => 1,
        c if c.is_whitespace() => 2,
        _ => 0,
    };
    let mut last = 0;
    let mut quoted = false;
    for c in text.chars() {
        match tokens.last_mut() {
            Some(token) if quoted || (kind(c) == last && last > 0) => token.push(c),
            _ => tokens.push(c.to_string()),
        }
        quoted ^= c == '"';
        last = if c == '"' { 0 } else { kind(c) };
    }
    tokens
}

/// A file of the corpus, spoiled.
pub fn spoiled(dice: &mut Dice) -> String {
    let origin = dice.pick::<&str>(corpus());
    let mut tokens = tokens(origin);
    for _ in 0..1 + dice.below(6) {
        let at = dice.below(tokens.len().max(1));
        match dice.below(9) {
            0 => tokens[at] = (*dice.pick(&EXTREME)).to_owned(),
            1 => {
                // A number, or a text, at its end.
                let like = |token: &String| token.starts_with(|c: char| c.is_ascii_digit() || c == '"');
                if let Some(place) = tokens[at..].iter().position(like) {
                    tokens[at + place] = (*dice.pick(&EXTREME)).to_owned();
                }
            }
            2 => drop(tokens.remove(at)),
            3 => tokens.insert(
                at,
                (*dice.pick(&["(", ")", "[", "]", "{", "}", ",", ":", "\"", "/*", "//", "#", "\0"])).to_owned(),
            ),
            4 => {
                let other = dice.below(tokens.len());
                tokens.swap(at, other);
            }
            5 => {
                // A piece again, elsewhere.
                let end = (at + 1 + dice.below(60)).min(tokens.len());
                let piece: Vec<String> = tokens[at..end].to_vec();
                let place = dice.below(tokens.len());
                let times = if dice.one_in(8) { 200 } else { 1 };
                let again = piece.iter().cycle().take(piece.len() * times).cloned().collect::<Vec<_>>();
                tokens.splice(place..place, again);
            }
            6 => {
                // A piece of another file.
                let other = dice.pick::<&str>(corpus());
                let other = self::tokens(other);
                let from = dice.below(other.len());
                let end = (from + 1 + dice.below(60)).min(other.len());
                let until = (at + dice.below(20)).min(tokens.len());
                tokens.splice(at..until, other[from..end].to_vec());
            }
            7 => tokens.truncate(at.max(1)),
            _ => {
                let mut bytes = tokens[at].clone().into_bytes();
                let place = dice.below(bytes.len());
                bytes[place] = dice.next() as u8;
                tokens[at] = String::from_utf8_lossy(&bytes).into_owned();
            }
        }
        if tokens.is_empty() {
            break;
        }
    }
    tokens.concat()
}

pub fn case(number: u64) {
    let text = spoiled(&mut Dice::of(number));
    let checked = scenario::load("case.ron", &text).and_then(|loaded| Ok((napkin::check(&loaded)?, loaded)));
    match checked {
        Ok((warnings, loaded)) => {
            shown(&scenario::render(&warnings, "case.ron", &text, false));
            let again = scenario::load("again.ron", &loaded.scenario.to_ron()).expect("what is written is read");
            assert_eq!(*again.scenario, *loaded.scenario, "what is written reads back as the same");
            run(&loaded);
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "a file that is refused is refused for something");
            shown(&scenario::render(&problems, "case.ron", &text, false));
        }
    }
}

/// A moment of it, told in every format.
pub fn run(loaded: &Loaded) {
    let Ok(model) = Model::compile(loaded) else { return };
    let model = Arc::new(model);
    let options = Options { seed: 1, limits: LIMITS, ..Options::default() };
    let mut results = record(Arc::clone(&model), &options, &mut |_| {});
    napkin::annotate(&model, &mut results);
    results.seal();
    let answer = Answer::Run(Box::new(results));
    let context = Context {
        command: "surgelab run case.ron",
        teaches: &loaded.scenario.teaches,
        model: Some(&model),
        source: None,
    };
    let page = page(&answer, &context);
    for format in Format::ALL {
        let text = render(&page, &answer, format, Look { color: false, width: 80 });
        shown(&text);
        if format == Format::Csv || format == Format::Text {
            let words = text.split(|c: char| !c.is_alphanumeric());
            let infinite = words.filter(|word| ["inf", "NaN", "nan"].contains(word)).count();
            assert_eq!(infinite, 0, "{text}");
        }
    }
}

/// Nothing in it is hidden.
pub fn shown(text: &str) {
    assert!(!text.contains(|c| c != '\n' && plain::is_hidden(c)), "{text:?}");
}
