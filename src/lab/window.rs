//! One window with the default incident's report.

use bevy::app::AppExit;
use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPlugin, EguiPrimaryContextPass, egui};
use std::sync::{Mutex, mpsc};

/// There is no display to open a window on.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set")]
pub struct NoDisplay;

/// What the window shows below its heading.
#[derive(Resource)]
struct Page {
    text: String,
    arriving: Mutex<mpsc::Receiver<String>>,
}

/// Opens the window and stays until it is closed. `report` is made on a thread of its own: what it returns is shown.
///
/// # Errors
/// [`NoDisplay`] where a window cannot be (Bevy itself would panic).
pub fn open(report: impl FnOnce() -> String + Send + 'static) -> Result<(), NoDisplay> {
    if cfg!(target_os = "linux") && std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        return Err(NoDisplay);
    }
    let (sender, arriving) = mpsc::channel();
    std::thread::spawn(move || {
        // The window may be gone by then; nobody misses the page.
        let _ = sender.send(report());
    });
    let window = Window { title: "surgelab".to_owned(), resolution: (1100, 760).into(), ..default() };
    let exit = App::new()
        .add_plugins(DefaultPlugins.set(WindowPlugin { primary_window: Some(window), ..default() }))
        .add_plugins(EguiPlugin::default())
        .insert_resource(ClearColor(Color::srgb_u8(0x10, 0x16, 0x1D)))
        .insert_resource(Page { text: "The default incident is running …".to_owned(), arriving: Mutex::new(arriving) })
        .add_systems(Startup, |mut commands: Commands| {
            commands.spawn(Camera2d);
        })
        .add_systems(EguiPrimaryContextPass, show)
        .run();
    debug_assert!(exit == AppExit::Success);
    Ok(())
}

/// Draws the page.
fn show(mut contexts: EguiContexts, mut page: ResMut<Page>) -> Result {
    let page = &mut *page;
    if let Ok(arriving) = page.arriving.get_mut()
        && let Ok(text) = arriving.try_recv()
    {
        page.text = text;
    }
    let context = contexts.ctx_mut()?;
    let whole = egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(context.viewport_rect());
    let mut page_ui = egui::Ui::new(context.clone(), egui::Id::new("page"), whole);
    let ground = egui::Frame::new().fill(egui::Color32::from_rgb(0x10, 0x16, 0x1D)).inner_margin(24);
    egui::CentralPanel::default().frame(ground).show(&mut page_ui, |ui| {
        ui.heading(egui::RichText::new("surgelab").size(26.0).color(egui::Color32::from_rgb(0xE8, 0xED, 0xF2)));
        let muted = egui::Color32::from_rgb(0x93, 0xA1, 0xAF);
        ui.label(egui::RichText::new("The lab is coming. This is the default incident, as the command line tells it.").color(muted));
        ui.add_space(16.0);
        egui::ScrollArea::both().auto_shrink(false).show(ui, |ui| {
            ui.label(egui::RichText::new(&page.text).monospace().size(13.0).color(egui::Color32::from_rgb(0xE8, 0xED, 0xF2)));
        });
    });
    Ok(())
}
