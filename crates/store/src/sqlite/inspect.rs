//! What can be told of a database without judging it.

use rusqlite::OptionalExtension;

use super::{Interval, Reader};
use crate::StoreError;

/// Complaints of SQLite's own check that are listed.
const COMPLAINTS: u32 = 10;

/// Counts and sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Rows that were recorded.
    pub rows: u64,
    /// Rows whose bodies and keys are still there.
    pub whole_rows: u64,
    /// Bytes of the database that hold something.
    pub used_bytes: u64,
    /// When the newest row ended, in µs since 1970.
    pub newest_row_us: Option<u64>,
}

impl Reader {
    /// The format that the tables were written in, if they say so.
    pub fn format(&self) -> Result<Option<String>, StoreError> {
        let mut select = self.connection.prepare_cached("SELECT value FROM meta WHERE key = 'format'")?;
        Ok(select.query_row([], |sql| sql.get(0)).optional()?)
    }

    /// What SQLite's `quick_check` finds wrong; nothing where all is well.
    pub fn complaints(&self) -> Result<Vec<String>, StoreError> {
        let mut check = self.connection.prepare(&format!("PRAGMA quick_check({COMPLAINTS})"))?;
        let lines: Vec<String> = check.query_map([], |sql| sql.get(0))?.collect::<Result<_, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// How much there is.
    pub fn sizes(&self) -> Result<Sizes, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT (SELECT coalesce(max(row_seq) + 1, 0) FROM intercepts), (SELECT count(*) FROM row_keys),
               (page_count - freelist_count) * page_size,
               (SELECT ended_us FROM intercepts ORDER BY row_seq DESC LIMIT 1)
             FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
        )?;
        let read = |sql: &rusqlite::Row<'_>| {
            Ok(Sizes {
                rows: sql.get(0)?,
                whole_rows: sql.get(1)?,
                used_bytes: sql.get(2)?,
                newest_row_us: sql.get(3)?,
            })
        };
        Ok(select.query_row([], read)?)
    }

    /// The stretch of coverage that ended last.
    pub fn newest_coverage(&self) -> Result<Option<Interval>, StoreError> {
        let until: Option<u64> =
            self.connection.prepare_cached("SELECT max(until_us) FROM coverage")?.query_row([], |sql| sql.get(0))?;
        let Some(until) = until else { return Ok(None) };
        Ok(self.coverage_since(until)?.pop())
    }
}
