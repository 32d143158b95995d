//! Exact numbers of the sharing.

use super::*;

fn exec(index: u32) -> ExecRef {
    ExecRef { index, generation: 0 }
}

/// Runs the processor to the end; (who, when in ms).
fn drain(processor: &mut Processor) -> Vec<(u32, i64)> {
    let mut done = Vec::new();
    while let Some(time) = processor.predict() {
        let exec = processor.finish(time).expect("predicted");
        done.push((exec.index, (time.0 + 500_000) / 1_000_000));
    }
    done
}

#[test]
fn tasks_share_the_cores_evenly() {
    let mut processor = Processor::new(Time(0), 1, 1.0);
    let party = processor.add_party(Discipline::FREE);
    processor.start(Time(0), party, exec(0), 1.0);
    processor.start(Time(0), party, exec(1), 2.0);
    assert_eq!(drain(&mut processor), [(0, 2000), (1, 3000)]);
}

#[test]
fn a_thread_uses_one_core_at_most() {
    let mut processor = Processor::new(Time(0), 4, 1.0);
    let party = processor.add_party(Discipline::FREE);
    processor.start(Time(0), party, exec(0), 1.0);
    assert_eq!(drain(&mut processor), [(0, 1000)]);
}

#[test]
fn an_event_loop_serves_the_oldest_and_leaves_cores_idle() {
    let mut processor = Processor::new(Time(0), 4, 1.0);
    let party = processor.add_party(Discipline::IN_ORDER);
    processor.start(Time(0), party, exec(0), 1.0);
    processor.start(Time(0), party, exec(1), 1.0);
    processor.predict();
    // Who waits for the thread waits in line, not for a core.
    assert_eq!((processor.load(), processor.load_in_line()), ((1.0, 0), (1.0, 1)));
    assert_eq!(processor.party_load(party), (1, 1));
    assert_eq!(drain(&mut processor), [(0, 1000), (1, 2000)]);
}

#[test]
fn co_located_work_slows_by_its_threads() {
    let mut processor = Processor::new(Time(0), 1, 1.0);
    let crowd = processor.add_party(Discipline::FREE);
    let small = processor.add_party(Discipline::FREE);
    for index in 0..9 {
        processor.start(Time(0), crowd, exec(index), 100.0);
    }
    processor.start(Time(0), small, exec(99), 0.1);
    let time = processor.predict().expect("work");
    assert_eq!(processor.finish(time), Some(exec(99)));
    assert_eq!(time, Time(1_000_000_000));
}

#[test]
fn a_cancelled_task_gives_its_share_back() {
    let mut processor = Processor::new(Time(0), 1, 1.0);
    let party = processor.add_party(Discipline::FREE);
    processor.start(Time(0), party, exec(0), 1.0);
    processor.start(Time(0), party, exec(1), 1.0);
    processor.predict();
    processor.cancel(Time(1_000_000_000), party, exec(0));
    assert_eq!(drain(&mut processor), [(1, 1500)]);
}

#[test]
fn contention_slows_the_party_by_the_law() {
    let mut processor = Processor::new(Time(0), 2, 1.0);
    let party = processor.add_party(Discipline { sigma: 0.5, ..Discipline::FREE });
    processor.start(Time(0), party, exec(0), 1.0);
    processor.start(Time(0), party, exec(1), 1.0);
    assert_eq!(drain(&mut processor)[0].1, 1500);
}

fn capped(cap: f64) -> Discipline {
    Discipline { cap, ..Discipline::FREE }
}

#[test]
fn what_slow_readers_leave_is_shared_by_the_others() {
    // 100 bytes/s: two readers take 10 each, the two fast ones share the other 80.
    let mut network = Processor::new(Time(0), 1, 100.0);
    let fast = network.add_party(Discipline::FREE);
    let slow = network.add_party(capped(10.0));
    network.start(Time(0), slow, exec(0), 100.0);
    network.start(Time(0), slow, exec(1), 100.0);
    network.start(Time(0), fast, exec(2), 80.0);
    network.start(Time(0), fast, exec(3), 160.0);
    network.predict();
    // Half of what each of the two could use is missing: one transfer's worth waits (1 - 40/100) × 2.
    assert!((network.load().0 - 1.0).abs() < 1e-12);
    assert_eq!(network.load().1, 2);
    // At 2 s the first fast one is done, the other goes on with 80/s until 3 s; the slow ones never notice.
    assert_eq!(drain(&mut network), [(2, 2000), (3, 3000), (0, 10000), (1, 10000)]);
}

#[test]
fn caps_that_do_not_bind_change_nothing() {
    let mut network = Processor::new(Time(0), 1, 100.0);
    let slow = network.add_party(capped(60.0));
    network.start(Time(0), slow, exec(0), 100.0);
    network.start(Time(0), slow, exec(1), 100.0);
    assert_eq!(drain(&mut network), [(0, 2000), (1, 2000)]);
}

#[test]
fn an_unlimited_network_lets_each_transfer_go_at_its_own_pace() {
    let mut network = Processor::new(Time(0), 1, f64::INFINITY);
    let slow = network.add_party(capped(10.0));
    let slower = network.add_party(capped(5.0));
    network.start(Time(0), slow, exec(0), 10.0);
    network.start(Time(0), slower, exec(1), 10.0);
    network.start(Time(0), slow, exec(2), 20.0);
    assert_eq!(drain(&mut network), [(0, 1000), (2, 2000), (1, 2000)]);
}

#[test]
fn weights_divide_a_full_machine_and_leave_an_idle_one_alone() {
    let mut cpu = Processor::new(Time(0), 1, 1.0);
    let heavy = cpu.add_party(Discipline { weight: 4.0, ..Discipline::FREE });
    let light = cpu.add_party(Discipline::FREE);
    cpu.start(Time(0), heavy, exec(0), 0.8);
    cpu.start(Time(0), light, exec(1), 1.0);
    // 4 : 1 until 1 s, then the light one is alone and has 0.8 left to do.
    assert_eq!(drain(&mut cpu), [(0, 1000), (1, 1800)]);
}

#[test]
fn a_weighted_thread_is_still_one_thread() {
    // Two cores, a thread of weight 9 and two of weight 1: it takes its core, they share the other.
    let mut cpu = Processor::new(Time(0), 2, 1.0);
    let heavy = cpu.add_party(Discipline { weight: 9.0, ..Discipline::FREE });
    let light = cpu.add_party(Discipline::FREE);
    cpu.start(Time(0), heavy, exec(0), 1.0);
    cpu.start(Time(0), light, exec(1), 0.5);
    cpu.start(Time(0), light, exec(2), 1.0);
    assert_eq!(drain(&mut cpu), [(0, 1000), (1, 1000), (2, 1500)]);
}

#[test]
fn a_limit_throttles_all_threads_together() {
    // Half a core for two threads, though three of the four cores idle.
    let mut cpu = Processor::new(Time(0), 4, 1.0);
    let throttled = cpu.add_party(Discipline { limit: 0.5, ..Discipline::FREE });
    let free = cpu.add_party(Discipline::FREE);
    cpu.start(Time(0), throttled, exec(0), 0.5);
    cpu.start(Time(0), throttled, exec(1), 0.5);
    cpu.start(Time(0), free, exec(2), 1.0);
    cpu.predict();
    assert_eq!((cpu.load(), cpu.quota(throttled), cpu.quota(free)), ((1.5, 0), (0.5, 2), (1.0, 0)));
    assert_eq!(drain(&mut cpu), [(2, 1000), (0, 2000), (1, 2000)]);
}

#[test]
fn a_portion_of_the_cores_is_shared_like_fewer_cores() {
    let mut cpu = Processor::new(Time(0), 2, 1.0);
    let party = cpu.add_party(Discipline::FREE);
    cpu.set_portion(Time(0), 0.1);
    cpu.start(Time(0), party, exec(0), 0.2);
    assert_eq!(drain(&mut cpu), [(0, 1000)]);
}
