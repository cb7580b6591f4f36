//! A ledger's writes, kept until its job is done: to send them together takes a few round trips, however many they are.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use tokio::runtime::Handle;
use uuid::Uuid;
use vouchsafe_core::exchange::{Fields, Prepared};

use super::{
    pages::Pages,
    select::{Select, leaf_row},
};
use crate::{
    StoreError,
    ledger::LedgerWrite,
    sqlite::{Commit, LeafRow, NewRow},
};

/// One commit's transaction.
pub(super) struct Write<'t> {
    handle: &'t Handle,
    select: Select<'t>,
    pages: &'t Pages,
    first_row_seq: u64,
    written: RefCell<Written>,
}

/// What a job has written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The newest commit before it.
    pub before: Option<Commit>,
    /// The rows, from the first free number on.
    pub rows: Vec<(u64, Prepared)>,
    pub ids: HashSet<Uuid>,
    pub leaves: BTreeMap<u64, Vec<u8>>,
    pub tiles: HashMap<(u8, u64), Arc<[u8]>>,
    pub pages: HashMap<u64, Arc<[u8]>>,
    /// Pages that were there already.
    pub pages_read: HashMap<u64, Arc<[u8]>>,
    pub commit: Option<Commit>,
}

impl<'t> Write<'t> {
    pub fn begin(handle: &'t Handle, select: Select<'t>, pages: &'t Pages) -> Result<Self, StoreError> {
        let (before, first_row_seq) =
            handle.block_on(async { tokio::try_join!(select.newest_commit(), select.row_count()) })?;
        let written = RefCell::new(Written { before, ..Written::default() });
        Ok(Self { handle, select, pages, first_row_seq, written })
    }

    pub fn into_written(self) -> Written {
        self.written.into_inner()
    }
}

impl LedgerWrite for Write<'_> {
    fn newest_commit(&self) -> Result<Option<Commit>, StoreError> {
        let written = self.written.borrow();
        Ok(written.commit.as_ref().or(written.before.as_ref()).cloned())
    }

    fn row_count(&self) -> Result<u64, StoreError> {
        Ok(self.first_row_seq + self.written.borrow().rows.len() as u64)
    }

    fn leaf(&self, leaf_index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.written.borrow().leaves.get(&leaf_index) {
            Some(leaf) => Ok(Some(leaf.clone())),
            None => self.handle.block_on(self.select.leaf(leaf_index)),
        }
    }

    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, StoreError> {
        match self.written.borrow().tiles.get(&(level, n)) {
            Some(hashes) => Ok(Some(hashes.clone())),
            None => self.handle.block_on(self.select.tile(level, n)),
        }
    }

    fn map_page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut written = self.written.borrow_mut();
        let known = written.pages.get(&number).or_else(|| written.pages_read.get(&number)).cloned();
        if let Some(nodes) = known.or_else(|| self.pages.get(written.before.as_ref(), number)) {
            return Ok(Some(nodes.to_vec()));
        }
        let nodes = self.handle.block_on(self.select.map_page(number))?;
        if let Some(nodes) = &nodes {
            written.pages_read.insert(number, nodes.as_slice().into());
        }
        Ok(nodes)
    }

    fn rows_from(&self, first: u64, each: &mut dyn FnMut(LeafRow) -> Result<(), StoreError>) -> Result<(), StoreError> {
        // Rows come with their commit, so that the table has some without a leaf only after somebody meddled.
        let mut rows = Vec::new();
        if first < self.first_row_seq {
            rows = self.handle.block_on(self.select.leaf_rows(first))?;
        }
        for (row_seq, new) in self.written.borrow().rows.iter().filter(|(row_seq, _)| *row_seq >= first) {
            rows.push(leaf_row(*row_seq, new.row_hash, new.row.clone()));
        }
        rows.into_iter().try_for_each(each)
    }

    /// A row is refused for an id that is there already, or is none.
    fn insert_rows(&self, rows: &[Prepared]) -> Result<Vec<Option<NewRow>>, StoreError> {
        let ids: Vec<Option<Uuid>> = rows.iter().map(|row| Uuid::try_parse(&row.row.id).ok()).collect();
        let asked: Vec<Uuid> = ids.iter().flatten().copied().collect();
        let known = self.handle.block_on(self.select.known_ids(&asked))?;
        let mut written = self.written.borrow_mut();
        written.ids.extend(known);
        let mut new = Vec::with_capacity(rows.len());
        for (prepared, id) in rows.iter().zip(ids) {
            let Some(id) = id.filter(|id| !written.ids.contains(id)) else {
                new.push(None);
                continue;
            };
            let row_seq = self.first_row_seq + written.rows.len() as u64;
            written.ids.insert(id);
            // Nothing here keeps bodies; the table has them.
            let Prepared { row, row_hash, row_key, .. } = prepared.clone();
            written.rows.push((row_seq, Prepared { row, row_hash, row_key, fields: Fields::default() }));
            new.push(Some(NewRow { row_seq, row_hash }));
        }
        Ok(new)
    }

    fn put_leaf(&self, leaf_index: u64, leaf: &[u8]) -> Result<(), StoreError> {
        self.written.borrow_mut().leaves.insert(leaf_index, leaf.to_vec());
        Ok(())
    }

    fn put_tile(&self, level: u8, n: u64, hashes: &[u8]) -> Result<(), StoreError> {
        self.written.borrow_mut().tiles.insert((level, n), hashes.into());
        Ok(())
    }

    fn put_map_page(&self, number: u64, nodes: &[u8]) -> Result<(), StoreError> {
        self.written.borrow_mut().pages.insert(number, nodes.into());
        Ok(())
    }

    fn put_commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.written.borrow_mut().commit = Some(commit.clone());
        Ok(())
    }
}
