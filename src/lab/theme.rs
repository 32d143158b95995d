//! Colours, sizes and times. Colour is state and nothing else; every state has a second signal besides.

/// A colour, red green blue.
pub type Rgb = [u8; 3];

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub ground: Rgb,
    /// Panels and islands.
    pub surface: Rgb,
    /// Edges, one pixel wide.
    pub line: Rgb,
    /// What is read.
    pub text: Rgb,
    /// What is read second.
    pub muted: Rgb,
    /// On its way, or being served.
    pub moving: Rgb,
    /// Waiting for a worker, a connection or a lock.
    pub waiting: Rgb,
    /// Full, with somebody waiting.
    pub saturated: Rgb,
    /// Refused, timed out, broken.
    pub failed: Rgb,
    /// Ended well.
    pub succeeded: Rgb,
}

impl Palette {
    /// The least opacity at which words of that colour are read on the ground and on surfaces (4.5:1, WCAG AA).
    #[must_use]
    pub fn legible(&self, ink: Rgb) -> f32 {
        let dark = self.ground[1] < self.text[1];
        match (dark, ink == self.text) {
            (true, true) => 0.58,
            (true, false) => 0.83,
            (false, true) => 0.72,
            (false, false) => 0.96,
        }
    }
}

/// For the dark.
pub const DARK: Palette = Palette {
    ground: [0x10, 0x16, 0x1D],
    surface: [0x18, 0x21, 0x2B],
    line: [0x2B, 0x37, 0x44],
    text: [0xE8, 0xED, 0xF2],
    muted: [0x93, 0xA1, 0xAF],
    moving: [0x5A, 0xB0, 0xF0],
    waiting: [0xFF, 0xD9, 0x5A],
    saturated: [0xEB, 0x6A, 0x2E],
    failed: [0xC8, 0x3F, 0xA8],
    succeeded: [0xC9, 0xF2, 0xE4],
};

/// For the light.
pub const LIGHT: Palette = Palette {
    ground: [0xF7, 0xF5, 0xF0],
    surface: [0xFF, 0xFF, 0xFF],
    line: [0xD8, 0xD3, 0xC8],
    text: [0x1B, 0x23, 0x2C],
    muted: [0x5A, 0x66, 0x72],
    moving: [0x2A, 0x82, 0xD2],
    waiting: [0xC9, 0x9A, 0x00],
    saturated: [0xB2, 0x34, 0x00],
    failed: [0x70, 0x1A, 0x75],
    succeeded: [0x37, 0x47, 0x4F],
};

/// The palette of a theme.
#[must_use]
pub const fn palette(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
}

/// Sizes of type.
pub mod size {
    /// Figures on the canvas, axes.
    pub const SMALL: f32 = 12.0;
    /// Everything that is read.
    pub const BODY: f32 = 14.0;
    /// Names of what is picked.
    pub const HEADING: f32 = 18.0;
    /// The title.
    pub const TITLE: f32 = 26.0;
}

/// The grid everything stands on, pixels.
pub const GRID: f32 = 8.0;
/// Radius of corners, pixels.
pub const RADIUS: f32 = 10.0;
/// A change takes so long, seconds, slowing down towards its end.
pub const CHANGE_S: f32 = 0.18;
/// A refusal bounces back within, seconds.
pub const BOUNCE_S: f32 = 0.25;
/// What is not in the chain of blame is dimmed to this share.
pub const DIMMED: f32 = 0.35;
