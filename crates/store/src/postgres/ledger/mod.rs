//! A log in Postgres: any number of processes, one writer at a time.
//!
//! A commit locks its log's row in `vouchsafe_logs` for as long as its transaction lasts. That lock is the lease: Postgres
//! frees it when the transaction ends, or when its holder's connection does, and a holder that went silent loses it after
//! a minute. So there is nothing to expire or to steal, and any engine that locks rows has it.
//!
//! - `tables`: what a log consists of
//! - `select`: reading, in a snapshot or in a commit
//! - `snapshot`: a ledger's reads
//! - `write`, `flush`: a ledger's writes, kept until its job is done, then sent together
//! - `pages`: pages of the map that the last commit has left

mod flush;
mod pages;
mod select;
mod snapshot;
mod tables;
mod write;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use uuid::Uuid;

use self::{pages::Pages, select::Select, snapshot::Snapshot, write::Write};
use super::{Postgres, transaction::Open};
use crate::{
    StoreError,
    ledger::{CommitJob, LedgerRead, LedgerStore},
};

/// One log of a Postgres database, by its id.
#[derive(Debug, Clone)]
pub struct PostgresLedger {
    postgres: Postgres,
    log: Uuid,
    /// Commits of one process wait here, so that they do not use up its connections waiting for the log's row.
    pages: Arc<Mutex<Pages>>,
    handle: Handle,
}

impl PostgresLedger {
    /// Opens the log with this id and makes what is missing. To be called in a Tokio runtime, on which the log's work is
    /// then done.
    pub async fn open(postgres: Postgres, log: Uuid) -> Result<Self, StoreError> {
        postgres.with(async |client| tables::ensure(client, log).await).await?;
        Ok(Self { postgres, log, pages: Arc::default(), handle: Handle::current() })
    }

    /// The text of the log's signing key: `new` for a log that has none yet and no commit either, else the one that it
    /// began with. [`StoreError::Corrupt`] where the key of an old log is gone.
    pub async fn key(&self, new: &str) -> Result<String, StoreError> {
        let key: Option<String> = self.postgres.with(async |client| tables::key(client, self.log, new).await).await?;
        key.ok_or_else(|| StoreError::Corrupt("the log's key is gone".into()))
    }

    fn run(&self, job: &mut dyn CommitJob) -> Result<(), StoreError> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let open = self.handle.block_on(Open::commit(&self.postgres, self.log))?;
        let select = Select { open: &open, log: self.log };
        let written = (|| {
            let write = Write::begin(&self.handle, select, &pages)?;
            job.run(&write)?;
            let written = write.into_written();
            self.handle.block_on(flush::flush(select, &written))?;
            Ok(written)
        })();
        match written {
            Ok(written) => {
                self.handle.block_on(open.end("COMMIT"))?;
                pages.keep(written);
                Ok(())
            }
            Err(error) => {
                // Where this fails as well, the server does it.
                let _ = self.handle.block_on(open.end("ROLLBACK"));
                Err(error)
            }
        }
    }
}

impl LedgerStore for PostgresLedger {
    fn hold(&self) -> Result<Box<dyn LedgerRead>, StoreError> {
        let snapshot = Snapshot::begin(&self.postgres, self.log, &self.handle);
        Ok(Box::new(self.handle.block_on(snapshot)?))
    }

    /// The ticket says nothing here: what a job commits it brings along.
    fn commit(&self, _ticket: u64, mut job: Box<dyn CommitJob>) {
        let ledger = self.clone();
        self.handle.spawn_blocking(move || {
            let result = ledger.run(&mut *job);
            job.finish(result);
        });
    }
}
