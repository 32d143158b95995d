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
}
