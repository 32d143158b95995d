//! Services on their machines: what they are, how many workers do what, who waits at the door.

use super::super::figure::{count, figure};
use super::super::label::{Hold, Rank};
use super::super::shape::{Shape, form};
use super::super::width::Face;
use super::{
    Detail, Stage, Style, boxed, eased, failed_text, grown, icon, key, mix, small, some, style, tone, waiting_text,
};
use crate::host::{Availability, Busy};
use crate::lab::action::Subject;
use crate::lab::theme::{RADIUS, size};
use crate::layout::{Node, Point, Rect};
use crate::model::Kind;
use crate::units::Time;

/// Cells of a seat at most; where there are more workers, a cell is several.
pub(in super::super) const CELLS: u32 = 64;
/// People drawn at a door at most.
pub(in super::super) const PEOPLE: u32 = 20;

/// Pixels of the hatched edge of what is full.
const EDGE: f32 = 5.0;

/// What the instances on a seat are at, together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Crew {
    /// How many there are.
    pub instances: u32,
    /// Of these, how many are down, and how many come up.
    pub down: u32,
    pub booting: u32,
    /// When the first of these serves.
    pub until: Option<Time>,
    /// None: as many as come.
    pub workers: Option<u32>,
    /// Workers in use.
    pub used: u32,
    /// What they do; holding counts only where it takes a worker.
    pub busy: Busy,
    pub waiting: u32,
    pub refused: f32,
    /// Something of theirs is saturated; of how many of them.
    pub full: bool,
    pub full_of: u32,
    /// The culprit is seen here.
    pub culprit: bool,
    /// What it serves is what others wait for: it, or what it runs on, is the culprit.
    pub drowns: bool,
    /// What it waits for is the culprit, or waits for it.
    pub alarm: bool,
    /// It is a queue: what waits in it is what it is about.
    pub queue: bool,
}

impl Crew {
    /// Workers in use, to be drawn.
    pub fn working(&self) -> u32 {
        let working = self.busy.served.saturating_add(self.busy.waits).saturating_add(self.busy.holds);
        working.min(self.workers.unwrap_or(u32::MAX))
    }
}

impl Stage<'_> {
    pub(super) fn seats(&mut self) {
        for seat in 0..self.sight.layout.seats().len() {
            let Some(home) = some(self.index.homes[seat]) else { continue };
            let rect = self.seat_rect(seat);
            let detail = self.detail(home);
            if self.sight.camera.sees(rect, 96.0) {
                self.seat(seat, home, rect, detail);
            }
        }
    }

    /// What the instances of a seat are at.
    pub(super) fn crew(&self, seat: usize) -> Crew {
        let mut crew = Crew { workers: Some(0), ..Crew::default() };
        let service = self.sight.layout.seats()[seat].service;
        let facts = self.sight.model.services.get(service);
        let pins = facts.is_some_and(|service| service.pins);
        crew.queue = facts.is_some_and(|service| matches!(service.kind, Kind::Queue { .. }));
        for &at in self.index.sitting(seat) {
            let instance = &self.sight.frame.instances[at as usize];
            if instance.availability == Availability::Removed {
                continue;
            }
            crew.instances += 1;
            match instance.availability {
                Availability::Down => crew.down += 1,
                Availability::Booting { until } => {
                    crew.booting += 1;
                    crew.until = match (crew.until, until) {
                        (Some(a), Some(b)) => Some(a.min(b)),
                        (a, b) => a.or(b),
                    };
                }
                Availability::Up | Availability::Draining | Availability::Removed => {}
            }
            crew.workers = crew
                .workers
                .filter(|_| instance.workers < u32::MAX)
                .map(|sum: u32| sum.saturating_add(instance.workers));
            let holds = if pins || instance.workers == u32::MAX { instance.busy.holds } else { 0 };
            crew.used = crew.used.saturating_add(instance.used(pins));
            crew.busy.served = crew.busy.served.saturating_add(instance.busy.served);
            crew.busy.waits = crew.busy.waits.saturating_add(instance.busy.waits);
            crew.busy.holds = crew.busy.holds.saturating_add(holds);
            crew.waiting = crew.waiting.saturating_add(instance.waiting);
            crew.refused += instance.refused_per_s;
            crew.full |= self.index.full[at as usize];
            crew.full_of += u32::from(self.index.full[at as usize]);
            crew.culprit |= self.blame.is_instance(at);
            crew.drowns |= crew.culprit || instance.machine.is_some_and(|machine| self.blame.is_machine(machine));
        }
        crew.alarm = self.blame.lights_service(service.index());
        if crew.queue {
            crew.waiting = crew.waiting.saturating_add(self.index.messages.get(service.index()).copied().unwrap_or(0));
        }
        crew
    }

    fn seat(&mut self, at: usize, home: usize, rect: Rect, detail: Detail) {
        let palette = self.sight.palette;
        let seat = self.sight.layout.seats()[at];
        if seat.service.index() >= self.sight.model.services.len() {
            return;
        }
        let crew = self.crew(at);
        let apart = matches!(self.index.nodes[home].0, Node::Apart(..));
        if detail == Detail::Speck && !apart {
            return;
        }
        let lit = if self.blame.lights_service(seat.service.index()) { 1.0 } else { self.dimmed() };
        let lit = self.ease.from(key(eased::SEAT, at as u32, 0), 0.0, lit, 0.01);
        let radius = if apart { RADIUS.min(rect.height * 0.2) } else { 6.0_f32.min(rect.height * 0.2) };
        if crew.culprit {
            self.halo(rect, radius, if apart { 56.0 } else { 22.0 });
        }
        let ground = if apart { palette.surface } else { mix(palette.ground, palette.surface, 0.25) };
        let mut shape = boxed(rect, radius, tone(ground, lit));
        if crew.culprit || crew.full {
            shape = shape.outlined(if crew.culprit { 2.0 } else { 1.0 }, tone(palette.saturated, lit));
        } else if crew.booting > 0 {
            shape = shape.outlined(1.0, tone(palette.muted, lit)).with(form::DASHED);
        } else if crew.down > 0 && crew.down == crew.instances {
            shape = shape.outlined(1.0, tone(palette.failed, lit));
        } else if apart {
            shape = shape.outlined(1.0, tone(palette.line, lit));
        }
        self.push(shape);
        if crew.full && rect.height > 16.0 {
            // The second signal of saturation: a hatched edge.
            let edge = Rect { width: EDGE, height: rect.height - 2.0 * radius, y: rect.y + radius, ..rect };
            let hatch = boxed(edge, 0.0, tone(palette.saturated, lit)).with(form::HATCHED);
            self.push(Shape { ink: tone(palette.ground, lit * 0.45), ..hatch });
        }
        match detail {
            Detail::Speck => self.level(grown(rect, -3.0), utilization(&crew), crew.full, lit, form::METER),
            Detail::Small => self.small_seat(at, rect, &crew, lit),
            Detail::Medium | Detail::Large => self.full_seat(at, rect, detail, &crew, lit),
        }
        if crew.down > 0 && crew.down == crew.instances && rect.height > 12.0 {
            let half = Point { x: (rect.height * 0.3).min(rect.width * 0.2), y: rect.height * 0.44 };
            let crack = Shape::boxed(rect.center(), half, 0.0, tone(palette.failed, self.alarm(lit)));
            self.push(Shape { line: 1.5, form: form::CRACK, ..crack });
        }
        if let [one] = *self.index.sitting(at) {
            self.mark(&Subject::Instance(one), rect, radius);
        }
        self.mark(&Subject::Service(seat.service), rect, radius);
        if crew.culprit && self.index.sitting(at).iter().any(|instance| self.blame.speaks_at(*instance)) {
            // Above its island, not on what that has to say.
            let above = self.node_rect(home);
            self.accused = Some(if apart { rect } else { above });
        }
    }

    /// Name, a bar of its workers, how many wait.
    fn small_seat(&mut self, at: usize, rect: Rect, crew: &Crew, lit: f32) {
        let palette = self.sight.palette;
        let thick = (rect.height * 0.16).clamp(2.0, 4.0);
        let pad = (rect.width * 0.05).clamp(2.0, 6.0);
        let edge = if crew.full { EDGE } else { 0.0 };
        let bar = Rect {
            x: rect.x + edge + pad,
            y: rect.y + rect.height - thick - pad * 0.7,
            width: rect.width - edge - 2.0 * pad,
            height: thick,
        };
        if crew.workers.is_some() {
            self.push(boxed(bar, thick * 0.5, tone(mix(palette.line, palette.ground, 0.25), lit)));
        }
        // What has no limit is never full: it has no bar.
        let all = crew.workers.map_or(f32::INFINITY, |workers| workers.max(1) as f32);
        let serves = if crew.drowns { palette.saturated } else { palette.moving };
        let waits = self.wait_color(crew.alarm);
        let parts = [(crew.busy.served, serves), (crew.busy.waits, waits), (crew.busy.holds, palette.muted)];
        let mut from = 0.0;
        for (part, (workers, color)) in parts.into_iter().enumerate() {
            let share = self.ease.share(key(eased::SEAT, at as u32, 1 + part as u8), workers as f32 / all);
            let wide = (bar.width * share).min(bar.width - from);
            if wide > 0.4 {
                self.push(boxed(Rect { x: bar.x + from, width: wide, ..bar }, thick * 0.5, tone(color, lit)));
            }
            from += wide.max(0.0);
        }
        if rect.height < 24.0 {
            return;
        }
        let y = rect.y + (rect.height - thick - pad * 0.7) * 0.5;
        let mut room = bar.width;
        if crew.waiting > 0 {
            room -= 6.0 + self.queue_count(Point { x: rect.x + rect.width - pad, y }, crew.waiting, lit);
        }
        let regular = style(size::SMALL, Face::Regular, tone(palette.text, lit), Rank::Service);
        self.seat_name(at, Point { x: bar.x, y }, regular, room);
    }

    /// The service, and which of its instances where there are several.
    fn seat_name(&mut self, at: usize, from: Point, style: Style, room: f32) {
        let seat = self.sight.layout.seats()[at];
        let service = &self.sight.model.services[seat.service];
        let ordinal = seat.ordinal.filter(|ordinal| *ordinal > 0 || self.index.of_service(seat.service) > 1);
        let many = if seat.ordinal.is_none() { self.members(at).len() } else { 1 };
        self.say(from, Hold::Left, style, room, |text| {
            text.push_str(&service.name);
            if many > 1 {
                text.push_str(" ×");
                count(text, many as u64);
            }
            if let Some(ordinal) = ordinal {
                text.push('/');
                count(text, u64::from(ordinal));
            }
        });
    }

    /// ◔ and how many wait, from the right. Returns the room it took.
    fn queue_count(&mut self, at: Point, waiting: u32, lit: f32) -> f32 {
        let palette = self.sight.palette;
        let style = style(size::SMALL, Face::Strong, tone(waiting_text(palette), lit), Rank::Trouble);
        let said = self.say(at, Hold::Right, style, 60.0, |text| count(text, u64::from(waiting)));
        let sign = Point { x: at.x - said - 8.0, y: at.y };
        self.push(Shape::glyph(form::QUARTER, sign, 4.0, tone(palette.waiting, lit)));
        said + 14.0
    }

    /// Silhouette and name; cells; the queue.
    fn full_seat(&mut self, at: usize, rect: Rect, detail: Detail, crew: &Crew, lit: f32) {
        let palette = self.sight.palette;
        let seat = self.sight.layout.seats()[at];
        let service = &self.sight.model.services[seat.service];
        let pad = (rect.height * 0.09).clamp(6.0, 14.0);
        let large = detail == Detail::Large;
        let row = Point { x: rect.x + pad, y: rect.y + pad + 8.0 };
        let sign = Shape::glyph(icon(service.kind), Point { x: row.x + 8.0, y: row.y }, 7.0, tone(palette.muted, lit));
        self.push(Shape { line: 1.3, ..sign });
        let right = Point { x: rect.x + rect.width - pad, y: row.y };
        let mut room = rect.width - 2.0 * pad - 24.0;
        room -= self.seat_state(right, crew, service.restart.map(|restart| restart.0), lit);
        let regular = style(size::BODY, Face::Regular, tone(palette.text, lit), Rank::Service);
        self.seat_name(at, Point { x: row.x + 22.0, y: row.y }, regular, room);
        let queue = 14.0;
        let top = row.y + 14.0;
        let bottom = rect.y + rect.height - pad * 0.8;
        let floor = Rect {
            x: rect.x + pad,
            y: top,
            width: rect.width - 2.0 * pad,
            height: (bottom - top - queue - 2.0).max(6.0),
        };
        let door = Rect { x: floor.x, y: bottom - queue + 2.0, width: floor.width, height: queue };
        if seat.ordinal.is_none() && crew.instances > 1 {
            return self.many(at, [floor, door], crew, lit);
        }
        if large && self.works(at, floor, lit) {
            // Every worker is told of by itself.
        } else {
            self.cells(floor, crew, lit);
        }
        self.queue(door, crew, lit);
    }

    /// At the right of the name: workers in use, or what the instance is at. Returns the room it took.
    fn seat_state(&mut self, at: Point, crew: &Crew, restart: Option<i64>, lit: f32) -> f32 {
        let palette = self.sight.palette;
        if crew.booting > 0 {
            return self.countdown(at, crew.until, restart.unwrap_or_default() as f64 / 1e9, lit, Rank::Trouble);
        }
        if crew.down > 0 {
            let style = small(tone(failed_text(palette), self.alarm(lit)), Rank::Trouble);
            let (down, all) = (u64::from(crew.down), u64::from(crew.instances));
            return 8.0
                + self.say(at, Hold::Right, style, 90.0, |text| {
                    if all > 1 {
                        count(text, down);
                        text.push_str(" of ");
                        count(text, all);
                        text.push(' ');
                    }
                    text.push_str("down");
                });
        }
        let color = if crew.full { palette.saturated } else { palette.muted };
        let style = small(tone(color, lit), if crew.full { Rank::Trouble } else { Rank::Figure });
        if crew.full && crew.instances > 1 {
            return 8.0
                + self.say(at, Hold::Right, style, 120.0, |text| {
                    count(text, u64::from(crew.full_of));
                    text.push_str(" of ");
                    count(text, u64::from(crew.instances));
                    text.push_str(" saturated");
                });
        }
        if crew.queue {
            return 8.0
                + self.say(at, Hold::Right, style, 120.0, |text| {
                    count(text, u64::from(crew.waiting));
                    text.push_str(" queued");
                });
        }
        8.0 + self.say(at, Hold::Right, style, 90.0, |text| {
            count(text, u64::from(crew.used));
            if let Some(workers) = crew.workers {
                text.push('/');
                count(text, u64::from(workers));
            }
        })
    }

    /// A cell for a worker, or for several where there are many: served, waiting for others, holding, free.
    pub(super) fn cells(&mut self, area: Rect, crew: &Crew, lit: f32) {
        let shares = share_out(crew);
        let total = shares.iter().sum::<u32>();
        if total == 0 {
            return;
        }
        // As many rows as keep cells wider than high, at least 6 pixels each.
        let most = ((area.height / 9.0) as u32).clamp(1, 8);
        let rows = total.div_ceil(16).clamp(1, most).max(total.div_ceil(((area.width / 5.0) as u32).max(1)));
        let columns = total.div_ceil(rows).max(8);
        let (step_x, step_y) =
            (area.width / columns as f32, (area.height / rows as f32).min(area.width / columns as f32 * 0.8));
        let gap = if step_x > 6.0 && step_y > 6.0 { 2.0 } else { 1.0 };
        let half = Point { x: (step_x - gap) * 0.5, y: (step_y - gap) * 0.5 };
        let radius = 2.0_f32.min(half.y * 0.6);
        let palette = self.sight.palette;
        let free = tone(mix(palette.line, palette.ground, 0.1), lit);
        // What the culprit serves is what the others wait for.
        let serves = if crew.drowns { palette.saturated } else { palette.moving };
        let hatch = tone(palette.ground, lit * 0.45);
        let (served, holds) = (tone(serves, lit), tone(palette.muted, lit));
        let waits = tone(self.wait_color(crew.alarm), lit);
        let mut cell = 0;
        for (state, &cells) in shares.iter().enumerate() {
            for _ in 0..cells {
                let middle = Point {
                    x: area.x + (cell % columns) as f32 * step_x + half.x,
                    y: area.y + (cell / columns) as f32 * step_y + half.y,
                };
                cell += 1;
                let shape = Shape::boxed(middle, half, radius, [0; 4]);
                self.out.shapes.push(match state {
                    0 if crew.drowns => Shape { fill: served, ink: hatch, ..shape }.with(form::HATCHED),
                    0 => Shape { fill: served, ..shape },
                    1 => Shape { fill: waits, ..shape }.filled(form::LEVEL, 0.5).outlined(1.0, waits),
                    2 => shape.outlined(1.5, holds),
                    _ => shape.outlined(1.0, free),
                });
            }
        }
    }

    /// At the right of a door how many it refuses. Returns the room it took.
    pub(super) fn refusals(&mut self, area: Rect, rate: f32, lit: f32) -> f32 {
        if rate < 0.05 {
            return 0.0;
        }
        let palette = self.sight.palette;
        let right = Point { x: area.x + area.width, y: area.y + area.height * 0.5 };
        let lit = self.alarm(lit);
        let style = style(size::SMALL, Face::Strong, tone(failed_text(palette), lit), Rank::Trouble);
        let said = self.say(right, Hold::Right, style, area.width * 0.4, |text| {
            figure(text, rate);
            text.push_str("/s");
        });
        let sign = Point { x: right.x - said - 8.0, y: right.y };
        self.push(Shape::glyph(form::CROSS, sign, 4.0, tone(palette.failed, lit)));
        said + 20.0
    }

    /// People at the door: up to twenty, and how many more.
    fn queue(&mut self, area: Rect, crew: &Crew, lit: f32) {
        let palette = self.sight.palette;
        let room = area.width - self.refusals(area, crew.refused, lit);
        if crew.waiting == 0 {
            return;
        }
        let step = 8.0;
        let more_room = if crew.waiting > PEOPLE { 40.0 } else { 0.0 };
        let shown = crew.waiting.min(PEOPLE).min(((room - more_room) / step).max(1.0) as u32);
        let y = area.y + area.height * 0.5;
        for person in 0..shown {
            let middle = Point { x: area.x + 4.0 + person as f32 * step, y };
            self.out.shapes.push(Shape::glyph(form::PERSON, middle, 4.5, tone(palette.waiting, lit)));
        }
        let more = u64::from(crew.waiting - shown);
        if more > 0 {
            let style = style(size::SMALL, Face::Strong, tone(waiting_text(palette), lit), Rank::Trouble);
            let at = Point { x: area.x + shown as f32 * step + 4.0, y };
            self.say(at, Hold::Left, style, 60.0, |text| {
                text.push('+');
                count(text, more);
            });
        }
    }
}

/// In use of what there is; of what has no limit: nothing can be said.
fn utilization(crew: &Crew) -> f32 {
    crew.workers.map_or(0.0, |workers| crew.working() as f32 / workers.max(1) as f32)
}

/// Cells by state: served, waiting for others, holding, free. Whatever there is at all has a cell, if it can.
pub(in super::super) fn share_out(crew: &Crew) -> [u32; 4] {
    let Busy { served, waits, holds } = crew.busy;
    let all = crew.workers.unwrap_or(crew.working());
    let each = all.div_ceil(CELLS).max(1);
    let cells = all.div_ceil(each);
    let mut out = [served, waits, holds].map(|count| count.div_ceil(each));
    // Rounding up may ask for more cells than there are: the largest gives.
    let mut over = out.iter().fold(0_u32, |sum, part| sum.saturating_add(*part)).saturating_sub(cells);
    for _ in 0..out.len() {
        let largest = (0..out.len()).max_by_key(|part| out[*part]).unwrap_or_default();
        let gives = over.min(out[largest].saturating_sub(1));
        out[largest] -= gives;
        over -= gives;
    }
    let used = out.iter().fold(0_u32, |sum, part| sum.saturating_add(*part)).min(cells);
    [out[0].min(cells), out[1].min(cells), out[2].min(cells), cells - used]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crew(workers: Option<u32>, served: u32, waits: u32, holds: u32) -> Crew {
        Crew { workers, busy: Busy { served, waits, holds }, ..Crew::default() }
    }

    #[test]
    fn every_worker_has_a_cell_up_to_64_then_a_cell_is_several() {
        assert_eq!(share_out(&crew(Some(50), 3, 40, 0)), [3, 40, 0, 7]);
        assert_eq!(share_out(&crew(Some(64), 0, 0, 0)), [0, 0, 0, 64]);
        // 200 workers: a cell is four.
        assert_eq!(share_out(&crew(Some(200), 9, 191, 0)), [3, 47, 0, 0]);
        assert_eq!(share_out(&crew(Some(50), 2, 60, 0)), [2, 48, 0, 0], "no more than there are");
        assert_eq!(share_out(&crew(Some(10_000), 1, 1, 1)), [1, 1, 1, 61]);
        assert_eq!(share_out(&crew(None, 5, 0, 7)), [5, 0, 7, 0]);
        assert_eq!(share_out(&crew(None, 0, 0, 0)), [0; 4]);
        assert!(share_out(&crew(None, 70_000, 3, 3)).iter().sum::<u32>() <= CELLS);
    }
}
