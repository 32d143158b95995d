//! People: a crowd that swells with how many there are, and takes the colour of how they fare.

use super::super::figure::{count, figure, percent};
use super::super::label::{Hold, Rank};
use super::super::shape::{Shape, form};
use super::super::width::Face;
use super::{Detail, Stage, eased, failed_text, key, mix, small, style, tone};
use crate::lab::action::Subject;
use crate::lab::theme::size;
use crate::layout::{Node, Point, Rect};
use crate::model::SourceId;

/// Figures at most.
pub(in super::super) const MOST: u32 = 72;
/// The golden angle: each figure stands as far from the others as can be, and none moves when one comes.
const ANGLE: f32 = 2.399_963;

/// How many figures stand for so many people: as the root, so that ten times the people are three times the crowd.
pub(in super::super) fn figures(people: f32) -> f32 {
    if people < 0.5 { 0.0 } else { (1.5 * people.sqrt()).clamp(1.0, MOST as f32) }
}

impl Stage<'_> {
    pub(super) fn crowds(&mut self) {
        for node in 0..self.index.nodes.len() {
            let Node::Source(source) = self.index.nodes[node].0 else { continue };
            let rect = self.node_rect(node);
            if self.sight.camera.sees(rect, 64.0) {
                self.crowd(node, source, rect);
            }
        }
    }

    fn crowd(&mut self, node: usize, id: SourceId, rect: Rect) {
        let palette = self.sight.palette;
        let Some(source) = self.sight.frame.sources.get(id.index()).copied() else { return };
        let Some(name) = self.sight.model.sources.get(id).map(|source| source.name.as_str()) else { return };
        let lit = self.index.standing[node].lit;
        let detail = self.detail(node);
        let in_flight = source.in_flight as f32;
        // Of a crowd that is answered at once those who asked in the last second are seen.
        let people = if source.sessions > 0 { source.sessions as f32 } else { in_flight.max(source.offered_per_s) };
        let shown = self.ease.from(key(eased::CROWD, id.number(), 0), figures(people), figures(people), 0.05);
        let ended = source.succeeded_per_s + source.failed_per_s;
        let failing = if ended > 0.01 { source.failed_per_s / ended } else { 0.0 };
        let failing = self.ease.share(key(eased::CROWD, id.number(), 1), failing);
        let waiting = self.ease.share(key(eased::CROWD, id.number(), 2), (in_flight / people.max(1.0)).min(1.0));
        let words = if detail >= Detail::Medium { 36.0 } else { 0.0 };
        let middle = Point { x: rect.center().x, y: rect.y + (rect.height - words) * 0.5 };
        let reach = ((rect.height - words) * 0.5).min(rect.width * 0.5);
        // The full crowd fills its place; each figure is as large as then fits.
        let tall = (reach / (MOST as f32).sqrt() * 0.62).clamp(1.5, 9.0);
        let step = (reach - tall) / (MOST as f32).sqrt();
        let calm = mix(palette.muted, palette.ground, 0.2);
        let waits = self.wait_color(self.blame.lights_source(id.index()));
        let alarm = self.alarm(lit);
        for figure in 0..shown.ceil() as u32 {
            let away = step * (figure as f32 + 0.5).sqrt();
            let turn = figure as f32 * ANGLE;
            let at = Point { x: middle.x + away * turn.cos() * 1.15, y: middle.y + away * turn.sin() };
            // Who fails and who waits stand scattered, and are the same as long as the shares are.
            let lot = (figure as f32 * 0.618_034).fract();
            let there = (shown - figure as f32).clamp(0.0, 1.0);
            let fades = there * if lot < failing { alarm } else { lit };
            let color = if lot < failing {
                palette.failed
            } else if lot < failing + waiting * (1.0 - failing) {
                waits
            } else {
                calm
            };
            self.out.shapes.push(Shape::glyph(form::PERSON, at, tall, tone(color, fades)));
            if lot < failing && tall >= 5.0 {
                let sign = Point { x: at.x + tall * 0.8, y: at.y - tall * 0.8 };
                self.out.shapes.push(Shape::glyph(form::CROSS, sign, tall * 0.42, tone(palette.failed, fades)));
            }
        }
        self.crowd_words(id, rect, name, detail, lit, failing);
        self.mark(&Subject::Source(id), rect, 10.0);
    }

    fn crowd_words(&mut self, id: SourceId, rect: Rect, name: &str, detail: Detail, lit: f32, failing: f32) {
        let palette = self.sight.palette;
        let source = self.sight.frame.sources[id.index()];
        let x = rect.center().x;
        let roomy = detail >= Detail::Medium;
        let y = if roomy { rect.y + rect.height - 28.0 } else { rect.y + rect.height + 8.0 };
        let letters = if roomy { size::BODY } else { size::SMALL };
        let strong = style(letters, Face::Strong, tone(palette.text, lit), Rank::Island);
        self.say(Point { x, y }, Hold::Middle, strong, 200.0, |text| text.push_str(name));
        if !roomy {
            self.failing(Point { x, y: y + 15.0 }, failing, lit);
            return;
        }
        let y = y + 18.0;
        let muted = small(tone(palette.muted, lit), Rank::Figure);
        self.say(Point { x, y }, Hold::Middle, muted, 220.0, |text| {
            if source.sessions > 0 {
                count(text, u64::from(source.sessions));
                text.push_str(" here · ");
            }
            figure(text, source.offered_per_s);
            text.push_str("/s");
        });
        self.failing(Point { x, y: y + 17.0 }, failing, lit);
    }

    /// ✕ and the share that fails.
    fn failing(&mut self, at: Point, failing: f32, lit: f32) {
        if failing < 0.005 {
            return;
        }
        let palette = self.sight.palette;
        let lit = self.alarm(lit);
        let failed = style(size::SMALL, Face::Strong, tone(failed_text(palette), lit), Rank::Trouble);
        let said = self.say(Point { x: at.x + 6.0, y: at.y }, Hold::Middle, failed, 200.0, |text| {
            percent(text, failing);
            text.push_str(" fail");
        });
        let sign = Point { x: at.x - said * 0.5 - 4.0, y: at.y };
        self.push(Shape::glyph(form::CROSS, sign, 4.0, tone(palette.failed, lit)));
    }
}
