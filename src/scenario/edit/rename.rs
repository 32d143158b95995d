//! Another name for a thing: wherever the file names it, and nowhere else.

use super::mention::{Literal, Mention, Mentions, Name};
use super::place::{Spot, ends, follow, path_of};
use super::set::{Found, Replacement, fail, unknown};
use super::walk::mentions;
use crate::scenario::described::{Names, Shape, Thing, show};
use crate::scenario::named::{LONGEST_NAME, is_name};
use crate::scenario::nearest::list;
use crate::scenario::syntax::Node;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A piece of a text becomes another.
#[derive(Clone, Debug)]
pub(super) struct TextEdit {
    pub(super) literal: Literal,
    /// Of its content.
    pub(super) at: Range<usize>,
    pub(super) new: String,
}

/// What changes these texts. Where a text has escapes, or would need them, it is written anew as a whole.
pub(super) fn rewritten(edits: Vec<TextEdit>) -> Vec<Replacement> {
    let mut by_text: BTreeMap<usize, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        by_text.entry(edit.literal.span.start).or_default().push(edit);
    }
    let mut found = Vec::new();
    for (_, mut edits) in by_text {
        edits.sort_by_key(|edit| (edit.at.start, edit.at.end));
        edits.dedup_by_key(|edit| edit.at.start);
        let literal = edits[0].literal.clone();
        let as_it_is = |edit: &TextEdit| !edit.new.contains(['"', '\\']) && !edit.new.contains(char::is_control);
        if let Some(start) = literal.plain.filter(|_| edits.iter().all(as_it_is)) {
            found.extend(
                edits
                    .into_iter()
                    .map(|edit| Replacement { span: start + edit.at.start..start + edit.at.end, text: edit.new }),
            );
            continue;
        }
        let mut content = literal.content.to_string();
        for edit in edits.into_iter().rev() {
            content.replace_range(edit.at, &edit.new);
        }
        found.push(Replacement { span: literal.span, text: show(&content) });
    }
    found
}

/// The thing that an entry of a map is, by its way; None: the entry is about something that has its name elsewhere.
pub(super) fn defined(way: &[Spot<'_>]) -> Option<Name> {
    let [.., holder, last] = way else { return None };
    let Some(Names::Defines(thing)) = holder.field?.names else { return None };
    let service = || match way {
        [_, section, service, ..] if section.key == "services" => Some(service.key.clone()),
        _ => None,
    };
    let name = last.key.clone();
    Some(match thing {
        Thing::Key => Name::Key(name),
        Thing::Machine => Name::Machine(name),
        Thing::Service => Name::Service(name),
        Thing::Source => Name::Source(name),
        Thing::Variant => Name::Variant(name),
        Thing::Operation => Name::Operation(service()?, name),
        Thing::Store => Name::Store(service()?, name),
        Thing::Lock => Name::Lock(service()?, name),
    })
}

impl Name {
    /// The same thing under another name.
    pub(super) fn called(&self, new: &str) -> Self {
        let new = new.to_owned();
        match self.clone() {
            Self::Key(_) => Self::Key(new),
            Self::Machine(_) => Self::Machine(new),
            Self::Service(_) => Self::Service(new),
            Self::Source(_) => Self::Source(new),
            Self::Variant(_) => Self::Variant(new),
            Self::Operation(service, _) => Self::Operation(service, new),
            Self::Store(service, _) => Self::Store(service, new),
            Self::Lock(service, _) => Self::Lock(service, new),
            Self::Item(list, place) => Self::Item(list, place),
        }
    }

    /// Its own name.
    pub(super) fn own(&self) -> &str {
        match self {
            Self::Key(name)
            | Self::Machine(name)
            | Self::Service(name)
            | Self::Source(name)
            | Self::Variant(name)
            | Self::Operation(_, name)
            | Self::Store(_, name)
            | Self::Lock(_, name)
            | Self::Item(name, _) => name,
        }
    }
}

/// Whether the new name is one, and free.
pub(super) fn check_name(names: Option<Names>, thing: Option<&Name>, new: &str, known: &[Mention]) -> Found<()> {
    let free_text = matches!(names, Some(Names::Defines(Thing::Variant) | Names::Subject | Names::Path));
    let fits = if free_text { !new.trim().is_empty() } else { is_name(new) };
    if !fits {
        return fail(
            format!("`{}` cannot be a name", new.escape_debug()),
            format!("letters, digits, `_` and `-`, at most {LONGEST_NAME}"),
        );
    }
    let Some(thing) = thing else { return Ok(()) };
    // Targets, conditions and objectives name machines, services and sources alike.
    let alike: Vec<Name> = match thing {
        Name::Machine(_) | Name::Service(_) | Name::Source(_) => {
            vec![Name::Machine(new.to_owned()), Name::Service(new.to_owned()), Name::Source(new.to_owned())]
        }
        other => vec![other.called(new)],
    };
    if known.iter().any(|mention| alike.contains(&mention.name)) {
        return fail(format!("there is `{new}` already"), "a name that nothing has");
    }
    Ok(())
}

/// What gives the thing at a path another name.
pub(super) fn replacements(tree: &Node, path: &str, new: &str) -> Found<Vec<Replacement>> {
    let way = follow(tree, path)?;
    let (holder, last) = ends(&way)?;
    let Mentions { all, keys, .. } = mentions(tree);
    let everywhere = |name: &Name| {
        let same = all.iter().filter(|mention| mention.name == *name);
        let edit = |mention: &Mention| TextEdit {
            literal: mention.literal.clone(),
            at: mention.at.clone(),
            new: new.to_owned(),
        };
        rewritten(same.map(edit).collect())
    };
    if !matches!(holder.shape.present(), Shape::Map(_)) {
        let here = last.node.and_then(Literal::of);
        let lock = all.iter().find(|mention| {
            matches!(mention.name, Name::Lock(..))
                && here.as_ref().is_some_and(|here| here.span == mention.literal.span)
        });
        let Some(lock) = lock else {
            return fail(
                format!("`{}` has no name of its own", path_of(&way)),
                "an entry with a name, such as `services.app`",
            );
        };
        if lock.name.own() == new {
            return Ok(Vec::new());
        }
        check_name(None, Some(&lock.name), new, &all)?;
        return Ok(everywhere(&lock.name));
    }
    let names = holder.field.and_then(|field| field.names);
    let thing = defined(&way);
    let known = match &thing {
        Some(thing) => all.iter().any(|mention| mention.defines && mention.name == *thing),
        None => last.node.is_some(),
    };
    if !known {
        let there: BTreeSet<&str> = all.iter().filter(|mention| mention.defines).map(|m| m.name.own()).collect();
        let known = format!("there is {}", list(there.iter().copied()));
        return unknown(format!("unknown name `{}` in `{path}`", last.key), &last.key, there, known);
    }
    if last.key == new {
        return Ok(Vec::new());
    }
    check_name(names, thing.as_ref(), new, &all)?;
    if let Some(thing) = thing {
        return Ok(everywhere(&thing));
    }
    if holder.node.is_some_and(|node| node.child(new).is_some()) {
        return fail(format!("there is `{new}` already"), "a name that nothing has there");
    }
    let path = path_of(&way);
    let same = keys.iter().filter(|key| *key.path == *path);
    let edit = |key: &super::mention::KeyAt| TextEdit {
        literal: key.literal.clone(),
        at: key.at.clone(),
        new: new.to_owned(),
    };
    Ok(rewritten(same.map(edit).collect()))
}
