//! Quantities, amounts, objectives and conditions mean what they say, and print what they mean.
use proptest::prelude::*;
use surgelab::scenario::{
    amount::{Amount, Dimension, Expr, Gauge},
    condition::Condition,
    metric::Metric,
    objective::{Comparison, Objective},
};
use surgelab::units::{Bandwidth, Bytes, Percent, Price, Quantity, Rate, Span};

#[test]
fn units_mean_what_they_say() {
    let nanos = |text: &str| Span::parse(text).unwrap().0;
    assert_eq!(
        [nanos("250ms"), nanos("1.5h"), nanos("0.5us"), nanos("2d"), nanos("3 min")],
        [250_000_000, 5_400_000_000_000, 500, 172_800_000_000_000, 180_000_000_000]
    );
    assert_eq!(Bytes::parse("7.5GiB").unwrap().0, 15 << 29);
    assert_eq!(Bytes::parse("1_000kB").unwrap().0, 1_000_000);
    assert_eq!(Rate::parse("3/min").unwrap().0, 0.05);
    assert_eq!(Bandwidth::parse("1Gbit/s").unwrap().0, 125e6);
    assert_eq!(Percent::parse("12.5%").unwrap().0, 0.125);
    assert_eq!(Price::parse("0.28/h").unwrap().0, 0.28);
    for wrong in ["", "5", "ms", "-5ms", "5 parsecs", "1e3s", "0.1ns", "999999999999d", "5ms5", "٣s", "."] {
        assert!(Span::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn units_print_as_people_write_them() {
    let span = |text: &str| Span::parse(text).unwrap().to_string();
    assert_eq!(
        [span("90min"), span("3600s"), span("0.5ms"), span("0h"), span("1234567ns")],
        ["90min", "1h", "500us", "0s", "1234567ns"]
    );
    let bytes = |text: &str| Bytes::parse(text).unwrap().to_string();
    assert_eq!([bytes("7.5GiB"), bytes("1MB"), bytes("0KiB"), bytes("1025B")], ["7.5GiB", "1MB", "0B", "1025B"]);
    let rate = |text: &str| Rate::parse(text).unwrap().to_string();
    assert_eq!([rate("10/s"), rate("60/min"), rate("7/h"), rate("3/d")], ["10/s", "1/s", "7/h", "3/d"]);
    assert_eq!(Bandwidth::parse("100Mbit/s").unwrap().to_string(), "100Mbit/s");
    assert_eq!(Percent::parse("7%").unwrap().to_string(), "7%");
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(nanos in 0i64..9_000_000_000_000_000, bytes in 0u64..1 << 52, base in 0.0f64..1e9) {
        prop_assert_eq!(Span::parse(&Span(nanos).to_string()).unwrap(), Span(nanos));
        prop_assert_eq!(Bytes::parse(&Bytes(bytes).to_string()).unwrap(), Bytes(bytes));
        prop_assert_eq!(Rate::parse(&Rate(base).to_string()).unwrap(), Rate(base));
        prop_assert_eq!(Bandwidth::parse(&Bandwidth(base).to_string()).unwrap(), Bandwidth(base));
        prop_assert_eq!(Price::parse(&Price(base).to_string()).unwrap(), Price(base));
    }

    #[test]
    fn what_was_written_prints_and_reads_back(
        number in 0.0f64..1000.0,
        digits in 0usize..4,
        rate in 0usize..4,
        share in 0u32..10_000,
    ) {
        let written = format!("{number:.digits$}");
        let rate = Rate::parse(&format!("{written}{}", ["/s", "/min", "/h", "/d"][rate])).unwrap();
        prop_assert_eq!(Rate::parse(&rate.to_string()).unwrap(), rate);
        let share = Percent::parse(&format!("{}%", f64::from(share) / 100.0)).unwrap();
        prop_assert_eq!(Percent::parse(&share.to_string()).unwrap(), share);
    }

    #[test]
    fn no_amount_panics(text in "[a-z0-9.,:*+() _%-]{0,40}|\\PC{0,20}") {
        let _ = Amount::parse(&text).map_err(|error| text[error.at].len());
        let _ = Objective::parse(&text).map_err(|error| text[error.at].len());
        let _ = Condition::parse(&text).map_err(|error| text[error.at].len());
    }
}

#[test]
fn amounts_are_sums_of_products() {
    let amount = Amount::parse("1s + 10ms*in_flight").unwrap();
    assert_eq!(amount.dimension(), Dimension::Time);
    let product = Expr::Product(vec![Expr::Constant(0.01), Expr::Gauge(Gauge::InFlight)]);
    assert_eq!(*amount.expr(), Expr::Sum(vec![Expr::Constant(1.0), product]));
    assert_eq!(amount.expr().mean(&|_| 3.0), 1.03);
    assert_eq!(amount.text(), "1s + 10ms*in_flight");
    assert_eq!(Amount::parse("(2 + 3) * 4KiB").unwrap().dimension(), Dimension::Bytes);
    assert_eq!(
        *Amount::parse("40ms*waiting(my-sql)").unwrap().expr(),
        Expr::Product(vec![Expr::Constant(0.04), Expr::Gauge(Gauge::Waiting("my-sql".to_owned()))])
    );
}

#[test]
fn every_distribution_can_be_written() {
    let expr = |text: &str| Amount::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).expr().clone();
    assert_eq!(expr("8ms"), Expr::Constant(0.008));
    assert_eq!(expr("exp(8ms)"), Expr::Exponential { mean: 0.008 });
    assert_eq!(expr("lognormal(8ms, cv 1.5)"), Expr::LogNormal { mean: 0.008, cv: 1.5 });
    assert_eq!(expr("gamma(8ms,cv 0.5)"), Expr::Gamma { mean: 0.008, cv: 0.5 });
    assert_eq!(expr("erlang(4, 8ms)"), Expr::Erlang { k: 4, mean: 0.008 });
    assert_eq!(expr("pareto(8ms, shape 2.5)"), Expr::Pareto { mean: 0.008, shape: 2.5 });
    assert_eq!(expr("uniform(0ms, 8ms)"), Expr::Uniform { low: 0.0, high: 0.008 });
    assert_eq!(expr("hyperexp(8ms, cv 2)"), Expr::HyperExponential { mean: 0.008, cv: 2.0 });
    assert_eq!(expr("geometric(20)"), Expr::Geometric { mean: 20.0 });
    assert_eq!(expr("empirical(1ms:3, 5ms:1)"), Expr::Empirical(vec![(0.001, 3.0), (0.005, 1.0)]));
    assert_eq!(expr("empirical(1ms:3, 5ms:1)").mean(&|_| 0.0), 0.002);
    assert_eq!(expr("weibull(80ms, shape 0.8)"), Expr::Weibull { mean: 0.08, shape: 0.8 });
    let mixture = expr("mixture(exp(1ms):9, 40ms + 1ms*in_flight:1)");
    let slow =
        Expr::Sum(vec![Expr::Constant(0.04), Expr::Product(vec![Expr::Constant(0.001), Expr::Gauge(Gauge::InFlight)])]);
    assert_eq!(mixture, Expr::Mixture(vec![(Expr::Exponential { mean: 0.001 }, 9.0), (slow, 1.0)]));
    assert!((mixture.mean(&|_| 10.0) - (0.9 * 0.001 + 0.1 * 0.05)).abs() < 1e-15);
    assert_eq!(mixture.least(), 0.0);
    assert_eq!(expr("mixture(2ms:1, 3ms:1)").least(), 0.002);
    let mut gauges = 0;
    mixture.gauges(&mut |_| gauges += 1);
    assert_eq!(gauges, 1);
    // σ = ln 10 / z(99 %), the median is e^μ.
    let Expr::LogNormal { mean, cv } = expr("p50 300ms, p99 3s") else { panic!("a log-normal law") };
    let sigma = 10f64.ln() / 2.326_347_874_040_841;
    assert!((mean - 0.3 * (sigma * sigma / 2.0).exp()).abs() < 1e-9, "{mean}");
    assert!((cv - (sigma * sigma).exp_m1().sqrt()).abs() < 1e-9, "{cv}");
    assert_eq!(Amount::parse("2*p50 1, p90 4").unwrap().dimension(), Dimension::Count);
    for wrong in [
        "exp()",
        "exp(8ms",
        "exp 8ms",
        "lognormal(8ms, 1)",
        "lognormal(8ms, cv 0)",
        "hyperexp(8ms, cv 0.5)",
        "pareto(8ms, shape 1)",
        "erlang(1.5, 8ms)",
        "uniform(3ms, 1ms)",
        "uniform(1ms, 3KiB)",
        "geometric(0.5)",
        "geometric(2s)",
        "empirical(1ms:0)",
        "weibull(8ms, 2)",
        "weibull(8ms, shape 0.05)",
        "mixture(8ms)",
        "mixture(8ms:0)",
        "mixture(8ms:1ms)",
        "mixture(8ms:1, 3:1)",
        "mixture()",
        "p50 300ms",
        "p50, p99 3s",
        "p50 3s, p99 300ms",
        "p99 3s, p50 300ms",
        "p50 3s, p50 4s",
        "p0 1ms, p50 2ms",
        "p50 1ms, p100 2ms",
        "p50 1ms, p99 3KiB",
        "p50 1ms, p50.0001 9d",
        "1ms - 2ms",
        "4ms / 2",
        "1ms 2ms",
        "waiting()",
        "+",
    ] {
        assert!(Amount::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn objectives_are_read_and_printed() {
    let objective = Objective::parse("p(99.9) <= 250ms").unwrap();
    assert_eq!(
        objective,
        Objective {
            worst: None,
            metric: Metric::Percentile(99.9),
            comparison: Comparison::AtMost,
            bound: 0.25,
            optional: false
        }
    );
    for text in [
        "p(95) < 2s",
        "avg < 100ms",
        "med < 1s",
        "max < 10s",
        "failed < 1%",
        "rate > 100/s",
        "goodput >= 90/s",
        "down < 5min",
        "recovered within 10min",
        "total < 5",
        "per_thousand < 0.1",
        "utilization < 80%",
        "waiting < 50",
        "worst 1min p(95) < 2s",
        "worst 30s goodput > 5/s",
    ] {
        assert_eq!(Objective::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).to_string(), text);
    }
    for wrong in [
        "",
        "p(0) < 1s",
        "p(100) < 1s",
        "p(95)",
        "p(95) = 2s",
        "p(95) < 2",
        "failed < 1s",
        "worst 0s p(95) < 2s",
        "worst 1min down < 1s",
        "worst p(95) < 2s",
        "total < 5%",
        "recovered < 5min",
    ] {
        assert!(Objective::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn conditions_are_read_and_printed() {
    for text in [
        "app.workers > 90%",
        "web.cpu < 20%",
        "app.backlog > 100",
        "users.failed > 1%",
        "users.rate > 50/s",
        "app.up < 2",
        "users.goodput < 20/s",
        "app.workers.waiting > 50",
        "web.disk.waiting > 50",
    ] {
        assert_eq!(Condition::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).to_string(), text);
    }
    for wrong in [
        "",
        "app > 90%",
        "app.workers",
        "app.workers > 90",
        "app.up > 50%",
        "app.workers == 90%",
        "app.wonkers > 90%",
        "app.waiting > 5",
        "app.backlog.waiting > 5",
        "users.avg > 1s",
    ] {
        assert!(Condition::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_size_is_written_as_a_person_would() {
    for text in ["2GB", "2GiB", "7.5GiB", "250KiB", "500KiB", "65MB", "4MB", "40KiB", "1MB", "512B", "0B", "64MiB"] {
        let size = Bytes::parse(text).expect(text);
        assert_eq!(size.to_string(), text);
    }
}
