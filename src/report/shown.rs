//! Pages as they are shown: nothing in their texts is hidden.

use super::page::{Block, Note, Page};
use crate::plain;

impl Page {
    /// With no sign in its texts that is hidden. What is drawn is for browsers and stays as it is.
    #[must_use]
    pub(super) fn shown(mut self) -> Page {
        let texts = [&mut self.title, &mut self.verdict.text, &mut self.checks.suite];
        texts.into_iter().chain(&mut self.subtitle).for_each(show);
        self.command = plain::lines(&self.command).into_owned();
        for (name, value) in &mut self.checks.properties {
            show(name);
            show(value);
        }
        for check in &mut self.checks.checks {
            let texts = [&mut check.subject, &mut check.expression];
            texts.into_iter().chain(&mut check.failure).chain(&mut check.skipped).for_each(show);
        }
        self.blocks.iter_mut().for_each(|(_, block)| block.show());
        self
    }
}

fn show(text: &mut String) {
    if text.contains(plain::is_hidden) {
        *text = plain::line(text).into_owned();
    }
}

impl Block {
    fn show(&mut self) {
        match self {
            Block::Table(table) => {
                table.rows.iter_mut().flatten().for_each(|cell| show(&mut cell.text));
                table.remark.iter_mut().for_each(show);
            }
            Block::Story(story) => story.iter_mut().for_each(|event| show(&mut event.text)),
            Block::Chart(chart) => {
                chart.curves.iter_mut().for_each(|curve| show(&mut curve.name));
                chart.busy.iter_mut().for_each(|row| show(&mut row.name));
                chart.lines.iter_mut().for_each(|row| show(&mut row.name));
                chart.story.iter_mut().for_each(|event| show(&mut event.text));
            }
            Block::Heat(rows) => rows.iter_mut().for_each(|row| show(&mut row.name)),
            Block::Lines(_, lines) => lines.iter_mut().for_each(show),
            Block::Note(
                Note::Lead(text)
                | Note::Facts(text)
                | Note::Made(text, _)
                | Note::Figure(_, text)
                | Note::Warning(text)
                | Note::Remark(text),
            ) => show(text),
            Block::Picture(..) => {}
        }
    }
}
