//! The lab's type: Inter for everything that is read, JetBrains Mono for paths of fields. Digits are of one width in
//! both, so that numbers that change do not move what stands beside them.

use super::theme::size;
use egui::{FontData, FontDefinitions, FontFamily, FontId};
use std::sync::Arc;

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
const SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
const MONO: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf");

/// The family of headings.
const STRONG: &str = "strong";

/// Makes the fonts known, and has what is hidden in texts seen. Once for each context.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in [("regular", REGULAR), (STRONG, SEMIBOLD), ("mono", MONO)] {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let chain = |names: [&str; 3]| names.map(str::to_owned).to_vec();
    fonts.families.insert(FontFamily::Proportional, chain(["regular", "mono", STRONG]));
    fonts.families.insert(strong(), chain([STRONG, "regular", "mono"]));
    fonts.families.insert(FontFamily::Monospace, chain(["mono", "regular", STRONG]));
    ctx.set_fonts(fonts);
    ctx.add_plugin(super::hidden::Hidden::default());
}

/// The family of headings and of names.
#[must_use]
pub fn strong() -> FontFamily {
    FontFamily::Name(STRONG.into())
}

/// Figures and axes.
#[must_use]
pub const fn small() -> FontId {
    FontId::new(size::SMALL, FontFamily::Proportional)
}

/// Everything that is read.
#[must_use]
pub const fn body() -> FontId {
    FontId::new(size::BODY, FontFamily::Proportional)
}

/// What stands out in a line.
#[must_use]
pub fn name() -> FontId {
    FontId::new(size::BODY, strong())
}
