//! A browser: what the page does for the lab (`web/page.js`), and the way to the host in its worker.

use crate::catalog::SCENARIOS;
use crate::host::wire::{Decoder, encode_request};
use crate::host::{Port, Request, Update};
use crate::lab::action::Action;
use crate::lab::memory::Memory;
use crate::lab::no_window::NoWindow;
use crate::lab::opening;
use crate::lab::state::LabState;
use crate::lab::tree;
use crate::share::text_of;
use crate::units::{Span, Time};
use bevy::prelude::*;
use bevy::winit::{EventLoopProxyWrapper, WinitUserEvent};
use bevy_egui::{EguiContext, EguiOutput};
use js_sys::{Array, Function, Reflect, Uint8Array, global};
use std::path::{Path, PathBuf};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

/// What was changed is kept so often, seconds.
const KEEP_S: f64 = 5.0;

/// The page.
fn page() -> JsValue {
    Reflect::get(&global(), &"page".into()).unwrap_or(JsValue::UNDEFINED)
}

/// One of its functions, called; undefined where there is none.
fn call(name: &str, arguments: &[JsValue]) -> JsValue {
    let page = page();
    let function = Reflect::get(&page, &name.into()).ok().and_then(|found| found.dyn_into::<Function>().ok());
    let arguments: Array = arguments.iter().collect();
    function.and_then(|function| function.apply(&page, &arguments).ok()).unwrap_or(JsValue::UNDEFINED)
}

/// The host in a worker, which the page begins and begins again.
#[derive(Default)]
struct WorkerPort {
    decoder: Decoder,
    /// What could not be sent.
    unsent: Vec<Update>,
}

impl Port for WorkerPort {
    fn send(&mut self, message: Request) {
        match encode_request(&message) {
            Ok(bytes) => _ = call("send", &[Uint8Array::from(bytes.as_slice()).into()]),
            Err(error) => self.unsent.push(Update::Died(error.to_string())),
        }
    }

    fn receive(&mut self) -> Vec<Update> {
        let mut all = std::mem::take(&mut self.unsent);
        for told in Array::from(&call("take", &[])).iter() {
            all.push(match told.as_string() {
                Some(why) => {
                    self.decoder = Decoder::default();
                    Update::Died(why)
                }
                None => {
                    let bytes = Uint8Array::new(&told).to_vec();
                    self.decoder.decode(&bytes).unwrap_or_else(|error| Update::Died(error.to_string()))
                }
            });
        }
        all
    }
}

/// The way to the host.
pub fn port() -> std::io::Result<Box<dyn Port + Send>> {
    Ok(Box::new(WorkerPort::default()))
}

/// From now on what the page hears wakes the window.
pub fn know_loop(proxy: Option<Res<EventLoopProxyWrapper>>) {
    let Some(proxy) = proxy else { return };
    let window = (**proxy).clone();
    let wake = Closure::<dyn FnMut()>::new(move || {
        // A loop that is gone has nobody to wake.
        let _ = window.send_event(WinitUserEvent::WakeUp);
    });
    // A page that takes no properties is none that called this.
    let _ = Reflect::set(&page(), &"wake".into(), &wake.into_js_value());
}

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

/// The page shows the browser's dialog.
pub fn ask_for_file(_: &egui::Context) -> bool {
    call("pick", &[]);
    true
}

/// Files that were chosen, dropped or linked to since the last time.
pub fn chosen() -> Vec<PathBuf> {
    Array::from(&call("chosen", &[])).iter().filter_map(|name| name.as_string()).map(PathBuf::from).collect()
}

/// The text of a file that was chosen, or the link in a picture. The page has no places beside it.
pub fn read(path: &Path) -> (Result<String, String>, Option<String>) {
    let bytes = call("read", &[path.display().to_string().into()]);
    if bytes.is_undefined() {
        return (Err("a page has only the files that were given to it".to_owned()), None);
    }
    (text_of(Uint8Array::new(&bytes).to_vec()).map_err(|error| error.to_string()), None)
}

/// A text becomes a file among the person's downloads.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    call("save", &[name.into(), text.into()]);
    Ok(())
}

/// Files of a browser are nobody else's.
pub fn modified(_: &Path) -> Option<std::time::SystemTime> {
    None
}

/// See [`write`]; the browser sees to names that are taken.
pub fn save(path: &Path, text: &str, _: Option<&str>) -> Result<PathBuf, String> {
    write(path, text).map(|()| path.to_owned())
}

/// Bytes become a file among the person's downloads.
pub fn save_beside(path: &Path, content: &[u8]) -> Result<PathBuf, String> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    call("save", &[name.into(), Uint8Array::from(content).into()]);
    Ok(path.to_owned())
}

/// A page remembers by its address, and what was changed by what it keeps.
pub fn remembered() -> Memory {
    Memory::default()
}

/// What the page's address asks for; else the default incident.
pub fn asked() -> Vec<Action> {
    let asked = call("asked", &[]);
    let part = |name: &str| Reflect::get(&asked, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let text = |name: &str| part(name).as_string();
    let moment = text("at").and_then(|at| at.parse::<Span>().ok()).map(|at| Time(at.0));
    let name = text("link").or(text("scenario")).unwrap_or_else(|| SCENARIOS[0].name.to_owned());
    let mut first = opening::first(&name, text("variant"), moment);
    if part("paused").is_truthy() {
        first.push(Action::PlayOrPause);
    }
    if part("panels").is_falsy() {
        first.push(Action::SwitchPanels);
    }
    if text("theme").is_some_and(|theme| theme == "light") {
        first.push(Action::SwitchTheme);
    }
    first
}

/// The page puts the link into its address, and copies that where it may.
pub fn share(_: &egui::Context, link: &str) -> Result<String, String> {
    call("share", &[link.into()]);
    Ok("The address of this page holds this run now.".to_owned())
}

/// Whether the lab was shown, and when what was changed was kept last.
#[derive(Default)]
pub struct Kept {
    shown: bool,
    at_s: f64,
}

/// Tells the page when the lab is seen, and what was changed, every few seconds.
pub fn keep(state: &mut LabState, seconds: f64, _: Option<(u32, u32)>, kept: &mut Kept) {
    if !kept.shown && (state.running.is_some() || state.load_failure.is_some()) {
        kept.shown = true;
        call("shown", &[]);
    }
    if seconds - kept.at_s < KEEP_S {
        return;
    }
    kept.at_s = seconds;
    if let Some(link) = state.kept_link() {
        call("keep", &[link.into()]);
    }
}

/// Where the address asks for it: what a screen reader is told, as JSON, whenever it changes.
pub fn tell_tree(
    mut contexts: Query<(&mut EguiContext, &EguiOutput)>,
    mut wanted: Local<Option<bool>>,
    mut told: Local<String>,
) {
    let asked = || Reflect::get(&call("asked", &[]), &"tree".into()).is_ok_and(|tree| tree.is_truthy());
    if !*wanted.get_or_insert_with(asked) {
        return;
    }
    for (mut context, output) in &mut contexts {
        match &output.platform_output.accesskit_update {
            Some(update) => {
                let json = tree::json(update).to_string();
                if *told != json {
                    let _ = Reflect::set(&page(), &"tree".into(), &json.as_str().into());
                    *told = json;
                }
            }
            None => context.get_mut().enable_accesskit(),
        }
    }
}
