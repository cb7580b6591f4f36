//! One commit: every row that has no leaf yet, a seal, what changed of tiles and map, and a signed checkpoint.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::oneshot;
use vouchsafe_core::{hash::Hash, tag::tag};
use vouchsafe_ledger::{
    Appender, Checkpoint, EMPTY_MAP_ROOT, RowLeaf, Seal, SigningKey, leaf_hash,
    map::{MapEditor, MapError},
};
use vouchsafe_store::{
    StoreError,
    sqlite::{Commit, WriteTx},
    writer::CommitJob,
};

use super::{
    ledger::{Known, Ledger, continues, load},
    pages::WritePages,
    tiles::WriteTiles,
};
use crate::{At, BackendError};

/// So many keys are added to the map at once, however many rows a commit has: their pages are in memory.
const MAP_KEYS: usize = 4_096;

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
    continues(&WriteTiles(tx), (known.commit.size, &known.commit.root), (newest.size, &newest.root))?;
    load(tx, newest, ledger.verifier())
}

/// The first commit of a new store: a seal over nothing, so that there is a checkpoint from the start.
pub(super) fn first(tx: &WriteTx<'_>, key: &SigningKey, now_us: u64) -> Result<Known, BackendError> {
    let nothing = Commit { size: 0, first_index: 0, first_row_seq: 0, rows: 0, root: [0; 32], note: String::new() };
    let batch = Batch { first_index: 0, rows: 0, edge: Appender::default(), map_root: EMPTY_MAP_ROOT };
    seal(tx, batch, &nothing, key, now_us)
}

/// The rows of one commit, appended and not yet sealed.
struct Batch {
    first_index: u64,
    rows: u64,
    edge: Appender,
    map_root: Hash,
}

/// Appends leaves for all rows that have none; where there is no such row the newest commit stands.
fn extend(tx: &WriteTx<'_>, known: Known, key: &SigningKey, now_us: u64) -> Result<Known, BackendError> {
    let Known { commit, edge, map_root } = &known;
    let mut batch = Batch { first_index: commit.size, rows: 0, edge: edge.clone(), map_root: *map_root };
    // Agents and actions repeat; their tags are hashed once a commit.
    let mut tags: HashMap<(&'static str, String), Hash> = HashMap::new();
    let mut tag_of = |name: &'static str, text: String| {
        *tags.entry((name, text)).or_insert_with_key(|(name, text)| tag(name, &[text]))
    };
    let mut listed = Vec::new();
    tx.rows_from(commit.rows_covered(), |row| {
        // A commit says which rows it covers by their first number and how many they are.
        let expected = commit.rows_covered() + batch.rows;
        if row.row_seq != expected {
            return Err(StoreError::Corrupt(format!("row {expected} is missing")).into());
        }
        let index = batch.edge.size();
        listed.extend(row.selectors().map_keys().into_iter().map(|key| (key, index)));
        let leaf = RowLeaf {
            row_seq: row.row_seq,
            time_us: row.ended_us,
            agent: tag_of("agent", row.agent_id),
            action: tag_of("action", row.action_name),
            row_hash: row.row_hash,
        }
        .encode();
        tx.put_leaf(index, &leaf)?;
        batch.edge.push(leaf_hash(&leaf));
        batch.rows += 1;
        if listed.len() >= MAP_KEYS {
            batch.map_root = list(tx, batch.map_root, &mut listed)?;
        }
        Ok::<_, BackendError>(())
    })?;
    if batch.rows == 0 {
        return Ok(known);
    }
    batch.map_root = list(tx, batch.map_root, &mut listed)?;
    seal(tx, batch, commit, key, now_us)
}

/// Adds rows to the map under their keys, and returns its new root.
fn list(tx: &WriteTx<'_>, root: Hash, rows: &mut Vec<(Hash, u64)>) -> Result<Hash, MapError<StoreError>> {
    let pages = WritePages(tx);
    let mut editor = MapEditor::new(&pages, root);
    for (key, leaf_index) in rows.drain(..) {
        editor.add(&key, leaf_index)?;
    }
    let update = editor.finish();
    for (number, nodes) in &update.pages {
        tx.put_map_page(*number, nodes).map_err(MapError::Store)?;
    }
    Ok(update.root)
}

fn seal(
    tx: &WriteTx<'_>,
    batch: Batch,
    previous: &Commit,
    key: &SigningKey,
    now_us: u64,
) -> Result<Known, BackendError> {
    let Batch { first_index, rows, mut edge, map_root } = batch;
    let leaf = Seal {
        first_index,
        rows,
        previous_seal_index: previous.size.checked_sub(1).unwrap_or(u64::MAX),
        map_root,
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
    Ok(Known { commit, edge, map_root })
}
