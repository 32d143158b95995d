//! Lists, maps, pairs and things that may be absent.
use super::{Described, Doc, Reader, Shape};
use crate::scenario::{
    named::Named,
    problem::Problem,
    syntax::{Node, Value},
};

impl<T: Described> Described for Vec<T> {
    fn shape() -> Shape {
        Shape::List(T::shape)
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::List(items) = &node.unwrapped().value else {
            return reader.mismatch(node.unwrapped(), &Self::shape().what(), "[..]");
        };
        // Every item is read, for its problems, before the list is given up.
        let read: Vec<Option<T>> = items.iter().map(|item| T::read(item, reader).or_else(T::stand_in)).collect();
        read.into_iter().collect()
    }
    fn write(&self) -> Doc {
        let mut doc = Doc::group("[", "]");
        self.iter().for_each(|item| doc.push(None, item.write()));
        doc
    }
}

impl<T: Described> Described for Named<T> {
    fn shape() -> Shape {
        Shape::Map(T::shape)
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let node = node.unwrapped();
        let Value::Map(entries) = &node.value else {
            return reader.mismatch(node, &Self::shape().what(), "{\"name\": ..}");
        };
        let mut named = Self::default();
        let mut whole = true;
        let mut keys: Vec<&Node> = Vec::new();
        for (key, value) in entries {
            let value = T::read(value, reader).or_else(T::stand_in);
            let Value::Text { text, .. } = &key.value else {
                reader.mismatch::<()>(key, "a name", "\"web\"");
                whole = false;
                continue;
            };
            if text.trim().is_empty() {
                reader.report::<()>(Problem::error(
                    key.span.clone(),
                    "an empty name",
                    "expected a name such as `\"web\"`",
                ));
            }
            if let Some(first) = named.index_of(text).and_then(|index| keys.get(index)) {
                let problem =
                    Problem::error(key.span.clone(), format!("`{text}` is there twice"), "expected another name");
                reader.report::<()>(problem.also(first.span.clone(), "first here"));
                continue;
            }
            match value {
                Some(value) => {
                    keys.push(key);
                    named.insert(text.clone(), value);
                }
                None => whole = false,
            }
        }
        whole.then_some(named)
    }
    fn write(&self) -> Doc {
        let mut doc = Doc::group("{", "}");
        for (name, value) in self {
            let mut key = String::new();
            if let Doc::Text(text) = Doc::quoted(name) {
                key = text;
            }
            doc.push(Some(&key), value.write());
        }
        doc
    }
}

impl<T: Described> Described for Option<T> {
    fn shape() -> Shape {
        Shape::Optional(T::shape)
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Name(name) if name == "None" => Some(None),
            _ => T::read(node, reader).map(Some),
        }
    }
    fn write(&self) -> Doc {
        self.as_ref().map_or_else(|| Doc::Text("None".to_owned()), T::write)
    }
    fn stand_in() -> Option<Self> {
        T::stand_in().map(|_| None)
    }
}

impl<T: Described> Described for Box<T> {
    fn shape() -> Shape {
        T::shape()
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, reader).map(Self::new)
    }
    fn write(&self) -> Doc {
        T::write(self)
    }
    fn stand_in() -> Option<Self> {
        T::stand_in().map(Self::new)
    }
}

impl<A: Described, B: Described> Described for (A, B) {
    fn shape() -> Shape {
        Shape::Tuple(const { &[A::shape, B::shape] })
    }
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let node = node.unwrapped();
        match &node.value {
            Value::Tuple { name: None, items } if items.len() == 2 => {
                let first = A::read(&items[0], reader).or_else(A::stand_in);
                let second = B::read(&items[1], reader).or_else(B::stand_in);
                Some((first?, second?))
            }
            _ => {
                let what = Self::shape().what();
                reader.report(Problem::error(
                    node.span.clone(),
                    format!("{} where two values belong", node.what()),
                    format!("expected {what}"),
                ))
            }
        }
    }
    fn write(&self) -> Doc {
        let mut doc = Doc::group("(", ")");
        doc.push(None, self.0.write());
        doc.push(None, self.1.write());
        doc
    }
}
