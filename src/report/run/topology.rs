//! The system as a picture: machines and what runs on them, how much of each was used, who called whom how often.
//!
//! Everything stands where it stood when the run began. Colour is state only; what broke first has a halo. How often
//! was measured by who calls whom, of all instances together: so much is said of each arrow of a link, and nothing of
//! its share, which depends on the balancing.

use crate::layout::{Layout, Node, Positions, Rect, Seat, Wire};
use crate::measure::results::{Resource, Results};
use crate::measure::story::StoryKind;
use crate::model::{Caller, LinkId, Model};
use crate::number::{figure, length, percent};
use crate::report::page::{Block, Heading};
use maud::{Markup, html};

/// Around the picture, units of the canvas.
const MARGIN: f32 = 40.0;
/// Pixels of the page that a picture gets at most.
const PAGE: f32 = 990.0;
/// Widest link, units of the canvas.
const WIDEST: f64 = 10.0;
/// From a box's edge to what is written in it.
const INSET: f32 = 12.0;
/// Height of a bar.
const BAR: f32 = 7.0;

/// The picture of a run's system.
pub(super) fn topology(results: &Results, model: &Model) -> Block {
    let layout = Layout::new(model, &Positions::default());
    let inner = layout.bounds();
    let bounds = Rect {
        x: inner.x - MARGIN,
        y: inner.y - MARGIN,
        width: inner.width + 2.0 * MARGIN,
        height: inner.height + 2.0 * MARGIN,
    };
    // Letters of about twelve pixels, whatever the size of the canvas.
    let letter = (12.0 * bounds.width / PAGE).clamp(15.0, 30.0);
    let picture = Picture { results, model, layout: &layout, root: root(results), letter };
    let view = format!("{} {} {} {}", bounds.x, bounds.y, bounds.width, bounds.height);
    let drawing = html! {
        figure.topology {
            svg viewBox=(view) style=(format_args!("max-width:{}px", bounds.width)) role="img"
                aria-label="the system" { "\n"
                (picture.wires()) (picture.nodes()) (picture.seats())
            }
        } "\n"
    };
    let meaning = "as it stood at the start; arrows: calls per second of all instances together; bars: what was used \
                   most, mean over the run, of ×n the mean of all; orange: it saturated; halo: what broke first";
    Block::Picture(Heading::new("System", meaning), drawing)
}

/// Subject of what broke first, if it was not dragged down by another.
fn root(results: &Results) -> Option<&str> {
    let first = results.story.iter().find(|event| event.event == StoryKind::Saturated)?;
    Some(first.because.first().unwrap_or(&first.subject).as_str())
}

struct Picture<'a> {
    results: &'a Results,
    model: &'a Model,
    layout: &'a Layout,
    root: Option<&'a str>,
    letter: f32,
}

impl Picture<'_> {
    /// Who calls whom over a link, and calls per second.
    fn calls(&self, link: LinkId) -> (&str, &str, f64) {
        let link = &self.model.links[link];
        let from = match link.caller {
            Caller::Source(source) => &self.model.sources[source].name,
            Caller::Service(service) => &self.model.services[service].name,
        };
        let to = &self.model.services[link.callee].name;
        let measured = self.results.links.iter().find(|calls| calls.from == *from && calls.to == *to);
        (from, to, measured.map_or(0.0, |calls| calls.calls_per_s))
    }

    fn wires(&self) -> Markup {
        let wires = self.layout.wires();
        let most = wires.iter().map(|wire| self.calls(wire.link).2).fold(f64::MIN_POSITIVE, f64::max);
        let draw = |wire: &Wire| {
            let (from, to, rate) = self.calls(wire.link);
            let mut way = format!("M{} {}", wire.start.x, wire.start.y);
            for [a, b, c, d] in wire.curves() {
                way.push_str(&format!("H{}C{} {} {} {} {} {}", a.x, b.x, b.y, c.x, c.y, d.x, d.y));
            }
            way.push_str(&format!("H{}", wire.end.x));
            let width = 1.5 + (WIDEST - 1.5) * (rate / most).sqrt();
            html! {
                path.wire d=(way) stroke-width=(format_args!("{width:.1}")) {
                    title { (from) " → " (to) ": " (figure(rate)) " calls/s" }
                } "\n"
            }
        };
        html! { @for wire in wires { (draw(wire)) } }
    }

    fn nodes(&self) -> Markup {
        let draw = |(node, rect): (Node, Rect)| match node {
            Node::Source(source) => self.crowd(&self.model.sources[source].name, &rect),
            Node::Machine(group, ordinal) => {
                let group = &self.model.groups[group].name;
                let own = self.resources(Some(ordinal), |r| r.service.is_none() && r.machine.as_ref() == Some(group));
                self.island(&format!("{group}/{ordinal}"), &rect, &own)
            }
            Node::Stack(group) => {
                let group = &self.model.groups[group];
                let own = self.resources(None, |r| r.service.is_none() && r.machine.as_ref() == Some(&group.name));
                self.island(&format!("{} ×{}", group.name, group.count), &rect, &own)
            }
            // Its seat is all there is of it.
            Node::Apart(..) => Markup::default(),
        };
        html! { @for node in self.layout.nodes() { (draw(node)) } }
    }

    fn seats(&self) -> Markup {
        html! { @for seat in self.layout.seats() { (self.seat(seat)) } }
    }

    /// `app/0`, or `app` on a stack.
    fn name(&self, seat: &Seat) -> String {
        let service = &self.model.services[seat.service].name;
        seat.ordinal.map_or_else(|| service.clone(), |ordinal| format!("{service}/{ordinal}"))
    }

    /// Those of a machine or an instance by its number; without one, of all together.
    fn resources(&self, ordinal: Option<u32>, own: impl Fn(&Resource) -> bool) -> Vec<&Resource> {
        let each = self.results.resources.iter().filter(|one| ordinal.is_some() && one.ordinal == ordinal);
        let together = self.results.groups.iter().map(|group| &group.all).filter(|_| ordinal.is_none());
        each.chain(together).filter(|resource| own(resource)).collect()
    }

    fn broke(&self, own: &[&Resource]) -> bool {
        own.iter().any(|resource| saturated(resource) && Some(resource.subject.as_str()) == self.root)
    }

    /// What is used most, or was saturated; before all others what broke first.
    fn worst<'b>(&self, own: &[&'b Resource]) -> Option<&'b Resource> {
        let rank = |r: &Resource| (saturated(r) && Some(r.subject.as_str()) == self.root, saturated(r));
        own.iter().copied().max_by(|a, b| rank(a).cmp(&rank(b)).then(a.utilization_mean.total_cmp(&b.utilization_mean)))
    }

    /// Two texts of a line, one at its left and one at its right, and below them a bar.
    fn gauge(&self, rect: &Rect, top: f32, name: &str, right: &str, worst: Option<&Resource>) -> Markup {
        let (left, width) = (rect.x + INSET, rect.width - 2.0 * INSET);
        let tone = if worst.is_some_and(saturated) { " hot" } else { "" };
        let room = width - self.width(right, 0.95) - INSET;
        let texts = html! {
            (self.text(left, top, &format!("name{tone}"), 1.0, &fit(name, room / self.width("n", 1.0))))
            (self.text(rect.x + rect.width - INSET, top, &format!("right{tone}"), 0.85, right))
        };
        let Some(worst) = worst else { return texts };
        let (y, used) = (top + self.letter * 0.4, worst.utilization_mean.clamp(0.0, 1.0) as f32);
        let bar = |class: &str, width: f32| {
            html! {
                rect class=(class) x=(left) y=(format_args!("{y:.1}")) width=(format_args!("{width:.1}")) height=(BAR)
                    rx="3" {} "\n"
            }
        };
        html! {
            g {
                title {
                    (worst.id) ": " (percent(worst.utilization_mean)) " used"
                    @if saturated(worst) { ", saturated for " (length(worst.saturated_for_s)) }
                } "\n"
                (texts)
                (bar("track", width))
                (bar(if saturated(worst) { "bar full" } else { "bar" }, width * used))
            } "\n"
        }
    }

    fn island(&self, name: &str, rect: &Rect, own: &[&Resource]) -> Markup {
        let worst = self.worst(own);
        let used = worst.map_or(String::new(), |r| percent(r.utilization_mean));
        let whole = worst.map_or(String::new(), |r| format!("{} {used}", r.kind));
        // What it is gives way to whose it is.
        let fits = self.width(name, 1.0) + self.width(&whole, 0.85) + INSET <= rect.width - 2.0 * INSET;
        let right = if fits { whole } else { used };
        html! {
            (frame("island", rect, self.broke(own)))
            (self.gauge(rect, rect.y + 8.0 + self.letter, name, &right, worst))
        }
    }

    fn seat(&self, seat: &Seat) -> Markup {
        let (name, service) = (self.name(seat), &self.model.services[seat.service].name);
        let own = self.resources(seat.ordinal, |r| r.service.as_ref() == Some(service));
        let worst = self.worst(&own);
        let used = worst.map_or(String::new(), |r| percent(r.utilization_mean));
        let above = if worst.is_some() { -0.5 } else { 0.35 };
        let top = seat.rect.center().y + self.letter * above;
        let kind = |worst: &Resource| {
            // Not by colour alone.
            let (tone, mark) = if saturated(worst) { ("hot", "▲ ") } else { ("", "") };
            let room = (seat.rect.width - 2.0 * INSET) / self.width("n", 0.85);
            let told = fit(&format!("{mark}{}", worst.kind), room);
            self.text(seat.rect.x + INSET, top + self.letter * 1.55 + BAR, tone, 0.85, &told)
        };
        html! {
            (frame("seat", &seat.rect, self.broke(&own)))
            (self.gauge(&seat.rect, top, &name, &used, worst))
            @if let Some(worst) = worst { (kind(worst)) }
        }
    }

    fn crowd(&self, name: &str, rect: &Rect) -> Markup {
        let traffic = self.results.traffic.get(name);
        let mut lines = vec![("name", name.to_owned())];
        lines.extend(traffic.map(|t| ("", format!("{}/s", figure(t.offered_per_s)))));
        let failed = traffic.and_then(|t| t.failed_share()).filter(|share| *share > 0.0);
        lines.extend(failed.map(|share| ("bad", format!("{} failed", percent(share)))));
        let step = self.letter * 1.4;
        let top = rect.center().y - step * (lines.len() as f32 - 1.0) / 2.0 + self.letter * 0.35;
        let draw = |(at, (tone, line)): (usize, &(&str, String))| {
            let size = if at == 0 { 1.0 } else { 0.85 };
            let told = fit(line, (rect.width - 4.0) / self.width("n", size));
            self.text(rect.center().x, top + step * at as f32, &format!("middle {tone}"), size, &told)
        };
        html! { (frame("crowd", rect, false)) @for line in lines.iter().enumerate() { (draw(line)) } }
    }

    fn text(&self, x: f32, y: f32, class: &str, size: f32, text: &str) -> Markup {
        let letter = self.letter * size;
        html! {
            text class=(class.trim()) x=(x) y=(format_args!("{y:.1}")) style=(format_args!("font-size:{letter:.1}px")) {
                (text)
            } "\n"
        }
    }

    /// About how wide a text is, units of the canvas.
    fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().count() as f32 * self.letter * size * 0.55
    }
}

fn saturated(resource: &Resource) -> bool {
    resource.saturated_for_s > 0.0
}

/// As much of a text as so many letters show.
fn fit(text: &str, room: f32) -> String {
    let room = room.max(2.0) as usize;
    if text.chars().count() <= room { text.to_owned() } else { text.chars().take(room - 1).chain(['…']).collect() }
}

fn frame(class: &str, rect: &Rect, halo: bool) -> Markup {
    let around = |class: &str, by: f32| {
        let (x, y, width, height) = (rect.x - by, rect.y - by, rect.width + 2.0 * by, rect.height + 2.0 * by);
        html! { rect class=(class) x=(x) y=(y) width=(width) height=(height) rx=(10.0 + by) {} "\n" }
    };
    html! { @if halo { (around("halo", 6.0)) } (around(class, 0.0)) }
}
