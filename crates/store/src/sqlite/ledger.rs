//! Leaves, tiles, pages of the map and commits, as bytes.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row as SqlRow};
use vouchsafe_core::{hash::Hash, row::Kind, tag::Selectors};

use super::{Reader, WriteTx, row};
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

/// A row as far as its leaf and the map need it.
#[derive(Debug, Clone)]
pub struct LeafRow {
    /// The row's number in the log.
    pub row_seq: u64,
    /// The hash of the canonical row.
    pub row_hash: Hash,
    /// The row's kind.
    pub kind: Kind,
    /// The run.
    pub run_id: Option<String>,
    /// The agent's id.
    pub agent_id: String,
    /// The action's name.
    pub action_name: String,
    /// The call.
    pub call_ref: Option<String>,
    /// The model's tool call.
    pub tool_call_id: Option<String>,
    /// When the exchange ended, in µs since 1970.
    pub ended_us: u64,
}

impl LeafRow {
    const SELECT: &str =
        "SELECT row_seq, row_hash, kind, run_id, agent_id, action_name, call_ref, tool_call_id, ended_us
                          FROM intercepts WHERE row_seq >= ?1 ORDER BY row_seq";

    fn read(sql: &SqlRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            row_seq: sql.get(0)?,
            row_hash: sql.get(1)?,
            kind: row::kind(sql.get_ref(2)?)?,
            run_id: sql.get(3)?,
            agent_id: sql.get(4)?,
            action_name: sql.get(5)?,
            call_ref: sql.get(6)?,
            tool_call_id: sql.get(7)?,
            ended_us: sql.get(8)?,
        })
    }

    /// What decides under which keys the map lists the row.
    #[must_use]
    pub fn selectors(&self) -> Selectors<'_> {
        Selectors {
            kind: self.kind,
            run_id: self.run_id.as_deref(),
            agent_id: &self.agent_id,
            action_name: &self.action_name,
            call_ref: self.call_ref.as_deref(),
            tool_call_id: self.tool_call_id.as_deref(),
        }
    }
}

fn newest_commit(connection: &Connection) -> Result<Option<Commit>, StoreError> {
    let mut newest = connection.prepare_cached("SELECT * FROM commits ORDER BY size DESC LIMIT 1")?;
    Ok(newest.query_row([], Commit::read).optional()?)
}

fn tile(connection: &Connection, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
    let mut tile = connection.prepare_cached("SELECT hashes FROM tiles WHERE level = ?1 AND n = ?2")?;
    Ok(tile.query_row((level, n), |sql| Ok(sql.get_ref(0)?.as_blob()?.into())).optional()?)
}

fn map_page(connection: &Connection, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let mut page = connection.prepare_cached("SELECT nodes FROM map_pages WHERE page = ?1")?;
    Ok(page.query_row([number], |sql| sql.get(0)).optional()?)
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
    pub fn rows_from<E: From<StoreError>>(
        &self,
        first: u64,
        mut each: impl FnMut(LeafRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let recent = self.recent.borrow_mut().stretch(first, self.row_count()?);
        if let Some(recent) = recent {
            return recent.into_iter().try_for_each(each);
        }
        let mut rows = self.tx.prepare_cached(LeafRow::SELECT).map_err(StoreError::from)?;
        let mut rows = rows.query([first]).map_err(StoreError::from)?;
        while let Some(sql) = rows.next().map_err(StoreError::from)? {
            each(LeafRow::read(sql)?)?;
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

    /// A stored page of the map.
    pub fn map_page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        map_page(&self.tx, number)
    }

    /// Stores a page of the map, in place of its predecessor.
    pub fn put_map_page(&self, number: u64, nodes: &[u8]) -> Result<(), StoreError> {
        self.tx.prepare_cached("INSERT OR REPLACE INTO map_pages VALUES (?1, ?2)")?.execute((number, nodes))?;
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

    /// A stored page of the map.
    pub fn map_page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        map_page(&self.connection, number)
    }
}
