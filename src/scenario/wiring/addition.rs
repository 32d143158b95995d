//! What puts something new into a system, or something that is there on machines of its own: the edits that belong
//! together, so that the file is sound after them.

use super::change::{placed, rehung};
use super::{offers, show};
use crate::scenario::edit::Edit;
use crate::scenario::form::{Forms, Template};
use crate::scenario::load::Loaded;
use crate::scenario::parts;
use crate::scenario::service::Kind;

/// Where something is put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Where nothing is: it brings machines of its own.
    Free,
    /// Onto a group of machines.
    Machines(String),
    /// Between a caller and a service.
    Wire(String, String),
}

/// What may be put in, by the section of the file it goes to.
pub const SECTIONS: [&str; 3] = ["services", "machines", "traffic"];

/// Everything that may be put in, section by section.
#[must_use]
pub fn additions(loaded: &Loaded) -> Vec<Template> {
    let forms = Forms::new(loaded);
    SECTIONS.iter().flat_map(|section| forms.templates(section).unwrap_or_default()).collect()
}

/// What puts one of them there, and the path it has afterwards.
///
/// # Errors
/// What has to be there first.
pub fn added(loaded: &Loaded, template: &Template, ground: &Ground) -> Result<(Vec<Edit>, String), String> {
    let Some(("services", _)) = template.path.split_once('.') else {
        return match &template.missing {
            Some(missing) => Err(missing.clone()),
            None => Ok((vec![template.edit()], template.path.clone())),
        };
    };
    let mut draft = Draft::of(loaded);
    // What needs machines is offered once there are some.
    if draft.now.scenario.machines.is_empty() && template.missing.is_some() {
        draft.machines()?;
    }
    let Some(template) = draft.template("services", &template.name) else {
        return Err(format!("there is no `{}`", template.name));
    };
    if let Some(missing) = &template.missing {
        return Err(missing.clone());
    }
    let known: Vec<String> = draft.now.scenario.machines.names().map(str::to_owned).collect();
    draft.edit(vec![template.edit()])?;
    let path = template.path;
    let name = path.strip_prefix("services.").unwrap_or(&path).to_owned();
    let group = match ground {
        Ground::Machines(group) if draft.may_be_on_machines(&name) => Some(group.clone()),
        _ if !draft.is_on_machines(&name) => None,
        // The first that were put in for it, else others like none that are there.
        _ if loaded.scenario.machines.is_empty() => known.first().cloned(),
        _ => Some(draft.machines()?),
    };
    if let Some(group) = group {
        draft.edit(vec![Edit::set(format!("services.{name}.on"), format!("[{}]", show(&group)))])?;
    }
    if let Ground::Wire(from, to) = ground {
        draft.between(&name, from, to)?;
    }
    Ok((draft.edits, path))
}

/// What puts a service of one group of machines onto others, or onto machines of its own like those it leaves.
///
/// # Errors
/// Why it cannot be.
pub fn carried(loaded: &Loaded, service: &str, from: &str, ground: &Ground) -> Result<Vec<Edit>, String> {
    let group = match ground {
        Ground::Machines(group) => return placed(loaded, service, Some(from), group),
        Ground::Wire(..) => return Err("a service stands on machines, not on a wire".to_owned()),
        Ground::Free => format!("machines.{from}"),
    };
    let alone = loaded
        .scenario
        .services
        .iter()
        .all(|(name, other)| name == service || !other.on.iter().any(|group| group == from));
    if alone {
        return Err(format!("`{service}` has `{from}` for itself already"));
    }
    let mut draft = Draft::of(loaded);
    let known: Vec<String> = loaded.scenario.machines.names().map(str::to_owned).collect();
    draft.edit(vec![Edit::Duplicate { path: group, name: Some(draft.free_name(service)) }])?;
    let new = draft.now.scenario.machines.names().find(|name| !known.iter().any(|known| known == name));
    let new = new.map(str::to_owned).ok_or_else(|| format!("`{from}` cannot be copied"))?;
    let edits = placed(&draft.now, service, Some(from), &new)?;
    draft.edit(edits)?;
    Ok(draft.edits)
}

/// The same with a link put in beside one that would have got another name.
fn beside(loaded: &Loaded, name: &str, edits: Vec<Edit>) -> Vec<Edit> {
    let forms = Forms::new(loaded);
    let kept = |edit: Edit| match &edit {
        Edit::Rename { path, name: new } if new == name => {
            let link = forms.at(path).map_or_else(|_| "()".to_owned(), |form| form.text);
            let links = path.rsplit_once('.').map_or(path.as_str(), |(links, _)| links);
            Edit::insert(format!("{links}.{name}"), link)
        }
        _ => edit,
    };
    edits.into_iter().map(kept).collect()
}

/// A scenario while edits are made up.
struct Draft {
    now: Loaded,
    edits: Vec<Edit>,
}

impl Draft {
    fn of(loaded: &Loaded) -> Self {
        Self { now: loaded.clone(), edits: Vec::new() }
    }

    fn edit(&mut self, edits: Vec<Edit>) -> Result<(), String> {
        if edits.is_empty() {
            return Ok(());
        }
        let told = |problems: Vec<crate::scenario::Problem>| {
            problems.first().map_or_else(String::new, |problem| problem.message.clone())
        };
        self.now = self.now.edited(&edits).map_err(told)?.0;
        self.edits.extend(edits);
        Ok(())
    }

    fn template(&self, section: &str, name: &str) -> Option<Template> {
        let templates = Forms::new(&self.now).templates(section).unwrap_or_default();
        templates.into_iter().find(|template| template.name == name)
    }

    /// A group of machines, and what it is called.
    fn machines(&mut self) -> Result<String, String> {
        let templates = Forms::new(&self.now).templates("machines").unwrap_or_default();
        let Some(template) = templates.into_iter().find(|template| template.missing.is_none()) else {
            return Err("no machine can be put in".to_owned());
        };
        self.edit(vec![template.edit()])?;
        Ok(template.path.strip_prefix("machines.").unwrap_or(&template.path).to_owned())
    }

    fn free_name(&self, service: &str) -> String {
        let scenario = &self.now.scenario;
        let is_free = |name: &str| !scenario.machines.contains(name) && !scenario.services.contains(name);
        let names = std::iter::once(format!("{service}-machine"));
        let names = names.chain((2..).map(|number| format!("{service}-machine-{number}")));
        names.into_iter().find(|name| is_free(name)).unwrap_or_default()
    }

    /// It is ours: what is rented, or a third party's, is on no machine that is to be seen.
    fn may_be_on_machines(&self, service: &str) -> bool {
        let Some(service) = self.now.scenario.services.get(service) else { return false };
        let rented = service.like.as_deref().and_then(parts::find).is_some_and(parts::Part::is_rented);
        service.kind != Kind::External && !rented
    }

    fn is_on_machines(&self, service: &str) -> bool {
        self.now.scenario.services.get(service).is_some_and(|service| !service.on.is_empty())
    }

    /// What was put in takes the place of a wire: it is called instead, and hands on or is asked beside.
    fn between(&mut self, name: &str, from: &str, to: &str) -> Result<(), String> {
        let scenario = self.now.scenario.clone();
        let Some(service) = scenario.services.get(name) else { return Err(format!("there is no service `{name}`")) };
        match &service.kind {
            Kind::Balancer { to: behind, .. } | Kind::Queue { to: behind, .. } => {
                if behind != to {
                    let edits = rehung(&self.now, name, behind, to, &[])?;
                    self.edit(edits)?;
                }
                let edits = rehung(&self.now, from, to, name, &[])?;
                // Where a variant goes on calling what was called, the link it needs stays.
                self.edit(edits.clone()).or_else(|_| self.edit(beside(&self.now, name, edits)))
            }
            Kind::Cache { .. } | Kind::Server | Kind::Database { .. } | Kind::External => {
                let offers = offers(&self.now, from, name)?;
                let first = offers.into_iter().find_map(|offer| offer.edits.ok());
                self.edit(first.ok_or_else(|| format!("`{from}` cannot call `{name}`"))?)
            }
        }
    }
}
