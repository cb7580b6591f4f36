//! An opened store, with a writer, a ledger and readers.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};
use vouchsafe_backend::{At, Backend, BackendError, Embedded, EmbeddedOptions, Fetched, Ledger, Snapshot};
use vouchsafe_core::{
    exchange::{Body, Exchange},
    query::Query,
    redact::RedactionRules,
    row::{Kind, Source},
};
use vouchsafe_ledger::{Bundle, SealProof};
use vouchsafe_store::{
    StoreError,
    sqlite::{Database, Readers, Retention},
    writer::{Limits, Options, Writer},
};

/// Their patterns take a while to compile without optimisation, and thousands of stores use them.
static RULES: OnceLock<RedactionRules> = OnceLock::new();

/// The tests' clock stands still.
pub fn now_us() -> u64 {
    1_800_000_000_000_000
}

/// An exchange of the agent `agent`, whose response is `response`.
pub fn exchange(agent: &str, response: &str) -> Exchange {
    let now = now_us();
    let body = |text: &str| Some(Body { bytes: text.into(), wire_length: text.len() as u64, ..Body::default() });
    Exchange {
        agent_id: agent.into(),
        action_name: Some("look".into()),
        url: Some("https://example.com/price?item=7".into()),
        method: Some("GET".into()),
        status: Some(200),
        response_headers: Some("content-type: text/plain\n".into()),
        request: body("what does it cost?"),
        response: body(response),
        ..Exchange::new(Kind::Http, Source::Tap, now - 2_000, now - 1_000)
    }
}

/// One process's view of a store.
pub struct Opened {
    pub database: Database,
    pub ledger: Arc<Ledger>,
    pub writer: Arc<Writer>,
    pub backend: Embedded,
    pub runtime: Runtime,
}

impl Opened {
    /// Opens the store in `dir`, by the VFS of that name where one is given.
    pub fn new(dir: &Path, vfs: Option<&str>) -> Result<Self, BackendError> {
        let database = Database::in_folder(dir);
        let database = vfs.map_or(database.clone(), |vfs| database.with_vfs(vfs));
        let mut connection = database.writer()?;
        let options = EmbeddedOptions { key_file: dir.join("key"), origin: None, pinned: false, now_us };
        let ledger = Arc::new(Ledger::open(&mut connection, &options)?);
        let options = Options {
            limits: Limits::default(),
            rules: RULES.get_or_init(RedactionRules::default).clone(),
            max_body_bytes: 1 << 20,
            retention: Retention::default(),
            on_event: Box::new(|_| {}),
            now_us,
        };
        let writer = Arc::new(Writer::start(connection, options)?);
        let readers = Readers::new(database.clone());
        let backend = Embedded::new(Arc::clone(&ledger), Arc::clone(&writer), readers);
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        Ok(Self { database, ledger, writer, backend, runtime })
    }

    /// Commits everything recorded so far.
    pub fn commit(&self) -> Result<Arc<At>, BackendError> {
        let ticket = self.writer.last_ticket();
        self.runtime.block_on(self.backend.preprocess(Snapshot { ticket }))
    }

    /// Waits until everything recorded so far is on disk.
    pub fn flush(&self) -> Result<(), StoreError> {
        let (done, durable) = std::sync::mpsc::channel();
        self.writer.when_durable(self.writer.last_ticket(), move |result| done.send(result).expect("the test waits"));
        durable.recv().expect("the writer always answers")
    }

    /// The rows that answer a query, with the proofs of the state `at`.
    pub fn ask(&self, query: Query, at: &Arc<At>) -> Result<(Bundle, SealProof), BackendError> {
        self.runtime.block_on(async {
            let record = self.backend.query(query, 100, Arc::clone(at)).await?;
            let answer = self.backend.prove(&record).await?;
            let Fetched::Proven(bundle) = self.backend.fetch(&record, answer).await? else {
                panic!("embedded backends prove")
            };
            Ok((bundle, self.backend.seal(at).await?))
        })
    }

    /// Closes the store as a process that ends well does.
    pub fn close(self) {
        assert!(self.writer.shutdown(Duration::from_secs(20)), "everything is written");
    }
}
