//! An amount in a few lines: its mean, its percentiles and how its values are spread.

use super::render::{Look, spark, wrap};
use crate::number::{figure, percent, seconds};
use crate::scenario::Amount;
use crate::scenario::amount::Dimension;
use crate::units::Bytes;

/// Columns of the plot.
const COLUMNS: u32 = 60;

/// For a terminal.
pub fn amount_text(amount: &Amount, look: Look) -> String {
    let drawn = amount.expr().drawn(COLUMNS);
    let value = |value: f64| match amount.dimension() {
        Dimension::Time => seconds(value),
        Dimension::Bytes => bytes(value),
        Dimension::Count => figure(value),
    };
    let cv = drawn.cv.map_or_else(|| "infinite".to_owned(), figure);
    let mut facts = vec![format!("mean {}", value(drawn.mean)), format!("cv {cv}")];
    facts.extend(drawn.percentiles.iter().map(|(share, at)| format!("p{} {}", share * 100.0, value(*at))));
    let pieces: Vec<Option<f64>> = drawn.pieces.iter().map(|share| Some(*share)).collect();
    let bars = spark::bars(&pieces, spark::top(&pieces));
    let mut text =
        format!("{amount}: {}\n  {}\n", amount.dimension().what(), wrap(&facts.join(" · "), look.width.max(40), 2));
    text.push_str(&format!("  0 {bars} {}\n", value(drawn.end)));
    let above = drawn.pieces.iter().sum::<f64>();
    if above < 1.0 - 1e-6 {
        text.push_str(&format!("  {} of the values are above that\n", percent(1.0 - above)));
    }
    if !drawn.exact {
        text.push_str("  percentiles of 20,000 draws: a sum or product of several has no closed form\n");
    }
    if drawn.reads {
        text.push_str("  of an idle instance; gauges grow with its load\n");
    }
    text
}

fn bytes(value: f64) -> String {
    Bytes(value.round().max(0.0) as u64).to_string()
}
