//! What the signs mean, in the lower left corner: how many requests a light stands for, and the states that are seen
//! now.

use super::super::figure::count;
use super::super::label::{Hold, Rank};
use super::super::shape::{Shape, form};
use super::{Stage, boxed, small, tone};
use crate::layout::{Point, Rect};

/// From the corner, pixels.
const CORNER: f32 = 20.0;
/// Between two signs.
const APART: f32 = 18.0;

impl Stage<'_> {
    pub(super) fn legend(&mut self) {
        let size = self.sight.camera.size;
        if size.x < 480.0 || size.y < 240.0 {
            return;
        }
        let palette = self.sight.palette;
        let frame = self.sight.frame;
        let mut at = Point { x: CORNER, y: size.y - CORNER };
        let each = self.out.light_is.map(|each| each as f32);
        if each.is_some() || frame.lights.iter().any(|light| matches!(light.spot, crate::host::Spot::Way { .. })) {
            let each = each.unwrap_or(frame.sampling as f32).max(1.0);
            let sign = Shape::glyph(form::DISC, at, 3.0, tone(palette.moving, 1.0));
            at.x += self.sign(sign, |text| {
                text.push_str("1 light = ");
                count(text, each.round() as u64);
                text.push_str(if each < 1.5 { " request" } else { " requests" });
            });
        }
        let waiting = frame.instances.iter().any(|instance| instance.waiting > 0 || instance.busy.waits > 0);
        let full = frame.gauges.iter().any(|gauge| gauge.saturated);
        let (mut refused, mut lost) = (false, false);
        for flow in &frame.flows {
            refused |= flow.refused_per_s + flow.broken_per_s > 0.0;
            lost |= flow.timed_out_per_s > 0.0;
        }
        if waiting {
            at.x += self.sign(Shape::glyph(form::QUARTER, at, 4.5, tone(palette.waiting, 1.0)), |text| {
                text.push_str("waiting")
            });
        }
        if full {
            let rect = Rect { x: at.x - 5.0, y: at.y - 4.5, width: 10.0, height: 9.0 };
            let hatch = boxed(rect, 1.0, tone(palette.saturated, 1.0)).with(form::HATCHED);
            at.x += self.sign(Shape { ink: tone(palette.ground, 0.45), ..hatch }, |text| text.push_str("saturated"));
        }
        if refused {
            at.x += self
                .sign(Shape::glyph(form::CROSS, at, 4.5, tone(palette.failed, 1.0)), |text| text.push_str("refused"));
        }
        if lost {
            let ring = Shape::glyph(form::RING, at, 4.5, tone(palette.failed, 1.0));
            self.sign(Shape { share: 1.0, line: 1.5, ..ring }, |text| text.push_str("timed out"));
        }
    }

    /// A sign and its meaning. Returns the room it took.
    fn sign(&mut self, sign: Shape, write: impl FnOnce(&mut String)) -> f32 {
        let at = Point { x: sign.from[0] + 10.0, y: sign.from[1] };
        self.push(sign);
        let muted = small(tone(self.sight.palette.muted, 1.0), Rank::Caption);
        10.0 + self.say(at, Hold::Left, muted, 240.0, write) + APART
    }
}
