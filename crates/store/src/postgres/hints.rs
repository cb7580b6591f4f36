//! Which log the hints of a table are of: `vouchsafe_hints` has one row, which says that every `leaf_index` is a leaf of
//! the log's first `size` leaves, whose root it has.
//!
//! Hints are written only while that row is the one that the writer has found to be of its own log. So a log that finds
//! another one's name there, or a state that it has never had, knows that rows may be hidden from it.

use tokio_postgres::Row;
use uuid::Uuid;

use super::{Intercepts, connect::Parameters, schema};
use crate::StoreError;

/// So many rows lose their hints in one statement.
const BATCH: i64 = 10_000;

/// A state of a log that hints are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintsOf {
    /// The log's name and key.
    pub log: String,
    /// How many leaves it had; 0 while the log is taking the table and hints of others may be left.
    pub size: u64,
    /// Their root; while the table is being taken a mark of who takes it.
    pub root: [u8; 32],
}

/// What became of hints that were to be noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noted {
    /// They are in the table, but for those of rows that have one already or are gone.
    All,
    /// Something in the database, as a trigger, takes them away at once.
    Undone,
    /// The hints are not of the state that they were said to be of.
    Nothing,
}

impl HintsOf {
    /// Reads three columns from `at` on.
    pub(super) fn read(row: &Row, at: usize) -> Result<Option<Self>, StoreError> {
        let Some(log) = row.try_get(at)? else { return Ok(None) };
        // Whoever owns the table may have written anything; a state that no log has is as good as any other.
        let size = u64::try_from(row.try_get::<_, i64>(at + 1)?).unwrap_or(u64::MAX);
        let root = row.try_get::<_, &[u8]>(at + 2)?.try_into().unwrap_or([0; 32]);
        Ok(Some(Self { log, size, root }))
    }

    fn signed_size(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX)
    }
}

impl Intercepts {
    /// The log that the hints are of.
    pub async fn hints_of(&self) -> Result<Option<HintsOf>, StoreError> {
        let rows = self.postgres.query(&self.sql.hints_of, &[]).await?;
        rows.first().map_or(Ok(None), |row| HintsOf::read(row, 0))
    }

    /// Says whose the hints are from now on; false where `before` is not what the table says any more.
    pub async fn give_hints(&self, before: Option<&HintsOf>, now: &HintsOf) -> Result<bool, StoreError> {
        let (prefix, size, root) = (&self.sql.prefix, now.signed_size(), now.root.as_slice());
        let rows = if let Some(before) = before {
            // Whatever size and root it has that we have read as something else: it goes by its log's name.
            let update = format!(
                "UPDATE {prefix}vouchsafe_hints SET log = $1, size = $2, root = $3
                 WHERE slot = 1 AND log = $4 AND (size = $5 OR size < 0) AND (root = $6 OR octet_length(root) <> 32)
                 RETURNING 1"
            );
            let (old_size, old_root) = (before.signed_size(), before.root.as_slice());
            let parameters: Parameters<'_> = &[&now.log, &size, &root, &before.log, &old_size, &old_root];
            self.postgres.query(&update, parameters).await?
        } else {
            let insert = format!(
                "INSERT INTO {prefix}vouchsafe_hints (slot, log, size, root) VALUES (1, $1, $2, $3)
                 ON CONFLICT (slot) DO NOTHING RETURNING 1"
            );
            self.postgres.query(&insert, &[&now.log, &size, &root]).await?
        };
        Ok(!rows.is_empty())
    }

    /// Takes away the hints of all rows, as long as they are `owner`'s.
    pub async fn clear_hints(&self, owner: &HintsOf) -> Result<(), StoreError> {
        let prefix = &self.sql.prefix;
        let last = format!("SELECT id FROM {prefix}intercepts WHERE id >= $1 ORDER BY id OFFSET {BATCH} LIMIT 1");
        let clear = format!(
            "UPDATE {prefix}intercepts SET leaf_index = NULL
             WHERE id >= $1 AND ($2::uuid IS NULL OR id < $2) AND leaf_index IS NOT NULL
             AND EXISTS (SELECT 1 FROM {prefix}vouchsafe_hints WHERE slot = 1 AND log = $3 AND root = $4)"
        );
        let mut from = Uuid::nil();
        loop {
            let next: Option<Uuid> =
                self.postgres.query(&last, &[&from]).await?.first().map(|row| row.try_get(0)).transpose()?;
            self.postgres.query(&clear, &[&from, &next, &owner.log, &owner.root.as_slice()]).await?;
            let Some(next) = next else { return Ok(()) };
            from = next;
        }
    }

    /// Notes which leaf each row has, for finding the rows that have none, and that the hints are of the state `now`, if
    /// they are still `before`'s.
    pub async fn hint(&self, before: &HintsOf, now: &HintsOf, leaves: &[(String, u64)]) -> Result<Noted, StoreError> {
        let (ids, leaves): (Vec<Uuid>, Vec<i64>) = leaves
            .iter()
            .filter_map(|(id, leaf)| Some((Uuid::try_parse(id).ok()?, i64::try_from(*leaf).unwrap_or(i64::MAX))))
            .unzip();
        let (old_size, old_root) = (before.signed_size(), before.root.as_slice());
        let (size, root) = (now.signed_size(), now.root.as_slice());
        let parameters: Parameters<'_> = &[&ids, &leaves, &before.log, &old_size, &old_root, &size, &root];
        let rows = self.postgres.query(&self.sql.hint, parameters).await?;
        let row = rows.first().ok_or_else(|| StoreError::Corrupt("the database says nothing".into()))?;
        Ok(match (row.try_get(0)?, row.try_get(1)?) {
            (false, _) => Noted::Nothing,
            (true, false) => Noted::All,
            (true, true) => Noted::Undone,
        })
    }

    /// Makes sure that whoever connects here may do what a commit does, and sees every row: one that a policy hides looks
    /// like one that is gone.
    pub async fn check_rights(&self) -> Result<(), StoreError> {
        self.state().await?;
        let prefix = &self.sql.prefix;
        for statement in [
            format!("SELECT * FROM {prefix}intercepts WHERE false"),
            format!("UPDATE {prefix}intercepts SET leaf_index = leaf_index WHERE false"),
            format!("UPDATE {prefix}vouchsafe_hints SET log = log, size = size, root = root WHERE false"),
            format!("INSERT INTO {prefix}vouchsafe_hints (slot, log, size, root) SELECT 1, '', 0, '' WHERE false"),
        ] {
            self.postgres.query(&statement, &[]).await?;
        }
        let table = format!("{prefix}intercepts");
        if self.postgres.with(async |client| schema::hides_rows(client, &table).await).await? {
            return Err(StoreError::Refused(format!("row-level security may hide rows of {table} from this role")));
        }
        Ok(())
    }
}
