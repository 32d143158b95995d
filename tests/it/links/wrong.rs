//! What is wrong about the cares of a link is told where it stands.

use crate::support::Draft;
use surgelab::scenario::load;

/// The problems of a link `front>db`, or of the crowd's access to `front`.
fn problems(link: &str, access: &str) -> String {
    let text = Draft::new(10.0)
        .machine("farm", "count: 2")
        .service("db", "on: [\"farm\"], operations: { \"read\": [Delay(\"1ms\")] }")
        .service("front", &format!("on: [], kind: Balancer(to: \"db\"), links: {{ \"db\": ({link}) }}"))
        .poisson_with(10.0, "front.read", &format!("access: ({access})"))
        .text();
    match load("wrong.ron", &text) {
        Ok(loaded) => format!("{:?}", loaded.warnings),
        Err(problems) => format!("{problems:?}"),
    }
}

#[test]
fn wrong_cares_are_errors_that_say_why() {
    for (link, access, told) in [
        ("rate_limit: (rate: \"0/s\")", "", "no call ever"),
        ("", "rate_limit: (rate: \"0/s\")", "no call ever"),
        ("rate_limit: (rate: \"1/s\", burst: 0.5)", "", "burst"),
        ("loss: \"120%\"", "", "loss"),
        ("breaker: (failures: \"0%\")", "", "opens when nothing fails"),
        ("breaker: (window: \"0s\")", "", "a window of 0s"),
        ("breaker: (open: \"0s\")", "", "open for 0s"),
        ("hedge: (after: \"0s\")", "", "two attempts at once"),
        ("hedge: (most: 2)", "", "after"),
        ("eject: (lasting: \"0s\")", "", "ejected for 0s"),
        ("target_limit: 0", "", "target_limit"),
        ("queue_limit: 5", "", "where nobody waits"),
        ("pool_timeout: \"1s\"", "", "where nobody waits"),
        ("balance: Weighted({\"frm\": 2})", "", "did you mean `farm`"),
        ("balance: Weighted({\"farm\": -1})", "", "a weight below 0"),
        ("balance: Weighted({\"farm\": 0})", "", "gets no call"),
        ("balance: SameMachine", "", "on no machine"),
        ("", "balance: SameMachine", "on no machine"),
    ] {
        let problems = problems(link, access);
        assert!(problems.contains(told), "{link} {access}: {problems}");
    }
    let fine = problems("target_limit: 2, queue_limit: 5, pool_timeout: \"1s\"", "loss: \"1%\"");
    assert_eq!(fine, problems("", ""), "nothing is wrong with these");
}
