//! When a recorder was watching, so that "no such exchange" can be told from "nobody looked".

use rusqlite::OptionalExtension;

use super::{Reader, WriteConnection, WriteTx};
use crate::StoreError;

/// A stretch in which a recorder watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Its beginning, in µs since 1970.
    pub since_us: u64,
    /// Its end so far, in µs since 1970.
    pub until_us: u64,
    /// What it watched: `undici`, `http`.
    pub channels: Vec<String>,
}

/// The stretch that this process keeps extending; its end is written along with each batch of rows.
#[derive(Debug, Clone, Copy)]
pub struct Coverage {
    id: i64,
}

impl WriteConnection {
    /// Opens a stretch.
    pub fn begin_coverage(&mut self, interval: &Interval) -> Result<Coverage, StoreError> {
        let channels = serde_json::to_string(&interval.channels).expect("a list of strings is plain data");
        self.transaction(|tx| {
            tx.tx.execute(
                "INSERT INTO coverage (since_us, until_us, channels) VALUES (?1, ?2, ?3)",
                (interval.since_us, interval.until_us, channels),
            )?;
            Ok(Coverage { id: tx.tx.last_insert_rowid() })
        })
    }
}

impl WriteTx<'_> {
    /// Moves a stretch's end on.
    pub fn extend_coverage(&self, coverage: Coverage, until_us: u64) -> Result<(), StoreError> {
        let mut update = self.tx.prepare_cached("UPDATE coverage SET until_us = max(until_us, ?2) WHERE id = ?1")?;
        update.execute((coverage.id, until_us))?;
        Ok(())
    }
}

impl Reader {
    /// The stretches that reach into `since_us..`, oldest first.
    pub fn coverage_since(&self, since_us: u64) -> Result<Vec<Interval>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT since_us, until_us, channels FROM coverage WHERE until_us >= ?1 ORDER BY since_us",
        )?;
        let mut rows = select.query([since_us])?;
        let mut found = Vec::new();
        while let Some(sql) = rows.next()? {
            let channels: String = sql.get(2)?;
            let channels = serde_json::from_str(&channels)
                .map_err(|_| StoreError::Corrupt("a stretch of coverage cannot be read".into()))?;
            found.push(Interval { since_us: sql.get(0)?, until_us: sql.get(1)?, channels });
        }
        Ok(found)
    }

    /// How many gap rows (exchanges that had to be dropped) end at or after `since_us`.
    pub fn gaps_since(&self, since_us: u64) -> Result<u64, StoreError> {
        let mut count =
            self.connection.prepare_cached("SELECT count(*) FROM intercepts WHERE kind = 'gap' AND ended_us >= ?1")?;
        Ok(count.query_row([since_us], |sql| sql.get(0))?)
    }

    /// When the first row of an agent's run began, in µs since 1970.
    pub fn run_began(&self, agent: &str, run: &str) -> Result<Option<u64>, StoreError> {
        let mut first = self.connection.prepare_cached(
            "SELECT started_us FROM intercepts WHERE agent_id = ?1 AND run_id = ?2 ORDER BY row_seq LIMIT 1",
        )?;
        Ok(first.query_row((agent, run), |sql| sql.get(0)).optional()?)
    }
}
