//! The embedded backend on a real SQLite: what survives, what is refused, what is never said.
//!
//! - `power_cut`, `disk`: the disk fails
//! - `several`, `fork`: other processes write to the store, or replace it
//! - `opening`: keys and origins
//! - `tampering`: somebody else writes to the tables
//! - `retention`: what a pruned row still proves

#[path = "../../../store/tests/faults/mod.rs"]
mod faults;
#[path = "../support/mod.rs"]
mod support;

mod disk;
mod fork;
mod opening;
mod power_cut;
mod retention;
mod several;
mod tampering;
