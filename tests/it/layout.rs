//! Where things stand: nothing overlaps, nothing moves that need not, everything has its seat and its wire.

mod picture;

use crate::support::random::{Chaos, chaos};
use crate::support::{compile, run::loaded};
use picture::{behind, crossings};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::{BTreeMap, BTreeSet};
use surgelab::catalog;
use surgelab::layout::{Hit, Inventory, Layout, Node, Point, Positions, Rect, STACK, WireEnd};
use surgelab::model::{Caller, GroupId, Model, ServiceId};
use surgelab::scenario::{Edit, Loaded};

fn built_in(name: &str) -> Loaded {
    loaded(catalog::find(name).unwrap().text)
}

fn fresh(model: &Model) -> Layout {
    Layout::new(model, &Positions::default())
}

/// Every built-in scenario, and each with each of its variants.
fn everything() -> Vec<(String, Model)> {
    let mut all = Vec::new();
    for scenario in catalog::SCENARIOS {
        let file = loaded(scenario.text);
        all.push((scenario.name.to_owned(), Model::compile(&file).unwrap()));
        for variant in file.scenario.variants.names() {
            let patched = file.with(Some(variant), &[]).unwrap();
            all.push((format!("{}, {variant}", scenario.name), Model::compile(&patched).unwrap()));
        }
    }
    all
}

fn overlap(layout: &Layout) -> Option<(Node, Node)> {
    let nodes: Vec<(Node, Rect)> = layout.nodes().collect();
    let pairs = nodes.iter().enumerate().flat_map(|(at, one)| nodes[at + 1..].iter().map(move |two| (one, two)));
    pairs.into_iter().find(|(one, two)| one.1.overlaps(&two.1)).map(|(one, two)| (one.0, two.0))
}

fn inside(inner: &Rect, outer: &Rect) -> bool {
    inner.x >= outer.x
        && inner.y >= outer.y
        && inner.x + inner.width <= outer.x + outer.width
        && inner.y + inner.height <= outer.y + outer.height
}

/// What must hold of every layout.
fn check(layout: &Layout, model: &Model, inventory: &Inventory, of: &str) {
    assert_eq!(overlap(layout), None, "{of}");
    for &(service, ordinal, machine) in &inventory.instances {
        let seat = layout.seat(service, ordinal).unwrap_or_else(|| panic!("{of}: {service:?}/{ordinal} has no seat"));
        let seat = layout.seats()[seat];
        let node = machine.map_or(Node::Apart(service, ordinal), |at| {
            let (group, ordinal) = inventory.machines[at as usize];
            layout.node_of(group, ordinal)
        });
        assert_eq!((seat.service, seat.node), (service, node), "{of}");
        assert!(inside(&seat.rect, &layout.rect(node).unwrap()), "{of}: {seat:?} is beside its box");
    }
    for (at, one) in layout.seats().iter().enumerate() {
        assert!(layout.seats()[at + 1..].iter().all(|two| !one.rect.overlaps(&two.rect)), "{of}: two sit on one seat");
    }
    let there: BTreeSet<ServiceId> = inventory.instances.iter().map(|instance| instance.0).collect();
    for (at, link) in model.links.iter().enumerate().filter(|(_, link)| !link.retired) {
        let caller = match link.caller {
            Caller::Source(source) => !model.sources[source].retired,
            Caller::Service(service) => there.contains(&service),
        };
        let drawn = layout.wires().iter().any(|wire| wire.link.index() == at);
        assert_eq!(drawn, caller && there.contains(&link.callee), "{of}: the wire of {}", link.name);
    }
    let rect = |end: WireEnd| match end {
        WireEnd::Source(source) => layout.rect(Node::Source(source)).unwrap(),
        WireEnd::Seat(seat) => layout.seats()[seat as usize].rect,
    };
    for wire in layout.wires() {
        assert!(
            rect(wire.from).contains(wire.start) && rect(wire.to).contains(wire.end),
            "{of}: {wire:?} hangs in the air"
        );
    }
}

#[test]
fn every_scenario_stands_without_an_overlap_and_every_instance_has_its_seat() {
    for (name, model) in everything() {
        let layout = fresh(&model);
        check(&layout, &model, &Inventory::of_model(&model), &name);
        let on_grid = |value: f32| value % 8.0 == 0.0;
        assert!(layout.nodes().all(|(_, rect)| on_grid(rect.x) && on_grid(rect.y)), "{name}");
    }
}

#[test]
fn calls_flow_to_the_right_from_a_crowd_on_the_left() {
    for (name, model) in everything() {
        let layout = fresh(&model);
        let crowd = layout.nodes().filter(|(node, _)| matches!(node, Node::Source(_)));
        let edge = crowd.map(|(_, rect)| rect.x + rect.width).fold(f32::NEG_INFINITY, f32::max);
        for (node, rect) in layout.nodes().filter(|(node, _)| !matches!(node, Node::Source(_))) {
            assert!(rect.x > edge, "{name}: {node:?} stands among the people");
        }
        let back = layout
            .wires()
            .iter()
            .filter(|wire| wire.end.x < wire.start.x - 1.0 && wire.arrive > 0.0 && wire.leave < 0.0)
            .count();
        assert_eq!(back, 0, "{name}: calls back without a cycle of calls");
    }
}

#[test]
fn pictures_are_clear() {
    // Crossings that no order avoids are those of many that all call many.
    for (name, most_crossings, most_behind) in [
        ("codingame", 0, 0),
        ("avocado", 8, 0),
        ("turbogonki", 2, 0),
        ("wooga", 0, 0),
        ("famigo", 6, 0),
        ("sinkhole", 0, 0),
        ("connection-pool", 0, 0),
        ("replica-lag", 0, 0),
        ("black-friday", 70, 0),
        ("autoscaler-lag", 0, 0),
        ("hot-shard", 40, 0),
        ("queue-backlog", 0, 0),
        ("noisy-neighbour", 0, 0),
    ] {
        let layout = fresh(&Model::compile(&built_in(name)).unwrap());
        let (crossed, hidden) = (crossings(&layout), behind(&layout));
        assert!(crossed <= most_crossings, "{name}: {crossed} crossings");
        assert!(hidden <= most_behind, "{name}: {hidden} wires run behind boxes");
        let bounds = layout.bounds();
        let filled: f32 = layout.nodes().map(|(_, rect)| rect.width * rect.height).sum();
        if layout.nodes().count() > 4 {
            let empty = 1.0 - filled / (bounds.width * bounds.height);
            assert!((0.5..0.9).contains(&empty), "{name}: {empty} of the canvas is empty");
            let aspect = bounds.width / bounds.height;
            assert!((0.8..3.0).contains(&aspect), "{name}: {aspect} times as wide as high");
        }
    }
}

#[test]
fn many_that_call_the_same_go_one_way_together() {
    let layout = fresh(&Model::compile(&built_in("black-friday")).unwrap());
    let together: Vec<_> = layout.wires().iter().filter_map(|wire| Some((wire, wire.via?))).collect();
    assert!(together.len() >= 8, "{} wires run together", together.len());
    let places: BTreeSet<(u32, u32)> = together.iter().map(|(_, via)| (via.x.to_bits(), via.y.to_bits())).collect();
    assert!(places.len() <= 2, "{places:?}");
    for (wire, via) in together {
        let at = wire.at(wire.share_of(via));
        assert!((at.x - via.x).abs() < 1.0 && (at.y - via.y).abs() < 1.0, "{wire:?} misses {via:?}");
        let pieces: Vec<Point> = wire.points().collect();
        assert!(pieces.windows(2).all(|pair| pair[0].x <= pair[1].x), "{wire:?} goes back");
        assert_eq!((pieces[0], pieces[pieces.len() - 1]), (wire.start, wire.end));
    }
}

#[test]
fn many_equal_processes_share_a_seat_and_few_do_not() {
    let model = Model::compile(&built_in("avocado")).unwrap();
    let layout = fresh(&model);
    let talk = model.services.iter().position(|service| service.name == "talk").unwrap();
    let seats: Vec<_> = layout.seats().iter().filter(|seat| seat.service == ServiceId::new(talk)).collect();
    assert_eq!(seats.iter().map(|seat| seat.ordinal).collect::<Vec<_>>(), [None, None], "one on each machine");
    let into = layout
        .wires()
        .iter()
        .filter(|wire| matches!(wire.to, WireEnd::Seat(at) if layout.seats()[at as usize].service.index() == talk));
    assert_eq!(into.count(), 2);
    assert!(layout.seats().iter().filter(|seat| seat.service.index() != talk).all(|seat| seat.ordinal.is_some()));
}

#[test]
fn many_machines_share_an_island() {
    let model = Model::compile(&built_in("wooga")).unwrap();
    let layout = fresh(&model);
    let group = GroupId::new(model.groups.iter().position(|group| group.name == "node").unwrap());
    assert_eq!(layout.node_of(group, 77), Node::Stack(group));
    let machines =
        layout.nodes().filter(|(node, _)| matches!(node, Node::Machine(of, _) | Node::Stack(of) if *of == group));
    assert_eq!(machines.count(), 1);
    let service = model.groups[group].services[0];
    let seat = layout.seat(service, 0).unwrap();
    assert_eq!(layout.seats()[seat].ordinal, None);
    assert_eq!(layout.seat(service, 124), Some(seat));
}

/// The machines of a group, and an instance of each service on each.
fn crowded(model: &Model, base: &Inventory, group: GroupId, ordinals: &[u32]) -> Inventory {
    let mut inventory = base.clone();
    for &ordinal in ordinals {
        let at = inventory.machines.len() as u32;
        inventory.machines.push((group, ordinal));
        inventory
            .instances
            .extend(model.groups[group].services.iter().map(|&service| (service, 1_000 + ordinal, Some(at))));
    }
    inventory
}

#[test]
fn machines_come_and_go_and_nothing_else_moves() {
    for (name, model) in everything() {
        let base = Inventory::of_model(&model);
        for group in model.groups.ids() {
            let mut layout = fresh(&model);
            let mut first: BTreeMap<Node, Rect> = layout.nodes().collect();
            // Up to seven more, away again, others in their place, and the first again.
            for ordinals in
                [vec![50], (50..54).collect(), vec![], vec![60, 61], vec![53, 61], (50..57).collect(), vec![51]]
            {
                let inventory = crowded(&model, &base, group, &ordinals);
                layout.update(&model, &inventory);
                check(&layout, &model, &inventory, &name);
                for (node, rect) in layout.nodes().filter(|(node, _)| !matches!(node, Node::Stack(_))) {
                    let before = *first.entry(node).or_insert(rect);
                    let again = (before.x, before.y) == (rect.x, rect.y);
                    let newcomer = matches!(node, Node::Machine(of, ordinal) if of == group && ordinal >= 50);
                    assert!(again || newcomer, "{name}: {node:?} moved from {before:?} to {rect:?}");
                }
            }
        }
    }
}

#[test]
fn a_group_that_outgrows_its_islands_becomes_a_stack_where_it_stood() {
    let model = Model::compile(&built_in("autoscaler-lag")).unwrap();
    let (base, group) = (Inventory::of_model(&model), GroupId::new(0));
    let mut layout = fresh(&model);
    let home = layout.rect(Node::Machine(group, 0)).unwrap();
    let many: Vec<u32> = (50..50 + STACK as u32).collect();
    let inventory = crowded(&model, &base, group, &many);
    layout.update(&model, &inventory);
    check(&layout, &model, &inventory, "stacked");
    let stack = layout.rect(Node::Stack(group)).unwrap();
    assert_eq!((stack.x, stack.y), (home.x, home.y));
    layout.update(&model, &base);
    assert!(layout.rect(Node::Stack(group)).is_some(), "it does not flicker between the two");
}

/// CodinGame with a cache on a machine of its own, a service on a machine that was there, and robots.
fn more() -> Vec<Edit> {
    [
        ("machines.memory", "(cores: 1, memory: \"1GiB\")"),
        ("services.cache", "(on: [\"memory\"], operations: { \"get\": [Cpu(\"1ms\")] })"),
        (
            "services.cron",
            "(on: [\"db\"], links: { \"cache\": () }, operations: { \"run\": [Cpu(\"1ms\"), Call(\"cache.get\")] })",
        ),
        ("services.app.links", "{ \"rds\": (connections: Keep(50)), \"cache\": () }"),
        ("services.app.operations.page", "[Call(\"cache.get\"), Call(\"rds.query\"), Cpu(\"exp(8ms)\")]"),
        ("traffic.robots", "Open(rate: Constant(\"1/s\"), call: \"cron.run\")"),
    ]
    .map(|(path, value)| Edit::set(path, value))
    .to_vec()
}

fn corners(layout: &Layout, nodes: impl Iterator<Item = Node>) -> Vec<(Node, f32, f32)> {
    nodes.filter_map(|node| layout.rect(node).map(|rect| (node, rect.x, rect.y))).collect()
}

#[test]
fn what_is_added_moves_nothing() {
    let file = built_in("codingame");
    let model = Model::compile(&file).unwrap();
    let grown = model.compile_after(&file.with(None, &more()).unwrap()).unwrap();
    let (before, mut after) = (fresh(&model), fresh(&model));
    after.update(&grown, &Inventory::of_model(&grown));
    check(&after, &grown, &Inventory::of_model(&grown), "replaced");
    let all = |layout: &Layout| layout.nodes().map(|(node, _)| node).collect::<Vec<_>>();
    assert_eq!(corners(&before, all(&before).into_iter()), corners(&after, all(&before).into_iter()));
    assert_eq!(all(&after).len(), all(&before).len() + 2, "robots and their machine have come");
}

#[test]
fn an_edited_file_keeps_the_places_of_the_same_names() {
    let file = built_in("codingame");
    let model = Model::compile(&file).unwrap();
    // Read anew: ids are others.
    let edited = Model::compile(&file.with(None, &more()).unwrap()).unwrap();
    let mut before = fresh(&model);
    let first = before.nodes().find(|(node, _)| matches!(node, Node::Source(_))).unwrap().0;
    before.move_node(first, Point { x: -1_000.0, y: 16.0 });
    let after = before.follow(&edited);
    check(&after, &edited, &Inventory::of_model(&edited), "edited");
    let named = |model: &Model, layout: &Layout| -> BTreeMap<String, (f32, f32)> {
        let name = |node| match node {
            Node::Source(source) => model.sources[source].name.clone(),
            Node::Machine(group, ordinal) => format!("{}/{ordinal}", model.groups[group].name),
            Node::Stack(group) => model.groups[group].name.clone(),
            Node::Apart(service, _) => model.services[service].name.clone(),
        };
        layout.nodes().map(|(node, rect)| (name(node), (rect.x, rect.y))).collect()
    };
    let (old, new) = (named(&model, &before), named(&edited, &after));
    assert!(old.iter().all(|(name, corner)| new[name] == *corner), "{old:?}\n{new:?}");
    assert_eq!(old["visitors"], (-1_000.0, 16.0));
    assert_eq!(after.positions(), before.positions());
    // Without anything carried over, most of the picture stays as well.
    let anew = named(&edited, &fresh(&edited));
    let old = named(&model, &fresh(&model));
    let same = old.iter().filter(|(name, corner)| (anew[*name].1 - corner.1).abs() <= 240.0).count();
    assert!(same * 2 > old.len(), "{same} of {} stayed about where they were:\n{old:?}\n{anew:?}", old.len());
}

#[test]
fn what_a_person_placed_is_there_again() {
    let model = Model::compile(&built_in("codingame")).unwrap();
    let mut layout = fresh(&model);
    let nodes: Vec<Node> = layout.nodes().map(|(node, _)| node).collect();
    for (at, node) in nodes.iter().enumerate() {
        layout.move_node(*node, Point { x: 300.0 * at as f32 + 3.0, y: 2_000.0 - 100.0 * at as f32 });
    }
    // On top of another: it goes beside it.
    layout.move_node(nodes[0], layout.rect(nodes[1]).unwrap().center());
    check(&layout, &model, &Inventory::of_model(&model), "moved");
    let text = layout.positions().to_ron();
    let kept = Positions::parse(&text).unwrap();
    assert_eq!(kept, layout.positions());
    let again = Layout::new(&model, &kept);
    assert_eq!(corners(&layout, nodes.iter().copied()), corners(&again, nodes.iter().copied()));
    check(&again, &model, &Inventory::of_model(&model), "read again");
}

#[test]
fn a_group_can_be_placed_as_a_whole() {
    let model = Model::compile(&built_in("codingame")).unwrap();
    let group = GroupId::new(0);
    let kept = Positions::parse("(version: 1, machines: { \"web\": (4000, -800) })").unwrap();
    let (plain, placed) = (fresh(&model), Layout::new(&model, &kept));
    let corner = |layout: &Layout, ordinal| layout.rect(Node::Machine(group, ordinal)).unwrap().y;
    assert_eq!(corner(&placed, 0), -800.0);
    assert_eq!(corner(&placed, 1) - corner(&placed, 0), corner(&plain, 1) - corner(&plain, 0));
}

#[test]
fn a_sidecar_keeps_names_it_does_not_know_and_says_what_is_wrong_with_it() {
    let text = "(version: 1, machines: { \"gone/7\": (16, 24) }, sources: { \"visitors\": (0, 8) })";
    let kept = Positions::parse(text).unwrap();
    let layout = Layout::new(&Model::compile(&built_in("codingame")).unwrap(), &kept);
    assert_eq!(Positions::parse(&layout.positions().to_ron()).unwrap(), kept);
    assert!(Positions::parse("(version: 1)").unwrap().is_empty());
    for (wrong, told) in [
        ("", "line 1, column 1"),
        ("(version: 2)", "version 2"),
        ("(version: 1, machines: { \"a\": (1) })", "line 1"),
        ("(version: 1,\n mashines: {})", "line 2, column 2"),
        ("(version: 1, services: { \"a\": (inf, 0) })", "services \"a\""),
        ("(version: 1, services: { \"a\": (0, 1e30) })", "not on the canvas"),
    ] {
        let error = Positions::parse(wrong).unwrap_err();
        assert!(error.contains(told) && error.contains("version") | error.contains("expected"), "{wrong}: {error}");
    }
}

#[test]
fn a_point_is_of_a_seat_a_box_or_a_wire() {
    let model = Model::compile(&built_in("codingame")).unwrap();
    let layout = fresh(&model);
    for (at, seat) in layout.seats().iter().enumerate() {
        assert_eq!(layout.at(seat.rect.center()), Some(Hit::Seat(at)));
    }
    let (node, rect) = layout.nodes().find(|(node, _)| matches!(node, Node::Machine(..))).unwrap();
    assert_eq!(layout.at(Point { x: rect.x + 4.0, y: rect.y + 4.0 }), Some(Hit::Node(node)));
    for (at, wire) in layout.wires().iter().enumerate() {
        let middle = wire.at(0.5);
        let near = Point { y: middle.y + 2.0, ..middle };
        assert!(
            matches!(layout.at(near), Some(Hit::Wire(hit)) if hit == at || layout.wires()[hit].from == wire.from),
            "{wire:?}"
        );
    }
    assert_eq!(layout.at(Point { x: -9_000.0, y: 0.0 }), None);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(4),
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_systems_stand_whatever_happens_to_them(
        chaos in chaos(),
        comings in prop::collection::vec((0..3u32, prop::collection::btree_set(0..14u32, 0..12)), 0..6),
    ) {
        let chaos: Chaos = chaos;
        let model = compile(&chaos.draft().text());
        let base = Inventory::of_model(&model);
        let mut layout = fresh(&model);
        check(&layout, &model, &base, "at the start");
        let twin = fresh(&model);
        prop_assert_eq!(layout.boxes(), twin.boxes());
        for (group, ordinals) in comings {
            let group = GroupId::new(group as usize % model.groups.len());
            let node = |&(group, ordinal): &(GroupId, u32)| layout.node_of(group, ordinal);
            let before: Vec<Node> = base.machines.iter().map(node).collect();
            let places = corners(&layout, before.iter().copied());
            let ordinals: Vec<u32> = ordinals.iter().map(|ordinal| 100 + ordinal).collect();
            let inventory = crowded(&model, &base, group, &ordinals);
            layout.update(&model, &inventory);
            check(&layout, &model, &inventory, "later");
            if before.iter().all(|node| layout.rect(*node).is_some()) {
                prop_assert_eq!(places, corners(&layout, before.into_iter()));
            }
        }
        layout.update(&model, &Inventory::default());
        check(&layout, &model, &Inventory::default(), "nobody is there");
    }
}
