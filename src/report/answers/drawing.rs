//! What the pages of studies draw, for browsers: as wide as the page, in its colours, nothing fetched.

use maud::{Markup, html};

/// Units of a drawing from left to right.
pub(super) const WIDTH: f64 = 960.0;
/// Room for names at the left.
pub(super) const LEFT: f64 = 140.0;
/// Height of a row of cells.
const ROW: f64 = 26.0;
/// Cells of less room than this are not written in.
const READABLE: f64 = 44.0;

/// A number as an attribute.
pub(super) fn at(value: f64) -> String {
    format!("{value:.1}")
}

/// A map of cells: rows by columns, darker is more.
pub(super) struct Map<'a> {
    /// What the cells say.
    pub caption: String,
    /// What rows and columns stand for.
    pub axes: [String; 2],
    pub rows: &'a [String],
    pub columns: &'a [String],
    /// In the order of the rows; what is absent has no cell.
    pub cells: Vec<Option<f64>>,
    pub say: fn(f64) -> String,
    pub color: &'static str,
}

pub(super) fn map(map: &Map) -> Markup {
    let width = (WIDTH - LEFT) / map.columns.len().max(1) as f64;
    let there = || map.cells.iter().flatten().copied();
    let (least, most) = (there().fold(f64::INFINITY, f64::min), there().fold(f64::NEG_INFINITY, f64::max));
    let share = |value: f64| if most > least { (value - least) / (most - least) } else { 0.5 };
    let left = |column: usize| LEFT + column as f64 * width;
    let top = |row: usize| 20.0 + row as f64 * ROW;
    let cells = map
        .cells
        .iter()
        .enumerate()
        .filter_map(|(index, value)| Some((index / map.columns.len(), index % map.columns.len(), (*value)?)));
    html! {
        figure {
            figcaption { b { (map.caption) } span { (map.axes[0]) " down, " (map.axes[1]) " across" } } "\n"
            svg viewBox=(format_args!("0 0 {WIDTH} {}", top(map.rows.len()) + 4.0)) role="img"
                aria-label=(map.caption) { "\n"
                @for (column, name) in map.columns.iter().enumerate() {
                    @if width >= READABLE {
                        text x=(at(left(column) + width / 2.0)) y="14" text-anchor="middle" { (name) } "\n"
                    }
                }
                @for (row, name) in map.rows.iter().enumerate() {
                    text x="0" y=(at(top(row) + 17.0)) { (name) } "\n"
                }
                @for (row, column, value) in cells {
                    rect x=(at(left(column))) y=(at(top(row) + 1.0)) width=(at(width - 1.0)) height=(at(ROW - 2.0))
                        fill=(map.color) fill-opacity=(format_args!("{:.2}", 0.06 + 0.7 * share(value))) {
                        title { (map.rows[row]) ", " (map.columns[column]) ": " ((map.say)(value)) }
                    } "\n"
                    @if width >= READABLE {
                        text.name x=(at(left(column) + width / 2.0)) y=(at(top(row) + 17.0)) text-anchor="middle" {
                            ((map.say)(value))
                        } "\n"
                    }
                }
            }
        } "\n"
    }
}

/// A step of a ladder.
pub(super) struct Step {
    pub value: f64,
    /// Half the width of its interval.
    pub half: f64,
    /// What holds, what binds, and what was done to get there.
    pub above: String,
    pub binds: String,
    pub below: String,
}

/// Steps side by side, as high as their values, and a line for what is wanted.
pub(super) fn steps(steps: &[Step], target: Option<f64>) -> Markup {
    const HEIGHT: f64 = 220.0;
    const TOP: f64 = 24.0;
    let highest = steps.iter().map(|step| step.value + step.half).chain(target).fold(f64::MIN_POSITIVE, f64::max);
    let width = WIDTH / steps.len().max(1) as f64;
    let y = |value: f64| TOP + HEIGHT * (1.0 - value / highest);
    let left = |index: usize| index as f64 * width;
    html! {
        @if !steps.is_empty() { figure {
            svg viewBox=(format_args!("0 0 {WIDTH} {}", TOP + HEIGHT + 40.0)) role="img" aria-label="the rungs" { "\n"
                @for (index, step) in steps.iter().enumerate() {
                    @let middle = left(index) + width / 2.0;
                    rect x=(at(left(index) + 1.0)) y=(at(y(step.value))) width=(at(width - 2.0))
                        height=(at(TOP + HEIGHT - y(step.value))) fill="var(--served)" fill-opacity="0.3" {
                        title { (step.below) ": " (step.above) ", " (step.binds) " binds" }
                    } "\n"
                    path d=(format_args!("M{} {}H{}", at(left(index)), at(y(step.value)), at(left(index) + width)))
                        stroke="var(--served)" stroke-width="2" fill="none" {} "\n"
                    @if step.half > 0.0 {
                        path d=(format_args!("M{} {}V{}", at(middle), at(y(step.value + step.half)),
                            at(y((step.value - step.half).max(0.0))))) stroke="var(--text)" fill="none" {} "\n"
                    }
                    text.name x=(at(middle)) y=(at(y(step.value) - 8.0)) text-anchor="middle" { (step.above) } "\n"
                    text.hot x=(at(middle)) y=(at(TOP + HEIGHT + 16.0)) text-anchor="middle" { (step.binds) } "\n"
                    text x=(at(middle)) y=(at(TOP + HEIGHT + 32.0)) text-anchor="middle" { (step.below) } "\n"
                }
                @if let Some(target) = target {
                    path.wanted d=(format_args!("M0 {}H{WIDTH}", at(y(target)))) {} "\n"
                    text x="4" y=(at(y(target) - 4.0)) { "the target" } "\n"
                }
            }
        } "\n" }
    }
}

/// A point of a scatter: where it stands, in shares of the picture, and what it is.
pub(super) struct Dot {
    pub x: f64,
    pub y: f64,
    pub color: &'static str,
    pub label: String,
    /// Drawn full, else as a ring.
    pub full: bool,
}

/// Dots in a frame, with what the axes say at their ends, and marks across it: where, and what they say.
pub(super) fn scatter(dots: &[Dot], across: [&str; 2], up: [&str; 2], marks: &[(f64, String)]) -> Markup {
    const HEIGHT: f64 = 200.0;
    const TOP: f64 = 24.0;
    const INSET: f64 = 60.0;
    let x = |share: f64| INSET + share * (WIDTH - INSET - 20.0);
    let y = |share: f64| TOP + HEIGHT * (1.0 - share);
    html! {
        figure {
            svg viewBox=(format_args!("0 0 {WIDTH} {}", TOP + HEIGHT + 24.0)) role="img" aria-label=(across[1]) { "\n"
                path.axis d=(format_args!("M{INSET} {TOP}V{}H{WIDTH}", TOP + HEIGHT)) fill="none" {} "\n"
                text x="0" y=(at(y(1.0) + 4.0)) { (up[1]) } text x="0" y=(at(y(0.0))) { (up[0]) } "\n"
                text x=(at(INSET)) y=(at(y(0.0) + 18.0)) { (across[0]) }
                text x=(at(WIDTH)) y=(at(y(0.0) + 18.0)) text-anchor="end" { (across[1]) } "\n"
                @for (share, name) in marks {
                    path.wanted d=(format_args!("M{} {TOP}V{}", at(x(*share)), at(y(0.0)))) {}
                    text.name x=(at(x(*share))) y="14" text-anchor="middle" { (name) } "\n"
                }
                @for dot in dots {
                    circle cx=(at(x(dot.x))) cy=(at(y(dot.y))) r="5" stroke=(dot.color) stroke-width="2"
                        fill=(if dot.full { dot.color } else { "none" }) { title { (dot.label) } } "\n"
                }
            }
        } "\n"
    }
}

/// Changes to both sides of nothing.
pub(super) struct Bar {
    pub name: String,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// Bars to the left and right of what is.
pub(super) fn bars(bars: &[Bar], say: fn(f64) -> String) -> Markup {
    const NAMES: f64 = 320.0;
    const HALF: f64 = 240.0;
    let all = || bars.iter().flat_map(|bar| [bar.low, bar.high]).flatten();
    let most = all().map(f64::abs).fold(f64::MIN_POSITIVE, f64::max);
    let middle = NAMES + (WIDTH - NAMES) / 2.0;
    let length = |value: f64| value.abs() / most * HALF;
    let left = |value: f64| if value < 0.0 { middle - length(value) } else { middle };
    html! {
        figure {
            svg viewBox=(format_args!("0 0 {WIDTH} {}", bars.len() as f64 * ROW + 4.0)) role="img"
                aria-label="what moves the limit" { "\n"
                @for (row, bar) in bars.iter().enumerate() {
                    @let top = row as f64 * ROW;
                    text.name x="0" y=(at(top + 17.0)) { (bar.name) } "\n"
                    @let sides = [(bar.low, "var(--waiting)", 2.0), (bar.high, "var(--served)", 13.0)];
                    @for (value, color, shift) in sides {
                        @if let Some(value) = value {
                            rect x=(at(left(value))) y=(at(top + shift)) width=(at(length(value).max(1.0))) height="10"
                                fill=(color) { title { (say(value)) } }
                            text x=(at(if value < 0.0 { left(value) - 4.0 } else { middle + length(value) + 4.0 }))
                                y=(at(top + shift + 9.0)) text-anchor=(if value < 0.0 { "end" } else { "start" }) {
                                (say(value))
                            } "\n"
                        }
                    }
                }
                path.axis d=(format_args!("M{} 0V{}", at(middle), at(bars.len() as f64 * ROW))) {} "\n"
            }
        } "\n"
    }
}
