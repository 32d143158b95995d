//! A picture of a run without a window: the same lab, drawn into an image.

use super::action::Action;
use super::app::Lab;
use super::no_window::NoWindow;
use super::view::View;
use super::window::{Held, add_lab};
use super::{platform, theme};
use crate::experiment::Experiment;
use crate::host::{HostOptions, InlinePort, Phase};
use crate::share::{Comments, ShareError, picture};
use crate::shot::Shot;
use crate::units::Time;
use bevy::app::SubApps;
use bevy::asset::RenderAssetUsages;
use bevy::camera::RenderTarget;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::render_resource::{Extent3d, PollType, TextureDimension, TextureFormat, TextureUsages};
use bevy::render::renderer::RenderDevice;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use std::time::Duration;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum NoPicture {
    /// Nothing there can draw.
    #[error(transparent)]
    Window(#[from] NoWindow),
    /// The scenario does not run; its problems are as `surgelab check` tells them.
    #[error("the scenario does not run")]
    LoadFailure,
    /// The simulation failed.
    #[error("the simulation failed: {0}")]
    Died(String),
    /// The renderer did not deliver.
    #[error("the renderer gave no picture")]
    Nothing,
    /// It could not be made a PNG.
    #[error("the picture cannot be written as PNG: {0}")]
    Encoding(#[from] ShareError),
}

/// Pictures that are drawn before the one that is kept: fonts are laid out, sizes settle, lights spread over their
/// ways.
const SETTLING: usize = 45;
/// Pictures that are waited for the renderer's answer.
const PATIENCE: usize = 20;

/// The picture as PNG.
///
/// # Errors
/// [`NoPicture`].
pub fn shot(wanted: &Shot) -> Result<Vec<u8>, NoPicture> {
    platform::check_graphics()?;
    let lab = lab_at(wanted)?;
    // One that holds more than a link can is a picture and nothing else.
    let link = lab.state.shared().and_then(|shared| shared.link(Comments::Kept).ok());
    let mut stage = Stage::new(lab, wanted.size);
    for _ in 0..SETTLING {
        stage.update();
    }
    let image = stage.capture().ok_or(NoPicture::Nothing)?;
    let picture = image.try_into_dynamic().map_err(|_| NoPicture::Nothing)?.to_rgb8();
    Ok(picture::write(picture.dimensions(), &picture, link.as_deref())?)
}

/// A lab whose run stands at the time wanted.
fn lab_at(wanted: &Shot) -> Result<Lab, NoPicture> {
    let began = web_time::Instant::now();
    let port = InlinePort::new(HostOptions::default(), Duration::from_millis(50), move || began.elapsed());
    let view = View { dark: wanted.dark, panels: wanted.panels, ..View::default() };
    let mut lab = Lab::new(Box::new(port), view);
    let moment = wanted.experiment.moment.unwrap_or(Time(i64::MAX));
    lab.open(Experiment { moment: Some(moment), ..wanted.experiment.clone() });
    let mut paused = false;
    loop {
        lab.listen();
        if lab.state.load_failure.is_some() {
            return Err(NoPicture::LoadFailure);
        }
        if lab.state.dead {
            return Err(NoPicture::Died(lab.state.notice.take().unwrap_or_default()));
        }
        let Some(opened) = lab.state.opened.clone() else { continue };
        if !paused {
            paused = true;
            lab.ask(Action::PlayOrPause);
            continue;
        }
        let frame = &lab.state.frame;
        let there = frame.now >= moment.min(Time(opened.model.horizon.0));
        if frame.phase == Phase::Stopped
            || there && frame.phase != Phase::Seeking && lab.state.figures().is_some() && !lab.state.playing
        {
            return Ok(lab);
        }
    }
}

/// A renderer that is driven by hand.
struct Stage {
    apps: SubApps,
    target: Handle<Image>,
}

impl Stage {
    fn new(lab: Lab, (width, height): (u32, u32)) -> Self {
        let mut app = App::new();
        let window = WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() };
        let render = RenderPlugin { synchronous_pipeline_compilation: true, ..default() };
        app.add_plugins(DefaultPlugins.set(window).set(render).disable::<WinitPlugin>());
        let [red, green, blue] = theme::palette(lab.state.view.dark).ground;
        app.insert_resource(ClearColor(Color::srgb_u8(red, green, blue)));
        add_lab(&mut app, lab);
        app.finish();
        app.cleanup();
        let mut apps = std::mem::take(app.sub_apps_mut());
        let extent = Extent3d { width, height, depth_or_array_layers: 1 };
        let format = TextureFormat::Rgba8UnormSrgb;
        let mut image = Image::new_uninit(extent, TextureDimension::D2, format, RenderAssetUsages::RENDER_WORLD);
        image.texture_descriptor.usage |= TextureUsages::RENDER_ATTACHMENT;
        let world = apps.main.world_mut();
        let target = world.resource_mut::<Assets<Image>>().add(image);
        world.spawn((Camera2d, Msaa::Off, RenderTarget::Image(target.clone().into())));
        Self { apps, target }
    }

    /// One picture, drawn to its end.
    fn update(&mut self) {
        let mut held = self.apps.main.world_mut().non_send_mut::<Held>();
        held.clock.step(1.0 / 30.0);
        self.apps.update();
        let device = self.apps.main.world().resource::<RenderDevice>().wgpu_device();
        // A device that cannot be waited for gives no picture in the end: that is told then.
        let _ = device.poll(PollType::Wait { submission_index: None, timeout: None });
    }

    fn capture(&mut self) -> Option<Image> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let target = self.target.clone();
        self.apps.main.world_mut().spawn(Screenshot::image(target)).observe(move |captured: On<ScreenshotCaptured>| {
            // Only the first is waited for.
            let _ = sender.send(captured.image.clone());
        });
        for _ in 0..PATIENCE {
            self.update();
            if let Ok(image) = receiver.try_recv() {
                return Some(image);
            }
        }
        None
    }
}
