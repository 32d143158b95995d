//! Keys: what a request is about.
use super::described::choice;

choice! {
    /// What requests are about: drawn once per request, the same for every store, shard, lock and hash that asks by its
    /// name.
    pub enum Key {
        /// One of `n`; the k-th most wanted is drawn with a weight of 1 / kˢ.
        Zipf {
            /// How many there are.
            n: u32 [1.0..=1e9],
            /// The exponent: 0 is uniform, web requests have 0.6 to 1.
            s: f64 [0.0..=10.0],
        },
        /// One of `n`, all alike.
        Uniform {
            /// How many there are.
            n: u32 [1.0..=1e9],
        },
        /// Who asks: the session of `Users`, the person of `Closed`, the request of `Open`.
        User,
    }
}
