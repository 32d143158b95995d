//! black-friday: it holds, and each protection was for something.
use super::class::*;
use surgelab::measure::Results;

const NAME: &str = "black-friday";
/// The crowd is ten times the ordinary from here to here.
const PEAK_S: (f64, f64) = (240.0, 480.0);
const CRASH_S: f64 = 300.0;
/// The bank answers nobody in time from here to here.
const BANK_S: (f64, f64) = (360.0, 420.0);

/// Share of a source's requests that failed.
fn lost(results: &Results, source: &str) -> f64 {
    results.traffic[source].failed_share().expect("they came")
}

#[test]
fn it_holds_and_without_any_one_of_its_protections_it_does_not() {
    for results in taught(NAME, None) {
        assert_eq!(missed(&results), [] as [String; 0], "{}", told(&results));
    }
    let without = [
        "without the CDN",
        "without health checks",
        "without the autoscaler",
        "without the cache",
        "without the cache and shedding",
        "without replicas",
        "without the post queue",
        "with endless patience for the bank",
    ];
    for variant in without {
        for results in taught(NAME, Some(variant)) {
            assert!(!missed(&results).is_empty(), "{variant} misses nothing: {}", told(&results));
        }
    }
}

#[test]
fn ten_times_the_crowd_is_served_through_a_crash_and_a_dozing_bank() {
    for results in taught(NAME, None) {
        let ordinary = goodput(&results, "visitors", 0.0, 110.0);
        near(goodput(&results, "visitors", PEAK_S.0, PEAK_S.1) / ordinary, 10.0, 10.0, "visitors served at the peak");
        let happened = |kind: &str, subject: &str| event(&results, kind, subject).map(|e| e.at_s);
        assert_eq!(happened("down", "shop").map(f64::floor), Some(CRASH_S), "{}", told(&results));
        let opened = results.story.iter().find(|e| e.event.name() == "opened").expect("the breaker opens");
        let closed = results.story.iter().find(|e| e.event.name() == "closed").expect("and closes");
        assert!((BANK_S.0..BANK_S.0 + 10.0).contains(&opened.at_s), "{}", told(&results));
        assert!((BANK_S.1..BANK_S.1 + 15.0).contains(&closed.at_s), "{}", told(&results));
        // What the bank did not do was done later: nobody was told no.
        let asked = results.messages["later.charge"].offered as f64;
        near(asked, 50.0 * (BANK_S.1 - BANK_S.0), 15.0, "payments put off");
    }
}

#[test]
fn who_goes_first_decides_who_is_hurt_when_the_cache_is_gone() {
    for results in taught(NAME, Some("without the cache")) {
        let first = results
            .story
            .iter()
            .find(|e| e.event.name() == "saturated" && !e.subject.ends_with(".queue"))
            .expect("something does");
        assert_eq!(first.subject, "sql.cpu", "{}", told(&results));
        assert!(lost(&results, "visitors") > 0.05 && lost(&results, "buyers") < 0.005, "{}", told(&results));
    }
    for results in taught(NAME, Some("without the cache and shedding")) {
        assert!(lost(&results, "buyers") > 0.2, "{}", told(&results));
    }
}

#[test]
fn a_letter_sent_while_the_buyer_waits_stops_the_shop() {
    for results in taught(NAME, Some("without the post queue")) {
        assert_eq!(saturations(&results)[0], "postman.workers", "{}", told(&results));
        assert_eq!(blamed(&results, "shop.workers").as_deref(), Some("postman.workers"), "{}", told(&results));
        assert!(lost(&results, "buyers") > 0.1, "{}", told(&results));
    }
}

#[test]
fn without_a_timeout_the_bank_takes_the_shop_with_it() {
    for results in taught(NAME, Some("with endless patience for the bank")) {
        let workers = saturated_at(&results, "shop.workers");
        assert!((BANK_S.0..BANK_S.0 + 10.0).contains(&workers), "{}", told(&results));
        assert_eq!(blamed(&results, "shop.workers").as_deref(), Some("bank"), "{}", told(&results));
        assert!(failed(&results, "buyers", BANK_S.0 + 5.0, BANK_S.1) > 0.8, "{}", told(&results));
    }
}
