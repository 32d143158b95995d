//! Leaves out of a saved service what the part it is like says, too.
//!
//! Where the service has a default and the part something else, the default is written out: left out, it would be read
//! as the part's.
use super::{OPEN, find};
use crate::scenario::{
    described::{Described, Doc, Field, Form, Shape, show},
    service::Service,
};

type Parts = Vec<(Option<String>, Doc)>;

/// A scenario as it is saved, with every service that is like a part reduced to what is its own.
pub fn shortened(mut scenario: Doc) -> Doc {
    if let Some(Doc::Group { parts: services, .. }) = entry_mut(&mut scenario, "services") {
        for (_, service) in services {
            let part = match entry_mut(service, "like") {
                Some(Doc::Text(like)) => find(like.trim_matches('"')),
                _ => None,
            };
            let Some(part) = part else { continue };
            let own = std::mem::replace(service, Doc::group("(", ")"));
            if let Some(differing) = differing(Service::shape(), own, &part.entry.service.write()) {
                *service = differing;
            }
        }
    }
    scenario
}

fn entry_mut<'d>(doc: &'d mut Doc, name: &str) -> Option<&'d mut Doc> {
    match doc {
        Doc::Group { parts, .. } => {
            parts.iter_mut().find(|(key, _)| key.as_deref() == Some(name)).map(|(_, part)| part)
        }
        Doc::Text(_) | Doc::Noted { .. } => None,
    }
}

/// What of `own` has to be written over the part; None: nothing.
fn differing(shape: Shape, own: Doc, part: &Doc) -> Option<Doc> {
    if own.one_line() == part.one_line() {
        return None;
    }
    let Doc::Group { open: part_open, parts: under, .. } = part else { return Some(own) };
    let (open, close, parts) = match own {
        Doc::Group { open, close, parts } if open == *part_open => (open, close, parts),
        other => return Some(other),
    };
    let parts = match shape.present() {
        Shape::Record(record) => fields(record.fields, parts, under),
        Shape::Choice(choice) => {
            match choice.variants.iter().find(|variant| open.strip_suffix('(') == Some(variant.name)) {
                Some(variant) if variant.form == Form::Named => fields(variant.fields, parts, under),
                _ => parts,
            }
        }
        Shape::Map(item) => names(item, parts, under),
        Shape::Scalar(_) | Shape::List(_) | Shape::Tuple(_) | Shape::Optional(_) => parts,
    };
    Some(Doc::Group { open, close, parts })
}

fn fields(fields: &[Field], mut own: Parts, under: &Parts) -> Parts {
    let mut parts = Parts::new();
    for field in fields {
        let name = Some(field.name);
        let own = own.iter().position(|(key, _)| key.as_deref() == name).map(|index| own.swap_remove(index).1);
        let under = under.iter().find(|(key, _)| key.as_deref() == name).map(|(_, part)| part);
        let written = match (own, under) {
            (Some(own), Some(under)) => differing((field.shape)(), own, under),
            (None, Some(under)) => {
                let default = field.default.map(|default| default());
                match (field.shape)() {
                    Shape::Record(_) if default.as_deref() == Some("()") => {
                        differing((field.shape)(), Doc::group("(", ")"), under)
                    }
                    _ => default.map(Doc::Text),
                }
            }
            (own, None) => own,
        };
        parts.extend(written.map(|written| (Some(field.name.to_owned()), written)));
    }
    parts
}

fn names(item: fn() -> Shape, own: Parts, under: &Parts) -> Parts {
    let find = |name: &str| under.iter().find(|(key, _)| key.as_deref() == Some(name)).map(|(_, part)| part);
    let open = find(&show(&OPEN.to_owned()));
    let entry = |(key, own): (Option<String>, Doc)| {
        let written = match (key.as_deref().and_then(find), open) {
            (Some(under), _) => differing(item(), own, under)?,
            // It is the service that brings the name, so it stays even where the part says all the rest.
            (None, Some(open)) => differing(item(), own, open).unwrap_or_else(|| Doc::group("(", ")")),
            (None, None) => own,
        };
        Some((key, written))
    };
    own.into_iter().filter_map(entry).collect()
}
