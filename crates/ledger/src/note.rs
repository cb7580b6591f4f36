//! Signed notes (C2SP signed-note): a text, a blank line, and a line `— <name> base64(key id ‖ signature)` per signature.

use crate::encoding::{base64, parse_base64};
use crate::key::{SigningKey, VerifierKey, is_name};

/// A note that at least one known key has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedNote<'n, 'k> {
    /// What was signed, with its final line feed.
    pub text: &'n str,
    /// The known keys that signed it, each once.
    pub signers: Vec<&'k VerifierKey>,
}

/// Why a note, or the checkpoint in it, is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The note or its text is not of its form.
    #[error("not a signed checkpoint: {0}")]
    Malformed(&'static str),
    /// A known key is named, and the signature is not its own.
    #[error("the signature of {0} does not verify")]
    InvalidSignature(String),
    /// No known key has signed; lists who claims to have, as `<name>+<key id>`, the start of their vkeys.
    #[error("signed by no known key, but by {}", .0.join(", "))]
    UnknownSigner(Vec<String>),
}

/// Signs a text, which ends with a line feed and has no other control characters.
#[must_use]
pub fn sign(text: &str, key: &SigningKey) -> String {
    let signature = [key.verifier().id().as_slice(), &key.sign(text)].concat();
    format!("{text}\n— {} {}\n", key.name(), base64(&signature))
}

/// Checks a note's signatures. Signatures of unknown keys are ignored; a bad one of a known key rejects the note.
pub fn open<'n, 'k>(note: &'n str, known: &'k [VerifierKey]) -> Result<OpenedNote<'n, 'k>, NoteError> {
    if note.contains(|c: char| c < ' ' && c != '\n') {
        return Err(NoteError::Malformed("a control character"));
    }
    let end = note.rfind("\n\n").ok_or(NoteError::Malformed("no blank line before the signatures"))?;
    let (text, block) = (&note[..=end], &note[end + 2..]);
    let lines = block.strip_suffix('\n').ok_or(NoteError::Malformed("no signature, or no line feed after the last"))?;
    let mut signers = Vec::new();
    let mut unknown = Vec::new();
    for line in lines.split('\n') {
        let (name, id, signature) = parse_signature(line).ok_or(NoteError::Malformed("a bad signature line"))?;
        let Some(key) = known.iter().find(|key| key.name() == name && key.id() == id) else {
            unknown.push(format!("{name}+{}", hex::encode(id)));
            continue;
        };
        // Once is enough: a note must not make its reader verify the same key again and again.
        if signers.contains(&key) {
            continue;
        }
        if !key.verifies(text, &signature) {
            return Err(NoteError::InvalidSignature(name.to_owned()));
        }
        signers.push(key);
    }
    if signers.is_empty() { Err(NoteError::UnknownSigner(unknown)) } else { Ok(OpenedNote { text, signers }) }
}

fn parse_signature(line: &str) -> Option<(&str, [u8; 4], Vec<u8>)> {
    let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
    let decoded = parse_base64(encoded)?;
    let (id, signature) = decoded.split_first_chunk()?;
    (is_name(name) && !signature.is_empty()).then(|| (name, *id, signature.to_vec()))
}
