//! Links that mean harm.

use data_encoding::BASE64URL_NOPAD;
use miniz_oxide::deflate::compress_to_vec;
use surgelab::share::{ENTRIES, LONGEST, ShareError, Shared, is_link, text_of};

/// A link as anybody can make one: no dictionary is needed to deflate.
fn link(contents: &str) -> String {
    format!("s1.{}", BASE64URL_NOPAD.encode(&compress_to_vec(contents.as_bytes(), 9)))
}

fn refused(contents: &str) -> ShareError {
    Shared::read(&link(contents)).expect_err(contents)
}

#[test]
fn what_is_no_link_is_taken_for_none() {
    for text in ["", "s1", "s1,AA", "codingame", "scenarios/s1.ron", "(version: 1)", "s1.AA BB", "#", "s.AA", "s1x.AA"]
    {
        assert!(!is_link(text), "{text}");
    }
    for text in ["s1.AA", "#s1.AA", "https://a.b/c?d#s12.AA", " s1.AA\n", "s1."] {
        assert!(is_link(text), "{text}");
    }
}

#[test]
fn damage_is_named() {
    let good = link("{\"engine\":\"0.1.0\",\"built_in\":\"codingame\"}");
    assert!(Shared::read(&good).is_ok());
    for end in 3..good.len() {
        assert!(matches!(Shared::read(&good[..end]), Err(ShareError::Damaged(_))), "cut off after {end}");
    }
    for at in 3..good.len() {
        let mut changed = good.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        // Whatever comes of it: no panic, and what is not refused is a built-in scenario that there is.
        let _ = Shared::read(std::str::from_utf8(&changed).unwrap());
    }
    assert!(matches!(Shared::read(&format!("{good}AAAA")), Err(ShareError::Damaged(_))));
}

#[test]
fn another_form_and_another_version_are_named() {
    assert_eq!(Shared::read("s2.AAAA"), Err(ShareError::Form("2".into())));
    let newer = refused("{\"engine\":\"7.0.0\",\"built_in\":\"codingame\",\"weather\":\"fine\"}");
    assert_eq!(newer, ShareError::Newer("7.0.0".into()));
    assert!(newer.to_string().contains("7.0.0"));
    let unknown = refused("{\"engine\":\"0.1.0\",\"built_in\":\"codinggame\"}");
    assert_eq!(unknown, ShareError::NoScenario("codinggame".into()));
}

#[test]
fn size_is_bounded_before_while_and_after_it_is_unpacked() {
    assert_eq!(Shared::read(&format!("s1.{}", "A".repeat(LONGEST))), Err(ShareError::TooLong(LONGEST + 3)));
    let bomb = link(&" ".repeat(40 << 20));
    assert!(bomb.len() < 100_000, "it is small where it is sent");
    assert!(matches!(Shared::read(&bomb), Err(ShareError::TooLarge(_))));
    let edit = "{\"Set\":{\"path\":\"a\",\"value\":\"1\"}}";
    let edits = vec![edit; ENTRIES + 1].join(",");
    let many = refused(&format!("{{\"engine\":\"0.1.0\",\"built_in\":\"codingame\",\"edits\":[{edits}]}}"));
    assert_eq!(many, ShareError::TooMany { count: ENTRIES + 1, what: "edits", most: ENTRIES });
    let entry = "{\"time\":1,\"intervention\":{\"ApplyVariant\":null}}";
    let entries = vec![entry; ENTRIES + 1].join(",");
    let many = refused(&format!("{{\"engine\":\"0.1.0\",\"built_in\":\"codingame\",\"log\":[{entries}]}}"));
    assert_eq!(many, ShareError::TooMany { count: ENTRIES + 1, what: "acts", most: ENTRIES });
    let long = format!("{{\"Set\":{{\"path\":\"a\",\"value\":\"{}\"}}}}", "1".repeat(70_000));
    let long = refused(&format!("{{\"engine\":\"0.1.0\",\"built_in\":\"codingame\",\"edits\":[{long}]}}"));
    assert!(matches!(long, ShareError::TooMany { what: "characters in one edit", .. }));
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{{\"engine\":\"0.1.0\",\"edits\":{}", "[".repeat(100_000));
    assert!(matches!(refused(&deep), ShareError::Damaged(_)));
    let deep = format!("{{\"engine\":\"0.1.0\"}}\n{}", "[".repeat(100_000));
    let opened = Shared::read(&link(&deep)).unwrap();
    let problems = opened.experiment.base().unwrap_err().problems;
    assert!(problems[0].message.contains("too deep"), "{}", problems[0].message);
}

#[test]
fn a_picture_without_a_scenario_and_other_bytes_are_named() {
    assert_eq!(text_of(vec![0xff, 0xfe]), Err(ShareError::NoText));
    assert!(matches!(text_of(b"\x89PNG\r\n\x1a\nrubbish".to_vec()), Err(ShareError::Picture(_))));
    assert_eq!(text_of(b"(version: 1)".to_vec()).as_deref(), Ok("(version: 1)"));
}
