//! What stands behind an engine: the backend that its options ask for, and the outbox that feeds it.
//!
//! - `table`: a ledger over a Postgres table, opened when it is first needed
//! - `token`: the bearer tokens of a remote backend

mod table;
mod token;

use std::{sync::Arc, time::Duration};

use table::SharedTable;
use token::FixedToken;
pub(crate) use token::TokenSources;
use vouchsafe_backend::{Auth, Backend, BackendError, Completions, Embedded, Ledger, Remote, RemoteOptions};
use vouchsafe_store::{
    postgres::{ConnectOptions, Intercepts, Postgres},
    sqlite::Readers,
    writer::Writer,
};

use crate::{
    EngineError, EngineOptions,
    handoff::Office,
    options::BackendOptions,
    outbox::{OnNotice, Outbox},
    runtime::runtime,
};

/// How long a connection to a remote backend may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// Connections of the outbox, which is one task.
const OUTBOX_CONNECTIONS: usize = 1;
/// Connections for states of the log that are held, and for its commits.
const LOG_CONNECTIONS: usize = 8;
/// Connections for the table's rows.
const ROW_CONNECTIONS: usize = 4;

/// What rows are committed by and claims are answered from.
pub(crate) struct Backing {
    pub backend: Arc<dyn Backend>,
    pub outbox: Option<Outbox>,
    kind: Kind,
}

enum Kind {
    /// The folder's own log.
    Folder(Arc<Ledger>),
    /// A log over a Postgres table, in this process.
    Table(SharedTable),
    /// Another process.
    Remote(Arc<Remote>, BackendOptions),
}

/// What the folder brings.
pub(crate) struct Folder {
    pub ledger: Arc<Ledger>,
    pub writer: Arc<Writer>,
    pub readers: Readers,
}

impl Backing {
    /// Puts it together; nothing is connected yet, so that whatever is away keeps no engine from opening.
    pub fn open(
        options: &EngineOptions,
        folder: Folder,
        tokens: Arc<TokenSources>,
        on_notice: OnNotice,
    ) -> Result<Self, EngineError> {
        let Folder { ledger, writer, readers } = folder;
        let invalid =
            |key: &str, why: String| EngineError { key: Some(key.into()), ..EngineError::new("INVALID_OPTION", why) };
        let connect = |max| {
            let url = options.postgres_url.as_ref()?;
            let connected = Postgres::connect(url.expose(), ConnectOptions { max, ..ConnectOptions::default() });
            Some(connected.map_err(|error| invalid("store.postgresUrl", error.to_string())))
        };
        let outbox = connect(OUTBOX_CONNECTIONS).transpose()?.map(|postgres| {
            let intercepts = Intercepts::open(postgres, None);
            Outbox::new(Arc::clone(&writer), readers.clone(), intercepts, on_notice)
        });
        let outbox = outbox.transpose()?;
        if let Some(backend) = &options.backend {
            let database = options.postgres_url.as_ref().map(|url| url.expose().to_owned());
            let feeds = outbox.clone().map(|outbox| Arc::new(outbox) as Arc<dyn vouchsafe_backend::Outbox>);
            let remote = Remote::new(remote_options(backend, database, tokens, options.max_concurrency), feeds)
                .map_err(|error| invalid("backend", error.to_string()))?;
            let remote = Arc::new(remote);
            if let Some(outbox) = &outbox {
                prewarm(Arc::clone(&remote), outbox.clone());
            }
            let kind = Kind::Remote(Arc::clone(&remote), backend.clone());
            return Ok(Self { backend: remote, outbox, kind });
        }
        // Who holds a state of the log still reads rows: were both of one pool, eight of them would wait for each other.
        let connections = (connect(LOG_CONNECTIONS).transpose()?, connect(ROW_CONNECTIONS).transpose()?);
        if let ((Some(log), Some(rows)), Some(outbox)) = (connections, &outbox) {
            let table = SharedTable::new(log, rows, outbox.clone(), options.origin.clone());
            let backend = Arc::new(table.clone());
            return Ok(Self { backend, outbox: Some(outbox.clone()), kind: Kind::Table(table) });
        }
        let embedded = Embedded::new(Arc::clone(&ledger), writer, readers);
        Ok(Self { backend: Arc::new(embedded), outbox: None, kind: Kind::Folder(ledger) })
    }

    /// Opens the log where it is in Postgres; the folder's own is open, and somebody else's is their business.
    pub async fn opened(&self) -> Result<(), BackendError> {
        if let Kind::Table(table) = &self.kind { table.open().await } else { Ok(()) }
    }

    /// The key that this engine itself signs with, where it does and knows it.
    pub fn own_key(&self) -> Option<String> {
        match &self.kind {
            Kind::Folder(ledger) => Some(ledger.vkey()),
            Kind::Table(table) => table.vkey(),
            Kind::Remote(..) => None,
        }
    }

    /// Why there is no such key.
    pub fn no_key(&self) -> EngineError {
        match &self.kind {
            Kind::Remote(..) => EngineError::new(
                "BACKEND_UNSUPPORTED",
                "a remote backend signs with a key of its own: ask whoever runs it, and trust it with `verifierKeys`",
            ),
            Kind::Folder(_) | Kind::Table(_) => EngineError::new(
                "STORE_UNAVAILABLE",
                "the log is in Postgres, which has not answered yet: its key is known once commit() succeeds",
            ),
        }
    }

    /// Why claims cannot be built on, where that is so: a remote backend commits rows that it reads from Postgres.
    pub fn no_store(&self) -> Option<EngineError> {
        let is_fed = self.outbox.is_some() || !matches!(self.kind, Kind::Remote(..));
        (!is_fed).then(|| {
            EngineError::new(
                "STORE_NOT_SHARED",
                "a remote backend reads rows from Postgres: give `store: { postgresUrl }` too; without it payloads of \
                 others can be evaluated, and no claims be built on",
            )
        })
    }

    /// Whether rows of this folder are committed to its own log.
    pub fn is_folder(&self) -> bool {
        matches!(self.kind, Kind::Folder(_))
    }

    /// How long a remote backend's work took, as polls saw it.
    pub fn completion(&self) -> Option<Completions> {
        if let Kind::Remote(remote, _) = &self.kind { Some(remote.completion()) } else { None }
    }

    /// Where others find this engine's queries.
    pub async fn office(&self, include_api_key: bool) -> Result<Office, BackendError> {
        let Kind::Remote(remote, options) = &self.kind else { return Ok(Office::default()) };
        let mut api_key = None;
        if include_api_key {
            remote.connect().await?;
            api_key = remote.integration_key();
        }
        Ok(Office {
            org_id: Some(options.org_id.clone()),
            queries: Some(format!(
                "{}/api/v1/organizations/{}/queries/",
                options.url.trim_end_matches('/'),
                options.org_id
            )),
            api_key,
        })
    }
}

/// Does the handshake as soon as the table is there, so that the first claims need not. Where it fails they do it.
fn prewarm(remote: Arc<Remote>, outbox: Outbox) {
    runtime().spawn(async move {
        if outbox.is_ready().await {
            let _ = remote.connect().await;
        }
    });
}

fn remote_options(
    options: &BackendOptions,
    database: Option<String>,
    tokens: Arc<TokenSources>,
    max_concurrency: usize,
) -> RemoteOptions {
    let auth = match (&options.api_key, &options.token) {
        (Some(key), _) => Auth::ApiKey(key.expose().to_owned()),
        (None, Some(token)) => Auth::Token(Arc::new(FixedToken(token.clone()))),
        (None, None) => Auth::Token(tokens),
    };
    RemoteOptions {
        url: options.url.clone(),
        org_id: options.org_id.clone(),
        auth,
        project: options.project.clone(),
        database,
        timeout: Duration::from_secs_f64(options.timeout_ms / 1e3),
        connect_timeout: CONNECT,
        max_concurrency,
    }
}
