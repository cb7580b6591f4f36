//! Retention: bodies and row keys go, rows and leaves stay, so that a pruned row still proves that it existed.

use rusqlite::Connection;

use crate::StoreError;

const DAY_US: f64 = 86_400_000_000.0;
const SLICE: u32 = 500;

/// How long and how much is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retention {
    /// Days after which a body is deleted.
    pub days: f64,
    /// The database's size in bytes above which the oldest bodies are deleted.
    pub max_bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { days: 30.0, max_bytes: 1 << 30 }
    }
}

impl Retention {
    /// Prunes one slice of committed rows, or in an outbox of rows that were copied; true when there is more to do.
    pub(super) fn prune(&self, connection: &Connection, now_us: u64) -> Result<bool, StoreError> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of µs, saturating")]
        let before = now_us.saturating_sub((self.days * DAY_US) as u64);
        let used: u64 = connection.query_row(
            "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
            [],
            |sql| sql.get(0),
        )?;
        // Rows are numbered in the order of becoming durable, so the oldest keys are the first ones.
        let due = if used > self.max_bytes { i64::MAX } else { i64::try_from(before).unwrap_or(i64::MAX) };
        let rows: Vec<u64> = connection
            .prepare_cached(
                "SELECT row_seq FROM (SELECT row_seq FROM row_keys ORDER BY row_seq LIMIT ?1) JOIN intercepts USING (row_seq)
                 WHERE ended_us < ?2 AND row_seq < coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'shipped'),
                   (SELECT max(first_row_seq + rows) FROM commits), 0)",
            )?
            .query_map((SLICE, due), |sql| sql.get(0))?
            .collect::<Result<_, _>>()?;
        let mut bodies = connection.prepare_cached(
            "UPDATE intercepts SET request_headers = NULL, response_headers = NULL, request = NULL, response = NULL WHERE row_seq = ?1",
        )?;
        let mut keys = connection.prepare_cached("DELETE FROM row_keys WHERE row_seq = ?1")?;
        for row_seq in &rows {
            bodies.execute([row_seq])?;
            keys.execute([row_seq])?;
        }
        Ok(rows.len() == SLICE as usize)
    }
}
