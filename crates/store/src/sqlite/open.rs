//! Opening connections with the settings that durability rests on.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{read::Reader, schema, write::WriteConnection};
use crate::{StoreError, dir::lock};

/// How long a connection waits for another process's write lock before it says so.
const BUSY: Duration = Duration::from_secs(10);

/// The database file in a data folder, and how to reach it.
#[derive(Debug, Clone)]
pub struct Database {
    path: PathBuf,
    vfs: Option<String>,
}

impl Database {
    /// The database of the data folder `dir`; nothing is opened yet.
    #[must_use]
    pub fn in_folder(dir: &Path) -> Self {
        Self { path: dir.join("vouchsafe.db"), vfs: None }
    }

    /// Uses a registered SQLite VFS by name instead of the platform's own (fault injection).
    #[must_use]
    pub fn with_vfs(mut self, name: &str) -> Self {
        self.vfs = Some(name.to_owned());
        self
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.path, flags, vfs.as_str()),
            None => Connection::open_with_flags(&self.path, flags),
        }
        .map_err(|error| self.named(error.into()))?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }

    fn named(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::ReadOnly(_, why) => StoreError::ReadOnly(self.path.clone(), why),
            other => other,
        }
    }

    /// Opens the write connection, creates or migrates the tables, and makes every commit an fsync.
    pub fn writer(&self) -> Result<WriteConnection, StoreError> {
        // Two that make the tables or switch to WAL at the same moment would only tell each other that it is locked.
        let dir = self.path.parent().expect("the database is in a folder");
        let _alone = lock(dir).map_err(|error| StoreError::at(dir, &error))?;
        let mut connection = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let setup = |connection: &mut Connection| -> Result<(), StoreError> {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            // FULL in WAL mode; where the file system allows no WAL, it also syncs the end of a rollback journal.
            connection.pragma_update(None, "synchronous", "EXTRA")?;
            // In pages of 4 KiB. Every copy of the log back into the database writes each page a second time; a burst
            // that is followed by more writes its pages fewer times.
            connection.pragma_update(None, "wal_autocheckpoint", 8_000)?;
            connection.pragma_update(None, "fullfsync", true)?;
            connection.pragma_update(None, "checkpoint_fullfsync", true)?;
            schema::migrate(connection)
        };
        setup(&mut connection).map_err(|error| self.named(error))?;
        Ok(WriteConnection::new(connection))
    }

    /// Opens one read-only connection.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Ok(Reader::new(self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY)?))
    }
}

/// A pool of read connections that grows with the number of simultaneous readers.
#[derive(Debug, Clone)]
pub struct Readers {
    database: Database,
    /// None once closed: a connection that comes back later is closed too.
    idle: Arc<Mutex<Option<Vec<Reader>>>>,
}

impl Readers {
    /// An empty pool over `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, idle: Arc::new(Mutex::new(Some(Vec::new()))) }
    }

    /// Runs `read` on a connection of its own, within one snapshot of the database.
    pub fn with<T, E: From<StoreError>>(&self, read: impl FnOnce(&Reader) -> Result<T, E>) -> Result<T, E> {
        let reader = self.take()?;
        let result = reader.snapshot(|| read(&reader));
        // A connection that failed may hold a statement in an odd state; a new one costs little.
        if result.is_ok() {
            self.put_back(reader);
        }
        result
    }

    /// Begins a snapshot that lasts until it is dropped. As long as one is open the write-ahead log only grows, so it is
    /// to be kept for as long as one payload takes, not longer.
    pub fn hold(&self) -> Result<Held, StoreError> {
        let reader = self.take()?;
        reader.begin()?;
        Ok(Held { reader: Some(reader), pool: self.clone() })
    }

    fn take(&self) -> Result<Reader, StoreError> {
        let idle = self.idle().as_mut().and_then(Vec::pop);
        idle.map_or_else(|| self.database.reader(), Ok)
    }

    fn put_back(&self, reader: Reader) {
        if let Some(idle) = self.idle().as_mut() {
            idle.push(reader);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<Reader>>> {
        self.idle.lock().expect("no reader panics while it holds the pool")
    }

    /// Closes the connections: the idle ones now, the others when they are not needed any more.
    pub fn close(&self) {
        *self.idle() = None;
    }
}

/// A read connection within one snapshot of the database; dropping it ends the snapshot and gives the connection back.
#[derive(Debug)]
pub struct Held {
    reader: Option<Reader>,
    pool: Readers,
}

impl std::ops::Deref for Held {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        self.reader.as_ref().expect("the connection goes back on drop alone")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else { return };
        // As in `with`: a connection in an odd state is better closed.
        if reader.end().is_ok() {
            self.pool.put_back(reader);
        }
    }
}
