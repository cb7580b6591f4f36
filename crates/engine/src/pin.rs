//! Pinning a checkpoint: what this engine signs from then on extends it.

use vouchsafe_backend::{BackendError, Ledger, PinError};
use vouchsafe_store::sqlite::Readers;

use crate::{Engine, EngineError, EngineEvent};

/// Pins a checkpoint where a folder is opened, before anything can be signed.
pub(crate) fn pin_on_open(readers: &Readers, ledger: &Ledger, note: &str) -> Result<(), EngineError> {
    go_on(readers.with(|reader| ledger.pin(reader, note)))
}

/// A fork is remembered as damage, told to whoever listens, and no reason not to record.
fn go_on(pinned: Result<(), PinError>) -> Result<(), EngineError> {
    match pinned {
        Err(PinError::Log(error)) if error.is_damage() => Ok(()),
        Err(error) => Err(EngineError { key: Some("VOUCHSAFE_PIN".into()), ..error.into() }),
        Ok(()) => Ok(()),
    }
}

/// Pins hold for a log that is signed and kept here.
pub(crate) fn no_pin() -> EngineError {
    EngineError::new("BACKEND_UNSUPPORTED", "a pin holds for the folder's own log, and this engine commits to another")
}

impl Engine {
    /// Pins a signed checkpoint of this log, which may be one that another process made.
    ///
    /// # Errors
    /// `STORE_FORKED` where the log does not extend it, and then nothing more is signed; `INVALID_OPTION` with the key
    /// `pin` where it is no checkpoint of this log; `BACKEND_UNSUPPORTED` where rows are committed elsewhere.
    pub fn pin(&self, note: &str) -> Result<(), EngineError> {
        if !self.backing.is_folder() {
            return Err(no_pin());
        }
        Ok(self.check_pin(note)?)
    }

    /// Pins a checkpoint where a folder is opened that this engine has open already.
    pub(crate) fn pin_on_join(&self, note: &str) -> Result<(), EngineError> {
        go_on(self.check_pin(note))
    }

    fn check_pin(&self, note: &str) -> Result<(), PinError> {
        let checked = self.readers().with(|reader| self.ledger().pin(reader, note));
        if let Err(PinError::Log(error @ BackendError::Forked(_))) = &checked {
            self.tell(&EngineEvent::damaged(error));
        }
        checked
    }
}

impl From<PinError> for EngineError {
    fn from(error: PinError) -> Self {
        match error {
            PinError::Log(error) => error.into(),
            PinError::NotOurs(_) => Self { key: Some("pin".into()), ..Self::new("INVALID_OPTION", error.to_string()) },
        }
    }
}
