//! Whatever a file holds, reading it ends with a scenario or with problems: never with a panic.
use proptest::prelude::*;
use surgelab::model::Model;
use surgelab::scenario::edit::{Document, Edit};
use surgelab::scenario::{load, render};

const FILES: [&str; 3] =
    [include_str!("fixtures/full.ron"), include_str!("fixtures/hug.ron"), include_str!("fixtures/shop.ron")];

/// One way to spoil a file. Places are shares of its length.
#[derive(Clone, Debug)]
enum Spoil {
    Put(f64, String),
    Remove(f64, usize),
    Swap(f64, f64),
    Number(f64, String),
    Cut(f64),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let piece = prop_oneof![
        proptest::string::string_regex("[-(){}\\[\\],:\"'/*#r0-9.%a-zé\\\\ \n\u{0}]{1,4}").unwrap(),
        Just("Some(".to_owned()),
        Just("None".to_owned()),
        Just("\"\\u{".to_owned()),
        Just("in_flight*".to_owned()),
        Just("geometric(".to_owned()),
    ];
    let number = prop_oneof![
        Just("0".to_owned()),
        Just("-1".to_owned()),
        Just("1e999".to_owned()),
        Just("99999999999999999999999".to_owned()),
        Just("0.0000000000000001".to_owned()),
        Just("4294967295".to_owned()),
        Just("NaN".to_owned()),
        "[0-9]{1,12}",
    ];
    prop_oneof![
        (0.0..1.0, piece).prop_map(|(at, piece)| Spoil::Put(at, piece)),
        (0.0..1.0, 1usize..20).prop_map(|(at, length)| Spoil::Remove(at, length)),
        (0.0..1.0, 0.0..1.0).prop_map(|(one, other)| Spoil::Swap(one, other)),
        (0.0..1.0, number).prop_map(|(at, number)| Spoil::Number(at, number)),
        (0.0..1.0).prop_map(Spoil::Cut),
    ]
}

fn place(text: &str, at: f64) -> usize {
    let mut place = (at * text.len() as f64) as usize;
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// The word or number around a place.
fn word(text: &str, at: f64) -> std::ops::Range<usize> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '"');
    let place = place(text, at);
    let from = text[..place]
        .rfind(|c| !part(c))
        .map_or(0, |before| before + text[before..].chars().next().map_or(1, char::len_utf8));
    let to = text[place..].find(|c| !part(c)).map_or(text.len(), |length| place + length);
    from..to
}

fn spoiled(mut text: String, spoil: &Spoil) -> String {
    match spoil {
        Spoil::Put(at, piece) => {
            let at = place(&text, *at);
            text.insert_str(at, piece);
        }
        Spoil::Remove(at, length) => {
            let from = place(&text, *at);
            let to = place(&text, ((from + length) as f64 / text.len().max(1) as f64).min(1.0)).max(from);
            text.replace_range(from..to, "");
        }
        Spoil::Swap(one, other) => {
            let (one, other) = (word(&text, *one), word(&text, *other));
            let (first, second) = if one.start <= other.start { (one, other) } else { (other, one) };
            if first.end <= second.start {
                let (left, right) = (text[first.clone()].to_owned(), text[second.clone()].to_owned());
                text.replace_range(second, &left);
                text.replace_range(first, &right);
            }
        }
        Spoil::Number(at, number) => {
            let from = place(&text, *at);
            let digits = text[from..].find(|c: char| c.is_ascii_digit()).map(|offset| from + offset);
            if let Some(start) = digits {
                let end = text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |length| start + length);
                text.replace_range(start..end, number);
            }
        }
        Spoil::Cut(at) => text.truncate(place(&text, *at)),
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_spoiled_file_panics(file in 0usize..3, spoils in proptest::collection::vec(spoil(), 1..4)) {
        let text = spoils.iter().fold(FILES[file].to_owned(), spoiled);
        match load("spoiled.ron", &text) {
            Ok(loaded) => {
                render(&loaded.warnings, "spoiled.ron", &text, false);
                let again = load("saved.ron", &loaded.scenario.to_ron());
                prop_assert_eq!(&*again.expect("what was saved can be read").scenario, &*loaded.scenario);
                if let Err(problems) = Model::compile(&loaded) {
                    render(&problems, "spoiled.ron", &text, false);
                }
            }
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                render(&problems, "spoiled.ron", &text, false);
            }
        }
    }

    #[test]
    fn no_text_at_all_panics(text in "\\PC{0,200}") {
        let _ = load("text.ron", &text).map_err(|problems| render(&problems, "text.ron", &text, false));
    }

    #[test]
    fn no_path_panics(path in "[a-z0-9.*]{0,30}|(machines|services|traffic|runbook)\\.(web|app|users|0)\\.[a-z_.0-9]{0,20}", value in "\\PC{0,20}") {
        let mut document = Document::new(FILES[0]);
        if document.edit(&Edit::set(path, value)).is_ok() {
            let _ = load("patched.ron", document.text());
        }
    }
}
