//! What differs between a desktop and a browser: the way to the host, files, dialogs, the clock's start, the window
//! itself.

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod web;

#[cfg(not(target_arch = "wasm32"))]
pub(super) use native::{
    Kept, ask_for_file, asked, check_display, check_graphics, chosen, keep, know_loop, modified, port, read,
    remembered, run, save, save_beside, share, tell_tree, window, write,
};
#[cfg(target_arch = "wasm32")]
pub(super) use web::{
    Kept, ask_for_file, asked, check_display, check_graphics, chosen, keep, know_loop, modified, port, read,
    remembered, run, save, save_beside, share, tell_tree, window, write,
};

/// Seconds since the lab was opened: by the clock on the wall, or as somebody steps it.
pub(super) enum Clock {
    /// It runs by itself.
    Wall(web_time::Instant),
    /// It stands until it is stepped.
    Stepped(f64),
}

impl Clock {
    /// From now on.
    pub fn start() -> Self {
        Self::Wall(web_time::Instant::now())
    }

    /// Seconds since it was started; never less than it said before.
    pub fn seconds(&self) -> f64 {
        match self {
            Self::Wall(began) => began.elapsed().as_secs_f64(),
            Self::Stepped(seconds) => *seconds,
        }
    }

    /// From now on by hand: so many seconds more.
    pub fn step(&mut self, by: f64) {
        *self = Self::Stepped(self.seconds() + by);
    }
}
