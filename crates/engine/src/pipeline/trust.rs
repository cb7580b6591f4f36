//! What of a handoff's checkpoint can be believed, before any claim is looked at.

use base64::{Engine, engine::general_purpose::STANDARD};
use vouchsafe_core::verdict::Reason;
use vouchsafe_ledger::{Checkpoint, NoteError, Seal, SealProof, VerifierKey, verify_consistency};

use crate::{
    handoff::Consistency,
    options::{After, EvaluateOptions},
};

/// What proofs stand under, as it was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor<'h> {
    pub note: Option<&'h str>,
    pub seal: Option<&'h SealProof>,
    pub consistency: Option<&'h Consistency>,
}

/// A checkpoint that a trusted key signed, with its seal.
#[derive(Debug, Clone)]
pub(super) struct Trusted<'h> {
    pub checkpoint: Checkpoint,
    pub note: &'h str,
    pub seal: Seal,
    pub seal_proof: &'h SealProof,
}

/// The reason and the sentence that hold for every claim alike.
pub(super) type Refusal = (Reason, String);

fn unverifiable(message: impl Into<String>) -> Refusal {
    (Reason::Unverifiable, message.into())
}

/// Opens a checkpoint with the trusted keys and checks seal, age and history.
pub(super) fn trust<'h>(
    anchor: Anchor<'h>,
    keys: &[VerifierKey],
    options: &EvaluateOptions,
    now_us: u64,
) -> Result<Trusted<'h>, Refusal> {
    let note = anchor.note.ok_or_else(|| unverifiable("The payload has no checkpoint."))?;
    let checkpoint = Checkpoint::open(note, keys).map_err(|error| match error {
        NoteError::InvalidSignature(_) => {
            (Reason::ProofInvalid, format!("The checkpoint is not what was signed: {error}."))
        }
        NoteError::UnknownSigner(signers) => unverifiable(format!(
            "The checkpoint is signed by {}, which is not among the trusted keys; trust it first if you know it.",
            signers.join(", ")
        )),
        NoteError::Malformed(_) => unverifiable(format!("The checkpoint cannot be read: {error}.")),
    })?;
    let seal_proof = anchor.seal.ok_or_else(|| unverifiable("The payload's seal is missing or malformed."))?;
    // A broken seal says nothing about any row, so it accuses nobody.
    let seal = seal_proof
        .check(&checkpoint)
        .map_err(|error| unverifiable(format!("The payload's seal is not usable: {error}.")))?;
    if let Some(after) = &options.after {
        extends(anchor.consistency, &checkpoint, after).map_err(|why| {
            unverifiable(format!("The checkpoint is not shown to extend the one given as `after`: {why}."))
        })?;
    }
    if let Some(age) = too_old(&seal, options, now_us) {
        return Err((Reason::Stale, format!("The checkpoint is {age}.")));
    }
    Ok(Trusted { checkpoint, note, seal, seal_proof })
}

/// How old a checkpoint is, where that is more than the options allow.
pub(super) fn too_old(seal: &Seal, options: &EvaluateOptions, now_us: u64) -> Option<String> {
    let most = options.max_checkpoint_age_ms?;
    #[expect(clippy::cast_precision_loss, reason = "an age in ms")]
    let age = (now_us.saturating_sub(seal.time_us) / 1_000) as f64;
    (age > most).then(|| format!("{age} ms old, more than the {most} ms allowed"))
}

fn extends(consistency: Option<&Consistency>, checkpoint: &Checkpoint, after: &After) -> Result<(), String> {
    let hash = |text: &str| -> Result<[u8; 32], String> {
        let bytes = STANDARD.decode(text).map_err(|_| "a hash is no base64".to_owned())?;
        bytes.try_into().map_err(|_| "a hash is not of 32 bytes".to_owned())
    };
    let (size, root) = (after.size.parse::<u64>().map_err(|_| "its size is no number".to_owned())?, hash(&after.root)?);
    if after.origin != checkpoint.origin {
        return Err(format!("it is of the log {}", checkpoint.origin));
    }
    if size > checkpoint.size {
        return Err(format!("it is older, of size {}", checkpoint.size));
    }
    let proof = match consistency {
        Some(given) if given.size == after.size => {
            given.proof.iter().map(|text| hash(text)).collect::<Result<Vec<_>, _>>()?
        }
        _ if size == checkpoint.size => Vec::new(),
        _ => return Err("the payload has no consistency proof for it; build it with the same `after`".into()),
    };
    verify_consistency(size, &root, checkpoint.size, &checkpoint.root, &proof).map_err(|error| error.to_string())
}
