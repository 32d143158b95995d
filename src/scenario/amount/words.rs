//! The words of amounts: the one table of distributions and gauges that the parser and the reference read.

/// What a word of an amount is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// A law that a number is drawn from.
    Distribution,
    /// A reading of the instance.
    Gauge,
}

/// A word of an amount.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// As it is written.
    pub name: &'static str,
    /// How it is used.
    pub usage: &'static str,
    /// What it is.
    pub group: Group,
    /// One that can be drawn, or read.
    pub example: &'static str,
    /// What it means, with the ranges of its parameters.
    pub meaning: &'static str,
}

const fn law(name: &'static str, usage: &'static str, example: &'static str, meaning: &'static str) -> Word {
    Word { name, usage, group: Group::Distribution, example, meaning }
}

const fn gauge(name: &'static str, usage: &'static str, example: &'static str, meaning: &'static str) -> Word {
    Word { name, usage, group: Group::Gauge, example, meaning }
}

/// Every word that is followed by what it is about, or by nothing.
pub const KNOWN: [Word; 15] = [
    law("exp", "exp(mean)", "exp(8ms)", "Exponential: no memory, cv 1."),
    law(
        "lognormal",
        "lognormal(mean, cv c)",
        "lognormal(8ms, cv 1)",
        "Log-normal; cv above 0, at most 1000: standard deviation over mean. Response times as they are measured.",
    ),
    law("gamma", "gamma(mean, cv c)", "gamma(8ms, cv 0.5)", "Gamma; cv above 0, at most 1000."),
    law("erlang", "erlang(stages, mean)", "erlang(3, 8ms)", "Sum of 1 to 1000 equal exponential stages; cv 1/√stages."),
    law(
        "pareto",
        "pareto(mean, shape a)",
        "pareto(8ms, shape 2.5)",
        "Pareto: a tail that falls as a power; shape above 1, at most 1000 (up to 2 the variance is infinite).",
    ),
    law(
        "weibull",
        "weibull(mean, shape k)",
        "weibull(80ms, shape 0.8)",
        "Weibull; shape 0.1 to 1000: below 1 a long tail, 1 exponential, above 1 narrower.",
    ),
    law("uniform", "uniform(low, high)", "uniform(5ms, 15ms)", "Any value between the two alike."),
    law(
        "hyperexp",
        "hyperexp(mean, cv c)",
        "hyperexp(8ms, cv 2)",
        "Hyperexponential: one of two exponentials that carry half of the mean each; cv 1 to 1000.",
    ),
    law(
        "geometric",
        "geometric(mean)",
        "geometric(20)",
        "Geometric: 1, 2, 3, .. trials until the first success; a bare mean of at least 1.",
    ),
    law(
        "empirical",
        "empirical(value:weight, ..)",
        "empirical(10ms:3, 50ms:1)",
        "As measured: one of the values, by weight.",
    ),
    law(
        "mixture",
        "mixture(amount:weight, ..)",
        "mixture(exp(1ms):9, exp(40ms):1)",
        "One of the amounts, by weight: a fast path and a slow one.",
    ),
    gauge(
        "in_flight",
        "in_flight",
        "10ms*in_flight",
        "Executions admitted or waiting at the instance, this one included.",
    ),
    gauge("connections", "connections", "5us*connections", "Inbound connections open at the instance."),
    gauge("queued", "queued", "1ms*queued", "Executions waiting in the instance's backlog for a worker."),
    gauge("waiting", "waiting(link)", "40ms*waiting(db)", "Calls of this instance in progress over that link."),
];

/// Two percentiles, which need no word.
pub const PERCENTILES: Word = law(
    "p50",
    "p50 value, p99 value",
    "p50 300ms, p99 3s",
    "The log-normal law with these two percentiles (any two, the lower first): what a dashboard shows.",
);
