//! A ledger's reads.

use std::{future::Future, sync::Arc};

use tokio::runtime::Handle;
use uuid::Uuid;
use vouchsafe_core::{query::Query, tag::tag};

use super::select::Select;
use crate::{
    StoreError,
    ledger::{LedgerRead, Name},
    postgres::{Postgres, transaction::Open},
    sqlite::{Commit, StoredRow},
};

/// A read snapshot on a connection of its own.
pub(super) struct Snapshot {
    open: Open,
    log: Uuid,
    handle: Handle,
    newest: Option<Commit>,
}

impl Snapshot {
    pub async fn begin(postgres: &Postgres, log: Uuid, handle: &Handle) -> Result<Self, StoreError> {
        let open = Open::snapshot(postgres).await?;
        // The first read is what fixes the snapshot, and this one is always needed.
        let newest = Select { open: &open, log }.newest_commit().await?;
        Ok(Self { open, log, handle: handle.clone(), newest })
    }

    fn select(&self) -> Select<'_> {
        Select { open: &self.open, log: self.log }
    }

    fn wait<T>(&self, read: impl Future<Output = T>) -> T {
        self.handle.block_on(read)
    }
}

impl LedgerRead for Snapshot {
    fn newest_commit(&self) -> Result<Option<Commit>, StoreError> {
        Ok(self.newest.clone())
    }

    fn leaf_index(&self, row_seq: u64) -> Result<Option<u64>, StoreError> {
        self.wait(self.select().leaf_index(row_seq))
    }

    fn leaf(&self, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait(self.select().leaf(leaf_index))
    }

    fn leaves(&self, begin: u64, end: u64) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        self.wait(self.select().leaves(begin, end))
    }

    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
        self.wait(self.select().tile(level, n))
    }

    fn map_page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait(self.select().map_page(number))
    }

    fn row(&self, row_seq: u64) -> Result<Option<StoredRow>, StoreError> {
        self.wait(self.select().row(row_seq))
    }

    fn has_rows_from(&self, first: u64) -> Result<bool, StoreError> {
        self.wait(self.select().has_rows_from(first))
    }

    fn answers(&self, query: &Query, below: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        match (query, query.map_key()) {
            (Query::Row { row }, _) => self.wait(self.select().by_id(row, below)),
            (_, Some(key)) => self.wait(self.select().named(key, None, below, limit)),
            (_, None) => unreachable!("every query but the one by id has a key in the map"),
        }
    }

    fn leaves_of(&self, ids: &[String], below: u64) -> Result<Vec<(String, u64)>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect();
        let leaves = self.wait(self.select().leaves_of(&ids, below))?;
        Ok(leaves.into_iter().map(|(id, leaf)| (id.to_string(), leaf)).collect())
    }

    fn newest_of(&self, agent: &str, action: Option<&str>, below: u64) -> Result<Option<u64>, StoreError> {
        let agent = tag("agent", &[agent]);
        let (name, other) = match action {
            Some(action) => (tag("action", &[action]), Some(agent)),
            None => (agent, None),
        };
        Ok(self.wait(self.select().named(name, other, below, 1))?.first().copied())
    }

    fn named(&self, name: Name<'_>, below: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        let name = match name {
            Name::Agent(agent) => tag("agent", &[agent]),
            Name::Action(action) => tag("action", &[action]),
        };
        self.wait(self.select().named(name, None, below, limit))
    }
}
