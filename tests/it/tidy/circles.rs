//! Rooms do not import each other in a circle: within a layer, no files of two folders each need the other.
//!
//! An import is a `use` or a path from `crate`, `super`, `self` or a module of the file's own; it leads to the file
//! that defines what is named, also where another passes it on (`pub use`). Methods in other files are none.

use super::{Source, complain, program};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use syn::visit::{self, Visit};
use syn::{ItemMod, ItemUse, UseTree, VisRestricted, Visibility};

type Path = Vec<String>;

/// A file as a module.
struct Module {
    /// Its file, within `src`.
    file: PathBuf,
    /// Modules that stand in it or in files of their own.
    children: BTreeSet<String>,
    /// What it needs, as it is written.
    needs: Vec<Path>,
    /// What it imports and passes on, by the name it has here.
    imports: Vec<(String, Path)>,
    passes_on: Vec<(String, Path)>,
}

impl Visit<'_> for Module {
    fn visit_item_mod(&mut self, item: &ItemMod) {
        let is_test = item.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute.meta.require_list().is_ok_and(|m| m.tokens.to_string() == "test")
        });
        if !is_test {
            self.children.insert(item.ident.to_string());
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &ItemUse) {
        let mut flat = Vec::new();
        flatten(&item.tree, &mut Vec::new(), &mut flat);
        match item.vis {
            Visibility::Inherited => {
                self.needs.extend(flat.iter().map(|(_, path)| path.clone()));
                self.imports.extend(flat);
            }
            Visibility::Public(_) | Visibility::Restricted(_) => self.passes_on.extend(flat),
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        self.needs.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// `pub(in path)` needs nothing.
    fn visit_vis_restricted(&mut self, _: &VisRestricted) {}

    fn visit_macro(&mut self, called: &syn::Macro) {
        paths(called.tokens.clone(), &mut self.needs);
    }
}

/// The paths of a `use`, with the names they get here.
fn flatten(tree: &UseTree, before: &mut Path, flat: &mut Vec<(String, Path)>) {
    let full = |last: &syn::Ident| before.iter().cloned().chain([last.to_string()]).collect::<Path>();
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, flat);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => flat.push((before[before.len() - 1].clone(), before.clone())),
        UseTree::Name(name) => flat.push((name.ident.to_string(), full(&name.ident))),
        UseTree::Rename(name) => flat.push((name.rename.to_string(), full(&name.ident))),
        UseTree::Glob(_) => flat.push(("*".to_owned(), before.clone())),
        UseTree::Group(group) => group.items.iter().for_each(|item| flatten(item, before, flat)),
    }
}

/// What looks like a path in a macro's tokens.
fn paths(tokens: TokenStream, found: &mut Vec<Path>) {
    let (mut path, mut colons) = (Path::new(), 0);
    for token in tokens {
        match token {
            TokenTree::Ident(name) if colons == 2 || path.is_empty() => path.push(name.to_string()),
            TokenTree::Ident(name) => found.push(std::mem::replace(&mut path, vec![name.to_string()])),
            TokenTree::Punct(mark) if mark.as_char() == ':' => {
                colons += 1;
                continue;
            }
            TokenTree::Group(group) => {
                found.push(std::mem::take(&mut path));
                paths(group.stream(), found);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => found.push(std::mem::take(&mut path)),
        }
        colons = 0;
    }
    found.push(path);
}

fn module_of(source: &Source) -> Path {
    let mut path: Path = source.path.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    path
}

struct House(BTreeMap<Path, Module>);

impl House {
    fn read(sources: &[Source]) -> Self {
        let read = |source: &Source| {
            let mut module = Module {
                file: source.path.clone(),
                children: BTreeSet::new(),
                needs: Vec::new(),
                imports: Vec::new(),
                passes_on: Vec::new(),
            };
            module.visit_file(&syn::parse_file(&source.text).unwrap());
            (module_of(source), module)
        };
        Self(sources.iter().filter(|source| source.layer != "lib" && source.layer != "main").map(read).collect())
    }

    /// A path written in a module, from the crate's root; none for what is not of the crate.
    fn absolute(&self, from: &Path, written: &Path) -> Option<Path> {
        let (first, rest) = written.split_first()?;
        let imported = self.0[from].imports.iter().find(|(name, path)| name == first && path.len() > 1);
        let mut path = match first.as_str() {
            "crate" => Path::new(),
            "self" => from.clone(),
            "super" => from[..from.len() - 1].to_vec(),
            child if self.0[from].children.contains(child) => from.iter().cloned().chain([child.to_owned()]).collect(),
            _ => self.absolute(from, &imported?.1)?,
        };
        for part in rest {
            if part == "super" { drop(path.pop()) } else { path.push(part.clone()) }
        }
        Some(path)
    }

    /// The module that defines what a path from the root names.
    fn defines(&self, path: &Path, depth: usize) -> Option<Path> {
        let known =
            (1..=path.len()).rev().map(|long| path[..long].to_vec()).find(|prefix| self.0.contains_key(prefix))?;
        let Some(name) = path.get(known.len()) else { return Some(known) };
        let passed = self.0[&known].passes_on.iter().find(|(as_name, _)| as_name == name);
        match passed.filter(|_| depth > 0) {
            Some((_, written)) => self.defines(&self.absolute(&known, written)?, depth - 1),
            None => Some(known),
        }
    }

    /// By module, the modules of the same layer that it needs.
    fn edges(&self) -> BTreeMap<&Path, BTreeSet<Path>> {
        let needed = |from: &Path, module: &Module| {
            let there = module.needs.iter().filter_map(|written| self.defines(&self.absolute(from, written)?, 8));
            there.filter(|there| there != from && there[0] == from[0]).collect()
        };
        self.0.iter().map(|(path, module)| (path, needed(path, module))).collect()
    }
}

/// What can be reached from a module.
fn reached<'a>(from: &'a Path, edges: &'a BTreeMap<&Path, BTreeSet<Path>>) -> BTreeSet<&'a Path> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(path) = open.pop() {
        open.extend(edges[path].iter().filter(|there| seen.insert(*there)));
    }
    seen
}

#[test]
fn rooms_import_each_other_in_no_circle() {
    let sources = program();
    let house = House::read(&sources);
    let edges = house.edges();
    let reach: BTreeMap<&Path, BTreeSet<&Path>> = edges.keys().map(|from| (*from, reached(from, &edges))).collect();
    let mut problems = Vec::new();
    for (from, needed) in &edges {
        let folder = |path: &Path| house.0[path].file.parent().map(PathBuf::from);
        for there in needed.iter().filter(|there| folder(there) != folder(from) && reach[there].contains(from)) {
            let (here, there) = (&house.0[*from].file, &house.0[there].file);
            problems.push(format!("{} needs {}, which leads back to it", here.display(), there.display()));
        }
    }
    complain(problems);
}
