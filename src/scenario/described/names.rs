//! What the texts of a field name: which keys define a thing, which texts refer to one.

/// A thing with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// What requests are about.
    Key,
    /// A group of machines.
    Machine,
    /// A service.
    Service,
    /// An operation, of the service it stands in.
    Operation,
    /// A store, of the service it stands in.
    Store,
    /// A lock, of the service it stands in; steps that take it are all there is of it.
    Lock,
    /// A source of traffic.
    Source,
    /// A variant.
    Variant,
}

/// What the keys of a map, or else the texts of a field, name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// The keys are the names of such things.
    Defines(Thing),
    /// One of these.
    Refers(Thing),
    /// An operation of any service: `"svc.op"`.
    Call,
    /// A store of the service it stands in, or a `Cache` that it has a link to.
    StoreOrCache,
    /// A service, an instance, a machine group or a machine: `"app"`, `"app/1"`, `"web"`, `"web/0"`.
    Target,
    /// What has stores, or one of them: `"app"`, `"app/0"`, `"app.items"`.
    Contents,
    /// A service, a source or a machine group.
    Side,
    /// A machine group or a service.
    Scaled,
    /// What an objective is about: `"visitors"`, `"app.page"`, `"app.workers"`, `"app/0.pool(db)"`, `"cost"`.
    Subject,
    /// A comparison: `"app.workers > 90%"`.
    Condition,
    /// What a controller watches: `"app.cpu"`.
    Watched,
    /// A path into the file: `"services.app.workers"`.
    Path,
    /// A part that comes with the program.
    Part,
    /// Words of a small language in which nothing has a name.
    Expression,
    /// Words for people.
    Prose,
}

#[cfg(test)]
mod tests {
    use super::super::{Described, Shape};
    use super::Names;
    use crate::scenario::Scenario;

    fn check(shape: Shape, names: Option<Names>, at: &str, open: &mut Vec<&'static str>, silent: &mut Vec<String>) {
        match shape {
            Shape::Scalar(scalar) => {
                let is_text = matches!(String::shape(), Shape::Scalar(text) if text == scalar);
                if is_text && names.is_none() {
                    silent.push(at.to_owned());
                }
            }
            Shape::Record(record) if !open.contains(&record.name) => {
                open.push(record.name);
                for field in record.fields {
                    let at = format!("{}.{}", record.name, field.name);
                    check((field.shape)(), field.names, &at, open, silent);
                }
            }
            Shape::Choice(choice) if !open.contains(&choice.name) => {
                open.push(choice.name);
                for (variant, field) in choice.variants.iter().flat_map(|one| one.fields.iter().map(move |f| (one, f)))
                {
                    let at = format!("{}.{}", variant.name, field.name);
                    check((field.shape)(), field.names, &at, open, silent);
                }
            }
            Shape::Record(_) | Shape::Choice(_) => {}
            Shape::List(item) | Shape::Optional(item) => check(item(), names, at, open, silent),
            Shape::Map(item) => {
                if names.is_none() {
                    silent.push(format!("keys of {at}"));
                }
                check(item(), names, at, open, silent);
            }
            Shape::Tuple(items) => items.iter().for_each(|item| check(item(), names, at, open, silent)),
        }
    }

    /// A text that could name something and says nothing of it would be left behind by a `Rename`.
    #[test]
    fn every_text_and_every_key_of_the_language_says_what_it_names() {
        let mut silent = Vec::new();
        check(Scenario::shape(), None, "", &mut Vec::new(), &mut silent);
        assert!(silent.is_empty(), "{silent:?}");
    }
}
