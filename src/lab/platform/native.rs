//! A desktop.

use crate::catalog::SCENARIOS;
use crate::files;
use crate::host::{HostOptions, Port, ThreadPort};
use crate::lab::action::Action;
use crate::lab::memory::Memory;
use crate::lab::no_window::NoWindow;
use crate::lab::opening::{self, beside};
use crate::lab::state::LabState;
use crate::lab::tree;
use crate::share::text_of;
use bevy::prelude::*;
use bevy::winit::{EventLoopProxy, EventLoopProxyWrapper, WinitUserEvent};
use bevy_egui::{EguiContext, EguiOutput};
use etcetera::BaseStrategy;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

/// Names a file into which the accessibility tree is written, picture by picture.
const TREE: &str = "SURGELAB_TREE";
/// Set to anything: pictures a second are told on stderr.
const RATE: &str = "SURGELAB_RATE";
/// What is remembered is looked at so often, seconds.
const KEEP_S: f64 = 2.0;

/// Files that somebody chose in a dialog.
static CHOSEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Wakes the window's loop.
static LOOP: OnceLock<EventLoopProxy<WinitUserEvent>> = OnceLock::new();

/// A host on a thread of its own, which wakes the window when it has something to tell.
pub fn port() -> std::io::Result<Box<dyn Port + Send>> {
    let wake = || {
        if let Some(window) = LOOP.get() {
            // A loop that is gone has nobody to wake.
            let _ = window.send_event(WinitUserEvent::WakeUp);
        }
    };
    Ok(Box::new(ThreadPort::new(HostOptions::default(), wake)?))
}

/// From now on the host can wake the window.
pub fn know_loop(proxy: Option<Res<EventLoopProxyWrapper>>) {
    if let Some(proxy) = proxy {
        LOOP.get_or_init(|| (**proxy).clone());
    }
}

/// A window as this platform likes it.
pub fn window() -> Window {
    Window::default()
}

/// Whether a window can be opened at all.
pub fn check_display() -> Result<(), NoWindow> {
    if cfg!(target_os = "linux") && std::env::var_os("DISPLAY").is_none_or(|display| display.is_empty()) {
        let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some();
        let why = if wayland { "DISPLAY is not set (under Wayland, Xwayland sets it)" } else { "DISPLAY is not set" };
        return Err(NoWindow::Display(why.to_owned()));
    }
    Ok(())
}

/// Whether something can draw.
pub fn check_graphics() -> Result<(), NoWindow> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env());
    let adapter = bevy::tasks::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()));
    adapter.map(|_| ()).map_err(|_| {
        let advice =
            if cfg!(target_os = "linux") { " (without a graphics card: install mesa-vulkan-drivers)" } else { "" };
        NoWindow::Graphics(format!("neither Vulkan, Metal, Direct3D nor OpenGL answers{advice}"))
    })
}

/// Builds the application and runs it until its window is closed. A display that cannot be reached makes Bevy panic
/// while it is built; here that is an error.
pub fn run(build: impl FnOnce() -> App) -> Result<(), NoWindow> {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let built = catch_unwind(AssertUnwindSafe(build));
    std::panic::set_hook(loud);
    match built {
        Ok(mut app) => {
            if std::env::var_os(RATE).is_some() {
                app.add_systems(Last, tell_rate);
            }
            app.run();
            Ok(())
        }
        Err(_) => {
            let display = std::env::var("DISPLAY").unwrap_or_default();
            Err(NoWindow::Display(format!("no window can be opened on DISPLAY={display}")))
        }
    }
}

/// Shows the system's dialog on a thread of its own; false where there is none.
pub fn ask_for_file(context: &egui::Context) -> bool {
    let portal = !cfg!(target_os = "linux") || std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some();
    if portal {
        let context = context.clone();
        std::thread::spawn(move || {
            let picked = rfd::FileDialog::new()
                .add_filter("Scenario, or a picture of one", &["ron", "png"])
                .set_title("Open a scenario")
                .pick_file();
            if let (Some(path), Ok(mut chosen)) = (picked, CHOSEN.lock()) {
                chosen.push(path);
                context.request_repaint();
            }
        });
    }
    portal
}

/// Files that were chosen since the last time.
pub fn chosen() -> Vec<PathBuf> {
    CHOSEN.lock().map(|mut chosen| std::mem::take(&mut *chosen)).unwrap_or_default()
}

/// A scenario's text, or the link in a picture, and that of the places beside it, if there are any.
pub fn read(path: &Path) -> (Result<String, String>, Option<String>) {
    let text = |path: &Path| {
        let bytes = std::fs::File::open(path).and_then(files::read_bytes).map_err(|error| error.to_string())?;
        text_of(bytes).map_err(|error| error.to_string())
    };
    (text(path), text(&beside(path)).ok())
}

/// When a file was written last.
pub fn modified(path: &Path) -> Option<std::time::SystemTime> {
    std::fs::metadata(path).and_then(|about| about.modified()).ok()
}

/// Nothing was asked for: the default incident.
pub fn asked() -> Vec<Action> {
    opening::first(SCENARIOS[0].name, None, None)
}

/// Puts a link where it can be pasted from.
pub fn share(context: &egui::Context, link: &str) -> Result<String, String> {
    context.copy_text(format!("#{link}"));
    Ok(format!(
        "Copied ({} characters). It opens by: surgelab lab 'LINK', or behind the address of a page with the lab.",
        link.len() + 1
    ))
}

/// Where it is written what a window remembers; none: there is no place for such things.
fn memory_file() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("surgelab").join("memory.ron"))
}

/// What the last window remembered.
pub fn remembered() -> Memory {
    let text = memory_file().and_then(|file| std::fs::read_to_string(file).ok());
    text.map_or_else(Memory::default, |text| Memory::read(&text))
}

/// What was kept last, and when it was looked at.
#[derive(Default)]
pub struct Kept {
    at_s: f64,
    memory: Option<Memory>,
}

/// What the next window shall remember is written whenever it changes. Nobody is told where it cannot be: nothing but
/// comfort is lost.
pub fn keep(state: &mut LabState, seconds: f64, extent: Option<(u32, u32)>, kept: &mut Kept) {
    if seconds - kept.at_s < KEEP_S {
        return;
    }
    kept.at_s = seconds;
    let memory = state.remember(extent);
    if kept.memory.as_ref() == Some(memory) {
        return;
    }
    if let Some(file) = memory_file()
        && let Some(folder) = file.parent()
        && std::fs::create_dir_all(folder).is_ok()
    {
        let _ = write(&file, &memory.text());
    }
    kept.memory = Some(memory.clone());
}

/// Writes a text, whole or not at all.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    files::write_whole(path, text.as_bytes()).map_err(|error| error.to_string())
}

/// Writes a text to a file of that name where it is not there yet, or still says what it said, else to one like it
/// that is not there yet. Where it is.
pub fn save(path: &Path, text: &str, over: Option<&str>) -> Result<PathBuf, String> {
    if over.is_some() && std::fs::read_to_string(path).ok().as_deref() == over {
        return write(path, text).map(|()| path.to_owned());
    }
    save_beside(path, text.as_bytes())
}

/// Writes a file of that name where it is not there yet, or one like it. Where it is.
pub fn save_beside(path: &Path, content: &[u8]) -> Result<PathBuf, String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    let free = |number: u32| match number {
        1 => path.to_owned(),
        number => path.with_file_name(format!("{stem}-{number}.{ending}")),
    };
    let free = (1..1_000).map(free).find(|path| !path.exists());
    let path = free.ok_or_else(|| format!("there are a thousand files like {}", path.display()))?;
    files::write_whole(&path, content).map(|()| path).map_err(|error| error.to_string())
}

/// Pictures of the last second or more, on stderr.
fn tell_rate(mut pictures: Local<u32>, mut since: Local<Option<Instant>>) {
    let now = Instant::now();
    // The first one begins the count.
    let Some(began) = *since else { return *since = Some(now) };
    *pictures += 1;
    let seconds = now.duration_since(began).as_secs_f64();
    if seconds >= 1.0 {
        eprintln!("{:.1} pictures a second", f64::from(*pictures) / seconds);
        (*pictures, *since) = (0, Some(now));
    }
}

/// Where `SURGELAB_TREE` names a file: what a screen reader is told, as JSON, whenever it changes.
pub fn tell_tree(mut contexts: Query<(&mut EguiContext, &EguiOutput)>, mut told: Local<String>) {
    let Some(file) = std::env::var_os(TREE) else { return };
    for (mut context, output) in &mut contexts {
        match &output.platform_output.accesskit_update {
            Some(update) => {
                let json = tree::json(update).to_string();
                if *told != json && write(Path::new(&file), &json).is_ok() {
                    *told = json;
                }
            }
            None => context.get_mut().enable_accesskit(),
        }
    }
}
