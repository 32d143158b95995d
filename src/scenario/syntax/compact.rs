//! A text with nothing in it that only people need: no comments, no blanks, no commas before an end.

use super::blanks_end;

/// The same values in as few bytes. What does not parse comes out changed, and does not parse either.
pub fn compact(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len() / 2);
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    loop {
        let end = blanks_end(text, at);
        let blanks = end > at;
        at = end;
        let rest = &text[at..];
        let Some(next) = rest.chars().next() else { return out };
        let raw = rest.starts_with('r') && rest[1..].trim_start_matches('#').starts_with('"');
        let length = match next {
            _ if raw && !out.ends_with(word) => raw_length(rest),
            '"' | '\'' => quoted_length(rest, next),
            ')' | ']' | '}' => {
                if out.ends_with(',') {
                    out.pop();
                }
                1
            }
            other => other.len_utf8(),
        };
        if blanks && word(next) && out.ends_with(word) {
            out.push(' ');
        }
        out.push_str(&rest[..length]);
        at += length;
    }
}

/// Bytes of a text between two marks, escapes in it left as they are.
fn quoted_length(rest: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == mark {
            return at + 1;
        }
    }
    rest.len()
}

/// Bytes of a text that begins with `r"` or `r##"`.
fn raw_length(rest: &str) -> usize {
    let signs = rest[1..].len() - rest[1..].trim_start_matches('#').len();
    let close = format!("\"{}", "#".repeat(signs));
    let from = signs + 2;
    rest.get(from..).and_then(|inside| inside.find(&close)).map_or(rest.len(), |end| from + end + close.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_people_need_goes() {
        let text = "// top\n( version : 1, /* in /* it */ */ title: \"a // b, ) c\\\" d\",\n list: [1, 2 , ],)\n";
        assert_eq!(compact(text), "(version:1,title:\"a // b, ) c\\\" d\",list:[1,2])");
        assert_eq!(compact("(a: r#\"x \" y // z\"#, b: Some Name)"), "(a:r#\"x \" y // z\"#,b:Some Name)");
        assert_eq!(compact("\"never ends \\"), "\"never ends \\");
        assert_eq!(compact(""), "");
    }
}
