//! Adaptive polling: what it costs once it has learned, and before.
//!
//! - `learned`: the bars, by simulation
//! - `waiting`: the waits themselves, on a paused clock

#[path = "../../examples/polling/simulation.rs"]
mod simulation;

mod learned;
mod waiting;
