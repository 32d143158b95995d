//! A bench to try the panels on: a state, what is shown of it, and what was asked for.

use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use std::cell::RefCell;
use std::rc::Rc;
use surgelab::lab::action::Action;
use surgelab::lab::keys;
use surgelab::lab::panels::{self, Panels};
use surgelab::lab::state::LabState;
use surgelab::layout::Point;

/// Panels around a state that never changes.
pub struct Bench {
    pub harness: Harness<'static>,
    asked: Rc<RefCell<Vec<Action>>>,
}

impl Bench {
    pub fn new(state: LabState) -> Self {
        Self::sized(state, Vec2::new(1280.0, 800.0))
    }

    pub fn sized(state: LabState, size: Vec2) -> Self {
        let asked: Rc<RefCell<Vec<Action>>> = Rc::default();
        let heard = asked.clone();
        let mut panels = Panels::default();
        let mut dressed = false;
        let harness = Harness::builder().with_size(size).build_ui(move |ui| {
            if !dressed {
                dressed = true;
                panels::install_fonts(ui.ctx());
                panels::style(ui.ctx(), state.view.dark);
                return;
            }
            let mut actions = Vec::new();
            panels.ui(ui, &state, &mut actions);
            actions.extend(keys::pressed(ui.ctx(), &state, Point { x: 400.0, y: 300.0 }));
            heard.borrow_mut().extend(actions);
        });
        let mut bench = Self { harness, asked };
        bench.harness.run_steps(3);
        bench.asked.borrow_mut().clear();
        bench
    }

    /// What was asked for since the last time.
    pub fn taken(&mut self) -> Vec<Action> {
        std::mem::take(&mut *self.asked.borrow_mut())
    }

    /// All that is told of the widgets: labels and values.
    pub fn names(&self) -> Vec<String> {
        let told = |node: egui_kittest::Node<'_>| {
            let node = node.accesskit_node();
            [node.label(), node.value()].into_iter().flatten().collect::<Vec<_>>()
        };
        self.harness.root().children_recursive().flat_map(told).collect()
    }

    /// Something is called so, or its name holds this.
    pub fn has(&self, part: &str) -> bool {
        self.names().iter().any(|name| name.contains(part))
    }

    /// A click on the first that is called exactly so.
    #[track_caller]
    pub fn click(&mut self, label: &str) {
        let node = self.harness.query_all_by_label(label).next();
        node.unwrap_or_else(|| panic!("nothing is called {label}: {:#?}", self.names())).click();
        self.harness.run_steps(3);
    }

    /// A click on a flag of the timeline, which lies at the bottom of the window.
    #[track_caller]
    pub fn click_flag(&mut self, text: &str) {
        let found: Vec<_> = self.harness.query_all_by_label_contains(text).collect();
        let lowest = found.into_iter().max_by(|a, b| a.rect().top().total_cmp(&b.rect().top()));
        lowest.unwrap_or_else(|| panic!("no flag says {text}: {:#?}", self.names())).click();
        self.harness.run_steps(3);
    }

    /// A click on the first whose name holds this.
    #[track_caller]
    pub fn click_containing(&mut self, part: &str) {
        let node = self.harness.query_all_by_label_contains(part).next();
        node.unwrap_or_else(|| panic!("nothing holds {part}: {:#?}", self.names())).click();
        self.harness.run_steps(3);
    }

    /// The keyboard goes there.
    #[track_caller]
    pub fn focus(&mut self, label: &str) {
        self.harness.get_by_label(label).focus();
        self.harness.run_steps(2);
    }

    /// What the keyboard is at.
    pub fn focused(&self) -> Option<String> {
        let told =
            |node: egui_kittest::Node<'_>| node.is_focused().then(|| node.accesskit_node().label().unwrap_or_default());
        self.harness.root().children_recursive().find_map(told)
    }

    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(3);
    }

    pub fn type_text(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.run_steps(3);
    }
}
