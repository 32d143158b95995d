//! The window: carries input to the lab and its picture to the screen. Nothing is decided here.

use super::action::Action;
use super::app::{Lab, PlatformRequest};
use super::no_window::NoWindow;
use super::panels::install_fonts;
use super::platform::{self, Clock};
use super::scene::{Canvas, ScenePlugin};
use super::theme::palette;
use super::view::View;
use crate::share::picture;
use bevy::asset::AssetEventSystems;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::PrimaryWindow;
use bevy::winit::{UpdateMode, WinitSettings};
use bevy_egui::{
    EguiContext, EguiContexts, EguiInput, EguiPlugin, EguiPostUpdateSet, EguiPreUpdateSet, EguiPrimaryContextPass,
};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The lab's window wakes by itself so often while it rests.
const RESTING: Duration = Duration::from_secs(30);
/// The file that runs is looked at so often, seconds.
const WATCH_S: f64 = 1.0;
/// Extent of the first window, logical pixels.
const EXTENT: (u32, u32) = (1440, 900);
/// A window that nobody has before them shows so many seconds of pictures more, then rests as well: panels settle.
const SETTLING_S: f64 = 0.6;

/// Bevy's hold on the lab.
pub(super) struct Held {
    pub lab: Lab,
    pub clock: Clock,
    /// Last time something was not at rest.
    busy_until: f64,
}

/// Opens the window, does what `first` asks for, and stays until it is closed.
///
/// # Errors
/// [`NoWindow`] where a window cannot be (Bevy itself would panic).
pub fn open(first: Vec<Action>) -> Result<(), NoWindow> {
    platform::check_display()?;
    platform::check_graphics()?;
    let port = platform::port().map_err(|error| NoWindow::Thread(error.to_string()))?;
    let memory = platform::remembered();
    let extent = memory.window.unwrap_or(EXTENT);
    let mut lab = Lab::new(port, View::default());
    lab.state.recall(memory);
    first.into_iter().for_each(|action| lab.ask(action));
    let window = Window { title: "surgelab".to_owned(), resolution: extent.into(), ..platform::window() };
    platform::run(move || {
        let mut app = App::new();
        app.add_plugins(DefaultPlugins.set(WindowPlugin { primary_window: Some(window), ..default() }));
        add_lab(&mut app, lab);
        app.add_systems(Update, (drop_files, watch_file, title, pace_window, keep)).add_systems(
            Startup,
            (platform::know_loop, |mut commands: Commands| {
                commands.spawn((Camera2d, Msaa::Off));
            }),
        );
        app
    })
}

/// What a window and a picture without one have in common.
pub(super) fn add_lab(app: &mut App, lab: Lab) {
    app.add_plugins((EguiPlugin::default(), ScenePlugin))
        .insert_non_send(Held { lab, clock: Clock::start(), busy_until: 0.0 })
        .add_systems(EguiPrimaryContextPass, turn)
        .add_systems(PostUpdate, platform::tell_tree.after(EguiPostUpdateSet::ProcessOutput))
        // Letters that are new go to the renderer with the picture that needs them, not with the next.
        .configure_sets(PostUpdate, AssetEventSystems.after(EguiPostUpdateSet::PostProcessOutput))
        .add_systems(PreUpdate, fonts.after(EguiPreUpdateSet::InitContexts).before(EguiPreUpdateSet::BeginPass))
        .add_systems(PreUpdate, only_news.after(EguiPreUpdateSet::ProcessInput).before(EguiPreUpdateSet::BeginPass));
}

/// Letters have to be there before the first pass of egui.
fn fonts(mut contexts: Query<&mut EguiContext, Added<EguiContext>>) {
    contexts.iter_mut().for_each(|mut context| install_fonts(context.get_mut()));
}

/// Modifiers that are as they were are no news: egui takes each event for a reason to paint again, for ever.
fn only_news(mut inputs: Query<&mut EguiInput>, mut known: Local<egui::Modifiers>) {
    for mut input in &mut inputs {
        input.events.retain(|event| match event {
            egui::Event::ModifiersChanged(now) => std::mem::replace(&mut *known, *now) != *now,
            _ => true,
        });
    }
}

/// One turn of the lab: hear, show, act, and hand the picture on.
fn turn(
    mut commands: Commands,
    mut contexts: EguiContexts,
    mut held: NonSendMut<Held>,
    mut canvas: ResMut<Canvas>,
    mut clear: ResMut<ClearColor>,
) -> Result {
    let held = &mut *held;
    let seconds = held.clock.seconds();
    held.lab.listen();
    let context = contexts.ctx_mut()?.clone();
    let whole = context.viewport_rect();
    let builder = egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(whole);
    let mut root = egui::Ui::new(context.clone(), egui::Id::new("lab"), builder);
    held.lab.show(&mut root, seconds);
    let dark = held.lab.state.view.dark;
    let [red, green, blue] = palette(dark).ground;
    clear.0 = Color::srgb_u8(red, green, blue);
    let scale = context.pixels_per_point();
    let (picture, area) = held.lab.picture();
    let other = held.lab.other_picture();
    canvas.show(picture, other, area.min.into(), scale);
    let moves = !picture.settled || other.is_some_and(|(other, _)| !other.settled);
    for request in held.lab.platform_requests() {
        match request {
            PlatformRequest::AskForFile => held.lab.state.asking_for_path = !platform::ask_for_file(&context),
            PlatformRequest::Read(path) => {
                let (text, places) = platform::read(&path);
                held.lab.read(&path, text, places);
            }
            PlatformRequest::Save(path, text, over) => {
                held.lab.state.saved(platform::save(&path, &text, over.as_deref()));
            }
            PlatformRequest::Picture(path, link) => take_picture(&mut commands, path, link),
            PlatformRequest::Share(link) => held.lab.state.was_shared(platform::share(&context, &link)),
            PlatformRequest::Write(path, text) => {
                if let Err(why) = platform::write(&path, &text) {
                    held.lab.state.notice = Some(format!("{} cannot be written: {why}", path.display()));
                }
            }
        }
    }
    for path in platform::chosen() {
        held.lab.ask(Action::OpenFile(path, None));
    }
    if moves || !held.lab.state.rests() || context.has_requested_repaint() {
        held.busy_until = seconds + SETTLING_S;
    }
    Ok(())
}

/// The next picture of the window becomes a file.
fn take_picture(commands: &mut Commands, path: PathBuf, link: Option<String>) {
    let save = move |captured: On<ScreenshotCaptured>, mut held: NonSendMut<Held>| {
        let written = captured.image.clone().try_into_dynamic().map_err(|error| error.to_string()).and_then(|image| {
            let image = image.to_rgb8();
            picture::write(image.dimensions(), &image, link.as_deref()).map_err(|error| error.to_string())
        });
        held.lab.state.saved(written.and_then(|bytes| platform::save_beside(&path, &bytes)));
    };
    commands.spawn(Screenshot::primary_window()).observe(save);
}

/// The file that runs was written by somebody else.
fn watch_file(mut held: NonSendMut<Held>, mut known: Local<(f64, Option<(PathBuf, SystemTime)>)>) {
    let seconds = held.clock.seconds();
    let Some(file) = held.lab.state.file.clone().filter(|_| seconds - known.0 >= WATCH_S) else { return };
    known.0 = seconds;
    let Some(time) = platform::modified(&file) else { return };
    let now = Some((file.clone(), time));
    if known.1.as_ref().is_some_and(|(path, _)| *path == file)
        && known.1 != now
        && let (Ok(text), _) = platform::read(&file)
    {
        held.lab.changed_on_disk(&text);
    }
    known.1 = now;
}

/// What is kept from one window to the next.
fn keep(mut held: NonSendMut<Held>, windows: Query<&Window, With<PrimaryWindow>>, mut kept: Local<platform::Kept>) {
    let seconds = held.clock.seconds();
    let extent = windows.single().ok().map(|window| (window.width() as u32, window.height() as u32));
    platform::keep(&mut held.lab.state, seconds, extent, &mut kept);
}

/// A file dropped on the window is opened.
fn drop_files(mut dropped: MessageReader<FileDragAndDrop>, mut held: NonSendMut<Held>) {
    for event in dropped.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = event {
            held.lab.ask(Action::OpenFile(path_buf.clone(), None));
        }
    }
}

/// The window is called after what runs in it.
fn title(held: NonSend<Held>, mut windows: Query<&mut Window, With<PrimaryWindow>>) {
    let Ok(mut window) = windows.single_mut() else { return };
    let title = held
        .lab
        .state
        .opened
        .as_ref()
        .map_or_else(|| "surgelab".to_owned(), |opened| format!("{} – surgelab", opened.loaded.scenario.title));
    if window.title != title {
        window.title = title;
    }
}

/// Pictures follow each other only while something changes.
fn pace_window(held: NonSend<Held>, mut settings: ResMut<WinitSettings>) {
    let resting = held.clock.seconds() > held.busy_until;
    let mode = if resting { UpdateMode::reactive(RESTING) } else { UpdateMode::Continuous };
    if settings.focused_mode != mode {
        settings.focused_mode = mode;
        settings.unfocused_mode =
            if resting { mode } else { UpdateMode::reactive_low_power(Duration::from_millis(33)) };
    }
}
