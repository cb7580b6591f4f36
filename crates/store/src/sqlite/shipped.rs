//! How far rows were copied to the table that others read: the mark of a folder that is an outbox.

use rusqlite::OptionalExtension;

use super::{Reader, WriteTx};
use crate::StoreError;

/// The rows that are in the table for certain; more may be, where a process ended before it could say so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shipped {
    /// Rows below this number.
    pub rows: u64,
    /// The `created_at` that the last of them was given, in µs since 1970.
    pub created_us: u64,
}

impl Reader {
    /// How far the rows were copied; `None` in a folder that never was an outbox.
    pub fn shipped(&self) -> Result<Option<Shipped>, StoreError> {
        let mut select = self.connection.prepare_cached("SELECT value FROM meta WHERE key = 'shipped'")?;
        let text: Option<String> = select.query_row([], |sql| sql.get(0)).optional()?;
        let read = |text: String| {
            let (rows, created_us) = text.split_once(' ')?;
            Some(Shipped { rows: rows.parse().ok()?, created_us: created_us.parse().ok()? })
        };
        let damaged = || StoreError::Corrupt("the outbox's mark is none".into());
        text.map(|text| read(text).ok_or_else(damaged)).transpose()
    }

    /// The number behind the newest row.
    pub fn rows_end(&self) -> Result<u64, StoreError> {
        let mut select = self.connection.prepare_cached("SELECT coalesce(max(row_seq) + 1, 0) FROM intercepts")?;
        Ok(select.query_row([], |sql| sql.get(0))?)
    }
}

impl WriteTx<'_> {
    /// Moves the mark on; one that is further already stays, since another process may have copied more.
    pub fn put_shipped(&self, shipped: Shipped) -> Result<(), StoreError> {
        // A text's leading digits are what CAST reads of it.
        let mut put = self.tx.prepare_cached(
            "INSERT INTO meta VALUES ('shipped', ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value
             WHERE CAST(excluded.value AS INTEGER) > CAST(meta.value AS INTEGER)",
        )?;
        put.execute([format!("{} {}", shipped.rows, shipped.created_us)])?;
        Ok(())
    }
}
