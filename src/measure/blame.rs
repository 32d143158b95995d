//! Who is to blame: an absorbing Markov chain over "waits for".
//!
//! A state is a place where time is spent. A transient state passes its time on to the states it waits for, in
//! proportion; an absorbing state serves. The share of time that ends in each absorbing state is its share of the blame
//! (x = e_start (I - Q)^-1 R). A set of states that wait for one another and leak less than 5 % to the outside is a
//! circular wait: it is made one absorbing state, because nothing outside it can be blamed.

/// A component that passes on less than this share of its time is a circular wait.
const LEAK: f64 = 0.05;

/// States and the time each spends waiting for each other.
#[derive(Clone, Debug)]
pub struct Chain {
    /// `time[i][j]`: seconds that state i spent waiting for (or being served by) state j.
    time: Vec<Vec<f64>>,
    absorbing: Vec<bool>,
}

/// Where the time of one state ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// (state, share), greatest first, zero shares left out.
    pub shares: Vec<(usize, f64)>,
    /// States that wait for one another, if most of the time is caught among them.
    pub circle: Vec<usize>,
}

impl Chain {
    /// A chain of `n` states without transitions; `absorbing` are those that serve.
    pub fn new(absorbing: Vec<bool>) -> Chain {
        Chain { time: vec![vec![0.0; absorbing.len()]; absorbing.len()], absorbing }
    }

    /// Add seconds that `from` spent waiting for `to`. Waiting for oneself says nothing and is left out.
    pub fn spend(&mut self, from: usize, to: usize, seconds: f64) {
        if from != to && seconds > 0.0 && !self.absorbing[from] {
            self.time[from][to] += seconds;
        }
    }

    /// Follow the time of `start` to where it is served.
    pub fn follow(&self, start: usize) -> Verdict {
        let n = self.absorbing.len();
        let reach = self.reach();
        let circle_of = self.circles(&reach);
        // A transient state without a way on absorbs: its time ends there.
        let absorbs = |i: usize| self.absorbing[i] || circle_of[i].is_some() || self.total(i) <= 0.0;
        let transient: Vec<usize> = (0..n).filter(|&i| !absorbs(i)).collect();
        let mut share = vec![0.0; n];
        if absorbs(start) {
            share[start] = 1.0;
        } else {
            let visits = self.visits(start, &transient);
            for (k, &i) in transient.iter().enumerate() {
                for j in (0..n).filter(|&j| absorbs(j)) {
                    share[j] += visits[k] * self.time[i][j] / self.total(i);
                }
            }
        }
        // A circle is one state: fold its shares on its first member.
        let mut circle = Vec::new();
        for i in 0..n {
            if let Some(first) = circle_of[i]
                && first != i
            {
                share[first] += std::mem::take(&mut share[i]);
            }
        }
        for i in 0..n {
            if circle_of[i] == Some(i) && share[i] >= 0.5 {
                circle = (0..n).filter(|&j| circle_of[j] == Some(i)).collect();
            }
        }
        let mut shares: Vec<(usize, f64)> = share.into_iter().enumerate().filter(|s| s.1 > 0.0).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Verdict { shares, circle }
    }

    fn total(&self, i: usize) -> f64 {
        self.time[i].iter().sum()
    }

    /// Expected visits to each transient state from `start`: solves x (I - Q) = e_start by Gaussian elimination.
    fn visits(&self, start: usize, transient: &[usize]) -> Vec<f64> {
        let m = transient.len();
        let mut a = vec![vec![0.0; m + 1]; m];
        for (row, &j) in transient.iter().enumerate() {
            for (col, &i) in transient.iter().enumerate() {
                a[row][col] = f64::from(u8::from(row == col)) - self.time[i][j] / self.total(i);
            }
            a[row][m] = f64::from(u8::from(j == start));
        }
        for pivot in 0..m {
            let best =
                (pivot..m).fold(pivot, |best, r| if a[r][pivot].abs() > a[best][pivot].abs() { r } else { best });
            a.swap(pivot, best);
            let lead = a[pivot].clone();
            if lead[pivot].abs() < 1e-12 {
                continue;
            }
            for (r, row) in a.iter_mut().enumerate() {
                let factor = row[pivot] / lead[pivot];
                if r != pivot && factor != 0.0 {
                    row.iter_mut().zip(&lead).skip(pivot).for_each(|(x, l)| *x -= factor * l);
                }
            }
        }
        (0..m).map(|i| if a[i][i].abs() < 1e-12 { 0.0 } else { a[i][m] / a[i][i] }).collect()
    }

    /// `reach[i][j]`: j can be reached from i.
    fn reach(&self) -> Vec<Vec<bool>> {
        let n = self.absorbing.len();
        (0..n)
            .map(|start| {
                let (mut seen, mut todo) = (vec![false; n], vec![start]);
                while let Some(i) = todo.pop() {
                    for (j, &seconds) in self.time[i].iter().enumerate() {
                        if seconds > 0.0 && !seen[j] {
                            seen[j] = true;
                            todo.push(j);
                        }
                    }
                }
                seen
            })
            .collect()
    }

    /// For each state the first member of the circular wait it is part of.
    fn circles(&self, reach: &[Vec<bool>]) -> Vec<Option<usize>> {
        let n = self.absorbing.len();
        let mut circle_of = vec![None; n];
        let mut done = vec![false; n];
        for i in 0..n {
            if done[i] || !reach[i][i] {
                continue;
            }
            let members: Vec<usize> = (0..n).filter(|&j| j == i || (reach[i][j] && reach[j][i])).collect();
            let (mut all, mut out) = (0.0, 0.0);
            for &m in &members {
                done[m] = true;
                all += self.total(m);
                out += (0..n).filter(|j| !members.contains(j)).map(|j| self.time[m][j]).sum::<f64>();
            }
            if out < LEAK * all {
                members.iter().for_each(|&m| circle_of[m] = Some(i));
            }
        }
        circle_of
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(v: &Verdict, state: usize) -> f64 {
        v.shares.iter().find(|s| s.0 == state).map_or(0.0, |s| s.1)
    }

    #[test]
    fn blame_passes_through_a_tier_to_what_serves() {
        // 0 app.workers, 1 rds.workers, 2 app.cpu, 3 rds.cpu
        let mut c = Chain::new(vec![false, false, true, true]);
        c.spend(0, 2, 8.0);
        c.spend(0, 1, 192.0);
        c.spend(1, 3, 40.0);
        let v = c.follow(0);
        assert!((share(&v, 3) - 0.96).abs() < 1e-12 && (share(&v, 2) - 0.04).abs() < 1e-12);
        assert!(v.circle.is_empty());
        assert_eq!(v.shares[0].0, 3);
    }

    #[test]
    fn a_leaking_loop_is_followed_to_its_exits() {
        // 0 <-> 1 with exits 0 -> 2 (half) and 1 -> 3 (half): from 0: 2 gets 2/3.
        let mut c = Chain::new(vec![false, false, true, true]);
        c.spend(0, 1, 1.0);
        c.spend(0, 2, 1.0);
        c.spend(1, 0, 1.0);
        c.spend(1, 3, 1.0);
        let v = c.follow(0);
        assert!((share(&v, 2) - 2.0 / 3.0).abs() < 1e-12 && (share(&v, 3) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_component_that_hardly_leaks_is_a_circular_wait() {
        let mut c = Chain::new(vec![false, false, false, true]);
        c.spend(0, 1, 10.0);
        c.spend(1, 2, 100.0);
        c.spend(2, 1, 100.0);
        c.spend(2, 3, 1.0);
        let v = c.follow(0);
        assert_eq!(v.circle, vec![1, 2]);
        assert_eq!(v.shares, vec![(1, 1.0)]);
    }

    #[test]
    fn shares_always_add_up_to_one() {
        let mut c = Chain::new(vec![false, false, false, false, true, true]);
        for (i, j, t) in
            [(0, 1, 3.0), (0, 2, 5.0), (1, 2, 2.0), (2, 1, 1.0), (2, 4, 0.3), (1, 5, 0.4), (1, 3, 0.2), (0, 0, 9.0)]
        {
            c.spend(i, j, t);
        }
        let v = c.follow(0);
        assert!((v.shares.iter().map(|s| s.1).sum::<f64>() - 1.0).abs() < 1e-9, "{v:?}");
    }
}
