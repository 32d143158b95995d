//! Replacement and expiry against theory: independent requests, entries there at once.

use super::{only, results, within};
use crate::support::Draft;
use surgelab::measure::results::Store;

/// Poisson requests for keys of a law to one store.
fn cache(requests: f64, per_second: f64, law: &str, store: &str) -> Store {
    let draft = Draft::new(requests / per_second)
        .warm_up(0.1 * requests / per_second)
        .key("item", law)
        .service(
            "app",
            &format!(
                "stores: {{ \"items\": ({store}) }}, operations: {{ \"get\": [Cached(\"items\", \"item\", [], [])] }}"
            ),
        )
        .poisson(per_second, "app.get");
    only(&results(&draft.text())).clone()
}

fn hit(store: &Store) -> f64 {
    store.hit_ratio.expect("there were looks")
}

/// King 1971, exact: 10 keys with weights k^-0.8, room for 4. Least recently used; first in, first out.
#[test]
fn small_lru_and_fifo_stores_find_what_kings_chains_say() {
    let lru = cache(1_000_000.0, 10_000.0, "Zipf(n: 10, s: 0.8)", "capacity: 4");
    within("LRU", hit(&lru), 0.5206024169, 0.005);
    let fifo = cache(1_000_000.0, 10_000.0, "Zipf(n: 10, s: 0.8)", "capacity: 4, evict: Fifo");
    within("FIFO", hit(&fifo), 0.4968756363, 0.005);
    assert_eq!(lru.entries_mean, 4.0);
}

/// Gelenbe 1973: FIFO and random replacement have one product form. Also the figure of LINE's `cache_replc_rr`, 5 keys
/// of weights k^-1.4 and room for 2, which its test suite takes from the continuous-time Markov chain.
#[test]
fn random_and_fifo_replacement_agree_with_gelenbe_and_line() {
    for evict in ["Random", "Fifo"] {
        let store = cache(1_000_000.0, 10_000.0, "Zipf(n: 5, s: 1.4)", &format!("capacity: 2, evict: {evict}"));
        within(evict, hit(&store), 0.5903959956, 0.005);
    }
}

/// Che, Tung & Wang 2002 (good to about half a percent here); random replacement after Martina et al. 2014.
#[test]
fn large_lru_stores_find_what_ches_approximation_says() {
    for (law, capacity, lru, random) in [
        ("Zipf(n: 1000, s: 0.8)", 50, 0.2616191525, 0.226661079),
        ("Zipf(n: 10000, s: 1.0)", 100, 0.3905254854, 0.3423321),
    ] {
        within(law, hit(&cache(1_000_000.0, 10_000.0, law, &format!("capacity: {capacity}"))), lru, 0.01);
        for evict in ["Random", "Fifo"] {
            let store = cache(1_000_000.0, 10_000.0, law, &format!("capacity: {capacity}, evict: {evict}"));
            within(&format!("{law} {evict}"), hit(&store), random, 0.01);
        }
    }
}

/// Poisson requests per key: a fixed time finds λT/(1+λT), a sliding one 1 − exp(−λT), summed over 10,000 keys of
/// weights k^-0.9 with 200 requests a second and 60 s; 3,312 entries are there on average.
#[test]
fn times_to_live_find_what_renewal_theory_says() {
    let fixed = cache(1_000_000.0, 200.0, "Zipf(n: 10000, s: 0.9)", "ttl: \"60s\"");
    within("fixed", hit(&fixed), 0.724003351, 0.01);
    within("entries", fixed.entries_mean, 3311.959788, 0.01);
    within("origin", fixed.misses as f64 / 5000.0, 55.1993298, 0.01);
    let sliding = cache(1_000_000.0, 200.0, "Zipf(n: 10000, s: 0.9)", "ttl: \"60s\", sliding: true");
    within("sliding", hit(&sliding), 0.7987242181, 0.01);
}

/// A key asked for 1,000 times a second that takes 2 s to make and lives for 60 s: without coordination everybody who
/// comes while it is made makes it, too: 2,001 makers a cycle of 62.001 s.
#[test]
fn a_popular_key_that_expires_sends_everybody_to_the_origin() {
    let draft = Draft::new(62.001 * 20.0)
        .key("item", "Uniform(n: 1)")
        .service(
            "app",
            "stores: { \"items\": (ttl: \"60s\") }, operations: { \"get\": [Cached(\"items\", \"item\", [], [Delay(\"2s\")])] }",
        )
        .poisson(1000.0, "app.get");
    let store = only(&results(&draft.text())).clone();
    within("misses of all looks", 1.0 - hit(&store), 0.03227367301, 0.02);
    within("misses a cycle", store.misses as f64 / 20.0, 2001.0, 0.02);
    within("misses a second", store.misses as f64 / (62.001 * 20.0), 32.27367301, 0.02);
    assert_eq!(store.fills, 20, "the first who is done fills, the others find it there");
}
