//! Reading a whole store in order, a stretch at a time, for export and audit.
//!
//! What is read here may have been changed by anybody: numbers come as SQLite has them, and a row that is no row is
//! handed over as such instead of ending the reading.

use rusqlite::OptionalExtension;

use super::{FORMAT, Reader, StoredRow, row};
use crate::StoreError;

/// A commit as its columns say, believed in nothing.
#[derive(Debug, Clone)]
pub struct ArchivedCommit {
    /// The log's size after it.
    pub size: i64,
    /// The index of its first row leaf.
    pub first_index: i64,
    /// The number of its first row.
    pub first_row_seq: i64,
    /// How many rows it added.
    pub rows: i64,
    /// The log's root hash after it.
    pub root: Vec<u8>,
    /// The signed checkpoint.
    pub note: String,
}

/// A row as its columns say.
#[derive(Debug)]
pub struct ArchivedRow {
    /// The row's number, negative where somebody made one up.
    pub row_seq: i64,
    /// The row's id.
    pub id: String,
    /// The row, or what about its columns makes it none.
    pub stored: Result<StoredRow, String>,
}

impl Reader {
    /// Refuses a store of another format than this version's.
    pub fn check_format(&self) -> Result<(), StoreError> {
        match self.format()? {
            None => Err(StoreError::Corrupt("it does not say its format".into())),
            Some(found) if found == FORMAT.to_string() => Ok(()),
            Some(found) => Err(StoreError::Version { found, known: FORMAT }),
        }
    }

    /// At most `limit` commits of a size above `size`, ascending; `None` begins with the first.
    pub fn commits_after(&self, size: Option<i64>, limit: u32) -> Result<Vec<ArchivedCommit>, StoreError> {
        let mut select =
            self.connection.prepare_cached("SELECT * FROM commits WHERE size > ?1 ORDER BY size LIMIT ?2")?;
        let commits = select.query_map((size.unwrap_or(i64::MIN), limit), |sql| {
            Ok(ArchivedCommit {
                size: sql.get("size")?,
                first_index: sql.get("first_index")?,
                first_row_seq: sql.get("first_row_seq")?,
                rows: sql.get("rows")?,
                root: sql.get("root")?,
                note: String::from_utf8_lossy(sql.get_ref("note")?.as_bytes()?).into_owned(),
            })
        })?;
        Ok(commits.collect::<Result<_, _>>()?)
    }

    /// The stored leaves `first..end` as index and bytes, ascending.
    pub fn leaves(&self, first: u64, end: u64) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT leaf_index, leaf FROM leaves WHERE leaf_index >= ?1 AND leaf_index < ?2 ORDER BY leaf_index",
        )?;
        let leaves = select.query_map((first, end), |sql| Ok((sql.get(0)?, sql.get(1)?)))?;
        Ok(leaves.collect::<Result<_, _>>()?)
    }

    /// A stored leaf that stands outside of `0..size`: its index, and how many there are.
    pub fn leaves_outside(&self, size: u64) -> Result<Option<(i64, u64)>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT min(leaf_index), count(*) FROM leaves WHERE leaf_index < 0 OR leaf_index >= ?1")?;
        let (first, count): (Option<i64>, u64) = select.query_row([size], |sql| Ok((sql.get(0)?, sql.get(1)?)))?;
        Ok(first.map(|first| (first, count)))
    }

    /// The number behind the last stored leaf.
    pub fn leaves_end(&self) -> Result<u64, StoreError> {
        let mut select = self.connection.prepare_cached("SELECT max(leaf_index) FROM leaves")?;
        let last: Option<i64> = select.query_row([], |sql| sql.get(0))?;
        // Not added in SQL, where the largest number and 1 are no integer any more.
        Ok(last.and_then(|last| u64::try_from(last).ok()).map_or(0, |last| last.saturating_add(1)))
    }

    /// The level and number of every stored tile.
    pub fn tile_positions(&self) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut select = self.connection.prepare_cached("SELECT level, n FROM tiles ORDER BY level, n")?;
        let positions = select.query_map([], |sql| Ok((sql.get(0)?, sql.get(1)?)))?;
        Ok(positions.collect::<Result<_, _>>()?)
    }

    /// The rows from number `first` on, ascending: at most `limit`, and no more once they take `max_bytes` in memory.
    pub fn rows(&self, first: i64, limit: u32, max_bytes: usize) -> Result<Vec<ArchivedRow>, StoreError> {
        let select = format!("{} WHERE row_seq >= ?1 ORDER BY row_seq LIMIT ?2", row::SELECT);
        let mut select = self.connection.prepare_cached(&select)?;
        let mut sql_rows = select.query((first, limit))?;
        let mut rows = Vec::new();
        let mut bytes = 0;
        while bytes < max_bytes
            && let Some(sql) = sql_rows.next()?
        {
            let stored = match row::read(sql) {
                Ok(stored) => Ok(stored),
                Err(StoreError::Corrupt(why)) => Err(why),
                Err(other) => return Err(other),
            };
            bytes += stored.as_ref().map_or(0, size_of_fields);
            let id = String::from_utf8_lossy(sql.get_ref(2)?.as_bytes().unwrap_or_default()).into_owned();
            rows.push(ArchivedRow { row_seq: sql.get(0)?, id, stored });
        }
        Ok(rows)
    }

    /// The number of the row with this id.
    pub fn row_seq(&self, id: &str) -> Result<Option<u64>, StoreError> {
        let mut select = self.connection.prepare_cached("SELECT row_seq FROM intercepts WHERE id = ?1")?;
        Ok(select.query_row([id], |sql| sql.get(0)).optional()?)
    }
}

fn size_of_fields(stored: &StoredRow) -> usize {
    let fields = &stored.fields;
    [&fields.url, &fields.request, &fields.request_headers, &fields.response, &fields.response_headers]
        .into_iter()
        .flatten()
        .map(Vec::len)
        .sum()
}
