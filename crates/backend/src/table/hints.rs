//! Whose the hints of the table are.
//!
//! A row with a hint is not read any more, so that hints of another log, or of a later state of this one, would hide rows:
//! a log that believed them would sign that there is no such row. So each log says in the table's database that the hints
//! are of it. Opened anew over hints that are not, it takes the table and has them cleared, and its own store decides which
//! rows have a leaf; one that is open and finds them not to be its own any more signs nothing.

use std::sync::{Mutex, PoisonError};

use vouchsafe_core::{commitment::RowKey, hash::Hash};
use vouchsafe_store::postgres::{HintsOf, Noted};

use super::TableBackend;
use crate::{At, BackendError};

/// Processes of one log that take a table at once help each other, and are done after a few rounds.
const ROUNDS: u32 = 20;

/// The state of the log that was last found to own the hints.
#[derive(Default)]
pub(super) struct Owned(Mutex<Option<HintsOf>>);

impl Owned {
    fn is(&self, found: &HintsOf) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref() == Some(found)
    }

    fn remember(&self, found: HintsOf) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }
}

fn displaced(by: &str) -> BackendError {
    BackendError::Displaced(format!(
        "{by} has taken it since this one was opened; let only one log commit a table, and open this one anew to take it back"
    ))
}

impl TableBackend {
    /// Makes the hints this log's own, if they are not.
    pub(super) async fn take_hints(&self) -> Result<(), BackendError> {
        let mut marked = false;
        for _ in 0..ROUNDS {
            let found = self.intercepts.hints_of().await?;
            if let Some(found) = &found {
                if self.owns(found).await? {
                    return Ok(());
                }
                if marked && found.log != self.vkey() {
                    return Err(displaced("another log"));
                }
            }
            // What another process of this log has begun is continued.
            let begun = found.clone().filter(|found| found.log == self.vkey() && found.size == 0);
            let mark = if let Some(begun) = begun {
                begun
            } else {
                let mark = HintsOf { log: self.vkey(), size: 0, root: mark() };
                if !self.intercepts.give_hints(found.as_ref(), &mark).await? {
                    continue;
                }
                marked = true;
                mark
            };
            self.intercepts.clear_hints(&mark).await?;
            let now = self.hints_of(&*self.newest().await?);
            if self.intercepts.give_hints(Some(&mark), &now).await? {
                return Ok(());
            }
        }
        Err(displaced("another process"))
    }

    /// Makes sure that the hints that were found are this log's own.
    pub(super) async fn owned(&self, found: Option<HintsOf>) -> Result<HintsOf, BackendError> {
        match found {
            Some(found) if self.owns(&found).await? => Ok(found),
            Some(found) if found.log == self.vkey() => Err(displaced("a copy of this log, or a later state of it,")),
            _ => Err(displaced("another log")),
        }
    }

    /// Notes rows' leaves, which a commit up to `at` has made or found, while the hints are this log's own; they were
    /// `before`'s.
    pub(super) async fn hint(
        &self,
        mut before: HintsOf,
        at: &At,
        leaves: &[(String, u64)],
    ) -> Result<HintsOf, BackendError> {
        loop {
            let now = if before.size < at.checkpoint.size { self.hints_of(at) } else { before.clone() };
            match self.intercepts.hint(&before, &now, leaves).await? {
                Noted::All => {
                    self.hints.remember(now.clone());
                    return Ok(now);
                }
                Noted::Undone => return Err(BackendError::Protocol("the table does not keep its leaf_index".into())),
                Noted::Nothing => {}
            }
            // Another process of this log has committed more, or this is another log's table by now.
            let found = self.owned(self.intercepts.hints_of().await?).await?;
            if found == before {
                return Err(BackendError::Protocol("the table does not keep whose its hints are".into()));
            }
            before = found;
        }
    }

    /// Whether this is a state that this log has had. It was read before the log is, which can only have grown since.
    async fn owns(&self, found: &HintsOf) -> Result<bool, BackendError> {
        if self.hints.is(found) {
            return Ok(true);
        }
        if found.log != self.vkey() {
            return Ok(false);
        }
        let (size, root) = (found.size, found.root);
        let has = self.embedded.work(move |embedded| embedded.ledger.has(&*embedded.store, size, &root)).await?;
        if has {
            self.hints.remember(found.clone());
        }
        Ok(has)
    }

    fn hints_of(&self, at: &At) -> HintsOf {
        HintsOf { log: self.vkey(), size: at.checkpoint.size, root: at.checkpoint.root }
    }
}

/// A root that no log has.
fn mark() -> Hash {
    RowKey::random().0
}
