//! The embedded backend: the ledger over this process's own store.
//!
//! - `ledger`: the signing key, the log's right edge, opening and checking
//! - `commit`: one commit, as work for the store's writer
//! - `key`: the key file
//! - `pin`: a checkpoint that the log must extend
//! - `held`: the snapshot that a payload's answers are read from
//! - `answer`, `complete`: reading rows and proofs, and what shows that they are all
//! - `tiles`, `pages`: the store's tiles, and its pages of the map, as the ledger reads them

mod answer;
mod commit;
mod complete;
mod held;
mod key;
mod ledger;
pub(crate) mod pages;
mod pin;
pub(crate) mod tiles;

use std::sync::Arc;

pub(crate) use held::Held;
pub use key::read_key;
pub use ledger::{EmbeddedOptions, Ledger};
pub use pin::PinError;
use tokio::sync::oneshot;
use vouchsafe_core::{hash::Hash, query::Query};
use vouchsafe_ledger::{SealProof, TileCache};
use vouchsafe_store::{
    sqlite::{Reader, Readers},
    writer::Writer,
};

use crate::{Answer, At, Backend, BackendError, BoxFuture, Fetched, QueryRecord, Seen, Snapshot};

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

    /// Works on a thread that may wait for the disk.
    fn work<'a, T: Send + 'static>(
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
    fn read<'a, T: Send + 'static>(
        &self,
        held: Option<Arc<Held>>,
        read: impl FnOnce(&Self, &Reader) -> Result<T, BackendError> + Send + 'static,
    ) -> BoxFuture<'a, Result<T, BackendError>> {
        self.work(move |this| match held {
            Some(held) => read(this, &held.reader()),
            None => this.readers.with(|reader| read(this, reader)),
        })
    }

    /// The root of the map at this state; `None` where the state has no snapshot and is not the newest any more.
    fn map_root(&self, reader: &Reader, at: &At) -> Result<Option<Hash>, BackendError> {
        if let Some(held) = &at.held {
            return Ok(Some(held.map_root));
        }
        let newest = self.ledger.newest(reader)?;
        Ok((newest.at.note == at.note).then_some(newest.map_root))
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
        self.work(|this| {
            let (at, covered) = this.ledger.hold(&this.readers, None)?;
            Ok(covered.then(|| Arc::new(at)))
        })
    }

    fn hold(&self, at: Arc<At>) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        if at.held.is_some() {
            return Box::pin(async { Ok(at) });
        }
        self.work(move |this| Ok(Arc::new(this.ledger.hold(&this.readers, Some(&at))?.0)))
    }

    fn query(&self, query: Query, limit: u32, at: Arc<At>) -> BoxFuture<'_, Result<QueryRecord, BackendError>> {
        self.read(at.held.clone(), move |this, reader| {
            // First, because what is known has to be asked before the snapshot begins with the first read.
            let root = this.map_root(reader, &at)?;
            let mut rows = reader.answers(&query, at.rows, limit)?;
            rows.reverse();
            let mut map = None;
            if let (Some(key), Some(root)) = (query.map_key(), root) {
                let listed = complete::lookup(reader, &key, &root)?;
                complete::add_listed(reader, &this.cache, &listed, &at, &mut rows, limit)?;
                map = Some(listed);
            }
            Ok(QueryRecord { id: query.id(&at.checkpoint.root), query, rows, map, at })
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
