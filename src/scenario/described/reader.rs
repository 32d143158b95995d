//! Reads nouns from the syntax tree and collects every problem on the way.
use super::{Choice, Described, Field, Form, Limit, Record, Shape, Variant, likely};
use crate::scenario::{
    nearest::{list, nearest},
    problem::Problem,
    syntax::{Entry, Node, Value, Word},
};

/// Reads one text.
pub struct Reader<'t> {
    text: &'t str,
    /// What is wrong with it, in the order of reading.
    pub problems: Vec<Problem>,
}

/// The nodes of a record's fields, in the order of the type; None: absent.
type Parts<'n> = Vec<Option<&'n Node>>;

impl<'t> Reader<'t> {
    /// A reader of that text.
    pub fn new(text: &'t str) -> Self {
        Self { text, problems: Vec::new() }
    }

    /// The text of a node.
    pub fn text_of(&self, node: &Node) -> &'t str {
        &self.text[node.span.clone()]
    }

    /// Adds a problem, and has nothing to show for it.
    pub fn report<T>(&mut self, problem: Problem) -> Option<T> {
        self.problems.push(problem);
        None
    }

    /// Says that a node has the wrong form.
    pub fn mismatch<T>(&mut self, node: &Node, expected: &str, example: &str) -> Option<T> {
        let found = node.what();
        let label = if example.is_empty() {
            format!("expected {expected}")
        } else {
            format!("expected {expected}, such as `{example}`")
        };
        let mut problem = Problem::error(node.span.clone(), format!("{found} where {expected} belongs"), label);
        if let (Value::Name(name), true) = (&node.value, example.starts_with('"')) {
            problem = problem.help(format!("put it in quotes: `\"{name}\"`"));
        }
        self.report(problem)
    }

    /// A field: its value, its default when absent, a stand-in when wrong.
    pub fn field<T: Described>(
        &mut self,
        name: &str,
        node: Option<&Node>,
        limit: Option<&dyn Limit<T>>,
        default: Option<fn() -> T>,
    ) -> Option<T> {
        let Some(node) = node else {
            // A missing one was reported with its record.
            return default.map_or_else(T::stand_in, |default| Some(default()));
        };
        let Some(value) = T::read(node, self) else {
            return T::stand_in().map(|stand_in| default.map_or(stand_in, |default| default()));
        };
        if let Some((message, label)) = limit.and_then(|limit| limit.refuses(name, &value)) {
            self.problems.push(Problem::error(node.span.clone(), message, label));
        }
        Some(value)
    }

    /// The parts of a record.
    pub fn record<'n>(&mut self, node: &'n Node, shape: Shape) -> Option<Parts<'n>> {
        let Shape::Record(record) = shape else { return None };
        let node = node.unwrapped();
        let named = |name: &Option<Word>| name.as_ref().is_none_or(|name| name.text == record.name);
        match &node.value {
            Value::Record { name, entries } if named(name) => {
                let parts = self.entries(entries, record.name, record.fields);
                self.missing(node, record.name, record.fields, &parts);
                Some(parts)
            }
            Value::Tuple { name, items } if named(name) && items.is_empty() => {
                let parts = vec![None; record.fields.len()];
                self.missing(node, record.name, record.fields, &parts);
                Some(parts)
            }
            _ => {
                let likely = likely::record(record, node).unwrap_or_else(|| example(record));
                self.mismatch(node, &shape.what(), &likely)
            }
        }
    }

    /// The variant that a node chooses, and its parts.
    pub fn choice<'n>(&mut self, node: &'n Node, shape: Shape) -> Option<(&'static str, Parts<'n>)> {
        let Shape::Choice(choice) = shape else { return None };
        let node = node.unwrapped();
        let (name, span) = match &node.value {
            Value::Name(name) => (name, node.span.clone()),
            Value::Record { name: Some(name), .. } | Value::Tuple { name: Some(name), .. } => {
                (&name.text, name.span.clone())
            }
            Value::Text { text, .. } => {
                let problem = Problem::error(
                    node.span.clone(),
                    format!("a text where {} belongs", shape.what()),
                    format!("expected {}", options(choice)),
                );
                let help = match choice.variants.iter().any(|variant| variant.name == text) {
                    true => Some(format!("write it without quotes: `{text}`")),
                    false => likely::variant(choice, node).map(|likely| format!("did you mean `{likely}`?")),
                };
                return self.report(help.into_iter().fold(problem, Problem::help));
            }
            _ => {
                let likely = likely::variant(choice, node).unwrap_or_else(|| choice.variants[0].usage());
                return self.mismatch(node, &shape.what(), &likely);
            }
        };
        let Some(variant) = choice.variants.iter().find(|variant| variant.name == name) else {
            let near = nearest(name, choice.variants.iter().map(|variant| variant.name));
            let label =
                near.map_or_else(|| format!("expected {}", options(choice)), |near| format!("did you mean `{near}`?"));
            let problem = Problem::error(span, format!("unknown `{}` `{name}`", choice.name), label);
            return self.report(if near.is_some() {
                problem.help(format!("it is one of {}", options(choice)))
            } else {
                problem
            });
        };
        self.variant(node, variant).map(|parts| (variant.name, parts))
    }

    fn variant<'n>(&mut self, node: &'n Node, variant: &'static Variant) -> Option<Parts<'n>> {
        let fields = variant.fields;
        let parts = match (variant.form, &node.value) {
            (Form::Bare, Value::Name(_)) => Vec::new(),
            (Form::Positional, Value::Tuple { items, .. }) if items.len() == fields.len() => {
                items.iter().map(Some).collect()
            }
            (Form::Named, Value::Record { entries, .. }) => self.entries(entries, variant.name, fields),
            (Form::Named, Value::Tuple { items, .. }) if items.is_empty() => vec![None; fields.len()],
            (Form::Named, Value::Name(_)) => vec![None; fields.len()],
            _ => {
                let values = match variant.form {
                    Form::Bare => "no values".to_owned(),
                    Form::Positional if fields.len() == 1 => "one value, without a name".to_owned(),
                    Form::Positional => format!("{} values, without names", fields.len()),
                    Form::Named => "named values".to_owned(),
                };
                let problem = Problem::error(
                    node.span.clone(),
                    format!("`{}` has {values}", variant.name),
                    format!("expected `{}`", variant.usage()),
                );
                return self.report(problem);
            }
        };
        self.missing(node, variant.name, fields, &parts);
        Some(parts)
    }

    /// Sorts the entries of a record to its fields; says which are unknown or there twice.
    fn entries<'n>(&mut self, entries: &'n [Entry], owner: &str, fields: &'static [Field]) -> Parts<'n> {
        let mut parts: Parts<'n> = vec![None; fields.len()];
        let mut seen: Vec<Option<&Word>> = vec![None; fields.len()];
        for entry in entries {
            let name = &entry.name;
            let Some(index) = fields.iter().position(|field| field.name == name.text) else {
                let names = || fields.iter().map(|field| field.name);
                let near = nearest(&name.text, names());
                let label = near.map_or_else(
                    || format!("`{owner}` has {}", list(names())),
                    |near| format!("did you mean `{near}`?"),
                );
                let problem = Problem::error(name.span.clone(), format!("unknown field `{}`", name.text), label);
                self.problems.push(if near.is_some() {
                    problem.help(format!("`{owner}` has {}", list(names())))
                } else {
                    problem
                });
                continue;
            };
            if let Some(first) = seen[index] {
                let problem =
                    Problem::error(name.span.clone(), format!("`{}` is given twice", name.text), "expected it once");
                self.problems.push(problem.also(first.span.clone(), "first here"));
                continue;
            }
            seen[index] = Some(name);
            parts[index] = Some(&entry.value);
        }
        parts
    }

    fn missing(&mut self, node: &Node, owner: &str, fields: &'static [Field], parts: &Parts<'_>) {
        for (field, _) in fields.iter().zip(parts).filter(|(field, part)| part.is_none() && field.default.is_none()) {
            let what = (field.shape)().what();
            let span = match &node.value {
                Value::Record { name: Some(name), .. } | Value::Tuple { name: Some(name), .. } => name.span.clone(),
                Value::Name(_) => node.span.clone(),
                _ => node.span.start..node.span.start + 1,
            };
            let help = format!("`{}`: {}", field.name, field.doc.trim());
            self.problems.push(
                Problem::error(
                    span,
                    format!("`{}` is missing", field.name),
                    format!("`{owner}` needs `{}`, {what}", field.name),
                )
                .help(help),
            );
        }
    }
}

fn options(choice: &Choice) -> String {
    list(choice.variants.iter().map(|variant| variant.name))
}

/// The start of a record of that kind.
fn example(record: &Record) -> String {
    record.fields.first().map_or_else(|| "()".to_owned(), |field| format!("({}: ..)", field.name))
}
