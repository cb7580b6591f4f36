//! What a bundle shows of the rows that are not in it: by the map, by the log's newest leaves, or nothing.

use vouchsafe_core::query::Query;
use vouchsafe_core::verdict::{Covers, ProofForm};

use super::{Bundle, BundleError, BundleRow, MapAnswer, Scan};
use crate::checkpoint::Checkpoint;
use crate::frontier::Frontier;
use crate::leaf::{RowLeaf, Seal};
use crate::map::{MapProof, MapProofError, MapValue, OtherLeaf};
use crate::tree::leaf_hash;

/// A scan's leaves have fewer bytes than this; where the log's tail is longer, the map has to answer.
const MAX_SCAN_BYTES: usize = 65_536;

type Coverage = (Option<Covers>, Option<ProofForm>);

fn malformed(why: impl Into<String>) -> BundleError {
    BundleError::Malformed(why.into())
}

fn incomplete(why: &str) -> BundleError {
    BundleError::Incomplete(why.to_owned())
}

/// Checks everything about a bundle but its seal and its rows, which are known to be in the log.
pub(super) fn cover(bundle: &Bundle, checkpoint: &Checkpoint, seal: &Seal) -> Result<Coverage, BundleError> {
    let Bundle { query, rows, map, scan, .. } = bundle;
    let value = match (map, scan) {
        (Some(_), Some(_)) => return Err(malformed("both a map's answer and a scan")),
        (Some(map), None) => map.check(query, seal)?,
        (None, Some(scan)) => {
            scan.check(query, checkpoint)?;
            None
        }
        (None, None) => None,
    };
    // So late because a changed row may be selected no more, and then the change is what has to be said.
    if let Some(row) = rows.iter().find(|row| !query.selects(&row.row)) {
        return Err(malformed(format!("row {} is no answer to the query", row.row.id)));
    }
    match scan {
        _ if map.is_some() => Ok((Some(by_map(query, rows, value)?), Some(ProofForm::Map))),
        Some(scan) => Ok((Some(scan.cover(query, rows, checkpoint.size)?), Some(ProofForm::Scan))),
        None => Ok(((!rows.is_empty()).then_some(Covers::Row), None)),
    }
}

impl MapAnswer {
    /// What the map has under the query's key.
    fn check(&self, query: &Query, seal: &Seal) -> Result<Option<MapValue>, BundleError> {
        let key = query.map_key().ok_or_else(|| malformed("a query by row has no answer in the map"))?;
        let other = self.other.as_ref().map(|other| OtherLeaf { key: other.k, value: other.v.clone() });
        let proof = MapProof { value: self.value.clone(), path: self.path.clone(), other };
        proof.verify(&seal.map_root, &key).map_err(|error| match error {
            MapProofError::Malformed(why) => malformed(format!("the map's answer: {why}")),
            MapProofError::RootMismatch => BundleError::Mismatch("the map's answer".to_owned()),
        })?;
        let decode = |value: &Vec<u8>| MapValue::decode(value).ok_or_else(|| malformed("the map's value is none"));
        self.value.as_ref().map(decode).transpose()
    }
}

/// Compares the rows with what the map has under their key. A row that the map should list and does not shows that
/// whoever signed it is lying.
fn by_map(query: &Query, rows: &[BundleRow], value: Option<MapValue>) -> Result<Covers, BundleError> {
    let contradicts = |how: &str| BundleError::Mismatch(format!("the map, which {how},"));
    let leaves_out = |row: &BundleRow| contradicts(&format!("leaves out row {}", row.row.id));
    let Some(last) = rows.last() else {
        return match value {
            None => Ok(Covers::Absence),
            Some(_) => Err(incomplete("the map has an answer, and the proof has no rows")),
        };
    };
    let value = value.ok_or_else(|| leaves_out(last))?;
    if last.index > value.last_index {
        return Err(leaves_out(last));
    }
    if last.index < value.last_index {
        return Err(incomplete("a later exchange is left out"));
    }
    let count = rows.len() as u64;
    if count > value.count {
        return Err(contradicts("counts fewer rows"));
    }
    if count < value.count || !matches!(query, Query::Call { .. } | Query::ToolCall { .. }) {
        return Ok(Covers::Latest);
    }
    let mut listed = Frontier::default();
    for row in rows {
        listed.push(leaf_hash(&row.index.to_be_bytes()));
    }
    if listed.root() == value.root { Ok(Covers::Call) } else { Err(contradicts("lists other rows")) }
}

impl Scan {
    /// Checks that these are the last leaves of the checkpoint's log.
    fn check(&self, query: &Query, checkpoint: &Checkpoint) -> Result<(), BundleError> {
        let Self { frontier, leaves } = self;
        if !matches!(query, Query::Action { .. } | Query::Agent { .. }) {
            return Err(malformed("leaves tell only of an agent and its actions"));
        }
        let begin = checkpoint.size.checked_sub(leaves.len() as u64);
        let begin =
            begin.filter(|_| !leaves.is_empty()).ok_or_else(|| malformed("a scan of no leaves, or too many"))?;
        if leaves.iter().map(Vec::len).sum::<usize>() >= MAX_SCAN_BYTES {
            return Err(malformed(format!("a scan of {MAX_SCAN_BYTES} bytes or more")));
        }
        if !leaves.iter().all(|leaf| RowLeaf::decode(leaf).is_ok() || Seal::decode(leaf).is_ok()) {
            return Err(malformed("a scanned leaf that is neither a row's nor a seal"));
        }
        let mut log = Frontier::new(begin, frontier.clone())
            .ok_or_else(|| malformed("a scan with more or fewer subtrees before it than there are"))?;
        for leaf in leaves {
            log.push(leaf_hash(leaf));
        }
        if log.root() == checkpoint.root {
            Ok(())
        } else {
            Err(BundleError::Mismatch("the scan of the newest leaves".to_owned()))
        }
    }

    fn cover(&self, query: &Query, rows: &[BundleRow], size: u64) -> Result<Covers, BundleError> {
        let begin = size - self.leaves.len() as u64;
        let may_answer = |leaf: &Vec<u8>| RowLeaf::decode(leaf).is_ok_and(|leaf| leaf.may_answer(query));
        let newest = (begin..).zip(&self.leaves).filter(|(_, leaf)| may_answer(leaf)).map(|(index, _)| index).last();
        match rows.last() {
            None if begin > 0 => Err(incomplete("the scan does not reach back to the first leaf")),
            None if newest.is_some() => Err(incomplete("the scan has an answer, and the proof has no rows")),
            None => Ok(Covers::Absence),
            Some(last) if last.index < begin => Err(incomplete("the scan does not reach back to the newest row")),
            Some(last) if newest.is_some_and(|newest| newest > last.index) => {
                Err(incomplete("a later exchange is left out"))
            }
            Some(_) => Ok(Covers::Latest),
        }
    }
}
