//! The ledger against known answers and against its own rules.
//!
//! - `vectors`: reading `tests/vectors`; `tiles_in_memory`, `map_in_memory`: a log and a map to test on;
//! - `tree`, `tiles`, `notes`, `rows`, `map`: known answers;
//! - `log`, `cache`, `map_pages`, `bundle`: behaviour.

mod bundle;
mod cache;
mod log;
mod map;
mod map_in_memory;
mod map_pages;
mod notes;
mod rows;
mod tiles;
mod tiles_in_memory;
mod tree;
mod vectors;
