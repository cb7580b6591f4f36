//! Checkpoints: the size and root of a log, signed (C2SP tlog-checkpoint).

use vouchsafe_core::hash::Hash;

use crate::encoding::{base64, parse_decimal, parse_hash};
use crate::key::{SigningKey, VerifierKey};
use crate::note::{self, NoteError};

/// The state of a log: everything proven is proven under one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, which is the name of the key that signs for it.
    pub origin: String,
    /// How many leaves the log has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed: origin, decimal size, base64 root, a line each.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64(&self.root))
    }

    /// Reads the text of a checkpoint. Extension lines, which we never write, are allowed and left out.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let lines = text.strip_suffix('\n').ok_or(NoteError::Malformed("no line feed at the end"))?;
        let mut lines = lines.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(NoteError::Malformed("no origin"))?;
        let size = lines.next().and_then(parse_decimal).ok_or(NoteError::Malformed("no canonical decimal size"))?;
        let root = lines.next().and_then(parse_hash).ok_or(NoteError::Malformed("no root of 32 bytes in base64"))?;
        if lines.any(str::is_empty) {
            return Err(NoteError::Malformed("an empty extension line"));
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// The signed note.
    ///
    /// # Panics
    /// If the key is not the origin's own: it would sign for another log.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        assert_eq!(self.origin, key.name(), "a log's checkpoints are signed by the key of its origin");
        note::sign(&self.text(), key)
    }

    /// Reads a signed note; one of the known keys must be the log's own, named as the origin says.
    pub fn open(note: &str, known: &[VerifierKey]) -> Result<Self, NoteError> {
        let opened = note::open(note, known)?;
        let checkpoint = Self::parse(opened.text)?;
        if !opened.signers.iter().any(|key| key.is_log_key() && key.name() == checkpoint.origin) {
            return Err(NoteError::UnknownSigner(vec![checkpoint.origin]));
        }
        Ok(checkpoint)
    }
}
