//! Reading a log, in a snapshot or in a commit.

use std::sync::Arc;

use tokio_postgres::Row as SqlRow;
use uuid::Uuid;
use vouchsafe_core::{commitment::RowKey, exchange::Fields, hash::Hash, row::Row};

use crate::{
    StoreError,
    postgres::{connect::Parameters, transaction::Open},
    sqlite::{Commit, LeafRow, StoredRow},
};

/// One log as a connection's transaction sees it.
#[derive(Clone, Copy)]
pub(super) struct Select<'c> {
    pub open: &'c Open,
    pub log: Uuid,
}

impl Select<'_> {
    pub async fn query(&self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<SqlRow>, StoreError> {
        self.open.query(sql, parameters).await
    }

    async fn first(&self, sql: &str, parameters: Parameters<'_>) -> Result<Option<SqlRow>, StoreError> {
        Ok(self.query(sql, parameters).await?.into_iter().next())
    }

    async fn bytes(&self, sql: &str, parameters: Parameters<'_>) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.first(sql, parameters).await?.map(|row| row.try_get(0)).transpose()?)
    }

    pub async fn newest_commit(&self) -> Result<Option<Commit>, StoreError> {
        let newest = "SELECT size, first_index, first_row_seq, rows, root, note FROM vouchsafe_commits
                      WHERE log = $1 ORDER BY size DESC LIMIT 1";
        let read = |row: SqlRow| -> Result<Commit, StoreError> {
            Ok(Commit {
                size: number(&row, 0)?,
                first_index: number(&row, 1)?,
                first_row_seq: number(&row, 2)?,
                rows: number(&row, 3)?,
                root: hash(&row, 4)?,
                note: row.try_get(5)?,
            })
        };
        self.first(newest, &[&self.log]).await?.map(read).transpose()
    }

    pub async fn row_count(&self) -> Result<u64, StoreError> {
        let count = "SELECT coalesce(max(row_seq) + 1, 0) FROM vouchsafe_rows WHERE log = $1";
        self.first(count, &[&self.log]).await?.map_or(Ok(0), |row| number(&row, 0))
    }

    pub async fn leaf_index(&self, row_seq: u64) -> Result<Option<u64>, StoreError> {
        // A commit without rows shares its first_row_seq with the next one; the larger one covers the row.
        let commit = "SELECT first_index, first_row_seq, rows FROM vouchsafe_commits
                      WHERE log = $1 AND first_row_seq <= $2 ORDER BY first_row_seq DESC, size DESC LIMIT 1";
        let Some(row) = self.first(commit, &[&self.log, &signed(row_seq)]).await? else { return Ok(None) };
        let (index, first, rows) = (number(&row, 0)?, number(&row, 1)?, number(&row, 2)?);
        Ok((row_seq - first < rows).then(|| index + (row_seq - first)))
    }

    pub async fn leaf(&self, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let leaf = "SELECT leaf FROM vouchsafe_leaves WHERE log = $1 AND leaf_index = $2";
        self.bytes(leaf, &[&self.log, &signed(leaf_index)]).await
    }

    pub async fn leaves(&self, begin: u64, end: u64) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let leaves = "SELECT leaf_index, leaf FROM vouchsafe_leaves
                      WHERE log = $1 AND leaf_index >= $2 AND leaf_index < $3 ORDER BY leaf_index";
        let rows = self.query(leaves, &[&self.log, &signed(begin), &signed(end)]).await?;
        rows.iter().map(|row| Ok((number(row, 0)?, row.try_get(1)?))).collect()
    }

    pub async fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
        let tile = "SELECT hashes FROM vouchsafe_tiles WHERE log = $1 AND level = $2 AND n = $3";
        Ok(self.bytes(tile, &[&self.log, &i32::from(level), &signed(n)]).await?.map(Into::into))
    }

    pub async fn map_page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let page = "SELECT nodes FROM vouchsafe_map_pages WHERE log = $1 AND page = $2";
        self.bytes(page, &[&self.log, &signed(number)]).await
    }

    pub async fn row(&self, row_seq: u64) -> Result<Option<StoredRow>, StoreError> {
        let row = "SELECT row_hash, row_key, canonical FROM vouchsafe_rows WHERE log = $1 AND row_seq = $2";
        let read = |row: SqlRow| -> Result<StoredRow, StoreError> {
            Ok(StoredRow {
                row_seq,
                row_hash: hash(&row, 0)?,
                row: canonical(&row, 2)?,
                row_key: Some(RowKey(hash(&row, 1)?)),
                fields: Fields::default(),
            })
        };
        self.first(row, &[&self.log, &signed(row_seq)]).await?.map(read).transpose()
    }

    pub async fn has_rows_from(&self, first: u64) -> Result<bool, StoreError> {
        let any = "SELECT 1 FROM vouchsafe_rows WHERE log = $1 AND row_seq >= $2 AND NOT padding LIMIT 1";
        Ok(self.first(any, &[&self.log, &signed(first)]).await?.is_some())
    }

    pub async fn leaf_rows(&self, first: u64) -> Result<Vec<LeafRow>, StoreError> {
        let rows =
            "SELECT row_seq, row_hash, canonical FROM vouchsafe_rows WHERE log = $1 AND row_seq >= $2 ORDER BY row_seq";
        let rows = self.query(rows, &[&self.log, &signed(first)]).await?;
        rows.iter().map(|row| Ok(leaf_row(number(row, 0)?, hash(row, 1)?, canonical(row, 2)?))).collect()
    }

    /// The number of the row with this id, below `below`.
    pub async fn by_id(&self, id: &str, below: u64) -> Result<Vec<u64>, StoreError> {
        // An id in any other spelling is none that a row has.
        let Some(id) = Uuid::try_parse(id).ok().filter(|parsed| parsed.to_string() == id) else {
            return Ok(Vec::new());
        };
        let row = "SELECT row_seq FROM vouchsafe_rows WHERE log = $1 AND id = $2 AND row_seq < $3";
        self.query(row, &[&self.log, &id, &signed(below)]).await?.iter().map(|row| number(row, 0)).collect()
    }

    /// The numbers of the newest rows below `below` that are listed under `name`, and under `other` where given.
    pub async fn named(&self, name: Hash, other: Option<Hash>, below: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        let rows = "SELECT row_seq FROM vouchsafe_names AS listed WHERE log = $1 AND name = $2 AND row_seq < $3
                    AND ($5::bytea IS NULL OR EXISTS (SELECT 1 FROM vouchsafe_names AS other
                      WHERE other.log = $1 AND other.name = $5 AND other.row_seq = listed.row_seq))
                    ORDER BY row_seq DESC LIMIT $4";
        let other = other.as_ref().map(Hash::as_slice);
        let rows = self.query(rows, &[&self.log, &name.as_slice(), &signed(below), &i64::from(limit), &other]).await?;
        rows.iter().map(|row| number(row, 0)).collect()
    }

    /// The leaf of each of these rows that has a number below `below`.
    pub async fn leaves_of(&self, ids: &[Uuid], below: u64) -> Result<Vec<(Uuid, u64)>, StoreError> {
        let leaves = "SELECT listed.id, made.first_index + (listed.row_seq - made.first_row_seq)
                      FROM vouchsafe_rows AS listed JOIN LATERAL (
                        SELECT first_index, first_row_seq, rows FROM vouchsafe_commits
                        WHERE log = $1 AND first_row_seq <= listed.row_seq
                        ORDER BY first_row_seq DESC, size DESC LIMIT 1
                      ) AS made ON true
                      WHERE listed.log = $1 AND listed.id = ANY($2) AND listed.row_seq < $3
                      AND listed.row_seq - made.first_row_seq < made.rows";
        let rows = self.query(leaves, &[&self.log, &ids, &signed(below)]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, number(row, 1)?))).collect()
    }

    /// Which of these ids rows of the log have.
    pub async fn known_ids(&self, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        let known = "SELECT id FROM vouchsafe_rows WHERE log = $1 AND id = ANY($2)";
        Ok(self.query(known, &[&self.log, &ids]).await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }
}

/// A row as far as its leaf and the map need it.
pub(super) fn leaf_row(row_seq: u64, row_hash: Hash, row: Row) -> LeafRow {
    LeafRow {
        row_seq,
        row_hash,
        kind: row.kind,
        run_id: row.run_id,
        agent_id: row.agent_id,
        action_name: row.action_name,
        call_ref: row.call_ref,
        tool_call_id: row.tool_call_id,
        ended_us: row.ended_us,
    }
}

/// A number as Postgres counts; beyond 63 bits there is nothing, so the largest one stands for all of them.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(row: &SqlRow, at: usize) -> Result<u64, StoreError> {
    u64::try_from(row.try_get::<_, i64>(at)?).map_err(|_| damaged(row, at))
}

fn hash(row: &SqlRow, at: usize) -> Result<Hash, StoreError> {
    row.try_get::<_, &[u8]>(at)?.try_into().map_err(|_| damaged(row, at))
}

fn canonical(row: &SqlRow, at: usize) -> Result<Row, StoreError> {
    serde_json::from_str(row.try_get(at)?).map_err(|_| damaged(row, at))
}

fn damaged(row: &SqlRow, at: usize) -> StoreError {
    StoreError::Corrupt(format!("column {} of the log holds something else", row.columns()[at].name()))
}
