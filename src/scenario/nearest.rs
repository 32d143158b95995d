//! The nearest valid name to one that is not.

/// Longer names, in bytes, are not compared: it takes time with the square of their length.
const LONGEST: usize = 256;

/// The candidate nearest to `name`, if one is near enough to be a slip of the hand.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = match name.chars().count() {
        0 => 0,
        1..=2 => 1,
        3..=7 => 2,
        _ => 3,
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count().max(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edit distance with swaps of neighbours (optimal string alignment), blind to case. Long names count as far apart.
fn distance(left: &str, right: &str) -> usize {
    if left.len().max(right.len()) > LONGEST {
        return usize::MAX;
    }
    strsim::osa_distance(&left.to_lowercase(), &right.to_lowercase())
}

/// "`a`, `b` or `c`"; long lists are cut short.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 14;
    let mut rest = names.into_iter();
    let names: Vec<String> = rest.by_ref().take(MOST).map(|name| format!("`{name}`")).collect();
    match (names.as_slice(), rest.count()) {
        (many, more @ 1..) => format!("{} and {more} more", many.join(", ")),
        ([], 0) => "nothing".to_owned(),
        ([one], 0) => one.clone(),
        ([first @ .., last], 0) => format!("{} or {last}", first.join(", ")),
    }
}
