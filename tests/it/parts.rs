//! Parts: `like` puts them under a service, every number of them has a source, and each behaves as it is known to.
mod file;
mod like;
mod servers;
