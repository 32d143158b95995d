//! What is under a pixel.

use super::hit::Target;
use super::{Scene, Sight};
use crate::lab::action::Subject;
use crate::layout::{Node, Point};

/// A wire is met this near, pixels.
const NEAR: f32 = 8.0;

impl Scene {
    /// What is at a pixel of the canvas in the last picture, the smallest first: a gauge, a service or an instance,
    /// people, a machine, a wire.
    #[must_use]
    pub fn hit(&self, sight: &Sight, pixel: Point) -> Option<Subject> {
        let gauge = self.hits.iter().rev().find(|hit| hit.rect.contains(pixel));
        if let Some(subject) = gauge.and_then(|hit| target(sight, hit.target)) {
            return Some(subject);
        }
        let point = sight.camera.to_canvas(pixel);
        let seat = sight
            .layout
            .seats()
            .iter()
            .position(|seat| seat.rect.contains(point) && (seat.rect.width * sight.camera.zoom > 20.0));
        if let Some(seat) = seat {
            return Some(self.seated(sight, seat));
        }
        let node = self.index.nodes.iter().enumerate().find(|(_, (_, rect))| rect.contains(point));
        if let Some((at, (node, _))) = node {
            return match *node {
                Node::Source(source) => Some(Subject::Source(source)),
                Node::Stack(group) => Some(Subject::Group(group)),
                Node::Machine(group, _) => {
                    Some(self.index.housed(at).first().map_or(Subject::Group(group), |at| Subject::Machine(*at)))
                }
                Node::Apart(service, _) => Some(Subject::Service(service)),
            };
        }
        let near = sight.layout.wires().iter().map(|wire| (wire.distance(point) * sight.camera.zoom, wire.link));
        near.filter(|(away, _)| *away <= NEAR).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, link)| Subject::Link(link))
    }

    /// The one instance of a seat; of many their service.
    fn seated(&self, sight: &Sight, seat: usize) -> Subject {
        let sitting = if seat + 1 < self.index.seat_count() { self.index.sitting(seat) } else { &[] };
        match (sight.layout.seats()[seat].ordinal, sitting) {
            (Some(_), [one]) => Subject::Instance(*one),
            _ => Subject::Service(sight.layout.seats()[seat].service),
        }
    }
}

fn target(sight: &Sight, target: Target) -> Option<Subject> {
    match target {
        Target::Gauge(at) => {
            sight.frame.resources.get(at as usize).map(|resource| Subject::Resource(resource.subject.clone()))
        }
        Target::Instance(at) => Some(Subject::Instance(at)),
        Target::Machine(at) => Some(Subject::Machine(at)),
    }
}
