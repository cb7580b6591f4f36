//! The ledger of a store: its key, the right edge of its log, and what it is checked against.

use std::sync::{Arc, Mutex, MutexGuard};

use vouchsafe_core::hash::Hash;
use vouchsafe_ledger::{
    Appender, Checkpoint, RowLeaf, Seal, SigningKey, TileStore, VerifierKey, leaf_hash,
    log::{consistency_proof, inclusion_proof, root},
    map, verify_consistency, verify_inclusion,
};
use vouchsafe_store::{
    StoreError,
    ledger::{LedgerRead, LedgerStore, LedgerWrite},
    sqlite::Commit,
};

use super::{
    held::Held,
    pages::WritePages,
    tiles::{ReadTiles, WriteTiles},
};
use crate::{At, BackendError};

/// The ledger of one store in this process.
pub struct Ledger {
    pub(super) key: SigningKey,
    verifier: VerifierKey,
    pub(super) now_us: fn() -> u64,
    /// The log as this process last knew it, or what is wrong with it.
    known: Mutex<Result<Known, BackendError>>,
    /// The state that was read and checked last.
    checked: Mutex<Option<Arc<At>>>,
}

/// A log up to one commit.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub commit: Commit,
    pub edge: Appender,
    pub map_root: Hash,
}

/// The newest commit as a reader found it.
pub(super) struct Newest {
    pub at: Arc<At>,
    /// Whether it covers every row.
    pub covered: bool,
    /// The root of the map that it sealed.
    pub map_root: Hash,
}

impl Ledger {
    pub(super) fn new(key: SigningKey, known: Result<Known, BackendError>, now_us: fn() -> u64) -> Self {
        let verifier = key.verifier();
        Self { key, verifier, now_us, known: Mutex::new(known), checked: Mutex::default() }
    }

    /// The key that others check this log with.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.verifier.to_string()
    }

    /// What is wrong with the log, if anything is.
    #[must_use]
    pub fn damage(&self) -> Option<BackendError> {
        self.lock().as_ref().err().cloned()
    }

    pub(super) fn known(&self) -> Result<Known, BackendError> {
        self.lock().clone()
    }

    /// Remembers a newer state of the log, or that the history is another one, and that for good.
    pub(super) fn remember(&self, known: Result<Known, BackendError>) {
        let mut current = self.lock();
        let is_news = match (&*current, &known) {
            (Ok(current), Ok(known)) => known.commit.size > current.commit.size,
            (Ok(_), Err(_)) => true,
            (Err(_), _) => false,
        };
        if is_news {
            *current = known;
        }
    }

    /// Knows the log as far as this snapshot, which continues what was known: whatever comes must continue that.
    pub(super) fn know(&self, reader: &dyn LedgerRead) -> Result<(), BackendError> {
        let Newest { map_root, .. } = self.newest(self.known()?, reader)?;
        let Some(commit) = reader.newest_commit()? else { return Ok(()) };
        let edge = edge(&ReadTiles(reader), &commit)?;
        self.remember(Ok(Known { commit, edge, map_root }));
        Ok(())
    }

    /// The newest commit as a reader finds it, checked, and whether it covers every row that deserves one.
    ///
    /// `known` was asked before the reader's snapshot began, so the snapshot must have it: a store that was replaced is
    /// noticed here too, before anything is built on its older checkpoint.
    pub(super) fn newest(&self, known: Known, reader: &dyn LedgerRead) -> Result<Newest, BackendError> {
        let Known { commit: known, mut map_root, .. } = known;
        let newest = reader.newest_commit()?.ok_or_else(|| BackendError::Forked("its checkpoints are gone".into()))?;
        if newest != known {
            Seal { map_root, .. } = check_seal(&ReadTiles(reader), &newest, |index| reader.leaf(index))?;
            continues(&ReadTiles(reader), (known.size, &known.root), (newest.size, &newest.root))?;
        }
        let covered = !reader.has_rows_from(newest.rows_covered())?;
        Ok(Newest { at: self.state_of(&newest)?, covered, map_root })
    }

    /// Begins a snapshot of the newest commit, which must be `at` or come after it. Also says whether it covers every row.
    pub(crate) fn hold(&self, store: &dyn LedgerStore, at: Option<&At>) -> Result<(At, bool), BackendError> {
        // First, so that the snapshot, whenever it begins, has all that is known.
        let known = self.known()?;
        let reader = store.hold()?;
        let newest = self.newest(known, &*reader).and_then(|newest| {
            if let Some(At { checkpoint, .. }) = at.filter(|at| at.note != newest.at.note) {
                let newest = &newest.at.checkpoint;
                continues(&ReadTiles(&*reader), (checkpoint.size, &checkpoint.root), (newest.size, &newest.root))?;
            }
            Ok(newest)
        });
        if let Err(error @ BackendError::Forked(_)) = &newest {
            self.remember(Err(error.clone()));
        }
        let Newest { at: newest, covered, map_root } = newest?;
        Ok((At { held: Some(Arc::new(Held::new(reader, map_root))), ..At::clone(&newest) }, covered))
    }

    /// Whether the log's first `size` leaves have this root; false where it has fewer.
    pub(crate) fn has(&self, store: &dyn LedgerStore, size: u64, root: &Hash) -> Result<bool, BackendError> {
        let (At { checkpoint: newest, held, .. }, _) = self.hold(store, None)?;
        if size == 0 || size >= newest.size {
            return Ok((size, *root) == (newest.size, newest.root));
        }
        let held = held.expect("it was just begun");
        Ok(older_root(&ReadTiles(&**held.reader()), size, (newest.size, &newest.root))? == *root)
    }

    /// A stored commit as a state of the log, its signature checked.
    pub(super) fn state_of(&self, commit: &Commit) -> Result<Arc<At>, BackendError> {
        if let Some(damage) = self.damage() {
            return Err(damage);
        }
        let mut checked = self.checked.lock().expect("nothing panics while it holds the state");
        if let Some(at) = checked.as_ref().filter(|at| at.note == commit.note && at.rows == commit.rows_covered()) {
            return Ok(Arc::clone(at));
        }
        let at = Arc::new(state(commit, &self.verifier)?);
        *checked = Some(Arc::clone(&at));
        Ok(at)
    }

    fn lock(&self) -> MutexGuard<'_, Result<Known, BackendError>> {
        self.known.lock().expect("nothing panics while it holds the log's edge")
    }
}

fn state(commit: &Commit, verifier: &VerifierKey) -> Result<At, BackendError> {
    let damaged =
        |why: &dyn std::fmt::Display| BackendError::Corrupt(format!("the checkpoint of size {}: {why}", commit.size));
    let checkpoint = Checkpoint::open(&commit.note, std::slice::from_ref(verifier)).map_err(|error| damaged(&error))?;
    if (checkpoint.size, checkpoint.root) != (commit.size, commit.root) {
        return Err(damaged(&"its note says something else"));
    }
    Ok(At::new(checkpoint, commit.note.clone(), commit.rows_covered()))
}

/// Reads the right edge of a commit and checks it against the signed root.
pub(super) fn load(tx: &dyn LedgerWrite, commit: Commit, verifier: &VerifierKey) -> Result<Known, BackendError> {
    state(&commit, verifier)?;
    let edge = edge(&WriteTiles(tx), &commit)?;
    let Seal { map_root, .. } = check_seal(&WriteTiles(tx), &commit, |index| tx.leaf(index))?;
    if map::root(&WritePages(tx))? != map_root {
        return Err(BackendError::Corrupt(format!("the map is not the one that was sealed at size {}", commit.size)));
    }
    if commit.rows_covered() > tx.row_count()? {
        return Err(BackendError::Store(StoreError::Corrupt("rows that were committed are missing".into())));
    }
    Ok(Known { commit, edge, map_root })
}

/// The right edge of a commit's log, which leads to its root.
fn edge<S: TileStore<Error = StoreError>>(tiles: &S, commit: &Commit) -> Result<Appender, BackendError> {
    let edge = Appender::open(tiles, commit.size)?;
    if edge.root() != commit.root {
        return Err(BackendError::Corrupt(format!("the tiles do not add up to the root of size {}", commit.size)));
    }
    Ok(edge)
}

/// Checks what the note does not sign, which rows the commit covers, against its leaves, and returns its seal.
fn check_seal<S: TileStore<Error = StoreError>>(
    tiles: &S,
    commit: &Commit,
    leaf: impl Fn(u64) -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<Seal, BackendError> {
    let stored = |index: u64| {
        let is_signed = |leaf: &Vec<u8>| {
            let proof = inclusion_proof(tiles, index, commit.size);
            proof
                .is_ok_and(|proof| verify_inclusion(&leaf_hash(leaf), index, commit.size, &proof, &commit.root).is_ok())
        };
        let leaf = leaf(index)?.filter(is_signed);
        leaf.ok_or_else(|| BackendError::Corrupt(format!("leaf {index} is not the one that was signed")))
    };
    let disagree = || BackendError::Corrupt(format!("the commit of size {} and its leaves disagree", commit.size));
    let seal = Seal::decode(&stored(commit.size.checked_sub(1).ok_or_else(disagree)?)?).map_err(|_| disagree())?;
    let agrees = (seal.first_index, seal.rows) == (commit.first_index, commit.rows)
        && (commit.rows == 0
            || RowLeaf::decode(&stored(commit.first_index)?).is_ok_and(|first| first.row_seq == commit.first_row_seq));
    if agrees { Ok(seal) } else { Err(disagree()) }
}

/// Makes sure that the newest log continues the one of this size and root.
pub(super) fn continues<S: TileStore<Error = StoreError>>(
    tiles: &S,
    (size, known): (u64, &Hash),
    (newest, newest_root): (u64, &Hash),
) -> Result<(), BackendError> {
    if newest <= size {
        return Err(BackendError::Forked(format!("size {newest} is here where size {size} was signed")));
    }
    if older_root(tiles, size, (newest, newest_root))? != *known {
        return Err(BackendError::Forked(format!("its first {size} leaves are not those that were signed")));
    }
    Ok(())
}

/// The root of the first leaves of a log. It is shown that the signed root extends it, so that a damaged tile is not
/// taken for another history.
pub(super) fn older_root<S: TileStore<Error = StoreError>>(
    tiles: &S,
    size: u64,
    (newest, newest_root): (u64, &Hash),
) -> Result<Hash, BackendError> {
    let root = root(tiles, size)?;
    let proof = consistency_proof(tiles, size, newest)?;
    verify_consistency(size, &root, newest, newest_root, &proof).map_err(|_| {
        BackendError::Corrupt(format!("the tiles of the first {size} leaves are not those that were signed"))
    })?;
    Ok(root)
}

impl Ledger {
    pub(super) fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}
