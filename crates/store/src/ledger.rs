//! What a ledger needs of the store that it lives in, whichever database that is.

use std::sync::Arc;

use vouchsafe_core::{exchange::Prepared, query::Query};

use crate::{
    StoreError,
    sqlite::{Commit, LeafRow, NewRow, StoredRow},
};

/// A name that rows carry, whatever else they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name<'n> {
    /// An agent's, in any run.
    Agent(&'n str),
    /// An action's, of any agent in any run.
    Action(&'n str),
}

/// One read snapshot; it ends when it is dropped.
pub trait LedgerRead: Send {
    /// The newest commit, none in a new store.
    fn newest_commit(&self) -> Result<Option<Commit>, StoreError>;
    /// The leaf index of a row, if a commit covers it.
    fn leaf_index(&self, row_seq: u64) -> Result<Option<u64>, StoreError>;
    /// A leaf's stored bytes.
    fn leaf(&self, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError>;
    /// The leaves from `begin` to before `end`, with their indices.
    fn leaves(&self, begin: u64, end: u64) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;
    /// A stored tile of the tree: 1 to 256 hashes of 32 bytes.
    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError>;
    /// A stored page of the map.
    fn map_page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError>;
    /// The row with this number.
    fn row(&self, row_seq: u64) -> Result<Option<StoredRow>, StoreError>;
    /// Whether a row from number `first` on is there that deserves a commit.
    fn has_rows_from(&self, first: u64) -> Result<bool, StoreError>;
    /// The numbers of the newest `limit` rows below `below` that answer `query`, newest first.
    fn answers(&self, query: &Query, below: u64, limit: u32) -> Result<Vec<u64>, StoreError>;
    /// The leaf of each row that has one of these ids and a number below `below`.
    fn leaves_of(&self, ids: &[String], below: u64) -> Result<Vec<(String, u64)>, StoreError> {
        let mut leaves = Vec::with_capacity(ids.len());
        for id in ids {
            let row_seq = self.answers(&Query::Row { row: id.clone() }, below, 1)?.pop();
            if let Some(leaf) = row_seq.map(|row_seq| self.leaf_index(row_seq)).transpose()?.flatten() {
                leaves.push((id.clone(), leaf));
            }
        }
        Ok(leaves)
    }
    /// The newest row below `below` of an agent, and of one of its actions where given, whatever its run.
    fn newest_of(&self, agent: &str, action: Option<&str>, below: u64) -> Result<Option<u64>, StoreError>;
    /// The numbers of the newest `limit` rows below `below` of kind http or tool that carry a name, newest first.
    fn named(&self, name: Name<'_>, below: u64, limit: u32) -> Result<Vec<u64>, StoreError>;
}

/// One write transaction, which excludes every other writer of the same log.
pub trait LedgerWrite {
    /// The newest commit, none in a new store.
    fn newest_commit(&self) -> Result<Option<Commit>, StoreError>;
    /// How many rows the store has, committed or not.
    fn row_count(&self) -> Result<u64, StoreError>;
    /// A leaf's stored bytes.
    fn leaf(&self, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError>;
    /// A stored tile of the tree.
    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError>;
    /// A stored page of the map.
    fn map_page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError>;
    /// Hands the rows from `first` on to `each`, in order.
    fn rows_from(&self, first: u64, each: &mut dyn FnMut(LeafRow) -> Result<(), StoreError>) -> Result<(), StoreError>;
    /// Appends rows in order and numbers them densely; `None` for a row that is refused for what is in it, as an id
    /// that is there already.
    fn insert_rows(&self, rows: &[Prepared]) -> Result<Vec<Option<NewRow>>, StoreError>;
    /// Stores a leaf's bytes under its index.
    fn put_leaf(&self, leaf_index: u64, leaf: &[u8]) -> Result<(), StoreError>;
    /// Stores a tile, in place of its shorter predecessor.
    fn put_tile(&self, level: u8, n: u64, hashes: &[u8]) -> Result<(), StoreError>;
    /// Stores a page of the map, in place of its predecessor.
    fn put_map_page(&self, number: u64, nodes: &[u8]) -> Result<(), StoreError>;
    /// Stores a commit.
    fn put_commit(&self, commit: &Commit) -> Result<(), StoreError>;
}

/// Work on the ledger, done within one write transaction.
pub trait CommitJob: Send {
    /// Does the work; on an error its writes are undone and whatever else is in the transaction stays.
    fn run(&mut self, tx: &dyn LedgerWrite) -> Result<(), StoreError>;
    /// Is told once whether the work is on disk.
    fn finish(self: Box<Self>, result: Result<(), StoreError>);
}

/// A store with a log in it.
pub trait LedgerStore: Send + Sync {
    /// Begins a read snapshot. To be kept for as long as one payload takes, not longer; may wait for the disk or the
    /// network, so that it is called where waiting is allowed.
    fn hold(&self) -> Result<Box<dyn LedgerRead>, StoreError>;
    /// Runs a job in the transaction that makes everything up to `ticket` durable, or in one of its own.
    fn commit(&self, ticket: u64, job: Box<dyn CommitJob>);
}
