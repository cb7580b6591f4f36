//! What the tests of the embedded ledger share.
//!
//! - `store`: an opened store, with a writer, a ledger and readers
//! - `history`: what was acknowledged, and the check that a store still has all of it
//! - `replay`: the map, from the rows

#![allow(dead_code, unused_imports, reason = "each test binary uses its own part of it")]

mod history;
mod replay;
mod store;

pub use history::{History, response};
pub use replay::map_root;
pub use store::{Opened, exchange, now_us};
