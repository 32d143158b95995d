//! A running system whose things get other names: ids and the keys of random draws stay, so that it goes on as it was.
//!
//! Locks have no table of their own that a path leads to: one that is renamed is another.

use crate::model::Model;
use crate::scenario::{Edit, Kind, Scenario};

impl Model {
    /// The tables with the names that these edits give; the rest is for who compiles.
    pub(super) fn renamed(&self, edits: &[Edit]) -> Self {
        let mut model = self.clone();
        for edit in edits {
            let Edit::Rename { path, name } = edit else { continue };
            let keys: Vec<&str> = path.split('.').map(str::trim).collect();
            match keys.as_slice() {
                ["machines", old] => {
                    model
                        .groups
                        .iter_mut()
                        .filter(|group| group.name == *old)
                        .for_each(|group| group.name.clone_from(name));
                }
                ["keys", old] => {
                    model.keys.iter_mut().filter(|key| key.name == *old).for_each(|key| key.name.clone_from(name));
                }
                ["traffic", old] => {
                    let ours = model.sources.iter_mut().filter(|source| source.name == *old);
                    ours.for_each(|source| source.name.clone_from(name));
                    model.rename_in_links(old, name);
                }
                ["services", old] => {
                    let ours = model.services.iter_mut().filter(|service| service.name == *old);
                    ours.for_each(|service| service.name.clone_from(name));
                    for operation in &mut model.operations {
                        if let Some(rest) = operation.name.strip_prefix(old).and_then(|rest| rest.strip_prefix('.')) {
                            operation.name = format!("{name}.{rest}");
                        }
                    }
                    model.rename_in_links(old, name);
                }
                ["services", service, "stores", old] => {
                    let ours = model.services.iter_mut().filter(|known| known.name == *service);
                    let stores = ours.flat_map(|service| &mut service.stores);
                    stores.filter(|store| store.name == *old).for_each(|store| store.name.clone_from(name));
                }
                ["services", service, "operations", old] => {
                    let homes = offering(&self.scenario, service);
                    for home in homes {
                        let (old, new) = (format!("{home}.{old}"), format!("{home}.{name}"));
                        let ours = model.operations.iter_mut().filter(|operation| operation.name == old);
                        ours.for_each(|operation| operation.name.clone_from(&new));
                    }
                }
                _ => {}
            }
        }
        model
    }

    /// Links are called after both their ends: "app>rds".
    fn rename_in_links(&mut self, old: &str, new: &str) {
        for link in &mut self.links {
            let Some((from, to)) = link.name.split_once('>') else { continue };
            let called = |name: &str| if name == old { new.to_owned() } else { name.to_owned() };
            link.name = format!("{}>{}", called(from), called(to));
        }
    }
}

/// A service, and all that hand on to it.
fn offering(scenario: &Scenario, service: &str) -> Vec<String> {
    let mut found = vec![service.to_owned()];
    let mut next = 0;
    while let Some(home) = found.get(next).cloned() {
        for (name, service) in &scenario.services {
            if let Kind::Balancer { to, .. } | Kind::Queue { to, .. } = &service.kind
                && *to == home
                && !found.contains(name)
            {
                found.push(name.clone());
            }
        }
        next += 1;
    }
    found
}
