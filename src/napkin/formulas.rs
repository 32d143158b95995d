//! Closed forms of queueing theory, for stations that have one.
//!
//! `rate` is arrivals per second, `service` the mean service time in seconds, `servers` how many serve; ρ = rate ·
//! service / servers. `None` where there is no steady state (ρ ≥ 1). Notation and results as in L. Kleinrock, *Queueing
//! Systems* I (1975); processor sharing as in volume II (1976), §4.4.

/// Erlang's loss formula: the share of Poisson arrivals that find all `servers` busy and are lost, `load` in erlangs.
///
/// By the recursion B(k) = a B(k−1) / (k + a B(k−1)), which neither overflows nor cancels (A. K. Erlang, 1917).
#[must_use]
pub fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| load * blocked / (f64::from(k) + load * blocked))
}

/// Erlang's delay formula: the share of arrivals that wait at M/M/c; 1 without a steady state.
#[must_use]
pub fn erlang_c(servers: u32, load: f64) -> f64 {
    let utilization = load / f64::from(servers);
    if utilization >= 1.0 {
        return 1.0;
    }
    let blocked = erlang_b(servers, load);
    blocked / (1.0 - utilization * (1.0 - blocked))
}

/// Mean latency at M/M/1: S / (1 − ρ).
#[must_use]
pub fn mm1_latency(rate: f64, service: f64) -> Option<f64> {
    (rate * service < 1.0).then(|| service / (1.0 - rate * service))
}

/// The latency that a share `q` of the customers of M/M/1 (FIFO) do not exceed: latency is exponential.
#[must_use]
pub fn mm1_quantile(rate: f64, service: f64, q: f64) -> Option<f64> {
    mm1_latency(rate, service).map(|mean| -mean * libm::log1p(-q))
}

/// Mean waiting time at M/M/c: C(c, a) S / (c (1 − ρ)).
#[must_use]
pub fn mmc_waiting(rate: f64, service: f64, servers: u32) -> Option<f64> {
    let load = rate * service;
    let free = f64::from(servers) - load;
    (free > 0.0).then(|| erlang_c(servers, load) * service / free)
}

/// What M/M/c/K does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounded {
    /// Share of the arrivals that find no place.
    pub refused: f64,
    /// Mean waiting time of those admitted, seconds.
    pub waiting: f64,
}

/// M/M/c/K, `places` = K counting those being served (at least `servers`). It has a steady state at any load.
///
/// The blocking probability continues Erlang's recursion beyond c with c in place of k; state probabilities follow from
/// the full state downwards, p(n−1) = p(n) min(n, c) / a; the waiting time by Little's law.
#[must_use]
pub fn mmck(rate: f64, service: f64, servers: u32, places: u32) -> Bounded {
    let load = rate * service;
    let places = places.max(servers);
    let utilization = load / f64::from(servers);
    let refused = (servers..places)
        .fold(erlang_b(servers, load), |blocked, _| utilization * blocked / (1.0 + utilization * blocked));
    if refused <= f64::MIN_POSITIVE {
        // So seldom full that it is M/M/c.
        return Bounded { refused: 0.0, waiting: mmc_waiting(rate, service, servers).unwrap_or(0.0) };
    }
    let mut state = refused;
    let mut queue = 0.0;
    for n in (servers + 1..=places).rev() {
        queue += f64::from(n - servers) * state;
        state /= utilization;
    }
    Bounded { refused, waiting: queue / (rate * (1.0 - refused)) }
}

/// What chance does to the figures of a station: their standard deviation over their mean, times the root of the
/// seconds that a run is long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Of the mean time of those admitted.
    pub time: f64,
    /// Of the share that is refused.
    pub refused: f64,
}

/// The same of M/M/c/K in a long run.
///
/// Both figures are ratios A/B: the persons in it over those admitted (Little's law), the refused over the arrivals. D
/// = A − r B has no drift at the right r, and its variance grows by Σ π(n) q(n, m) (jump + h(m) − h(n))² a second, h
/// being the solution of Poisson's equation Q h = −d for the drift d in each state; of a birth–death process the
/// differences of h follow from one pass over the states (W. Whitt, *Asymptotic formulas for Markov processes*, 1992).
#[must_use]
pub fn mmck_spread(rate: f64, service: f64, servers: u32, places: u32) -> Spread {
    /// States as seldom as this say nothing, and their sums are lost in the last digits.
    const NEVER: f64 = 1e-18;
    let places = places.max(servers);
    let mut weights = vec![0.0; places as usize + 1];
    for n in 1..=places {
        let step = libm::log(rate * service / f64::from(n.min(servers)));
        weights[n as usize] = weights[n as usize - 1] + step;
    }
    let most = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    weights.iter_mut().for_each(|weight| *weight = libm::exp(*weight - most));
    let all: f64 = weights.iter().sum();
    let states: Vec<f64> = weights.iter().map(|weight| weight / all).collect();
    let refused = states[places as usize];
    let admitted = rate * (1.0 - refused);
    let present: f64 = states.iter().enumerate().map(|(n, state)| n as f64 * state).sum();
    // By how much D moves: in the time in a state, and with an arrival that is admitted or refused.
    let variance = |drift: &dyn Fn(usize) -> f64, admits: f64, refuses: f64| {
        let (mut sum, mut grown) = (0.0, 0.0);
        for (n, state) in states.iter().enumerate().take(places as usize).filter(|(_, state)| **state > NEVER) {
            sum += state * drift(n);
            let up = -sum / (state * rate);
            // Up from here and down to here happen equally often.
            grown += state * ((admits + up) * (admits + up) + up * up);
        }
        rate * (grown + refused * refuses * refuses)
    };
    let (time, last) = (present / admitted, places as usize);
    let of_time = variance(&|n| n as f64 - if n < last { time * rate } else { 0.0 }, -time, 0.0);
    let lost = |n: usize| rate * (if n == last { 1.0 } else { 0.0 } - refused);
    let of_refused = variance(&lost, -refused, 1.0 - refused);
    Spread { time: of_time.sqrt() / present, refused: of_refused.sqrt() / (rate * refused).max(f64::MIN_POSITIVE) }
}

/// Mean waiting time at M/D/1: ρ S / (2 (1 − ρ)).
#[must_use]
pub fn md1_waiting(rate: f64, service: f64) -> Option<f64> {
    mg1_waiting(rate, service, 0.0)
}

/// Mean waiting time at M/G/1 (FIFO), `cv` being the standard deviation of the service time over its mean: ρ S (1 +
/// cv²) / (2 (1 − ρ)) (Pollaczek 1930, Khinchine 1932).
#[must_use]
pub fn mg1_waiting(rate: f64, service: f64, cv: f64) -> Option<f64> {
    let utilization = rate * service;
    (utilization < 1.0).then(|| utilization * service * (1.0 + cv * cv) / (2.0 * (1.0 - utilization)))
}

/// Mean latency at M/G/1 with processor sharing: S / (1 − ρ), whatever the distribution of the service time.
#[must_use]
pub fn mg1_ps_latency(rate: f64, service: f64) -> Option<f64> {
    mm1_latency(rate, service)
}

/// Mean waiting time of a call at M^[X]/G/1 (FIFO): calls come in batches of mean size E\[X\] = `batch.0` with E\[X²\]
/// = `batch.1`, `rate` calls per second in all. What waits in front, ρ S (1 + cv²) / (2 (1 − ρ)), and the others of its
/// batch, S (E\[X²\]/E\[X\] − 1) / (2 (1 − ρ)) (D. Gross & C. Harris, *Fundamentals of Queueing Theory*, §3.1).
#[must_use]
pub fn mxg1_waiting(rate: f64, service: f64, cv: f64, batch: (f64, f64)) -> Option<f64> {
    let others = service * (batch.1 / batch.0 - 1.0) / (2.0 * (1.0 - rate * service));
    mg1_waiting(rate, service, cv).map(|waiting| waiting + others)
}

/// Those who are refused at M/G/1 without a place to wait and try again after an exponential time of mean `pause`, for
/// ever: how many are between two tries. N = λ pause ρ / (1 − ρ) + ρ² (1 + cv²) / (2 (1 − ρ)) (G. Falin & J. Templeton,
/// *Retrial Queues*, 1997, §1.3).
#[must_use]
pub fn mg1_retrial(rate: f64, service: f64, cv: f64, pause: f64) -> Option<f64> {
    let load = rate * service;
    (load < 1.0).then(|| (rate * pause * load + load * load * (1.0 + cv * cv) / 2.0) / (1.0 - load))
}

/// What happens where calls are taken back after an exponential patience.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impatient {
    /// Share of the arrivals that are taken back.
    pub abandoned: f64,
    /// Share of the arrivals that find no place.
    pub refused: f64,
    /// Mean time of those admitted until they are served or taken back, seconds.
    pub time: f64,
}

/// M/M/c/K+M: those who wait are taken back at the rate 1/`patience` each, those being served too if `all`. There is a
/// steady state at any load (C. Palm 1943; the chain of births and deaths, summed until nothing more counts).
#[must_use]
pub fn mmck_patience(rate: f64, service: f64, (servers, places): (u32, u32), patience: f64, all: bool) -> Impatient {
    let (mut state, mut sum, mut present, mut leaving) = (1.0, 1.0, 0.0, 0.0);
    let mut n = 0u32;
    while n < places {
        n += 1;
        let busy = f64::from(n.min(servers));
        let impatient = if all { f64::from(n) } else { f64::from(n) - busy };
        state *= rate / (busy / service + impatient / patience);
        sum += state;
        present += f64::from(n) * state;
        leaving += impatient / patience * state;
        if sum > 1e200 {
            [state, sum, present, leaving] = [state, sum, present, leaving].map(|weight| weight * 1e-200);
        }
        if n > servers && state < 1e-18 * sum {
            break;
        }
    }
    let refused = if n >= places { state / sum } else { 0.0 };
    let admitted = rate * (1.0 - refused);
    Impatient { abandoned: leaving / sum / rate, refused, time: present / sum / admitted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close_to(found: f64, expected: f64, digits: i32) {
        assert!((found - expected).abs() < 0.5 * 10f64.powi(-digits), "{found} instead of {expected}");
    }

    #[test]
    fn erlang_agrees_with_printed_tables() {
        // Erlang B tables: 10 servers offered 4.461 erlangs lose 1 %; 1 server offered 1 loses half.
        close_to(erlang_b(10, 4.461), 0.01, 5);
        close_to(erlang_b(1, 1.0), 0.5, 12);
        // Gross & Harris: M/M/3 at 2 erlangs waits with probability 4/9.
        close_to(erlang_c(3, 2.0), 4.0 / 9.0, 12);
        assert_eq!(erlang_c(3, 3.0), 1.0);
    }

    #[test]
    fn one_server_is_the_special_case_of_many() {
        let (rate, service) = (0.8, 1.0);
        close_to(
            mmc_waiting(rate, service, 1).expect("stable"),
            mm1_latency(rate, service).expect("stable") - service,
            12,
        );
        close_to(mg1_waiting(rate, service, 1.0).expect("stable"), 4.0, 12);
        close_to(md1_waiting(rate, service).expect("stable"), 2.0, 12);
        close_to(mm1_quantile(rate, service, 0.95).expect("stable"), 5.0 * 20f64.ln(), 9);
        assert_eq!(mm1_latency(1.0, 1.0), None);
        assert_eq!(mmc_waiting(4.0, 1.0, 4), None);
    }

    #[test]
    fn few_places_refuse_and_many_wait() {
        // M/M/1/K: p(n) = (1 − ρ) ρⁿ / (1 − ρ^(K+1)).
        let rho: f64 = 0.8;
        let found = mmck(rho, 1.0, 1, 4);
        let p = |n: i32| (1.0 - rho) * rho.powi(n) / (1.0 - rho.powi(5));
        close_to(found.refused, p(4), 12);
        let queue: f64 = (2..=4).map(|n| f64::from(n - 1) * p(n)).sum();
        close_to(found.waiting, queue / (rho * (1.0 - p(4))), 12);
        close_to(mmck(3.0, 1.0, 4, 100_000).waiting, mmc_waiting(3.0, 1.0, 4).expect("stable"), 9);
        close_to(mmck(2.0, 1.0, 2, 2).refused, erlang_b(2, 2.0), 12);
        // Overloaded, it refuses what it cannot serve and its queue stays full.
        let overloaded = mmck(300.0, 0.01, 1, 151);
        close_to(overloaded.refused, 2.0 / 3.0, 6);
        close_to(overloaded.waiting, 1.495, 2);
    }

    #[test]
    fn chance_does_to_a_loss_system_what_it_does_to_its_states() {
        // Without a place to wait those admitted do not meet: the mean of n exponential times is off by 1/√n.
        let (rate, service) = (100.0, 0.1);
        let found = mmck_spread(rate, service, 10, 10);
        close_to(found.time, 1.0 / (rate * (1.0 - erlang_b(10, 10.0))).sqrt(), 9);
        // One place: idle and busy times alternate, each exponential. Of N refused over A arrivals, by renewal theory:
        // in a cycle of 1/λ + S come 1 + P with P Poisson of an exponential mean, geometric of mean a and variance a +
        // a². D = P − B (1 + P), B = a / (1 + a): variance (1 − B)² (a + a²).
        let (rate, service) = (3.0, 0.5);
        let a: f64 = rate * service;
        let b = a / (1.0 + a);
        let per_second = (1.0 - b) * (1.0 - b) * (a + a * a) / (1.0 / rate + service);
        close_to(mmck_spread(rate, service, 1, 1).refused, per_second.sqrt() / (rate * b), 9);
        // M/M/1 of ever more places: 2 (1 + ρ) / (1 − ρ)² of the arrivals' root, asymptotically (Whitt 1989: of the
        // persons in it, σ² = 2 ρ (1 + ρ) / (1 − ρ)⁴ in units of S; of the time likewise at high ρ).
        let rho: f64 = 0.95;
        let long = mmck_spread(rho, 1.0, 1, 2000).time;
        let known = (2.0 * rho * (1.0 + rho)).sqrt() / (1.0 - rho).powi(2) / (rho / (1.0 - rho));
        assert!((long / known - 1.0).abs() < 0.06, "{long} and {known}");
    }

    #[test]
    fn batches_retrials_and_patience_agree_with_their_special_cases() {
        let (rate, service) = (800.0, 0.001);
        // One at a time it is M/G/1; pairs of exponential work: 7.5 ms in all.
        close_to(mxg1_waiting(rate, service, 1.0, (1.0, 1.0)).expect("stable"), 0.004, 12);
        close_to(mxg1_waiting(rate, service, 1.0, (2.0, 4.0)).expect("stable") + service, 0.0075, 12);
        // 6.4 in orbit, 7,200 tries a second, 800 of them good.
        let orbit = mg1_retrial(rate, service, 1.0, 0.001).expect("stable");
        close_to(orbit, 6.4, 9);
        close_to(orbit / 0.001 / (rate + orbit / 0.001), 8.0 / 9.0, 9);
        // A patience without end is none.
        let endless = mmck_patience(rate, service, (1, u32::MAX), 1e9, false);
        close_to(endless.time, 0.005, 6);
        close_to(endless.abandoned, 0.0, 9);
        // Everybody leaves by himself where the work never ends: as many as in M/M/∞.
        let endless_work = mmck_patience(3.0, 1e12, (1, u32::MAX), 2.0, true);
        close_to(endless_work.time, 2.0, 9);
        close_to(endless_work.abandoned, 1.0, 9);
        // What comes is served, taken back or refused: λ (1 − a − r) = μ P(busy), here by hand for K = 1.
        let one = mmck_patience(1.0, 1.0, (1, 1), 0.5, true);
        close_to(one.refused, 0.25, 12);
        close_to(one.abandoned, 0.5, 12);
        // At ρ = 1.2, with five services' patience: what is served, λ (1 − a), is what a busy server does, μ (1 − p₀),
        // and what is taken back, λ a, is θ L.
        let over = mmck_patience(1200.0, 0.001, (1, u32::MAX), 0.005, true);
        let weight = |n: u32| (1..=n).map(|k| 1200.0 / (1000.0 + 200.0 * f64::from(k))).product::<f64>();
        let idle = 1.0 / (0..200).map(weight).sum::<f64>();
        close_to(1200.0 * (1.0 - over.abandoned), 1000.0 * (1.0 - idle), 9);
        close_to(over.abandoned, over.time / 0.005, 12);
        close_to(over.abandoned, 0.353_887_919, 9);
    }
}
