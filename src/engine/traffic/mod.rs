//! Who comes, and when.

pub mod arrivals;
pub mod modulated_arrivals;
