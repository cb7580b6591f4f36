//! What the table says today of what was committed.

use std::collections::HashMap;

use vouchsafe_core::{hash::Hash, intercept::Intercept};
use vouchsafe_ledger::{BundleRow, RowLeaf};
use vouchsafe_store::{ledger::LedgerRead, postgres::Found, sqlite::StoredRow};

use super::{TableBackend, TableRow};
use crate::{
    Answer, BackendError, QueryRecord,
    embedded::answer::{bundle_row, damaged},
};

/// Why a row is not what was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It was edited; says what is known of how.
    Changed(String),
    /// It was deleted.
    Gone,
}

impl Fault {
    /// The fault in a sentence about a row.
    #[must_use]
    pub fn describe(&self, id: &str) -> String {
        match self {
            Self::Changed(how) => format!("row {id} is not what was committed: {how}"),
            Self::Gone => format!("row {id} was committed and is gone"),
        }
    }
}

/// A row as it was committed, with its proof.
pub(super) struct Committed {
    stored: StoredRow,
    index: u64,
    leaf: RowLeaf,
    proof: Vec<Hash>,
}

impl Committed {
    /// The row's id.
    pub fn id(&self) -> &str {
        &self.stored.row.id
    }
}

/// Reads what the ledger's store has of a record's rows, whose leaves were proven in the same snapshot.
pub(super) fn committed(
    reader: &dyn LedgerRead,
    record: &QueryRecord,
    answer: &mut Answer,
) -> Result<Vec<Committed>, BackendError> {
    let mut rows = Vec::with_capacity(record.rows.len());
    for (&row_seq, (index, proof)) in record.rows.iter().zip(std::mem::take(&mut answer.proofs)) {
        let stored = reader.row(row_seq)?.ok_or_else(|| damaged(format!("row {row_seq} is missing")))?;
        let leaf = reader.leaf(index)?.and_then(|leaf| RowLeaf::decode(&leaf).ok());
        let leaf = leaf.ok_or_else(|| damaged(format!("leaf {index} is missing")))?;
        // Before anybody is accused of an edit.
        if stored.row.hash() != leaf.row_hash {
            return Err(damaged(format!("row {row_seq} of the ledger's own store is not the one of its leaf")));
        }
        rows.push(Committed { stored, index, leaf, proof });
    }
    Ok(rows)
}

impl TableBackend {
    /// The rows as they are in the table now, and those of the committed ones that this says something of: where they are
    /// more than is read at once, the oldest are left out of the answer, as where it has more rows than its limit.
    pub(super) async fn current(
        &self,
        mut committed: Vec<Committed>,
    ) -> Result<(Vec<Committed>, Vec<Intercept>), BackendError> {
        let ids: Vec<String> = committed.iter().rev().map(|row| row.id().to_owned()).collect();
        let Found { rows, left_out } =
            if ids.is_empty() { Found::default() } else { self.intercepts.by_ids(&ids).await? };
        // All before the newest one that did not fit, also one that was deleted: the answer is a tail of what there is.
        let cut = committed.iter().rposition(|row| left_out.iter().any(|id| id == row.id())).map_or(0, |at| at + 1);
        if cut > 0 && cut == committed.len() {
            return Err(BackendError::Unsupported("an answer with a row of more than 32 MiB"));
        }
        committed.drain(..cut);
        Ok((committed, rows))
    }
}

/// Puts what the table says today in the place of what was committed: the rows of the answer, and of its bundle those
/// that still can be rows. An edited one is among them and fails at its leaf.
pub(super) fn compare(
    committed: Vec<Committed>,
    current: Vec<Intercept>,
) -> Result<(Vec<TableRow>, Vec<BundleRow>), BackendError> {
    let mut current: HashMap<String, Intercept> = current.into_iter().map(|row| (row.id.clone(), row)).collect();
    let (mut rows, mut proven) = (Vec::with_capacity(committed.len()), Vec::with_capacity(committed.len()));
    for Committed { mut stored, index, leaf, proof } in committed {
        let (row_seq, id) = (stored.row_seq, stored.row.id.clone());
        let current = current.remove(&id);
        let key = stored.row_key.clone().ok_or_else(|| damaged(format!("the key of row {row_seq} is missing")))?;
        let fault = match current.as_ref().map(|row| row.prepare(key)) {
            None => Some(Fault::Gone),
            Some(Err(why)) => Some(Fault::Changed(why)),
            Some(Ok(prepared)) => {
                let how = (prepared.row_hash != leaf.row_hash).then(|| difference(&stored, &prepared.row));
                (stored.row, stored.fields) = (prepared.row, prepared.fields);
                proven.push(bundle_row(stored, index, leaf.time_us, proof));
                how.map(Fault::Changed)
            }
        };
        rows.push(TableRow { row_seq, id, current, fault });
    }
    Ok((rows, proven))
}

/// The columns of the canonical row that differ.
fn difference(stored: &StoredRow, current: &vouchsafe_core::row::Row) -> String {
    let object = |row| serde_json::to_value(row).expect("a row is plain data");
    let (was, is) = (object(&stored.row), object(current));
    let keys = was.as_object().into_iter().flatten().filter(|(key, value)| is.get(key.as_str()) != Some(*value));
    let keys: Vec<&str> = keys.map(|(key, _)| key.as_str()).collect();
    format!("{} changed", keys.join(", "))
}
