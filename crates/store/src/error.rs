//! What can be wrong with a store, in words that say what to do.

use std::path::PathBuf;

/// Why the store could not be opened, read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The path is there but is no folder.
    #[error("{0} is not a folder: choose another `dir`")]
    NotAFolder(PathBuf),
    /// The folder or the database cannot be written.
    #[error("the store in {0} cannot be written: {1}")]
    ReadOnly(PathBuf, String),
    /// The disk, the quota or the file system is full.
    #[error("the disk is full: {0}")]
    Full(String),
    /// Another process has the store open in a way that excludes this one, or kept it busy for too long.
    #[error("the store is locked by {0}")]
    Locked(String),
    /// The database's bytes are not what was written.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The store was written by another version of the format.
    #[error(
        "the store has format {found}, this version reads format {known}: use the version that made it, or move the folder away to begin a new one"
    )]
    Version {
        /// The format found in the store.
        found: String,
        /// The format that this version writes.
        known: u32,
    },
    /// The database server is away or out of reach: to be tried again.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database server refuses this client as it is set up: its name, its rights, its certificate, its table.
    #[error("the database refuses: {0}")]
    Refused(String),
    /// Anything else that the file system or the database reports.
    #[error("the store failed: {0}")]
    Io(String),
}

impl StoreError {
    /// The error's stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAFolder(_) => "STORE_NOT_A_FOLDER",
            Self::ReadOnly(..) => "STORE_READ_ONLY",
            Self::Full(_) => "STORE_FULL",
            Self::Locked(_) => "STORE_LOCKED",
            Self::Corrupt(_) => "STORE_CORRUPT",
            Self::Version { .. } => "STORE_VERSION",
            Self::Unavailable(_) => "STORE_UNAVAILABLE",
            Self::Refused(_) => "STORE_REFUSED",
            Self::Io(_) => "STORE_IO",
        }
    }

    /// A file system error at `path`, classified.
    #[must_use]
    pub fn at(path: &std::path::Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => Self::NotAFolder(path.to_owned()),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly(path.to_owned(), error.to_string())
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full(error.to_string())
            }
            _ => Self::Io(format!("{}: {error}", path.display())),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(error.to_string()),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Self::ReadOnly(PathBuf::new(), error.to_string())
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Self::Locked(format!("another process ({error})"))
            }
            // A leaf, commit or row that is there already, though what it follows says otherwise.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation) => {
                Self::Corrupt(error.to_string())
            }
            _ => match error {
                // A column that does not hold what we wrote there is damage, whatever SQLite thinks of it.
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Corrupt(error.to_string()),
                _ => Self::Io(error.to_string()),
            },
        }
    }
}
