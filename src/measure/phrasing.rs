//! A metric's value in a sentence, and in a column.

use crate::number::{self, sentence};
use crate::scenario::metric::Unit;

/// In its unit.
pub fn quantity(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Seconds => sentence::seconds(value),
        Unit::Share => sentence::percent(value),
        Unit::PerSecond => format!("{}/s", sentence::figure(value)),
        Unit::Money => format!("{value:.4}"),
        Unit::Count | Unit::OfResource => sentence::figure(value),
    }
}

/// In its unit as columns say it: the same figure reads the same in every table.
pub fn in_column(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Seconds => number::seconds(value),
        Unit::Share => number::percent(value),
        Unit::PerSecond => format!("{}/s", number::figure(value)),
        Unit::Money => quantity(unit, value),
        Unit::Count | Unit::OfResource => number::figure(value),
    }
}

/// In its unit in a column, beside a bound that it is compared with: another value never reads as the bound.
pub fn beside(unit: Unit, value: f64, bound: f64) -> String {
    let text = in_column(unit, value);
    if value == bound || text != in_column(unit, bound) {
        return text;
    }
    let (factor, name) = match unit {
        Unit::Seconds => (1.0, " s"),
        Unit::Share => (100.0, " %"),
        Unit::PerSecond => (1.0, "/s"),
        Unit::Money | Unit::Count | Unit::OfResource => (1.0, ""),
    };
    format!("{}{name}", sentence::apart(value * factor, bound * factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_reads_as_the_tables_beside_it() {
        assert_eq!(beside(Unit::Share, 0.003_98, 0.01), number::percent(0.003_98));
        assert_eq!(in_column(Unit::Share, 0.003_98), "0.398 %");
        assert_eq!(in_column(Unit::Seconds, 2.413), number::seconds(2.413));
    }

    #[test]
    fn what_misses_a_bound_does_not_read_as_the_bound() {
        let said = |unit, value, bound| beside(unit, value, bound);
        assert_eq!(said(Unit::Seconds, 2.0004, 2.0), "2.0004 s");
        assert_eq!(said(Unit::Seconds, 2.0, 2.0), "2.00 s");
        assert_eq!(said(Unit::Seconds, 2.4, 2.0), "2.40 s");
        assert_eq!(said(Unit::Seconds, 120.2, 120.0), "120.2 s");
        assert_eq!(said(Unit::Share, 0.010004, 0.01), "1.0004 %");
        assert_eq!(said(Unit::PerSecond, 99.996, 100.0), "99.996/s");
        assert_eq!(said(Unit::Money, 0.00001, 0.0), "0.00001");
    }
}
