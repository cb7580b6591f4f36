//! The key that a store's log is signed with, public half only.

use std::path::Path;

use vouchsafe_ledger::VerifierKey;

use crate::{BackendError, read_key};

/// Reads the public half from a key file; `None` where there is no such file.
pub fn own_key(file: &Path) -> Result<Option<VerifierKey>, BackendError> {
    if matches!(file.try_exists(), Ok(false)) { Ok(None) } else { Ok(Some(read_key(file)?.verifier())) }
}
