//! A text with the tree that follows it: edits are applied to what is at hand, and the text is parsed once.

use super::{Dependent, Edit, EditError, Splice, change, remove, rename, set};
use crate::scenario::problem::Problem;
use crate::scenario::syntax::{self, Change, LENGTH, Node};

/// The text of a scenario, to be edited. It need not be right: what is wrong is told by who reads it.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    /// Its tree, once somebody needs it and as long as it can follow.
    tree: Option<Node>,
}

impl Document {
    /// A text as it stands.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), tree: None }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its tree.
    pub(in crate::scenario) fn tree(&mut self) -> Result<&Node, Box<Problem>> {
        match &mut self.tree {
            Some(tree) => Ok(tree),
            tree @ None => Ok(tree.insert(syntax::parse(&self.text)?)),
        }
    }

    /// Does an edit; all it does not touch stays byte for byte. Says what it did to the text: the inverse undoes it.
    ///
    /// # Errors
    /// What is wrong with it; the text is as it was.
    pub fn edit(&mut self, edit: &Edit) -> Result<Splice, EditError> {
        self.tree()?;
        let Some(tree) = &self.tree else { return Err(EditError::default()) };
        let text = self.text.as_str();
        let replacements = match edit {
            Edit::Set { path, value } => vec![set::replacement(tree, path, value)?],
            Edit::Insert { path, value, at } => change::insert(text, tree, path, value, *at)?,
            Edit::Remove { path, dependents: false } => remove::alone(text, tree, path)?,
            Edit::Remove { path, dependents: true } => remove::removal(tree, path)?.replacements(text),
            Edit::Rename { path, name } => rename::replacements(tree, path, name)?,
            Edit::Move { path, to, at } => change::moved(text, tree, path, to, *at)?,
            Edit::Duplicate { path, name } => change::duplicate(text, tree, path, name.as_deref())?,
        };
        let splice = set::Replacement::together(replacements, text);
        self.splice(&splice)?;
        Ok(splice)
    }

    /// Does edits one after another, all or none. Says what they did together.
    ///
    /// # Errors
    /// What is wrong with the first that cannot be done; the text is as it was.
    pub fn edit_all(&mut self, edits: &[Edit]) -> Result<Splice, EditError> {
        if let [edit] = edits {
            return self.edit(edit);
        }
        let mut after = self.clone();
        for edit in edits {
            after.edit(edit)?;
        }
        let splice = Splice::between(&self.text, &after.text);
        *self = after;
        Ok(splice)
    }

    /// Who names what stands at a path, or what is in it, and what would go with it: in the order of the file.
    ///
    /// # Errors
    /// The path leads nowhere, or what stands there cannot go.
    pub fn dependents(&mut self, path: &str) -> Result<Vec<Dependent>, EditError> {
        Ok(remove::removal(self.tree()?, path)?.dependents())
    }

    /// Whether an edit can be done. The text has been read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(in crate::scenario) fn can(&self, edit: &Edit) -> Result<(), EditError> {
        let (Some(tree), Edit::Set { path, value }) = (&self.tree, edit) else { return Ok(()) };
        set::replacement(tree, path, value).map(|_| ())
    }

    /// Does, or undoes, what an edit did.
    ///
    /// # Errors
    /// The text is not the one it was made for; it stays as it was.
    pub fn splice(&mut self, splice: &Splice) -> Result<(), EditError> {
        let Some(text) = splice.apply(&self.text) else {
            return Err(EditError {
                message: format!("`{}` does not stand at byte {}", splice.old, splice.at),
                advice: "the text was edited meanwhile".to_owned(),
            });
        };
        self.text = text;
        let change = Change { old: splice.at..splice.at + splice.old.len(), new: splice.new.len() };
        let short = self.text.len() <= LENGTH;
        self.tree = self.tree.take().filter(|_| short).and_then(|mut tree| {
            let follows = syntax::follow(&mut tree, &self.text, &change);
            follows.then_some(tree)
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SCENARIOS;
    use crate::scenario::syntax::parse;

    fn spans(node: &Node, found: &mut Vec<std::ops::Range<usize>>) {
        found.push(node.span.clone());
        let mut node = node.clone();
        node.children_mut().for_each(|child| spans(child, found));
    }

    /// The tree that followed and the one of the text read anew are one, whatever takes the place of whatever.
    #[test]
    fn the_tree_follows_the_text() {
        let text = SCENARIOS[0].text;
        let mut whole = Document::new(text);
        let mut places = Vec::new();
        spans(whole.tree().expect("it is sound"), &mut places);
        let texts = ["7", "(a: 1, b: [2])", "\"é\"", "3 // ends here", "/* c */ 4", "4, 5", "x: 1", "(", "[1, /* ", ""];
        for (turn, place) in places.iter().enumerate() {
            for new in [texts[turn % texts.len()], texts[(turn / 7) % texts.len()], "\"1s\""] {
                let mut document = whole.clone();
                let splice = Splice { at: place.start, old: text[place.clone()].to_owned(), new: new.to_owned() };
                document.splice(&splice).expect("it stands there");
                assert_eq!(document.tree().ok().cloned(), parse(document.text()).ok(), "{new} at {place:?}");
                document.splice(&splice.inverse()).expect("it was put there");
                assert_eq!(document.text(), text);
                assert_eq!(document.tree().ok().cloned(), whole.tree().ok().cloned());
            }
        }
    }

    #[test]
    fn a_splice_fits_its_own_text_only() {
        let mut document = Document::new("(version: 1)");
        let splice = document.edit(&Edit::set("version", "2")).expect("it is a field");
        assert_eq!(splice, Splice { at: 10, old: "1".into(), new: "2".into() });
        assert!(document.splice(&splice).is_err(), "it is done already");
        assert_eq!(document.text(), "(version: 2)");
        assert!(document.splice(&Splice { at: 99, ..splice.clone() }).is_err());
        document.splice(&splice.inverse()).expect("it stands there");
        assert_eq!(document.text(), "(version: 1)");
    }
}
