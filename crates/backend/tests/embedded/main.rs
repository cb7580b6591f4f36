//! The embedded backend on a real SQLite: what survives, what is refused, what is never said.
//!
//! - `power_cut`, `disk`: the disk fails
//! - `several`, `fork`: other processes write to the store, or replace it
//! - `opening`: keys and origins
//! - `map`, `complete`: what seals commit to, and what answers say beside their rows
//! - `tampering`, `forged`: somebody else writes to the tables, while the store is open and while it is not
//! - `import`: rows of somebody else's table
//! - `retention`: what a pruned row still proves

#[path = "../../../store/tests/faults/mod.rs"]
mod faults;
#[path = "../support/mod.rs"]
mod support;

mod complete;
mod disk;
mod forged;
mod fork;
mod import;
mod map;
mod opening;
mod power_cut;
mod retention;
mod several;
mod tampering;
