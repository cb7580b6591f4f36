//! The registered tables, each with its log.
//!
//! - `tables`: opening them
//! - `runs`: committing them when somebody asks for it
//! - `record`: a query's answer as the protocol says it

mod record;
mod runs;
mod tables;

pub use record::record;
pub use runs::Runs;
pub use tables::{LogStore, Tables};
