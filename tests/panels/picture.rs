//! Pictures of the panels without a GPU: triangles, one after another. `PANELS_PICTURES=folder` keeps them to be looked
//! at.

use crate::fixture;
use egui::epaint::{ImageData, Primitive, Vertex};
use egui::{Color32, Pos2, RawInput, Rect, TextureId, TexturesDelta, Vec2, pos2};
use std::collections::HashMap;
use surgelab::lab::action::Subject;
use surgelab::lab::panels::{self, Panels};
use surgelab::lab::state::LabState;
use surgelab::model::{GroupId, LinkId, ServiceId, SourceId};

/// Pixels, rows from the top.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<[f32; 3]>,
}

#[derive(Default)]
struct Textures(HashMap<TextureId, (usize, Vec<[f32; 4]>)>);

impl Textures {
    fn take(&mut self, mut delta: TexturesDelta) {
        for (id, image) in delta.set.iter().flat_map(|(id, images)| images.iter().map(move |image| (id, image))) {
            let ImageData::Color(pixels) = &image.image;
            let texels: Vec<[f32; 4]> =
                pixels.pixels.iter().map(|c| c.to_array().map(|v| f32::from(v) / 255.0)).collect();
            match image.pos {
                None => {
                    self.0.insert(*id, (pixels.width(), texels));
                }
                Some([x, y]) => {
                    let (width, whole) = self.0.get_mut(id).expect("a part of a texture that is there");
                    for (row, line) in texels.chunks(pixels.width()).enumerate() {
                        let start = (y + row) * *width + x;
                        whole[start..start + line.len()].copy_from_slice(line);
                    }
                }
            }
        }
        delta.clear();
    }

    fn at(&self, id: TextureId, uv: Pos2) -> [f32; 4] {
        let Some((width, texels)) = self.0.get(&id) else { return [1.0; 4] };
        let height = texels.len() / width;
        let (x, y) = (uv.x * *width as f32 - 0.5, uv.y * height as f32 - 0.5);
        let texel = |x: f32, y: f32| {
            texels[(y.clamp(0.0, height as f32 - 1.0)) as usize * width + x.clamp(0.0, *width as f32 - 1.0) as usize]
        };
        let (fx, fy) = (x - x.floor(), y - y.floor());
        let corners = [
            (texel(x.floor(), y.floor()), (1.0 - fx) * (1.0 - fy)),
            (texel(x.floor() + 1.0, y.floor()), fx * (1.0 - fy)),
            (texel(x.floor(), y.floor() + 1.0), (1.0 - fx) * fy),
            (texel(x.floor() + 1.0, y.floor() + 1.0), fx * fy),
        ];
        let mut sum = [0.0; 4];
        for (texel, share) in corners {
            sum.iter_mut().zip(texel).for_each(|(sum, value)| *sum += value * share);
        }
        sum
    }
}

/// A context as the lab dresses it.
pub fn dressed(dark: bool) -> egui::Context {
    let ctx = egui::Context::default();
    panels::install_fonts(&ctx);
    panels::style(&ctx, dark);
    ctx
}

/// Draws the panels as they are after a few frames.
fn draw(state: &LabState, panels: &mut Panels, size: Vec2) -> Picture {
    let ctx = dressed(state.view.dark);
    let mut textures = Textures::default();
    let mut last = Vec::new();
    for step in 0..12 {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(f64::from(step) * 0.2),
            ..RawInput::default()
        };
        let mut actions = Vec::new();
        let output = ctx.run_ui(input, |ui| {
            panels.ui(ui, state, &mut actions);
        });
        textures.take(output.textures_delta);
        last = ctx.tessellate(output.shapes, 1.0);
    }
    let (width, height) = (size.x as usize, size.y as usize);
    let ground = surgelab::lab::theme::palette(state.view.dark).ground.map(|v| f32::from(v) / 255.0);
    let mut picture = Picture { width, height, pixels: vec![ground; width * height] };
    for clipped in last {
        let Primitive::Mesh(mesh) = clipped.primitive else { continue };
        for corners in mesh.indices.chunks_exact(3) {
            let corner = |i: usize| mesh.vertices[corners[i] as usize];
            picture.triangle([corner(0), corner(1), corner(2)], clipped.clip_rect, &textures, mesh.texture_id);
        }
    }
    picture
}

/// Keeps a picture of a state, where pictures are wanted.
pub fn keep(state: &LabState, name: &str) {
    if std::env::var_os("PANELS_PICTURES").is_some() {
        draw(state, &mut Panels::default(), WINDOW).keep(name);
    }
}

impl Picture {
    fn triangle(&mut self, [a, b, c]: [Vertex; 3], clip: Rect, textures: &Textures, texture: TextureId) {
        let bounds = Rect::from_points(&[a.pos, b.pos, c.pos]).intersect(clip);
        let area = (b.pos - a.pos).x * (c.pos - a.pos).y - (b.pos - a.pos).y * (c.pos - a.pos).x;
        if area == 0.0 || !bounds.is_positive() {
            return;
        }
        let edge =
            |from: Pos2, to: Pos2, at: Pos2| ((to - from).x * (at - from).y - (to - from).y * (at - from).x) / area;
        // Shared edges belong to one triangle: the usual top-left rule.
        let owns = |from: Pos2, to: Pos2| {
            let d = (to - from) * area.signum();
            d.y < 0.0 || (d.y == 0.0 && d.x > 0.0)
        };
        let inside = |share: f32, owned: bool| share > 0.0 || (share == 0.0 && owned);
        for y in bounds.top().max(0.0) as usize..(bounds.bottom().ceil() as usize).min(self.height) {
            for x in bounds.left().max(0.0) as usize..(bounds.right().ceil() as usize).min(self.width) {
                let at = pos2(x as f32 + 0.5, y as f32 + 0.5);
                let (wa, wb, wc) = (edge(b.pos, c.pos, at), edge(c.pos, a.pos, at), edge(a.pos, b.pos, at));
                if !clip.contains(at)
                    || !inside(wa, owns(b.pos, c.pos))
                    || !inside(wb, owns(c.pos, a.pos))
                    || !inside(wc, owns(a.pos, b.pos))
                {
                    continue;
                }
                let uv = (a.uv.to_vec2() * wa + b.uv.to_vec2() * wb + c.uv.to_vec2() * wc).to_pos2();
                let texel = textures.at(texture, uv);
                let mix = |i: usize| {
                    [a, b, c]
                        .iter()
                        .zip([wa, wb, wc])
                        .map(|(v, w)| f32::from(v.color.to_array()[i]) / 255.0 * w)
                        .sum::<f32>()
                        * texel[i]
                };
                let alpha = mix(3).clamp(0.0, 1.0);
                let pixel = &mut self.pixels[y * self.width + x];
                for (channel, value) in pixel.iter_mut().enumerate() {
                    *value = (mix(channel) + *value * (1.0 - alpha)).clamp(0.0, 1.0);
                }
            }
        }
    }

    /// Share of the pixels of a box that are near a colour.
    pub fn share(&self, rect: Rect, color: Color32) -> f32 {
        let wanted = color.to_array().map(|v| f32::from(v) / 255.0);
        let rows = rect.top().max(0.0) as usize..(rect.bottom() as usize).min(self.height);
        let (mut near, mut all) = (0, 0);
        for y in rows {
            for x in rect.left().max(0.0) as usize..(rect.right() as usize).min(self.width) {
                let pixel = self.pixels[y * self.width + x];
                all += 1;
                near += usize::from(pixel.iter().zip(wanted).all(|(have, want)| (have - want).abs() < 0.06));
            }
        }
        near as f32 / all.max(1) as f32
    }

    fn keep(&self, name: &str) {
        let Some(folder) = std::env::var_os("PANELS_PICTURES") else { return };
        let bytes: Vec<u8> = self.pixels.iter().flatten().map(|v| (v * 255.0).round() as u8).collect();
        let path = std::path::Path::new(&folder).join(format!("{name}.png"));
        image::save_buffer(path, &bytes, self.width as u32, self.height as u32, image::ColorType::Rgb8)
            .expect("the folder can be written");
    }
}

/// The window of the pictures, pixels.
pub const WINDOW: Vec2 = Vec2::new(1280.0, 800.0);

#[test]
fn the_timeline_shows_the_collapse_in_the_colour_of_failure() {
    let state = fixture::state(fixture::codingame(), 800.0);
    let picture = draw(&state, &mut Panels::default(), WINDOW);
    picture.keep("overview-dark");
    let failed = Color32::from_rgb(0xC8, 0x3F, 0xA8);
    let timeline = Rect::from_min_max(pos2(192.0, 632.0), pos2(1200.0, 800.0));
    assert!(picture.share(timeline, failed) > 0.001, "{}", picture.share(timeline, failed));
    let mut light = fixture::state(fixture::codingame(), 900.0);
    light.view.dark = false;
    keep(&light, "overview-light");
}

#[test]
fn everything_that_can_be_picked_has_a_page() {
    let mut state = fixture::state(fixture::codingame(), 800.0);
    let trace = state.figures().and_then(|results| results.traces.first().cloned()).expect("requests were kept");
    let source = state
        .model()
        .expect("it is open")
        .sources
        .iter()
        .position(|source| source.name == trace.source)
        .expect("a source");
    let subjects = [
        ("source", Subject::Source(SourceId::new(0))),
        ("service", Subject::Service(ServiceId::new(1))),
        ("instance", Subject::Instance(1)),
        ("machine", Subject::Machine(0)),
        ("group", Subject::Group(GroupId::new(0))),
        ("link", Subject::Link(LinkId::new(1))),
        ("resource", Subject::Resource("rds.cpu".into())),
        ("request", Subject::Request(SourceId::new(source), trace.number)),
    ];
    for (name, subject) in subjects {
        state.view.dark = name.len() % 2 == 0;
        state.picked = Some(subject);
        keep(&state, &format!("picked-{name}"));
    }
}
