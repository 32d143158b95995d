//! What a machine gives to those who share it: cores, disks, networks, memory, burst credits.

pub mod cpu;
pub mod cpu_credits;
pub mod device;
pub mod memory;
pub mod network;
