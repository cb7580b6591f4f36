//! A folder looked at from outside: what the command line shows of it. No engine runs; but for [`prune_store`] all of it
//! only reads, also while another process has the folder open.
//!
//! - `traces`: verdicts that were kept, with their exchanges
//! - `inspect`: facts about store and key
//! - `prune`: bodies beyond the limits

mod inspect;
mod prune;
mod traces;

use std::path::Path;

use vouchsafe_backend::BackendError;
use vouchsafe_store::sqlite::{Database, Reader, Readers};

use crate::EngineError;
pub use inspect::{KeyFacts, StoreFacts, inspect_store, read_key, read_vkey};
pub use prune::{Pruned, prune_store};
pub use traces::{ListedTrace, ShownTrace, list_traces, show_trace};

/// The database of a folder that has one; nothing is made.
fn database(dir: &Path) -> Result<Database, EngineError> {
    if dir.join("vouchsafe.db").is_file() {
        return Ok(Database::in_folder(dir));
    }
    let there = if dir.is_dir() { "has no store in it" } else { "is not there" };
    Err(EngineError::new("STORE_NOT_FOUND", format!("the folder {} {there}", dir.display())))
}

/// Reads one state of the folder's database.
fn read<T>(dir: &Path, read: impl FnOnce(&Reader) -> Result<T, BackendError>) -> Result<T, EngineError> {
    Ok(Readers::new(database(dir)?).with(read)?)
}
