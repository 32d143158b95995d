//! Equal processes, or equal machines, on one seat: how busy each of them is, and which is worst off. Near enough, each
//! has its own tile.

use super::super::figure::count;
use super::super::hit::Target;
use super::super::label::{Hold, Rank};
use super::super::shape::{Shape, form};
use super::super::width::Face;
use super::seat::Crew;
use super::{Stage, boxed, eased, key, mix, small, style, tone, waiting_text};
use crate::host::Availability;
use crate::lab::action::Subject;
use crate::lab::theme::size;
use crate::layout::{Point, Rect};

/// A tile of a member is at least so large.
const TILE: (f32, f32) = (88.0, 20.0);
/// Bars of members at most; of more, each bar is the worst of a part of them.
const BARS: usize = 48;

/// One of those that share a seat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Member {
    /// Its index.
    pub instance: u32,
    /// It does not serve.
    pub down: bool,
    /// Something of its own is saturated.
    pub full: bool,
    pub waiting: u32,
    /// Of its workers, or of the busiest where there is no limit.
    pub share: f32,
}

impl Member {
    /// Who is worse off, for sorting.
    fn badness(&self) -> (bool, bool, u32, f32) {
        (self.full, self.down, self.waiting, self.share)
    }
}

impl Stage<'_> {
    /// Those on a seat that are not gone, by their numbers.
    pub(super) fn members(&self, seat: usize) -> Vec<Member> {
        let pins =
            self.sight.model.services.get(self.sight.layout.seats()[seat].service).is_some_and(|service| service.pins);
        let instances = &self.sight.frame.instances;
        let there = || {
            let all = self.index.sitting(seat).iter().map(|at| (*at, &instances[*at as usize]));
            all.filter(|(_, instance)| instance.availability != Availability::Removed)
        };
        let most = there().map(|(_, instance)| instance.used(pins)).max().unwrap_or(0).max(1);
        let mut members: Vec<Member> = there()
            .map(|(at, instance)| Member {
                instance: at,
                down: instance.availability == Availability::Down,
                full: self.index.full[at as usize],
                waiting: instance.waiting,
                share: instance.used(pins) as f32
                    / if instance.workers < u32::MAX { instance.workers } else { most } as f32,
            })
            .collect();
        members.sort_by_key(|member| instances[member.instance as usize].ordinal);
        members
    }

    /// Each of them, then what waits for all of them and with whom most.
    pub(super) fn many(&mut self, seat: usize, [floor, door]: [Rect; 2], crew: &Crew, lit: f32) {
        let members = self.members(seat);
        let columns = ((floor.width / TILE.0) as usize).clamp(1, 4);
        let rows = members.len().div_ceil(columns);
        let high = (floor.height / rows.max(1) as f32).min(28.0);
        if high >= TILE.1 {
            let wide = floor.width / columns as f32;
            for (place, member) in members.iter().enumerate() {
                let (x, y) = ((place % columns) as f32 * wide, (place / columns) as f32 * high);
                let tile = Rect { x: floor.x + x, y: floor.y + y, width: wide - 4.0, height: high - 3.0 };
                self.member(tile, member, crew, lit);
            }
        } else {
            self.bars(floor, &members, crew, lit);
        }
        let room = door.width - self.refusals(door, crew.refused, lit);
        let worst =
            members.iter().max_by(|a, b| a.badness().partial_cmp(&b.badness()).unwrap_or(std::cmp::Ordering::Equal));
        if let Some(worst) = worst.filter(|worst| worst.waiting > 0 || worst.full) {
            self.worst_of(door, room, worst, crew, lit);
        }
    }

    /// A member by itself: its name, how many of its workers are in use, how many wait.
    fn member(&mut self, tile: Rect, member: &Member, crew: &Crew, lit: f32) {
        let palette = self.sight.palette;
        let ink = if member.full { palette.saturated } else { palette.line };
        self.push(boxed(tile, 4.0, tone(palette.surface, lit)).outlined(1.0, tone(ink, lit)));
        let bar = Rect { x: tile.x + 4.0, y: tile.y + tile.height - 5.0, width: tile.width - 8.0, height: 3.0 };
        self.bar_of(bar, member, crew, lit, form::METER);
        let y = tile.y + (tile.height - 4.0) * 0.5;
        let instance = self.sight.frame.instances[member.instance as usize];
        let name = self.sight.model.services.get(instance.service).map_or("", |service| service.name.as_str());
        let right = Point { x: tile.x + tile.width - 5.0, y };
        let mut room = tile.width - 10.0;
        if member.waiting > 0 {
            let style = style(size::SMALL, Face::Strong, tone(waiting_text(palette), lit), Rank::Trouble);
            room -= 6.0 + self.say(right, Hold::Right, style, 40.0, |text| count(text, u64::from(member.waiting)));
        }
        let words = small(tone(palette.text, lit), Rank::Caption);
        self.say(Point { x: tile.x + 5.0, y }, Hold::Left, words, room, |text| {
            text.push_str(name);
            text.push('/');
            count(text, u64::from(instance.ordinal));
        });
        self.hit(tile, Target::Instance(member.instance));
        self.mark(&Subject::Instance(member.instance), tile, 4.0);
    }

    /// A bar for each; of too many, the worst of equal parts of them.
    fn bars(&mut self, area: Rect, members: &[Member], crew: &Crew, lit: f32) {
        let most = BARS.min((area.width / 4.0) as usize).max(1);
        let mut shown = members.to_vec();
        if shown.len() > most {
            shown.sort_by(|a, b| a.badness().partial_cmp(&b.badness()).unwrap_or(std::cmp::Ordering::Equal));
            shown = (1..=most).map(|part| shown[part * shown.len() / most - 1]).collect();
        }
        let wide = (area.width / shown.len().max(1) as f32).min(28.0);
        for (place, member) in shown.iter().enumerate() {
            let bar =
                Rect { x: area.x + place as f32 * wide, y: area.y, width: (wide - 2.0).max(1.5), height: area.height };
            self.bar_of(bar, member, crew, lit, form::LEVEL);
        }
    }

    fn bar_of(&mut self, bar: Rect, member: &Member, crew: &Crew, lit: f32, flag: u32) {
        let palette = self.sight.palette;
        let radius = 2.0_f32.min(bar.width * 0.3);
        let goal = if member.down { 0.0 } else { member.share.min(1.0) };
        let share = self.ease.share(key(eased::MEMBER, member.instance, 0), goal);
        self.push(boxed(bar, radius, tone(mix(palette.line, palette.ground, 0.25), lit)));
        if member.down {
            let lit = self.alarm(lit);
            self.push(boxed(bar, radius, [0; 4]).outlined(1.0, tone(palette.failed, lit)));
            return;
        }
        if share < 0.004 {
            return;
        }
        let hot = member.full || crew.drowns;
        let fill = tone(if hot { palette.saturated } else { palette.moving }, lit);
        let level = boxed(bar, radius, fill).filled(flag, share.max(0.05));
        self.push(if hot {
            Shape { ink: tone(palette.ground, lit * 0.45), ..level }.with(form::HATCHED)
        } else {
            level
        });
    }

    /// "◔ 37 waiting, most at talk/3".
    fn worst_of(&mut self, door: Rect, room: f32, worst: &Member, crew: &Crew, lit: f32) {
        let palette = self.sight.palette;
        let y = door.y + door.height * 0.5;
        let instance = self.sight.frame.instances[worst.instance as usize];
        let name = self.sight.model.services.get(instance.service).map_or("", |service| service.name.as_str());
        self.push(Shape::glyph(form::QUARTER, Point { x: door.x + 5.0, y }, 4.0, tone(palette.waiting, lit)));
        let style = style(size::SMALL, Face::Strong, tone(waiting_text(palette), lit), Rank::Trouble);
        let waiting = crew.waiting;
        self.say(Point { x: door.x + 14.0, y }, Hold::Left, style, room - 14.0, |text| {
            if waiting > 0 {
                count(text, u64::from(waiting));
                text.push_str(" waiting, most at ");
            } else {
                text.push_str("worst: ");
            }
            text.push_str(name);
            text.push('/');
            count(text, u64::from(instance.ordinal));
        });
    }
}
