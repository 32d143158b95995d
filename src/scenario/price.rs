//! What a machine costs once a variant or an edit has changed how large it is: the one place that says so, for every
//! run and study.
//!
//! A price is of the machine as it stands there. Who changes its cores, memory, network or disk operations and not its
//! price pays for what it is then: of twice the cores twice as much. Where several of them change, what grew most
//! counts. A price that is given with the size, or after it, is what it is; one that was given before goes along.

use super::{
    described::{Described, Reader},
    edit::{Document, Edit, EditError},
    machine::Machine,
    named::Named,
    root::Scenario,
    syntax,
};
use crate::units::Price;

/// Fields that a price goes with.
const SIZES: [&str; 4] = ["cores", "memory", "network", "iops"];
/// Digits of a price that multiplying leaves.
const DIGITS: f64 = 1e9;

/// Puts in edits that belong together, and the prices that follow from them.
pub(super) fn put_in(document: &mut Document, edits: &[Edit]) -> Result<(), EditError> {
    let field = |edit: &Edit| {
        let (machine, field) = edit.path().strip_prefix("machines.")?.rsplit_once('.')?;
        Some((machine.to_owned(), field.to_owned()))
    };
    let fields: Vec<(String, String)> = edits.iter().filter_map(field).collect();
    let is_priced = |machine: &String| fields.iter().any(|(name, field)| name == machine && field == "price");
    let sized = fields.iter().filter(|(_, field)| SIZES.contains(&field.as_str())).map(|(name, _)| name);
    let mut sized: Vec<&String> = sized.filter(|name| !is_priced(name)).collect();
    sized.dedup();
    let before = if sized.is_empty() { None } else { machines(document) };
    for edit in edits {
        document.edit(edit)?;
    }
    let Some((before, after)) = before.and_then(|before| Some((before, machines(document)?))) else { return Ok(()) };
    for name in sized {
        let (Some(was), Some(is)) = (before.get(name), after.get(name)) else { continue };
        let price = Price((is.price.0 * factor(was, is) * DIGITS).round() / DIGITS);
        if price != is.price {
            document.edit(&Edit::set(format!("machines.{name}.price"), price.to_string()))?;
        }
    }
    Ok(())
}

/// The machines that a text has, be the rest right or wrong.
fn machines(document: &Document) -> Option<Named<Machine>> {
    let tree = syntax::parse(document.text()).ok()?;
    Some(Scenario::read(&tree, &mut Reader::new(document.text()))?.machines)
}

/// How many times as much it costs: what grew most, or shrank least.
fn factor(was: &Machine, is: &Machine) -> f64 {
    let both = |was: Option<f64>, is: Option<f64>| was.zip(is).filter(|(was, is)| *was > 0.0 && was != is);
    let pairs = [
        both(Some(f64::from(was.cores)), Some(f64::from(is.cores))),
        both(Some(was.memory.0 as f64), Some(is.memory.0 as f64)),
        both(was.network.map(|network| network.0), is.network.map(|network| network.0)),
        both(was.iops.map(|iops| iops.0), is.iops.map(|iops| iops.0)),
    ];
    pairs.into_iter().flatten().map(|(was, is)| is / was).reduce(f64::max).unwrap_or(1.0)
}
