//! Pictures of the scenarios that come with the program, and sketches of those that have none.

use crate::catalog::{BuiltIn, for_names};
use crate::layout::{Layout, Positions};
use crate::model::Model;
use crate::scenario::{self, Loaded};
use egui::{ColorImage, Rect, Shape, Stroke, Ui, pos2};

macro_rules! drawn { ($($name:literal)*) => {
    &[ $( ($name, include_bytes!(concat!("../../../assets/gallery/", $name, ".png"))) ),* ]
} }

/// Pictures by the scenario's name, as PNG; `assets/gallery/draw` draws them.
const PICTURES: &[(&str, &[u8])] = for_names!(drawn);

/// The picture of a scenario.
#[must_use]
pub fn picture(name: &str) -> Option<&'static [u8]> {
    PICTURES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}

/// A PNG as egui takes it; none where it is none.
#[must_use]
pub fn decoded(png: &[u8]) -> Option<ColorImage> {
    let image = image::load_from_memory_with_format(png, image::ImageFormat::Png).ok()?.to_rgba8();
    let size = [image.width() as usize, image.height() as usize];
    Some(ColorImage::from_rgba_unmultiplied(size, image.as_raw()))
}

/// Where the boxes of a scenario stand, between 0 and 1, and which are joined.
#[derive(Clone, Debug, Default)]
pub struct Sketch {
    boxes: Vec<Rect>,
    seats: Vec<Rect>,
    wires: Vec<Vec<egui::Pos2>>,
    /// Width by height of the whole.
    wide: f32,
}

impl Sketch {
    /// Of a scenario that was read; empty where it cannot be compiled.
    #[must_use]
    pub fn of(loaded: &Loaded) -> Self {
        let Ok(model) = Model::compile(loaded) else { return Self::default() };
        let layout = Layout::new(&model, &Positions::default());
        let bounds = layout.bounds();
        let (width, height) = (bounds.width.max(1.0), bounds.height.max(1.0));
        let at = |x: f32, y: f32| pos2((x - bounds.x) / width, (y - bounds.y) / height);
        let place = |rect: crate::layout::Rect| {
            Rect::from_min_max(at(rect.x, rect.y), at(rect.x + rect.width, rect.y + rect.height))
        };
        Self {
            boxes: layout.nodes().map(|(_, rect)| place(rect)).collect(),
            seats: layout.seats().iter().map(|seat| place(seat.rect)).collect(),
            wires: layout
                .wires()
                .iter()
                .map(|wire| wire.points().map(|point| at(point.x, point.y)).collect())
                .collect(),
            wide: width / height,
        }
    }

    /// Draws it into a box.
    pub fn draw(&self, ui: &Ui, rect: Rect) {
        let visuals = ui.visuals();
        let (line, fill) = (visuals.widgets.noninteractive.bg_stroke.color, visuals.panel_fill);
        let inner = rect.shrink(12.0);
        let scale = (inner.width() / self.wide.max(0.01)).min(inner.height());
        let whole = Rect::from_center_size(inner.center(), egui::vec2(scale * self.wide, scale));
        let at =
            |point: egui::Pos2| pos2(whole.left() + point.x * whole.width(), whole.top() + point.y * whole.height());
        let place = |rect: &Rect| Rect::from_min_max(at(rect.min), at(rect.max));
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        let ink = visuals.weak_text_color();
        for wire in &self.wires {
            painter.add(Shape::line(wire.iter().copied().map(at).collect(), Stroke::new(1.0, ink.gamma_multiply(0.5))));
        }
        for island in &self.boxes {
            painter.rect(place(island), 3.0, fill, Stroke::new(1.0, line), egui::StrokeKind::Middle);
        }
        for seat in &self.seats {
            painter.rect(place(seat), 2.0, ink.gamma_multiply(0.28), Stroke::NONE, egui::StrokeKind::Middle);
        }
    }
}

/// What a card tells of a scenario.
#[derive(Clone, Debug)]
pub struct Card {
    pub title: String,
    pub teaches: String,
    pub variants: Vec<String>,
    pub sketch: Sketch,
}

impl Card {
    /// Of a scenario that comes with the program.
    #[must_use]
    pub fn of(built_in: &BuiltIn) -> Self {
        match scenario::load(built_in.file, built_in.text) {
            Ok(loaded) => Self {
                title: loaded.scenario.title.clone(),
                teaches: loaded.scenario.teaches.clone(),
                variants: loaded.scenario.variants.names().map(str::to_owned).collect(),
                sketch: if picture(built_in.name).is_some() { Sketch::default() } else { Sketch::of(&loaded) },
            },
            Err(_) => Self {
                title: built_in.name.to_owned(),
                teaches: String::new(),
                variants: Vec::new(),
                sketch: Sketch::default(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SCENARIOS;

    #[test]
    fn every_scenario_has_a_picture() {
        for scenario in SCENARIOS {
            let png = picture(scenario.name)
                .unwrap_or_else(|| panic!("assets/gallery/moments does not tell of {}", scenario.name));
            assert!(decoded(png).is_some_and(|image| image.size[0] >= 320), "{}", scenario.name);
        }
    }
}
