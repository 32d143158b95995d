//! What is drawn on the canvas, without anything that draws: a frame and a layout become shapes, words and places to
//! click.
//!
//! [`Scene::compose`] makes a [`Picture`] of a [`Sight`]: a list of instances for one signed-distance pipeline in the
//! order of painting, labels that do not lie on each other, and what is under which pixel. Kind is silhouette, identity
//! is place, colour is state only, and every state has a second signal besides. Lights move in the shader; composing is
//! needed when a frame comes, when the view changes, and while something eases (`settled` is false).
//!
//! It keeps its memory from picture to picture and knows nothing of Bevy; `pipeline` (feature `lab`) does.

mod blame;
mod camera;
mod ease;
mod figure;
#[cfg(test)]
mod fixture;
mod hit;
mod hops;
mod index;
mod label;
mod paint;
mod pick;
mod picture;
#[cfg(feature = "lab")]
mod pipeline;
mod shape;
mod sight;
mod stage;
#[cfg(test)]
mod tests;
mod width;

pub use blame::Blame;
pub use camera::Camera;
pub use label::{Hold, Label, Labels, Rank};
pub use paint::paint_labels;
pub use picture::Picture;
#[cfg(feature = "lab")]
pub use pipeline::{Canvas, ScenePlugin};
pub use shape::{FADE_S, Shape, TRAVEL_S, Tone, form};
pub use sight::Sight;
pub use width::Face;

use ease::Ease;
use hops::Hops;
use index::Index;
use stage::Stage;

/// After so many seconds a picture's clock begins again; every period of a light divides it, or it is too long to be
/// seen.
const CLOCK_S: f64 = 7_200.0;

/// Makes pictures.
#[derive(Debug, Default)]
pub struct Scene {
    picture: Picture,
    index: Index,
    blame: Blame,
    ease: Ease,
    /// Wall clock of the last picture.
    seconds: Option<f64>,
    clock: f64,
    /// Lights of the flow: requests a second for each, at most so many on a wire.
    scale: stage::Scale,
    /// The last frame seen (its time and events), and the picture's clock then.
    seen: (i64, u64, f32),
    /// Calls that take no time on their way.
    hops: Hops,
    hits: Vec<hit::Hit>,
    /// Which scenario this is.
    digest: u64,
}

impl Scene {
    /// Moves the clock on; what is drawn stays. Enough while a picture is settled and no frame has come.
    pub fn tick(&mut self, sight: &Sight) -> f32 {
        let past = self.seconds.map_or(0.0, |last| (sight.seconds - last).clamp(0.0, 0.25));
        self.seconds = Some(sight.seconds);
        if !sight.stands() {
            self.clock = (self.clock + past) % CLOCK_S;
        }
        self.picture.clock = self.clock as f32;
        past as f32
    }

    /// The same of a scene that is seen beside another: both have one clock.
    pub fn tick_beside(&mut self, sight: &Sight, leader: &Scene) -> f32 {
        let past = self.tick(sight);
        self.clock = leader.clock;
        self.picture.clock = self.clock as f32;
        past
    }

    /// A picture of what there is to see.
    pub fn compose(&mut self, sight: &Sight) -> &Picture {
        let past = self.tick(sight);
        self.draw(sight, past)
    }

    /// The same beside another scene.
    pub fn compose_beside(&mut self, sight: &Sight, leader: &Scene) -> &Picture {
        let past = self.tick_beside(sight, leader);
        self.draw(sight, past)
    }

    fn draw(&mut self, sight: &Sight, past: f32) -> &Picture {
        if self.digest != sight.model.digest {
            self.digest = sight.model.digest;
            self.ease.clear();
            self.hops = Hops::default();
        }
        let frame = (sight.frame.now.0, sight.frame.events);
        if (self.seen.0, self.seen.1) != frame || self.seen.2 > self.picture.clock {
            self.seen = (frame.0, frame.1, self.picture.clock);
            self.hops.hear(&sight.frame.hops, self.picture.clock, sight.stands());
        }
        self.ease.turn(if sight.still { f32::INFINITY } else { past });
        self.index.look(sight);
        self.blame.look(sight.model, sight.frame);
        let picture = &mut self.picture;
        picture.shapes.clear();
        picture.labels.clear();
        self.hits.clear();
        picture.zoom = sight.camera.zoom;
        picture.version += 1;
        (picture.moving, picture.light_is) = (false, None);
        let mut stage = Stage {
            sight,
            index: &mut self.index,
            blame: &self.blame,
            ease: &mut self.ease,
            out: picture,
            born: self.seen.2,
            scale: &mut self.scale,
            hops: &self.hops,
            hits: &mut self.hits,
            accused: None,
        };
        stage.paint();
        self.picture.labels.settle(sight.camera.size);
        self.picture.settled = !self.ease.busy;
        &self.picture
    }

    /// The last picture.
    #[must_use]
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// What is to blame in the last picture.
    #[must_use]
    pub fn blame(&self) -> &Blame {
        &self.blame
    }
}
