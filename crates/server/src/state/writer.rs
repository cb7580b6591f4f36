//! The one thread that writes the folder's documents, many in one transaction.

use std::{path::Path, sync::mpsc, thread};

use rusqlite::{Connection, params};
use tokio::sync::oneshot;
use uuid::Uuid;
use vouchsafe_store::StoreError;

use super::{KEPT, Kind};
use crate::clock::{Clock, first_id};

/// The most documents in one transaction.
const BATCH: usize = 1_000;
/// So many that are too old are deleted with each document that is written: more than come, so that none are left.
const DELETED: usize = 2;
/// The number of the layout, kept in SQLite's `user_version`.
const VERSION: u32 = 1;

struct Put {
    kind: Kind,
    id: Uuid,
    body: String,
    done: oneshot::Sender<Result<(), StoreError>>,
}

/// Hands documents to the writing thread, which ends when this is dropped.
pub struct Writer(mpsc::Sender<Put>);

impl Writer {
    pub fn open(path: &Path, clock: Clock) -> Result<Self, StoreError> {
        let db = Connection::open(path)?;
        // What was acknowledged survives the process; a power cut may take the last queries, which are asked again.
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "NORMAL")?;
        let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        match version {
            0 => db.execute_batch(&format!(
                "BEGIN;
                 CREATE TABLE documents (kind INTEGER NOT NULL, id BLOB NOT NULL, body TEXT NOT NULL,
                                         PRIMARY KEY (kind, id)) WITHOUT ROWID;
                 PRAGMA user_version = {VERSION};
                 COMMIT;"
            ))?,
            VERSION => {}
            found => return Err(StoreError::Version { found: found.to_string(), known: VERSION }),
        }
        let (puts, queue) = mpsc::channel();
        thread::Builder::new()
            .name("vouchsafe-state".into())
            .spawn(move || run(&db, &queue, clock))
            .map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Self(puts))
    }

    /// Returns when the document is written.
    pub async fn put(&self, kind: Kind, id: Uuid, body: String) -> Result<(), StoreError> {
        let (done, written) = oneshot::channel();
        let gone = || StoreError::Io("the state's writer has ended".into());
        self.0.send(Put { kind, id, body, done }).map_err(|_| gone())?;
        written.await.map_err(|_| gone())?
    }
}

/// A batch is what queued while the last one was written.
fn run(db: &Connection, queue: &mpsc::Receiver<Put>, clock: Clock) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        batch.extend(queue.try_iter().take(BATCH - 1));
        let result = write(db, &batch, first_id(clock, KEPT));
        for put in batch {
            let _ = put.done.send(result.clone());
        }
    }
}

fn write(db: &Connection, batch: &[Put], oldest: Uuid) -> Result<(), StoreError> {
    let tx = db.unchecked_transaction()?;
    {
        let mut put = tx.prepare_cached("INSERT OR REPLACE INTO documents (kind, id, body) VALUES (?1, ?2, ?3)")?;
        for Put { kind, id, body, .. } in batch {
            put.execute(params![*kind as u8, id.as_bytes(), body])?;
        }
        let mut delete = tx.prepare_cached(
            "DELETE FROM documents WHERE kind = ?1 AND id IN
                 (SELECT id FROM documents WHERE kind = ?1 AND id < ?2 ORDER BY id LIMIT ?3)",
        )?;
        for kind in Kind::PASSING {
            delete.execute(params![kind as u8, oldest.as_bytes(), batch.len() * DELETED])?;
        }
    }
    Ok(tx.commit()?)
}
