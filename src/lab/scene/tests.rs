//! Pictures of hand-made frames: what is drawn for what, where it is, and what is left out.

use super::fixture::{Stand, named};
use super::stage::{CELLS, Detail, MOST, ON_A_WIRE, PEOPLE, PIECES, figures, thickness};
use super::{Picture, Shape, form, hops};
use crate::host::{Availability, Doing, End, Fate, Hop, Light, Machine, Pace, Spot, Trouble, TroubleKind};
use crate::lab::action::Subject;
use crate::lab::theme::{DARK, DIMMED, LIGHT, Rgb};
use crate::layout::{Layout, Node, Point, Positions};
use crate::model::{GroupId, SourceId};
use crate::units::Time;

fn of_form(picture: &Picture, wanted: u32) -> Vec<Shape> {
    picture.shapes.iter().filter(|shape| shape.form & form::MASK == wanted).copied().collect()
}

fn is_of(tone: [u8; 4], color: Rgb) -> bool {
    tone[3] > 0 && tone[..3] == color
}

fn cells(picture: &Picture, color: Rgb) -> usize {
    let small = |shape: &&Shape| {
        shape.form & form::MASK == form::BOX && shape.to[0] <= 9.0 && shape.to[1] <= 6.0 && shape.to[1] >= 2.0
    };
    picture.shapes.iter().filter(small).filter(|shape| is_of(shape.fill, color)).count()
}

#[test]
fn a_full_database_is_the_culprit_with_the_only_halo() {
    let mut stand = Stand::drowning();
    let picture = stand.settled();
    assert_eq!(stand.scene.blame().culprit(), ["rds.cpu"]);
    let halos = of_form(&picture, form::HALO);
    assert_eq!(halos.len(), 1);
    let db = stand.layout.rect(Node::Machine(GroupId::new(1), 0)).expect("it stands");
    let shown = stand.camera.rect(db);
    assert_eq!(halos[0].from, [shown.center().x, shown.center().y]);
    assert!(
        ["rds.cpu", "371 waiting"].iter().all(|part| Stand::words(&picture).iter().any(|words| words == part)),
        "{:?}",
        Stand::words(&picture)
    );
    assert!(of_form(&Stand::new().settled(), form::HALO).is_empty(), "nothing is to blame");
}

#[test]
fn the_chain_stays_lit_and_the_rest_dims() {
    let mut stand = Stand::drowning();
    let picture = stand.settled();
    let alpha = |picture: &Picture, node: Node| {
        let rect = stand.camera.rect(stand.layout.rect(node).expect("it stands"));
        let at = [rect.center().x, rect.center().y];
        let whole = |shape: &&Shape| {
            shape.form == form::BOX && shape.from == at && (shape.to[0] * 2.0 - rect.width).abs() < 0.1
        };
        picture.shapes.iter().find(whole).expect("its box is drawn").fill[3]
    };
    assert_eq!(alpha(&picture, Node::Machine(GroupId::new(0), 0)), 255);
    assert_eq!(alpha(&picture, Node::Machine(GroupId::new(2), 0)), (DIMMED * 255.0).round() as u8);
    let (app, blog) = (
        stand.model.links.iter().position(|l| l.name == "app>rds"),
        stand.model.links.iter().position(|l| l.name == "readers>blog"),
    );
    let lit =
        |link: Option<usize>| stand.scene.blame().lights_link(crate::model::LinkId::new(link.expect("it is there")));
    assert!(lit(app) && !lit(blog));
}

#[test]
fn cells_tell_what_workers_do() {
    let mut stand = Stand::new();
    for instance in &mut stand.frame.instances {
        instance.busy = crate::host::Busy::default();
        if stand.model.services[instance.service].name == "app" && instance.ordinal == 0 {
            instance.busy = crate::host::Busy { served: 7, waits: 11, holds: 0 };
        }
    }
    let picture = stand.settled();
    let told = |picture: &Picture| (cells(picture, DARK.moving), cells(picture, DARK.waiting));
    assert_eq!(told(&picture), (18, 0), "in calm it is part of being served to wait for others");
    stand.frame.troubles = vec![Trouble {
        subject: named(&stand.model, "app"),
        kind: TroubleKind::Refusing,
        since: Time(0),
        because: Some(named(&stand.model, "rds")).into(),
        calm: None,
    }];
    stand.frame.culprit = vec![named(&stand.model, "rds")].into();
    assert_eq!(told(&stand.settled()), (7, 11), "who waits for the culprit is seen to wait");
}

#[test]
fn every_state_has_a_second_signal() {
    for palette in [DARK, LIGHT] {
        let mut stand = Stand::drowning();
        stand.palette = palette;
        stand.frame.machines[0].availability = Availability::Down;
        stand.frame.machines[1].availability =
            Availability::Booting { until: Some(Time(stand.frame.now.0 + 90_000_000_000)) };
        let picture = stand.settled();
        let saturated: Vec<&Shape> = picture
            .shapes
            .iter()
            .filter(|s| s.form & form::MASK == form::BOX && is_of(s.fill, palette.saturated))
            .collect();
        assert!(!saturated.is_empty() && saturated.iter().all(|shape| shape.form & form::HATCHED != 0));
        let waiting: Vec<&Shape> = picture
            .shapes
            .iter()
            .filter(|s| s.form & form::MASK == form::BOX && is_of(s.fill, palette.waiting))
            .collect();
        assert!(!waiting.is_empty() && waiting.iter().all(|shape| shape.form & form::LEVEL != 0));
        let fates: Vec<u32> = picture.shapes.iter().map(|shape| shape.form & (form::BOUNCES | form::HOLLOWS)).collect();
        assert!(
            fates.contains(&form::BOUNCES) && fates.contains(&form::HOLLOWS),
            "refused and timed out are told apart"
        );
        assert_eq!(of_form(&picture, form::CRACK).len(), 1);
        assert!(
            picture.shapes.iter().any(|shape| shape.form == form::BOX | form::DASHED),
            "a boot has a dashed outline"
        );
        let rings = of_form(&picture, form::RING);
        assert!(rings.iter().any(|ring| (ring.share - 0.5).abs() < 0.01), "half of three minutes is left: {rings:?}");
        assert!(Stand::words(&picture).contains(&"1:30".to_owned()));
    }
}

#[test]
fn detail_follows_the_width_of_a_machine() {
    let widths = [10.0, 47.9, 48.0, 159.0, 160.0, 400.0, 401.0];
    let of = widths.map(Detail::of);
    use Detail::{Large, Medium, Small, Speck};
    assert_eq!(of, [Speck, Speck, Small, Small, Medium, Medium, Large]);
    let shapes = [0.15, 0.5, 1.0].map(|zoom| {
        let mut stand = Stand::drowning();
        stand.camera.zoom = zoom;
        let picture = stand.settled();
        (cells(&picture, DARK.waiting), of_form(&picture, form::DATABASE).len(), of_form(&picture, form::PERSON).len())
    });
    assert_eq!((shapes[0].1, shapes[1].1, shapes[2].1), (0, 0, 1), "silhouettes from 160 pixels on");
    assert!(shapes[2].0 >= 96 && shapes[2].2 > 40);
}

#[test]
fn at_most_twenty_people_stand_at_a_door() {
    let mut stand = Stand::drowning();
    stand.frame.sources.iter_mut().for_each(|source| *source = crate::host::Source::default());
    let picture = stand.settled();
    let apps = 2;
    let shown = of_form(&picture, form::PERSON).len() as u32;
    assert!(shown <= apps * PEOPLE && shown >= apps * 12, "{shown}");
    let each = shown / apps;
    assert!(Stand::words(&picture).contains(&format!("+{}", 391 - each)));
}

#[test]
fn a_crowd_swells_as_the_root_of_its_people() {
    assert_eq!(figures(0.0), 0.0);
    assert_eq!(figures(1.0), 1.5);
    assert!((figures(400.0) / figures(100.0) - 2.0).abs() < 1e-6);
    assert_eq!(figures(1e9), MOST as f32);
    assert!(thickness(400.0, 1.0) > 1.5 * thickness(100.0, 1.0) && thickness(1e9, 1.0) <= 12.0);
}

#[test]
fn a_steady_picture_needs_no_other_and_a_paused_one_stands() {
    let mut stand = Stand::drowning();
    let first = stand.settled();
    let second = stand.compose(0.5);
    assert!(second.settled && second.moving);
    assert_eq!(first.shapes, second.shapes, "only the clock moves lights");
    assert!(second.clock > first.clock);
    stand.frame.pace = Pace::Paused;
    let (third, fourth) = (stand.compose(0.5), stand.compose(0.5));
    assert_eq!(third.clock, fourth.clock);
    assert!(!fourth.moving);
    stand.frame.pace = Pace::Times(1.0);
    stand.still = true;
    let fifth = stand.compose(0.5);
    assert!(fifth.clock == fourth.clock && !fifth.moving && fifth.settled);
}

#[test]
fn changes_ease() {
    let mut stand = Stand::new();
    stand.settled();
    stand.frame.machines.iter_mut().for_each(|machine: &mut Machine| machine.cpu = 0.9);
    let shares = |picture: &Picture| {
        picture
            .shapes
            .iter()
            .filter(|s| s.form & form::METER != 0 && s.form & form::HATCHED == 0)
            .map(|s| s.share)
            .fold(0.0, f32::max)
    };
    let (early, later) = (stand.compose(0.06), stand.compose(0.4));
    assert!(shares(&early) < 0.85 && shares(&early) > 0.5 && !early.settled, "{}", shares(&early));
    assert!(shares(&later) > 0.89);
}

#[test]
fn real_requests_are_on_their_real_way_in_slow_motion() {
    let mut stand = Stand::new();
    let flow = stand.frame.flows[0];
    stand.frame.pace = Pace::Times(0.01);
    let spot = Spot::Way { link: flow.link, from: flow.from, to: flow.to, share: 0.25, lasts_s: 0.002, back: false };
    stand.frame.lights = vec![Light { id: 1, source: SourceId::new(0), operation: None, doing: Doing::Moving, spot }];
    let picture = stand.settled();
    let lights: Vec<&Shape> = picture.shapes.iter().filter(|shape| shape.form & form::MOVES != 0).collect();
    assert_eq!(lights.len(), 1);
    assert!(
        (lights[0].share - 0.25).abs() < 1e-6
            && (lights[0].speed - 5.0).abs() < 1e-3
            && lights[0].form & form::LOOPS == 0
    );
    assert_eq!(picture.light_is, None);
    stand.frame.pace = Pace::Times(60.0);
    let picture = stand.settled();
    assert!(picture.shapes.iter().any(|shape| shape.form & form::LOOPS != 0));
    assert!(picture.light_is.is_some_and(|each| each >= 1.0));
}

#[test]
fn what_takes_no_time_is_seen_on_its_way_in_slow_motion() {
    let mut stand = Stand::new();
    let flow = stand.frame.flows[0];
    let hop = |fate| Hop { link: flow.link, from: flow.from, to: flow.to, fate };
    stand.frame.pace = Pace::Times(0.001);
    stand.frame.events += 1;
    stand.frame.hops = vec![hop(Fate::Arrived), hop(Fate::Answered)];
    let moving = |picture: &Picture| -> Vec<(f32, f32)> {
        picture
            .shapes
            .iter()
            .filter(|shape| shape.form & form::MOVES != 0)
            .map(|shape| (shape.share, shape.speed))
            .collect()
    };
    let picture = stand.compose(0.1);
    assert_eq!(moving(&picture), [(0.0, 1.0 / hops::WAY_S)], "the answer has not set out");
    assert!(picture.moving && picture.light_is == Some(1.0));
    // The next frame tells of nothing new; what is on its way goes on.
    stand.frame.hops.clear();
    stand.frame.events += 1;
    assert_eq!(moving(&stand.compose(0.25)), [(0.0, 1.0 / hops::WAY_S)]);
    assert_eq!(moving(&stand.compose(0.25)), [(1.0, -1.0 / hops::WAY_S)]);
    stand.compose(0.25);
    assert_eq!(moving(&stand.compose(0.25)), []);
    // A single step, while the run stands.
    stand.frame.pace = Pace::Paused;
    stand.frame.hops = vec![hop(Fate::Refused)];
    stand.frame.events += 1;
    let picture = stand.compose(0.1);
    assert_eq!(moving(&picture), [(0.5, 0.0)]);
    assert!(picture.shapes.iter().any(|shape| shape.form == form::CROSS | form::MOVES));
}

#[test]
fn a_light_is_refused_as_often_as_requests_are() {
    let mut stand = Stand::drowning();
    let picture = stand.settled();
    let lights: Vec<&Shape> = picture.shapes.iter().filter(|shape| shape.form & form::LOOPS != 0).collect();
    let refused = lights.iter().filter(|shape| shape.form & form::BOUNCES != 0).count() as f32 / lights.len() as f32;
    assert!((0.3..0.5).contains(&refused), "{refused} of {}", lights.len());
}

#[test]
fn what_is_under_a_pixel() {
    let mut stand = Stand::new();
    stand.settled();
    let hit = |point: Point| stand.scene.hit(&stand.sight(), stand.camera.to_screen(point));
    let seat = stand.layout.seats().iter().find(|s| stand.model.services[s.service].name == "rds").expect("it sits");
    let instance = stand.frame.instances.iter().position(|i| i.service == seat.service).expect("it runs") as u32;
    assert_eq!(hit(seat.rect.center()), Some(Subject::Instance(instance)));
    let db = stand.layout.rect(Node::Machine(GroupId::new(1), 0)).expect("it stands");
    assert_eq!(hit(Point { x: db.x + 4.0, y: db.y + 4.0 }), Some(Subject::Machine(2)));
    assert_eq!(hit(Point { x: db.x + 30.0, y: db.y + 46.0 }), Some(Subject::Resource("rds.cpu".into())));
    let crowd = stand.layout.rect(Node::Source(SourceId::new(0))).expect("it stands");
    assert_eq!(hit(crowd.center()), Some(Subject::Source(SourceId::new(0))));
    let wire =
        stand.layout.wires().iter().find(|wire| wire.at(0.5).x > crowd.x + crowd.width).expect("there are wires");
    let middle = wire.at(0.5);
    let on_a_box = stand.layout.nodes().any(|(_, rect)| rect.contains(middle));
    assert!(on_a_box || matches!(hit(middle), Some(Subject::Link(_))));
    assert_eq!(hit(Point { x: -4_000.0, y: -4_000.0 }), None);
}

#[test]
fn a_hundred_and_twenty_five_machines_are_one_stack() {
    let mut stand = Stand::with(125);
    let picture = stand.settled();
    let words = Stand::words(&picture);
    assert!(words.iter().any(|words| words == "web  ×125"), "{words:?}");
    assert!(words.iter().any(|words| words.starts_with("hottest /124")), "{words:?}");
    assert!(picture.shapes.len() < 4_000, "{}", picture.shapes.len());
}

#[test]
fn the_number_of_shapes_is_bounded() {
    let mut stand = Stand::drowning();
    for instance in &mut stand.frame.instances {
        instance.busy = crate::host::Busy { served: 40_000, waits: 90_000, holds: 7 };
        instance.waiting = u32::MAX / 4;
    }
    for source in &mut stand.frame.sources {
        (source.sessions, source.in_flight) = (u32::MAX, u64::MAX / 2);
    }
    for flow in &mut stand.frame.flows {
        flow.sent_per_s = 1e7;
    }
    let picture = stand.settled();
    let (seats, wires, sources) = (stand.layout.seats().len(), stand.layout.wires().len(), stand.frame.sources.len());
    let most = seats * (CELLS + PEOPLE + 12) as usize
        + wires * (ON_A_WIRE as usize + PIECES as usize + 4)
        + sources * (2 * MOST as usize + 4)
        + 200;
    assert!(picture.shapes.len() <= most, "{} > {most}", picture.shapes.len());
}

#[test]
fn at_most_three_fifths_of_the_canvas_is_inked() {
    let mut stand = Stand::drowning();
    stand.settled();
    let bounds = stand.layout.bounds();
    let boxes: f32 = stand.layout.nodes().map(|(_, rect)| rect.width * rect.height).sum();
    assert!(boxes / (bounds.width * bounds.height) < 0.6);
}

#[test]
fn the_shader_and_the_scene_agree() {
    let shader = include_str!("../../../assets/shaders/scene.wgsl");
    let says = |line: String| assert!(shader.contains(&line), "the shader does not say `{line}`");
    for (name, value) in [
        ("BOX", form::BOX),
        ("DISC", form::DISC),
        ("RING", form::RING),
        ("CROSS", form::CROSS),
        ("DIAMOND", form::DIAMOND),
        ("QUARTER", form::QUARTER),
        ("RIBBON", form::RIBBON),
        ("HALO", form::HALO),
        ("PERSON", form::PERSON),
        ("CRACK", form::CRACK),
        ("ARROW", form::ARROW),
        ("SERVER", form::SERVER),
        ("BALANCER", form::BALANCER),
        ("CACHE", form::CACHE),
        ("DATABASE", form::DATABASE),
        ("QUEUE", form::QUEUE),
        ("EXTERNAL", form::EXTERNAL),
    ] {
        says(format!("const {name}: u32 = {value}u;"));
    }
    for (name, value) in [
        ("HATCHED", form::HATCHED),
        ("DASHED", form::DASHED),
        ("LEVEL", form::LEVEL),
        ("METER", form::METER),
        ("MOVES", form::MOVES),
        ("LOOPS", form::LOOPS),
        ("BOUNCES", form::BOUNCES),
        ("HOLLOWS", form::HOLLOWS),
        ("LEFTWARD", form::LEFTWARD),
    ] {
        says(format!("const {name}: u32 = {value:#x}u;"));
    }
    for (name, value) in
        [("TRAVEL_S", super::TRAVEL_S), ("BOUNCE_S", crate::lab::theme::BOUNCE_S), ("FADE_S", super::FADE_S)]
    {
        says(format!("const {name}: f32 = {value};"));
    }
    assert_eq!(size_of::<Shape>(), 64);
}

#[test]
fn a_frame_of_another_model_breaks_nothing() {
    let mut stand = Stand::drowning();
    stand.frame.instances[0].service = crate::model::ServiceId::new(99);
    stand.frame.machines[0].group = GroupId::new(99);
    stand.frame.instances[1].machine = Some(999);
    stand.frame.sources.clear();
    stand.frame.flows[0].to = End::Nowhere;
    stand.frame.flows[1].from = End::Instance(9_999);
    stand.frame.gauges.truncate(1);
    assert!(!stand.settled().shapes.is_empty());
    stand.layout = Layout::new(&stand.model, &Positions::default());
    stand.frame = crate::host::Frame::default();
    stand.settled();
}
