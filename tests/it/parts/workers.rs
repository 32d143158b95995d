//! What works in the background.
use super::{about, seen};
use crate::support::Draft;

#[test]
fn celery_processes_and_what_they_reserve_are_all_it_takes() {
    let tasks = seen(
        &Draft::new(60.0)
            .machine("box", "cores: 4")
            .service("tasks", "like: \"celery\", operations: { \"mail\": [Delay(\"1s\")] }")
            .poisson(20.0, "tasks.mail"),
    );
    about(tasks.goodput(), 4.0, "four processes of a second each");
    assert!(tasks.resource("tasks/0.workers").waiting_max <= 12.0, "twelve wait reserved, the rest stays with the broker");
}
