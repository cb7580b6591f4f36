//! A private PostgreSQL cluster for tests: on a free port, in a temporary folder, gone with the process that started it.
//!
//! - `cluster`: starting, stopping, starting again
//! - `options`: what a test may want of it
//! - `install`: where PostgreSQL is on this machine
//! - `account`: the user that it runs as
//! - `missing`: what becomes of a test where there is none

mod account;
mod cluster;
mod install;
mod missing;
mod options;

pub use cluster::Cluster;
pub use options::ClusterOptions;
