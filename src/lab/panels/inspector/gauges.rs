//! What can saturate, now: how much of it is in use, who waits for it, whom it turned away.

use crate::engine::ResourceKind;
use crate::host::{Gauge, Resource};
use crate::lab::action::{Action, Subject};
use crate::lab::fonts;
use crate::lab::panels::format;
use crate::lab::panels::widget::{self, Inks};
use crate::lab::state::LabState;
use crate::number::{count, percent};
use egui::{Align2, Color32, Rect, Response, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Resources of one name together.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// As the story has it, or the one's own where they are listed one by one.
    pub name: String,
    pub kind: ResourceKind,
    pub members: usize,
    pub capacity: f64,
    pub level: f64,
    pub waiting: u64,
    pub refused: u64,
    /// How many of them are full and waited for.
    pub saturated: usize,
}

impl Pool {
    /// Share in use; none without a limit.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.capacity > 0.0 && self.capacity < 4e9 * self.members as f64
            || self.is_bytes() && self.capacity > 0.0 && self.capacity.is_finite())
        .then(|| self.level / self.capacity)
    }

    const fn is_bytes(&self) -> bool {
        matches!(self.kind, ResourceKind::Memory | ResourceKind::Network | ResourceKind::Ingress)
    }

    fn take(&mut self, gauge: &Gauge) {
        self.members += 1;
        self.capacity += f64::from(gauge.capacity);
        self.level += f64::from(gauge.level);
        self.waiting += u64::from(gauge.waiting);
        self.refused += gauge.refused;
        self.saturated += usize::from(gauge.saturated);
    }
}

/// The resources that `mine` picks; `apart`: one by one, else those of one name of the story together.
#[must_use]
pub fn pools(state: &LabState, mine: impl Fn(&Resource) -> bool, apart: bool) -> Vec<Pool> {
    let mut pools: Vec<Pool> = Vec::new();
    for (resource, gauge) in
        state.frame.resources.iter().zip(&state.frame.gauges).filter(|(resource, _)| mine(resource))
    {
        let name = if apart { &resource.name } else { &resource.subject };
        match pools.iter_mut().find(|pool| pool.name == *name) {
            Some(pool) => pool.take(gauge),
            None => {
                let mut pool = Pool {
                    name: name.clone(),
                    kind: resource.kind,
                    members: 0,
                    capacity: 0.0,
                    level: 0.0,
                    waiting: 0,
                    refused: 0,
                    saturated: 0,
                };
                pool.take(gauge);
                pools.push(pool);
            }
        }
    }
    // Full ones first, and what nobody asks for last.
    pools.sort_by(|a, b| {
        (b.saturated > 0, b.waiting > 0)
            .cmp(&(a.saturated > 0, a.waiting > 0))
            .then(b.share().unwrap_or(0.0).total_cmp(&a.share().unwrap_or(0.0)))
    });
    pools
}

/// A row for each of them, which leads to it.
pub fn rows(ui: &mut Ui, state: &LabState, pools: &[Pool], actions: &mut Vec<Action>) {
    for pool in pools {
        if row(ui, state, pool).clicked() {
            actions.push(Action::Pick(Some(Subject::Resource(pool.name.clone()))));
        }
    }
}

/// In words: "64 of 64, 37 waiting, 1,203 refused".
#[must_use]
pub fn told(pool: &Pool) -> String {
    let mut text = match pool.share() {
        Some(_) => format::amount_of(pool.kind, pool.level, pool.capacity),
        None if pool.capacity <= 0.0 => "down".to_owned(),
        None => format::amount(pool.kind, pool.level),
    };
    if pool.waiting > 0 {
        text.push_str(&format!(", {} waiting", count(pool.waiting)));
    }
    if pool.refused > 0 {
        text.push_str(&format!(", {} refused", count(pool.refused)));
    }
    text
}

fn row(ui: &mut Ui, state: &LabState, pool: &Pool) -> Response {
    let inks = Inks::of(state);
    let room = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(room, 36.0), Sense::click());
    let told = told(pool);
    let share = pool.share();
    let shown = share.map_or(String::new(), percent);
    let full = if pool.saturated > 0 { ", saturated" } else { "" };
    response.widget_info(|| {
        WidgetInfo::labeled(WidgetType::Button, true, format!("{}: {shown} in use{full}; {told}", pool.name))
    });
    if ui.is_rect_visible(rect) {
        let wide = rect.expand2(vec2(4.0, 0.0));
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(wide, 6.0, ui.visuals().widgets.hovered.weak_bg_fill);
        }
        widget::focus_ring(ui, &response, wide);
        let top = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + 20.0));
        widget::clipped(
            ui,
            Rect::from_min_max(top.min, pos2(rect.left() + room * 0.38, top.bottom())),
            &pool.name,
            fonts::body(),
            inks.text,
        );
        let words =
            Rect::from_min_max(pos2(rect.left() + room * 0.4, top.top()), pos2(rect.right() - 52.0, top.bottom()));
        widget::clipped(ui, words, &told, fonts::small(), inks.muted);
        ui.painter().text(top.right_center(), Align2::RIGHT_CENTER, shown, fonts::small(), inks.text);
        let bar = Rect::from_min_max(pos2(rect.left(), rect.top() + 23.0), pos2(rect.right(), rect.top() + 30.0));
        self::bar(ui, bar, share.unwrap_or(0.0), pool.saturated > 0, pool.waiting > 0, &inks);
    }
    response.on_hover_text(told).on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// A share as a bar: full and waited for is hatched.
pub fn bar(ui: &Ui, rect: Rect, share: f64, saturated: bool, waited: bool, inks: &Inks) {
    let painter = ui.painter().with_clip_rect(rect.expand(1.0).intersect(ui.clip_rect()));
    painter.rect_filled(rect, 3.0, inks.line);
    let filled =
        Rect::from_min_max(rect.min, pos2(rect.left() + rect.width() * share.clamp(0.0, 1.0) as f32, rect.bottom()));
    let ink: Color32 = if saturated {
        inks.saturated
    } else if waited {
        inks.waiting
    } else {
        inks.moving
    };
    if filled.width() >= 0.5 {
        painter.rect_filled(filled, 3.0, ink);
    }
    if saturated {
        let stripes = painter.with_clip_rect(filled.intersect(ui.clip_rect()));
        let mut x = filled.left();
        while x < filled.right() + 8.0 {
            stripes
                .line_segment([pos2(x - 7.0, filled.bottom()), pos2(x, filled.top())], Stroke::new(1.5, inks.surface));
            x += 6.0;
        }
    }
}
