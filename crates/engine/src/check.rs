//! The check of a bundle that stands alone, as JSON: what it proves, or why it proves nothing.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use vouchsafe_core::{
    row::Row,
    verdict::{CheckpointOut, Covers, ProofForm},
};
use vouchsafe_ledger::{Bundle, BundleError, CheckedBundle, CheckedRow, Checkpoint, VerifierKey};

use crate::EngineError;

/// What a check says; all keys are always present.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked<'b> {
    ok: bool,
    covers: Option<Covers>,
    form: Option<ProofForm>,
    rows: Vec<RowOut<'b>>,
    checkpoint: Option<CheckpointOut>,
    reason: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowOut<'b> {
    index: String,
    row_seq: String,
    time_us: String,
    row: &'b Row,
    /// By name, in base64.
    fields: BTreeMap<&'static str, String>,
}

/// Checks a bundle's text with verifier keys alone, and compares it with nothing; the answer is JSON:
/// `{ ok, covers, form, rows, checkpoint, reason }`, where `reason` is a code and a sentence.
///
/// # Errors
/// `INVALID_OPTION` with the key `verifierKeys` where one of the keys cannot be read.
pub fn check_bundle(text: &str, keys: &[String]) -> Result<String, EngineError> {
    let keys = keys.iter().map(|key| VerifierKey::parse(key)).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(|error| EngineError {
        key: Some("verifierKeys".into()),
        ..EngineError::new("INVALID_OPTION", error.to_string())
    })?;
    let mut checkpoint = None;
    let bundle = Bundle::parse(text);
    let checked = bundle.as_ref().map_err(BundleError::clone).and_then(|bundle| check(bundle, &keys, &mut checkpoint));
    let failed = |error: BundleError| Checked {
        ok: false,
        covers: None,
        form: None,
        rows: Vec::new(),
        checkpoint: None,
        reason: Some(format!("{}: {error}", error.code())),
    };
    let answer = Checked { checkpoint, ..checked.unwrap_or_else(failed) };
    Ok(serde_json::to_string(&answer).expect("what was checked is plain data"))
}

fn check<'b>(
    bundle: &'b Bundle,
    keys: &[VerifierKey],
    opened: &mut Option<CheckpointOut>,
) -> Result<Checked<'b>, BundleError> {
    let (checkpoint, seal) = bundle.anchor(keys)?;
    *opened = bundle.checkpoint.as_deref().map(|note| checkpoint_out(&checkpoint, note));
    let CheckedBundle { rows, covers, form } = bundle.check(&checkpoint, seal)?;
    if covers.is_none() {
        return Err(BundleError::Incomplete("the proof has no rows and shows no absence".into()));
    }
    let rows = rows.iter().map(row_out).collect();
    Ok(Checked { ok: true, covers, form, rows, checkpoint: None, reason: None })
}

fn checkpoint_out(checkpoint: &Checkpoint, note: &str) -> CheckpointOut {
    CheckpointOut {
        origin: checkpoint.origin.clone(),
        size: checkpoint.size.to_string(),
        root: STANDARD.encode(checkpoint.root),
        note: note.to_owned(),
    }
}

fn row_out<'b>(checked: &CheckedRow<'b>) -> RowOut<'b> {
    RowOut {
        index: checked.index.to_string(),
        row_seq: checked.row_seq.to_string(),
        time_us: checked.time_us.to_string(),
        row: checked.row,
        fields: checked.fields.iter().map(|(field, given)| (field.name(), STANDARD.encode(&given.bytes))).collect(),
    }
}
