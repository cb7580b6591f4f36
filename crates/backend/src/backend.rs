//! The trait through which claims are answered, and what goes through it.

use std::{future::Future, pin::Pin, sync::Arc};

use vouchsafe_core::{exchange::Fields, query::Query, row::Row};
use vouchsafe_ledger::{Bundle, Checkpoint, MapAnswer, Scan, SealProof, map::MapProof};

use crate::{BackendError, embedded::Held};

/// A boxed future, so that backends can be told apart at run time.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a fence stands for: every exchange that this process accepted up to a ticket, and every row that is visible in
/// the store now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Snapshot {
    /// The ticket of the last exchange accepted.
    pub ticket: u64,
}

/// The state of the log that a payload is built on.
#[derive(Debug, Clone)]
pub struct At {
    /// Size and root, from the signed note.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
    /// Rows below this number are in the log.
    pub rows: u64,
    /// What the answers are read from, where this state is kept.
    pub(crate) held: Option<Arc<Held>>,
}

impl At {
    /// A state that is not kept; see [`Backend::hold`].
    #[must_use]
    pub fn new(checkpoint: Checkpoint, note: String, rows: u64) -> Self {
        Self { checkpoint, note, rows, held: None }
    }

    /// The same state without what it is read from, to be kept for as long as one likes.
    pub(crate) fn let_go(&self) -> Self {
        Self::new(self.checkpoint.clone(), self.note.clone(), self.rows)
    }

    /// The state of a backend that signs nothing.
    #[must_use]
    pub fn unsigned() -> Self {
        Self::new(Checkpoint { origin: String::new(), size: 0, root: [0; 32] }, String::new(), 0)
    }

    /// Whether somebody signed it.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        !self.note.is_empty()
    }
}

/// A query that was put to the backend, under one state of the log.
#[derive(Debug, Clone)]
pub struct QueryRecord {
    /// Its id.
    pub id: String,
    /// What was asked.
    pub query: Query,
    /// The numbers of the rows that answer it, ascending.
    pub rows: Vec<u64>,
    /// What the map says of the query.
    pub(crate) map: Option<MapProof>,
    /// The state of the log that it was answered under.
    pub at: Arc<At>,
    /// What a server said of it last, where one keeps it.
    pub(crate) remote: Option<Arc<crate::remote::Kept>>,
}

/// A record's proof, before its rows are fetched: leaf index and path of each row, and what shows that they are all.
#[derive(Debug, Clone)]
pub struct Answer {
    /// For each row of the record its leaf index and inclusion proof.
    pub proofs: Vec<(u64, Vec<[u8; 32]>)>,
    /// What the map says of the query.
    pub map: Option<MapAnswer>,
    /// Or the log's last leaves, which show it without the map.
    pub scan: Option<Scan>,
}

/// What answers a query in the end.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one for each query, moved a few times, and never many at once")]
pub enum Fetched {
    /// Rows with their proofs. A bundle that has a checkpoint and a seal of its own stands alone; the others stand
    /// under the state that was asked for.
    Proven(Bundle),
    /// Rows that the backend says it has, and says that it verified.
    Told(Told),
}

/// Rows on a backend's word.
#[derive(Debug, Clone)]
pub struct Told {
    /// The query that the backend says it answered.
    pub query: Query,
    /// The rows and what their columns hold, in the order of the answer.
    pub rows: Vec<(Row, Fields)>,
}

/// What a backend's requests came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests that were sent, retries included.
    pub requests: u64,
    /// Of those, requests that asked whether something is done.
    pub polls: u64,
    /// Of those, requests that were sent again after a failure.
    pub retries: u64,
    /// The most that were under way at once.
    pub max_in_flight: u64,
}

/// A row that was seen, whatever its run.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its id.
    pub row: String,
    /// When it ended, in µs since 1970.
    pub ended_us: u64,
}

/// What commits rows and answers queries about them.
pub trait Backend: Send + Sync {
    /// Commits everything up to the snapshot and returns the state of the log that covers it.
    fn preprocess(&self, upto: Snapshot) -> BoxFuture<'_, Result<Arc<At>, BackendError>>;
    /// The newest state of the log, kept as by [`hold`](Self::hold), if it covers every row that is visible in the store.
    fn covering(&self) -> BoxFuture<'_, Result<Option<Arc<At>>, BackendError>>;
    /// This state or a newer one, kept until it is dropped, so that all answers under it come from one snapshot. Under a
    /// state that is not kept, answers say what its rows say; what is complete they say only while it is the newest.
    fn hold(&self, at: Arc<At>) -> BoxFuture<'_, Result<Arc<At>, BackendError>>;
    /// Finds the newest `limit` rows that answer a query.
    fn query(&self, query: Query, limit: u32, at: Arc<At>) -> BoxFuture<'_, Result<QueryRecord, BackendError>>;
    /// Proves that the record's rows are in the log, and which answers there are.
    fn prove<'a>(&'a self, record: &'a QueryRecord) -> BoxFuture<'a, Result<Answer, BackendError>>;
    /// Fetches the record's rows and what they disclose.
    fn fetch<'a>(&'a self, record: &'a QueryRecord, answer: Answer) -> BoxFuture<'a, Result<Fetched, BackendError>>;
    /// The log's last leaf at this state, with its proof.
    fn seal<'a>(&'a self, at: &'a At) -> BoxFuture<'a, Result<SealProof, BackendError>>;
    /// The proof that the log's first `size` leaves are a prefix of this state.
    fn consistency<'a>(&'a self, size: u64, at: &'a At) -> BoxFuture<'a, Result<Vec<[u8; 32]>, BackendError>>;
    /// The newest row of an agent (and of one of its actions), whatever its run.
    fn newest_of<'a>(
        &'a self,
        agent: &'a str,
        action: Option<&'a str>,
        at: &'a At,
    ) -> BoxFuture<'a, Result<Option<Seen>, BackendError>>;
    /// What its requests came to, for a backend that sends some and limits them itself; the engine then counts and
    /// limits none.
    fn traffic(&self) -> Option<Traffic> {
        None
    }
    /// What kept its requests from being answered, for as long as none was since.
    fn trouble(&self) -> Option<BackendError> {
        None
    }
    /// What answers a query record that somebody else made, for a backend that keeps them.
    fn recall<'a>(&'a self, _query_id: &'a str) -> BoxFuture<'a, Result<Fetched, BackendError>> {
        Box::pin(async { Err(BackendError::Unsupported("recalling a query record")) })
    }
}
