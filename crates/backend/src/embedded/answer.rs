//! Answers: proofs and rows under one state of the log, read so that damage in the store is told from a changed row.

use vouchsafe_core::{
    commitment::Field,
    row::{Row, Source},
};
use vouchsafe_ledger::{
    Bundle, BundleRow, DisclosedField, DisclosedFields, RowLeaf, SealProof, TileCache, leaf_hash,
    log::{consistency_proof, inclusion_proof, leaf_hash_at},
    verify_inclusion,
};
use vouchsafe_store::{ledger::LedgerRead, sqlite::StoredRow};

use super::{complete, tiles::ReadTiles};
use crate::{Answer, At, BackendError, QueryRecord};

pub(crate) fn damaged(what: String) -> BackendError {
    BackendError::Corrupt(what)
}

/// A stored leaf with its proof, all of it checked against the signed root, so that what fails here is the store's
/// fault and never the row's.
pub(crate) fn proven_leaf(
    reader: &dyn LedgerRead,
    cache: &TileCache,
    index: u64,
    at: &At,
) -> Result<(Vec<u8>, Vec<[u8; 32]>), BackendError> {
    let tiles = ReadTiles(reader);
    let tiles = cache.over(&tiles);
    let leaf = reader.leaf(index)?.ok_or_else(|| damaged(format!("leaf {index} is missing")))?;
    let hash = leaf_hash(&leaf);
    if leaf_hash_at(&tiles, index)? != hash {
        return Err(damaged(format!("leaf {index} is not the one that its tile holds")));
    }
    let size = at.checkpoint.size;
    let proof = inclusion_proof(&tiles, index, size)?;
    verify_inclusion(&hash, index, size, &proof, &at.checkpoint.root)
        .map_err(|_| damaged(format!("the tiles above leaf {index} do not add up to the signed root")))?;
    Ok((leaf, proof))
}

pub(crate) fn prove(reader: &dyn LedgerRead, cache: &TileCache, record: &QueryRecord) -> Result<Answer, BackendError> {
    let at = &record.at;
    let mut proofs = Vec::with_capacity(record.rows.len());
    for &row_seq in &record.rows {
        let index = reader.leaf_index(row_seq)?.ok_or_else(|| damaged(format!("row {row_seq} has no leaf")))?;
        let (leaf, proof) = proven_leaf(reader, cache, index, at)?;
        let leaf = RowLeaf::decode(&leaf).map_err(|error| damaged(format!("leaf {index}: {error}")))?;
        if leaf.row_seq != row_seq {
            return Err(damaged(format!("leaf {index} belongs to row {}, not to row {row_seq}", leaf.row_seq)));
        }
        proofs.push((index, proof));
    }
    let scan = complete::scan(reader, cache, record, proofs.last().map(|(index, _)| *index))?;
    let map = if scan.is_some() { None } else { record.map.clone().map(complete::map_answer) };
    Ok(Answer { proofs, map, scan })
}

pub(super) fn fetch(reader: &dyn LedgerRead, record: &QueryRecord, answer: Answer) -> Result<Bundle, BackendError> {
    let mut rows = Vec::with_capacity(record.rows.len());
    for (&row_seq, (index, proof)) in record.rows.iter().zip(answer.proofs) {
        let stored = reader.row(row_seq)?.ok_or_else(|| damaged(format!("row {row_seq} is missing")))?;
        let time_us = leaf_time(reader, &stored.row, index)?;
        rows.push(bundle_row(stored, index, time_us, proof));
    }
    let mut bundle = Bundle::new(record.query.clone(), rows);
    (bundle.map, bundle.scan) = (answer.map, answer.scan);
    Ok(bundle)
}

/// The leaf's time is the row's own where we recorded; a changed row then fails at its leaf, as it should. Where somebody
/// else did, only the leaf knows it.
fn leaf_time(reader: &dyn LedgerRead, row: &Row, index: u64) -> Result<u64, BackendError> {
    if row.source != Source::Postgres {
        return Ok(row.ended_us);
    }
    let leaf = reader.leaf(index)?.and_then(|leaf| RowLeaf::decode(&leaf).ok());
    Ok(leaf.ok_or_else(|| damaged(format!("leaf {index} is missing")))?.time_us)
}

/// A row with what it discloses: all fields that are there, where their key is.
pub(crate) fn bundle_row(stored: StoredRow, index: u64, time_us: u64, proof: Vec<[u8; 32]>) -> BundleRow {
    let StoredRow { row_seq, row, row_key, fields, .. } = stored;
    let disclose = |field: Field, bytes: Option<Vec<u8>>| {
        let key = row_key.as_ref()?.field_key(field);
        Some(DisclosedField { bytes: bytes?, key })
    };
    let fields = DisclosedFields {
        response: disclose(Field::Response, fields.response),
        request: disclose(Field::Request, fields.request),
        request_headers: disclose(Field::RequestHeaders, fields.request_headers),
        response_headers: disclose(Field::ResponseHeaders, fields.response_headers),
        url: disclose(Field::Url, fields.url),
    };
    BundleRow { index, row_seq, time_us, row, fields, proof }
}

pub(crate) fn seal(reader: &dyn LedgerRead, cache: &TileCache, at: &At) -> Result<SealProof, BackendError> {
    let index = at.checkpoint.size - 1;
    let (leaf, proof) = proven_leaf(reader, cache, index, at)?;
    Ok(SealProof { index, leaf, proof })
}

pub(super) fn consistency(
    reader: &dyn LedgerRead,
    cache: &TileCache,
    size: u64,
    at: &At,
) -> Result<Vec<[u8; 32]>, BackendError> {
    let tiles = ReadTiles(reader);
    Ok(consistency_proof(&cache.over(&tiles), size, at.checkpoint.size)?)
}
