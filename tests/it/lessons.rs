//! Every short lesson bears out what it says it teaches: what fails, in which order and because of what, and figures
//! that were computed beforehand, over several seeds.

mod autoscaler_lag;
mod black_friday;
mod cache_stampede;
mod class;
mod connection_pool;
mod gc_death_spiral;
mod hot_shard;
mod keep_alive;
mod noisy_neighbour;
mod priority_shedding;
mod queue_backlog;
mod replica_lag;
mod slow_clients;
mod thundering_herd;
