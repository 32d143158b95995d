//! What may be put in where: each thing with the least text that the checks let pass, or what is missing for one.

use super::candidates::Place;
use super::services::service_templates;
use crate::scenario::described::{Allowed, Choice, Field, Form, Json, Names, Shape, Thing, Variant, show};
use crate::scenario::edit::Edit;
use crate::scenario::edit::place::{Spot, path_of};
use crate::scenario::service::Kind;
use crate::scenario::step::Step;

/// Something that may be put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// What it is: "Call", "Server", "nginx", "web".
    pub name: String,
    /// What it means, in a sentence; may be empty.
    pub doc: String,
    /// The path it would have, behind all others.
    pub path: String,
    /// As it would be written.
    pub value: String,
    /// What has to be there first, in a sentence; None: it can be put in as it is.
    pub missing: Option<String>,
}

impl Template {
    /// What puts it in; at another place of its list or map: change the edit.
    #[must_use]
    pub fn edit(&self) -> Edit {
        Edit::insert(self.path.clone(), self.value.clone())
    }
}

/// A text, or what is missing for one.
pub(super) type Written = Result<String, String>;

/// Steps that need a machine of ours.
const ON_MACHINES: [&str; 5] = ["Cpu", "Send", "Receive", "Disk", "Spawn"];
/// Steps that only operations have.
const OF_OPERATIONS: [&str; 6] = ["Hold", "HoldFor", "Cached", "Put", "Invalidate", "Lock"];

/// Everything that may be put into a list or a map.
pub(super) fn templates(place: &Place<'_>, way: &[Spot<'_>]) -> Vec<Template> {
    let Some(holder) = way.last() else { return Vec::new() };
    let path = path_of(way);
    let field = holder.field.or_else(|| way.iter().rev().find_map(|spot| spot.field));
    let names = holder.field.and_then(|field| field.names);
    match holder.shape.present() {
        Shape::List(item) => {
            let at = format!("{path}.{}", holder.length());
            let made = |(name, doc, value): (String, &str, Written)| template(name, doc, at.clone(), value);
            kinds(place, way, item(), field).into_iter().map(made).collect()
        }
        Shape::Map(item) => match names {
            Some(Names::Defines(thing)) => {
                let made = |(name, doc, value): (String, &str, Written)| {
                    let free = free_name(place, way, thing, &name);
                    template(name, doc, format!("{path}.{free}"), value)
                };
                of_map(place, way, thing, item()).into_iter().map(made).collect()
            }
            Some(_) if way.iter().filter(|spot| spot.owner == "Access" && spot.key == "to").count() > 1 => {
                let within = "a way to a service has no ways within it".to_owned();
                vec![template("service".to_owned(), "", path, Err(within))]
            }
            Some(names) => {
                let owner = holder.owner;
                let made = |name: String| {
                    let doc = field.map_or("", |field| field.doc);
                    let value = match names {
                        Names::Subject => Ok(format!("[{}]", show(&objective(place, &name)))),
                        _ => sample(place, way, item(), field, owner),
                    };
                    template(name.clone(), doc, format!("{path}.{name}"), value)
                };
                place.candidates(names, owner, way).into_iter().map(made).collect()
            }
            None => Vec::new(),
        },
        Shape::Record(_) | Shape::Choice(_) | Shape::Scalar(_) | Shape::Tuple(_) | Shape::Optional(_) => Vec::new(),
    }
}

fn name_of(field: Option<&'static Field>) -> &'static str {
    field.map_or("", |field| field.name)
}

fn is_external(place: &Place<'_>) -> bool {
    place.service.is_some_and(|(_, service)| service.kind == Kind::External)
}

fn template(name: String, doc: &str, path: String, value: Written) -> Template {
    let (value, missing) = match value {
        Ok(value) => (value, None),
        Err(missing) => (String::new(), Some(missing)),
    };
    Template { name, doc: doc.trim().to_owned(), path, value, missing }
}

/// An objective that can be asked of this.
fn objective(place: &Place<'_>, subject: &str) -> String {
    let resource = subject.rsplit_once('.').is_some_and(|(owner, kind)| {
        let operation = place.graph.offers(owner).contains(&kind);
        !operation && !place.scenario.traffic.contains(subject)
    });
    match subject {
        "cost" => "total < 100".to_owned(),
        _ if resource => "utilization < 80%".to_owned(),
        _ => "failed < 1%".to_owned(),
    }
}

/// What a list may be given: each variant of a choice, each legal name, else one.
fn kinds(
    place: &Place<'_>,
    way: &[Spot<'_>],
    item: Shape,
    field: Option<&'static Field>,
) -> Vec<(String, &'static str, Written)> {
    let owner = way.last().map_or("", |spot| spot.owner);
    match item.present() {
        Shape::Choice(choice) => {
            let fits = choice.variants.iter().filter(|variant| choice.name != "Step" || is_legal(place, variant));
            let mut found: Vec<_> = fits.flat_map(|variant| variants_of(place, way, choice, variant)).collect();
            for (_, _, value) in found.iter_mut().filter(|(name, ..)| name == "Hold" || name == "HoldFor") {
                if let Some(why) = cannot_hold(place, way, value) {
                    *value = Err(why);
                }
            }
            found
        }
        Shape::Scalar(scalar) if scalar.json == Json::String => match field.and_then(|field| field.names) {
            Some(Names::Refers(_)) if name_of(field) == "on" && is_external(place) => {
                vec![("machine".to_owned(), "", Err("we do not run it: it is on no machine of ours".to_owned()))]
            }
            Some(Names::Refers(thing)) => {
                let there = way.last().and_then(|spot| spot.value());
                let taken = |name: &String| {
                    let places = (0..way.last().map_or(0, Spot::length)).map(|at| at.to_string());
                    let same =
                        |at: String| there.and_then(|list| list.child(&at)).is_some_and(|node| node.is_text(name));
                    places.into_iter().any(same)
                };
                let all = place.candidates(Names::Refers(thing), owner, way).into_iter();
                let doc = field.map_or("", |field| field.doc);
                all.filter(|name| !taken(name)).map(|name| (name.clone(), doc, Ok(show(&name)))).collect()
            }
            _ => {
                let subject = way.last().map_or("", |spot| spot.key.as_str());
                vec![("objective".to_owned(), "", Ok(show(&objective(place, subject))))]
            }
        },
        other => {
            let name = match other {
                Shape::Record(record) => record.name.to_owned(),
                _ => other.what(),
            };
            let without_workers = place.service.is_some_and(|(_, service)| service.workers.is_none());
            let value = if name_of(field) == "shed" && without_workers {
                Err("it has no `workers`, of which a share could be busy".to_owned())
            } else {
                sample(place, way, other, field, owner)
            };
            vec![(name, field.map_or("", |field| field.doc), value)]
        }
    }
}

/// A variant; of rules that do something at a time, one for each thing to do.
fn variants_of(
    place: &Place<'_>,
    way: &[Spot<'_>],
    choice: &'static Choice,
    variant: &'static Variant,
) -> Vec<(String, &'static str, Written)> {
    let action = variant.fields.iter().find_map(|field| match (field.shape)() {
        Shape::Choice(action) if action.name == "Action" => Some(action),
        _ => None,
    });
    match action.filter(|_| choice.name == "Rule" && variant.form == Form::Positional) {
        Some(action) => {
            let one = |inner: &'static Variant| {
                let text = written(place, way, inner).map(|action| format!("{}(\"0s\", {action})", variant.name));
                (inner.name.to_owned(), inner.doc, text)
            };
            action.variants.iter().map(one).collect()
        }
        None => vec![(variant.name.to_owned(), variant.doc, written(place, way, variant))],
    }
}

/// Why the reply cannot stand at the end of this list.
fn cannot_hold(place: &Place<'_>, way: &[Spot<'_>], value: &Written) -> Option<String> {
    let whole = way.len() == 5;
    if !whole {
        return Some("the reply stands at the end of an operation".to_owned());
    }
    let program = place.operation_steps()?;
    if matches!(program.last(), Some(Step::Hold | Step::HoldFor(_))) {
        return Some("the operation replies already".to_owned());
    }
    let to_the_end = value.as_deref() == Ok("Hold");
    let source = place.without_sessions().filter(|_| to_the_end)?;
    Some(format!("`{source}` comes here, and has no sessions"))
}

/// Whether a step may stand there at all.
fn is_legal(place: &Place<'_>, variant: &Variant) -> bool {
    let ours = match place.service {
        Some((_, service)) => service.kind != Kind::External,
        None => place.source.is_none(),
    };
    let of_machines = ON_MACHINES.contains(&variant.name);
    let of_operations = OF_OPERATIONS.contains(&variant.name);
    let unanswered = variant.name == "Receive" && place.background;
    let without_machine = of_machines && !ours;
    let without_operation = of_operations && place.source.is_some();
    !(without_machine || without_operation || unanswered)
}

/// A variant with the least that it needs.
pub(super) fn written(place: &Place<'_>, way: &[Spot<'_>], variant: &'static Variant) -> Written {
    let special = match variant.name {
        "Set" => Some(patch(place)?),
        "Resize" => {
            let group = first(place, way, Names::Refers(Thing::Machine), "Resize")?;
            Some(format!("Resize(machine: {}, cores: 2)", show(&group)))
        }
        "Partition" => {
            let sides = place.candidates(Names::Side, "Partition", way);
            let [one, other, ..] = sides.as_slice() else { return Err("there is nothing to part".to_owned()) };
            Some(format!("Partition(from: {}, to: {}, lasting: \"10s\")", show(one), show(other)))
        }
        "Autoscale" => {
            let of = first(place, way, Names::Scaled, "Autoscale")?;
            let metric = format!("{of}.cpu");
            let service = place.scenario.services.get(&of);
            let metric =
                if service.is_some_and(|service| service.on.is_empty()) { format!("{of}.workers") } else { metric };
            Some(format!(
                "Autoscale(of: {}, metric: {}, target: \"60%\", every: \"30s\", most: 10)",
                show(&of),
                show(&metric)
            ))
        }
        _ => None,
    };
    if let Some(text) = special {
        return Ok(text);
    }
    let value = |field: &'static Field| sample(place, way, (field.shape)(), Some(field), variant.name);
    match variant.form {
        Form::Bare => Ok(variant.name.to_owned()),
        Form::Positional => {
            let values: Result<Vec<String>, String> = variant.fields.iter().map(value).collect();
            Ok(format!("{}({})", variant.name, values?.join(", ")))
        }
        Form::Named => Ok(format!("{}{}", variant.name, fields(variant.fields, value)?)),
    }
}

fn fields(fields: &'static [Field], value: impl Fn(&'static Field) -> Written) -> Written {
    let needed = fields.iter().filter(|field| field.default.is_none());
    let written: Result<Vec<String>, String> =
        needed.map(|field| Ok(format!("{}: {}", field.name, value(field)?))).collect();
    Ok(format!("({})", written?.join(", ")))
}

pub(super) fn first(place: &Place<'_>, way: &[Spot<'_>], names: Names, owner: &str) -> Written {
    place.candidates(names, owner, way).into_iter().next().ok_or_else(|| none(names, owner).to_owned())
}

/// Why there is nothing to name.
fn none(names: Names, owner: &str) -> &'static str {
    match (names, owner) {
        (Names::Refers(Thing::Machine), _) => "there are no machines",
        (Names::Refers(Thing::Service), "AddInstances" | "RemoveInstances") => "no service has `instances: Count(..)`",
        (Names::Refers(Thing::Service), _) => "there is no other service",
        (Names::Refers(Thing::Key), _) => "there are no keys",
        (Names::Refers(Thing::Source) | Names::Side, _) => "there is no traffic",
        (Names::Refers(Thing::Variant), _) => "there are no variants",
        (Names::Refers(Thing::Operation), _) => "it has no operation",
        (Names::Call, "Enqueue") => "there is no `Queue` that it has a link to",
        (Names::Call, "WriteBack") => "there is no operation that it has a link to",
        (Names::Call, _) => "there is no operation that it may call: it needs a link to a service that has one",
        (Names::StoreOrCache | Names::Refers(Thing::Store), _) => "it has no store, and no link to a `Cache`",
        (Names::Target, "Reload") => "no service has a `reload` above 0s",
        (Names::Target, "Slow" | "Crash" | "Restart" | "Deploy") => "there is nothing that runs",
        (Names::Contents, _) => "no service has a store",
        (Names::Condition | Names::Watched | Names::Scaled, _) => "there are no machines",
        _ => "there is nothing to name",
    }
}

/// A patch that says what is so.
fn patch(place: &Place<'_>) -> Written {
    let (name, machine) = place.scenario.machines.iter().next().ok_or("there are no machines")?;
    Ok(format!("Set({}, {})", show(&format!("machines.{name}.count")), machine.count))
}

/// The least legal text of a form.
pub(super) fn sample(
    place: &Place<'_>,
    way: &[Spot<'_>],
    shape: Shape,
    field: Option<&'static Field>,
    owner: &'static str,
) -> Written {
    let names = field.and_then(|field| field.names);
    if owner == "Doubling" && name_of(field) == "every" {
        // There is a limit to how often anything doubles within a run.
        return Ok(show(&place.scenario.horizon));
    }
    match shape {
        Shape::Optional(_) => Ok("None".to_owned()),
        Shape::Scalar(scalar) => {
            if let Some(names) = names.filter(|_| scalar.json == Json::String) {
                return match names {
                    Names::Refers(Thing::Lock) => Ok(show(&"lock".to_owned())),
                    Names::Refers(Thing::Key) if owner == "Lock" => Ok(show(&String::new())),
                    Names::Expression => Ok("\"60%\"".to_owned()),
                    Names::Prose => Ok("\"\"".to_owned()),
                    names => Ok(show(&first(place, way, names, owner)?)),
                };
            }
            Ok(match field.and_then(|field| field.allowed).map(|allowed| allowed()) {
                Some(Allowed::Of(dimension)) => show(&dimension.example().to_owned()),
                Some(Allowed::Between(least, _)) if scalar.json == Json::Integer => least.max(1.0).to_string(),
                Some(Allowed::Between(..)) | None => match scalar.json {
                    Json::Integer | Json::Number if scalar.units.is_empty() => "1".to_owned(),
                    _ => scalar.example.to_owned(),
                },
            })
        }
        Shape::Record(record) => {
            fields(record.fields, |field| sample(place, way, (field.shape)(), Some(field), record.name))
        }
        Shape::Choice(choice) => {
            let mut first = None;
            for variant in choice.variants {
                match written(place, way, variant) {
                    Ok(text) => return Ok(text),
                    Err(missing) => first = first.or(Some(missing)),
                }
            }
            Err(first.unwrap_or_default())
        }
        Shape::List(item) => list_of(place, way, item(), field, owner),
        Shape::Map(item) => match names {
            Some(names @ Names::Refers(_)) => {
                let name = first(place, way, names, owner)?;
                Ok(format!("{{{}: {}}}", show(&name), sample(place, way, item(), field, owner)?))
            }
            _ => Ok("{}".to_owned()),
        },
        Shape::Tuple(items) => {
            let values: Result<Vec<String>, String> =
                items.iter().map(|item| sample(place, way, item(), None, owner)).collect();
            Ok(format!("({})", values?.join(", ")))
        }
    }
}

fn list_of(
    place: &Place<'_>,
    way: &[Spot<'_>],
    item: Shape,
    field: Option<&'static Field>,
    owner: &'static str,
) -> Written {
    let name = field.map_or("", |field| field.name);
    let is_step = matches!(item, Shape::Choice(choice) if choice.name == "Step");
    if is_step {
        let ours = match place.service {
            Some((_, service)) => service.kind != Kind::External,
            None => false,
        };
        return Ok(match (name, ours) {
            ("hit" | "miss" | "fallback", _) => "[]",
            (_, true) => "[Cpu(\"1ms\")]",
            // What takes no time may not be done over and over.
            (_, false) => "[Delay(\"1s\")]",
        }
        .to_owned());
    }
    if let Shape::Tuple(_) = item
        && owner == "Choose"
    {
        return Ok("[(1, [])]".to_owned());
    }
    Ok(format!("[{}]", sample(place, way, item, field, owner)?))
}

/// Entries of a map that brings things into being.
fn of_map(place: &Place<'_>, way: &[Spot<'_>], thing: Thing, item: Shape) -> Vec<(String, &'static str, Written)> {
    let owner = way.last().map_or("", |spot| spot.owner);
    match (thing, item) {
        (Thing::Service, _) => service_templates(place, way),
        (Thing::Key | Thing::Source, Shape::Choice(choice)) => choice
            .variants
            .iter()
            .map(|variant| (variant.name.to_owned(), variant.doc, written(place, way, variant)))
            .collect(),
        (Thing::Operation, _) => {
            let cache = place.service.is_some_and(|(_, service)| matches!(service.kind, Kind::Cache { .. }));
            let forwards = place
                .service
                .is_some_and(|(_, service)| matches!(service.kind, Kind::Balancer { .. } | Kind::Queue { .. }));
            let value = if forwards {
                Err("it hands on what others offer".to_owned())
            } else if cache {
                Err("a `Cache` offers `get`, `set` and `delete`".to_owned())
            } else {
                list_of(place, way, Shape::Choice(step_choice()), None, "")
            };
            vec![("operation".to_owned(), "A program of steps.", value)]
        }
        (Thing::Store, _) if place.service.is_some_and(|(_, service)| matches!(service.kind, Kind::Cache { .. })) => {
            vec![("store".to_owned(), "", Err("its store is in its `kind`".to_owned()))]
        }
        (_, shape) => {
            let doc = if let Shape::Record(record) = shape { record.doc } else { "" };
            let name = if thing == Thing::Machine {
                "machine"
            } else if thing == Thing::Store {
                "store"
            } else {
                "variant"
            };
            vec![(name.to_owned(), doc, sample(place, way, shape, None, owner))]
        }
    }
}

fn step_choice() -> &'static Choice {
    use crate::scenario::described::Described;
    match Step::shape() {
        Shape::Choice(choice) => choice,
        _ => &Choice { name: "", doc: "", variants: &[] },
    }
}

/// A name for something new that nothing has.
fn free_name(place: &Place<'_>, way: &[Spot<'_>], thing: Thing, stem: &str) -> String {
    let scenario = place.scenario;
    let stem = stem.to_lowercase();
    let taken = |name: &str| match thing {
        Thing::Machine | Thing::Service | Thing::Source => {
            scenario.machines.contains(name) || scenario.services.contains(name) || scenario.traffic.contains(name)
        }
        _ => way.last().and_then(|spot| spot.value()).is_some_and(|node| node.child(name).is_some()),
    };
    let mut name = stem.clone();
    let mut number = 2;
    while taken(&name) {
        name = format!("{stem}-{number}");
        number += 1;
    }
    name
}
