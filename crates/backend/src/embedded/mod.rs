//! The embedded backend: the ledger over this process's own store.
//!
//! - `open`: opening a log
//! - `ledger`: the signing key, the log's right edge, checking it
//! - `commit`: one commit, as work for the store's writer
//! - `key`: the key file
//! - `pin`: a checkpoint that the log must extend
//! - `held`: the snapshot that a payload's answers are read from
//! - `answer`, `complete`: reading rows and proofs, and what shows that they are all
//! - `tiles`, `pages`: the store's tiles, and its pages of the map, as the ledger reads them

pub(crate) mod answer;
mod commit;
mod complete;
mod held;
pub(crate) mod key;
mod ledger;
mod open;
pub(crate) mod pages;
mod pin;
pub(crate) mod tiles;

use std::sync::Arc;

pub(crate) use commit::Committed;
pub(crate) use held::Held;
pub use key::read_key;
use ledger::Known;
pub use ledger::Ledger;
pub use open::EmbeddedOptions;
pub use pin::PinError;
use tokio::sync::oneshot;
use vouchsafe_core::{exchange::Prepared, hash::Hash, query::Query};
use vouchsafe_ledger::{SealProof, TileCache};
use vouchsafe_store::{
    ledger::{LedgerRead, LedgerStore},
    sqlite::{Readers, SqliteLedger},
    writer::Writer,
};

use crate::{Answer, At, Backend, BackendError, BoxFuture, Fetched, QueryRecord, Seen, Snapshot};

/// The ledger, and the store that carries its commits and is read for its answers.
#[derive(Clone)]
pub struct Embedded {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) store: Arc<dyn LedgerStore>,
    pub(crate) cache: Arc<TileCache>,
}

impl Embedded {
    /// Puts a backend together from an opened ledger and the writer of the same store.
    #[must_use]
    pub fn new(ledger: Arc<Ledger>, writer: Arc<Writer>, readers: Readers) -> Self {
        Self::over(ledger, Arc::new(SqliteLedger { writer, readers }))
    }

    /// The same over any store, which the ledger was opened in.
    #[must_use]
    pub fn over(ledger: Arc<Ledger>, store: Arc<dyn LedgerStore>) -> Self {
        Self { ledger, store, cache: Arc::default() }
    }

    /// Inserts those of somebody else's rows whose ids are not there yet and commits them, all in one transaction; their
    /// leaves have the commit's time. Where none is new the newest state stands.
    pub async fn import(&self, rows: Vec<Prepared>) -> Result<Arc<At>, BackendError> {
        Ok(self.commit(0, rows).await?.at)
    }

    /// Commits what is in the store up to `ticket`, and `rows`.
    pub(crate) fn commit<'a>(
        &self,
        ticket: u64,
        rows: Vec<Prepared>,
    ) -> BoxFuture<'a, Result<Committed, BackendError>> {
        let (done, result) = oneshot::channel();
        self.store.commit(ticket, Box::new(commit::Job::new(Arc::clone(&self.ledger), rows, done)));
        Box::pin(async move {
            result.await.unwrap_or_else(|_| Err(BackendError::Corrupt("the writer ended without an answer".into())))
        })
    }

    /// Works on a thread that may wait for the disk.
    pub(crate) fn work<'a, T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, BackendError> + Send + 'static,
    ) -> BoxFuture<'a, Result<T, BackendError>> {
        let this = self.clone();
        Box::pin(async move {
            let work = tokio::task::spawn_blocking(move || work(&this));
            work.await.map_err(|error| BackendError::Corrupt(format!("reading panicked: {error}")))?
        })
    }

    /// Reads from the snapshot of this state, or where it has none from one of now.
    pub(crate) fn read<'a, T: Send + 'static>(
        &self,
        held: Option<Arc<Held>>,
        read: impl FnOnce(&Self, &dyn LedgerRead) -> Result<T, BackendError> + Send + 'static,
    ) -> BoxFuture<'a, Result<T, BackendError>> {
        self.work(move |this| match held {
            Some(held) => read(this, &**held.reader()),
            None => read(this, &*this.store.hold()?),
        })
    }

    /// The newest `limit` rows that answer a query, and what the map of this root says of it.
    pub(crate) fn find(
        &self,
        reader: &dyn LedgerRead,
        map_root: Option<Hash>,
        query: Query,
        limit: u32,
        at: Arc<At>,
    ) -> Result<QueryRecord, BackendError> {
        let mut rows = reader.answers(&query, at.rows, limit)?;
        rows.reverse();
        let mut map = None;
        if let (Some(key), Some(root)) = (query.map_key(), map_root) {
            let listed = complete::lookup(reader, &key, &root)?;
            complete::add_listed(reader, &self.cache, &listed, &at, &mut rows, limit)?;
            map = Some(listed);
        }
        Ok(QueryRecord { id: query.id(&at.checkpoint.root), query, rows, map, at, remote: None })
    }

    /// The root of the map at this state; `None` where the state has no snapshot and is not the newest any more.
    fn map_root(
        &self,
        known: Option<Result<Known, BackendError>>,
        reader: &dyn LedgerRead,
        at: &At,
    ) -> Result<Option<Hash>, BackendError> {
        let Some(known) = known else { return Ok(at.held.as_ref().map(|held| held.map_root)) };
        let newest = self.ledger.newest(known?, reader)?;
        Ok((newest.at.note == at.note).then_some(newest.map_root))
    }
}

impl Backend for Embedded {
    fn preprocess(&self, upto: Snapshot) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        let committed = self.commit(upto.ticket, Vec::new());
        Box::pin(async move { Ok(committed.await?.at) })
    }

    fn covering(&self) -> BoxFuture<'_, Result<Option<Arc<At>>, BackendError>> {
        self.work(|this| {
            let (at, covered) = this.ledger.hold(&*this.store, None)?;
            Ok(covered.then(|| Arc::new(at)))
        })
    }

    fn hold(&self, at: Arc<At>) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        if at.held.is_some() {
            return Box::pin(async { Ok(at) });
        }
        self.work(move |this| Ok(Arc::new(this.ledger.hold(&*this.store, Some(&at))?.0)))
    }

    fn query(&self, query: Query, limit: u32, at: Arc<At>) -> BoxFuture<'_, Result<QueryRecord, BackendError>> {
        // First, because what is known has to be asked before the snapshot begins.
        let known = at.held.is_none().then(|| self.ledger.known());
        self.read(at.held.clone(), move |this, reader| {
            let root = this.map_root(known, reader, &at)?;
            this.find(reader, root, query, limit, at)
        })
    }

    fn prove<'a>(&'a self, record: &'a QueryRecord) -> BoxFuture<'a, Result<Answer, BackendError>> {
        let record = record.clone();
        self.read(record.at.held.clone(), move |this, reader| answer::prove(reader, &this.cache, &record))
    }

    fn fetch<'a>(&'a self, record: &'a QueryRecord, answer: Answer) -> BoxFuture<'a, Result<Fetched, BackendError>> {
        let record = record.clone();
        self.read(record.at.held.clone(), move |_, reader| answer::fetch(reader, &record, answer).map(Fetched::Proven))
    }

    fn seal<'a>(&'a self, at: &'a At) -> BoxFuture<'a, Result<SealProof, BackendError>> {
        let at = at.clone();
        self.read(at.held.clone(), move |this, reader| answer::seal(reader, &this.cache, &at))
    }

    fn consistency<'a>(&'a self, size: u64, at: &'a At) -> BoxFuture<'a, Result<Vec<[u8; 32]>, BackendError>> {
        let at = at.clone();
        self.read(at.held.clone(), move |this, reader| answer::consistency(reader, &this.cache, size, &at))
    }

    fn newest_of<'a>(
        &'a self,
        agent: &'a str,
        action: Option<&'a str>,
        at: &'a At,
    ) -> BoxFuture<'a, Result<Option<Seen>, BackendError>> {
        let (agent, action, below) = (agent.to_owned(), action.map(str::to_owned), at.rows);
        self.read(at.held.clone(), move |_, reader| {
            let Some(row_seq) = reader.newest_of(&agent, action.as_deref(), below)? else { return Ok(None) };
            Ok(reader.row(row_seq)?.map(|found| Seen { row: found.row.id, ended_us: found.row.ended_us }))
        })
    }
}
