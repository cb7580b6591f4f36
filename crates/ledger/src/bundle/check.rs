//! What a bundle proves, checked offline: only the checkpoint's signer is believed.

use vouchsafe_core::commitment::commit;
use vouchsafe_core::hash::Hash;
use vouchsafe_core::row::Row;
use vouchsafe_core::verdict::{Covers, ProofForm};

use super::{Bundle, BundleRow, DisclosedFields, SealProof, complete::cover};
use crate::checkpoint::Checkpoint;
use crate::key::VerifierKey;
use crate::leaf::{RowLeaf, Seal};
use crate::note::NoteError;
use crate::tree::leaf_hash;
use crate::verify::{ProofError, verify_inclusion};

/// Why a bundle proves nothing, or proves that something was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not of its form, or an answer to another question: says nothing about the rows.
    #[error("{0}")]
    Malformed(String),
    /// A part is not there: says nothing about the rows.
    #[error("the proof has no {0}")]
    Missing(&'static str),
    /// A row, a field or the seal does not match the tree that was signed. A garbled proof looks the same from outside.
    #[error("{0} does not match the signed log")]
    Mismatch(String),
    /// It does not show what it is for: rows are left out, or nothing is shown at all.
    #[error("{0}")]
    Incomplete(String),
    /// The checkpoint is not accepted.
    #[error(transparent)]
    Checkpoint(#[from] NoteError),
}

impl BundleError {
    /// A stable code: `malformed`, `missing`, `unknown_signer`, `invalid_signature`, `mismatch` or `incomplete`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Checkpoint(NoteError::Malformed(_)) => "malformed",
            Self::Missing(_) => "missing",
            Self::Checkpoint(NoteError::UnknownSigner(_)) => "unknown_signer",
            Self::Checkpoint(NoteError::InvalidSignature(_)) => "invalid_signature",
            Self::Mismatch(_) => "mismatch",
            Self::Incomplete(_) => "incomplete",
        }
    }

    /// Whether this is evidence of a change (verdict `proof_invalid`): a [`Mismatch`](Self::Mismatch), or a known key's
    /// signature that fails. All else leaves the claim `unverifiable`.
    #[must_use]
    pub fn is_proof_invalid(&self) -> bool {
        matches!(self, Self::Mismatch(_) | Self::Checkpoint(NoteError::InvalidSignature(_)))
    }
}

/// A row that is in the log, as are those of its fields that are disclosed.
#[derive(Debug, Clone, Copy)]
pub struct CheckedRow<'b> {
    /// The leaf's index in the log.
    pub index: u64,
    /// The row's number among the log's rows.
    pub row_seq: u64,
    /// The leaf's time, in µs since 1970; the seal's time less this is the row's age.
    pub time_us: u64,
    /// The row.
    pub row: &'b Row,
    /// Its disclosed fields.
    pub fields: &'b DisclosedFields,
}

/// What a bundle proves under a checkpoint.
#[derive(Debug, Clone)]
pub struct CheckedBundle<'b> {
    /// The rows; none, if the bundle has none.
    pub rows: Vec<CheckedRow<'b>>,
    /// What the bundle shows of the rows that are not in it; `None` for a bundle that proves nothing at all, which has
    /// neither rows nor a proof that there are none.
    pub covers: Option<Covers>,
    /// How it shows that, where it goes beyond the rows.
    pub form: Option<ProofForm>,
}

/// A bundle that stands alone, with all that was checked.
#[derive(Debug, Clone)]
pub struct OpenedBundle<'b> {
    /// The checkpoint, signed by a known key.
    pub checkpoint: Checkpoint,
    /// The checkpoint's seal.
    pub seal: Seal,
    /// As in [`CheckedBundle`].
    pub rows: Vec<CheckedRow<'b>>,
    /// As in [`CheckedBundle`].
    pub covers: Option<Covers>,
    /// As in [`CheckedBundle`].
    pub form: Option<ProofForm>,
}

impl Bundle {
    /// Checks a bundle that stands alone, by its own checkpoint and seal.
    pub fn open(&self, known: &[VerifierKey]) -> Result<OpenedBundle<'_>, BundleError> {
        let (checkpoint, seal) = self.anchor(known)?;
        let seal = seal.check(&checkpoint)?;
        let CheckedBundle { rows, covers, form } = self.check_sealed(&checkpoint, &seal)?;
        Ok(OpenedBundle { checkpoint, seal, rows, covers, form })
    }

    /// The checkpoint of a bundle that stands alone, signed by a known key, and its seal, which is still to be checked.
    pub fn anchor(&self, known: &[VerifierKey]) -> Result<(Checkpoint, &SealProof), BundleError> {
        let note = self.checkpoint.as_ref().ok_or(BundleError::Missing("checkpoint"))?;
        let seal = self.seal.as_ref().ok_or(BundleError::Missing("seal"))?;
        Ok((Checkpoint::open(note, known)?, seal))
    }

    /// Checks that every row answers the query and is in the checkpoint's log at the index it names, that every
    /// disclosed field is the row's, and what the bundle shows of rows that are not here: by the map that the seal
    /// commits to, by the log's newest leaves, or nothing.
    ///
    /// The caller has opened `checkpoint` with keys that it trusts.
    pub fn check(&self, checkpoint: &Checkpoint, seal: &SealProof) -> Result<CheckedBundle<'_>, BundleError> {
        self.check_sealed(checkpoint, &seal.check(checkpoint)?)
    }

    fn check_sealed(&self, checkpoint: &Checkpoint, seal: &Seal) -> Result<CheckedBundle<'_>, BundleError> {
        if !self.rows.is_sorted_by(|left, right| left.index < right.index) {
            return Err(BundleError::Malformed("the rows are not in the order of the log".to_owned()));
        }
        let rows = self.rows.iter().map(|row| row.check(checkpoint)).collect::<Result<Vec<_>, _>>()?;
        let (covers, form) = cover(self, checkpoint, seal)?;
        Ok(CheckedBundle { rows, covers, form })
    }
}

impl SealProof {
    /// Checks that this is the last leaf of the checkpoint's tree, and decodes it.
    pub fn check(&self, checkpoint: &Checkpoint) -> Result<Seal, BundleError> {
        if self.index.checked_add(1) != Some(checkpoint.size) {
            return Err(BundleError::Malformed(format!("the seal at {} is not the last leaf", self.index)));
        }
        let seal = Seal::decode(&self.leaf).map_err(|error| BundleError::Malformed(error.to_string()))?;
        check_leaf(&self.leaf, self.index, &self.proof, checkpoint, || "the seal".to_owned())?;
        Ok(seal)
    }
}

impl BundleRow {
    fn check(&self, checkpoint: &Checkpoint) -> Result<CheckedRow<'_>, BundleError> {
        let Self { index, row_seq, time_us, ref row, ref fields, ref proof } = *self;
        let leaf = RowLeaf::of(row, row_seq, time_us).encode();
        check_leaf(&leaf, index, proof, checkpoint, || format!("row {}", row.id))?;
        for (field, disclosed) in fields.iter() {
            if row.commitment(field) != Some(commit(&disclosed.key, &disclosed.bytes)) {
                return Err(BundleError::Mismatch(format!("the {} of row {}", field.name(), row.id)));
            }
        }
        Ok(CheckedRow { index, row_seq, time_us, row, fields })
    }
}

fn check_leaf(
    leaf: &[u8],
    index: u64,
    proof: &[Hash],
    checkpoint: &Checkpoint,
    what: impl FnOnce() -> String,
) -> Result<(), BundleError> {
    verify_inclusion(&leaf_hash(leaf), index, checkpoint.size, proof, &checkpoint.root).map_err(|error| match error {
        ProofError::RootMismatch => BundleError::Mismatch(what()),
        // How many hashes there must be follows from index and size alone.
        ProofError::OutOfRange | ProofError::WrongLength => BundleError::Malformed(format!("{}: {error}", what())),
    })
}
