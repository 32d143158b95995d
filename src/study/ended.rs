//! A study that is ended before its end: by a signal, or by the clock. Its answer tells why and how far it had come.

/// Why it was ended, and after what: "interrupted by SIGINT, after 14 runs". None: it was not.
pub(super) fn ended(cut: Option<String>, after: &str) -> Option<String> {
    cut.map(|reason| format!("{reason}, after {after}"))
}

/// "1 run", "14 runs"
pub(super) fn counted(many: u32, what: &str) -> String {
    if many == 1 { format!("1 {what}") } else { format!("{many} {what}s") }
}
