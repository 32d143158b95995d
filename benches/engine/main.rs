//! How fast the engine is, beside hand-written loops for the same models in the same run.
//!
//! `cargo bench --no-default-features --features cli`. The loops know one model each, keep everything in one std
//! `BinaryHeap`, draw from the same generator through the same samplers, and count no more than a mean. "engine" is a
//! run that nobody listens to, "measured" a run with everything the report needs. First comes what a request costs, as
//! cachegrind counts it. `-- scale` prints only how that grows with the system.
mod calendar;
mod count;
mod draw;
mod mm1;
mod rig;
mod scale;
mod web;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == count::ONE) {
        return count::one(&arguments[1..]);
    }
    if arguments.iter().any(|argument| argument == "scale") {
        return scale::table();
    }
    count::table();
    rig::compare("M/M/1 at 0.8", &mm1::scenario(40_000), |seed| mm1::by_hand(40_000, seed));
    rig::compare("M/M/1 at 0.8 on a core", &mm1::scenario_on_cpu(40_000), |seed| mm1::by_hand(40_000, seed));
    let steady = web::steady(1_200);
    rig::compare("three-tier web", &steady.scenario(), |seed| web::by_hand(&steady, seed));
    let surge = web::surge(900);
    rig::compare("three-tier web through a surge", &surge.scenario(), |seed| web::by_hand(&surge, seed));
    scale::table();
    rig::alone("CodinGame", include_str!("../../scenarios/codingame.ron"));
}
