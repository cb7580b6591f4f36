//! The ledger against known answers and against its own rules.
//!
//! - `vectors`: reading `tests/vectors`; `tiles_in_memory`, `map_in_memory`: a log and a map to test on;
//! - `tree`, `tiles`, `notes`, `rows`, `map`: known answers;
//! - `naive`, `committed`: trees, the map and a log of rows, made from all that is in them;
//! - `log`, `cache`, `map_pages`: behaviour;
//! - `bundle`, `bundle_steps`, `bundle_complete`: what a bundle proves, step by step;
//! - `bundle_matrix`, `bundle_random`, `mutants`: that nothing in it can be changed unseen;
//! - `traps`: what a naive verifier falls for.

mod bundle;
mod bundle_complete;
mod bundle_matrix;
mod bundle_random;
mod bundle_steps;
mod cache;
mod committed;
mod log;
mod map;
mod map_in_memory;
mod map_pages;
mod mutants;
mod naive;
mod notes;
mod rows;
mod tiles;
mod tiles_in_memory;
mod traps;
mod tree;
mod vectors;
