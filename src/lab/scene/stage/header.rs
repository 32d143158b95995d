//! The upper part of an island: its name and what is used of it; of a stack how that is spread over its machines.

use super::super::figure::{count, percent};
use super::super::hit::Target;
use super::super::label::{Hold, Rank};
use super::super::shape::form;
use super::super::width::Face;
use super::{Detail, Stage, boxed, code, eased, key, mix, small, style, tone};
use crate::host::Availability;
use crate::lab::theme::size;
use crate::layout::{Node, Point, Rect};

const HEADER: f32 = 56.0;
const STACK_HEADER: f32 = 96.0;
const PADDING: f32 = 16.0;

/// Bars of a stack's spread at most.
const STRIP: usize = 48;

impl Stage<'_> {
    pub(super) fn header(&mut self, node: usize, rect: Rect, detail: Detail, lit: f32) {
        let zoom = self.sight.camera.zoom;
        let palette = self.sight.palette;
        let pad = (PADDING * zoom).min(PADDING * 1.25);
        let stack = matches!(self.index.nodes[node].0, Node::Stack(_));
        let high = if stack { STACK_HEADER } else { HEADER } * zoom;
        let inner = Rect { x: rect.x + pad, y: rect.y, width: rect.width - 2.0 * pad, height: high };
        let roomy = detail >= Detail::Medium;
        let large = detail == Detail::Large;
        let name_y = match detail {
            Detail::Large => rect.y + high * 0.3,
            Detail::Medium => rect.y + 20.0_f32.min(high * 0.36),
            Detail::Small | Detail::Speck => rect.y + high * 0.42,
        };
        let mut room = inner.width;
        if roomy {
            room -= self.header_state(node, Point { x: inner.x + inner.width, y: name_y }, lit);
        }
        if roomy || high >= 15.0 {
            let letters = if large {
                size::HEADING
            } else if roomy {
                size::BODY
            } else {
                size::SMALL
            };
            let style = style(letters, Face::Strong, tone(palette.text, lit), Rank::Island);
            self.island_name(node, Point { x: inner.x, y: name_y }, Hold::Left, style, room - 4.0);
        }
        if !roomy {
            let thick = (high * 0.16).clamp(2.0, 4.0);
            let bar = Rect {
                x: inner.x,
                y: rect.y + high - thick - (high * 0.14).max(2.0),
                width: inner.width,
                height: thick,
            };
            let worst = self.worst(node);
            let share = self.ease.share(key(eased::GAUGE, code(self.index.nodes[node].0), 9), worst.share);
            self.level(bar, share, worst.full, lit, form::METER);
        } else if stack {
            self.spread(node, Rect { y: name_y + 16.0, height: high - (name_y - rect.y) - 24.0, ..inner }, lit);
        } else {
            self.gauges(node, Rect { height: high - if large { 14.0 } else { 8.0 }, ..inner }, lit);
        }
    }

    /// At the right of the name: cores, or what the machine is at. Returns the room it took.
    fn header_state(&mut self, node: usize, at: Point, lit: f32) -> f32 {
        let palette = self.sight.palette;
        let Some((_, machine)) = self.only_machine(node) else { return 0.0 };
        let Some(group) = self.sight.model.groups.get(machine.group) else { return 0.0 };
        let word = match machine.availability {
            Availability::Booting { until } => {
                return self.countdown(at, until, group.boot.0 as f64 / 1e9, lit, Rank::Trouble);
            }
            Availability::Down => "down",
            Availability::Draining => "draining",
            Availability::Removed => "gone",
            Availability::Up => {
                let (cores, muted) = (u64::from(group.cores), tone(palette.muted, lit));
                return 8.0
                    + self.say(at, Hold::Right, small(muted, Rank::Caption), 80.0, |text| {
                        count(text, cores);
                        text.push_str(if cores == 1 { " core" } else { " cores" });
                    });
            }
        };
        let color = if machine.availability == Availability::Down { palette.failed } else { palette.muted };
        8.0 + self.say(at, Hold::Right, small(tone(color, lit), Rank::Trouble), 80.0, |text| text.push_str(word))
    }

    /// Up to four bars beside each other: what there is of CPU, memory, disk, network.
    fn gauges(&mut self, node: usize, area: Rect, lit: f32) {
        let Some((at, machine)) = self.only_machine(node) else { return };
        let gauges = self.index.gauges[at as usize];
        let all = [
            ("cpu", Some(machine.cpu), gauges.cpu),
            ("mem", machine.memory, gauges.memory),
            ("disk", machine.disk, gauges.disk),
            ("net", machine.network, gauges.network),
        ];
        let shown = all.iter().filter(|(_, share, _)| share.is_some()).count().max(1);
        let gap = 12.0;
        let wide = (area.width - gap * (shown - 1) as f32) / shown as f32;
        let thick = if area.height > 90.0 { 6.0 } else { 4.0 };
        let y = area.y + area.height - thick;
        let words = area.height >= 47.5;
        // Where there is no room above the bars, words stand before and behind them.
        let before = if words { 0.0 } else { 30.0 };
        let behind = if words || wide < 96.0 { 0.0 } else { 42.0 };
        let mut x = area.x;
        for (part, (name, share, gauge)) in all.into_iter().enumerate() {
            let Some(goal) = share else { continue };
            let full = self.full(gauge);
            let share = self.ease.share(key(eased::GAUGE, code(self.index.nodes[node].0), part as u8), goal);
            let bar = Rect { x: x + before, y, width: (wide - before - behind).max(8.0), height: thick };
            self.level(bar, share, full, lit, form::METER);
            let palette = self.sight.palette;
            let color = if full { palette.saturated } else { palette.muted };
            let middle = if words { y - 9.0 } else { y + thick * 0.5 };
            let muted = small(tone(palette.muted, lit), Rank::Caption);
            let said = self.say(Point { x, y: middle }, Hold::Left, muted, wide, |text| text.push_str(name));
            if words || behind > 0.0 {
                let rank = if full { Rank::Trouble } else { Rank::Figure };
                let right = Point { x: x + wide, y: middle };
                self.say(right, Hold::Right, small(tone(color, lit), rank), wide - said - 4.0, |text| {
                    percent(text, share)
                });
            }
            self.hit(Rect { x, y: y - 18.0, width: wide, height: 18.0 + thick + 4.0 }, Target::Gauge(gauge));
            x += wide + gap;
        }
    }

    /// Of a stack: a bar for each machine (or for equal parts of them), from the idlest to the hottest, and which that
    /// is.
    fn spread(&mut self, node: usize, area: Rect, lit: f32) {
        if area.height < 12.0 {
            return;
        }
        let palette = self.sight.palette;
        let mut sorted: Vec<(f32, u32)> =
            self.index.housed(node).iter().map(|&at| (self.sight.frame.machines[at as usize].cpu, at)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some(&(hottest, at)) = sorted.last() else { return };
        let bars = sorted.len().min(STRIP).min((area.width / 3.0) as usize).max(1);
        let words = area.height >= 44.0;
        let high = if words { area.height - 18.0 } else { area.height };
        let wide = area.width / bars as f32;
        for bar in 0..bars {
            // Each bar is the hottest of its part.
            let (share, machine) = sorted[((bar + 1) * sorted.len() / bars - 1).min(sorted.len() - 1)];
            let share = self.ease.share(key(eased::GAUGE, code(self.index.nodes[node].0), 10 + bar as u8), share);
            let full = self.full(self.index.gauges[machine as usize].cpu);
            let column = Rect { x: area.x + bar as f32 * wide, y: area.y, width: (wide - 1.5).max(1.0), height: high };
            self.push(boxed(column, 1.0, tone(mix(palette.line, palette.ground, 0.5), lit)));
            let color = if full { palette.saturated } else { palette.muted };
            self.push(boxed(column, 1.0, tone(color, lit)).filled(form::LEVEL, share.max(0.03)));
        }
        if words {
            let y = area.y + area.height - 7.0;
            let muted = small(tone(palette.muted, lit), Rank::Caption);
            self.say(Point { x: area.x, y }, Hold::Left, muted, area.width, |text| text.push_str("cpu of each"));
            let full = self.full(self.index.gauges[at as usize].cpu);
            let color = if full { palette.saturated } else { palette.text };
            let ordinal = self.sight.frame.machines[at as usize].ordinal;
            let right = Point { x: area.x + area.width, y };
            let style = small(tone(color, lit), Rank::Figure);
            let said = self.say(right, Hold::Right, style, area.width * 0.6, |text| {
                text.push_str("hottest /");
                count(text, u64::from(ordinal));
                text.push_str("  ");
                percent(text, hottest);
            });
            let corner = Rect { x: right.x - said, y: y - 8.0, width: said, height: 16.0 };
            self.hit(corner, Target::Machine(at));
        }
    }
}
