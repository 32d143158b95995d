//! A browser: the host is in a worker, files and links are the page's.
//!
//! Everything of the page is asked of the object `surgelab` that `web/index.html` makes: its functions stand there,
//! each with what it does.

use super::worker::{self, WorkerPort};
use crate::host::Port;
use crate::lab::action::Action;
use crate::lab::no_window::NoWindow;
use crate::lab::opening;
use crate::lab::state::LabState;
use crate::scenario::Edit;
use crate::share::{Comments, text_of};
use crate::units::{Span, Time};
use bevy::prelude::*;
use js_sys::{Array, Uint8Array};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wasm_bindgen::JsValue;

/// What was changed is kept so often, seconds.
const KEEP_EVERY: f64 = 2.0;

thread_local! {
    /// Files that the person gave, by name: they can be read again.
    static GIVEN: RefCell<BTreeMap<PathBuf, Vec<u8>>> = const { RefCell::new(BTreeMap::new()) };
    /// When something was kept last, and how much had been done by then.
    static KEPT: Cell<(f64, usize)> = const { Cell::new((0.0, 0)) };
}

/// A host in a worker.
pub fn port() -> std::io::Result<Box<dyn Port + Send>> {
    Ok(Box::new(WorkerPort::new()))
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

/// Builds the application and hands it to the browser. What a panic says the page shows.
pub fn run(build: impl FnOnce() -> App) -> Result<(), NoWindow> {
    std::panic::set_hook(Box::new(|panic| {
        worker::ask("failed", &[JsValue::from_str(&panic.to_string())]);
    }));
    build().run();
    Ok(())
}

/// What the address asks for: a link, or a scenario by name with a variant and a moment; else the default incident.
pub fn asked() -> Vec<Action> {
    let words = Array::from(&worker::ask("asked", &[]));
    let word = |at: u32| words.get(at).as_string().filter(|word| !word.is_empty());
    let (link, scenario, variant, at) = (word(0), word(1), word(2), word(3));
    let moment = at.and_then(|at| at.parse::<Span>().ok()).map(|at| Time(at.0));
    let name = link.or(scenario).unwrap_or_else(|| crate::catalog::SCENARIOS[0].name.to_owned());
    let mut actions = opening::first(&name, variant, moment);
    // Files are not found by their names here.
    actions.retain(|action| !matches!(action, Action::OpenFile(..)));
    if word(4).is_some() {
        actions.push(Action::SwitchPanels);
    }
    if word(5).is_some() {
        actions.push(Action::SwitchTheme);
    }
    actions
}

/// The page asks.
pub fn ask_for_file(_: &egui::Context) -> bool {
    worker::ask("pick", &[]);
    true
}

/// Files and links that came since the last time.
pub fn chosen() -> Vec<PathBuf> {
    let given = Array::from(&worker::ask("given", &[]));
    let file = |pair: JsValue| {
        let pair = Array::from(&pair);
        let name = PathBuf::from(pair.get(0).as_string().unwrap_or_default());
        GIVEN.with_borrow_mut(|files| files.insert(name.clone(), Uint8Array::new(&pair.get(1)).to_vec()));
        name
    };
    given.iter().map(file).collect()
}

/// A file that was given: its text, or the link in a picture. No places lie beside it.
pub fn read(path: &Path) -> (Result<String, String>, Option<String>) {
    let bytes = GIVEN.with_borrow(|files| files.get(path).cloned());
    let text = bytes.ok_or_else(|| "open it again: a browser gives a page no files by their names".to_owned());
    (text.and_then(|bytes| text_of(bytes).map_err(|error| error.to_string())), None)
}

/// Places of boxes are not kept here.
pub fn write(_: &Path, _: &str) -> Result<(), String> {
    Err("a browser lets no page write files".to_owned())
}

/// Downloads it.
pub fn save(path: &Path, text: &str) -> Result<PathBuf, String> {
    worker::ask("save", &[JsValue::from_str(&path.to_string_lossy()), JsValue::from_str(text)]);
    Ok(path.to_owned())
}

/// Puts a link into the address and where it can be pasted from.
pub fn share(_: &egui::Context, link: &str) -> Result<String, String> {
    let said = worker::ask("share", &[JsValue::from_str(link)]).as_string();
    said.ok_or_else(|| "the page does not answer".to_owned())
}

/// Keeps what the person has changed, to be taken up after the page was closed or has failed; tells the page what is
/// shown.
pub fn keep(state: &LabState, seconds: f64) {
    let (last, known) = KEPT.get();
    if seconds < last + KEEP_EVERY {
        return;
    }
    let done = state.changes.done.len();
    KEPT.set((seconds, done));
    let Some(shared) = state.shared() else { return };
    let told = serde_json::json!({
        "title": state.opened.as_ref().map(|opened| opened.loaded.scenario.title.clone()),
        "now": state.frame.now.0 as f64 / 1e9,
        "playing": state.playing,
        "digest": state.frame.digest.map(|digest| format!("{digest:016x}")),
        "done": done,
        "story": state.figures().map_or(0, |figures| figures.story.len()),
        "problems": state.load_failure.as_ref().map_or(0, |failure| failure.problems.len()),
        "notice": state.notice,
        "dead": state.dead,
        "edits": shared.experiment.edits.iter().map(Edit::words).collect::<Vec<_>>(),
        "zoom": state.view.zoom,
        "picked": state.picked.as_ref().map(|picked| format!("{picked:?}")),
    });
    worker::ask("tell", &[JsValue::from_str(&told.to_string())]);
    if done != known && done > 0 {
        if let Ok(link) = shared.link(Comments::Kept) {
            worker::ask("keep", &[JsValue::from_str(&link)]);
        }
    }
}

/// Browsers have trees of their own.
pub fn tell_tree() {}
