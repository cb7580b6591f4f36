//! The store's pages of the map as the ledger reads them.

use vouchsafe_ledger::map::{MapError, MapStore};
use vouchsafe_store::{
    StoreError,
    ledger::{LedgerRead, LedgerWrite},
};

use crate::BackendError;

/// Pages of a read snapshot.
pub(crate) struct ReadPages<'a>(pub &'a dyn LedgerRead);

impl MapStore for ReadPages<'_> {
    type Error = StoreError;

    fn page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.map_page(number)
    }
}

/// Pages as an open write transaction sees them.
pub(super) struct WritePages<'a>(pub &'a dyn LedgerWrite);

impl MapStore for WritePages<'_> {
    type Error = StoreError;

    fn page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.map_page(number)
    }
}

impl From<MapError<StoreError>> for BackendError {
    fn from(error: MapError<StoreError>) -> Self {
        match error {
            MapError::Store(error) => Self::Store(error),
            damaged @ MapError::Damaged(_) => Self::Corrupt(damaged.to_string()),
        }
    }
}
