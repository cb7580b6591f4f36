//! A commit: new rows of the table become leaves of the log.

use std::{collections::HashMap, sync::Arc};

use vouchsafe_core::{
    commitment::RowKey,
    exchange::{Fields, Prepared},
    intercept::Intercept,
};
use vouchsafe_store::postgres::HintsOf;

use super::TableBackend;
use crate::{At, BackendError, embedded::Committed};

/// So many rows are read at once and committed together, however many are new.
const GROUP: u32 = 1_000;

/// The hint of a row that can be no leaf, so that it is not read again: one of our own columns holds something else than we
/// write there. In the table it is the largest `bigint`; mend the row and set it to null to have the row read again.
const REFUSED: u64 = u64::MAX;

impl TableBackend {
    /// Commits every row that is visible now, and returns the state of the log that covers them all.
    ///
    /// Calls at the same time share commits: at most one runs, and at most one waits. A row whose transaction ends after
    /// this call, with whatever time of creation, is found by the next one. [`BackendError::Displaced`] where another log
    /// has taken the table.
    pub async fn commit(&self) -> Result<Arc<At>, BackendError> {
        let this = self.clone();
        self.turns.join(|| async move { this.commit_groups().await }).await
    }

    async fn commit_groups(&self) -> Result<Arc<At>, BackendError> {
        let found = self.intercepts.uncommitted(GROUP).await?;
        let owned = self.owned(found.hints_of).await?;
        if found.rows.is_empty() {
            return self.newest().await;
        }
        let (mut at, mut owned) = self.commit_group(found.rows, owned).await?;
        if found.is_all {
            return Ok(at);
        }
        // The others as they are at this moment: rows that come faster than they are committed would have no end.
        let (mut rest, hints_of) = self.intercepts.rest().await?;
        self.owned(hints_of).await?;
        loop {
            let rows = rest.next(GROUP).await?;
            if rows.is_empty() {
                return Ok(at);
            }
            (at, owned) = self.commit_group(rows, owned).await?;
        }
    }

    /// Commits the rows, and notes their leaves in the table, whose hints are found to be `owned`.
    async fn commit_group(&self, rows: Vec<Intercept>, owned: HintsOf) -> Result<(Arc<At>, HintsOf), BackendError> {
        let (new, mut hints) = self.embedded.work(move |_| Ok(prepare(rows))).await?;
        let ids: Vec<String> = new.iter().map(|row| row.row.id.clone()).collect();
        let Committed { at, leaves } = self.embedded.commit(0, new).await?;
        let mut there = Vec::new();
        for (id, leaf) in ids.into_iter().zip(leaves) {
            match leaf {
                Some(leaf) => hints.push((id, leaf)),
                None => there.push(id),
            }
        }
        if !there.is_empty() {
            hints.extend(self.earlier(there, at.rows).await?);
        }
        // The log has them by now: where this fails they come again, and are found to be there.
        let owned = self.hint(owned, &at, &hints).await?;
        Ok((at, owned))
    }

    /// The hints of rows that the log has from an earlier commit, or refuses.
    async fn earlier(&self, ids: Vec<String>, rows: u64) -> Result<Vec<(String, u64)>, BackendError> {
        let hints = self.embedded.work(move |embedded| {
            let mut leaves: HashMap<String, u64> = embedded.store.hold()?.leaves_of(&ids, rows)?.into_iter().collect();
            let hint = |id: String| {
                let leaf = leaves.remove(&id).unwrap_or(REFUSED);
                (id, leaf)
            };
            Ok(ids.into_iter().map(hint).collect())
        });
        hints.await
    }
}

/// The rows as they are committed, and the hints of those that cannot be.
fn prepare(rows: Vec<Intercept>) -> (Vec<Prepared>, Vec<(String, u64)>) {
    let (mut ready, mut refused) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match row.prepare(RowKey::random()) {
            Ok(prepared) => {
                // The bodies stay where they are: in the table.
                let fields = Fields { url: prepared.fields.url, ..Fields::default() };
                ready.push(Prepared { fields, ..prepared });
            }
            Err(_) => refused.push((row.id, REFUSED)),
        }
    }
    (ready, refused)
}
