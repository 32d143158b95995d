//! A series in the file itself: lines `time,value`.
//!
//! A time has a unit or counts seconds; a value has its unit or is in base units. Empty lines, `#` comments and one
//! line of headings are passed over. Times do not go back; two values at one time are a jump.
use super::{
    described::{Described, Doc, Json, Reader, Scalar, Shape},
    problem::Problem,
    profile::Level,
    syntax::{Node, Value},
    text::TextError,
};
use crate::units::{Quantity, Span, parse_number};

/// Times and values, and the text they were read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Csv<V> {
    text: String,
    points: Vec<(Span, V)>,
}

impl<V: Level> Csv<V> {
    /// Reads a text.
    ///
    /// # Errors
    /// The first line that is not `time,value`.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let mut points: Vec<(Span, V)> = Vec::new();
        let mut start = 0;
        let mut begun = false;
        for line in text.split_inclusive('\n') {
            let from = start;
            start += line.len();
            let line = line.split('#').next().unwrap_or_default();
            if line.trim().is_empty() {
                continue;
            }
            let heading = !begun && line.trim_start().starts_with(char::is_alphabetic);
            begun = true;
            if heading {
                continue;
            }
            let point = Self::line(line, from)?;
            if let Some((last, _)) = points.last()
                && point.0 < *last
            {
                return Err(fail(line, from, "times go back here".into(), format!("a time from {last} on")));
            }
            if let [.., (before, _), (last, _)] = points[..]
                && before == last
                && last == point.0
            {
                return Err(fail(line, from, "a third value at one time".into(), "at most two: a jump".into()));
            }
            points.push(point);
        }
        if points.is_empty() {
            return Err(fail(text, 0, "no line with a time and a value".into(), "lines such as `90,12`".into()));
        }
        Ok(Self { text: text.to_owned(), points })
    }

    fn line(line: &str, from: usize) -> Result<(Span, V), TextError> {
        let Some((time, value)) = line.split_once(',') else {
            return Err(fail(line, from, "a line without a comma".into(), "a time and a value: `90,12`".into()));
        };
        let at = from + time.len() + 1;
        let span = match parse_number(time.trim()) {
            Some(seconds) => Span::from_base(seconds)
                .ok_or_else(|| ("that is out of range".into(), "at most a hundred years".into())),
            None => Span::parse(time).map_err(|error| (error.message, format!("seconds, or {}", error.expected))),
        };
        let span = span.map_err(|(message, expected)| fail(time, from, message, expected))?;
        let value = V::cell(value.trim()).map_err(|(message, expected)| fail(value, at, message, expected))?;
        Ok((span, value))
    }

    /// The points in order of time; at least one.
    pub fn points(&self) -> &[(Span, V)] {
        &self.points
    }
}

/// A problem of a piece that begins at `from`, without the blanks around it.
fn fail(piece: &str, from: usize, message: String, expected: String) -> TextError {
    let from = from + (piece.len() - piece.trim_start().len()).min(piece.trim_end().len());
    TextError { at: from..from + piece.trim().len(), message, expected }
}

impl<V: Level> Described for Csv<V> {
    fn shape() -> Shape {
        Shape::Scalar(Scalar { what: "lines `time,value`", example: "\"0,5\\n60,20\"", units: "", json: Json::String })
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let node = node.unwrapped();
        let Value::Text { text, plain } = &node.value else {
            return reader.mismatch(node, "lines `time,value`", "\"0,5\\n60,20\"");
        };
        match Self::parse(text) {
            Ok(csv) => Some(csv),
            Err(error) => {
                let here = plain.as_ref().map(|content| content.start + error.at.start..content.start + error.at.end);
                // With escapes in it the text has no places in the file: the line's number tells.
                let line = text.get(..error.at.start).map_or(0, |before| before.matches('\n').count()) + 1;
                let message = if here.is_some() { error.message } else { format!("line {line}: {}", error.message) };
                reader.report(Problem::error(
                    here.unwrap_or(node.span.clone()),
                    message,
                    format!("expected {}", error.expected),
                ))
            }
        }
    }
    fn write(&self) -> Doc {
        Doc::quoted(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rate;

    #[test]
    fn a_series_has_times_with_or_without_units() {
        let csv: Csv<Rate> =
            Csv::parse("time,rate # a heading\n0, 5\n\n1.5min,120/min\r\n2min,3\n2min,4\n").expect("it is right");
        let points: Vec<(f64, f64)> = csv.points().iter().map(|(time, rate)| (time.as_seconds(), rate.0)).collect();
        assert_eq!(points, [(0.0, 5.0), (90.0, 2.0), (120.0, 3.0), (120.0, 4.0)]);
    }

    #[test]
    fn a_wrong_line_is_shown_where_it_is_wrong() {
        for (text, piece) in [
            ("0,5\n60;7\n", "60;7"),
            ("0,5\n sixty ,7", "sixty"),
            ("0,5\n60, many", "many"),
            ("0,5\n60,7\n30,1", "30,1"),
            ("0,1\n0,2\n0,3", "0,3"),
            ("-1,5", "-1"),
            ("0,-5", "-5"),
        ] {
            let error = Csv::<Rate>::parse(text).expect_err(text);
            assert_eq!(&text[error.at.clone()], piece, "{error:?}");
        }
        assert!(Csv::<Rate>::parse("time,value\n").is_err());
    }
}
