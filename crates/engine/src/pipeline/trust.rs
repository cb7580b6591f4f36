//! What of a handoff's checkpoint can be believed, before any claim is looked at.

use base64::{Engine, engine::general_purpose::STANDARD};
use vouchsafe_core::verdict::Reason;
use vouchsafe_ledger::{Checkpoint, NoteError, Seal, SealProof, VerifierKey, verify_consistency};

use crate::{
    handoff::Handoff,
    options::{After, EvaluateOptions},
};

/// A checkpoint that a trusted key signed, with its seal.
pub(super) struct Trusted<'h> {
    pub checkpoint: Checkpoint,
    pub seal: Seal,
    pub seal_proof: &'h SealProof,
}

type Refusal = (Reason, String);

fn unverifiable(message: impl Into<String>) -> Refusal {
    (Reason::Unverifiable, message.into())
}

/// Opens the checkpoint with the trusted keys and checks seal, age and history; else the reason that holds for every
/// claim alike.
pub(super) fn trust<'h>(
    handoff: &'h Handoff,
    keys: &[VerifierKey],
    options: &EvaluateOptions,
    now_us: u64,
) -> Result<Trusted<'h>, Refusal> {
    let note = handoff.checkpoint.as_deref().ok_or_else(|| unverifiable("The payload has no checkpoint."))?;
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
    let seal_proof =
        handoff.seal.as_ref().ok_or_else(|| unverifiable("The payload's seal is missing or malformed."))?;
    // A broken seal says nothing about any row, so it accuses nobody.
    let seal = seal_proof
        .check(&checkpoint)
        .map_err(|error| unverifiable(format!("The payload's seal is not usable: {error}.")))?;
    if let Some(after) = &options.after {
        extends(handoff, &checkpoint, after).map_err(|why| {
            unverifiable(format!("The checkpoint is not shown to extend the one given as `after`: {why}."))
        })?;
    }
    if let Some(most) = options.max_checkpoint_age_ms {
        #[expect(clippy::cast_precision_loss, reason = "an age in ms")]
        let age = (now_us.saturating_sub(seal.time_us) / 1_000) as f64;
        if age > most {
            return Err((Reason::Stale, format!("The checkpoint is {age} ms old, more than the {most} ms allowed.")));
        }
    }
    Ok(Trusted { checkpoint, seal, seal_proof })
}

fn extends(handoff: &Handoff, checkpoint: &Checkpoint, after: &After) -> Result<(), String> {
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
    let proof = match &handoff.consistency {
        Some(given) if given.size == after.size => {
            given.proof.iter().map(|text| hash(text)).collect::<Result<Vec<_>, _>>()?
        }
        _ if size == checkpoint.size => Vec::new(),
        _ => return Err("the payload has no consistency proof for it; build it with the same `after`".into()),
    };
    verify_consistency(size, &root, checkpoint.size, &checkpoint.root, &proof).map_err(|error| error.to_string())
}
