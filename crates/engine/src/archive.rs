//! A folder's whole log, without an engine and without the signing key: exported, proven row by row, audited.

use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use vouchsafe_backend::archive::{self, ArchiveError, AuditOptions, Finding, own_key};
use vouchsafe_ledger::VerifierKey;
use vouchsafe_store::sqlite::{Database, Reader, Readers};

use crate::EngineError;

/// What a log is read with.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArchiveOptions {
    /// Verifier keys that may have signed the log, beside the folder's own.
    pub keys: Vec<String>,
    /// The file of the folder's own key; `<dir>/key` where absent. It may be missing where `keys` are given.
    pub key_file: Option<PathBuf>,
    /// The note of an older checkpoint that the log must extend; for an audit only.
    pub since: Option<String>,
}

/// Is told how many leaves are done, of how many.
pub type Progress<'a> = &'a dyn Fn(u64, u64);

/// Writes the log into `out` as tlog-tiles: `{ origin, size, root, files, bytes }`.
pub fn export_log(dir: &Path, out: &Path, options: &ArchiveOptions, progress: Progress) -> Result<String, EngineError> {
    read(dir, options, |reader, known| {
        let exported = archive::export(reader, out, known, progress)?;
        let archive::Exported { checkpoint, files, bytes } = exported;
        Ok(json!({
            "origin": checkpoint.origin,
            "size": checkpoint.size.to_string(),
            "root": STANDARD.encode(checkpoint.root),
            "files": files,
            "bytes": bytes,
        }))
    })
}

/// The proof of one row: `{ file, leaf }`, the text of a `.tlog-proof` file and the leaf in base64.
pub fn proof_file(dir: &Path, row_id: &str, options: &ArchiveOptions) -> Result<String, EngineError> {
    read(dir, options, |reader, known| {
        let proof = archive::proof_file(reader, row_id, known)?;
        Ok(json!({ "file": proof.file.to_string(), "leaf": STANDARD.encode(proof.leaf) }))
    })
}

/// Replays the log and reports as JSON what is wrong with it.
pub fn audit_log(dir: &Path, options: &ArchiveOptions, progress: Progress) -> Result<String, EngineError> {
    read(dir, options, |reader, known| {
        let audit_options = AuditOptions { known: known.to_vec(), since: options.since.clone() };
        let report = archive::audit(reader, &audit_options, progress)?;
        Ok(json!({
            "ok": report.findings_total == 0,
            "origin": report.origin,
            "size": report.size.to_string(),
            "root": STANDARD.encode(report.root),
            "rows": report.rows,
            "seals": report.seals,
            "keys": report.keys,
            "since": report.since.map(|since| json!({ "size": since.size.to_string(), "extends": since.extends })),
            "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
            "findingsTotal": report.findings_total,
            "elapsedMs": u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
        }))
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code.as_str(),
        "index": finding.index.map(|index| index.to_string()),
        "rowSeq": finding.row_seq.map(|row_seq| row_seq.to_string()),
        "rowId": finding.row_id,
        "message": finding.message,
    })
}

/// Reads a folder's store within one snapshot, with the keys that may have signed its log.
fn read(
    dir: &Path,
    options: &ArchiveOptions,
    read: impl FnOnce(&Reader, &[VerifierKey]) -> Result<Value, ArchiveError>,
) -> Result<String, EngineError> {
    if !dir.join("vouchsafe.db").is_file() {
        return Err(EngineError::new("STORE_NOT_FOUND", format!("there is no store in {}", dir.display())));
    }
    let invalid = |error: &dyn std::fmt::Display| EngineError {
        key: Some("keys".into()),
        ..EngineError::new("INVALID_OPTION", error.to_string())
    };
    let given = options.keys.iter().map(|key| VerifierKey::parse(key).map_err(|error| invalid(&error)));
    let mut known = given.collect::<Result<Vec<_>, _>>()?;
    let file = options.key_file.clone().unwrap_or_else(|| dir.join("key"));
    known.extend(own_key(&file)?.filter(|own| !known.contains(own)));
    if known.is_empty() {
        let message = format!("the signing key {} is missing: give the log's public key", file.display());
        return Err(EngineError::new("KEY_UNUSABLE", message));
    }
    let value = Readers::new(Database::in_folder(dir)).with(|reader| {
        let shipped = reader.shipped().map_err(ArchiveError::from)?.is_some();
        let own = reader.newest_commit().map_err(ArchiveError::from)?.map_or(0, |commit| commit.rows_covered());
        if shipped && own == 0 {
            return Err(elsewhere());
        }
        read(reader, &known).map_err(|error| match error.into() {
            // It may well be committed, and not here.
            EngineError { code, .. } if shipped && code == "ROW_NOT_COMMITTED" => elsewhere(),
            error => error,
        })
    })?;
    Ok(value.to_string())
}

fn elsewhere() -> EngineError {
    EngineError::new(
        "LOG_ELSEWHERE",
        "rows of this folder are copied to Postgres and committed there: their log is the one that `vouchsafe serve` keeps \
         under `logs` in its store, for each table one (name it with --dir), or is in that Postgres itself",
    )
}

impl From<ArchiveError> for EngineError {
    fn from(error: ArchiveError) -> Self {
        let key = matches!(error, ArchiveError::Since(_)).then(|| "since".into());
        Self { key, ..Self::new(error.code(), error.to_string()) }
    }
}
