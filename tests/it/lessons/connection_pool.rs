//! connection-pool: too small starves, too large drowns.
use super::class::*;

const NAME: &str = "connection-pool";
/// Queries per second, how long each holds its connection (network both ways, CPU, storage), and the database's cores.
const RATE: f64 = 1000.0;
const HELD_S: f64 = 0.001 + 0.004 + 0.012;
const CORES: f64 = 8.0;
const CPU_S: f64 = 0.004;
const KAPPA: f64 = 0.0002;
/// The report runs from 60 s to 63 s.
const REPORT_S: f64 = 60.0;

#[test]
fn one_size_between_the_two_keeps_what_was_promised() {
    fixed_by(NAME, &["by Little's law"], &["as many as threads"]);
}

#[test]
fn a_pool_below_rate_times_time_held_starves_a_database_that_is_not_half_busy() {
    // Twelve connections do no more than 12 / 17 ms = 706 queries a second.
    let most = 12.0 / HELD_S;
    assert!(most < RATE);
    near(row(&napkin(NAME, None, &[]), "app.pool(mysql)").base, RATE / most, 5.0, "asked of the pool");
    for results in taught(NAME, None) {
        near(goodput(&results, "visitors", 80.0, 170.0), most, 5.0, "pages a second");
        near(utilization(&results, "mysql.cpu", 80.0, 170.0), most * CPU_S / CORES, 5.0, "the database's CPU");
        assert_eq!(saturations(&results), ["app.pool(mysql)", "app.workers"], "{}", told(&results));
        // Nobody else is to blame: the database has room and answers as fast as ever.
        assert_eq!(blamed(&results, "app.pool(mysql)").as_deref(), None, "{}", told(&results));
        assert_eq!(blamed(&results, "app.workers").as_deref(), Some("app.pool(mysql)"), "{}", told(&results));
    }
}

#[test]
fn as_many_connections_are_busy_as_littles_law_says() {
    for results in runs(&lesson(NAME, Some("by Little's law"), &[("runbook", "[]")])) {
        let busy: f64 = (0..4)
            .map(|app| resource(&results, &format!("app/{app}.pool(mysql)")))
            .map(|pool| pool.utilization_mean * 10.0)
            .sum();
        // A little queueing comes upon it.
        near(busy, RATE * HELD_S, 8.0, "busy connections");
    }
}

#[test]
fn a_pool_far_above_drowns_the_database_after_a_hiccup_and_it_never_comes_back() {
    // 400 queries at once make the machine 1 + kappa n (n - 1) times slower.
    let most = CORES / CPU_S / (1.0 + KAPPA * 400.0 * 399.0);
    assert!(most < RATE / 10.0);
    for results in taught(NAME, Some("as many as threads")) {
        assert!(failed(&results, "visitors", 0.0, REPORT_S) < 0.001);
        // Pages begin in the order of their arrival, so the queries done a second are seen in what the pool hands out.
        let done = results.operations["mysql.query"].traffic.succeeded as f64;
        let before = RATE * (REPORT_S + 5.0);
        assert!(done < before + 120.0 * most * 1.5, "{done} queries");
        assert!(failed(&results, "visitors", 80.0, 170.0) > 0.95, "{}", told(&results));
        assert!(saturated_at(&results, "mysql.cpu") >= REPORT_S, "{}", told(&results));
        assert_eq!(blamed(&results, "mysql.cpu").as_deref(), None);
        assert_eq!(blamed(&results, "app.workers").as_deref(), Some("mysql.cpu"), "{}", told(&results));
        assert!(event(&results, "recovered", "mysql.cpu").is_none(), "{}", told(&results));
    }
}

#[test]
fn without_the_hiccup_the_large_pool_is_as_good_as_the_right_one() {
    for results in runs(&lesson(NAME, Some("as many as threads"), &[("runbook", "[]")])) {
        assert_eq!(missed(&results), [] as [String; 0], "{}", told(&results));
    }
}

#[test]
fn at_the_right_size_the_queue_of_the_hiccup_is_worked_off_in_seconds() {
    // 3 s at a tenth of its speed leave a queue of 3 s x (1000 - 200); what the machine can do with 40 queries at once
    // is 1,524 a second.
    let queue = 3.0 * (RATE - 0.1 * CORES / CPU_S);
    let most = CORES / CPU_S / (1.0 + KAPPA * 40.0 * 39.0);
    let clear_s = REPORT_S + 3.0 + queue / (most - RATE);
    for results in taught(NAME, Some("by Little's law")) {
        assert!(failed(&results, "visitors", clear_s, 170.0) < 0.001, "{}", told(&results));
        assert!(goodput(&results, "visitors", clear_s, 170.0) > 0.97 * RATE);
    }
}
