//! The way to a host in a browser's worker: messages as bytes, one way and the other.

use crate::host::wire::{Decoder, encode_request};
use crate::host::{Port, Request, Update};
use js_sys::{Array, ArrayBuffer, Function, Reflect, Uint8Array, global};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};

/// Values of the page belong to its one thread.
struct Worker {
    /// What the page made: `send(bytes)`, `heard()`; none after it has died.
    inner: Option<JsValue>,
    decoder: Decoder,
}

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

/// A port to the page's worker.
pub struct WorkerPort;

impl WorkerPort {
    /// Begins the worker.
    pub fn new() -> Self {
        WORKER.set(Some(begin()));
        Self
    }
}

fn begin() -> Worker {
    Worker { inner: Some(ask("worker", &[])).filter(|inner| !inner.is_undefined()), decoder: Decoder::default() }
}

impl Port for WorkerPort {
    fn send(&mut self, message: Request) {
        WORKER.with_borrow_mut(|worker| {
            // One that has died has said so; the next one runs what is opened.
            if worker.as_ref().is_none_or(|worker| worker.inner.is_none()) {
                *worker = Some(begin());
            }
            if let (Some(Worker { inner: Some(inner), .. }), Ok(bytes)) = (worker, encode_request(&message)) {
                call(inner, "send", &[Uint8Array::from(bytes.as_slice()).into()]);
            }
        });
    }

    fn receive(&mut self) -> Vec<Update> {
        WORKER.with_borrow_mut(|worker| {
            let Some(Worker { inner, decoder }) = worker else { return Vec::new() };
            let Some(heard) = inner.as_ref().map(|inner| Array::from(&call(inner, "heard", &[]))) else {
                return Vec::new();
            };
            let mut told = Vec::new();
            for message in heard.iter() {
                let update = match message.dyn_ref::<ArrayBuffer>() {
                    Some(buffer) => {
                        decoder.decode(&Uint8Array::new(buffer).to_vec()).map_err(|error| error.to_string())
                    }
                    None => Err(message.as_string().unwrap_or_else(|| "it gave no reason".to_owned())),
                };
                match update {
                    Ok(update) => told.push(update),
                    Err(why) => {
                        told.push(Update::Died(why));
                        if let Some(inner) = inner.take() {
                            call(&inner, "end", &[]);
                        }
                        break;
                    }
                }
            }
            told
        })
    }
}

/// Asks something of the page's object `surgelab`; undefined where it does not answer.
pub fn ask(name: &str, words: &[JsValue]) -> JsValue {
    let page = Reflect::get(&global(), &JsValue::from_str("surgelab")).unwrap_or(JsValue::UNDEFINED);
    call(&page, name, words)
}

fn call(of: &JsValue, name: &str, words: &[JsValue]) -> JsValue {
    let function = Reflect::get(of, &JsValue::from_str(name)).ok().and_then(|found| found.dyn_into::<Function>().ok());
    let words: Array = words.iter().collect();
    function.and_then(|function| function.apply(of, &words).ok()).unwrap_or(JsValue::UNDEFINED)
}
