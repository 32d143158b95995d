//! How egui looks here: the palette of the theme, one-pixel lines, no shadows, a grid of eight pixels, quiet hover, and
//! a focus that is seen.

use super::fonts;
use super::theme::{self, Palette, Rgb, size};
use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Visuals, style::WidgetVisuals,
    vec2,
};

/// A colour of a palette as egui has it.
#[must_use]
pub const fn color(rgb: Rgb) -> Color32 {
    Color32::from_rgb(rgb[0], rgb[1], rgb[2])
}

/// Somewhere between two colours; 0 is the first.
#[must_use]
pub fn between(first: Rgb, second: Rgb, share: f32) -> Color32 {
    let at = |i: usize| (f32::from(first[i]) + (f32::from(second[i]) - f32::from(first[i])) * share).round() as u8;
    Color32::from_rgb(at(0), at(1), at(2))
}

/// Dresses a context for a theme. Cheap; to be called whenever the theme changes.
pub fn apply(ctx: &egui::Context, dark: bool) {
    let theme = if dark { egui::Theme::Dark } else { egui::Theme::Light };
    ctx.set_theme(theme);
    ctx.style_mut_of(theme, |style| dress(style, theme::palette(dark), dark));
}

fn dress(style: &mut Style, palette: &Palette, dark: bool) {
    let font = |size, family| FontId::new(size, family);
    style.text_styles = [
        (TextStyle::Small, font(size::SMALL, FontFamily::Proportional)),
        (TextStyle::Body, font(size::BODY, FontFamily::Proportional)),
        (TextStyle::Button, font(size::BODY, FontFamily::Proportional)),
        (TextStyle::Heading, font(size::HEADING, fonts::strong())),
        (TextStyle::Monospace, font(size::SMALL, FontFamily::Monospace)),
    ]
    .into();
    style.animation_time = theme::CHANGE_S;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.35;
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(theme::GRID, theme::GRID);
    spacing.button_padding = vec2(theme::GRID, theme::GRID / 2.0);
    spacing.interact_size = vec2(28.0, 28.0);
    spacing.menu_margin = Margin::same(theme::GRID as i8);
    spacing.window_margin = Margin::same(2 * theme::GRID as i8);
    spacing.menu_width = 320.0;
    spacing.tooltip_width = 420.0;
    spacing.scroll = egui::style::ScrollStyle::thin();
    // A half-transparent white over white is grey where blending is linear.
    spacing.scroll.fade.strength = 0.0;
    style.visuals = visuals(palette, dark);
}

fn visuals(palette: &Palette, dark: bool) -> Visuals {
    let (ground, surface, line) = (color(palette.ground), color(palette.surface), color(palette.line));
    let (text, muted) = (color(palette.text), color(palette.muted));
    let radius = CornerRadius::same(theme::RADIUS as u8);
    let small = CornerRadius::same(6);
    let widget = |fill: Color32, edge: Color32, ink: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        corner_radius: small,
        fg_stroke: Stroke::new(1.0, ink),
        expansion: 0.0,
    };
    let raised = between(palette.surface, palette.line, 0.5);
    let mut visuals = if dark { Visuals::dark() } else { Visuals::light() };
    visuals.widgets.noninteractive = widget(surface, line, text);
    visuals.widgets.inactive = widget(surface, line, text);
    visuals.widgets.hovered = widget(raised, color(palette.muted), text);
    visuals.widgets.active = widget(line, text, text);
    visuals.widgets.open = widget(raised, line, text);
    // Keyboard focus: egui draws a focused widget as `active`, or with this stroke.
    visuals.selection.bg_fill = between(palette.surface, palette.text, 0.16);
    visuals.selection.stroke = Stroke::new(1.0, text);
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(muted);
    visuals.hyperlink_color = color(palette.moving);
    visuals.faint_bg_color = between(palette.surface, palette.ground, 0.5);
    visuals.extreme_bg_color = ground;
    visuals.code_bg_color = ground;
    visuals.warn_fg_color = color(palette.saturated);
    visuals.error_fg_color = color(palette.failed);
    visuals.window_corner_radius = radius;
    visuals.menu_corner_radius = radius;
    visuals.window_fill = surface;
    visuals.panel_fill = surface;
    visuals.window_stroke = Stroke::new(1.0, line);
    visuals.window_shadow = Shadow::NONE;
    visuals.popup_shadow = Shadow::NONE;
    visuals.striped = false;
    visuals.indent_has_left_vline = false;
    visuals.interact_cursor = Some(egui::CursorIcon::PointingHand);
    visuals
}
