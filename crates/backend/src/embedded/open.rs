//! Opening a log: its key, the first seal of a new one, and the check of an old one.

use std::path::PathBuf;

use tokio::sync::oneshot;
use vouchsafe_ledger::SigningKey;
use vouchsafe_store::{
    StoreError,
    ledger::{CommitJob, LedgerStore, LedgerWrite},
    sqlite::WriteConnection,
};

use super::{
    commit, key,
    ledger::{Known, Ledger, load},
};
use crate::BackendError;

/// What the embedded ledger needs to know.
#[derive(Debug, Clone)]
pub struct EmbeddedOptions {
    /// The key's file.
    pub key_file: PathBuf,
    /// The log's name; the key's own where absent.
    pub origin: Option<String>,
    /// Whether a checkpoint is pinned, so that an empty log is not the one that it was signed for.
    pub pinned: bool,
    /// µs since 1970.
    pub now_us: fn() -> u64,
}

impl Ledger {
    /// Opens the ledger, writes the first seal of a new store, and recomputes the root of an old one.
    ///
    /// A damaged log is no reason not to open: rows are still recorded, but nothing is signed any more, and whatever
    /// asks for a proof gets [`BackendError::Corrupt`].
    pub fn open(connection: &mut WriteConnection, options: &EmbeddedOptions) -> Result<Self, BackendError> {
        let EmbeddedOptions { key_file, origin, pinned, now_us } = options;
        // One transaction: of two processes that open a new store at once, one makes the key and the first seal.
        let (key, known) = connection.transaction(|tx| {
            let key = |log_is_new| key::load(key_file, origin.as_deref(), log_is_new);
            open_log(tx, key, *pinned, *now_us)
        })?;
        Ok(Self::new(key, known, *now_us))
    }

    /// The same for a log whose key is known, in a transaction of the store's own.
    pub(crate) async fn open_in(
        store: &dyn LedgerStore,
        key: SigningKey,
        now_us: fn() -> u64,
    ) -> Result<Self, BackendError> {
        let (done, opened) = oneshot::channel();
        store.commit(0, Box::new(Opening { key: key.clone(), now_us, known: None, done }));
        let ended = |_| Err(BackendError::Corrupt("the store ended without an answer".into()));
        let known = opened.await.unwrap_or_else(ended)?;
        Ok(Self::new(key, known, now_us))
    }
}

type Found = Result<Known, BackendError>;

/// Opening as work for a store.
struct Opening {
    key: SigningKey,
    now_us: fn() -> u64,
    known: Option<Result<Found, BackendError>>,
    done: oneshot::Sender<Result<Found, BackendError>>,
}

impl CommitJob for Opening {
    fn run(&mut self, tx: &dyn LedgerWrite) -> Result<(), StoreError> {
        let key = self.key.clone();
        let known = open_log(tx, |_| Ok(key), false, self.now_us).map(|(_, known)| known);
        let result = match &known {
            Err(BackendError::Store(error)) => Err(error.clone()),
            Err(other) => Err(StoreError::Corrupt(other.to_string())),
            Ok(_) => Ok(()),
        };
        self.known = Some(known);
        result
    }

    fn finish(self: Box<Self>, result: Result<(), StoreError>) {
        let known = match (self.known, result) {
            (Some(known @ Err(_)), Err(_)) | (Some(known), Ok(())) => known,
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => unreachable!("a job that was not run has failed"),
        };
        let _ = self.done.send(known);
    }
}

/// The log's key, and the log as it is or what is wrong with it.
fn open_log(
    tx: &dyn LedgerWrite,
    key: impl FnOnce(bool) -> Result<SigningKey, BackendError>,
    pinned: bool,
    now_us: fn() -> u64,
) -> Result<(SigningKey, Found), BackendError> {
    let newest = tx.newest_commit();
    let log_is_new = matches!(newest, Ok(None));
    let key = key(log_is_new)?;
    let known = match newest {
        Ok(None) if pinned => Err(BackendError::Forked("a checkpoint was pinned, and this log is empty".into())),
        // The first seal is made before any row.
        Ok(None) if tx.row_count()? > 0 => {
            Err(BackendError::Corrupt("it has rows and no checkpoint: its log was deleted".into()))
        }
        Ok(None) => Ok(commit::first(tx, &key, now_us())?),
        Ok(Some(commit)) => load(tx, commit, &key.verifier()),
        Err(error) => Err(error.into()),
    };
    match known {
        // Damage is remembered; a full or unwritable disk is said at once.
        Err(error) if !error.is_damage() => Err(error),
        known => Ok((key, known)),
    }
}
