//! A scenario with its parts filled in: every value that a part gave, with where it comes from beside it.

use super::{OPEN, Part, find};
use crate::scenario::{
    described::{Described, Doc},
    load::Loaded,
    service::Service,
    syntax::{self, Node},
};

impl Loaded {
    /// The scenario as a file without `like`: what its parts say is written out, each value with its source as a
    /// comment. Loading it gives the same system.
    #[must_use]
    pub fn expanded(&self) -> String {
        let tree = syntax::parse(&self.text).ok();
        let mut doc = self.scenario.write();
        let mut sources = Vec::new();
        for (name, service) in &self.scenario.services {
            let Some(part) = service.like.as_deref().and_then(find) else { continue };
            let own = tree.as_ref().and_then(|tree| tree.child("services")?.child(name));
            let plain = Service { like: None, ..service.clone() };
            sources.push((format!("services.\"{name}\""), Origin { part, own }, plain.write()));
        }
        if let Doc::Group { parts, .. } = &mut doc {
            let services = parts.iter_mut().find(|(name, _)| name.as_deref() == Some("services"));
            if let Some((_, Doc::Group { parts, .. })) = services {
                for ((_, origin, plain), (_, service)) in
                    sources.iter().zip(parts.iter_mut().filter(|(_, doc)| is_like(doc)))
                {
                    *service = origin.told(plain);
                }
            }
        }
        doc.print()
    }
}

fn is_like(service: &Doc) -> bool {
    matches!(service, Doc::Group { parts, .. } if parts.iter().any(|(name, _)| name.as_deref() == Some("like")))
}

/// Where the fields of a service come from.
struct Origin<'a> {
    part: Part,
    own: Option<&'a Node>,
}

impl Origin<'_> {
    /// The service, with a comment at whatever the part gave.
    fn told(&self, service: &Doc) -> Doc {
        let told = self.below(service, self.own, "");
        match told {
            Doc::Group { open, close, parts } => Doc::Noted {
                note: format!("like {}: {}", self.part.name, self.part.what()),
                of: Box::new(Doc::Group { open, close, parts }),
            },
            other => other,
        }
    }

    fn below(&self, doc: &Doc, own: Option<&Node>, path: &str) -> Doc {
        let Doc::Group { open, close, parts } = doc else { return doc.clone() };
        let named = |name: &Option<String>, index: usize| {
            name.as_deref().map_or_else(|| index.to_string(), |name| name.trim_matches('"').to_owned())
        };
        let part = |(index, (name, value)): (usize, &(Option<String>, Doc))| {
            let key = named(name, index);
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let here = own.and_then(|own| own.unwrapped().child(&key));
            let told = match here {
                Some(here) if matches!(value, Doc::Group { .. }) => self.below(value, Some(here), &path),
                Some(_) => value.clone(),
                None => self.noted(value, &path),
            };
            (name.clone(), told)
        };
        Doc::Group { open: open.clone(), close, parts: parts.iter().enumerate().map(part).collect() }
    }

    /// A value of the part: its scalars with their sources.
    fn noted(&self, value: &Doc, path: &str) -> Doc {
        let deeper = self.part.sources().any(|(key, _)| {
            let open = opened(path);
            [path, &open].iter().any(|path| key.strip_prefix(*path).is_some_and(|rest| rest.starts_with('.')))
        });
        match value {
            Doc::Group { .. } if deeper => self.below(value, None, path),
            other => {
                let source = self.source(path).map_or(String::new(), |source| format!(": {source}"));
                Doc::Noted { note: format!("{}{source}", self.part.name), of: Box::new(other.clone()) }
            }
        }
    }

    fn source(&self, path: &str) -> Option<&'static str> {
        let open = opened(path);
        let holds =
            |key: &str, path: &str| path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let known = self.part.sources().filter(|(key, _)| holds(key, path) || holds(key, &open));
        known.max_by_key(|(key, _)| key.len()).map(|(_, source)| source)
    }
}

/// A path below a link as the part has it, whose links have an open name.
fn opened(path: &str) -> String {
    let mut keys: Vec<&str> = path.split('.').collect();
    if let ["links", name, ..] = keys.as_mut_slice() {
        *name = OPEN;
    }
    keys.join(".")
}
