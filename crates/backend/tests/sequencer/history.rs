//! What was promised, and the check that all of it holds.

use std::collections::{BTreeSet, HashMap, HashSet};

use tokio_postgres::NoTls;
use uuid::Uuid;
use vouchsafe_backend::At;
use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::{Appender, RowLeaf, Seal, leaf_hash, verify_consistency};
use vouchsafe_store::{
    ledger::{LedgerRead, LedgerStore},
    postgres::PostgresLedger,
};

use crate::{connect, open};

/// What sequencers have handed out.
#[derive(Default)]
pub struct History {
    /// Size and root of every checkpoint.
    pub checkpoints: BTreeSet<(u64, Hash)>,
}

impl History {
    /// Commits what is left, and checks the whole log.
    pub async fn check(self, url: &str, log: Uuid, inserted: HashSet<String>) -> Result<(), String> {
        let backend = open(url, log).await;
        let at = backend.commit().await.map_err(|error| error.to_string())?;
        let checkpoint = &at.checkpoint;
        for (size, root) in &self.checkpoints {
            let proof = backend.consistency(*size, &at).await.map_err(|error| error.to_string())?;
            verify_consistency(*size, root, checkpoint.size, &checkpoint.root, &proof)
                .map_err(|error| format!("the checkpoint of size {size} is of another history: {error}"))?;
        }
        let hints = hints(url).await.map_err(|error| error.to_string())?;
        let ledger = PostgresLedger::open(connect(url), log).await.map_err(|error| error.to_string())?;
        let check = move || {
            let reader = ledger.hold().map_err(|error| error.to_string())?;
            let roots = check_log(&*reader, &at, inserted, &hints)?;
            // What the proofs say, once more and without them: each is the log as it was at its size.
            let lost = self.checkpoints.iter().find(|(size, root)| roots.get(size) != Some(root));
            lost.map_or(Ok(()), |(size, _)| Err(format!("no commit ended at size {size}")))
        };
        tokio::task::spawn_blocking(check).await.expect("nothing panics")
    }
}

/// The table's own hints: which leaf each row has.
async fn hints(url: &str) -> Result<HashMap<String, Option<i64>>, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let rows = client.query("SELECT id::text, leaf_index FROM intercepts", &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Every inserted row has one leaf, which is its own; returns the root at every seal.
fn check_log(
    reader: &dyn LedgerRead,
    at: &At,
    mut inserted: HashSet<String>,
    hints: &HashMap<String, Option<i64>>,
) -> Result<HashMap<u64, Hash>, String> {
    let text = |error: vouchsafe_store::StoreError| error.to_string();
    if hints.len() != inserted.len() {
        return Err(format!("{} rows are in the table, {} were inserted", hints.len(), inserted.len()));
    }
    let (mut log, mut rows, mut roots) = (Appender::default(), 0, HashMap::new());
    for (expected, (index, leaf)) in (0..).zip(reader.leaves(0, at.checkpoint.size + 1).map_err(text)?) {
        if index != expected {
            return Err(format!("leaf {expected} is missing"));
        }
        log.push(leaf_hash(&leaf));
        let Ok(leaf) = RowLeaf::decode(&leaf) else {
            Seal::decode(&leaf).map_err(|error| error.to_string())?;
            roots.insert(log.size(), log.root());
            continue;
        };
        let stored = reader.row(rows).map_err(text)?.ok_or_else(|| format!("row {rows} is missing"))?;
        if (leaf.row_seq, leaf.row_hash) != (rows, stored.row.hash()) {
            return Err(format!("leaf {index} is not that of row {rows}"));
        }
        if !inserted.remove(&stored.row.id) {
            return Err(format!("row {} has two leaves, or was never inserted", stored.row.id));
        }
        if hints[&stored.row.id] != i64::try_from(index).ok() {
            return Err(format!("the hint of row {} is {:?}, not {index}", stored.row.id, hints[&stored.row.id]));
        }
        rows += 1;
    }
    if let Some(lost) = inserted.iter().next() {
        return Err(format!("{} rows have no leaf, one of them {lost}", inserted.len()));
    }
    let is_whole = (log.size(), log.root(), rows) == (at.checkpoint.size, at.checkpoint.root, at.rows);
    if is_whole { Ok(roots) } else { Err("the leaves do not add up to the newest checkpoint".into()) }
}
