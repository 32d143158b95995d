//! The yardsticks themselves, against figures printed elsewhere or computed by independent high-precision code.

use crate::support::exact::*;

#[track_caller]
fn same(got: f64, expected: f64) {
    assert!((got / expected - 1.0).abs() < 2e-7, "{got}, expected {expected}");
}

#[test]
fn erlang_formulas_give_the_printed_values() {
    same(erlang_b(10, 10.0), 0.214_582_343_1);
    same(erlang_c(4, 3.2), 0.596_432_471_8);
    same(erlang_c(32, 30.0), 0.630_222_720_7);
    same(mmc_response(3.2, 1.0, 4), 1.745_540_59);
    same(mmc_response(7.2, 1.0, 8), 1.876_916_238);
    same(mmc_quantile(3.2, 1.0, 4, 0.5), 1.346_199_054);
    same(mmc_quantile(3.2, 1.0, 4, 0.95), 4.738_019_496);
    same(mmc_quantile(3.2, 1.0, 4, 0.99), 6.893_203_749);
    same(mmc_quantile(0.9, 1.0, 1, 0.95), 29.957_322_74);
}

#[test]
fn birth_and_death_gives_the_printed_values() {
    let (loss, response) = mmck(1.2, 1.0, 1, 10);
    same(loss, 0.192_586_495_1);
    same(response, 6.926_137_844);
    let (loss, response) = mmck(100.0, 0.2, 16, 144);
    same(loss, 0.2);
    same(response, 1.75);
    let (throughput, response) = repairman(100, 7.0, 0.05, 1);
    same(throughput, 13.975_124_7);
    same(response, 0.155_571_210_7);
    same(contended(1500.0, 0.01, 0.03, 0.0001, 400), 0.019_991_804_3);
}

#[test]
fn pollaczek_and_khinchine_give_the_printed_values() {
    same(pollaczek_khinchine(0.8, 1.0, 0.0), 3.0);
    same(pollaczek_khinchine(0.5, 1.0, 2.0), 3.5);
    same(pollaczek_khinchine(0.7, 1.0, 0.5), 2.458_333_333);
}

#[test]
fn closed_networks_give_the_printed_values() {
    let (throughput, response) = mva(100, 7.0, &[0.005, 0.012, 0.008]);
    same(throughput, 14.227_123_53);
    same(response, 0.028_827_704_65);
    let (throughput, response) = mva(700, 7.0, &[0.005, 0.012, 0.008]);
    same(throughput, 83.333_291_98);
    same(response, 1.400_004_168);
}

#[test]
fn balancing_formulas_give_the_printed_values() {
    same(round_robin(0.8, 1.0, 4), 3.267_383_61);
    same(join_shorter_of_two(1.8, 1.0, 120), 5.474_912_82);
    same(power_of(2, 0.9, 1.0), 2.614_057_377);
    same(power_of(3, 0.9, 1.0), 2.027_855_969);
    same(fork_join_two(0.8, 1.0), 7.0);
}

#[test]
fn chains_give_the_printed_values() {
    same(limited_sharing(0.8, 1.0, 2.0, 5, 600), 7.308_288_024);
    same(limited_sharing(0.8, 1.0, 2.0, 1, 2000), pollaczek_khinchine(0.8, 1.0, 2.0));
    let pools = nested_pools(150.0, 16, 3, 0.02, 0.015, 200);
    same(pools.response, 0.046_358_329_51);
    same(pools.workers_busy / 16.0, 0.427_733_256_5);
    same(pools.connections_busy / 3.0, 0.75);
    let left = patience(1.2, 1.0, 1, 2.0);
    same(left.reneged, 0.311_817_917);
}
