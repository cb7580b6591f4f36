//! The table backend: a ledger over rows of a Postgres table that somebody else can write to.
//!
//! - `open`: the ledger in a folder
//! - `shared`: the ledger in a Postgres
//! - `commit`: new rows of the table become leaves, a group at a time
//! - `hints`: whose the hints of the table are
//! - `turns`: commits that are asked for at the same time
//! - `answer`: the current rows that answer, and their proofs
//! - `current`: what the table says today of what was committed
//! - `backend`: the same for an agent's own process
//!
//! The ledger's own store decides which rows there are: an id that has a leaf never gets a second one. The table's column
//! `leaf_index` is a hint for finding new rows; whoever forges it hides a row, and no more.

mod answer;
mod backend;
mod commit;
mod current;
mod hints;
mod open;
mod shared;
mod turns;

use std::sync::Arc;

pub use answer::{TableAnswer, TableRow};
pub use current::Fault;
use hints::Owned;
use open::Folder;
pub use open::TableOptions;
use turns::Turns;
use vouchsafe_store::postgres::Intercepts;

use crate::{At, Backend, BackendError, embedded::Embedded};

/// A ledger over one table. Clones share it.
#[derive(Clone)]
pub struct TableBackend {
    embedded: Embedded,
    intercepts: Intercepts,
    turns: Arc<Turns>,
    hints: Arc<Owned>,
    folder: Option<Arc<Folder>>,
}

impl TableBackend {
    /// A backend that is about to be handed out. A damaged log is no reason not to open it: it signs nothing.
    async fn begin(self) -> Result<Self, BackendError> {
        match self.take_hints().await {
            Err(error) if !error.is_damage() => {
                self.close().await;
                Err(error)
            }
            _ => Ok(self),
        }
    }

    /// The newest state of the log.
    pub async fn newest(&self) -> Result<Arc<At>, BackendError> {
        let newest = self.embedded.work(|embedded| Ok(embedded.ledger.hold(&*embedded.store, None)?.0));
        Ok(Arc::new(newest.await?.let_go()))
    }

    /// The proof that the log's first `old` leaves are a prefix of the state `at`.
    pub async fn consistency(&self, old: u64, at: &At) -> Result<Vec<[u8; 32]>, BackendError> {
        Backend::consistency(&self.embedded, old, at).await
    }

    /// The key that others check this log with.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.embedded.ledger.vkey()
    }

    /// Waits for a commit that is under way and closes the ledger's folder, if it has one. Idempotent.
    pub async fn close(&self) {
        let _turn = self.turns.take().await;
        if let Some(folder) = &self.folder {
            let folder = Arc::clone(folder);
            let _ = tokio::task::spawn_blocking(move || folder.close()).await;
        }
    }
}
