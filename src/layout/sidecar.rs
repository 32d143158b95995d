//! What a person placed, by name: the file `NAME.layout.ron` beside a scenario.
//!
//! Names that the scenario does not have are kept: it may have them again after the next edit.

use super::shape::snap;
use super::{Node, Point};
use crate::model::Model;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the file that is written, and the only one that is read.
const VERSION: u32 = 1;

/// Corners of boxes, upper left, in units of the canvas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Positions {
    /// By group ("web": all its machines, or their stack) or machine ("web/0").
    pub machines: BTreeMap<String, Point>,
    /// What runs on no machine, by service ("elb"), the second and further ones by number ("elb/1").
    pub services: BTreeMap<String, Point>,
    /// By source.
    pub sources: BTreeMap<String, Point>,
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename = "Layout")]
struct File {
    version: u32,
    #[serde(default)]
    machines: BTreeMap<String, (f32, f32)>,
    #[serde(default)]
    services: BTreeMap<String, (f32, f32)>,
    #[serde(default)]
    sources: BTreeMap<String, (f32, f32)>,
}

impl Positions {
    /// Read the file's text.
    ///
    /// # Errors
    /// Line and column, what is wrong there, and what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = ron::from_str(text).map_err(|error| {
            let hint = "expected (version: 1, machines: { \"web/0\": (x, y) }, services: { .. }, sources: { .. })";
            format!("line {}, column {}: {}; {hint}", error.span.start.line, error.span.start.col, error.code)
        })?;
        if file.version != VERSION {
            return Err(format!(
                "version {} of a layout is not known; this program reads version {VERSION}",
                file.version
            ));
        }
        let section = |name: &str, places: BTreeMap<String, (f32, f32)>| {
            let point = |(key, (x, y)): (String, (f32, f32))| {
                if !(x.abs() <= FURTHEST && y.abs() <= FURTHEST) {
                    return Err(format!(
                        "{name} \"{key}\": ({x}, {y}) is not on the canvas; expected numbers within ±{FURTHEST}"
                    ));
                }
                Ok((key, snap(Point { x, y })))
            };
            places.into_iter().map(point).collect::<Result<BTreeMap<_, _>, _>>()
        };
        Ok(Self {
            machines: section("machines", file.machines)?,
            services: section("services", file.services)?,
            sources: section("sources", file.sources)?,
        })
    }

    /// The file's text.
    #[must_use]
    pub fn to_ron(&self) -> String {
        let section =
            |places: &BTreeMap<String, Point>| places.iter().map(|(name, at)| (name.clone(), (at.x, at.y))).collect();
        let file = File {
            version: VERSION,
            machines: section(&self.machines),
            services: section(&self.services),
            sources: section(&self.sources),
        };
        let pretty = ron::ser::PrettyConfig::new().depth_limit(2).compact_arrays(true);
        let body = ron::ser::to_string_pretty(&file, pretty).expect("names and numbers can be written");
        format!("// Where boxes stand in the lab. Written by it; safe to edit and to delete.\n{body}\n")
    }

    /// Nobody placed anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.machines.is_empty() && self.services.is_empty() && self.sources.is_empty()
    }

    /// The place of a box, and whether it is meant for its whole group.
    pub(super) fn of(&self, node: Node, names: &Names) -> Option<Point> {
        self.section(node).get(&names.of(node)?).copied()
    }

    /// The place of a group as a whole.
    pub(super) fn of_group(&self, group: &str) -> Option<Point> {
        self.machines.get(group).copied()
    }

    pub(super) fn set(&mut self, node: Node, names: &Names, at: Point) {
        if let Some(name) = names.of(node) {
            match node {
                Node::Source(_) => &mut self.sources,
                Node::Machine(..) | Node::Stack(_) => &mut self.machines,
                Node::Apart(..) => &mut self.services,
            }
            .insert(name, at);
        }
    }

    fn section(&self, node: Node) -> &BTreeMap<String, Point> {
        match node {
            Node::Source(_) => &self.sources,
            Node::Machine(..) | Node::Stack(_) => &self.machines,
            Node::Apart(..) => &self.services,
        }
    }
}

/// Furthest from the middle that a box may be put.
const FURTHEST: f32 = 100_000.0;

/// A model's names by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub groups: Vec<String>,
    pub services: Vec<String>,
    pub sources: Vec<String>,
}

impl Names {
    pub fn new(model: &Model) -> Self {
        Self {
            groups: model.groups.iter().map(|group| group.name.clone()).collect(),
            services: model.services.iter().map(|service| service.name.clone()).collect(),
            sources: model.sources.iter().map(|source| source.name.clone()).collect(),
        }
    }

    /// The names of a model that follows; those it does not reach stay known, for they may come back.
    pub fn take(&mut self, names: Self) {
        for (known, names) in
            [(&mut self.groups, names.groups), (&mut self.services, names.services), (&mut self.sources, names.sources)]
        {
            let reached = names.len().min(known.len());
            known.splice(..reached, names);
        }
    }

    fn of(&self, node: Node) -> Option<String> {
        match node {
            Node::Source(source) => self.sources.get(source.index()).cloned(),
            Node::Machine(group, ordinal) => Some(format!("{}/{ordinal}", self.groups.get(group.index())?)),
            Node::Stack(group) => self.groups.get(group.index()).cloned(),
            Node::Apart(service, 0) => self.services.get(service.index()).cloned(),
            Node::Apart(service, ordinal) => Some(format!("{}/{ordinal}", self.services.get(service.index())?)),
        }
    }
}
