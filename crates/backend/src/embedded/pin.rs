//! Pinning: a checkpoint that was seen elsewhere, which the log must extend.

use vouchsafe_ledger::{Checkpoint, NoteError};
use vouchsafe_store::{StoreError, ledger::LedgerRead};

use super::{
    ledger::{Ledger, older_root},
    tiles::ReadTiles,
};
use crate::BackendError;

/// Why a checkpoint could not be pinned.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PinError {
    /// It is none of this log's own.
    #[error("this is no checkpoint of this log: {0}")]
    NotOurs(#[from] NoteError),
    /// The log does not extend it, or cannot be read.
    #[error(transparent)]
    Log(#[from] BackendError),
}

impl From<StoreError> for PinError {
    fn from(error: StoreError) -> Self {
        Self::Log(error.into())
    }
}

impl Ledger {
    /// Makes sure that the log extends a checkpoint that this log's own key signed, now and from now on. Where it does
    /// not, that is remembered: nothing more is signed. `reader` is a snapshot that begins with its first read.
    pub fn pin(&self, reader: &dyn LedgerRead, note: &str) -> Result<(), PinError> {
        let pinned = Checkpoint::open(note, std::slice::from_ref(self.verifier()))?;
        let extended = self.known().and_then(|known| {
            let newest = self.newest(known, reader)?;
            extends(reader, &newest.at.checkpoint, &pinned)?;
            self.know(reader)
        });
        if let Err(error @ BackendError::Forked(_)) = &extended {
            self.remember(Err(error.clone()));
        }
        Ok(extended?)
    }
}

fn extends(reader: &dyn LedgerRead, newest: &Checkpoint, pinned: &Checkpoint) -> Result<(), BackendError> {
    let (old, size) = (pinned.size, newest.size);
    if size < old {
        return Err(BackendError::Forked(format!(
            "a checkpoint of size {old} was pinned, this log has {size} leaves: an older copy of the store was restored"
        )));
    }
    if older_root(&ReadTiles(reader), old, (size, &newest.root))? != pinned.root {
        return Err(BackendError::Forked(format!("its first {old} leaves are not those that were pinned")));
    }
    Ok(())
}
