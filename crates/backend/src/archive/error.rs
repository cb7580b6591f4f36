//! Why a log could not be exported, proven or audited.

use std::{io, path::PathBuf};

use vouchsafe_store::StoreError;

use crate::BackendError;

/// What went wrong with a whole log.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The store failed or is damaged, or a key is missing.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The folder to export to holds something else; nothing in it was touched.
    #[error("{folder} {why}: choose a new folder, or one with an older export of this log")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The export could not be written.
    #[error("{0}: {1}")]
    Write(PathBuf, io::Error),
    /// There is no row with this id.
    #[error("there is no row {0}")]
    RowNotFound(String),
    /// The row has no leaf yet.
    #[error("row {0} is not committed yet: commit first")]
    RowNotCommitted(String),
    /// The older checkpoint to compare with cannot be used.
    #[error("the older checkpoint: {0}")]
    Since(String),
}

impl ArchiveError {
    /// The error's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Backend(error) => error.code(),
            Self::Folder { .. } => "EXPORT_REFUSED",
            Self::Write(..) => "EXPORT_FAILED",
            Self::RowNotFound(_) => "ROW_NOT_FOUND",
            Self::RowNotCommitted(_) => "ROW_NOT_COMMITTED",
            Self::Since(_) => "INVALID_OPTION",
        }
    }

    pub(super) fn corrupt(why: impl Into<String>) -> Self {
        BackendError::Corrupt(why.into()).into()
    }
}

impl From<StoreError> for ArchiveError {
    fn from(error: StoreError) -> Self {
        Self::Backend(error.into())
    }
}
