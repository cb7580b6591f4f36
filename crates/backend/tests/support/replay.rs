//! The map as the rows have it, made without any of its pages.

use std::collections::BTreeMap;

use vouchsafe_core::{hash::Hash, tag::map_keys};
use vouchsafe_ledger::{
    Appender, EMPTY_MAP_ROOT, leaf_hash,
    map::{MapValue, bit, inner_hash, leaf_hash as map_leaf_hash, parting_bit},
};
use vouchsafe_store::sqlite::Reader;

/// The root of the map of the first `rows` rows.
pub fn map_root(reader: &Reader, rows: u64) -> Result<Hash, String> {
    let mut lists: BTreeMap<Hash, (u64, Appender)> = BTreeMap::new();
    for row_seq in 0..rows {
        let index = reader.leaf_index(row_seq).map_err(|error| error.to_string())?.ok_or("a row has no leaf")?;
        let stored = reader.row(row_seq).map_err(|error| error.to_string())?.ok_or("a row is missing")?;
        for key in map_keys(&stored.row) {
            let (last_index, log) = lists.entry(key).or_default();
            log.push(leaf_hash(&index.to_be_bytes()));
            *last_index = index;
        }
    }
    let value = |(last_index, log): (u64, Appender)| MapValue { count: log.size(), last_index, root: log.root() };
    Ok(root(&lists.into_iter().map(|(key, list)| (key, value(list))).collect::<Vec<_>>()))
}

fn root(sorted: &[(Hash, MapValue)]) -> Hash {
    match sorted {
        [] => EMPTY_MAP_ROOT,
        [(key, value)] => map_leaf_hash(key, &value.encode()),
        [(first, _), .., (last, _)] => {
            let parting = parting_bit(first, last).expect("keys differ");
            let (left, right) = sorted.split_at(sorted.partition_point(|(key, _)| !bit(key, parting)));
            inner_hash(parting, &root(left), &root(right))
        }
    }
}
