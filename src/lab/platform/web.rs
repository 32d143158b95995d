//! A browser: one thread, no files of its own.

use crate::catalog::SCENARIOS;
use crate::host::{HostOptions, InlinePort, Port};
use crate::lab::action::Action;
use crate::lab::no_window::NoWindow;
use crate::lab::opening;
use crate::lab::state::LabState;
use bevy::prelude::*;
use std::path::{Path, PathBuf};

/// What checkpoints may take here, bytes.
const MEMORY: usize = 48 << 20;

/// A host that works between two pictures.
pub fn port() -> std::io::Result<Box<dyn Port + Send>> {
    let began = web_time::Instant::now();
    let options = HostOptions { memory_bytes: MEMORY, ..HostOptions::default() };
    Ok(Box::new(InlinePort::new(options, web_time::Duration::from_millis(12), move || began.elapsed())))
}

/// Pictures follow each other by themselves here.
pub fn know_loop() {}

/// The canvas of the page, as large as its frame.
pub fn window() -> Window {
    Window {
        canvas: Some("#surgelab".to_owned()),
        fit_canvas_to_parent: true,
        prevent_default_event_handling: true,
        ..default()
    }
}

/// A page is a display.
pub fn check_display() -> Result<(), NoWindow> {
    Ok(())
}

/// The page has asked for WebGL2 before it started the lab.
pub fn check_graphics() -> Result<(), NoWindow> {
    Ok(())
}

/// Builds the application and hands it to the browser.
pub fn run(build: impl FnOnce() -> App) -> Result<(), NoWindow> {
    build().run();
    Ok(())
}

/// There is no dialog yet: a path has no meaning here.
pub fn ask_for_file(_: &egui::Context) -> bool {
    true
}

/// See [`ask_for_file`].
pub fn chosen() -> Vec<PathBuf> {
    Vec::new()
}

/// A page reads no files.
pub fn read(_: &Path) -> (Result<String, String>, Option<String>) {
    (Err("a browser gives no files to a page by their path".to_owned()), None)
}

/// A page writes none either.
pub fn write(_: &Path, _: &str) -> Result<(), String> {
    Err("a browser lets no page write files".to_owned())
}

/// Files of a browser are nobody else's.
pub fn modified(_: &Path) -> Option<std::time::SystemTime> {
    None
}

/// See [`write`].
pub fn save(_: &Path, _: &str, _: Option<&str>) -> Result<PathBuf, String> {
    Err("a browser lets no page write files".to_owned())
}

/// The default incident.
pub fn asked() -> Vec<Action> {
    opening::first(SCENARIOS[0].name, None, None)
}

/// A page cannot copy by itself yet: the link is shown.
pub fn share(_: &egui::Context, link: &str) -> Result<String, String> {
    Ok(format!("surgelab lab '#{link}'"))
}

/// Nothing is kept yet.
pub fn keep(_: &LabState, _: f64) {}

/// Browsers have trees of their own.
pub fn tell_tree() {}
