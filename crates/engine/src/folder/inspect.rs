//! Facts about a folder's store and key; whoever asked judges them.

use std::{fs, path::Path};

use serde::Serialize;
use vouchsafe_ledger::{Checkpoint, Seal, VerifierKey};
use vouchsafe_store::{
    owner::{Holder, holders},
    sqlite::{FORMAT, Interval},
};

use crate::EngineError;

/// What there is to know of a store. Times are µs since 1970.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreFacts {
    format: Option<String>,
    known_format: String,
    complaints: Vec<String>,
    holders: Vec<HolderFacts>,
    database_bytes: u64,
    used_bytes: u64,
    wal_bytes: u64,
    rows: u64,
    whole_rows: u64,
    newest_row_us: Option<u64>,
    newest_seal_us: Option<u64>,
    checkpoint: Option<CheckpointFacts>,
    coverage: Option<CoverageFacts>,
    gaps: u64,
    /// How many rows were copied to Postgres and are committed there; null where the folder commits its own.
    shipped_rows: Option<u64>,
}

/// A process that entered itself as one that has the folder open.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HolderFacts {
    pid: u32,
    engine: String,
    mode: String,
    alive: bool,
}

/// The newest checkpoint.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckpointFacts {
    size: String,
    root: String,
    note: String,
}

/// A stretch in which a recorder watched.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CoverageFacts {
    since_us: u64,
    until_us: u64,
    channels: Vec<String>,
}

/// A signing key, as far as it may be shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyFacts {
    origin: String,
    vkey: String,
    /// Whether it signed the store's newest checkpoint; null where there is none.
    fits: Option<bool>,
    /// How many leaves the log has; null where there is no checkpoint.
    size: Option<String>,
    /// Whether new rows are committed to another log, in Postgres, which this key does not sign.
    elsewhere: bool,
}

/// Looks at a folder's store.
///
/// # Errors
/// `STORE_NOT_FOUND`; the store's own.
pub fn inspect_store(dir: &Path) -> Result<StoreFacts, EngineError> {
    let length = |name: &str| fs::metadata(dir.join(name)).map_or(0, |file| file.len());
    let holders = super::database(dir).and_then(|_| Ok(holders(dir)?))?;
    super::read(dir, |reader| {
        let format = reader.format()?;
        let complaints = reader.complaints()?;
        let sizes = reader.sizes()?;
        let commit = reader.newest_commit()?;
        let seal = commit.as_ref().map(|commit| reader.leaf(commit.size.saturating_sub(1))).transpose()?.flatten();
        Ok(StoreFacts {
            format,
            known_format: FORMAT.to_string(),
            complaints,
            holders: holders.into_iter().map(HolderFacts::of).collect(),
            database_bytes: length("vouchsafe.db"),
            used_bytes: sizes.used_bytes,
            wal_bytes: length("vouchsafe.db-wal"),
            rows: sizes.rows,
            whole_rows: sizes.whole_rows,
            newest_row_us: sizes.newest_row_us,
            newest_seal_us: seal.and_then(|leaf| Seal::decode(&leaf).ok()).map(|seal| seal.time_us),
            checkpoint: commit.map(|commit| CheckpointFacts {
                size: commit.size.to_string(),
                root: base64_of(&commit.root),
                note: commit.note,
            }),
            coverage: reader.newest_coverage()?.map(CoverageFacts::of),
            gaps: reader.gaps_since(0)?,
            shipped_rows: reader.shipped()?.map(|shipped| shipped.rows),
        })
    })
}

/// Reads the signing key of a folder, from `key_file` where it is kept elsewhere.
///
/// # Errors
/// `KEY_UNUSABLE`; the store's own.
pub fn read_key(dir: &Path, key_file: Option<&Path>) -> Result<KeyFacts, EngineError> {
    let key = vouchsafe_backend::read_key(key_file.unwrap_or(&dir.join("key")))?;
    let found = super::read(dir, |reader| Ok((reader.newest_commit()?, reader.shipped()?.is_some())));
    let (commit, elsewhere) = match found {
        Err(error) if error.code == "STORE_NOT_FOUND" => (None, false),
        found => found?,
    };
    let known = [key.verifier()];
    Ok(KeyFacts {
        origin: key.name().to_owned(),
        vkey: key.verifier().to_string(),
        fits: commit.as_ref().map(|commit| Checkpoint::open(&commit.note, &known).is_ok()),
        size: commit.map(|commit| commit.size.to_string()),
        elsewhere,
    })
}

/// Reads a vkey and gives the name that is in it.
///
/// # Errors
/// `KEY_UNUSABLE` where it is none, or no log's.
pub fn read_vkey(vkey: &str) -> Result<String, EngineError> {
    let unusable = |message: String| EngineError::new("KEY_UNUSABLE", message);
    let key = VerifierKey::parse(vkey).map_err(|error| unusable(error.to_string()))?;
    if !key.is_log_key() {
        return Err(unusable(format!("`{vkey}` is a witness's key: it says when a log was seen, not what is in it")));
    }
    Ok(key.name().to_owned())
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

impl HolderFacts {
    fn of(holder: Holder) -> Self {
        Self { alive: holder.is_alive(), pid: holder.pid, engine: holder.engine, mode: holder.mode }
    }
}

impl CoverageFacts {
    fn of(interval: Interval) -> Self {
        let Interval { since_us, until_us, channels } = interval;
        Self { since_us, until_us, channels }
    }
}
