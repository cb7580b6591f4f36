//! One commit: every row that has no leaf yet, a seal, the tiles that changed, and a signed checkpoint.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::oneshot;
use vouchsafe_core::{hash::Hash, tag::tag};
use vouchsafe_ledger::{Appender, Checkpoint, EMPTY_MAP_ROOT, RowLeaf, Seal, SigningKey, leaf_hash};
use vouchsafe_store::{
    StoreError,
    sqlite::{Commit, WriteTx},
    writer::CommitJob,
};

use super::{
    ledger::{Known, Ledger, continues, load},
    tiles::WriteTiles,
};
use crate::{At, BackendError};

type Reply = oneshot::Sender<Result<Arc<At>, BackendError>>;

/// A commit as work for the store's writer.
pub(super) struct Job {
    ledger: Arc<Ledger>,
    made: Option<Result<Known, BackendError>>,
    reply: Reply,
}

impl Job {
    pub fn new(ledger: Arc<Ledger>, reply: Reply) -> Self {
        Self { ledger, made: None, reply }
    }
}

impl CommitJob for Job {
    fn run(&mut self, tx: &WriteTx<'_>) -> Result<(), StoreError> {
        let made = self.ledger.known().and_then(|known| {
            let known = catch_up(tx, known, &self.ledger)?;
            extend(tx, known, &self.ledger.key, (self.ledger.now_us)())
        });
        let result = match &made {
            Ok(_) => Ok(()),
            Err(BackendError::Store(error)) => Err(error.clone()),
            Err(other) => Err(StoreError::Corrupt(other.to_string())),
        };
        self.made = Some(made);
        result
    }

    fn finish(self: Box<Self>, result: Result<(), StoreError>) {
        let reply = match (self.made, result) {
            (Some(Err(error)), _) => {
                if error.is_damage() {
                    self.ledger.remember(Err(error.clone()));
                }
                Err(error)
            }
            (_, Err(error)) => Err(error.into()),
            (Some(Ok(known)), Ok(())) => {
                let at = self.ledger.state_of(&known.commit);
                self.ledger.remember(Ok(known));
                at
            }
            (None, Ok(())) => unreachable!("a job that was not run has failed"),
        };
        // Nobody listens any more where a fence was aborted; the commit stands.
        let _ = self.reply.send(reply);
    }
}

/// Follows what other processes committed since, after making sure that it continues what this one knew.
fn catch_up(tx: &WriteTx<'_>, known: Known, ledger: &Ledger) -> Result<Known, BackendError> {
    let newest = tx.newest_commit()?.ok_or_else(|| BackendError::Forked("its checkpoints are gone".into()))?;
    if newest == known.commit {
        return Ok(known);
    }
    continues(&WriteTiles(tx), &known.commit, &newest)?;
    load(tx, newest, ledger.verifier())
}

/// The first commit of a new store: a seal over nothing, so that there is a checkpoint from the start.
pub(super) fn first(tx: &WriteTx<'_>, key: &SigningKey, now_us: u64) -> Result<Known, BackendError> {
    let nothing = Commit { size: 0, first_index: 0, first_row_seq: 0, rows: 0, root: [0; 32], note: String::new() };
    seal(tx, Batch { first_index: 0, rows: 0, edge: Appender::default() }, &nothing, key, now_us)
}

/// The rows of one commit, appended and not yet sealed.
struct Batch {
    first_index: u64,
    rows: u64,
    edge: Appender,
}

/// Appends leaves for all rows that have none; where there is no such row the newest commit stands.
fn extend(tx: &WriteTx<'_>, known: Known, key: &SigningKey, now_us: u64) -> Result<Known, BackendError> {
    let mut batch = Batch { first_index: known.commit.size, rows: 0, edge: known.edge.clone() };
    // Agents and actions repeat; their tags are hashed once a commit.
    let mut tags: HashMap<(&'static str, String), Hash> = HashMap::new();
    let mut tag_of = |name: &'static str, text: String| {
        *tags.entry((name, text)).or_insert_with_key(|(name, text)| tag(name, &[text]))
    };
    tx.rows_from(known.commit.rows_covered(), |row| {
        // A commit says which rows it covers by their first number and how many they are.
        let expected = known.commit.rows_covered() + batch.rows;
        if row.row_seq != expected {
            return Err(StoreError::Corrupt(format!("row {expected} is missing")));
        }
        let leaf = RowLeaf {
            row_seq: row.row_seq,
            time_us: row.ended_us,
            agent: tag_of("agent", row.agent_id),
            action: tag_of("action", row.action_name),
            row_hash: row.row_hash,
        }
        .encode();
        tx.put_leaf(batch.edge.size(), &leaf)?;
        batch.edge.push(leaf_hash(&leaf));
        batch.rows += 1;
        Ok(())
    })?;
    if batch.rows == 0 {
        return Ok(known);
    }
    seal(tx, batch, &known.commit, key, now_us)
}

fn seal(
    tx: &WriteTx<'_>,
    batch: Batch,
    previous: &Commit,
    key: &SigningKey,
    now_us: u64,
) -> Result<Known, BackendError> {
    let Batch { first_index, rows, mut edge } = batch;
    let leaf = Seal {
        first_index,
        rows,
        previous_seal_index: previous.size.checked_sub(1).unwrap_or(u64::MAX),
        map_root: EMPTY_MAP_ROOT,
        time_us: now_us,
    }
    .encode();
    tx.put_leaf(edge.size(), &leaf)?;
    edge.push(leaf_hash(&leaf));
    for (level, n, hashes) in edge.take_changed_tiles() {
        tx.put_tile(level, n, &hashes)?;
    }
    let checkpoint = Checkpoint { origin: key.name().to_owned(), size: edge.size(), root: edge.root() };
    let commit = Commit {
        size: checkpoint.size,
        first_index,
        first_row_seq: previous.rows_covered(),
        rows,
        root: checkpoint.root,
        note: checkpoint.sign(key),
    };
    tx.put_commit(&commit)?;
    Ok(Known { commit, edge })
}
