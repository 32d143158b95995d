//! Words on the canvas: where they stand, and which of them yield where there is no room for all.
//!
//! Whoever draws asks for a label with a priority. In the end they are placed in order of priority; one that would lie
//! on another is left out. [`Rank::Culprit`] never yields: it is placed first.

use super::shape::Tone;
use super::width::{Face, width};
use crate::layout::{Point, Rect};
use std::ops::Range;

/// Who yields to whom; the first yields to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The root cause.
    Culprit,
    /// What is picked or pointed at.
    Picked,
    /// A state that is wrong: a queue, a countdown, failures.
    Trouble,
    /// A machine's or a crowd's name.
    Island,
    /// A service's name.
    Service,
    /// A figure.
    Figure,
    /// A caption.
    Caption,
}

/// Which point of a label is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The middle of its left edge.
    Left,
    /// Its middle.
    Middle,
    /// The middle of its right edge.
    Right,
}

/// Words that are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Which point of it `at` is.
    pub hold: Hold,
    /// The point it is held at, in pixels of the canvas.
    pub at: Point,
    /// Size of type, pixels.
    pub size: f32,
    /// Which letters.
    pub face: Face,
    /// Their colour.
    pub tone: Tone,
    /// Who yields.
    pub rank: Rank,
    /// About how much room it takes.
    pub rect: Rect,
    /// Where its words stand in the picture's text.
    pub(super) words: Range<u32>,
}

impl Label {
    /// Moved so that all of it is seen.
    fn keep_inside(&mut self, window: Point) {
        const EDGE: f32 = 12.0;
        let inside = |from: f32, length: f32, whole: f32| from.min(whole - EDGE - length).max(EDGE) - from;
        let by = Point {
            x: inside(self.rect.x, self.rect.width, window.x),
            y: inside(self.rect.y, self.rect.height, window.y),
        };
        (self.at.x, self.at.y) = (self.at.x + by.x, self.at.y + by.y);
        (self.rect.x, self.rect.y) = (self.rect.x + by.x, self.rect.y + by.y);
    }
}

/// How a label looks, and whether it may be left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub size: f32,
    pub face: Face,
    pub tone: Tone,
    pub rank: Rank,
}

/// The labels of a picture, and the text they share.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    text: String,
    labels: Vec<Label>,
    order: Vec<u32>,
    placed: Vec<Rect>,
}

impl Labels {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.labels.clear();
    }

    /// What is shown, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Label, &str)> {
        self.labels.iter().map(|label| (label, &self.text[label.words.start as usize..label.words.end as usize]))
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Moves the label asked for at that place so that all of it is seen, and tells where it then stands.
    pub(super) fn shown_from(&mut self, place: usize, window: Point) -> Option<Rect> {
        let label = self.labels.get_mut(place)?;
        label.keep_inside(window);
        Some(label.rect)
    }

    /// Asks for a label that is as wide as its words; cut with "…" to `most` pixels, and not asked for where not even
    /// three letters fit. Returns its width.
    pub(super) fn ask(
        &mut self,
        at: Point,
        hold: Hold,
        style: Style,
        most: f32,
        write: impl FnOnce(&mut String),
    ) -> f32 {
        let start = self.text.len();
        write(&mut self.text);
        let mut wide = width(&self.text[start..], style.face, style.size);
        if wide > most {
            let Some(end) = cut(&self.text[start..], style, most) else {
                self.text.truncate(start);
                return 0.0;
            };
            self.text.truncate(start + end);
            self.text.push('…');
            wide = width(&self.text[start..], style.face, style.size);
        }
        if start == self.text.len() {
            return 0.0;
        }
        let left = match hold {
            Hold::Left => at.x,
            Hold::Middle => at.x - wide * 0.5,
            Hold::Right => at.x - wide,
        };
        let high = style.size * 1.2;
        let rect = Rect { x: left, y: at.y - high * 0.5, width: wide, height: high };
        let Style { size, face, tone, rank } = style;
        self.labels.push(Label { hold, at, size, face, tone, rank, rect, words: start as u32..self.text.len() as u32 });
        wide
    }

    /// Leaves out what has no room: outside the window, or on one of higher rank. Among equals the first asked for
    /// stays.
    pub(super) fn settle(&mut self, window: Point) {
        self.order.clear();
        self.order.extend(0..self.labels.len() as u32);
        let labels = &self.labels;
        self.order.sort_unstable_by_key(|&i| (labels[i as usize].rank, i));
        self.placed.clear();
        let mut kept = std::mem::take(&mut self.order);
        kept.retain(|&i| {
            let label = &mut self.labels[i as usize];
            if label.rank == Rank::Culprit {
                label.keep_inside(window);
            }
            let rect = label.rect;
            let seen =
                rect.x < window.x && rect.y < window.y && rect.x + rect.width > 0.0 && rect.y + rect.height > 0.0;
            let free = label.rank == Rank::Culprit || !self.placed.iter().any(|other| rect.overlaps(other));
            if seen && free {
                self.placed.push(rect);
            }
            seen && free
        });
        kept.sort_unstable();
        for (to, &from) in kept.iter().enumerate() {
            self.labels.swap(to, from as usize);
        }
        self.labels.truncate(kept.len());
        self.order = kept;
    }
}

/// How many bytes of a text fit beside an ellipsis, if it is worth showing.
fn cut(text: &str, style: Style, most: f32) -> Option<usize> {
    let room = most - width("…", style.face, style.size);
    let mut wide = 0.0;
    let mut fits = 0;
    for (letters, (at, letter)) in text.char_indices().enumerate() {
        wide += width(letter.encode_utf8(&mut [0; 4]), style.face, style.size);
        if wide > room {
            return (letters >= 3).then_some(fits);
        }
        fits = at + letter.len_utf8();
    }
    Some(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Point = Point { x: 800.0, y: 600.0 };

    fn style(rank: Rank) -> Style {
        Style { size: 12.0, face: Face::Regular, tone: [255; 4], rank }
    }

    fn shown(labels: &Labels) -> Vec<&str> {
        labels.iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn the_culprit_never_yields() {
        let mut labels = Labels::default();
        let here = Point { x: 100.0, y: 100.0 };
        labels.ask(here, Hold::Left, style(Rank::Island), 200.0, |text| text.push_str("web/0"));
        labels.ask(here, Hold::Middle, style(Rank::Culprit), 200.0, |text| text.push_str("rds.cpu"));
        labels.ask(here, Hold::Right, style(Rank::Picked), 200.0, |text| text.push_str("beside"));
        labels
            .ask(Point { x: 100.0, y: 140.0 }, Hold::Left, style(Rank::Caption), 200.0, |text| text.push_str("below"));
        labels.settle(WINDOW);
        assert_eq!(shown(&labels), ["rds.cpu", "below"]);
    }

    #[test]
    fn the_culprit_stays_inside_the_canvas() {
        let mut labels = Labels::default();
        labels
            .ask(Point { x: 780.0, y: -3.0 }, Hold::Left, style(Rank::Culprit), 200.0, |text| text.push_str("rds.cpu"));
        labels.settle(WINDOW);
        let (label, _) = labels.iter().next().expect("it is there");
        assert!(label.rect.x + label.rect.width <= 788.0 && label.rect.y >= 0.0, "{:?}", label.rect);
    }

    #[test]
    fn no_two_labels_lie_on_each_other() {
        let mut labels = Labels::default();
        for i in 0..400_u16 {
            let at = Point { x: f32::from(i * 37 % 790), y: f32::from(i * 53 % 590) };
            let rank = if i % 3 == 0 { Rank::Island } else { Rank::Figure };
            labels.ask(at, Hold::Left, style(rank), 200.0, |text| text.push_str("a service"));
        }
        labels.settle(WINDOW);
        let rects: Vec<Rect> = labels.iter().map(|(label, _)| label.rect).collect();
        assert!(rects.len() > 100, "{}", rects.len());
        for (i, rect) in rects.iter().enumerate() {
            assert!(rects[..i].iter().all(|other| !rect.overlaps(other)));
        }
    }

    #[test]
    fn what_is_too_long_is_cut_or_left_out() {
        let mut labels = Labels::default();
        let at = Point { x: 10.0, y: 10.0 };
        let wide = labels.ask(at, Hold::Left, style(Rank::Island), 60.0, |text| text.push_str("keep-alive-exhaustion"));
        assert!(wide > 30.0 && wide <= 60.0);
        assert_eq!(labels.ask(at, Hold::Left, style(Rank::Island), 20.0, |text| text.push_str("keep-alive")), 0.0);
        assert!(shown(&labels)[0].ends_with('…') && labels.len() == 1);
    }
}
