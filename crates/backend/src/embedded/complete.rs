//! What shows that an answer is complete: the map's word for a key, or the log's last leaves.

use vouchsafe_core::{hash::Hash, query::Query};
use vouchsafe_ledger::{
    MapAnswer, MapLeaf, RowLeaf, Scan, TileCache, leaf_hash,
    log::frontier,
    map::{self, MapProof, MapValue},
};
use vouchsafe_store::ledger::LedgerRead;

use super::{
    answer::{damaged, proven_leaf},
    pages::ReadPages,
    tiles::ReadTiles,
};
use crate::{At, BackendError, QueryRecord};

/// The longest tail of the log that is shown instead of what the map says: about as many bytes as the map's proof in a
/// log of a million rows, and no trust in the map is needed.
const SCAN_LEAVES: u64 = 4;

/// What the map says of a key, checked against the sealed root, so that what fails here is the store's fault.
pub(super) fn lookup(reader: &dyn LedgerRead, key: &Hash, root: &Hash) -> Result<MapProof, BackendError> {
    let proof = map::prove(&ReadPages(reader), key)?;
    proof.verify(root, key).map_err(|_| damaged("the pages of the map do not add up to the sealed root".into()))?;
    Ok(proof)
}

/// Makes sure that the row which the map lists last is among the rows, whatever its columns say by now: a changed one has
/// to fail at its leaf, and not to be missing.
pub(super) fn add_listed(
    reader: &dyn LedgerRead,
    cache: &TileCache,
    listed: &MapProof,
    at: &At,
    rows: &mut Vec<u64>,
    limit: u32,
) -> Result<(), BackendError> {
    let Some(last) = last_listed(listed)? else { return Ok(()) };
    if let Some(newest) = rows.last()
        && reader.leaf_index(*newest)? == Some(last)
    {
        return Ok(());
    }
    let (leaf, _) = proven_leaf(reader, cache, last, at)?;
    let leaf = RowLeaf::decode(&leaf).map_err(|error| damaged(format!("leaf {last}: {error}")))?;
    if let Err(place) = rows.binary_search(&leaf.row_seq) {
        rows.insert(place, leaf.row_seq);
        rows.drain(..rows.len().saturating_sub(limit as usize));
    }
    Ok(())
}

/// The leaf index of the newest row that the map lists under the key.
fn last_listed(listed: &MapProof) -> Result<Option<u64>, BackendError> {
    let value = |bytes: &Vec<u8>| {
        MapValue::decode(bytes).ok_or_else(|| damaged("the map holds something else under a key".into()))
    };
    Ok(listed.value.as_ref().map(value).transpose()?.map(|value| value.last_index))
}

/// What the map says, as a bundle has it.
pub(super) fn map_answer(listed: MapProof) -> MapAnswer {
    let other = listed.other.map(|other| MapLeaf { k: other.key, v: other.value });
    MapAnswer { value: listed.value, path: listed.path, other }
}

/// The log's leaves from the answering row on (from the first where there is none), where they are few and show by
/// themselves that no later row answers.
pub(super) fn scan(
    reader: &dyn LedgerRead,
    cache: &TileCache,
    record: &QueryRecord,
    newest: Option<u64>,
) -> Result<Option<Scan>, BackendError> {
    if !matches!(record.query, Query::Action { .. } | Query::Agent { .. }) {
        return Ok(None);
    }
    let checkpoint = &record.at.checkpoint;
    let begin = newest.unwrap_or_default();
    // Where rows and map disagree it is the map that has to be shown.
    let agree = record.map.as_ref().map(last_listed).transpose()? == Some(newest);
    if !agree || checkpoint.size - begin > SCAN_LEAVES {
        return Ok(None);
    }
    let leaves: Vec<_> = reader.leaves(begin, checkpoint.size)?.into_iter().map(|(_, leaf)| leaf).collect();
    let tiles = ReadTiles(reader);
    let before = frontier(&cache.over(&tiles), begin)?;
    let mut log = before.clone();
    for leaf in &leaves {
        log.push(leaf_hash(leaf));
    }
    if (log.size(), log.root()) != (checkpoint.size, checkpoint.root) {
        return Err(damaged(format!("the leaves from {begin} on do not add up to the signed root")));
    }
    let may_answer = |leaf: &Vec<u8>| RowLeaf::decode(leaf).is_ok_and(|leaf| leaf.may_answer(&record.query));
    let is_clear = !leaves.iter().skip(usize::from(newest.is_some())).any(may_answer);
    Ok(is_clear.then(|| Scan { frontier: before.hashes().to_vec(), leaves }))
}
