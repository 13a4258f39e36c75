//! Functions that follow releases: what they serve, what a bad bucket and a bad release do to them, and upgrades of the host.
//!
//! All of these run in the Lambda emulator, whatever `TOOLCELL_EDGE` says.

mod bucket;
mod follower;
mod refused;
mod serving;
mod upgrade;
