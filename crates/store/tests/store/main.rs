//! The store on a real SQLite and a disk that fails on demand.
//!
//! - `setup`: a writer with its events, and exchanges
//! - `writer`: order, groups, limits, gaps, the end
//! - `disk`: what a full or broken disk does to the queue
//! - `owner`: who may have the folder open
//! - `opening`: folders and databases that are not ours

#[path = "../faults/mod.rs"]
mod faults;

mod disk;
mod opening;
mod owner;
mod setup;
mod writer;
