//! Exact values of queueing theory, each with its source. Rates per second, times in seconds.

use super::markov::{expect, stationary};

/// Blocking probability of M/G/c/c with `a` erlangs offered (Erlang 1917).
pub fn erlang_b(c: u32, a: f64) -> f64 {
    (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b))
}

/// Probability of waiting in M/M/c (Erlang 1917).
pub fn erlang_c(c: u32, a: f64) -> f64 {
    let b = erlang_b(c, a);
    b / (1.0 - a / f64::from(c) * (1.0 - b))
}

/// Mean response time of M/M/c, and of M/G/c under processor sharing on c cores (Cohen 1979: insensitive).
pub fn mmc_response(lambda: f64, service: f64, c: u32) -> f64 {
    let a = lambda * service;
    service + erlang_c(c, a) * service / (f64::from(c) - a)
}

/// The `q`-quantile of the response time of M/M/c FIFO (Gross and Harris, eq. 2.33), by bisection.
pub fn mmc_quantile(lambda: f64, service: f64, c: u32, q: f64) -> f64 {
    let (mu, wait) = (1.0 / service, erlang_c(c, lambda * service));
    let drain = f64::from(c) * mu - lambda;
    // Served at once: P(S > t). After a wait: the sum of Exp(mu) and Exp(drain).
    let both = |t: f64| {
        if (drain - mu).abs() < 1e-9 * mu {
            (1.0 + mu * t) * (-mu * t).exp()
        } else {
            (drain * (-mu * t).exp() - mu * (-drain * t).exp()) / (drain - mu)
        }
    };
    let tail = |t: f64| (1.0 - wait) * (-mu * t).exp() + wait * both(t);
    bisect(0.0, 1000.0 * service, |t| tail(t) > 1.0 - q)
}

/// Loss probability and mean response of the admitted in M/M/c/K, K in the system (birth and death).
pub fn mmck(lambda: f64, service: f64, c: u32, k: u32) -> (f64, f64) {
    let chain = stationary(0u32, |&n| {
        let mut moves = Vec::new();
        if n < k {
            moves.push((n + 1, lambda));
        }
        if n > 0 {
            moves.push((n - 1, f64::from(n.min(c)) / service));
        }
        moves
    });
    let loss = expect(&chain, |&n| f64::from(u8::from(n == k)));
    let inside = expect(&chain, |&n| f64::from(n));
    (loss, inside / (lambda * (1.0 - loss)))
}

/// Mean response of M/G/1 FIFO (Pollaczek and Khinchine); `cv` of the service time.
pub fn pollaczek_khinchine(lambda: f64, service: f64, cv: f64) -> f64 {
    let rho = lambda * service;
    service + rho * service * (1.0 + cv * cv) / (2.0 * (1.0 - rho))
}

/// Throughput and response of a closed network: `users` think for `think`, then visit single PS servers of these demands
/// (exact mean value analysis, Reiser and Lavenberg 1980).
pub fn mva(users: u32, think: f64, demands: &[f64]) -> (f64, f64) {
    let mut queue = vec![0.0; demands.len()];
    let (mut throughput, mut response) = (0.0, 0.0);
    for n in 1..=users {
        let times: Vec<f64> = demands.iter().zip(&queue).map(|(d, q)| d * (1.0 + q)).collect();
        response = times.iter().sum();
        throughput = f64::from(n) / (think + response);
        queue = times.iter().map(|t| throughput * t).collect();
    }
    (throughput, response)
}

/// Throughput and response of `users` who think for `think` (any distribution) before a FIFO station of `c` exponential
/// servers: the machine repairman.
pub fn repairman(users: u32, think: f64, service: f64, c: u32) -> (f64, f64) {
    let chain = stationary(0u32, |&n| {
        let mut moves = Vec::new();
        if n < users {
            moves.push((n + 1, f64::from(users - n) / think));
        }
        if n > 0 {
            moves.push((n - 1, f64::from(n.min(c)) / service));
        }
        moves
    });
    let throughput = expect(&chain, |&n| f64::from(n.min(c)) / service);
    (throughput, f64::from(users) / throughput - think)
}

/// Mean response of one of `n` FIFO exponential servers fed round robin with Poisson arrivals: E_n/M/1, whose root is
/// σ = A*(μ(1 − σ)) (Kleinrock I, §6.4).
pub fn round_robin(lambda_per_server: f64, service: f64, n: u32) -> f64 {
    let stage = f64::from(n) * lambda_per_server;
    let mut sigma = 0.5f64;
    for _ in 0..10_000 {
        sigma = (stage / (stage + (1.0 - sigma) / service)).powi(n as i32);
    }
    service / (1.0 - sigma)
}

/// Mean response where each arrival joins the shorter of `d` queues chosen among very many (Mitzenmacher 1996).
pub fn power_of(d: u32, lambda_per_server: f64, service: f64) -> f64 {
    let (rho, d) = (lambda_per_server * service, f64::from(d));
    service * (1..=30).map(|i| rho.powf((d.powi(i) - d) / (d - 1.0))).sum::<f64>()
}

/// Mean response of two FIFO exponential servers, each arrival joining the shorter queue, ties at random.
pub fn join_shorter_of_two(lambda: f64, service: f64, longest: u32) -> f64 {
    let chain = stationary((0u32, 0u32), |&(short, long)| {
        let sorted = |a: u32, b: u32| (a.min(b), a.max(b));
        let mut moves = Vec::new();
        if short < longest {
            moves.push((sorted(short + 1, long), lambda));
        }
        if short > 0 {
            moves.push((sorted(short - 1, long), 1.0 / service));
        }
        if long > 0 {
            moves.push((sorted(short, long - 1), 1.0 / service));
        }
        moves
    });
    expect(&chain, |&(a, b)| f64::from(a + b)) / lambda
}

/// What becomes of customers with fixed patience `tau` at M/M/c FIFO (Barrer 1957; Baccelli and Hebuterne 1981).
pub struct Patience {
    /// Leave unserved.
    pub reneged: f64,
    /// Answered within `tau` of their arrival.
    pub in_time: f64,
}

/// The density of the offered wait is λ p₍c−1₎ e^{(λ−cμ)x} up to `tau` and falls as e^{−cμx} beyond it. Who begins service
/// within `tau` is served to the end, but hears of it in time only if wait + service ≤ `tau`.
pub fn patience(lambda: f64, service: f64, c: u32, tau: f64) -> Patience {
    let (mu, servers) = (1.0 / service, f64::from(c));
    let a = lambda * service;
    let mut weights = vec![1.0];
    for j in 1..c {
        weights.push(weights[j as usize - 1] * a / f64::from(j));
    }
    let edge = lambda * weights[c as usize - 1];
    let growth = lambda - servers * mu;
    let at_tau = edge * (growth * tau).exp();
    let waiting = integral(0.0, tau, |x| edge * (growth * x).exp());
    let beyond = at_tau / (servers * mu);
    let free: f64 = weights.iter().sum();
    let total = free + waiting + beyond;
    let served_at_once = free * (1.0 - (-mu * tau).exp());
    let served_after = integral(0.0, tau, |x| edge * (growth * x).exp() * (1.0 - (-mu * (tau - x)).exp()));
    Patience { reneged: beyond / total, in_time: (served_at_once + served_after) / total }
}

/// Means of a two-tier server whose workers are held while they wait for one of a few connections.
pub struct NestedPools {
    pub response: f64,
    pub workers_busy: f64,
    pub connections_busy: f64,
}

/// Workers first think for `own` (exponential), then hold one of `connections` for `below` (exponential), queueing for it.
pub fn nested_pools(lambda: f64, workers: u32, connections: u32, own: f64, below: f64, room: u32) -> NestedPools {
    let chain = stationary((0u32, 0u32), |&(n, down)| {
        let busy = n.min(workers);
        let mut moves = Vec::new();
        if n < room {
            moves.push(((n + 1, down), lambda));
        }
        if busy > down {
            moves.push(((n, down + 1), f64::from(busy - down) / own));
        }
        if down > 0 {
            moves.push(((n - 1, down - 1), f64::from(down.min(connections)) / below));
        }
        moves
    });
    NestedPools {
        response: expect(&chain, |&(n, _)| f64::from(n)) / lambda,
        workers_busy: expect(&chain, |&(n, _)| f64::from(n.min(workers))),
        connections_busy: expect(&chain, |&(_, down)| f64::from(down.min(connections))),
    }
}

/// Mean response of one core shared by at most `level` requests, the rest waiting FIFO, service hyperexponential with
/// balanced means (exact chain over phases).
pub fn limited_sharing(lambda: f64, service: f64, cv: f64, level: u32, room: u32) -> f64 {
    let scv = cv * cv;
    let p = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt());
    let rates = [2.0 * p / service, 2.0 * (1.0 - p) / service];
    let odds = [p, 1.0 - p];
    // n in the system, of those served `first` are in the first phase.
    let chain = stationary((0u32, 0u32), |&(n, first)| {
        let served = n.min(level);
        let mut moves = Vec::new();
        if n < room {
            if n < level {
                moves.push(((n + 1, first + 1), lambda * odds[0]));
                moves.push(((n + 1, first), lambda * odds[1]));
            } else {
                moves.push(((n + 1, first), lambda));
            }
        }
        for (phase, count) in [first, served - first].into_iter().enumerate() {
            if count == 0 {
                continue;
            }
            let rate = rates[phase] * f64::from(count) / f64::from(served);
            let left = if phase == 0 { first - 1 } else { first };
            if n > level {
                moves.push(((n - 1, left + 1), rate * odds[0]));
                moves.push(((n - 1, left), rate * odds[1]));
            } else {
                moves.push(((n - 1, left), rate));
            }
        }
        moves
    });
    expect(&chain, |&(n, _)| f64::from(n)) / lambda
}

/// Mean response of a shared processor whose total rate with n inside is n / (1 + σ(n−1) + κn(n−1)) cores (birth and
/// death with Gunther's law; insensitive).
pub fn contended(lambda: f64, service: f64, sigma: f64, kappa: f64, room: u32) -> f64 {
    let chain = stationary(0u32, |&n| {
        let mut moves = Vec::new();
        if n < room {
            moves.push((n + 1, lambda));
        }
        if n > 0 {
            let x = f64::from(n);
            moves.push((n - 1, x / (service * (1.0 + sigma * (x - 1.0) + kappa * x * (x - 1.0)))));
        }
        moves
    });
    expect(&chain, |&n| f64::from(n)) / lambda
}

/// Mean time until both halves of a request are served by two FIFO exponential servers (Flatto and Hahn 1984).
pub fn fork_join_two(lambda: f64, service: f64) -> f64 {
    let rho = lambda * service;
    (12.0 - rho) / 8.0 * service / (1.0 - rho)
}

/// Where `below` turns false, between `low` (true) and `high`.
fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if below(middle) { low = middle } else { high = middle }
    }
    low
}

/// Simpson's rule on 2000 pieces.
fn integral(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let pieces = 2000;
    let step = (to - from) / f64::from(pieces);
    (0..pieces).map(|i| from + f64::from(i) * step).map(|x| (f(x) + 4.0 * f(x + step / 2.0) + f(x + step)) * step / 6.0).sum()
}
