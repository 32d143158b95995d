//! The small languages inside texts: amounts, profiles, objectives, conditions, parts. One table that the command line,
//! the schema and the guide are made of; what it says of each word stands where that word is defined.

use super::amount::words::{self, Group};
use super::described::{Described, Shape};
use super::metric::{Metric, Of, Resource, Unit, Use};
use super::profile::Profile;
use super::step::Step;
use super::{Balance, parts};
use crate::units::{Bandwidth, Bytes, Percent, Price, Quantity, Rate, Span};

/// A small language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What it is asked for by.
    pub name: &'static str,
    /// Its grammar, and what holds of all its words.
    pub grammar: &'static str,
}

/// A word of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The topic it belongs to.
    pub topic: &'static str,
    /// How it is written.
    pub usage: String,
    /// What it counts in, or where it can be used; may be empty.
    pub kind: String,
    /// What it means.
    pub meaning: String,
}

/// Every small language.
pub const TOPICS: [Topic; 10] = [
    Topic {
        name: "quantities",
        grammar: "A text of a number and its unit: \"250ms\". A bare number where a unit belongs is an error.",
    },
    Topic {
        name: "amounts",
        grammar: "How much a step asks for, drawn each time: a number with its unit, a distribution or a gauge, added \
                  with `+` and multiplied with `*`: \"1s + 10ms*in_flight\". A product has at most one unit; all of a \
                  sum count the same thing. Nothing is negative.",
    },
    Topic {
        name: "distributions",
        grammar: "Laws that an amount is drawn from, by their mean or by what people know of them. `surgelab fields \
                  \"lognormal(8ms, cv 1)\"` draws one.",
    },
    Topic {
        name: "gauges",
        grammar: "What an amount reads of its instance when the step starts: load that slows itself down. An idle \
                  instance has 1 in flight, else 0.",
    },
    Topic {
        name: "profiles",
        grammar: "A rate or a population over time: `rate`, `arrive`, `population` of traffic. Before time 0 it holds \
                  its initial value.",
    },
    Topic {
        name: "steps",
        grammar: "What operations and journeys are made of, one after another: [Cpu(\"8ms\"), Call(\"db.query\")].",
    },
    Topic { name: "balance", grammar: "Which instance of the callee gets a call: `balance` of a link or of `access`." },
    Topic {
        name: "objectives",
        grammar: "[worst TIME] METRIC < | <= | > | >= BOUND, by subject: a source, an operation \"app.page\", a resource \
                  \"app.workers\" or `cost`: { \"visitors\": [\"p(95) < 2s\", \"worst 1min failed < 5%\"] }. `worst` asks it \
                  of every such window. A failure counts as infinitely late.",
    },
    Topic {
        name: "conditions",
        grammar: "SUBJECT.METRIC > | < BOUND, or SUBJECT.RESOURCE.METRIC: \"app.backlog > 100\", \"app.cpu > 80%\" (for \
                  \"app.cpu.utilization > 80%\"), \"visitors.failed > 5%\". The metric is its mean over the rule's \
                  `window`. `metric` and `target` of an `Autoscale` are such a condition without and behind its sign.",
    },
    Topic {
        name: "parts",
        grammar: "`like: \"nginx\"` puts a part's fields under a service; what the service says itself stands. In a part \"?\" \
                  is a name that only the service can give: the service behind a balancer, or, as the name of a \
                  link, every link of the service. `surgelab show NAME` tells where each number comes from, `surgelab \
                  show FILE --expand` prints a scenario with its parts filled in.",
    },
];

/// Every word of every topic, in the order of the topics.
#[must_use]
pub fn reference() -> Vec<Entry> {
    let mut all = quantities();
    let amounts = [
        (
            "8ms",
            "a number",
            "A constant: a time (ns us ms s min h d), bytes (B KiB MiB GiB kB MB GB), or a bare count.",
        ),
        ("a + b", "of one kind", "The sum of what each draws."),
        ("a * b", "at most one with a unit", "The product of what each draws."),
        ("(a + b) * c", "", "Groups, up to 16 deep."),
    ];
    all.extend(amounts.map(|(usage, kind, meaning)| entry("amounts", usage, kind, meaning)));
    let words = |group: Group| words::KNOWN.into_iter().filter(move |word| word.group == group);
    all.push(entry("distributions", words::PERCENTILES.usage, words::PERCENTILES.example, words::PERCENTILES.meaning));
    all.extend(words(Group::Distribution).map(|word| entry("distributions", word.usage, word.example, word.meaning)));
    all.extend(words(Group::Gauge).map(|word| entry("gauges", word.usage, word.example, word.meaning)));
    all.extend(variants("profiles", Profile::<Rate>::shape()));
    all.extend(variants("steps", Step::shape()));
    all.extend(variants("balance", Balance::shape()));
    all.extend(metrics("objectives", Metric::of_objectives()));
    all.extend(metrics("conditions", Metric::of_conditions()));
    all.extend(Resource::NAMED.map(|resource| {
        let name = resource.name();
        let of = if resource.of_machines() { "service, machine group" } else { "service" };
        entry("conditions", name, of, &format!("In short its utilization: `app.{name}` for `app.{name}.utilization`."))
    }));
    all.extend(parts::parts().map(|part| entry("parts", part.name, "", part.what())));
    all
}

/// What the schema says of a text in one of the small languages, by the name of its field.
pub(super) fn of_field(name: &str) -> Option<String> {
    let topic = |name: &str| TOPICS.iter().find(|topic| topic.name == name).map(|topic| topic.grammar);
    let listed = |name: &str| {
        let words = reference().into_iter().filter(|entry| entry.topic == name).map(|entry| entry.usage);
        Some(format!("{} Words: {}.", topic(name)?, words.collect::<Vec<_>>().join(", ")))
    };
    match name {
        "objectives" => listed("objectives"),
        "condition" | "metric" => listed("conditions"),
        "like" => listed("parts"),
        _ => None,
    }
}

/// What the schema says of every amount.
pub(super) fn of_amounts() -> String {
    let words = words::KNOWN.iter().chain([&words::PERCENTILES]).map(|word| word.usage);
    let grammar = TOPICS.iter().find(|topic| topic.name == "amounts").map_or("", |topic| topic.grammar);
    format!("{grammar} Words: {}.", words.collect::<Vec<_>>().join("; "))
}

fn entry(topic: &'static str, usage: &str, kind: &str, meaning: &str) -> Entry {
    Entry { topic, usage: usage.to_owned(), kind: kind.to_owned(), meaning: meaning.to_owned() }
}

fn quantities() -> Vec<Entry> {
    fn one<Q: Quantity>(meaning: &str) -> Entry {
        let units: Vec<&str> = Q::UNITS.iter().map(|(unit, _)| *unit).collect();
        entry("quantities", &format!("\"{}\"", Q::EXAMPLE), &units.join(" "), meaning)
    }
    vec![
        one::<Span>("A time."),
        one::<Rate>("A rate: so many in a second, minute, hour or day."),
        one::<Bytes>("Bytes; KiB are 1024, kB 1000."),
        one::<Bandwidth>("Bits or bytes per second."),
        one::<Percent>("A share."),
        one::<Price>("What a machine costs an hour."),
    ]
}

/// The variants of a choice, with what their fields mean.
fn variants(topic: &'static str, shape: Shape) -> Vec<Entry> {
    let Shape::Choice(choice) = shape else { return Vec::new() };
    let variant = |variant: &super::described::Variant| {
        let fields = variant.fields.iter().filter(|field| !field.doc.is_empty());
        let fields = fields.map(|field| format!("{}:{}", field.name, field.doc.trim_end_matches('.')));
        entry(topic, &variant.usage(), &fields.collect::<Vec<_>>().join("; "), variant.doc.trim())
    };
    choice.variants.iter().map(variant).collect()
}

fn metrics(topic: &'static str, of: impl Iterator<Item = Metric>) -> Vec<Entry> {
    let one = |metric: Metric| {
        let row = metric.row();
        let asked = match (row.of, row.usable) {
            (Of::Service(_), _) => "service",
            (Of::Traffic, Use::Both) if topic == "conditions" => "source",
            (Of::Traffic, _) => "source, operation",
            (Of::Sessions, _) => "source with sessions",
            (Of::Messages, _) if topic == "conditions" => "queue",
            (Of::Messages, _) => "operation of a queue",
            (Of::Cost, _) => "cost",
            (Of::Resource, _) => "resource",
        };
        let unit = match row.unit {
            Unit::Share => ", bound as 5%",
            Unit::Seconds => ", bound as 2s",
            Unit::PerSecond => ", bound as 100/s",
            Unit::Count | Unit::OfResource | Unit::Money => ", a bare bound",
        };
        entry(topic, row.name, &format!("{asked}{unit}"), row.meaning)
    };
    of.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Amount;

    #[test]
    fn every_topic_has_words_and_every_example_is_an_amount() {
        let all = reference();
        for topic in TOPICS {
            assert!(all.iter().any(|entry| entry.topic == topic.name), "{}", topic.name);
        }
        for word in words::KNOWN.iter().chain([&words::PERCENTILES]) {
            Amount::parse(word.example).unwrap_or_else(|error| panic!("{}: {error:?}", word.example));
        }
    }
}
