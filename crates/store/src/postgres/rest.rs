//! More new rows than are read at once, as of one moment: what is inserted while they are read is not among them, however
//! fast it comes.

use uuid::Uuid;
use vouchsafe_core::intercept::Intercept;

use super::{HintsOf, Intercepts, column, intercepts::Sql, timestamp::Exact, transaction::Open};
use crate::StoreError;

/// A snapshot of the table, on a connection of its own until it is dropped.
pub struct Rest {
    open: Open,
    sql: std::sync::Arc<Sql>,
    behind: Option<(Exact, Uuid)>,
}

impl Intercepts {
    /// Begins to read all rows without a leaf hint that are visible now; also says which log the hints are of.
    pub async fn rest(&self) -> Result<(Rest, Option<HintsOf>), StoreError> {
        let open = Open::snapshot(&self.postgres).await?;
        let rows = open.query(&self.sql.hints_of, &[]).await?;
        let hints_of = rows.first().map_or(Ok(None), |row| HintsOf::read(row, 0))?;
        Ok((Rest { open, sql: self.sql.clone(), behind: None }, hints_of))
    }
}

impl Rest {
    /// The next rows by `created_at` and id: at most `limit`, and no more once they hold 64 MiB; none at the end.
    pub async fn next(&mut self, limit: u32) -> Result<Vec<Intercept>, StoreError> {
        let rows = match &self.behind {
            None => self.open.query(&self.sql.uncommitted_first, &[&i64::from(limit)]).await?,
            Some((time, id)) => self.open.query(&self.sql.uncommitted_behind, &[&i64::from(limit), time, id]).await?,
        };
        if let Some(last) = rows.last() {
            self.behind = Some((last.try_get(column::CREATED_AT)?, last.try_get(0)?));
        }
        rows.iter().map(column::read).collect()
    }
}
