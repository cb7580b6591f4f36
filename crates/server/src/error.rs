//! Why a server could not start.

use vouchsafe_backend::BackendError;
use vouchsafe_store::StoreError;

/// Why a server could not start.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ServeError {
    /// The store cannot be opened; see its own code.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A log cannot be opened; see its own code.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The file with the keys is missing, readable by others, or not understood.
    #[error("the token file {0}")]
    Keys(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}")]
    Listen(String),
}

impl ServeError {
    /// The error's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Backend(error) => error.code(),
            Self::Keys(_) => "SERVER_KEYS",
            Self::Listen(_) => "SERVER_LISTEN",
        }
    }
}
