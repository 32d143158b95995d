//! Messages as bytes: what a page hears from a worker is what a window hears from a thread.

use super::rig::{Clock, Rig};
use std::time::Duration;
use surgelab::catalog::SCENARIOS;
use surgelab::experiment::{Compiled, Experiment};
use surgelab::host::wire::{Decoder, Encoder, decode_request, encode_request};
use surgelab::host::{HostOptions, InlinePort, Lane, Port, Request, Update};
use surgelab::units::Time;

/// A port through which everything goes as bytes, there and back; nothing is lost on the way.
struct Wire<P> {
    port: P,
    encoder: Encoder,
    decoder: Decoder,
    largest: usize,
}

fn alike(here: &Compiled, there: &Compiled) {
    assert_eq!((&here.variant, here.seed, &here.edits), (&there.variant, there.seed, &there.edits));
    assert_eq!((&here.loaded.name, &here.loaded.text), (&there.loaded.name, &there.loaded.text));
    assert_eq!(here.loaded.scenario, there.loaded.scenario);
    assert_eq!((&here.base.name, &here.base.text), (&there.base.name, &there.base.text));
    let (ours, theirs) = (&here.model, &there.model);
    assert_eq!((ours.digest, ours.lineage, ours.parent), (theirs.digest, theirs.lineage, theirs.parent));
    assert_eq!(ours.scenario, theirs.scenario);
    assert_eq!(format!("{:?}", ours.services), format!("{:?}", theirs.services));
    assert_eq!(format!("{:?}", (&ours.links, &ours.code)), format!("{:?}", (&theirs.links, &theirs.code)));
    assert_eq!(format!("{:?}", (&ours.sources, &ours.rules)), format!("{:?}", (&theirs.sources, &theirs.rules)));
    assert_eq!(
        format!("{:?}", (&ours.groups, &ours.operations)),
        format!("{:?}", (&theirs.groups, &theirs.operations))
    );
    assert_eq!(format!("{:?}", (&ours.amounts, &ours.keys)), format!("{:?}", (&theirs.amounts, &theirs.keys)));
}

impl<P: Port> Port for Wire<P> {
    fn send(&mut self, message: Request) {
        let bytes = encode_request(&message).unwrap();
        let again = decode_request(&bytes).unwrap();
        if !matches!(message, Request::Open(_)) {
            assert_eq!(format!("{message:?}"), format!("{again:?}"));
        }
        self.port.send(again);
    }

    fn receive(&mut self) -> Vec<Update> {
        let mut heard = Vec::new();
        for told in self.port.receive() {
            let bytes = self.encoder.encode(told.clone()).unwrap();
            self.largest = self.largest.max(bytes.len());
            let again = self.decoder.decode(&bytes).unwrap();
            match (&told, &again) {
                (Update::Opened(here), Update::Opened(there)) => alike(here, there),
                (Update::Compiled(lane, here), Update::Compiled(other, there)) => {
                    assert_eq!(lane, other);
                    alike(here, there);
                }
                (told, again) => assert_eq!(format!("{told:?}"), format!("{again:?}")),
            }
            heard.push(again);
        }
        heard
    }
}

fn wired() -> Rig<Wire<InlinePort<impl Fn() -> Duration>>> {
    let clock = Clock::default();
    let hands = clock.clone();
    let port = InlinePort::new(HostOptions::default(), Duration::from_millis(8), move || hands.read());
    Rig::new(Wire { port, encoder: Encoder::default(), decoder: Decoder::default(), largest: 0 }, clock)
}

#[test]
fn every_scenario_passes_whole() {
    for known in SCENARIOS {
        let mut rig = wired();
        rig.send(Request::Open(Box::new(Experiment::new(known.file, known.text))));
        rig.send(Request::Seek(Time(60_000_000_000)));
        rig.until_at(Time(60_000_000_000));
        rig.until("figures have come", |rig| !rig.reports.is_empty());
        assert!(rig.port.largest < 1 << 20, "{} bytes", rig.port.largest);
    }
}

#[test]
fn bytes_that_are_no_message_are_no_message() {
    assert!(decode_request(b"").is_err() && decode_request(&[0xc1, 9]).is_err());
    for bytes in [&b""[..], &[7, 7], &[0, 0xc1], &[1], &[2, 0x90]] {
        assert!(Decoder::default().decode(bytes).is_err());
    }
    let compiled = Experiment::new("a", SCENARIOS[0].text).compile().unwrap();
    let told = Encoder::default().encode(Update::Compiled(Lane::Trunk, compiled.into())).unwrap();
    assert!(Decoder::default().decode(&told).is_err(), "nothing was opened before");
}
