//! Texts of others as they are shown: whatever a name, a title, a path or a value holds, it cannot steer what shows it.
//!
//! A sign that is not seen, but does something (a control character, a change of direction, a character that is none),
//! is written as an escape, `\u{1b}`. What is shown in a message is cut where it is too long to be read.

use std::borrow::Cow;

/// Bytes of a text in a message at most.
const LONGEST: usize = 600;

/// Whether it does something instead of being seen. A line break does, too.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{200b}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fff0}'..='\u{fffb}')
        // What takes no room, or the room of a letter, and is not seen: Default_Ignorable_Code_Point, but for what
        // joins and varies the letters and pictures beside it.
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180e}')
        || matches!(c, '\u{3164}' | '\u{ffa0}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
        || code & 0xfffe == 0xfffe
}

/// A text in a line: what is hidden is written as an escape, a line break or a tab is a blank.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |c| matches!(c, '\n' | '\t').then_some(' '))
}

/// A text of many lines, which keep their breaks.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| matches!(c, '\n' | '\t').then_some(c))
}

fn escaped(text: &str, instead: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match instead(c) {
            Some(other) => out.push(other),
            None if is_hidden(c) => out.extend(c.escape_unicode()),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// A line of a message: cut in the middle where it is too long to be read.
#[must_use]
pub fn message(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST {
        return line(text);
    }
    let head = text.floor_char_boundary(LONGEST * 2 / 3);
    let tail = text.ceil_char_boundary(text.len() - LONGEST / 4);
    let left_out = crate::number::count((tail - head) as u64);
    Cow::Owned(format!("{} … ({left_out} bytes) … {}", line(&text[..head]), line(&text[tail..])))
}

/// A text of the same length in bytes, in which what is hidden is not: places in it stay where they are.
#[must_use]
pub fn in_place(text: &str) -> Cow<'_, str> {
    let keeps = |c: char| matches!(c, '\n' | '\t') || !is_hidden(c);
    if text.chars().all(keeps) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut signs = text.chars().peekable();
    while let Some(c) = signs.next() {
        // The end of a line is no part of it.
        let ends = c == '\r' && signs.peek() == Some(&'\n');
        if ends || keeps(c) {
            out.push(c);
        } else {
            (0..c.len_utf8()).for_each(|_| out.push('?'));
        }
    }
    Cow::Owned(out)
}

/// JSON of which no sign is hidden; it reads back as the same.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    let keeps = |c: char| c == '\n' || !is_hidden(c);
    if text.chars().all(keeps) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut units = [0; 2];
    for c in text.chars() {
        if keeps(c) {
            out.push(c);
        } else {
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        }
    }
    Cow::Owned(out)
}

/// A cell that a spreadsheet takes for text: what would be a formula begins with an apostrophe.
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    match line(text) {
        shown if formula => Cow::Owned(format!("'{shown}")),
        shown => shown,
    }
}

/// A word as a POSIX shell reads it. What is hidden in it is written out.
#[must_use]
pub fn shell_word(word: &str) -> String {
    if word.contains(is_hidden) {
        let bytes = |c: char| c.to_string().bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
        let sign = |c: char| match c {
            '\n' => "\\n".to_owned(),
            '\\' | '\'' => format!("\\{c}"),
            c if is_hidden(c) => bytes(c),
            c => c.to_string(),
        };
        return format!("$'{}'", word.chars().map(sign).collect::<String>());
    }
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(bare) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_hidden_is_written_out() {
        assert_eq!(line("\u{1b}[31mred\u{7} \u{202e}x\u{85}"), "\\u{1b}[31mred\\u{7} \\u{202e}x\\u{85}");
        assert_eq!(line("a\nb\tc\r"), "a b c\\u{d}");
        assert_eq!(lines("a\nb\0"), "a\nb\\u{0}");
        assert_eq!(line("a\u{ffff}\u{1fffe}"), "a\\u{ffff}\\u{1fffe}");
        for blank in ['\u{ad}', '\u{180e}', '\u{115f}', '\u{3164}', '\u{34f}', '\u{ffa0}', '\u{e0101}'] {
            assert_eq!(line(&format!("a{blank}b")), format!("a{}b", blank.escape_unicode()));
        }
        assert_eq!(line("Zürich 東京 👩‍💻"), "Zürich 東京 👩‍💻");
        assert_eq!(in_place("a\u{1b}\u{202e}é"), "a????é");
        assert_eq!(json("\"\u{202e}\u{e0001}\""), "\"\\u202e\\udb40\\udc01\"");
    }

    #[test]
    fn cells_are_no_formulas() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@sum"), "'@sum");
        assert_eq!(cell("-x"), "'-x");
        assert_eq!(cell("-0.5"), "-0.5");
        assert_eq!(cell("+1e-9"), "+1e-9");
    }

    #[test]
    fn a_long_text_is_cut() {
        let long = "é".repeat(500_000);
        let shown = message(&long);
        assert!(shown.len() < 700, "{} bytes", shown.len());
        assert!(shown.contains("bytes) …"));
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in "\\PC{0,40}|[\\x00-\\x{10ffff}]{0,40}") {
            prop_assert!(!line(&text).contains(is_hidden));
            prop_assert!(!message(&text).contains(is_hidden));
            prop_assert_eq!(in_place(&text).len(), text.len());
            let written = serde_json::to_string(&text).expect("a text can be written");
            let read: String = serde_json::from_str(&json(&written)).expect("it is JSON");
            prop_assert_eq!(read, text);
        }
    }
}
