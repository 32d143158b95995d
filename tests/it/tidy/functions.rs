//! Functions end at 70 lines; one that only tells cases apart may be longer.

use super::{complain, program};
use syn::visit::{self, Visit};
use syn::{Block, Expr, Ident, ImplItemFn, ItemFn, Stmt, TraitItemFn, spanned::Spanned};

/// Lines of a function at most, from `fn` to its last brace.
const LONGEST: usize = 70;
/// A longer one tells cases apart: so many lines of it at most stand outside one `match` of its own, ...
const AROUND: usize = 20;
/// ... and none of that match's arms has more lines than this.
const ARM: usize = 25;

/// The functions of a file that are too long: name and lines.
#[derive(Default)]
struct Long(Vec<(String, usize)>);

fn lines(of: &impl Spanned) -> usize {
    of.span().end().line - of.span().start().line + 1
}

/// Lines of the longest match among a block's own statements, or those of a loop among them, if its arms are short.
fn dispatching(block: &Block) -> usize {
    let matched = |statement: &Stmt| {
        let expr = match statement {
            Stmt::Expr(expr, _) => expr,
            Stmt::Local(local) => &local.init.as_ref()?.expr,
            Stmt::Item(_) | Stmt::Macro(_) => return None,
        };
        match expr {
            Expr::Match(found) => found.arms.iter().all(|arm| lines(arm) <= ARM).then(|| lines(expr)),
            // An interpreter's loop.
            Expr::Loop(found) => Some(dispatching(&found.body)),
            _ => None,
        }
    };
    block.stmts.iter().filter_map(matched).max().unwrap_or(0)
}

impl Long {
    fn measure(&mut self, name: &Ident, from: usize, block: &Block) {
        let lines = block.span().end().line - from + 1;
        if lines > LONGEST && lines - dispatching(block) > AROUND {
            self.0.push((name.to_string(), lines));
        }
    }
}

impl Visit<'_> for Long {
    fn visit_item_fn(&mut self, item: &ItemFn) {
        self.measure(&item.sig.ident, item.sig.fn_token.span.start().line, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &ImplItemFn) {
        self.measure(&item.sig.ident, item.sig.fn_token.span.start().line, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &TraitItemFn) {
        if let Some(block) = &item.default {
            self.measure(&item.sig.ident, item.sig.fn_token.span.start().line, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[test]
fn functions_are_short() {
    let mut problems = Vec::new();
    for source in program() {
        let mut long = Long::default();
        long.visit_file(&syn::parse_file(&source.text).unwrap());
        problems.extend(long.0.into_iter().map(|(name, lines)| {
            format!("{}: {name} has {lines} lines; what does it do second?", source.path.display())
        }));
    }
    complain(problems);
}
