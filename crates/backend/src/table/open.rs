//! The ledger over a table in a vouchsafe folder of its own.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use vouchsafe_core::redact::RedactionRules;
use vouchsafe_store::{
    dir,
    owner::Owner,
    postgres::Intercepts,
    sqlite::{Database, Readers, Retention},
    writer::{Limits, Options, Writer},
};

use super::TableBackend;
use crate::{BackendError, Embedded, EmbeddedOptions, Ledger};

/// A commit that is under way ends within this time.
const CLOSE: Duration = Duration::from_secs(10);

/// What a ledger over a table needs to know.
#[derive(Debug, Clone)]
pub struct TableOptions {
    /// The log's name; where absent it follows from the key.
    pub origin: Option<String>,
    /// µs since 1970.
    pub now_us: fn() -> u64,
}

/// A folder that is open in this process.
pub(super) struct Folder {
    writer: Arc<Writer>,
    readers: Readers,
    /// Held for its entry in the folder's owner file.
    owner: Mutex<Option<Owner>>,
}

impl Folder {
    pub fn close(&self) {
        self.writer.shutdown(CLOSE);
        self.readers.close();
        self.owner.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl TableBackend {
    /// Keeps the ledger in a vouchsafe folder, which is made where it is missing.
    pub async fn over_folder(dir: &Path, intercepts: Intercepts, options: TableOptions) -> Result<Self, BackendError> {
        let dir = dir.to_owned();
        let opened = tokio::task::spawn_blocking(move || open_folder(&dir, options));
        let (ledger, folder) =
            opened.await.map_err(|error| BackendError::Corrupt(format!("opening panicked: {error}")))??;
        let embedded = Embedded::new(Arc::new(ledger), Arc::clone(&folder.writer), folder.readers.clone());
        Self { embedded, intercepts, turns: Arc::default(), hints: Arc::default(), folder: Some(Arc::new(folder)) }
            .begin()
            .await
    }
}

fn open_folder(dir: &Path, options: TableOptions) -> Result<(Ledger, Folder), BackendError> {
    let dir = dir::prepare(dir)?;
    let owner = Owner::enter(&dir)?;
    let database = Database::in_folder(&dir);
    let mut connection = database.writer()?;
    let TableOptions { origin, now_us } = options;
    let embedded = EmbeddedOptions { key_file: dir.join("key"), origin, pinned: false, now_us };
    let ledger = Ledger::open(&mut connection, &embedded)?;
    // The rows' keys are needed for as long as the table has the rows.
    let retention = Retention { days: f64::INFINITY, max_bytes: u64::MAX };
    let options = Options {
        limits: Limits::default(),
        rules: RedactionRules::default(),
        max_body_bytes: 0,
        retention,
        on_event: Box::new(|_| {}),
        now_us,
    };
    let writer = Arc::new(Writer::start(connection, options)?);
    Ok((ledger, Folder { writer, readers: Readers::new(database), owner: Mutex::new(Some(owner)) }))
}
