//! The host in a browser's worker: the same messages as a thread of the desktop's, as bytes (`host/wire.rs`).
//!
//! Everything of the browser is in `web/worker/worker.js`, which finds three functions in the global scope: `receive` a
//! message, take a `turn`, `record` a run without anybody looking; and `panicked`, the words of the panic that ended
//! it.

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("this program runs in a browser's worker: web/build makes it");
}

#[cfg(target_arch = "wasm32")]
fn main() {
    browser::install();
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use js_sys::{Array, Reflect, Uint8Array, global};
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;
    use surgelab::host::wire::{Encoder, decode_request};
    use surgelab::host::{Host, HostOptions, Next, Update};
    use surgelab::{catalog, engine::Limits, experiment::Experiment, measure};
    use wasm_bindgen::prelude::*;
    use web_time::Instant;

    /// A turn bounds itself further.
    const BUDGET: Duration = Duration::from_millis(8);

    /// Makes the functions known.
    pub fn install() {
        std::panic::set_hook(Box::new(|panic| set("panicked", &JsValue::from_str(&panic.to_string()))));
        let host = Rc::new(RefCell::new((Host::new(HostOptions::default()), Encoder::default())));
        let hearing = Rc::clone(&host);
        let receive = move |bytes: JsValue| {
            match decode_request(&Uint8Array::new(&bytes).to_vec()) {
                Ok(request) => hearing.borrow_mut().0.receive(request),
                Err(error) => set("panicked", &JsValue::from_str(&error.to_string())),
            }
            JsValue::UNDEFINED
        };
        let begun = Instant::now();
        let turn = move |_: JsValue| {
            let (host, encoder) = &mut *host.borrow_mut();
            let next = host.turn(&|| begun.elapsed(), BUDGET);
            let told = Array::new();
            for update in host.take_updates() {
                told.push(&Uint8Array::from(encoded(encoder, update).as_slice()).buffer());
            }
            let wait = match next {
                Next::Now => 0.0,
                Next::After(wait) => wait.as_secs_f64() * 1e3,
                Next::Message => -1.0,
            };
            Array::of2(&told, &JsValue::from_f64(wait)).into()
        };
        let record = |what: JsValue| JsValue::from_str(&recorded(&what.as_string().unwrap_or_default()));
        set("receive", &Closure::<dyn FnMut(JsValue) -> JsValue>::new(receive).into_js_value());
        set("turn", &Closure::<dyn FnMut(JsValue) -> JsValue>::new(turn).into_js_value());
        set("record", &Closure::<dyn FnMut(JsValue) -> JsValue>::new(record).into_js_value());
    }

    fn set(name: &str, value: &JsValue) {
        // A scope that takes no properties is none that this can run in.
        let _ = Reflect::set(&global(), &JsValue::from_str(name), value);
    }

    fn encoded(encoder: &mut Encoder, update: Update) -> Vec<u8> {
        let told = encoder.encode(update).or_else(|error| encoder.encode(Update::Died(error.to_string())));
        told.unwrap_or_default()
    }

    /// "NAME" or "NAME EVENTS": a built-in scenario from start to end, or as far as so many events. Its digest, its
    /// events, its requests, and how long it took.
    fn recorded(what: &str) -> String {
        let (name, events) = what.split_once(' ').map_or((what, None), |(name, events)| (name, events.parse().ok()));
        let Some(found) = catalog::find(name) else { return format!("{{\"error\":\"no scenario {name}\"}}") };
        let Ok(mut compiled) = Experiment::new(found.file, found.text).compile() else {
            return "{\"error\":\"it does not load\"}".to_owned();
        };
        compiled.limits = Limits { events: events.unwrap_or(Limits::DEFAULT.events), ..compiled.limits };
        let begun = Instant::now();
        let results = measure::record(compiled.model.clone(), &compiled.options(), &mut |_| {});
        let took = begun.elapsed().as_secs_f64();
        let offered: u64 = results.traffic.values().map(|traffic| traffic.offered).sum();
        let (digest, events) = (&results.digest, results.engine.events);
        format!("{{\"digest\":\"{digest}\",\"events\":{events},\"offered\":{offered},\"seconds\":{took}}}")
    }
}
