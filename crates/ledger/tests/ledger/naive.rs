//! Trees and the map computed naively from all that is in them: slow, and independent of what is tested.

use std::collections::BTreeMap;
use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::map::{self, MapValue};
use vouchsafe_ledger::{EMPTY_ROOT, MapAnswer, MapLeaf, leaf_hash, node_hash};

/// RFC 9162 §2.1.1, word for word.
pub fn tree_root(leaf_hashes: &[Hash]) -> Hash {
    match leaf_hashes {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaf_hashes.split_at(leaf_hashes.len().next_power_of_two() / 2);
            node_hash(&tree_root(left), &tree_root(right))
        }
    }
}

/// RFC 9162 §2.1.3.1, word for word.
pub fn inclusion_proof(index: usize, leaf_hashes: &[Hash]) -> Vec<Hash> {
    if leaf_hashes.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaf_hashes.split_at(leaf_hashes.len().next_power_of_two() / 2);
    let (near, far, inside) = match index.checked_sub(left.len()) {
        Some(inside) => (right, left, inside),
        None => (left, right, index),
    };
    let mut proof = inclusion_proof(inside, near);
    proof.push(tree_root(far));
    proof
}

/// The roots of the complete subtrees of a tree, largest first.
pub fn frontier(mut leaf_hashes: &[Hash]) -> Vec<Hash> {
    let mut roots = Vec::new();
    while !leaf_hashes.is_empty() {
        let (subtree, rest) = leaf_hashes.split_at(1 << leaf_hashes.len().ilog2());
        roots.push(tree_root(subtree));
        leaf_hashes = rest;
    }
    roots
}

/// The map from keys to the leaf indices of their rows, ascending.
#[derive(Debug, Clone, Default)]
pub struct Map {
    pub rows: BTreeMap<Hash, Vec<u64>>,
    /// What it has for a key in the place of what it should have.
    pub lies: BTreeMap<Hash, Vec<u8>>,
}

type Entry = (Hash, Vec<u8>);

impl Map {
    fn entries(&self) -> Vec<Entry> {
        let value = |indices: &Vec<u64>| {
            let leaves: Vec<Hash> = indices.iter().map(|index| leaf_hash(&index.to_be_bytes())).collect();
            let last_index = *indices.last().expect("a key has rows");
            MapValue { count: indices.len() as u64, last_index, root: tree_root(&leaves) }.encode().to_vec()
        };
        let mut entries: BTreeMap<_, _> = self.rows.iter().map(|(key, indices)| (*key, value(indices))).collect();
        entries.extend(self.lies.clone());
        entries.into_iter().collect()
    }

    pub fn root(&self) -> Hash {
        node(&self.entries())
    }

    /// What the map says of a key, with its proof.
    pub fn answer(&self, key: &Hash) -> MapAnswer {
        let entries = self.entries();
        let mut here = &entries[..];
        let mut path = Vec::new();
        while let Some((index, left, right)) = parted(here) {
            let (near, far) = if map::bit(key, index) { (right, left) } else { (left, right) };
            path.push((index, node(far)));
            here = near;
        }
        path.reverse();
        let found = here.first().cloned();
        let value = found.as_ref().filter(|(found, _)| found == key).map(|(_, value)| value.clone());
        let other = found.filter(|(found, _)| found != key).map(|(k, v)| MapLeaf { k, v });
        MapAnswer { value, path, other }
    }
}

/// Where the keys of a sorted list part, and both sides.
fn parted(entries: &[Entry]) -> Option<(u8, &[Entry], &[Entry])> {
    let (first, last) = (entries.first()?, entries.last()?);
    let index = map::parting_bit(&first.0, &last.0)?;
    let (left, right) = entries.split_at(entries.partition_point(|(key, _)| !map::bit(key, index)));
    Some((index, left, right))
}

fn node(entries: &[Entry]) -> Hash {
    match (parted(entries), entries) {
        (Some((index, left, right)), _) => map::inner_hash(index, &node(left), &node(right)),
        (None, [(key, value)]) => map::leaf_hash(key, value),
        (None, _) => EMPTY_ROOT,
    }
}
