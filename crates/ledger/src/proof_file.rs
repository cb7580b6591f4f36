//! Proof files (`c2sp.org/tlog-proof@v1`): that one leaf is in the log, in a file of its own.

use std::fmt;

use vouchsafe_core::hash::Hash;

use crate::checkpoint::Checkpoint;
use crate::encoding::{base64, parse_base64, parse_decimal, parse_hash};
use crate::key::VerifierKey;
use crate::note::NoteError;
use crate::tree::leaf_hash;
use crate::verify::{ProofError, verify_inclusion};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A leaf's place in the log, its inclusion proof, and the checkpoint that it is proven under; displays as the file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile {
    /// The leaf's index.
    pub index: u64,
    /// The inclusion proof, the leaf's sibling first.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// Why a proof file does not prove its leaf.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// The text is no proof file.
    #[error("not a tlog-proof file")]
    Malformed,
    /// The checkpoint is not accepted.
    #[error(transparent)]
    Checkpoint(#[from] NoteError),
    /// The proof does not lead from the leaf to the checkpoint's root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl ProofFile {
    /// Reads the file's text. A line `extra <base64>`, which we never write, is allowed and left out.
    pub fn parse(text: &str) -> Result<Self, ProofFileError> {
        Self::read(text).ok_or(ProofFileError::Malformed)
    }

    fn read(text: &str) -> Option<Self> {
        let (head, checkpoint) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        if lines.next()? != HEADER {
            return None;
        }
        let mut line = lines.next()?;
        if let Some(extra) = line.strip_prefix("extra ") {
            parse_base64(extra)?;
            line = lines.next()?;
        }
        let index = parse_decimal(line.strip_prefix("index ")?)?;
        let proof = lines.map(parse_hash).collect::<Option<_>>()?;
        Some(Self { index, proof, checkpoint: checkpoint.to_owned() })
    }

    /// Checks that these bytes are the leaf, under a checkpoint that a known key signed, and returns that checkpoint.
    pub fn verify(&self, leaf: &[u8], known: &[VerifierKey]) -> Result<Checkpoint, ProofFileError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, known)?;
        verify_inclusion(&leaf_hash(leaf), self.index, checkpoint.size, &self.proof, &checkpoint.root)?;
        Ok(checkpoint)
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        writeln!(formatter, "{HEADER}\nindex {}", self.index)?;
        for hash in &self.proof {
            writeln!(formatter, "{}", base64(hash))?;
        }
        write!(formatter, "\n{}", self.checkpoint)
    }
}
