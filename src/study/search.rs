//! The search of one seed: the load is doubled or halved until one holds and one does not, and then bisected.
//!
//! Loads are multiples of the file's, and distances are ratios: a bracket is halved at its geometric mean.

/// Multiples beyond which nobody searches: nothing there binds, or nothing holds.
pub const MOST: f64 = 1_024.0;
/// The same downwards.
pub const LEAST: f64 = 1.0 / 1_024.0;

/// A load at which it holds, and one at which it does not, where they are known.
pub type Bounds = (Option<f64>, Option<f64>);

/// One seed's search.
#[derive(Clone, Debug)]
pub struct Search {
    guess: f64,
    /// Ratio of the next two loads that are tried outwards.
    stride: f64,
    /// Ratio of the bracket's ends at which it is narrow enough.
    tolerance: f64,
    low: Option<f64>,
    high: Option<f64>,
    /// A load held above one that did not.
    uneven: bool,
}

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// It holds at the first and not at the second.
    Between(f64, f64),
    /// It holds as far as was searched.
    Above(f64),
    /// It does not hold as far down as was searched.
    Below(f64),
}

impl Search {
    /// From a guess, outwards by `stride` > 1, to within the ratio `tolerance` > 1.
    pub fn new(guess: f64, stride: f64, tolerance: f64) -> Self {
        Self { guess: guess.clamp(LEAST, MOST), stride, tolerance, low: None, high: None, uneven: false }
    }

    /// The next load to try; none when it is done.
    pub fn next(&self) -> Option<f64> {
        match (self.low, self.high) {
            (None, None) => Some(self.guess),
            (Some(low), None) => (low < MOST).then(|| (low * self.stride).min(MOST)),
            (None, Some(high)) => (high > LEAST).then(|| (high / self.stride).max(LEAST)),
            (Some(low), Some(high)) => (high / low > self.tolerance).then(|| (low * high).sqrt()),
        }
    }

    /// Whether it held at a load.
    pub fn learn(&mut self, load: f64, holds: bool) {
        let outwards = self.low.is_none() || self.high.is_none();
        if outwards && (self.low.is_some() || self.high.is_some()) {
            self.stride = (self.stride * self.stride).min(2.0);
        }
        let (below, above) = (self.low.unwrap_or(0.0), self.high.unwrap_or(f64::INFINITY));
        self.uneven |= if holds { load > above } else { load < below };
        if holds {
            self.low = Some(load.max(below));
        } else {
            self.high = Some(load.min(above));
        }
    }

    /// A load held above one that did not.
    pub fn is_uneven(&self) -> bool {
        self.uneven
    }

    /// The largest load at which it is known to hold, and the smallest at which not, be it done or not.
    pub fn bounds(&self) -> Bounds {
        (self.low, self.high)
    }

    /// Between which loads the limits of searches lie, as far as each was searched; those that ran nothing say nothing.
    pub fn envelope(searches: impl Iterator<Item = Bounds>) -> Bounds {
        let begun = |(low, high): &Bounds| low.is_some() || high.is_some();
        let (lows, highs): (Vec<Option<f64>>, Vec<Option<f64>>) = searches.filter(begun).unzip();
        let edge = |bounds: Vec<Option<f64>>, best: fn(f64, f64) -> f64| {
            // One that has none on this side may lie beyond all of the others.
            bounds.into_iter().collect::<Option<Vec<f64>>>()?.into_iter().reduce(best)
        };
        (edge(lows, f64::min), edge(highs, f64::max))
    }

    /// What it found; none before it is done.
    pub fn found(&self) -> Option<Found> {
        if self.next().is_some() {
            return None;
        }
        match (self.low, self.high) {
            (Some(low), Some(high)) => Some(Found::Between(low, high)),
            (Some(low), None) => Some(Found::Above(low)),
            (None, high) => Some(Found::Below(high.unwrap_or(self.guess))),
        }
    }

    /// The load in the middle of what it found, if it found both sides.
    pub fn limit(&self) -> Option<f64> {
        match self.found()? {
            Found::Between(low, high) => Some((low * high).sqrt()),
            Found::Above(_) | Found::Below(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn search(guess: f64, stride: f64, limit: f64) -> (Search, u32) {
        let mut search = Search::new(guess, stride, 1.01);
        let mut runs = 0;
        while let Some(load) = search.next() {
            search.learn(load, load <= limit);
            runs += 1;
        }
        (search, runs)
    }

    proptest! {
        #[test]
        fn it_finds_a_limit_from_any_guess(guess in 0.001..1_000.0, limit in 0.002..500.0, stride in 1.02..2.0) {
            let (search, runs) = search(guess, stride, limit);
            let found = search.limit().expect("there is a limit");
            prop_assert!((found / limit - 1.0).abs() < 0.011, "{found} for {limit}");
            prop_assert!(runs < 40, "{runs}");
        }
    }

    #[test]
    fn what_is_known_of_several_is_between_the_outermost_of_what_they_know() {
        let told = |heard: &[(f64, bool)]| {
            let mut search = Search::new(1.0, 2.0, 1.01);
            heard.iter().for_each(|(load, holds)| search.learn(*load, *holds));
            search
        };
        let both = [told(&[(1.0, true), (2.0, false)]), told(&[(1.5, true), (3.0, false)]), told(&[])];
        assert_eq!(Search::envelope(both.iter().map(Search::bounds)), (Some(1.0), Some(3.0)));
        let open = [told(&[(1.0, true), (2.0, false)]), told(&[(1.5, true)])];
        assert_eq!(Search::envelope(open.iter().map(Search::bounds)), (Some(1.0), None));
        assert_eq!(Search::envelope(both[2..].iter().map(Search::bounds)), (None, None));
    }

    #[test]
    fn a_good_guess_takes_few_runs() {
        let (found, runs) = search(100.0, 1.03, 101.5);
        assert!(found.limit().is_some() && runs <= 4, "{runs}");
    }

    #[test]
    fn without_a_limit_it_says_how_far_it_looked() {
        assert_eq!(search(1.0, 2.0, f64::INFINITY).0.found(), Some(Found::Above(MOST)));
        assert_eq!(search(1.0, 2.0, 0.0).0.found(), Some(Found::Below(LEAST)));
    }
}
