//! The store's tiles as the ledger reads them.

use std::sync::Arc;

use vouchsafe_ledger::{LogError, TileStore};
use vouchsafe_store::{
    StoreError,
    ledger::{LedgerRead, LedgerWrite},
};

use crate::BackendError;

/// Tiles of a read snapshot.
pub(crate) struct ReadTiles<'a>(pub &'a dyn LedgerRead);

impl TileStore for ReadTiles<'_> {
    type Error = StoreError;

    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
        self.0.tile(level, n)
    }
}

/// Tiles as an open write transaction sees them.
pub(super) struct WriteTiles<'a>(pub &'a dyn LedgerWrite);

impl TileStore for WriteTiles<'_> {
    type Error = StoreError;

    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
        self.0.tile(level, n)
    }
}

impl From<LogError<StoreError>> for BackendError {
    fn from(error: LogError<StoreError>) -> Self {
        match error {
            LogError::Store(error) => Self::Store(error),
            other => Self::Corrupt(other.to_string()),
        }
    }
}
