//! SQLite as the store of a log: reads on connections of their own, commits on the writer's.

use std::sync::Arc;

use vouchsafe_core::{exchange::Prepared, query::Query};

use super::{Commit, Held, LeafRow, NewRow, Reader, Readers, StoredRow, WriteTx};
use crate::{
    StoreError,
    ledger::{CommitJob, LedgerRead, LedgerStore, LedgerWrite, Name},
    writer::Writer,
};

/// The log of a data folder: the writer that carries its commits, and readers for its answers.
#[derive(Clone)]
pub struct SqliteLedger {
    /// The store's one writer in this process.
    pub writer: Arc<Writer>,
    /// Connections for reading.
    pub readers: Readers,
}

impl LedgerStore for SqliteLedger {
    fn hold(&self) -> Result<Box<dyn LedgerRead>, StoreError> {
        Ok(Box::new(self.readers.hold()?))
    }

    fn commit(&self, ticket: u64, job: Box<dyn CommitJob>) {
        self.writer.commit(ticket, job);
    }
}

/// A snapshot reads as its connection does.
macro_rules! reads {
    ($($snapshot:ty),*) => {$(
        impl LedgerRead for $snapshot {
            fn newest_commit(&self) -> Result<Option<Commit>, StoreError> {
                Reader::newest_commit(self)
            }

            fn leaf_index(&self, row_seq: u64) -> Result<Option<u64>, StoreError> {
                Reader::leaf_index(self, row_seq)
            }

            fn leaf(&self, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError> {
                Reader::leaf(self, leaf_index)
            }

            fn leaves(&self, begin: u64, end: u64) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
                Reader::leaves(self, begin, end)
            }

            fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
                Reader::tile(self, level, n)
            }

            fn map_page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
                Reader::map_page(self, number)
            }

            fn row(&self, row_seq: u64) -> Result<Option<StoredRow>, StoreError> {
                Reader::row(self, row_seq)
            }

            fn has_rows_from(&self, first: u64) -> Result<bool, StoreError> {
                Reader::has_rows_from(self, first)
            }

            fn answers(&self, query: &Query, below: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
                Reader::answers(self, query, below, limit)
            }

            fn newest_of(&self, agent: &str, action: Option<&str>, below: u64) -> Result<Option<u64>, StoreError> {
                Reader::newest_of(self, agent, action, below)
            }

            fn named(&self, name: Name<'_>, below: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
                Reader::named(self, name, below, limit)
            }
        }
    )*};
}

reads!(Reader, Held);

impl LedgerWrite for WriteTx<'_> {
    fn newest_commit(&self) -> Result<Option<Commit>, StoreError> {
        WriteTx::newest_commit(self)
    }

    fn row_count(&self) -> Result<u64, StoreError> {
        WriteTx::row_count(self)
    }

    fn leaf(&self, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        WriteTx::leaf(self, leaf_index)
    }

    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
        WriteTx::tile(self, level, n)
    }

    fn map_page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        WriteTx::map_page(self, number)
    }

    fn rows_from(&self, first: u64, each: &mut dyn FnMut(LeafRow) -> Result<(), StoreError>) -> Result<(), StoreError> {
        WriteTx::rows_from(self, first, each)
    }

    fn insert_rows(&self, rows: &[Prepared]) -> Result<Vec<Option<NewRow>>, StoreError> {
        WriteTx::insert_rows(self, rows)
    }

    fn put_leaf(&self, leaf_index: u64, leaf: &[u8]) -> Result<(), StoreError> {
        WriteTx::put_leaf(self, leaf_index, leaf)
    }

    fn put_tile(&self, level: u8, n: u64, hashes: &[u8]) -> Result<(), StoreError> {
        WriteTx::put_tile(self, level, n, hashes)
    }

    fn put_map_page(&self, number: u64, nodes: &[u8]) -> Result<(), StoreError> {
        WriteTx::put_map_page(self, number, nodes)
    }

    fn put_commit(&self, commit: &Commit) -> Result<(), StoreError> {
        WriteTx::put_commit(self, commit)
    }
}
