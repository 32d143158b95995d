//! The words of a picture, painted by egui.

use super::label::Hold;
use super::width::Face;
use super::{Label, Picture};
use crate::lab::fonts;
use egui::{Align2, Color32, FontFamily, FontId, Painter, Pos2};

/// Paints the labels of a picture whose upper left corner is there.
pub fn paint_labels(painter: &Painter, corner: Pos2, picture: &Picture) {
    for (label, words) in picture.labels.iter() {
        let Label { hold, at, size, face, tone, .. } = label;
        let align = match hold {
            Hold::Left => Align2::LEFT_CENTER,
            Hold::Middle => Align2::CENTER_CENTER,
            Hold::Right => Align2::RIGHT_CENTER,
        };
        let family = match face {
            Face::Regular => FontFamily::Proportional,
            Face::Strong => fonts::strong(),
            Face::Mono => FontFamily::Monospace,
        };
        let [red, green, blue, alpha] = *tone;
        let color = Color32::from_rgba_unmultiplied(red, green, blue, alpha);
        painter.text(Pos2::new(corner.x + at.x, corner.y + at.y), align, words, FontId::new(*size, family), color);
    }
}
