//! The state in a folder: SQLite for the documents, a private file for the secrets.

use std::{
    fs,
    num::NonZeroUsize,
    path::Path,
    sync::{Mutex, PoisonError},
};

use lru::LruCache;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use uuid::Uuid;
use vouchsafe_backend::BoxFuture;
use vouchsafe_store::StoreError;

use super::{Kind, State, secrets::Secrets, writer::Writer};
use crate::clock::Clock;

/// Documents that are kept in memory besides: those that one round of requests comes back to.
const CACHED: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();

/// The state in a folder, of one process at a time.
pub struct Folder {
    writer: Writer,
    reader: Mutex<Connection>,
    recent: Mutex<LruCache<(Kind, Uuid), String>>,
    secrets: Secrets,
    /// Locked for as long as this process has the folder.
    _lock: fs::File,
}

impl Folder {
    /// Opens the state in a folder that is there.
    pub fn open(dir: &Path, clock: Clock) -> Result<Self, StoreError> {
        let at = |error: &std::io::Error| StoreError::at(dir, error);
        let lock = fs::OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("server.lock"));
        let lock = lock.map_err(|error| at(&error))?;
        lock.try_lock().map_err(|_| StoreError::Locked("another server".into()))?;
        let path = dir.join("server.db");
        let writer = Writer::open(&path, clock)?;
        let reader = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(Self {
            writer,
            reader: Mutex::new(reader),
            recent: Mutex::new(LruCache::new(CACHED)),
            secrets: Secrets::open(&dir.join("secrets.json"))?,
            _lock: lock,
        })
    }

    fn remember(&self, kind: Kind, id: Uuid, body: String) {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).put((kind, id), body);
    }
}

impl State for Folder {
    fn put(&self, kind: Kind, id: Uuid, body: String) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.writer.put(kind, id, body.clone()).await?;
            self.remember(kind, id, body);
            Ok(())
        })
    }

    fn get(&self, kind: Kind, id: Uuid) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        Box::pin(async move {
            let known = self.recent.lock().unwrap_or_else(PoisonError::into_inner).get(&(kind, id)).cloned();
            if known.is_some() {
                return Ok(known);
            }
            // A few µs: the row is found by its key in a page that the system has in memory.
            let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            let mut find = reader.prepare_cached("SELECT body FROM documents WHERE kind = ?1 AND id = ?2")?;
            Ok(find.query_row(params![kind as u8, id.as_bytes()], |row| row.get(0)).optional()?)
        })
    }

    fn list(&self, kind: Kind) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(async move {
            let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            let mut find = reader.prepare_cached("SELECT body FROM documents WHERE kind = ?1 ORDER BY id")?;
            let found = find.query_map([kind as u8], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn put_secret(&self, name: String, secret: String) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.secrets.put(name, secret) })
    }

    fn secret_or(&self, name: String, fresh: String) -> BoxFuture<'_, Result<String, StoreError>> {
        Box::pin(async move { self.secrets.get_or(name, fresh) })
    }

    fn secret(&self, name: String) -> BoxFuture<'_, Result<Option<String>, StoreError>> {
        Box::pin(async move { Ok(self.secrets.get(&name)) })
    }
}
