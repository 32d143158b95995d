//! What a caller does for itself and its callee: limits, breakers, hedges, queues, shares. With exact numbers where
//! they exist.

mod guards;
mod hedges;
mod targets;
mod wrong;
