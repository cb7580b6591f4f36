//! One row's leaf and its proof, as a file that other logs' tools read.

use vouchsafe_ledger::{ProofFile, RowLeaf, VerifierKey, log::inclusion_proof};
use vouchsafe_store::sqlite::Reader;

use super::ArchiveError;
use crate::{BackendError, embedded::tiles::ReadTiles};

/// A leaf with the proof that it is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafProof {
    /// The proof; displays as the text of a `.tlog-proof` file.
    pub file: ProofFile,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
}

/// The proof that the row with this id is in the log, under the newest checkpoint; it has been verified.
pub fn proof_file(reader: &Reader, row_id: &str, known: &[VerifierKey]) -> Result<LeafProof, ArchiveError> {
    reader.check_format()?;
    let row_seq = reader.row_seq(row_id)?.ok_or_else(|| ArchiveError::RowNotFound(row_id.to_owned()))?;
    let stored = reader.row(row_seq)?.ok_or_else(|| ArchiveError::RowNotFound(row_id.to_owned()))?;
    let index = reader.leaf_index(row_seq)?.ok_or_else(|| ArchiveError::RowNotCommitted(row_id.to_owned()))?;
    let newest = reader.newest_commit()?.ok_or_else(|| ArchiveError::corrupt("it has no checkpoint"))?;
    let leaf = reader.leaf(index)?.ok_or_else(|| ArchiveError::corrupt(format!("leaf {index} is missing")))?;
    let proof = inclusion_proof(&ReadTiles(reader), index, newest.size).map_err(BackendError::from)?;
    let file = ProofFile { index, proof, checkpoint: newest.note };
    file.verify(&leaf, known).map_err(|error| ArchiveError::corrupt(format!("leaf {index} is not proven: {error}")))?;
    let is_rows = RowLeaf::decode(&leaf).is_ok_and(|leaf| leaf == RowLeaf::of(&stored.row, row_seq, leaf.time_us));
    if is_rows { Ok(LeafProof { file, leaf }) } else { Err(ArchiveError::corrupt(format!("row {row_id} was changed"))) }
}
