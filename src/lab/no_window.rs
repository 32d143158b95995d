//! Why there is no lab to be seen.

/// Why there is no lab to be seen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWindow {
    /// There is no display to open a window on.
    #[error("there is no display: {0}")]
    Display(String),
    /// Nothing there can draw.
    #[error("there is no usable graphics: {0}")]
    Graphics(String),
    /// The system gives no thread to simulate on.
    #[error("there is no thread to simulate on: {0}")]
    Thread(String),
}
