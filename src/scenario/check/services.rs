//! Services: where they run, what they offer, whom they may call.
use super::{At, Checker, programs::Owner};
use crate::scenario::{
    amount::Amount,
    link::{Connections, Link, NoneHealthy},
    retry::Retry,
    service::{Contention, Cpu, Instances, Kind, Memory, Scheduling, Service},
};
use crate::units::Span;

impl<'a> Checker<'a> {
    pub(super) fn services(&mut self, services: At<'_>) {
        let scenario = self.scenario;
        for (index, (name, service)) in scenario.services.iter().enumerate() {
            let at = services.entry(index, name);
            self.placement(name, service, services.name(name), at);
            self.kind(name, service, at);
            self.limits(service, at);
            self.stores(name, service, at);
            self.door(service, at);
            let links = at.child("links");
            for (index, (to, link)) in service.links.iter().enumerate() {
                if !scenario.services.contains(to) {
                    self.unknown(links.name(to), "service", to, scenario.services.names());
                }
                let place = links.entry(index, to);
                self.link(link, place);
                self.balance(&link.balance, Some(service), to, place);
            }
            let operations = at.child("operations");
            for (index, (operation, program)) in service.operations.iter().enumerate() {
                let owner = Owner::Operation { service: name, operation, of: service };
                self.program(owner, program, operations.entry(index, operation));
            }
        }
    }

    fn placement(&mut self, name: &str, service: &Service, key: At<'_>, at: At<'_>) {
        let scenario = self.scenario;
        if service.on.is_empty() {
            for (field, given) in
                [("instances", service.instances != Instances::PerMachine(1)), ("cpu", service.cpu != Cpu::default())]
            {
                if given {
                    self.error(
                        at.child(field),
                        format!("`{name}` runs nowhere and has `{field}`"),
                        "it acts on machines: expected `on: [..]`",
                    );
                }
            }
        }
        for (index, group) in service.on.iter().enumerate() {
            let place = at.child("on").item(index);
            if !scenario.machines.contains(group) {
                self.unknown(place, "machine", group, scenario.machines.names());
            } else if service.on[..index].contains(group) {
                self.error(place, format!("`{name}` is on `{group}` twice"), "expected each group once");
            }
        }
        let needs = match service.kind {
            Kind::Server => "a `Server`",
            Kind::Database { .. } => "a `Database`",
            Kind::Balancer { .. } | Kind::Queue { .. } | Kind::Cache { .. } | Kind::External => return,
        };
        if service.on.is_empty() {
            let groups = crate::scenario::nearest::list(scenario.machines.names());
            self.error(
                key,
                format!("`{name}` runs nowhere"),
                format!("{needs} needs `on: [..]`; the machines are {groups}"),
            );
        }
    }

    fn kind(&mut self, name: &'a str, service: &'a Service, at: At<'_>) {
        match &service.kind {
            Kind::Server => {}
            Kind::Database { shard_by, replicas, lag, apply, reads } => {
                let at = at.child("kind");
                if let Some(key) = shard_by {
                    self.key(key, at.child("shard_by"));
                }
                self.no_gauges(lag, at.child("lag"));
                self.no_gauges(apply, at.child("apply"));
                for (index, read) in reads.iter().enumerate().filter(|(_, read)| !service.operations.contains(read)) {
                    self.unknown(
                        at.child("reads").item(index),
                        &format!("operation of `{name}`,"),
                        read,
                        service.operations.names(),
                    );
                }
                let given = [("lag", !lag.is_zero()), ("apply", !apply.is_zero()), ("reads", !reads.is_empty())];
                for (field, _) in given.into_iter().filter(|(_, given)| *given && *replicas == 0) {
                    self.warn(
                        at.child(field),
                        format!("`{field}` without replicas"),
                        "it acts with `replicas` above 0",
                    );
                }
            }
            Kind::Cache { store } => self.cache(name, service, store, at),
            Kind::External => {
                let absent = |wrong: bool, field: &'static str| wrong.then_some(field);
                let wrong = [
                    absent(!service.on.is_empty(), "on"),
                    absent(service.workers.is_some(), "workers"),
                    absent(service.threads.is_some(), "threads"),
                    absent(service.memory != Memory::default(), "memory"),
                    absent(service.contention != Contention::default(), "contention"),
                    absent(service.restart.is_some(), "restart"),
                ];
                for field in wrong.into_iter().flatten() {
                    self.error(
                        at.child(field),
                        format!("`{name}` is `External` and has `{field}`"),
                        "we do not run it: it has no machine, workers or memory of ours",
                    );
                }
            }
            Kind::Balancer { to, cpu, .. } | Kind::Queue { to, cpu, .. } => self.forwards(name, service, (to, cpu), at),
        }
    }

    /// A balancer or a queue and the service that it is for.
    fn forwards(&mut self, name: &'a str, service: &'a Service, (to, cpu): (&'a str, &Amount), at: At<'_>) {
        let what = if matches!(service.kind, Kind::Queue { .. }) { "queue" } else { "balancer" };
        let place = at.child("kind").child("to");
        self.no_gauges(cpu, at.child("kind").child("cpu"));
        if !service.operations.is_empty() {
            self.error(
                at.child("operations"),
                format!("`{name}` is a {what} and has operations"),
                format!("it offers those of `{to}`"),
            );
        }
        if !self.scenario.services.contains(to) {
            self.unknown(place, "service", to, self.scenario.services.names());
        } else if !service.links.contains(to) {
            let help = format!("add `links: {{ \"{to}\": () }}` to `{name}`");
            let problem = self.error(
                place,
                format!("`{name}` has no link to `{to}`"),
                format!("a {what} forwards over the link of that name"),
            );
            problem.help = Some(help);
        } else if self.offers(name).is_none() {
            self.error(
                place,
                format!("`{name}` forwards to itself in the end"),
                "expected a chain that ends at a service with operations of its own",
            );
        }
        for operation in self.offers(name).into_iter().flat_map(|offered| offered.names()) {
            self.calls.forward(name, to, operation, place.span());
        }
        if let Kind::Queue { to, .. } = &service.kind
            && service.links.get(to).is_some_and(|link| {
                let endless = link.connections == Connections::PerCall && link.target_limit.is_none();
                // What is given back waits for its redelivery.
                endless && link.retry.times == 0 && !link.retry.forever
            })
        {
            self.warn(
                place,
                format!("nothing ever waits in `{name}`"),
                format!(
                    "`{to}` is given every message at once: its link says how many it takes, `connections: Keep(..)`"
                ),
            );
        }
    }

    fn limits(&mut self, service: &Service, at: At<'_>) {
        if service.backlog.limit.is_some() && service.workers.is_none() {
            self.warn(
                at.child("backlog"),
                "a backlog without `workers`",
                "nobody waits in it: every call is served at once",
            );
        }
        if service.scheduling == Scheduling::Fifo && service.threads.is_none() {
            self.warn(
                at.child("scheduling"),
                "`Fifo` without `threads`",
                "nothing waits its turn; an event loop has `threads: 1`",
            );
        }
        let memory = &service.memory;
        let place = at.child("memory");
        if memory.per_worker.0 > 0 && service.workers.is_none() {
            self.error(
                place.child("per_worker"),
                "`per_worker` without `workers`",
                "expected `workers`, or `per_request`",
            );
        }
        if let Some(limit) = memory.limit
            && limit <= memory.idle
        {
            self.error(
                place.child("limit"),
                format!("a limit of {limit}, and {} are used with nothing to do", memory.idle),
                "expected a limit above `idle`",
            );
        }
    }

    fn link(&mut self, link: &'a Link, at: At<'_>) {
        let amounts = [("latency", &link.latency)];
        amounts.iter().for_each(|(field, amount)| self.no_gauges(amount, at.child(field)));
        for (field, amount) in [
            ("latency", &link.handshake.latency),
            ("caller", &link.handshake.caller),
            ("callee", &link.handshake.callee),
        ] {
            self.no_gauges(amount, at.child("handshake").child(field));
        }
        self.not_zero(link.timeout, at.child("timeout"), "a timeout of 0s fails every call");
        self.not_zero(link.pool_timeout, at.child("pool_timeout"), "a wait of 0s fails every call that has to wait");
        self.flows(link.bandwidth.map(|bandwidth| bandwidth.0), at.child("bandwidth"));
        self.retry(&link.retry, at.child("retry"));
        self.guards(link, at);
        self.passed_deadline(link, at);
        if let Some(health) = &link.health {
            self.not_zero(Some(health.every), at.child("health").child("every"), "checks every 0s");
            self.not_zero(health.timeout, at.child("health").child("timeout"), "a timeout of 0s fails every check");
        } else if link.none_healthy == NoneHealthy::Refuse && link.eject.is_none() {
            self.warn(
                at.child("none_healthy"),
                "`none_healthy` without `health`",
                "without checks or `eject` every instance is believed healthy",
            );
        }
        if link.connections == Connections::PerCall && link.idle.is_some() {
            self.warn(at.child("idle"), "`idle` without kept connections", "it acts with `connections: Keep(..)`");
        }
    }

    pub(super) fn retry(&mut self, retry: &Retry, at: At<'_>) {
        self.no_gauges(&retry.after, at.child("after"));
        if retry.forever && retry.times > 0 {
            self.error(at.child("times"), "`times` and `forever`", "expected one of them");
        }
        if !retry.forever && retry.times == 0 && *retry != Retry::default() {
            self.warn(at, "a retry that never tries again", "it acts with `times` above 0, or `forever: true`");
        } else if retry.after.is_zero() {
            let waits =
                [("factor", retry.factor != 1.0), ("cap", retry.cap.is_some()), ("jitter", retry.jitter.0 > 0.0)];
            for (field, _) in waits.into_iter().filter(|(_, given)| *given) {
                self.warn(at.child(field), format!("`{field}` of no wait"), "it acts on `after`, which is 0s");
            }
        }
    }

    /// A speed at which something ends.
    pub(super) fn flows(&mut self, per_second: Option<f64>, at: At<'_>) {
        if per_second == Some(0.0) {
            self.error(at, "a speed of 0", "nothing would ever end; expected one above 0");
        }
    }

    pub(super) fn not_zero(&mut self, time: Option<Span>, at: At<'_>, message: &str) {
        if time == Some(Span::ZERO) {
            self.error(at, message, "expected a time above 0");
        }
    }

    /// Gauges are readings of the instance that executes a step; elsewhere there is none to read.
    pub(super) fn no_gauges(&mut self, amount: &Amount, at: At<'_>) {
        let mut any = false;
        amount.expr().gauges(&mut |_| any = true);
        if any {
            self.error(
                at,
                format!("`{amount}` reads a gauge"),
                "expected a constant or a distribution: gauges are read by steps of operations",
            );
        }
    }
}
