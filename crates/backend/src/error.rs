//! Why a backend could not answer.

use vouchsafe_store::StoreError;

/// What went wrong behind a backend.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BackendError {
    /// The store failed; see its own code.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored does not fit together: a disk or an editor changed it.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The store holds another history than the one that this process signed: nothing more is signed.
    #[error("the store was replaced by another history ({0}): restore the newer one or start a new store")]
    Forked(String),
    /// The signing key is missing or unusable.
    #[error("the signing key {0}")]
    Key(String),
}

impl BackendError {
    /// The error's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Corrupt(_) => "STORE_CORRUPT",
            Self::Forked(_) => "STORE_FORKED",
            Self::Key(_) => "KEY_UNUSABLE",
        }
    }

    /// Whether what is stored is damaged, so that nothing can be said of it (as opposed to: try again).
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Corrupt(_) | Self::Forked(_) | Self::Store(StoreError::Corrupt(_)))
    }
}
