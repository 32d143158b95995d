//! What is put in, copied or moved: as its neighbours are laid out, and paths that lead by place follow.

use super::group::{Group, Piece, has_long_text};
use super::mention::{Mention, Mentions, Name};
use super::place::{Spot, ends, follow, path_of};
use super::remove::shifted;
use super::rename::{TextEdit, check_name, defined, rewritten};
use super::set::{self, Found, Replacement, fail, value_text};
use super::walk::mentions;
use crate::scenario::described::{Field, Form, Names, Shape, show};
use crate::scenario::named::LONGEST_NAME;
use crate::scenario::syntax::{self, Node, Value};
use std::collections::BTreeSet;
use std::ops::Range;

/// What puts something new at a path.
pub(super) fn insert(text: &str, tree: &Node, path: &str, value: &str, at: Option<usize>) -> Found<Vec<Replacement>> {
    let way = follow(tree, path)?;
    let (holder, last) = ends(&way)?;
    let value = value_text(last.shape, path, value)?;
    let movable = syntax::parse(&value).is_ok_and(|node| !has_long_text(&value, &node));
    let path = path_of(&way);
    let group = holder.node.and_then(|node| Group::of(text, node));
    match holder.shape.present() {
        Shape::Map(_) => {
            taken(holder, last, &path)?;
            let names = holder.field.and_then(|field| field.names);
            let mentions = mentions(tree);
            // What variants set is another matter: they may bring what the file gets now.
            let of_file = |mention: &Mention| mention.defines && mention.names != Names::Path;
            let known: Vec<Mention> = mentions.all.into_iter().filter(of_file).collect();
            check_name(names, defined(&way).as_ref(), &last.key, &known)?;
            let Some(group) = group else { return Ok(vec![set::replacement(tree, &path, &value)?]) };
            let place = place_in(at, group.len())?;
            let piece = Piece::new(format!("{}: {value}", show(&last.key)), movable);
            Ok(vec![group.insertion(place, &piece, way.len() == 3)])
        }
        Shape::List(_) => {
            let place: usize = last.key.parse().unwrap_or(0);
            let Some(group) = group else {
                return match place == holder.length() {
                    true => Ok(vec![set::replacement(tree, &path, &value)?]),
                    false => fail(format!("`{path}` comes from the part"), "a place behind what the part has"),
                };
            };
            let list = path_of(&way[..way.len() - 1]);
            let moved = |known: usize| Some(if known >= place { known + 1 } else { known });
            let mut found = rewritten(shifted(&mentions(tree), &list, moved));
            found.push(group.insertion(place, &Piece::new(value, movable), false));
            Ok(found)
        }
        Shape::Record(record) => new_field(&group, record.fields, last, &value, movable, &path, tree),
        Shape::Choice(choice) => {
            let named = choice.variants.iter().find(|variant| variant.name == last.owner);
            match named.filter(|variant| variant.form == Form::Named) {
                Some(variant) => new_field(&group, variant.fields, last, &value, movable, &path, tree),
                None => fail(format!("`{path}` is there already"), "another value: set it"),
            }
        }
        Shape::Tuple(_) | Shape::Scalar(_) | Shape::Optional(_) => {
            fail(format!("`{path}` is there already"), "another value: set it")
        }
    }
}

fn taken(holder: &Spot<'_>, last: &Spot<'_>, path: &str) -> Found<()> {
    if last.node.is_some() {
        return fail(format!("there is `{path}` already"), "a name that nothing has there");
    }
    match holder.under.and_then(|under| under.child(&last.key)) {
        Some(_) => fail(format!("`{path}` comes from the part"), "a name that the part does not have; or set it"),
        None => Ok(()),
    }
}

fn place_in(at: Option<usize>, length: usize) -> Found<usize> {
    match at {
        Some(at) if at > length => fail(format!("there is no place {at}"), format!("0 to {length}")),
        at => Ok(at.unwrap_or(length)),
    }
}

/// A field that is not written, at the place it has in the table.
fn new_field(
    group: &Option<Group<'_>>,
    fields: &'static [Field],
    last: &Spot<'_>,
    value: &str,
    movable: bool,
    path: &str,
    tree: &Node,
) -> Found<Vec<Replacement>> {
    if last.node.is_some() {
        return fail(format!("`{path}` is there already"), "another value: set it");
    }
    let Some(group) = group else { return Ok(vec![set::replacement(tree, path, value)?]) };
    let rank = |name: &str| fields.iter().position(|field| field.name == name);
    let mine = rank(&last.key);
    let place = (0..group.len()).rev().find(|place| rank(group.name(*place)) < mine).map_or(0, |place| place + 1);
    Ok(vec![group.insertion(place, &Piece::new(format!("{}: {value}", last.key), movable), false)])
}

/// A name that nothing has: `app-2`, or the next number of one that ends so.
fn free_name(name: &str, known: &Mentions<'_>) -> String {
    let taken: BTreeSet<&str> = known.all.iter().map(|mention| mention.name.own()).collect();
    let number = |number: &str| number.parse::<u32>().ok().filter(|number| *number < u32::MAX);
    let (stem, from) = match name.rsplit_once('-').and_then(|(stem, end)| Some((stem, number(end)?))) {
        Some((stem, number)) if !stem.is_empty() => (stem, number + 1),
        _ => (name, 2),
    };
    let mut short = stem;
    while short.len() + 8 > LONGEST_NAME {
        let mut chars = short.chars();
        chars.next_back();
        short = chars.as_str();
    }
    let mut number = from;
    loop {
        let free = format!("{short}-{number}");
        if !taken.contains(free.as_str()) {
            return free;
        }
        number = number.saturating_add(1);
    }
}

/// What puts a copy behind an entry or an item.
pub(super) fn duplicate(text: &str, tree: &Node, path: &str, name: Option<&str>) -> Found<Vec<Replacement>> {
    let way = follow(tree, path)?;
    let (holder, last) = ends(&way)?;
    let path = path_of(&way);
    let (Some(node), Some(group)) = (last.node, holder.node.and_then(|node| Group::of(text, node))) else {
        return fail(format!("nothing stands at `{path}`"), "an entry or an item of the file");
    };
    let known = mentions(tree);
    let (place, edits) = match holder.shape.present() {
        Shape::List(_) => {
            let place: usize = last.key.parse().unwrap_or(0);
            let moved = |known: usize| Some(if known > place { known + 1 } else { known });
            (place, rewritten(shifted(&known, &path_of(&way[..way.len() - 1]), moved)))
        }
        Shape::Map(_) => {
            let names = holder.field.and_then(|field| field.names);
            let thing = defined(&way);
            let new = match (name, &thing) {
                (Some(name), _) => name.to_owned(),
                (None, Some(_)) => free_name(&last.key, &known),
                (None, None) => return fail(format!("`{}` names something", last.key), "what the copy is about"),
            };
            check_name(names, thing.as_ref(), &new, &known.all)?;
            if holder.node.is_some_and(|node| node.child(&new).is_some()) {
                return fail(format!("there is `{new}` already"), "a name that nothing has there");
            }
            let place = place_of(holder.node, &last.key);
            return Ok(vec![copy_of(text, &group, place, node, &known, thing.as_ref(), &new)]);
        }
        _ => return fail(format!("`{path}` is there once"), "an entry or an item"),
    };
    let same = |span: Range<usize>| text[span].to_owned();
    let piece = Piece { above: Vec::new(), behind: None, ..group.piece(place, node, same) };
    let mut found = edits;
    found.push(group.insertion(place + 1, &piece, false));
    Ok(found)
}

/// A copy of a map's entry under another name.
fn copy_of(
    text: &str,
    group: &Group<'_>,
    place: usize,
    node: &Node,
    known: &Mentions<'_>,
    thing: Option<&Name>,
    new: &str,
) -> Replacement {
    let inside = |span: &Range<usize>, at: &Range<usize>| span.start <= at.start && at.end <= span.end;
    let rewrite = |span: Range<usize>| {
        let own = known.all.iter().filter(|mention| inside(&span, &mention.literal.span));
        let own = own.filter(|mention| Some(&mention.name) == thing);
        let mut edits: Vec<TextEdit> = own
            .map(|mention| TextEdit { literal: mention.literal.clone(), at: mention.at.clone(), new: new.to_owned() })
            .collect();
        let key = known.keys.iter().find(|key| key.literal.span.start == span.start);
        edits.extend(key.map(|key| TextEdit { literal: key.literal.clone(), at: key.at.clone(), new: new.to_owned() }));
        applied(text, span, &rewritten(edits))
    };
    let piece = Piece { above: Vec::new(), behind: None, ..group.piece(place, node, rewrite) };
    group.insertion(place + 1, &piece, false)
}

/// A stretch of the text with what is changed in it.
fn applied(text: &str, span: Range<usize>, edits: &[Replacement]) -> String {
    let mut sorted: Vec<&Replacement> = edits.iter().collect();
    sorted.sort_by_key(|edit| edit.span.start);
    let (mut at, mut out) = (span.start, String::new());
    for edit in sorted.into_iter().filter(|edit| span.start <= edit.span.start && edit.span.end <= span.end) {
        out.push_str(&text[at..edit.span.start]);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(&text[at..span.end]);
    out
}

fn place_of(map: Option<&Node>, name: &str) -> usize {
    let Some(Value::Map(entries)) = map.map(|map| &map.unwrapped().value) else { return 0 };
    let same = |(key, _): &(Node, Node)| matches!(&key.value, Value::Text { text, .. } if text == name);
    entries.iter().position(same).unwrap_or(0)
}

/// What moves an entry or an item.
pub(super) fn moved(text: &str, tree: &Node, path: &str, to: &str, at: Option<usize>) -> Found<Vec<Replacement>> {
    let (from, to) = (follow(tree, path)?, follow(tree, to)?);
    let ((holder, last), (target, goal)) = (ends(&from)?, ends(&to)?);
    let (path, end) = (path_of(&from), path_of(&to));
    let groups = holder.node.and_then(|node| Group::of(text, node));
    let (Some(node), Some(group)) = (last.node, groups) else {
        return fail(format!("nothing stands at `{path}`"), "an entry or an item of the file");
    };
    if end.starts_with(&format!("{path}.")) {
        return fail(format!("`{path}` cannot go into itself"), "a place outside of it");
    }
    let (out, into) = (path_of(&from[..from.len() - 1]), path_of(&to[..to.len() - 1]));
    let known = mentions(tree);
    match (holder.shape.present(), target.shape.present()) {
        (Shape::List(_), Shape::List(_)) if out == into => {
            let (here, there) = (last.key.parse::<usize>().unwrap_or(0), goal.key.parse::<usize>().unwrap_or(0));
            let length = group.len();
            if there >= length {
                return fail(format!("there is no place {there}"), format!("0 to {}", length.saturating_sub(1)));
            }
            let edits = rewritten(shifted(&known, &out, |place| Some(reordered(place, here, there))));
            Ok(put(
                text,
                (&group, here),
                (&group, if there > here { there + 1 } else { there }),
                node,
                edits,
                here == there,
            ))
        }
        (Shape::Map(_), Shape::Map(_)) if out == into => {
            if last.key != goal.key {
                return fail(format!("`{path}` keeps its name when it moves"), "a `Rename`, or the same name");
            }
            let (here, length) = (place_of(holder.node, &last.key), group.len());
            let there = place_in(at, length - 1)?;
            Ok(put(
                text,
                (&group, here),
                (&group, if there > here { there + 1 } else { there }),
                node,
                Vec::new(),
                here == there,
            ))
        }
        (Shape::List(_), Shape::List(_)) | (Shape::Map(_), Shape::Map(_)) => {
            if last.shape.what() != goal.shape.what() {
                let (one, other) = (last.shape.what(), goal.shape.what());
                return fail(format!("`{path}` is {one}, and `{end}` would be {other}"), one.clone());
            }
            elsewhere(text, &known, (&from, &group, node), (&to, at))
        }
        _ => fail(format!("`{path}` has its place"), "an entry or an item, to another of its kind"),
    }
}

/// Where an item is after another moved.
fn reordered(place: usize, here: usize, there: usize) -> usize {
    if place == here {
        there
    } else if here < place && place <= there {
        place - 1
    } else if there <= place && place < here {
        place + 1
    } else {
        place
    }
}

/// Takes it out of one group and puts it into another, with what changes elsewhere.
fn put(
    text: &str,
    (group, here): (&Group<'_>, usize),
    (target, there): (&Group<'_>, usize),
    node: &Node,
    edits: Vec<Replacement>,
    stays: bool,
) -> Vec<Replacement> {
    if stays {
        return Vec::new();
    }
    let removals = group.removals(&BTreeSet::from([here]));
    let piece = group.piece(here, node, |span| applied(text, span, &edits));
    let gone = |edit: &Replacement| {
        removals.iter().any(|gone| gone.span.start <= edit.span.start && edit.span.end <= gone.span.end)
    };
    let mut found: Vec<Replacement> = edits.into_iter().filter(|edit| !gone(edit)).collect();
    found.push(target.insertion(there, &piece, false));
    found.extend(removals);
    found
}

/// To another list or map of the same kind.
fn elsewhere(
    text: &str,
    known: &Mentions<'_>,
    (from, group, node): (&[Spot<'_>], &Group<'_>, &Node),
    (to, at): (&[Spot<'_>], Option<usize>),
) -> Found<Vec<Replacement>> {
    let ((holder, last), (target, goal)) = (ends(from)?, ends(to)?);
    let (out, into) = (path_of(&from[..from.len() - 1]), path_of(&to[..to.len() - 1]));
    let Some(aim) = target.node.and_then(|node| Group::of(text, node)) else {
        return fail(format!("nothing stands at `{into}`"), "what it can be put into; insert that first");
    };
    if let Shape::List(_) = holder.shape.present() {
        let (here, there) = (last.key.parse::<usize>().unwrap_or(0), goal.key.parse::<usize>().unwrap_or(0));
        let item = Name::Item(out.clone(), here);
        if let Some(mention) = known.all.iter().find(|mention| mention.name == item) {
            let who = super::remove::sentence(mention, &known.units[mention.unit].path);
            return fail(format!("{who}, which is in it"), "that to be taken out before");
        }
        let mut edits = shifted(known, &out, |place| Some(if place > here { place - 1 } else { place }));
        edits.extend(shifted(known, &into, |place| Some(if place >= there { place + 1 } else { place })));
        return Ok(put(text, (group, here), (&aim, there), node, rewritten(edits), false));
    }
    taken(target, goal, &path_of(to))?;
    let names = target.field.and_then(|field| field.names);
    let (thing, new) = (defined(from), defined(to));
    check_name(names, new.as_ref(), &goal.key, &known.all)?;
    let mut edits = Vec::new();
    if let (Some(Name::Operation(service, _)), Some(Name::Operation(home, name)), Some(thing)) = (&thing, &new, &thing)
    {
        for (place, mention) in known.all.iter().enumerate().filter(|(_, mention)| mention.name == *thing) {
            let same = Name::Service(service.clone());
            let before = place
                .checked_sub(1)
                .map(|before| &known.all[before])
                .filter(|before| before.name == same && before.literal.span == mention.literal.span);
            // Through a balancer it is called by another name; what is left is for the checks.
            let Some(before) = before else { continue };
            let edit = |mention: &Mention, new: &str| TextEdit {
                literal: mention.literal.clone(),
                at: mention.at.clone(),
                new: new.to_owned(),
            };
            edits.extend([edit(before, home), edit(mention, name)]);
        }
    }
    let key = known.keys.iter().find(|key| *key.path == *path_of(from) && key.at.start == 0);
    let renamed = key.filter(|_| last.key != goal.key);
    edits.extend(renamed.map(|key| TextEdit {
        literal: key.literal.clone(),
        at: key.at.clone(),
        new: goal.key.clone(),
    }));
    let there = place_in(at, aim.len())?;
    let here = place_of(holder.node, &last.key);
    Ok(put(text, (group, here), (&aim, there), node, rewritten(edits), false))
}
