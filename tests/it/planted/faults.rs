//! The kinds of faults, and how each is planted.

use super::system::{Dice, Extra, FAULT_S, HORIZON_S, Planted, System};
use crate::support::Draft;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Somebody keeps a lock.
    Lock,
    /// A long piece of work blocks the only thread.
    Thread,
    /// Machines die and stay dead.
    Machines,
    /// Processes die and take long to come back.
    Instances,
    /// Fewer workers.
    Workers,
    /// A third party answers slowly.
    ThirdParty,
    /// A machine computes slowly.
    SlowCpu,
    /// Fewer kept connections.
    Pool,
    /// A cache is emptied.
    Flush,
    /// Many more requests than the database can answer.
    Burst,
    /// Many requests at one worker.
    OneWorker,
    /// Connections stay open until there are no descriptors.
    Descriptors,
    /// Nothing passes between the application and the database.
    Partition,
    /// The share of a core that a container may use shrinks.
    Quota,
    /// The disk does fewer operations.
    Disk,
    /// Another service takes the cores of the database's machine.
    Neighbour,
}

/// All of them; a seed's remainder says which.
pub const KINDS: [Fault; 16] = [
    Fault::Lock,
    Fault::Thread,
    Fault::Machines,
    Fault::Instances,
    Fault::Workers,
    Fault::ThirdParty,
    Fault::SlowCpu,
    Fault::Pool,
    Fault::Flush,
    Fault::Burst,
    Fault::OneWorker,
    Fault::Descriptors,
    Fault::Partition,
    Fault::Quota,
    Fault::Disk,
    Fault::Neighbour,
];

/// A rule at the time of the fault.
fn at_fault(action: &str) -> String {
    format!("At(\"{FAULT_S}s\", {action})")
}

/// One request at the time of the fault, and no other within the horizon.
fn once(call: &str) -> String {
    const { assert!(2.0 * FAULT_S > HORIZON_S, "the second comes after the end") };
    format!("Open(rate: Constant(\"{}/min\"), gaps: \"1\", call: \"{call}\")", 60.0 / FAULT_S)
}

/// Plants a fault of this kind in a system, at a size that hurts.
pub fn plant(kind: Fault, mut system: System, dice: &mut Dice, seed: u64) -> Planted {
    let lasting = dice.between(6.0, 20.0);
    let plain = Extra::default();
    let with_rule = |system: &System, extra: &Extra, action: &str, root: &str| {
        let well = system.draft(extra);
        (well.clone(), well.rule(&at_fault(action)), root.to_string())
    };
    let (well, ill, root): (Draft, Draft, String) = match kind {
        Fault::Lock | Fault::Thread => single(kind, &system, lasting, dice),
        Fault::Machines => {
            system.app_load = dice.between(0.4, 0.5);
            let well = system.draft(&plain);
            let dead = 1..system.machines;
            let ill =
                dead.fold(well.clone(), |draft, machine| draft.rule(&at_fault(&format!("Crash(\"web/{machine}\")"))));
            (well, ill, "app".into())
        }
        Fault::Instances => {
            system.app_load = dice.between(0.4, 0.5);
            let extra = Extra { app: format!("restart: \"{lasting:.2}s\", "), ..plain };
            let well = system.draft(&extra);
            let dead = 1..system.machines;
            let ill = dead.fold(well.clone(), |draft, one| draft.rule(&at_fault(&format!("Crash(\"app/{one}\")"))));
            (well, ill, "app".into())
        }
        Fault::Workers => with_rule(&system, &plain, "Set(\"services.app.workers\", 1)", "app.workers"),
        Fault::ThirdParty => {
            system.pays = true;
            let slow = dice.between(2.0, 8.0);
            let action = format!("Set(\"services.pay.operations.charge.0\", Delay(\"{slow:.2}s\"))");
            with_rule(&system, &plain, &action, "pay")
        }
        Fault::SlowCpu => {
            let target = dice.one_of(&["store", "db"]);
            let factor = dice.between(0.02, 0.1);
            let action = format!("Slow(target: \"{target}\", factor: {factor:.3}, lasting: \"{lasting:.2}s\")");
            with_rule(&system, &plain, &action, "db.cpu")
        }
        Fault::Pool => {
            system.machines = 2;
            system.queries = 3;
            let extra = Extra { query: Some("Delay(\"40ms\")".into()), ..plain };
            with_rule(&system, &extra, "Set(\"services.app.links.db.connections\", Keep(1))", "app.pool(db)")
        }
        Fault::Flush => flush(&system, dice),
        Fault::Burst => {
            system.app_load = 0.05;
            system.pays = false;
            let times = dice.between(2.5, 5.0) / system.db_load;
            let action = format!("ScaleTraffic(\"users\", {times:.2})");
            let (well, ill, root) = with_rule(&system, &plain, &action, "db.cpu");
            (well, ill.rule(&format!("At(\"{:.2}s\", ScaleTraffic(\"users\", 1.0))", FAULT_S + lasting)), root)
        }
        Fault::OneWorker => one_worker(&mut system, dice),
        Fault::Descriptors => descriptors(&system, dice),
        Fault::Partition => {
            let action = format!("Partition(from: \"app\", to: \"db\", lasting: \"{lasting:.2}s\")");
            with_rule(&system, &plain, &action, "the network to db")
        }
        Fault::Quota => {
            let usual = system.app_load * system.cores as f64;
            let extra = Extra { app: format!("cpu: (limit: {:.2}), ", system.cores), ..plain };
            let action = format!("Set(\"services.app.cpu\", (limit: {:.3}))", usual * dice.between(0.2, 0.6));
            with_rule(&system, &extra, &action, "app.quota")
        }
        Fault::Disk => {
            let iops = system.rate * system.queries as f64 / dice.between(0.2, 0.4);
            let extra = Extra { query: Some("Disk(\"1\")".into()), store: format!(", iops: \"{iops:.0}/s\""), ..plain };
            let action = format!("Set(\"machines.store.iops\", \"{:.0}/s\")", iops * dice.between(0.05, 0.15));
            with_rule(&system, &extra, &action, "db.disk")
        }
        Fault::Neighbour => {
            let busy = 4 * system.db_cores;
            let neighbour = |draft: Draft| {
                draft
                    .service("batch", "on: [\"store\"], workers: 400, operations: { \"job\": [Cpu(\"exp(500ms)\")] }")
                    .source("jobs", "Open(rate: Constant(\"0.2/s\"), call: \"batch.job\")")
            };
            let well = neighbour(system.draft(&plain));
            let action = format!("ScaleTraffic(\"jobs\", {})", busy * 5 * 2);
            (well.clone(), well.rule(&at_fault(&action)), "store.cpu".into())
        }
    };
    Planted { kind, seed, well, ill, root }
}

/// A ledger of one instance that every page asks: its lock, or its only thread, is taken for a while.
fn single(kind: Fault, system: &System, lasting: f64, dice: &mut Dice) -> (Draft, Draft, String) {
    let usual = format!("{:.0}us", dice.between(0.1, 0.35) / system.rate * 1e6);
    let (fields, entry, stall, root) = if kind == Fault::Lock {
        (
            "",
            format!("Lock(\"table\", \"\", [Delay(\"{usual}\")])"),
            format!("Lock(\"table\", \"\", [Delay(\"{lasting:.2}s\")])"),
            "ledger.lock(table)",
        )
    } else {
        (
            "threads: 1, scheduling: Fifo, ",
            format!("Cpu(\"{usual}\")"),
            format!("Cpu(\"{lasting:.2}s\")"),
            "ledger.threads",
        )
    };
    let extra = Extra {
        steps: Some(system.steps(&format!("{}, Call(\"ledger.entry\")", system.queries()))),
        links: ", \"ledger\": ()".into(),
        ..Extra::default()
    };
    let well = system.draft(&extra).service(
        "ledger",
        &format!(
            "on: [\"side\"], {fields}workers: {}, backlog: (limit: {}), operations: {{ \"entry\": [{entry}], \"export\": [{stall}] }}",
            dice.whole(20, 100),
            dice.whole(10, 100)
        ),
    );
    (well.clone(), well.source("clerk", &once("ledger.export")), root.into())
}

/// A cache in front of the database, which can answer a fraction of what is asked.
fn flush(system: &System, dice: &mut Dice) -> (Draft, Draft, String) {
    let keys = dice.whole(150, 400);
    let slow = dice.between(3.0, 6.0) * system.db_cores as f64 / system.rate;
    let extra = Extra {
        steps: Some(system.steps("Cached(\"items\", \"item\", [], [Call(\"db.query\")])")),
        query: Some(format!("Cpu(\"{:.0}ms\")", slow * 1e3)),
        app: "stores: { \"items\": () }, ".into(),
        ..Extra::default()
    };
    // Two minutes fill the cache.
    let well = system.draft(&extra).key("item", &format!("Zipf(n: {keys}, s: 1.0)")).warm_up(120.0);
    (well.clone(), well.rule(&at_fault("Flush(\"app.items\")")), "app.items".into())
}

/// A crowd comes all at once to a service whose one worker is slower than its machine.
fn one_worker(system: &mut System, dice: &mut Dice) -> (Draft, Draft, String) {
    let work = dice.between(0.1, 0.3);
    let count = ((system.patience + 20.0 * dice.share()) * 4.0 / work).round();
    let well = system.draft(&Extra::default()).service(
        "print",
        &format!(
            "on: [\"side\"], workers: 1, backlog: (limit: {}), operations: {{ \"page\": [Cpu(\"{work:.3}s\")] }}",
            dice.whole(5, 400)
        ),
    );
    let crowd = format!(
        "Open(rate: Constant(\"{}/min\"), gaps: \"1\", batch: \"{count}\", call: \"print.page\", patience: \"{:.2}s\")",
        60.0 / FAULT_S,
        system.patience
    );
    (well.clone(), well.source("crowd", &crowd), "print.workers".into())
}

/// Tabs keep their connection; suddenly many more of them come.
fn descriptors(system: &System, dice: &mut Dice) -> (Draft, Draft, String) {
    let open_s = dice.between(20.0, 60.0);
    let rate = dice.between(2.0, 5.0);
    let most = (rate * open_s * dice.between(1.5, 2.5)).round();
    let (fields, root) = if dice.share() < 0.5 {
        (format!("descriptors: {most}, "), "push.descriptors")
    } else {
        (format!("max_connections: {most}, "), "push.connections")
    };
    let well = system
        .draft(&Extra::default())
        .service(
            "push",
            &format!(
                "on: [\"side\"], {fields}operations: {{ \"open\": [Cpu(\"1ms\"), HoldFor(\"exp({open_s:.1}s)\")] }}"
            ),
        )
        .source("tabs", &format!("Open(rate: Constant(\"{rate:.2}/s\"), call: \"push.open\")"));
    (well.clone(), well.rule(&at_fault("ScaleTraffic(\"tabs\", 8)")), root.into())
}
