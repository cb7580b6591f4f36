//! The snapshot that a payload's answers are read from.

use std::{
    fmt,
    sync::{Mutex, MutexGuard},
};

use vouchsafe_core::hash::Hash;
use vouchsafe_store::ledger::LedgerRead;

/// A snapshot of the store at one commit. It ends, and its connection goes back to the pool, when it is dropped.
pub(crate) struct Held {
    reader: Mutex<Box<dyn LedgerRead>>,
    /// The root of the map that the commit sealed.
    pub map_root: Hash,
}

impl Held {
    pub fn new(reader: Box<dyn LedgerRead>, map_root: Hash) -> Self {
        Self { reader: Mutex::new(reader), map_root }
    }

    /// The snapshot's connection, which answers one at a time.
    pub fn reader(&self) -> MutexGuard<'_, Box<dyn LedgerRead>> {
        self.reader.lock().expect("no reader panics")
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.debug_struct("Held").field("map_root", &self.map_root).finish_non_exhaustive()
    }
}
