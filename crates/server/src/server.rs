//! Starting and ending a server.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use vouchsafe_store::{
    dir,
    postgres::{ConnectOptions, Documents, Postgres},
};

use crate::{
    ServeError, ServeOptions,
    app::App,
    auth::{IntegrationKeys, Keys, TokenFile, fresh},
    clock::Clock,
    limits::Limits,
    listen,
    log::Log,
    metrics::Metrics,
    routes,
    state::{Catalog, Folder, Shared, State},
    table::{LogStore, Runs, Tables},
};

/// The most connections to a store that is a database.
const CONNECTIONS: usize = 16;

/// A running server.
pub struct Server {
    address: SocketAddr,
    fresh_token: Option<String>,
    tables: Arc<Tables>,
    log: Log,
    closing: watch::Sender<bool>,
    listening: JoinHandle<()>,
    /// Closed when the listener ends, in whatever way.
    listens: watch::Receiver<()>,
}

/// What a store holds.
struct Opened {
    state: Arc<dyn State>,
    logs: LogStore,
    /// Where the keys are if no file is named.
    token_file: Option<PathBuf>,
}

/// Starts a server on this Tokio runtime; it answers when this returns.
pub async fn serve(options: ServeOptions) -> Result<Server, ServeError> {
    let log = Log::new(options.log.clone());
    let store = open(&options.store, options.now_us).await?;
    let tokens = match (&options.token_file, &store.token_file) {
        (Some(path), _) => TokenFile::read(path)?,
        (None, Some(path)) => TokenFile::read_or_make(path)?,
        (None, None) => return Err(ServeError::Keys("must be named where the store is a database".into())),
    };
    let catalog = Catalog::new(store.state, options.now_us);
    let secret = catalog.integration_secret(fresh()).await?;
    let metrics = Arc::new(Metrics::new());
    let private_allowed = options.may_reach_private();
    let tables = Arc::new(Tables::new(catalog.clone(), store.logs, private_allowed, options.origin, options.now_us));
    let (closing, closes) = watch::channel(false);
    let app = Arc::new(App {
        keys: Keys::new(tokens.entries, IntegrationKeys::new(&secret), catalog.clone()),
        runs: Arc::new(Runs::new(
            catalog.clone(),
            Arc::clone(&tables),
            Arc::clone(&metrics),
            log.clone(),
            closes.clone(),
            options.now_us,
        )),
        tables: Arc::clone(&tables),
        catalog,
        limits: Limits::new(options.max_in_flight, options.rate_per_second),
        metrics,
        log: log.clone(),
        orgs: options.orgs.map(|orgs| orgs.into_iter().collect()),
        max_body_bytes: options.max_body_bytes,
        clock: options.now_us,
    });
    let at = SocketAddr::new(options.host, options.port);
    let (listener, address) = listen::bind(at).await.map_err(ServeError::Listen)?;
    let (listens_on, listens) = watch::channel(());
    let lost = log.clone();
    let listening = tokio::spawn(async move {
        let _listens_on = listens_on;
        if let Err(error) = listen::listen(listener, routes::router(app), closes).await {
            lost.with(|| tracing::error!(%error, "the listener is lost"));
        }
    });
    log.with(|| tracing::info!(%address, private_databases = private_allowed, "listening"));
    Ok(Server { address, fresh_token: tokens.fresh, tables, log, closing, listening, listens })
}

async fn open(store: &str, clock: Clock) -> Result<Opened, ServeError> {
    if ["postgres://", "postgresql://"].iter().any(|scheme| store.starts_with(scheme)) {
        let options = ConnectOptions { max: CONNECTIONS, ..ConnectOptions::default() };
        let postgres = Postgres::connect(store, options)?;
        let state = Arc::new(Shared::new(Documents::open(postgres.clone()).await?, clock));
        return Ok(Opened { state, token_file: None, logs: LogStore::Postgres(postgres) });
    }
    let folder = dir::prepare(store.as_ref())?;
    Ok(Opened {
        state: Arc::new(Folder::open(&folder, clock)?),
        token_file: Some(folder.join("tokens")),
        logs: LogStore::Folder(folder.join("logs")),
    })
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that was made because there was none: shown once, as only its hash is kept.
    #[must_use]
    pub fn fresh_token(&self) -> Option<&str> {
        self.fresh_token.as_deref()
    }

    /// Ends the server: no new connections, those who wait for a change are answered, requests under way end, for at
    /// most `deadline`, and so do commits. Returns whether they all did; what did not is done after the next start.
    pub async fn shutdown(self, deadline: Duration) -> bool {
        let until = Instant::now() + deadline;
        let _ = self.closing.send(true);
        let answered = listen::end(self.listening, deadline).await;
        let closed = timeout_at(until, self.tables.close()).await.is_ok();
        self.log.with(|| tracing::info!(all_answered = answered, all_committed = closed, "ended"));
        answered && closed
    }

    /// Resolves when it listens no more, be it that nobody asked for it: then something is wrong with the machine.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut listens = self.listens.clone();
        async move {
            // An error: whoever would send has ended.
            let _ = listens.changed().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_that_listens_no_more_says_so() {
        let dir = tempfile::TempDir::new().unwrap();
        let options = ServeOptions { port: 0, ..ServeOptions::new(dir.path().join("store").to_str().unwrap()) };
        let server = serve(options).await.unwrap();
        let ended = tokio::spawn(server.ended());
        tokio::task::yield_now().await;
        assert!(!ended.is_finished());
        server.listening.abort();
        tokio::time::timeout(Duration::from_secs(10), ended).await.expect("it is told").unwrap();
    }
}
