//! A bar on stderr for runs that take their time.

use super::output::Terminal;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Runs shorter than this need no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// Steps of the bar.
const STEPS: u64 = 1_000;

/// Progress of a command; shows itself only when somebody watches and it lasts.
pub struct Progress {
    started: Instant,
    watched: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(terminal: &Terminal) -> Progress {
        Progress { started: Instant::now(), watched: terminal.watched(), bar: Mutex::new(None) }
    }

    /// So much of it is done, 0 to 1.
    pub fn tell(&self, share: f64) {
        if !self.watched || self.started.elapsed() < PATIENCE {
            return;
        }
        if let Ok(mut bar) = self.bar.lock() {
            bar.get_or_insert_with(draw).set_position((share * STEPS as f64) as u64);
        }
    }

    /// Done: the bar goes. How long it took.
    pub fn finish(self) -> Duration {
        if let Ok(Some(bar)) = self.bar.into_inner() {
            bar.finish_and_clear();
        }
        self.started.elapsed()
    }
}

fn draw() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {elapsed} gone, {eta} to go")
        .expect("the template is valid");
    ProgressBar::new(STEPS).with_style(style.progress_chars("━╸─"))
}
