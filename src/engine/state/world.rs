//! The state of a running system, and the small bookkeeping everything else shares.

use crate::engine::data::store::Store;
use crate::engine::observation::{Observation, Observer};
use crate::engine::random::rng::{Stream, derive, mix};
use crate::engine::random::sampler::draw;
use crate::engine::state::alike::{AllAlike, Owner};
use crate::engine::state::client::Client;
use crate::engine::state::hosting::Hosting;
use crate::engine::state::ids::{
    ClientId, DeployId, ExecRef, InstanceId, InstanceLockId, MachineId, ResizeId, ResourceId, StoreId,
};
use crate::engine::state::keep_alive::KeepAlive;
use crate::engine::state::limits::{Limits, ROW, Spent, Stop};
use crate::engine::state::lock::{Claim, Lock};
use crate::engine::state::meter::Meter;
use crate::engine::state::operators::{Deploy, Resize, RuleState};
use crate::engine::state::resource_kind::ResourceKind;
use crate::engine::state::slab::Slab;
use crate::engine::state::system::{Instance, Machine, Reads, Resource, Source};
use crate::engine::state::times::Times;
use crate::engine::state::written::{Pair, Write};
use crate::engine::time::agenda::{Agenda, Slot};
use crate::engine::time::event::Event;
use crate::ids::Table;
use crate::model::{
    AmountId, Change, Gauge, GroupId, LaneId, LinkId, Model, OperationId, RuleId, ServiceId, Side, SourceId, hash,
};
use crate::units::Time;
use std::collections::{BTreeMap, VecDeque};

/// What is to be done before time goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// Walk on through its program.
    Run(ExecRef),
    /// Leave over the kept connection that was granted.
    Dispatch(ExecRef),
    /// Let go who waits at this link end and need not.
    Serve(ClientId),
    /// Kill this process: it is out of memory.
    OutOfMemory(InstanceId),
}

/// Everything that changes during a run.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub now: Time,
    pub seed: u64,
    pub agenda: Agenda,
    pub execs: Slab,
    /// The first execution to run, before `work`.
    pub next: Option<ExecRef>,
    pub work: VecDeque<Work>,
    pub machines: Table<MachineId, Machine>,
    pub instances: Table<InstanceId, Instance>,
    pub clients: Table<ClientId, Client>,
    pub sources: Table<SourceId, Source>,
    /// Machines of each group that may serve or boot, in order; and how many there ever were.
    pub groups: Table<GroupId, Members<MachineId>>,
    /// Instances of each service that callers may know, in order; and how many there ever were.
    pub services: Table<ServiceId, Members<InstanceId>>,
    /// Link ends to each service, in order.
    pub callers: Table<ServiceId, Vec<ClientId>>,
    /// Where each service runs.
    pub hosting: Table<ServiceId, Hosting>,
    /// For each link of a service its place in the service's list.
    pub link_places: Table<LinkId, u32>,
    /// For each link of a source the end of its crowd.
    pub crowds: Table<LinkId, Option<ClientId>>,
    /// Writes that replicas have not applied yet: (replica, value) → how many.
    pub unapplied: BTreeMap<(InstanceId, u64), u32>,
    /// Of those, what a partition keeps from them, in order.
    pub unsent: BTreeMap<Pair, VecDeque<Write>>,
    /// Reads of replicas, by operation.
    pub reads: BTreeMap<OperationId, Reads>,
    pub stores: Table<StoreId, Store>,
    /// When their next entry has to be written elsewhere.
    pub store_slots: Table<StoreId, Slot>,
    pub locks: Table<InstanceLockId, Lock>,
    /// What executions hold, by the depth of their program.
    pub claims: BTreeMap<(u32, u8), Claim>,
    /// Whom sessions stay with: (source, session, link end) → instance.
    pub sticky: BTreeMap<(SourceId, u32, ClientId), InstanceId>,
    pub resources: Table<ResourceId, Resource>,
    /// The same, of one kind and owner together.
    pub alike: AllAlike,
    /// Bytes of the reply an execution has sent or its buffering caller has taken, by its place and with its
    /// generation.
    pub taken: Vec<(u32, f64)>,
    pub dirty: Vec<MachineId>,
    pub rules: Table<RuleId, RuleState>,
    pub deploys: Table<DeployId, Deploy>,
    /// Sides between which nothing passes, and until when.
    pub partitions: Vec<(Side, Side, Time)>,
    /// Changes of size under way, by the number their events know them by.
    pub resizes: Table<ResizeId, Option<Resize>>,
    /// Changes of the model that wait for the end of the event.
    pub changes: Vec<Change>,
    /// When calls entered a backlog, where that matters.
    pub queued: Times,
    /// Until when the caller of an execution waits, where it was told.
    pub due: Times,
    pub keep_alive: KeepAlive,
    pub digest: u64,
    pub events: u64,
    /// What was taken of the limits.
    pub spent: Spent,
    pub stop: Option<Stop>,
}

/// The living members of a group or service.
#[derive(Clone, Debug)]
pub(crate) struct Members<I> {
    pub list: Vec<I>,
    /// The instance at each place of a service's sets; none where a successor is to come.
    pub places: Vec<Option<I>>,
    pub ever: u32,
    /// Of a service with a count: instances there should be, those there are, and the row of both.
    pub wanted: u32,
    pub placed: u32,
    pub meter: Option<ResourceId>,
}

impl<I> Members<I> {
    pub(crate) const NOBODY: Self =
        Self { list: Vec::new(), places: Vec::new(), ever: 0, wanted: 0, placed: 0, meter: None };
}

/// One event's view of everything: the model, the state and the listener.
pub(crate) struct Context<'a, O> {
    pub model: &'a Model,
    pub world: &'a mut World,
    pub observer: &'a mut O,
}

impl World {
    /// Nothing, at this instant.
    pub(crate) fn empty(now: Time, seed: u64, limits: Limits) -> Self {
        Self {
            now,
            seed,
            agenda: Agenda::new(),
            execs: Slab::within(limits.executions, limits.state),
            next: None,
            work: VecDeque::new(),
            machines: Table::new(),
            instances: Table::new(),
            clients: Table::new(),
            sources: Table::new(),
            groups: Table::new(),
            services: Table::new(),
            callers: Table::new(),
            hosting: Table::new(),
            link_places: Table::new(),
            crowds: Table::new(),
            unapplied: BTreeMap::new(),
            unsent: BTreeMap::new(),
            reads: BTreeMap::new(),
            stores: Table::new(),
            store_slots: Table::new(),
            locks: Table::new(),
            claims: BTreeMap::new(),
            sticky: BTreeMap::new(),
            resources: Table::new(),
            alike: AllAlike::default(),
            taken: Vec::new(),
            dirty: Vec::new(),
            rules: Table::new(),
            deploys: Table::new(),
            partitions: Vec::new(),
            resizes: Table::new(),
            changes: Vec::new(),
            queued: Times::default(),
            due: Times::default(),
            keep_alive: KeepAlive::default(),
            digest: 0,
            events: 0,
            spent: Spent::new(limits),
            stop: None,
        }
    }

    /// Adds a row to the resource table.
    pub(crate) fn resource(&mut self, kind: ResourceKind, capacity: u64, name: String, owner: Owner) -> ResourceId {
        let meter = Meter::new(self.now, capacity);
        self.spent.built += ROW;
        let alike = self.alike.of(kind, &owner);
        self.resources.push(Resource {
            kind,
            meter,
            alike,
            name,
            instance: owner.instance,
            machine: owner.machine,
            link: owner.link,
            lock: owner.lock,
        })
    }

    #[inline(always)]
    pub(crate) fn meter(&mut self, resource: Option<ResourceId>, level: u64, waiting: u32) {
        if let Some(resource) = resource {
            let row = &mut self.resources[resource];
            if row.meter.waiting != waiting {
                self.alike.waiting[row.alike].change(self.now, row.meter.waiting, waiting);
            }
            row.meter.set(self.now, level, waiting);
        }
    }

    pub(crate) fn capacity(&mut self, resource: Option<ResourceId>, capacity: u64) {
        if let Some(resource) = resource {
            self.resources[resource].meter.set_capacity(self.now, capacity);
        }
    }

    #[inline]
    pub(crate) fn refused(&mut self, resource: Option<ResourceId>) {
        if let Some(resource) = resource {
            self.resources[resource].meter.refused += 1;
        }
    }

    /// Another use of a resource begins.
    #[inline(always)]
    pub(crate) fn begin_use(&mut self, resource: Option<ResourceId>) {
        if let Some(resource) = resource {
            self.resources[resource].meter.begun += 1;
        }
    }

    /// The machine's rates must be set anew before time goes on.
    #[inline]
    pub(crate) fn touch_machine(&mut self, machine: MachineId) {
        let state = &mut self.machines[machine];
        if !state.dirty {
            state.dirty = true;
            self.dirty.push(machine);
        }
    }

    /// Sets the rates and next completions of the machines whose load changed.
    #[inline]
    pub(crate) fn settle_machines(&mut self) {
        while let Some(index) = self.dirty.pop() {
            let machine = &mut self.machines[index];
            machine.dirty = false;
            if machine.credits.is_some() {
                self.settle_credits(index);
            }
            let machine = &mut self.machines[index];
            match machine.cpu.predict() {
                Some(time) => self.agenda.set(machine.cpu_slot, time),
                None => self.agenda.clear(machine.cpu_slot),
            }
            let (busy, waiting) = machine.cpu.load();
            let meter = machine.cpu_meter;
            self.meter(Some(meter), fixed(ResourceKind::Cpu, busy), waiting);
            if self.machines[index].credits.is_some() {
                self.spend_credits(index);
            }
            if !self.machines[index].devices.is_empty() {
                self.settle_devices(index);
            }
            for place in 0..self.machines[index].instances.len() {
                let instance = self.machines[index].instances[place];
                let state = &self.instances[instance];
                if state.quota_meter.is_some() {
                    let (used, waiting) = self.machines[index].cpu.quota(state.party);
                    let meter = state.quota_meter;
                    self.meter(meter, fixed(ResourceKind::Quota, used), waiting);
                }
                let state = &self.instances[instance];
                if state.threads_meter.is_some() {
                    let (busy, waiting) = self.machines[index].cpu.party_load(state.party);
                    let meter = state.threads_meter;
                    self.meter(meter, u64::from(busy), waiting);
                }
            }
        }
    }

    /// An inbound connection was opened.
    #[inline(always)]
    pub(crate) fn note_opened(&mut self, instance: InstanceId) {
        let state = &self.instances[instance];
        if state.connections_meter.is_some() || state.descriptors_meter.is_some() {
            self.count_opened(instance);
        }
    }

    #[inline(never)]
    fn count_opened(&mut self, instance: InstanceId) {
        let state = &mut self.instances[instance];
        let (connections, descriptors) = (state.connections_meter, state.descriptors_meter);
        if let Some(inbound) = &mut state.inbound {
            inbound.begun += 1;
        }
        self.begin_use(descriptors);
        self.begin_use(connections);
        self.count_connections(instance);
    }

    /// Another socket of an instance, which has one to give, is in use.
    #[inline(always)]
    pub(crate) fn take_socket(&mut self, instance: InstanceId) {
        let state = &mut self.instances[instance];
        state.descriptors += 1;
        let meter = state.descriptors_meter;
        self.begin_use(meter);
        self.note_connections(instance);
    }

    /// Notes the connections and descriptors of an instance.
    #[inline(always)]
    pub(crate) fn note_connections(&mut self, instance: InstanceId) {
        let state = &self.instances[instance];
        if state.connections_meter.is_some() || state.descriptors_meter.is_some() {
            self.count_connections(instance);
        }
    }

    #[inline(never)]
    fn count_connections(&mut self, instance: InstanceId) {
        let state = &mut self.instances[instance];
        if let Some(inbound) = &mut state.inbound {
            inbound.set(self.now, u64::from(state.connections), 0);
        }
        let (connections, descriptors) = (state.connections, state.descriptors);
        let (first, second) = (state.connections_meter, state.descriptors_meter);
        self.meter(first, u64::from(connections), 0);
        self.meter(second, u64::from(descriptors), 0);
    }

    /// A worker takes a call.
    #[inline(always)]
    pub(crate) fn take_worker(&mut self, instance: InstanceId) {
        self.instances[instance].busy += 1;
        self.note_taken(instance);
    }

    /// A worker was taken.
    #[inline(always)]
    pub(crate) fn note_taken(&mut self, instance: InstanceId) {
        let meter = self.instances[instance].workers_meter;
        self.begin_use(meter);
        self.note_workers(instance);
    }

    #[inline(always)]
    pub(crate) fn note_workers(&mut self, instance: InstanceId) {
        let state = &self.instances[instance];
        let (busy, waiting, meter) = (state.busy, state.backlog.len, state.workers_meter);
        self.meter(meter, u64::from(busy), waiting);
    }

    #[inline]
    pub(crate) fn note_pool(&mut self, client: ClientId) {
        let state = &self.clients[client];
        if state.slots_meter.is_some() {
            return self.note_slots(client);
        }
        let meter = state.meter;
        let (in_use, waiting) = match &state.messages {
            None => (state.in_use, state.waiting()),
            // In delivery are the calls that do not wait, however many the link lets through.
            Some(messages) => (state.calls - state.waiting(), state.waiting() + messages.delayed),
        };
        self.meter(meter, u64::from(in_use), waiting);
    }

    /// `event` comes after a lane's span.
    #[inline]
    pub(crate) fn after(&mut self, lane: LaneId, event: Event) {
        let execs = &self.execs;
        self.agenda.after(self.now, lane, event, |event| event.execution().is_none_or(|exec| execs.alive(exec)));
    }

    /// Mixes what happened into the digest.
    #[inline(always)]
    pub(crate) fn record(&mut self, event: Event) {
        let (kind, subject) = event.words();
        self.digest = hash::absorb(self.digest, (self.now.0 as u64) ^ (kind << 56) ^ subject);
        self.events += 1;
    }

    /// Hash of the event stream so far and of the state.
    pub(crate) fn digest(&self) -> u64 {
        let mut hash = mix(self.digest ^ self.events);
        for source in &self.sources {
            for word in [source.arrivals, source.requests, source.ended, source.failed, u64::from(source.sessions)] {
                hash = derive(hash, word);
            }
        }
        for resource in &self.resources {
            let all = resource.meter.integrals(self.now);
            let grains = u128::from(resource.kind.grains());
            for integral in [(all.busy + all.beyond) / grains, all.waiting, all.capacity / grains] {
                hash = derive(hash, integral as u64);
            }
            hash = derive(hash, resource.meter.refused);
        }
        derive(hash, self.execs.len() as u64)
    }
}

impl<O: Observer> Context<'_, O> {
    #[inline(always)]
    pub(crate) fn emit(&mut self, what: impl FnOnce() -> Observation) {
        if O::LISTENS {
            self.observer.observe(self.world.now, &what());
        }
    }

    /// A stream for a purpose of the step the execution stands at.
    #[inline]
    pub(crate) fn stream(&self, exec: u32, purpose: u64) -> Stream {
        let state = &self.world.execs[exec];
        Stream::new(derive(state.key ^ purpose, u64::from(state.round)))
    }

    /// Draws an amount for an execution, reading gauges of the instance it runs on.
    #[inline]
    pub(crate) fn draw(&self, exec: u32, purpose: u64, amount: AmountId) -> f64 {
        let amount = &self.model.amounts[amount];
        if let crate::model::Amount::Constant { value, .. } = amount {
            return *value;
        }
        draw(amount, &mut self.stream(exec, purpose), &|gauge| self.gauge(exec, gauge))
    }

    fn gauge(&self, exec: u32, gauge: Gauge) -> f64 {
        let Some(instance) = self.world.execs[exec].instance else { return 0.0 };
        let state = &self.world.instances[instance];
        f64::from(match gauge {
            Gauge::InFlight => state.in_flight,
            Gauge::Connections => state.connections,
            Gauge::Queued => state.backlog.len,
            Gauge::Waiting(link) => {
                let place = self.world.link_places[link] as usize;
                state.clients.get(place).map_or(0, |&client| self.world.clients[client].calls)
            }
        })
    }
}

/// An amount of a resource as its meter counts it.
#[inline]
pub(crate) fn fixed(kind: ResourceKind, amount: f64) -> u64 {
    (amount * kind.grains() as f64) as u64
}

/// Seconds to whole nanoseconds, nearest; past the end of time it stays there.
#[inline]
pub(crate) fn nanos(seconds: f64) -> i64 {
    const LONGEST: f64 = 4e18;
    (seconds * 1e9 + 0.5).clamp(0.0, LONGEST) as i64
}
