//! Texts of a scenario as they are drawn and read out: what is hidden in them is seen. All that egui hands on passes
//! here, whoever made it.

use crate::plain;
use egui::epaint::{Shape, TextShape};
use egui::text::LayoutJob;
use egui::{Context, FullOutput, Plugin};

/// Looks through what a frame shows, and what it tells a screen reader.
#[derive(Default)]
pub struct Hidden {
    /// What was drawn otherwise in the last frame: its letters are there by now.
    mended: Vec<String>,
}

impl Plugin for Hidden {
    fn debug_name(&self) -> &'static str {
        "hidden"
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let mut mended = Vec::new();
        output.shapes.iter_mut().for_each(|clipped| draw(ctx, &mut clipped.shape, &mut mended));
        if mended != self.mended {
            // A letter that was never drawn before comes with the next frame.
            ctx.request_repaint();
        }
        self.mended = mended;
        for (_, node) in output.platform_output.accesskit_update.iter_mut().flat_map(|update| &mut update.nodes) {
            if let Some(label) = node.label().filter(|label| label.contains(plain::is_hidden)) {
                node.set_label(plain::lines(label).into_owned());
            }
            if let Some(value) = node.value().filter(|value| value.contains(plain::is_hidden)) {
                node.set_value(plain::lines(value).into_owned());
            }
            if let Some(told) = node.description().filter(|told| told.contains(plain::is_hidden)) {
                node.set_description(plain::lines(told).into_owned());
            }
        }
    }
}

fn draw(ctx: &Context, shape: &mut Shape, mended: &mut Vec<String>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter_mut().for_each(|shape| draw(ctx, shape, mended)),
        Shape::Text(TextShape { galley, .. }) => {
            let hides = |c: char| c != '\n' && c != '\t' && plain::is_hidden(c);
            if galley.job.text.contains(hides) {
                // As long as it was: what is coloured stays so, and a cursor stays where it is.
                let text = plain::in_place(&galley.job.text).into_owned();
                mended.push(text.clone());
                let job = LayoutJob { text, ..(*galley.job).clone() };
                *galley = ctx.fonts_mut(|fonts| fonts.layout_job(job));
            }
        }
        _ => {}
    }
}
