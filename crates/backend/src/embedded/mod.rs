//! The embedded backend: the ledger over this process's own store.
//!
//! - `ledger`: the signing key, the log's right edge, opening and checking
//! - `commit`: one commit, as work for the store's writer
//! - `key`: the key file
//! - `answer`: reading rows and proofs
//! - `tiles`: the store's tiles as the ledger reads them

mod answer;
mod commit;
pub(crate) mod key;
mod ledger;
pub(crate) mod tiles;

use std::sync::Arc;

pub use ledger::{EmbeddedOptions, Ledger};
use tokio::sync::oneshot;
use vouchsafe_core::query::Query;
use vouchsafe_ledger::{Bundle, SealProof, TileCache};
use vouchsafe_store::{
    sqlite::{Reader, Readers},
    writer::Writer,
};

use crate::{Answer, At, Backend, BackendError, BoxFuture, QueryRecord, Seen, Snapshot};

/// The ledger, the store's writer that carries its commits, and readers for the answers.
#[derive(Clone)]
pub struct Embedded {
    ledger: Arc<Ledger>,
    writer: Arc<Writer>,
    readers: Readers,
    cache: Arc<TileCache>,
}

impl Embedded {
    /// Puts a backend together from an opened ledger and the writer of the same store.
    #[must_use]
    pub fn new(ledger: Arc<Ledger>, writer: Arc<Writer>, readers: Readers) -> Self {
        Self { ledger, writer, readers, cache: Arc::default() }
    }

    /// Reads on a thread that may wait for the disk.
    fn read<'a, T: Send + 'static>(
        &self,
        read: impl FnOnce(&Self, &Reader) -> Result<T, BackendError> + Send + 'static,
    ) -> BoxFuture<'a, Result<T, BackendError>> {
        let this = self.clone();
        Box::pin(async move {
            let work = tokio::task::spawn_blocking(move || this.readers.with(|reader| read(&this, reader)));
            work.await.map_err(|error| BackendError::Corrupt(format!("reading panicked: {error}")))?
        })
    }
}

impl Backend for Embedded {
    fn preprocess(&self, upto: Snapshot) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        let (done, result) = oneshot::channel();
        self.writer.commit(upto.ticket, Box::new(commit::Job::new(Arc::clone(&self.ledger), done)));
        Box::pin(async move {
            result.await.unwrap_or_else(|_| Err(BackendError::Corrupt("the writer ended without an answer".into())))
        })
    }

    fn covering(&self) -> BoxFuture<'_, Result<Option<Arc<At>>, BackendError>> {
        self.read(|this, reader| {
            let newest = this.ledger.newest(reader);
            if let Err(error @ BackendError::Forked(_)) = &newest {
                this.ledger.remember(Err(error.clone()));
            }
            let (at, covered) = newest?;
            Ok(covered.then_some(at))
        })
    }

    fn query(&self, query: Query, limit: u32, at: Arc<At>) -> BoxFuture<'_, Result<QueryRecord, BackendError>> {
        self.read(move |_, reader| {
            let mut rows = reader.answers(&query, at.rows, limit)?;
            rows.reverse();
            Ok(QueryRecord { id: query.id(&at.checkpoint.root), query, rows, at })
        })
    }

    fn prove<'a>(&'a self, record: &'a QueryRecord) -> BoxFuture<'a, Result<Answer, BackendError>> {
        let (rows, at) = (record.rows.clone(), Arc::clone(&record.at));
        self.read(move |this, reader| answer::prove(reader, &this.cache, &rows, &at))
    }

    fn fetch<'a>(&'a self, record: &'a QueryRecord, answer: Answer) -> BoxFuture<'a, Result<Bundle, BackendError>> {
        let record = record.clone();
        self.read(move |_, reader| answer::fetch(reader, &record, answer))
    }

    fn seal<'a>(&'a self, at: &'a At) -> BoxFuture<'a, Result<SealProof, BackendError>> {
        let at = at.clone();
        self.read(move |this, reader| answer::seal(reader, &this.cache, &at))
    }

    fn consistency<'a>(&'a self, size: u64, at: &'a At) -> BoxFuture<'a, Result<Vec<[u8; 32]>, BackendError>> {
        let at = at.clone();
        self.read(move |this, reader| answer::consistency(reader, &this.cache, size, &at))
    }

    fn newest_of<'a>(
        &'a self,
        agent: &'a str,
        action: Option<&'a str>,
        at: &'a At,
    ) -> BoxFuture<'a, Result<Option<Seen>, BackendError>> {
        let (agent, action, below) = (agent.to_owned(), action.map(str::to_owned), at.rows);
        self.read(move |_, reader| {
            let Some(row_seq) = reader.newest_of(&agent, action.as_deref(), below)? else { return Ok(None) };
            Ok(reader.row(row_seq)?.map(|found| Seen { row: found.row.id, ended_us: found.row.ended_us }))
        })
    }
}
