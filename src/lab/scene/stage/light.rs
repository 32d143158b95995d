//! Lights: real requests on their real way where time is slow enough to see them, tracers of the flow where it is not.
//!
//! Tracers take the same time over every wire; how close they follow each other tells the rate. Each wire has places in
//! a fixed order, each with its own phase and fate: when the rate changes, lights come or go one by one and none of the
//! others jumps.

use super::super::hops::{WAY_S, lasts_s};
use super::super::shape::{FADE_S, Shape, TRAVEL_S, form};
use super::wire::Curve;
use super::{Stage, eased, key, tone};
use crate::host::{Doing, End, Fate, Pace, Spot};
use crate::lab::theme::{BOUNCE_S, Rgb};
use crate::model::LinkId;

/// Lights on the busiest wire before a light is made to stand for more, and below which for fewer.
const CROWDED: f32 = 40.0;
const SPARSE: f32 = 9.0;
/// Lights on a wire at most.
pub(in super::super) const ON_A_WIRE: u32 = 64;

/// Calls a second for a light, as powers of 10 times 1, 2 or 5: changed only where lights get too many or too few.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Scale {
    step: i32,
    /// Real requests were shown when time last passed.
    slow: bool,
}

impl Scale {
    fn value(self) -> f32 {
        [1.0, 2.0, 5.0][self.step.rem_euclid(3) as usize] * 10.0_f32.powi(self.step.div_euclid(3))
    }

    /// Follows the busiest wire.
    fn follow(&mut self, busiest: f32) {
        while busiest * TRAVEL_S / self.value() > CROWDED {
            self.step += 1;
        }
        while busiest > 0.0 && busiest * TRAVEL_S / self.value() < SPARSE && self.step > -9 {
            self.step -= 1;
        }
    }
}

impl Stage<'_> {
    pub(super) fn lights(&mut self) {
        let times = match self.sight.frame.pace {
            Pace::Times(times) => times,
            Pace::Paused => 0.0,
            Pace::Unbound => f64::INFINITY,
        };
        if times > 0.0 {
            self.scale.slow = times <= Pace::MICROSCOPE;
        }
        if self.scale.slow {
            self.microscope(times)
        } else {
            self.flow()
        }
        self.hops();
    }

    /// Calls over ways that take no time.
    fn hops(&mut self) {
        let palette = self.sight.palette;
        let radius = (3.0 * self.sight.camera.zoom.sqrt()).clamp(2.0, 6.0);
        let (clock, stands) = (self.out.clock, self.sight.stands());
        for &(hop, begins) in self.hops.list() {
            let Some(at) = self.index.wire(hop.link, hop.from, hop.to) else { continue };
            self.out.moving |= !stands;
            if !stands && !(begins..begins + lasts_s(hop.fate)).contains(&clock) {
                continue;
            }
            let lit = self.lit(hop.link);
            let (form, color) = match hop.fate {
                Fate::Arrived => (form::DISC, palette.moving),
                Fate::Answered => (form::DISC, palette.succeeded),
                Fate::Broken => (form::DIAMOND, palette.failed),
                Fate::Refused if stands => (form::CROSS, palette.failed),
                Fate::GivenUp if stands => (form::RING, palette.failed),
                Fate::Refused => (form::DISC | form::LOOPS | form::BOUNCES, palette.moving),
                Fate::GivenUp => (form::DISC | form::LOOPS | form::HOLLOWS, palette.moving),
            };
            let (share, speed) = match hop.fate {
                // Where nothing moves, it is seen half-way.
                _ if stands => (0.5, 0.0),
                Fate::Answered | Fate::Broken => (1.0, -1.0 / WAY_S),
                Fate::Arrived | Fate::Refused | Fate::GivenUp => (0.0, 1.0 / lasts_s(hop.fate)),
            };
            let line = if hop.fate == Fate::GivenUp { 1.5 } else { 0.0 };
            let (fill, ink) = (tone(color, lit), tone(palette.failed, lit));
            let curve = self.curve(at);
            let form = form | form::MOVES | curve.flag();
            self.out.shapes.push(Shape {
                size: radius,
                line,
                share,
                speed,
                born: begins,
                fill,
                ink,
                form,
                ..curve.shape()
            });
        }
    }

    /// Real requests.
    fn microscope(&mut self, times: f64) {
        let frame = self.sight.frame;
        let palette = self.sight.palette;
        let radius = (3.0 * self.sight.camera.zoom.sqrt()).clamp(2.0, 6.0);
        let mut last: Option<((LinkId, End, End), Option<Curve>)> = None;
        // What goes over ways without latency is shown call by call.
        let sampled = frame.lights.iter().any(|light| matches!(light.spot, Spot::Way { .. }));
        self.out.light_is = (!sampled).then_some(1.0);
        for light in &frame.lights {
            let Spot::Way { link, from, to, share, lasts_s, back } = light.spot else { continue };
            let ends = match last {
                Some((way, ends)) if way == (link, from, to) => ends,
                _ => {
                    let ends = self.index.wire(link, from, to).map(|at| self.curve(at));
                    last = Some(((link, from, to), ends));
                    ends
                }
            };
            let Some(curve) = ends else { continue };
            let lit = self.lit(link);
            let (color, hollow): (Rgb, bool) = match light.doing {
                Doing::Moving | Doing::Served => (if back { palette.succeeded } else { palette.moving }, false),
                Doing::Waiting => (palette.waiting, false),
                Doing::Holding => (palette.muted, true),
                Doing::Orphaned => (palette.failed, true),
            };
            let speed = (times / f64::from(lasts_s.max(1e-9))) as f32;
            let (share, speed) = if back { (1.0 - share, -speed) } else { (share, speed) };
            let kind = if hollow { form::RING } else { form::DISC };
            self.out.moving |= speed != 0.0;
            self.out.shapes.push(Shape {
                size: radius,
                line: if hollow { 1.5 } else { 0.0 },
                share,
                speed,
                born: self.born,
                fill: tone(color, lit),
                ink: tone(color, lit),
                form: kind | form::MOVES | curve.flag(),
                ..curve.shape()
            });
        }
    }

    fn lit(&self, link: LinkId) -> f32 {
        if self.blame.culprit().is_empty() || self.blame.lights_link(link) { 1.0 } else { self.dimmed() }
    }

    /// Tracers along the wires, as many as calls pass.
    fn flow(&mut self) {
        let busiest = self.index.traffic.iter().map(|traffic| traffic.sent).fold(0.0, f32::max);
        if busiest <= 0.0 {
            return;
        }
        self.scale.follow(busiest);
        let each = self.scale.value();
        let times = match self.sight.frame.pace {
            Pace::Times(times) => times,
            Pace::Paused | Pace::Unbound => self.sight.frame.achieved,
        };
        self.out.light_is = Some(f64::from(each) * if times > 0.0 { times } else { 1.0 });
        self.out.moving = self.sight.frame.pace != Pace::Paused && !self.sight.still;
        for at in 0..self.sight.layout.wires().len() {
            if self.index.traffic[at].sent > 0.0 {
                self.tracers(at, each);
            }
        }
    }

    fn tracers(&mut self, at: usize, each: f32) {
        let palette = self.sight.palette;
        let traffic = self.index.traffic[at];
        let link = self.sight.layout.wires()[at].link;
        let of = link.number() << 16 | at as u32 & 0xFFFF;
        let goal = (traffic.sent * TRAVEL_S / each).min(ON_A_WIRE as f32);
        let shown = self.ease.from(key(eased::WIRE, of, 3), goal, goal, 0.05);
        let curve = self.curve(at);
        if !curve.is_seen(self.sight.camera.size) {
            return;
        }
        let lit = self.lit(link);
        let radius = (3.0 * self.sight.camera.zoom.sqrt()).clamp(1.8, 4.5);
        let refused = (traffic.refused + traffic.broken) / traffic.sent;
        let lost = refused + traffic.timed_out / traffic.sent;
        for place in 0..shown.ceil() as u32 {
            // Two sequences that fill their range evenly however many places are taken.
            let phase = (place as f32 * 0.618_034 + at as f32 * 0.377).fract();
            let lot = (place.reverse_bits() as f32 / 4_294_967_296.0 + at as f32 * 0.231 + 0.5).fract();
            let (flag, period) = match lot {
                lot if lot < refused => (form::BOUNCES, TRAVEL_S + BOUNCE_S),
                lot if lot < lost => (form::HOLLOWS, TRAVEL_S + FADE_S),
                _ => (0, TRAVEL_S),
            };
            let alpha = (shown - place as f32).clamp(0.0, 1.0) * lit;
            self.out.shapes.push(Shape {
                size: radius,
                line: 0.0,
                share: phase,
                speed: 1.0 / period,
                born: 0.0,
                fill: tone(palette.moving, alpha),
                ink: tone(palette.failed, alpha),
                form: form::DISC | form::MOVES | form::LOOPS | flag | curve.flag(),
                ..curve.shape()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_light_stands_for_more_only_when_there_are_too_many() {
        let mut scale = Scale::default();
        scale.follow(20.0);
        let before = scale.value();
        scale.follow(30.0);
        assert_eq!(scale.value(), before, "a swelling stream shows as more lights");
        scale.follow(3_000.0);
        assert!((90.0..=400.0).contains(&scale.value()), "{}", scale.value());
        scale.follow(2_000.0);
        assert!(2_000.0 * TRAVEL_S / scale.value() <= CROWDED);
    }
}
