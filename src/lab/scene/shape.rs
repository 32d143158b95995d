//! What the scene is painted with: one kind of instance for one signed-distance pipeline, in the order of painting.
//!
//! Units are pixels of the window, y downward. Whatever moves does so in the shader, from its ends, its times and the
//! clock that comes with every picture: a picture in which nothing but lights moves needs no new upload.

use crate::layout::Point;
use bytemuck::{Pod, Zeroable};

/// A colour with its opacity, as people write colours: not premultiplied, not linear.
pub type Tone = [u8; 4];

/// Seconds a light of the flow takes from end to end.
pub const TRAVEL_S: f32 = 1.2;
/// Seconds in which a light that was given up fades at its door.
pub const FADE_S: f32 = 0.6;

/// Forms, and how they are drawn; the numbers are the shader's.
pub mod form {
    /// A box with round corners: `to` is half its extent, `size` the radius.
    pub const BOX: u32 = 0;
    /// A disc of radius `size`.
    pub const DISC: u32 = 1;
    /// The part `share` of a circle, clockwise from the top, `line` wide.
    pub const RING: u32 = 2;
    /// A cross ✕ of two lines.
    pub const CROSS: u32 = 3;
    /// A square on its corner ◇, its outline only.
    pub const DIAMOND: u32 = 4;
    /// A circle with a quarter filled ◔.
    pub const QUARTER: u32 = 5;
    /// A piece of a wire, from `share` to `speed` of its way, `size` wide.
    pub const RIBBON: u32 = 6;
    /// What glows around a box: `size` is its reach, `line` the radius of the box.
    pub const HALO: u32 = 7;
    /// Head and shoulders, `size` high.
    pub const PERSON: u32 = 8;
    /// A crack across a box.
    pub const CRACK: u32 = 9;
    /// A small triangle that points right, or left.
    pub const ARROW: u32 = 10;
    /// A rack.
    pub const SERVER: u32 = 16;
    /// One way becomes three.
    pub const BALANCER: u32 = 17;
    /// Layers one above the other.
    pub const CACHE: u32 = 18;
    /// A cylinder.
    pub const DATABASE: u32 = 19;
    /// Bars in a row.
    pub const QUEUE: u32 = 20;
    /// A cloud.
    pub const EXTERNAL: u32 = 21;

    /// Stripes of `ink` over the fill.
    pub const HATCHED: u32 = 1 << 8;
    /// The outline is dashed.
    pub const DASHED: u32 = 1 << 9;
    /// Filled from below up to `share` only.
    pub const LEVEL: u32 = 1 << 10;
    /// Filled from the left up to `share` only.
    pub const METER: u32 = 1 << 11;
    /// On a way: `share` at `born`, on from there by `speed` a second.
    pub const MOVES: u32 = 1 << 12;
    /// Again and again.
    pub const LOOPS: u32 = 1 << 13;
    /// Turned away at the end of the way: a cross that bounces back.
    pub const BOUNCES: u32 = 1 << 14;
    /// Given up at the end of the way: a ring that fades.
    pub const HOLLOWS: u32 = 1 << 15;
    /// It points the other way.
    pub const LEFTWARD: u32 = 1 << 16;
    /// Its way runs through a point, which stands for how far it goes straight.
    pub const VIA: u32 = 1 << 17;
    /// The form among the flags.
    pub const MASK: u32 = 0xFF;
}

/// One instance.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct Shape {
    /// Its middle, or where its way begins.
    pub from: [f32; 2],
    /// Half its extent, or where its way ends.
    pub to: [f32; 2],
    /// Radius, of its corners or its own; width of a ribbon.
    pub size: f32,
    /// Width of its outline; 0: none.
    pub line: f32,
    /// See the forms.
    pub share: f32,
    /// See the forms.
    pub speed: f32,
    /// How far the inner points of its way lie to the right of where it bends; with [`form::VIA`] the second is how far
    /// it goes straight at last.
    pub lean: [f32; 2],
    /// How far its way goes straight before it bends and after; with [`form::VIA`] the point it runs through.
    pub straight: [f32; 2],
    /// On the picture's clock.
    pub born: f32,
    /// What fills it.
    pub fill: Tone,
    /// What its outline, its stripes, its second state are drawn with.
    pub ink: Tone,
    /// One of [`form`], and flags.
    pub form: u32,
}

impl Shape {
    /// A box.
    pub(super) fn boxed(middle: Point, half: Point, radius: f32, fill: Tone) -> Self {
        let from = [middle.x, middle.y];
        Self { from, to: [half.x, half.y], size: radius.min(half.x).min(half.y), fill, ..Self::default() }
    }

    /// One of the round or drawn forms.
    pub(super) fn glyph(form: u32, middle: Point, radius: f32, fill: Tone) -> Self {
        Self { from: [middle.x, middle.y], to: [radius; 2], size: radius, fill, ink: fill, form, ..Self::default() }
    }

    /// With an outline inside its edge.
    pub(super) fn outlined(mut self, line: f32, ink: Tone) -> Self {
        (self.line, self.ink) = (line, ink);
        self
    }

    /// With more flags.
    pub(super) fn with(mut self, flags: u32) -> Self {
        self.form |= flags;
        self
    }

    /// Filled up to a share only.
    pub(super) fn filled(mut self, flag: u32, share: f32) -> Self {
        self.form |= flag;
        self.share = share.clamp(0.0, 1.0);
        self
    }
}
