//! The write connection: one transaction at a time, each of them synced.

use std::cell::RefCell;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use vouchsafe_core::{exchange::Prepared, hash::Hash};

use super::{LeafRow, Retention, recent::Recent, row};
use crate::StoreError;

/// The store's only write connection in this process.
#[derive(Debug)]
pub struct WriteConnection {
    connection: Connection,
    recent: RefCell<Recent>,
}

/// A row that has just been given its number.
#[derive(Debug, Clone, Copy)]
pub struct NewRow {
    /// The row's number in the log.
    pub row_seq: u64,
    /// The hash of the canonical row.
    pub row_hash: Hash,
}

impl WriteConnection {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, recent: RefCell::default() }
    }

    /// Runs `work` in one `BEGIN IMMEDIATE` transaction; what it did is on disk when this returns `Ok`, and has not
    /// happened when it returns an error.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let before = self.recent.borrow().end();
        let tx = WriteTx { tx, recent: &self.recent };
        let result = work(&tx).and_then(|result| {
            tx.tx.commit().map_err(StoreError::from)?;
            Ok(result)
        });
        if result.is_err() {
            self.recent.borrow_mut().cut(before);
        }
        result
    }

    /// Deletes bodies and row keys beyond the limits, a bounded slice a call; true when there is more to do.
    pub fn prune(&mut self, retention: &Retention, now_us: u64) -> Result<bool, StoreError> {
        self.transaction(|tx| retention.prune(&tx.tx, now_us))
    }

    /// Copies the write-ahead log back into the database and leaves no trace of it, as the last one to close does.
    pub fn close(self) -> Result<(), StoreError> {
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

/// An open write transaction.
#[derive(Debug)]
pub struct WriteTx<'c> {
    pub(super) tx: Transaction<'c>,
    pub(super) recent: &'c RefCell<Recent>,
}

impl WriteTx<'_> {
    /// Appends rows in order and numbers them densely; `None` for a row that SQLite refuses for what is in it: an id
    /// that is there already, or a number beyond 63 bits. No later try would go better, so it must not hold up the rest.
    pub fn insert_rows(&self, rows: &[Prepared]) -> Result<Vec<Option<NewRow>>, StoreError> {
        let mut next = self.row_count()?;
        let mut row_insert = self.tx.prepare_cached(row::INSERT)?;
        let mut key_insert = self.tx.prepare_cached(row::INSERT_KEY)?;
        let mut written = Vec::with_capacity(rows.len());
        for prepared in rows {
            match row::insert(&mut row_insert, &mut key_insert, next, prepared) {
                Ok(()) => {}
                Err(error) if is_refusal(&error) => {
                    written.push(None);
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            self.recent.borrow_mut().push(LeafRow {
                row_seq: next,
                row_hash: prepared.row_hash,
                kind: prepared.row.kind,
                run_id: prepared.row.run_id.clone(),
                agent_id: prepared.row.agent_id.clone(),
                action_name: prepared.row.action_name.clone(),
                call_ref: prepared.row.call_ref.clone(),
                tool_call_id: prepared.row.tool_call_id.clone(),
                ended_us: prepared.row.ended_us,
            });
            written.push(Some(NewRow { row_seq: next, row_hash: prepared.row_hash }));
            next += 1;
        }
        Ok(written)
    }

    /// How many rows the store has, committed or not.
    pub fn row_count(&self) -> Result<u64, StoreError> {
        Ok(self
            .tx
            .prepare_cached("SELECT coalesce(max(row_seq) + 1, 0) FROM intercepts")?
            .query_row([], |r| r.get(0))?)
    }

    /// Runs `work` so that its failure undoes its own writes and nothing else of this transaction.
    pub fn nested<T, E: From<StoreError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let sql = |sql: &str| self.tx.execute_batch(sql).map_err(StoreError::from);
        let before = self.recent.borrow().end();
        sql("SAVEPOINT nested")?;
        match work() {
            Ok(done) => {
                sql("RELEASE nested")?;
                Ok(done)
            }
            Err(error) => {
                self.recent.borrow_mut().cut(before);
                // A full disk or an I/O error may have ended the transaction as a whole; the cause is what counts.
                if !self.tx.is_autocommit() {
                    sql("ROLLBACK TO nested; RELEASE nested")?;
                }
                Err(error)
            }
        }
    }
}

fn is_refusal(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{ConstraintViolation, TooBig};
    matches!(error, rusqlite::Error::ToSqlConversionFailure(_))
        || matches!(error.sqlite_error_code(), Some(ConstraintViolation | TooBig))
}
