//! Retention at once, without an engine.

use std::path::Path;

use serde::Serialize;
use vouchsafe_store::{owner::Owner, sqlite::Retention};

use crate::{EngineError, runtime::now_us};

/// What was let go.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pruned {
    rows: u64,
    bytes_before: u64,
    bytes_after: u64,
}

/// Deletes bodies and row keys that are older than `days`, or all of them from the oldest on until the database holds
/// at most `max_bytes`. Rows that are not committed yet keep theirs.
///
/// # Errors
/// `STORE_NOT_FOUND`; `STORE_LOCKED` where another engine has the folder to itself; the store's own.
pub fn prune_store(dir: &Path, days: f64, max_bytes: u64) -> Result<Pruned, EngineError> {
    let database = super::database(dir)?;
    let _owner = Owner::enter(dir)?;
    let mut writer = database.writer()?;
    let sizes = || super::read(dir, |reader| Ok(reader.sizes()?));
    let before = sizes()?;
    let mut after = before;
    loop {
        // A slice that is not full may still be followed by rows that are due: rows end in another order than they begin.
        while writer.prune(&Retention { days, max_bytes }, now_us())? {}
        let left = sizes()?;
        if left.whole_rows == after.whole_rows {
            break;
        }
        after = left;
    }
    writer.close()?;
    Ok(Pruned {
        rows: before.whole_rows - after.whole_rows,
        bytes_before: before.used_bytes,
        bytes_after: after.used_bytes,
    })
}
