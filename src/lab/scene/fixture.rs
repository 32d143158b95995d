//! A small system and a frame of it, for tests: a crowd, a balancer, two web servers, a database that is full.

use super::{Camera, Picture, Scene, Sight};
use crate::engine::ResourceKind;
use crate::host::{
    Availability, Busy, End, Flow, Frame, Gauge, Instance, Machine, Pace, Resource, Source, Trouble, TroubleKind,
};
use crate::lab::action;
use crate::lab::theme::{DARK, Palette};
use crate::layout::{Layout, Point, Positions};
use crate::measure::subject::{Entity, Named, Subject};
use crate::model::{Caller, Model, ServiceId, SourceId};
use crate::scenario;
use crate::units::Time;

/// Names that tests speak of.
const TEXT: &str = r#"(
    version: 1, title: "fixture", teaches: "nothing", horizon: "10min", warm_up: "0s",
    machines: { "web": (count: WEBS, cores: 4, memory: "8GiB", boot: "3min"), "db": (cores: 4, memory: "8GiB"), "lone": (cores: 1) },
    services: {
        "elb": (kind: Balancer(to: "app"), links: { "app": () }),
        "app": (on: ["web"], workers: 50, restart: "2min", links: { "rds": (connections: Keep(50)) },
                operations: { "page": [Call("rds.query"), Cpu("8ms")] }),
        "rds": (kind: Database, on: ["db"], workers: 200, operations: { "query": [Cpu("6ms")] }),
        "blog": (on: ["lone"], workers: 16, operations: { "post": [Cpu("50ms")] }),
    },
    traffic: {
        "visitors": Users(arrive: Constant("10/s"), journey: [Call("elb.page"), Delay("30s")], patience: "15s"),
        "readers": Open(rate: Constant("1/s"), call: "blog.post"),
    },
)"#;

/// All that a picture is made of.
pub(super) struct Stand {
    pub model: Model,
    pub frame: Frame,
    pub layout: Layout,
    pub palette: Palette,
    pub camera: Camera,
    pub still: bool,
    pub picked: Option<action::Subject>,
    pub hovered: Option<action::Subject>,
    pub seconds: f64,
    pub scene: Scene,
}

impl Stand {
    /// With two web servers.
    pub fn new() -> Self {
        Self::with(2)
    }

    /// With so many.
    pub fn with(webs: u32) -> Self {
        let text = TEXT.replace("WEBS", &webs.to_string());
        let model = Model::compile(&scenario::load("fixture.ron", &text).expect("it is sound")).expect("it compiles");
        let layout = Layout::new(&model, &Positions::default());
        let bounds = layout.bounds();
        let size = Point { x: bounds.width + 96.0, y: bounds.height + 96.0 };
        let camera = Camera { center: bounds.center(), zoom: 1.0, size };
        let frame = calm(&model);
        let (picked, hovered) = (None, None);
        Self {
            model,
            frame,
            layout,
            palette: DARK,
            camera,
            still: false,
            picked,
            hovered,
            seconds: 100.0,
            scene: Scene::default(),
        }
    }

    /// The database is full, the web servers wait for it, the balancer's people too.
    pub fn drowning() -> Self {
        let mut stand = Self::new();
        let model = stand.model.clone();
        let frame = &mut stand.frame;
        let trouble = |subject: &str, since: i64, kind: TroubleKind, because: Option<&str>| Trouble {
            subject: named(&model, subject),
            kind,
            since: Time(since),
            because: because.map(|because| named(&model, because)).into(),
            calm: None,
        };
        frame.troubles = vec![
            trouble("rds.cpu", 10, TroubleKind::Saturated, None),
            trouble("app.workers", 20, TroubleKind::Saturated, Some("rds.cpu")),
            trouble("elb", 30, TroubleKind::Refusing, Some("app.workers")),
            trouble("visitors", 40, TroubleKind::Failing, Some("elb")),
        ];
        frame.culprit = crate::measure::ranking::culprit(&frame.troubles).to_vec().into();
        for (at, resource) in frame.resources.iter().enumerate() {
            if ["rds.cpu", "app.workers"].contains(&resource.subject.as_str()) {
                let capacity = frame.gauges[at].capacity;
                frame.gauges[at] = Gauge { capacity, level: capacity, waiting: 371, refused: 0, saturated: true };
            }
        }
        for machine in frame.machines.iter_mut().filter(|machine| stand.model.groups[machine.group].name == "db") {
            machine.cpu = 1.0;
        }
        for instance in &mut frame.instances {
            match stand.model.services[instance.service].name.as_str() {
                "app" => (instance.busy, instance.waiting) = (Busy { served: 2, waits: 48, holds: 0 }, 391),
                "rds" => (instance.busy, instance.waiting) = (Busy { served: 100, waits: 0, holds: 0 }, 0),
                "elb" => instance.refused_per_s = 38.0,
                _ => {}
            }
        }
        for flow in &mut frame.flows {
            flow.refused_per_s = flow.sent_per_s * 0.4;
            flow.timed_out_per_s = flow.sent_per_s * 0.2;
        }
        frame.sources[0] = Source {
            sessions: 4_000,
            in_flight: 3_000,
            offered_per_s: 90.0,
            succeeded_per_s: 30.0,
            failed_per_s: 60.0,
        };
        stand
    }

    /// A picture after so many seconds more, long enough to have settled.
    pub fn settled(&mut self) -> Picture {
        for _ in 0..40 {
            self.compose(0.1);
        }
        self.scene.picture().clone()
    }

    pub fn compose(&mut self, past: f64) -> Picture {
        self.seconds += past;
        let mut scene = std::mem::take(&mut self.scene);
        let picture = scene.compose(&self.sight()).clone();
        self.scene = scene;
        picture
    }

    pub fn sight(&self) -> Sight<'_> {
        Sight {
            happened: "",
            model: &self.model,
            frame: &self.frame,
            layout: &self.layout,
            palette: &self.palette,
            camera: self.camera,
            still: self.still,
            legend: true,
            picked: self.picked.as_ref(),
            hovered: self.hovered.as_ref(),
            seconds: self.seconds,
        }
    }

    /// Words that are shown.
    pub fn words(picture: &Picture) -> Vec<String> {
        picture.labels.iter().map(|(_, words)| words.to_owned()).collect()
    }
}

/// Everything is up and has a little to do.
fn calm(model: &Model) -> Frame {
    let mut frame = Frame {
        pace: Pace::Times(60.0),
        achieved: 60.0,
        now: Time(300_000_000_000),
        sampling: 1.0,
        ..Frame::default()
    };
    let mut resources: Vec<Resource> = Vec::new();
    for (group, of) in model.groups.iter().enumerate() {
        for ordinal in 0..of.count {
            let machine = frame.machines.len() as u32;
            frame.machines.push(Machine {
                group: crate::model::GroupId::new(group),
                ordinal,
                availability: Availability::Up,
                cpu: 0.3 + 0.001 * ordinal as f32,
                memory: Some(0.5),
                disk: None,
                network: None,
            });
            let owner = of.services.first().map_or(of.name.as_str(), |service| model.services[*service].name.as_str());
            let blank = Resource {
                name: format!("{}/{ordinal}.cpu", of.name),
                subject: format!("{owner}.cpu"),
                kind: ResourceKind::Cpu,
                service: None,
                instance: None,
                machine: Some(machine),
                link: None,
            };
            resources.push(blank);
        }
    }
    for (at, service) in model.services.iter().enumerate() {
        let service_id = ServiceId::new(at);
        let homes: Vec<Option<u32>> = match service.groups.first() {
            Some(group) => {
                let its = |machine: &u32| frame.machines[*machine as usize].group == *group;
                (0..frame.machines.len() as u32).filter(its).map(Some).collect()
            }
            None => vec![None],
        };
        for (ordinal, machine) in homes.into_iter().enumerate() {
            let instance = frame.instances.len() as u32;
            frame.instances.push(Instance {
                service: service_id,
                ordinal: ordinal as u32,
                machine,
                availability: Availability::Up,
                workers: service.workers,
                busy: Busy { served: 3, waits: 5, holds: 0 },
                waiting: 0,
                connections: 8,
                taken_per_s: 20.0,
                refused_per_s: 0.0,
            });
            resources.push(Resource {
                name: format!("{}/{ordinal}.workers", service.name),
                subject: format!("{}.workers", service.name),
                kind: ResourceKind::Workers,
                service: Some(service_id),
                instance: Some(instance),
                machine,
                link: None,
            });
        }
    }
    frame.gauges = vec![Gauge { capacity: 4.0, level: 1.0, ..Gauge::default() }; resources.len()];
    frame.resources = resources.into();
    frame.sources =
        vec![
            Source { sessions: 300, in_flight: 12, offered_per_s: 10.0, succeeded_per_s: 10.0, failed_per_s: 0.0 };
            model.sources.len()
        ];
    for (at, link) in model.links.iter().enumerate() {
        let instances = &frame.instances;
        let of_service = |service| -> Vec<End> {
            (0..instances.len()).filter(|i| instances[*i].service == service).map(|i| End::Instance(i as u32)).collect()
        };
        let froms: Vec<End> = match link.caller {
            Caller::Source(source) => vec![End::Source(source)],
            Caller::Service(service) => of_service(service),
        };
        let tos = of_service(link.callee);
        for from in froms {
            for to in tos.clone() {
                frame.flows.push(Flow {
                    link: crate::model::LinkId::new(at),
                    from,
                    to,
                    sent_per_s: 10.0,
                    succeeded_per_s: 10.0,
                    refused_per_s: 0.0,
                    timed_out_per_s: 0.0,
                    broken_per_s: 0.0,
                    in_flight: 4,
                });
            }
        }
    }
    frame
}

/// What a name of the story stands for in this model.
pub fn named(model: &Model, name: &str) -> Named {
    let service = model.services.iter().position(|service| service.name == name);
    let source = model.sources.iter().position(|source| source.name == name);
    let part = name.split_once('.').map(|(owner, _)| owner);
    let what = match (service, source) {
        (Some(at), _) => Subject::Entity(Entity::Service(ServiceId::new(at))),
        (None, Some(at)) => Subject::Entity(Entity::Source(SourceId::new(at))),
        (None, None) => match model.services.iter().position(|service| Some(&*service.name) == part) {
            Some(at) => Subject::Resource { owner: Entity::Service(ServiceId::new(at)), measured: true },
            None => Subject::Unknown,
        },
    };
    Named::new(what, name)
}
