//! The embedded backend on a real SQLite: what survives, what is refused, what is never said.

#[path = "../../../store/tests/faults/mod.rs"]
mod faults;
#[path = "../support/mod.rs"]
mod support;

mod power_cut;
