//! slow-clients: bytes over bandwidth is how long a worker is held.
use super::class::*;

const NAME: &str = "slow-clients";
const WORKERS: f64 = 80.0;
/// Per second, and how long one is held: CPU and the transfer.
const AT_HOME: (f64, f64) = (40.0, 0.006 + 500.0 / 2500.0);
const ON_THE_WAY: (f64, f64) = (10.0, 0.006 + 500.0 / 50.0);
/// All slow readers are there.
const CROWD_S: f64 = 120.0;

fn held() -> f64 {
    AT_HOME.0 * AT_HOME.1 + ON_THE_WAY.0 * ON_THE_WAY.1
}

#[test]
fn a_buffering_proxy_keeps_what_was_promised() {
    fixed_by(NAME, &["a proxy that buffers", "more processes", "smaller pages"], &[]);
}

#[test]
fn workers_are_held_for_bytes_over_bandwidth_while_the_cpu_idles() {
    assert!(held() > 1.3 * WORKERS);
    for results in taught(NAME, None) {
        assert_eq!(saturations(&results), ["app.workers"], "{}", told(&results));
        assert!(utilization(&results, "app.cpu", CROWD_S, 230.0) < 0.1, "{}", told(&results));
        // The slow and the fast are refused alike: as many as do not fit.
        let lost = 1.0 - WORKERS / held();
        for source in ["home", "trains"] {
            near(failed(&results, source, CROWD_S + 30.0, 210.0), lost, 25.0, source);
        }
    }
}

#[test]
fn behind_a_proxy_that_buffers_a_worker_is_held_for_its_cpu_alone() {
    for results in taught(NAME, Some("a proxy that buffers")) {
        let busy = utilization(&results, "app.workers", CROWD_S, 230.0) * WORKERS;
        near(busy, (AT_HOME.0 + ON_THE_WAY.0) * 0.006, 15.0, "busy workers");
        assert_eq!(saturations(&results), [] as [&str; 0], "{}", told(&results));
    }
}

#[test]
fn with_room_for_all_of_them_littles_law_counts_the_held() {
    for results in taught(NAME, Some("more processes")) {
        near(utilization(&results, "app.workers", CROWD_S, 230.0) * 120.0, held(), 10.0, "held workers");
    }
}
