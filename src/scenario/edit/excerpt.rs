//! Things of a scenario as a text of their own, and what puts them into another.

use super::place::follow;
use super::{Document, Edit, EditError};
use crate::scenario::syntax::Node;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What is copied, in the order in which it can be put in: who stands on something comes after it.
const SECTIONS: [&str; 3] = ["machines", "services", "traffic"];

impl Document {
    /// The things at these paths as a text: a scenario of nothing else. None: there is no such thing.
    pub fn excerpt(&mut self, paths: &[String]) -> Option<String> {
        let text = self.text().to_owned();
        let tree = self.tree().ok()?;
        let mut excerpt = String::from("(\n");
        for section in SECTIONS {
            let own = paths.iter().filter(|path| path.split('.').next() == Some(section));
            let entries: Option<Vec<(String, &str)>> = own
                .map(|path| {
                    let way = follow(tree, path).ok()?;
                    let thing = way.get(2).filter(|_| way.len() == 3)?;
                    Some((thing.key.clone(), &text[thing.node?.span.clone()]))
                })
                .collect();
            let entries = entries?;
            if !entries.is_empty() {
                let _ = writeln!(excerpt, "    {section}: {{");
                for (name, value) in entries {
                    let _ = writeln!(excerpt, "        {}: {value},", crate::scenario::described::show(&name));
                }
                excerpt.push_str("    },\n");
            }
        }
        excerpt.push_str(")\n");
        Some(excerpt)
    }

    /// What puts everything of an excerpt in; what has a name that is taken gets another, wherever the excerpt has it.
    ///
    /// # Errors
    /// The text is no excerpt of a scenario.
    pub fn insertions(&mut self, excerpt: &str) -> Result<Vec<Edit>, EditError> {
        let taken: BTreeSet<String> = names(self.tree()?).into_iter().map(|(_, name)| name).collect();
        let mut copy = Self::new(excerpt);
        let own = names(copy.tree()?);
        if own.is_empty() {
            return Err(EditError {
                message: "there is no machine, service or crowd in it".to_owned(),
                advice: "what was copied from a scenario".to_owned(),
            });
        }
        let mut known: BTreeSet<String> =
            own.iter().map(|(_, name)| name.clone()).chain(taken.iter().cloned()).collect();
        for (section, name) in own.iter().filter(|(_, name)| taken.contains(name)) {
            let free = (2_u32..).map(|number| format!("{name}-{number}")).find(|free| !known.contains(free));
            let free = free.unwrap_or_default();
            copy.edit(&Edit::rename(format!("{section}.{name}"), free.clone()))?;
            known.insert(free);
        }
        let text = copy.text().to_owned();
        let tree = copy.tree()?;
        let value = |section: &str, name: &str| Some(&text[tree.child(section)?.child(name)?.span.clone()]);
        let all = names(tree).into_iter();
        Ok(all
            .filter_map(|(section, name)| Some(Edit::insert(format!("{section}.{name}"), value(section, &name)?)))
            .collect())
    }
}

/// What the sections have, in their order.
fn names(tree: &Node) -> Vec<(&'static str, String)> {
    let of = |section: &'static str| tree.child(section).map(Node::keys).unwrap_or_default();
    SECTIONS
        .into_iter()
        .flat_map(|section| of(section).into_iter().map(move |name| (section, name.to_owned())))
        .collect()
}
