//! Exact stationary distributions of finite Markov chains, for models without a formula.

use std::collections::BTreeMap;

/// The stationary distribution of the chain reached from `start`, by elimination without subtraction (Grassmann, Taksar
/// and Heyman 1985: no cancellation, so every figure is exact to rounding). Breadth-first numbering keeps it banded.
pub fn stationary<S: Ord + Clone>(start: S, moves: impl Fn(&S) -> Vec<(S, f64)>) -> Vec<(S, f64)> {
    let mut index = BTreeMap::from([(start.clone(), 0usize)]);
    let mut states = vec![start];
    let mut edges: Vec<(usize, usize, f64)> = Vec::new();
    let mut next = 0;
    while next < states.len() {
        for (to, rate) in moves(&states[next].clone()) {
            let fresh = states.len();
            let position = *index.entry(to.clone()).or_insert(fresh);
            if position == fresh {
                states.push(to);
            }
            if position != next && rate > 0.0 {
                edges.push((next, position, rate));
            }
        }
        next += 1;
    }
    let n = states.len();
    let band = edges.iter().map(|&(i, j, _)| i.abs_diff(j)).max().unwrap_or(0);
    let width = 2 * band + 1;
    let mut rate = vec![0.0f64; n * width];
    let at = |i: usize, j: usize| i * width + j + band - i;
    for (i, j, r) in edges {
        rate[at(i, j)] += r;
    }
    for k in (1..n).rev() {
        let low = k.saturating_sub(band);
        let out: f64 = (low..k).map(|j| rate[at(k, j)]).sum();
        for i in low..k {
            let share = rate[at(i, k)] / out;
            rate[at(i, k)] = share;
            if share > 0.0 {
                for j in low..k {
                    rate[at(i, j)] += share * rate[at(k, j)];
                }
            }
        }
    }
    let mut p = vec![0.0f64; n];
    p[0] = 1.0;
    for k in 1..n {
        p[k] = (k.saturating_sub(band)..k).map(|i| p[i] * rate[at(i, k)]).sum();
    }
    let total: f64 = p.iter().sum();
    states.into_iter().zip(p.into_iter().map(|x| x / total)).collect()
}

/// Σ p(s) f(s).
pub fn expect<S>(distribution: &[(S, f64)], f: impl Fn(&S) -> f64) -> f64 {
    distribution.iter().map(|(state, p)| p * f(state)).sum()
}
