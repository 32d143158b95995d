//! What is remembered from one window to the next: how it looks, which files were open, and what was changed last and
//! is in no file yet.

use super::changes::Told;
use super::state::LabState;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// So many files are remembered.
const RECENT: usize = 8;

/// All of it, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Light, not dark.
    pub light: bool,
    /// Only what must move does.
    pub still: bool,
    /// The canvas alone.
    pub alone: bool,
    /// Extent of the window, logical pixels.
    pub window: Option<(u32, u32)>,
    /// Files that were opened, the last one first.
    pub recent: Vec<PathBuf>,
    /// What was changed last and is in no file, as a link.
    pub unsaved: Option<String>,
}

impl Memory {
    /// From a text; one that cannot be read remembers nothing.
    #[must_use]
    pub fn read(text: &str) -> Self {
        ron::from_str(text).unwrap_or_default()
    }

    /// As a text.
    #[must_use]
    pub fn text(&self) -> String {
        ron::ser::to_string_pretty(self, ron::ser::PrettyConfig::default()).unwrap_or_default()
    }

    /// A file was opened.
    fn opened(&mut self, file: &Path) {
        self.recent.retain(|known| known != file);
        self.recent.insert(0, file.to_owned());
        self.recent.truncate(RECENT);
    }
}

impl LabState {
    /// The window looks as it did.
    pub fn recall(&mut self, memory: Memory) {
        (self.view.dark, self.view.still, self.view.panels) = (!memory.light, memory.still, !memory.alone);
        self.memory = memory;
    }

    /// What is to be remembered now.
    pub fn remember(&mut self, window: Option<(u32, u32)>) -> &Memory {
        let view = &self.view;
        (self.memory.light, self.memory.still, self.memory.alone) = (!view.dark, view.still, !view.panels);
        self.memory.window = window.or(self.memory.window);
        if let Some(file) = &self.file {
            // Where it is found from anywhere.
            self.memory.opened(&std::path::absolute(file).unwrap_or_else(|_| file.clone()));
        }
        if let Some(link) = self.kept_link() {
            self.memory.unsaved = Some(link);
        }
        &self.memory
    }

    /// What was changed is in a file now.
    pub(super) fn is_written(&mut self) {
        self.written = self.changes().done.clone();
        self.memory.unsaved = None;
    }

    /// Everything that was changed is in a file.
    pub(crate) fn nothing_to_lose(&self) -> bool {
        let done: &[Told] = &self.changes().done;
        done.is_empty() || done == self.written
    }
}
