//! A map whose pages are kept in memory, and the same map as a plain list of keys.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::map::{
    MapEditor, MapError, MapStore, MapValue, bit, inner_hash, leaf_hash, parting_bit, prove, root,
};
use vouchsafe_ledger::{Appender, EMPTY_MAP_ROOT};

#[derive(Default)]
pub struct MemoryPages {
    pub pages: HashMap<u64, Vec<u8>>,
    /// The number of every page that was read.
    pub reads: RefCell<Vec<u64>>,
}

impl MapStore for MemoryPages {
    type Error = Infallible;

    fn page(&self, number: u64) -> Result<Option<Vec<u8>>, Infallible> {
        self.reads.borrow_mut().push(number);
        Ok(self.pages.get(&number).cloned())
    }
}

/// The leaf indices that each key lists.
pub type Lists = BTreeMap<Hash, Vec<u64>>;

/// A stored map beside what it has to say.
pub struct Both {
    pub pages: MemoryPages,
    pub root: Hash,
    pub lists: Lists,
}

impl Default for Both {
    fn default() -> Self {
        Self { pages: MemoryPages::default(), root: EMPTY_MAP_ROOT, lists: Lists::default() }
    }
}

impl Both {
    /// Adds rows as one commit.
    pub fn commit(&mut self, rows: &[(Hash, u64)]) -> Result<(), MapError<Infallible>> {
        let mut editor = MapEditor::new(&self.pages, self.root);
        for (key, index) in rows {
            editor.add(key, *index)?;
        }
        let update = editor.finish();
        self.root = update.root;
        self.pages.pages.extend(update.pages);
        for (key, index) in rows {
            self.lists.entry(*key).or_default().push(*index);
        }
        Ok(())
    }

    /// The stored map says of every key what the lists say, and of these keys, if they are not listed, that they are not.
    pub fn check(&self, absent: &[Hash]) {
        assert_eq!(self.root, naive_root(&leaves(&self.lists)));
        assert_eq!(root(&self.pages).unwrap(), self.root);
        for (key, indices) in &self.lists {
            let proof = prove(&self.pages, key).unwrap();
            assert_eq!(proof.value, Some(value(indices).encode().to_vec()));
            proof.verify(&self.root, key).unwrap();
        }
        for key in absent.iter().filter(|key| !self.lists.contains_key(*key)) {
            let proof = prove(&self.pages, key).unwrap();
            assert_eq!(proof.value, None);
            proof.verify(&self.root, key).unwrap();
        }
    }
}

/// What a key with these rows maps to.
pub fn value(indices: &[u64]) -> MapValue {
    let mut log = Appender::default();
    for index in indices {
        log.push(vouchsafe_ledger::leaf_hash(&index.to_be_bytes()));
    }
    MapValue { count: indices.len() as u64, last_index: *indices.last().unwrap(), root: log.root() }
}

fn leaves(lists: &Lists) -> Vec<(Hash, Vec<u8>)> {
    lists.iter().map(|(key, indices)| (*key, value(indices).encode().to_vec())).collect()
}

/// The root of a map, from its sorted leaves.
pub fn naive_root(leaves: &[(Hash, Vec<u8>)]) -> Hash {
    match leaves {
        [] => EMPTY_MAP_ROOT,
        [(key, value)] => leaf_hash(key, value),
        [(first, _), .., (last, _)] => {
            let parting = parting_bit(first, last).unwrap();
            let (left, right) = leaves.split_at(leaves.partition_point(|(key, _)| !bit(key, parting)));
            inner_hash(parting, &naive_root(left), &naive_root(right))
        }
    }
}
