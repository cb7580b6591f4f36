//! The key that a store's log is signed with, public half only.

use std::{fs, io, path::Path};

use vouchsafe_ledger::VerifierKey;

use crate::{BackendError, embedded::key};

/// Reads the public half from a key file; `None` where there is no such file.
pub fn own_key(file: &Path) -> Result<Option<VerifierKey>, BackendError> {
    let unusable = |why: &dyn std::fmt::Display| BackendError::Key(format!("{}: {why}", file.display()));
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(key::parse(text.trim()).ok_or_else(|| unusable(&"holds no key"))?.verifier())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(&error)),
    }
}
