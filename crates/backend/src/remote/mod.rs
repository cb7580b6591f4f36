//! The remote backend: a server that speaks the backend protocol over HTTP, ours or another.
//!
//! Our server is known by its header `vouchsafe-server`: it holds answers back until there is something new, signs what it
//! commits and gives bundles away. What another says is told, not proven.
//!
//! - `options`: where it is, who asks, and what ships its rows
//! - `call`: a request
//! - `client`: sending one, with all that can go wrong with it: slots, credentials, retries, deadlines
//! - `retry`: how long to wait before a request is sent again
//! - `reply`: what came back
//! - `traffic`: what the requests came to
//! - `ids`, `handshake`: what the server calls our table and our project
//! - `preprocess`, `record`, `fetch`: commit, query and proof, rows
//! - `database`: the database to be registered, from its URL
//! - `told`, `timestamp`: rows on the server's word
//! - `backend`: all of it as a [`Backend`](crate::Backend)

mod backend;
mod call;
mod client;
mod database;
mod fetch;
mod handshake;
mod ids;
mod options;
mod preprocess;
mod record;
mod reply;
mod retry;
mod timestamp;
mod told;
mod traffic;

use std::sync::{Arc, Mutex};

pub use options::{Auth, Outbox, RemoteOptions, TokenSource};
pub(crate) use record::Kept;

use crate::{
    At, BackendError,
    polling::{Completion, Schedule},
};

/// A backend behind a URL. Clones share it.
#[derive(Clone)]
pub struct Remote(Arc<Shared>);

struct Shared {
    client: client::Client,
    org: String,
    project: String,
    database: Option<database::Database>,
    outbox: Option<Arc<dyn Outbox>>,
    ids: ids::Ids,
    schedules: Schedules,
    /// The newest state of the log that a preprocess of ours came to.
    newest: Mutex<Option<Arc<At>>>,
}

#[derive(Default)]
struct Schedules {
    preprocess: Arc<Schedule>,
    proof: Arc<Schedule>,
    verification: Arc<Schedule>,
}

/// How long the server's work took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Completions {
    /// Commits.
    pub preprocess: Completion,
    /// Proofs.
    pub proof: Completion,
    /// Verifications.
    pub verification: Completion,
}

impl Remote {
    /// Makes a client; nothing is sent yet. `outbox`: what ships the rows that are recorded here; without one this only
    /// evaluates what others recorded. Fails where the URL of the backend or of the database is unusable.
    pub fn new(options: RemoteOptions, outbox: Option<Arc<dyn Outbox>>) -> Result<Self, BackendError> {
        let client = client::Client::new(&options)?;
        let RemoteOptions { org_id, project, database, .. } = options;
        let database = database.as_deref().map(database::Database::parse).transpose()?;
        Ok(Self(Arc::new(Shared {
            client,
            org: format!("/api/v1/organizations/{org_id}"),
            project,
            database,
            outbox,
            ids: ids::Ids::default(),
            schedules: Schedules::default(),
            newest: Mutex::default(),
        })))
    }

    /// Does the handshake ahead of the first call that needs it. The table has to exist.
    pub async fn connect(&self) -> Result<(), BackendError> {
        let deadline = self.0.client.deadline();
        self.0.table(deadline).await?;
        self.0.collection(deadline).await?;
        self.0.integration(deadline).await?;
        Ok(())
    }

    /// The key with which others verify this project's records, once the handshake has brought it.
    #[must_use]
    pub fn integration_key(&self) -> Option<String> {
        self.0.ids.known().integration
    }

    /// How long the server's work took, as the polls saw it.
    #[must_use]
    pub fn completion(&self) -> Completions {
        let Schedules { preprocess, proof, verification } = &self.0.schedules;
        Completions {
            preprocess: preprocess.completion(),
            proof: proof.completion(),
            verification: verification.completion(),
        }
    }
}
