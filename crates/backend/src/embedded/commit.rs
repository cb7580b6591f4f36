//! One commit: every row that has no leaf yet, a seal, what changed of tiles and map, and a signed checkpoint.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::oneshot;
use vouchsafe_core::{exchange::Prepared, hash::Hash, tag::tag};
use vouchsafe_ledger::{
    Appender, Checkpoint, EMPTY_MAP_ROOT, RowLeaf, Seal, SigningKey, leaf_hash,
    map::{MapEditor, MapError},
};
use vouchsafe_store::{
    StoreError,
    ledger::{CommitJob, LedgerWrite},
    sqlite::{Commit, NewRow},
};

use super::{
    ledger::{Known, Ledger, continues, load},
    pages::WritePages,
    tiles::WriteTiles,
};
use crate::{At, BackendError};

/// So many keys are added to the map at once, however many rows a commit has: their pages are in memory.
const MAP_KEYS: usize = 4_096;

type Reply = oneshot::Sender<Result<Committed, BackendError>>;

/// A commit as work for the store's writer.
pub(super) struct Job {
    ledger: Arc<Ledger>,
    rows: Vec<Prepared>,
    made: Option<Result<Made, BackendError>>,
    reply: Reply,
}

/// What a commit came to.
pub(crate) struct Committed {
    /// The log that covers it.
    pub at: Arc<At>,
    /// The leaf of each row that the commit brought along; none where the row was there already, or is refused for what
    /// is in it.
    pub leaves: Vec<Option<u64>>,
}

/// A commit that is not on disk yet.
struct Made {
    known: Known,
    leaves: Vec<Option<u64>>,
}

impl Job {
    /// A commit of the rows that are in the store, and of these, which are somebody else's: their leaves have the time
    /// of the commit.
    pub fn new(ledger: Arc<Ledger>, rows: Vec<Prepared>, reply: Reply) -> Self {
        Self { ledger, rows, made: None, reply }
    }

    fn make(&self, tx: &dyn LedgerWrite) -> Result<Made, BackendError> {
        let known = catch_up(tx, self.ledger.known()?, &self.ledger)?;
        let foreign_from = tx.row_count()?;
        let new = if self.rows.is_empty() { Vec::new() } else { tx.insert_rows(&self.rows)? };
        let known = extend(tx, known, &self.ledger.key, (self.ledger.now_us)(), foreign_from)?;
        let Commit { first_index, first_row_seq, .. } = known.commit;
        let leaf = |new: NewRow| first_index + (new.row_seq - first_row_seq);
        let leaves = new.into_iter().map(|new| new.map(leaf)).collect();
        Ok(Made { known, leaves })
    }
}

impl CommitJob for Job {
    fn run(&mut self, tx: &dyn LedgerWrite) -> Result<(), StoreError> {
        let made = self.make(tx);
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
            (Some(Ok(Made { known, leaves })), Ok(())) => {
                let at = self.ledger.state_of(&known.commit);
                self.ledger.remember(Ok(known));
                at.map(|at| Committed { at, leaves })
            }
            (None, Ok(())) => unreachable!("a job that was not run has failed"),
        };
        // Nobody listens any more where a fence was aborted; the commit stands.
        let _ = self.reply.send(reply);
    }
}

/// Follows what other processes committed since, after making sure that it continues what this one knew.
fn catch_up(tx: &dyn LedgerWrite, known: Known, ledger: &Ledger) -> Result<Known, BackendError> {
    let newest = tx.newest_commit()?.ok_or_else(|| BackendError::Forked("its checkpoints are gone".into()))?;
    if newest == known.commit {
        return Ok(known);
    }
    continues(&WriteTiles(tx), (known.commit.size, &known.commit.root), (newest.size, &newest.root))?;
    load(tx, newest, ledger.verifier())
}

/// The first commit of a new store: a seal over nothing, so that there is a checkpoint from the start.
pub(super) fn first(tx: &dyn LedgerWrite, key: &SigningKey, now_us: u64) -> Result<Known, BackendError> {
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

/// Appends leaves for all rows that have none; where there is no such row the newest commit stands. Rows from number
/// `foreign_from` on are somebody else's.
fn extend(
    tx: &dyn LedgerWrite,
    known: Known,
    key: &SigningKey,
    now_us: u64,
    foreign_from: u64,
) -> Result<Known, BackendError> {
    let Known { commit, edge, map_root } = &known;
    let mut batch = Batch { first_index: commit.size, rows: 0, edge: edge.clone(), map_root: *map_root };
    // Agents and actions repeat; their tags are hashed once a commit.
    let mut tags: HashMap<(&'static str, String), Hash> = HashMap::new();
    let mut tag_of = |name: &'static str, text: String| {
        *tags.entry((name, text)).or_insert_with_key(|(name, text)| tag(name, &[text]))
    };
    let mut listed = Vec::new();
    tx.rows_from(commit.rows_covered(), &mut |row| {
        // A commit says which rows it covers by their first number and how many they are.
        let expected = commit.rows_covered() + batch.rows;
        if row.row_seq != expected {
            return Err(StoreError::Corrupt(format!("row {expected} is missing")));
        }
        let index = batch.edge.size();
        listed.extend(row.selectors().map_keys().into_iter().map(|key| (key, index)));
        let leaf = RowLeaf {
            row_seq: row.row_seq,
            time_us: if row.row_seq < foreign_from { row.ended_us } else { now_us },
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
        Ok(())
    })?;
    if batch.rows == 0 {
        return Ok(known);
    }
    batch.map_root = list(tx, batch.map_root, &mut listed)?;
    seal(tx, batch, commit, key, now_us)
}

/// Adds rows to the map under their keys, and returns its new root.
fn list(tx: &dyn LedgerWrite, root: Hash, rows: &mut Vec<(Hash, u64)>) -> Result<Hash, StoreError> {
    let pages = WritePages(tx);
    let mut editor = MapEditor::new(&pages, root);
    for (key, leaf_index) in rows.drain(..) {
        editor.add(&key, leaf_index).map_err(damaged_map)?;
    }
    let update = editor.finish();
    for (number, nodes) in &update.pages {
        tx.put_map_page(*number, nodes)?;
    }
    Ok(update.root)
}

fn damaged_map(error: MapError<StoreError>) -> StoreError {
    match error {
        MapError::Store(error) => error,
        damaged @ MapError::Damaged(_) => StoreError::Corrupt(damaged.to_string()),
    }
}

fn seal(
    tx: &dyn LedgerWrite,
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
