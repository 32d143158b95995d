//! What ends runs before their time: a signal, or the clock.

use crate::measure::Halt;
use crate::units::Span;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// Heard until the process ends.
pub struct Interrupts {
    /// The exit code of the signal that came; 0: none.
    code: Arc<AtomicU8>,
}

impl Interrupts {
    /// From now on the first SIGINT or SIGTERM, and the end of the time, end the runs with what they have; the second
    /// signal ends the process.
    pub fn begin(halt: &Halt, time_limit: Option<Span>) -> Interrupts {
        let interrupts = Interrupts { code: Arc::default() };
        interrupts.hear_signals(halt.clone());
        if let Some(limit) = time_limit {
            let (halt, time) = (halt.clone(), Duration::from_nanos(limit.0.unsigned_abs()));
            // Without a thread there is no limit, and the runs end by themselves.
            let _ = std::thread::Builder::new().name("clock".to_owned()).spawn(move || {
                std::thread::sleep(time);
                halt.now(format!("the time limit of {limit} was over"));
            });
        }
        interrupts
    }

    /// The exit code that says which signal it was.
    pub fn code(&self) -> Option<ExitCode> {
        Some(self.code.load(Ordering::SeqCst)).filter(|code| *code > 0).map(ExitCode::from)
    }

    #[cfg(unix)]
    fn hear_signals(&self, halt: Halt) {
        use signal_hook::consts::{SIGINT, SIGTERM};
        /// What the shell adds to a signal's number.
        const SIGNAL: u8 = 128;
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
        let heard = Arc::clone(&self.code);
        let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                let (name, number) = if signal == SIGINT { ("SIGINT", 2) } else { ("SIGTERM", 15) };
                if heard.swap(SIGNAL + number, Ordering::SeqCst) > 0 {
                    std::process::exit(i32::from(SIGNAL + number));
                }
                halt.now(format!("interrupted by {name}"));
            }
        });
    }

    #[cfg(not(unix))]
    fn hear_signals(&self, _: Halt) {}
}
