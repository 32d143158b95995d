//! The lab: a running scenario on a canvas, its timeline below and what is picked beside it.
//!
//! [`state::LabState`] is all the lab knows; [`action::Action`] is all that can be asked of it. Panels (`panels/`) and
//! the scene (`scene/`) read the one and emit the other, and know nothing of Bevy; [`app::Lab`] is all of it but its
//! window. What needs Bevy (feature `lab`) only carries input to it and its picture to the screen or into a file. A
//! simulation changes only through the host, by `Command`.

pub mod action;
mod blame;
pub mod canvas;
pub mod building;
pub mod changes;
pub mod command;
pub mod compare;
mod describe;
mod edited_run;
mod hand;
pub mod keys;
pub mod state;
pub mod fonts;
mod hidden;
#[cfg(feature = "lab")]
mod no_window;
pub mod panels;
pub mod memory;
pub mod opening;
mod past;
#[cfg(feature = "lab")]
mod platform;
pub mod scene;
#[cfg(feature = "lab")]
mod shot;
pub mod sides;
pub mod split;
pub mod studies;
pub mod style;
mod sharing;
mod subject;
pub mod surge;
pub mod theme;
pub mod tree;
pub mod app;
pub mod view;
#[cfg(feature = "lab")]
mod window;

#[cfg(feature = "lab")]
pub use no_window::NoWindow;
#[cfg(feature = "lab")]
pub use shot::{NoPicture, shot};

/// Opens the window on a scenario (a file or a built-in's name; none: the default incident) and stays until it is
/// closed.
///
/// # Errors
/// [`NoWindow`] where there can be no window.
#[cfg(feature = "lab")]
pub fn open(scenario: Option<String>, variant: Option<String>) -> Result<(), NoWindow> {
    window::open(match scenario {
        None => platform::asked(),
        Some(name) => opening::first(&name, variant, None),
    })
}
