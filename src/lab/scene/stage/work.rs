//! The nearest look: every call in work at an instance, its operation and whom it waits for.

use super::super::label::{Hold, Rank};
use super::super::shape::{Shape, form};
use super::{Stage, boxed, small, tone};
use crate::host::{Cell, Doing};
use crate::layout::{Point, Rect};

/// A tile with words is at least so large.
const WORDS: (f32, f32) = (72.0, 17.0);

impl Stage<'_> {
    /// Tiles of what the instance of a seat does, if the frame tells. False: it does not.
    pub(super) fn works(&mut self, seat: usize, area: Rect, lit: f32) -> bool {
        let &[instance] = self.index.sitting(seat) else { return false };
        let frame = self.sight.frame;
        let Some(work) = frame.work.iter().find(|work| work.instance == instance) else { return false };
        let workers = frame.instances[instance as usize].workers;
        let free = if workers == u32::MAX { 0 } else { (workers as usize).saturating_sub(work.cells.len()) };
        let tiles = (work.cells.len() + free).min(crate::host::CELLS);
        if tiles == 0 {
            return true;
        }
        // The fewest columns with which all fit, so that tiles are as wide as can be.
        let rows = ((area.height / WORDS.1) as usize).max(1);
        let columns = tiles.div_ceil(rows).clamp(1, ((area.width / 8.0) as usize).max(1));
        let rows = tiles.div_ceil(columns);
        let (wide, high) = (area.width / columns as f32, (area.height / rows as f32).min(24.0));
        let words = wide >= WORDS.0 && high >= WORDS.1 - 1.0;
        for tile in 0..tiles {
            let corner =
                Point { x: area.x + (tile % columns) as f32 * wide, y: area.y + (tile / columns) as f32 * high };
            let rect = Rect { x: corner.x, y: corner.y, width: wide - 2.0, height: high - 2.0 };
            self.tile(rect, work.cells.get(tile), words, lit);
        }
        true
    }

    fn tile(&mut self, rect: Rect, cell: Option<&Cell>, words: bool, lit: f32) {
        let palette = self.sight.palette;
        let Some(cell) = cell else {
            self.push(boxed(rect, 3.0, [0; 4]).outlined(1.0, tone(palette.line, lit)));
            return;
        };
        let color = match cell.doing {
            Doing::Moving | Doing::Served => palette.moving,
            Doing::Waiting => palette.waiting,
            Doing::Holding => palette.muted,
            Doing::Orphaned => palette.failed,
        };
        if !words {
            let shape = boxed(rect, 3.0, tone(color, lit));
            self.push(match cell.doing {
                Doing::Moving | Doing::Served => shape,
                Doing::Waiting => shape.filled(form::LEVEL, 0.5).outlined(1.0, tone(color, lit)),
                Doing::Holding | Doing::Orphaned => Shape { fill: [0; 4], ..shape }.outlined(1.5, tone(color, lit)),
            });
            return;
        }
        self.push(boxed(rect, 3.0, tone(color, lit * 0.16)).outlined(1.0, tone(color, lit * 0.7)));
        let y = rect.center().y;
        let sign = Point { x: rect.x + 9.0, y };
        self.push(match cell.doing {
            Doing::Moving | Doing::Served => Shape::glyph(form::DISC, sign, 3.5, tone(color, lit)),
            Doing::Waiting => Shape::glyph(form::QUARTER, sign, 4.0, tone(color, lit)),
            Doing::Holding => Shape { share: 1.0, line: 1.5, ..Shape::glyph(form::RING, sign, 4.0, tone(color, lit)) },
            Doing::Orphaned => Shape::glyph(form::DIAMOND, sign, 4.5, tone(color, lit)),
        });
        let model = self.sight.model;
        let operation = model.operations.get(cell.operation);
        let waits_for = cell.waits_for.and_then(|service| model.services.get(service));
        let style = small(tone(palette.text, lit), Rank::Caption);
        self.say(Point { x: rect.x + 18.0, y }, Hold::Left, style, rect.width - 22.0, |text| {
            let name = operation.map_or("", |operation| operation.name.as_str());
            text.push_str(name.split_once('.').map_or(name, |(_, operation)| operation));
            if let Some(service) = waits_for {
                text.push_str(" › ");
                text.push_str(&service.name);
            }
        });
    }
}
