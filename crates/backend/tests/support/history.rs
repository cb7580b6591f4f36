//! What was acknowledged, and the check that a store still has all of it.

use std::{path::Path, sync::Arc};

use vouchsafe_backend::{At, Backend};
use vouchsafe_core::{
    commitment::{Field, commit},
    query::Query,
};
use vouchsafe_ledger::{Appender, RowLeaf, Seal, leaf_hash, verify_consistency};
use vouchsafe_store::sqlite::{Database, Reader, StoredRow};

use super::{Opened, exchange, map_root};

/// What a store has promised.
#[derive(Default)]
pub struct History {
    /// The numbers in the responses of all rows that were acknowledged, ascending.
    pub rows: Vec<u64>,
    /// Size and root of every checkpoint that was handed out.
    pub checkpoints: Vec<(u64, [u8; 32])>,
}

/// The response of the row number `n`: longer than a sector, sometimes than a page.
pub fn response(n: u64) -> String {
    format!("row {n} {}", "evidence ".repeat(usize::try_from(n * 7 % 601).expect("small")))
}

impl History {
    pub fn hand_out(&mut self, at: &At) {
        self.checkpoints.push((at.checkpoint.size, at.checkpoint.root));
    }

    /// Opens the store as the next process would, and checks all of it. The store ends with a new commit and closed.
    pub fn check(&mut self, dir: &Path, next: u64) -> Result<(), String> {
        let opened = Opened::new(dir, None).map_err(|error| format!("it does not open: {error}"))?;
        if let Some(damage) = opened.ledger.damage() {
            return Err(format!("it opens damaged: {damage}"));
        }
        self.check_rows(&opened.database)?;
        opened.writer.record(exchange("agent", &response(next)));
        let at = opened.commit().map_err(|error| format!("a new commit fails: {error}"))?;
        self.rows.push(next);
        self.check_extension(&opened, &at)?;
        self.hand_out(&at);
        let (bundle, seal) =
            opened.ask(Query::Agent { agent: "agent".into(), run: None }, &at).map_err(|error| error.to_string())?;
        bundle.check(&at.checkpoint, &seal).map_err(|error| format!("a new bundle: {error}"))?;
        opened.close();
        Ok(())
    }

    fn check_extension(&self, opened: &Opened, at: &Arc<At>) -> Result<(), String> {
        let roots = roots(&opened.database)?;
        for (size, root) in &self.checkpoints {
            if usize::try_from(*size).ok().and_then(|size| roots.get(size)) != Some(root) {
                return Err(format!("the checkpoint of size {size} is lost"));
            }
        }
        if roots.last() != Some(&at.checkpoint.root) {
            return Err("the leaves do not add up to the newest checkpoint".into());
        }
        // The proof that others get says the same.
        let Some((size, root)) = self.checkpoints.last() else { return Ok(()) };
        let proof =
            opened.runtime.block_on(opened.backend.consistency(*size, at)).map_err(|error| error.to_string())?;
        verify_consistency(*size, root, at.checkpoint.size, &at.checkpoint.root, &proof)
            .map_err(|error| format!("no extension of size {size}: {error}"))
    }

    /// Every row can be read and is whole, in the order of recording, and none that was acknowledged is missing.
    fn check_rows(&self, database: &Database) -> Result<(), String> {
        let reader = database.reader().map_err(|error| error.to_string())?;
        let mut acknowledged = self.rows.iter().peekable();
        let mut last = None;
        for row_seq in 0.. {
            let Some(stored) = row(&reader, row_seq)? else { break };
            let n = check_row(&stored)?;
            if last.is_some_and(|last| last >= n) {
                return Err(format!("row {n} is out of order"));
            }
            last = Some(n);
            acknowledged.next_if_eq(&&n);
        }
        acknowledged.next().map_or(Ok(()), |n| Err(format!("row {n} was acknowledged and is lost")))
    }
}

fn row(reader: &Reader, row_seq: u64) -> Result<Option<StoredRow>, String> {
    reader.row(row_seq).map_err(|error| format!("row {row_seq}: {error}"))
}

/// The row is as it was hashed, its response is the one that was recorded, and its key fits. Returns its number.
fn check_row(stored: &StoredRow) -> Result<u64, String> {
    let torn = |what: &str| format!("row {} has another {what}", stored.row_seq);
    let bytes = stored.fields.response.as_deref().ok_or_else(|| torn("response"))?;
    let text = std::str::from_utf8(bytes).map_err(|_| torn("response"))?;
    let n = text.split(' ').nth(1).and_then(|n| n.parse().ok()).ok_or_else(|| torn("response"))?;
    if text != response(n) {
        return Err(torn("response"));
    }
    let key = stored.row_key.as_ref().ok_or_else(|| torn("key"))?;
    if Some(commit(&key.field_key(Field::Response), bytes)) != stored.row.c_response {
        return Err(torn("key"));
    }
    if stored.row.hash() == stored.row_hash { Ok(n) } else { Err(torn("hash")) }
}

/// Recomputes the leaves from their rows, and from the leaves the root at every size of the log, and the map of them all.
fn roots(database: &Database) -> Result<Vec<[u8; 32]>, String> {
    let reader = database.reader().map_err(|error| error.to_string())?;
    let newest = reader.newest_commit().map_err(|error| error.to_string())?.ok_or("there is no checkpoint")?;
    let mut log = Appender::default();
    let mut roots = vec![log.root()];
    let (mut rows, mut sealed) = (0, None);
    for index in 0..newest.size {
        let leaf = reader.leaf(index).map_err(|error| error.to_string())?.ok_or("a leaf is missing")?;
        if let Ok(leaf) = RowLeaf::decode(&leaf) {
            let stored = row(&reader, leaf.row_seq)?.ok_or("a leaf has no row")?;
            if leaf.row_seq != rows || leaf != RowLeaf::of(&stored.row, rows, stored.row.ended_us) {
                return Err(format!("leaf {index} is not that of row {rows}"));
            }
            if reader.leaf_index(rows).map_err(|error| error.to_string())? != Some(index) {
                return Err(format!("row {rows} is not found at its leaf {index}"));
            }
            rows += 1;
        } else {
            sealed = Some(Seal::decode(&leaf).map_err(|error| format!("leaf {index}: {error}"))?.map_root);
        }
        log.push(leaf_hash(&leaf));
        roots.push(log.root());
    }
    if reader.leaf(newest.size).map_err(|error| error.to_string())?.is_some() {
        return Err("a leaf stands beyond the log".into());
    }
    if sealed != Some(map_root(&reader, rows)?) {
        return Err("the newest seal has another map".into());
    }
    if rows == newest.rows_covered() { Ok(roots) } else { Err("the newest commit names other rows".into()) }
}
