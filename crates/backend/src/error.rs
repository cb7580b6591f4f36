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
    /// The backend cannot be reached, or says that it cannot answer now.
    #[error("the backend is not available: {0}")]
    Unavailable(String),
    /// The backend did not finish in time.
    #[error("the backend did not finish: {0}")]
    TimedOut(String),
    /// The backend refuses the token or the key.
    #[error("the backend refuses the credentials: {0}")]
    Denied(String),
    /// The backend answers something that is not in the protocol.
    #[error("the backend answers something else than was asked: {0}")]
    Protocol(String),
    /// Another log has taken the table: this one does not know any more which rows are new, and signs nothing.
    #[error("the table is another log's now: {0}")]
    Displaced(String),
    /// The backend says that a row is not what it had committed, or is gone.
    #[error("the backend refutes the row: {0}")]
    Refuted(String),
    /// This backend cannot do it.
    #[error("this backend does not offer {0}")]
    Unsupported(&'static str),
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
            Self::Unavailable(_) => "BACKEND_UNAVAILABLE",
            Self::TimedOut(_) => "BACKEND_TIMEOUT",
            Self::Denied(_) => "BACKEND_DENIED",
            Self::Protocol(_) => "BACKEND_PROTOCOL",
            Self::Displaced(_) => "BACKEND_DISPLACED",
            Self::Refuted(_) => "BACKEND_REFUTED",
            Self::Unsupported(_) => "BACKEND_UNSUPPORTED",
        }
    }

    /// Whether what is stored is damaged, so that nothing can be said of it (as opposed to: try again).
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Corrupt(_) | Self::Forked(_) | Self::Store(StoreError::Corrupt(_)))
    }
}
