//! Leaves, tiles and commits, as bytes.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row as SqlRow};
use vouchsafe_core::hash::Hash;

use super::{Reader, WriteTx};
use crate::StoreError;

/// One commit: the rows that it added and the checkpoint that it signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The log's size after it; its seal is the leaf `size - 1`.
    pub size: u64,
    /// The index of its first row leaf.
    pub first_index: u64,
    /// The number of its first row.
    pub first_row_seq: u64,
    /// How many rows it added.
    pub rows: u64,
    /// The log's root hash after it.
    pub root: Hash,
    /// The signed checkpoint.
    pub note: String,
}

impl Commit {
    /// The number of the first row that this log does not cover.
    #[must_use]
    pub fn rows_covered(&self) -> u64 {
        self.first_row_seq + self.rows
    }

    fn read(sql: &SqlRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            size: sql.get("size")?,
            first_index: sql.get("first_index")?,
            first_row_seq: sql.get("first_row_seq")?,
            rows: sql.get("rows")?,
            root: sql.get("root")?,
            note: sql.get("note")?,
        })
    }
}

/// A row as far as its leaf needs it.
#[derive(Debug, Clone)]
pub struct LeafRow {
    /// The row's number in the log.
    pub row_seq: u64,
    /// The hash of the canonical row.
    pub row_hash: Hash,
    /// The agent's id.
    pub agent_id: String,
    /// The action's name.
    pub action_name: String,
    /// When the exchange ended, in µs since 1970.
    pub ended_us: u64,
}

fn newest_commit(connection: &Connection) -> Result<Option<Commit>, StoreError> {
    let mut newest = connection.prepare_cached("SELECT * FROM commits ORDER BY size DESC LIMIT 1")?;
    Ok(newest.query_row([], Commit::read).optional()?)
}

fn tile(connection: &Connection, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
    let mut tile = connection.prepare_cached("SELECT hashes FROM tiles WHERE level = ?1 AND n = ?2")?;
    Ok(tile.query_row((level, n), |sql| Ok(sql.get_ref(0)?.as_blob()?.into())).optional()?)
}

fn leaf(connection: &Connection, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let mut leaf = connection.prepare_cached("SELECT leaf FROM leaves WHERE leaf_index = ?1")?;
    Ok(leaf.query_row([leaf_index], |sql| sql.get(0)).optional()?)
}

impl WriteTx<'_> {
    /// The newest commit, none in a new store.
    pub fn newest_commit(&self) -> Result<Option<Commit>, StoreError> {
        newest_commit(&self.tx)
    }

    /// A stored tile of the tree: 1 to 256 hashes of 32 bytes.
    pub fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
        tile(&self.tx, level, n)
    }

    /// A leaf's stored bytes.
    pub fn leaf(&self, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        leaf(&self.tx, leaf_index)
    }

    /// Hands the rows from `first` on to `each`, in order.
    pub fn rows_from(
        &self,
        first: u64,
        mut each: impl FnMut(LeafRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let recent = self.recent.borrow_mut().stretch(first, self.row_count()?);
        if let Some(recent) = recent {
            return recent.into_iter().try_for_each(each);
        }
        let mut rows = self.tx.prepare_cached(
            "SELECT row_seq, row_hash, agent_id, action_name, ended_us FROM intercepts WHERE row_seq >= ?1 ORDER BY row_seq",
        )?;
        let mut rows = rows.query([first])?;
        while let Some(sql) = rows.next()? {
            each(LeafRow {
                row_seq: sql.get(0)?,
                row_hash: sql.get(1)?,
                agent_id: sql.get(2)?,
                action_name: sql.get(3)?,
                ended_us: sql.get(4)?,
            })?;
        }
        Ok(())
    }

    /// Stores a leaf's bytes under its index.
    pub fn put_leaf(&self, leaf_index: u64, leaf: &[u8]) -> Result<(), StoreError> {
        self.tx.prepare_cached("INSERT INTO leaves VALUES (?1, ?2)")?.execute((leaf_index, leaf))?;
        Ok(())
    }

    /// Stores a tile, in place of its shorter predecessor.
    pub fn put_tile(&self, level: u8, n: u64, hashes: &[u8]) -> Result<(), StoreError> {
        self.tx.prepare_cached("INSERT OR REPLACE INTO tiles VALUES (?1, ?2, ?3)")?.execute((level, n, hashes))?;
        Ok(())
    }

    /// Stores a commit.
    pub fn put_commit(&self, c: &Commit) -> Result<(), StoreError> {
        self.tx.prepare_cached("INSERT INTO commits VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute((
            c.size,
            c.first_index,
            c.first_row_seq,
            c.rows,
            c.root,
            &c.note,
        ))?;
        Ok(())
    }
}

impl Reader {
    /// The newest commit, none in a new store.
    pub fn newest_commit(&self) -> Result<Option<Commit>, StoreError> {
        newest_commit(&self.connection)
    }

    /// The leaf index of a row, if a commit covers it.
    pub fn leaf_index(&self, row_seq: u64) -> Result<Option<u64>, StoreError> {
        // A commit without rows shares its first_row_seq with the next one; the larger one covers the row.
        let mut commit = self.connection.prepare_cached(
            "SELECT first_index, first_row_seq, rows FROM commits WHERE first_row_seq <= ?1 ORDER BY first_row_seq DESC, size DESC LIMIT 1",
        )?;
        let found: Option<(u64, u64, u64)> =
            commit.query_row([row_seq], |sql| Ok((sql.get(0)?, sql.get(1)?, sql.get(2)?))).optional()?;
        Ok(found.and_then(|(index, first, rows)| (row_seq - first < rows).then(|| index + (row_seq - first))))
    }

    /// A leaf's stored bytes.
    pub fn leaf(&self, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        leaf(&self.connection, leaf_index)
    }

    /// A stored tile of the tree: 1 to 256 hashes of 32 bytes.
    pub fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
        tile(&self.connection, level, n)
    }
}
