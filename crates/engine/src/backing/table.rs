//! The ledger over a Postgres table, in this process: opened as soon as Postgres answers, and fed by the outbox.

use std::sync::Arc;

use tokio::sync::OnceCell;
use uuid::{Uuid, uuid};
use vouchsafe_backend::{
    Answer, At, Backend, BackendError, BoxFuture, Fetched, Outbox as _, QueryRecord, Seen, Snapshot, TableBackend,
    TableOptions,
};
use vouchsafe_core::query::Query;
use vouchsafe_ledger::SealProof;
use vouchsafe_store::postgres::{Intercepts, Postgres, PostgresLedger};

use crate::{outbox::Outbox, runtime::now_us};

/// `UUIDv5` (URL namespace) of `vouchsafe/intercepts`: the log of a database's table `intercepts`: one for all processes that commit to it themselves.
const LOG: Uuid = uuid!("ba192568-fafe-5656-8372-ebb7f35ecbc4");

/// A table that may be away when the engine opens.
#[derive(Clone)]
pub(super) struct SharedTable(Arc<Shared>);

struct Shared {
    log: Postgres,
    rows: Postgres,
    outbox: Outbox,
    origin: Option<String>,
    opened: OnceCell<TableBackend>,
}

impl SharedTable {
    /// `log` and `rows`: the same database over connections of their own.
    pub fn new(log: Postgres, rows: Postgres, outbox: Outbox, origin: Option<String>) -> Self {
        Self(Arc::new(Shared { log, rows, outbox, origin, opened: OnceCell::new() }))
    }

    /// The log's key, once the log was read.
    pub fn vkey(&self) -> Option<String> {
        self.0.opened.get().map(TableBackend::vkey)
    }

    /// Opens the log, if it is not open.
    pub async fn open(&self) -> Result<(), BackendError> {
        self.opened().await.map(drop)
    }

    async fn opened(&self) -> Result<&TableBackend, BackendError> {
        let open = async || {
            let Shared { log, rows, origin, .. } = &*self.0;
            let intercepts = Intercepts::open(rows.clone(), None);
            intercepts.ensure().await?;
            let ledger = PostgresLedger::open(log.clone(), LOG).await?;
            let options = TableOptions { origin: origin.clone(), now_us };
            TableBackend::over_postgres(ledger, intercepts, options).await
        };
        self.0.opened.get_or_try_init(open).await
    }
}

impl Backend for SharedTable {
    fn preprocess(&self, upto: Snapshot) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        Box::pin(async move {
            self.0.outbox.shipped(upto.ticket).await?;
            self.opened().await?.preprocess(upto).await
        })
    }

    fn covering(&self) -> BoxFuture<'_, Result<Option<Arc<At>>, BackendError>> {
        Box::pin(async move {
            // What is in the folder and not yet in the table is visible as well.
            if self.0.outbox.has_left().await? { Ok(None) } else { self.opened().await?.covering().await }
        })
    }

    fn hold(&self, at: Arc<At>) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        Box::pin(async move { self.opened().await?.hold(at).await })
    }

    fn query(&self, query: Query, limit: u32, at: Arc<At>) -> BoxFuture<'_, Result<QueryRecord, BackendError>> {
        Box::pin(async move { self.opened().await?.query(query, limit, at).await })
    }

    fn prove<'a>(&'a self, record: &'a QueryRecord) -> BoxFuture<'a, Result<Answer, BackendError>> {
        Box::pin(async move { self.opened().await?.prove(record).await })
    }

    fn fetch<'a>(&'a self, record: &'a QueryRecord, answer: Answer) -> BoxFuture<'a, Result<Fetched, BackendError>> {
        Box::pin(async move { self.opened().await?.fetch(record, answer).await })
    }

    fn seal<'a>(&'a self, at: &'a At) -> BoxFuture<'a, Result<SealProof, BackendError>> {
        Box::pin(async move { self.opened().await?.seal(at).await })
    }

    fn consistency<'a>(&'a self, size: u64, at: &'a At) -> BoxFuture<'a, Result<Vec<[u8; 32]>, BackendError>> {
        Box::pin(async move { Backend::consistency(self.opened().await?, size, at).await })
    }

    fn newest_of<'a>(
        &'a self,
        agent: &'a str,
        action: Option<&'a str>,
        at: &'a At,
    ) -> BoxFuture<'a, Result<Option<Seen>, BackendError>> {
        Box::pin(async move { self.opened().await?.newest_of(agent, action, at).await })
    }
}
