//! The pool of connections.

use std::{
    fmt,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{Row, SimpleQueryMessage, config::Host, types::ToSql};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{shared::Lanes, url::Target};
use crate::StoreError;

/// How long a caller waits for a connection that others have.
const WAIT: Duration = Duration::from_secs(30);

/// So much longer than the server we wait for a statement's end.
const GRACE: Duration = Duration::from_secs(5);

/// So many connections that were made earlier are tried before a statement fails: they may all have been cut, and it may be
/// the statement that they do not survive.
pub(super) const ATTEMPTS: u32 = 3;

/// A connection that was cut earlier says so within this time.
const AT_ONCE: Duration = Duration::from_secs(5);

/// What a statement's `$1`, `$2` … stand for.
pub(super) type Parameters<'p> = &'p [&'p (dyn ToSql + Sync)];

/// How to connect.
#[derive(Debug, Clone, Copy)]
pub struct ConnectOptions {
    /// The most connections at once; 8 by default. A table's log needs two.
    pub max: usize,
    /// Connects to this address instead of asking which one the host's name has; the name stays what its certificate is
    /// checked for. Where it is given, the URL must name exactly one host, and no address.
    pub address: Option<IpAddr>,
    /// How long a statement may take, 30 s by default: the server ends it then, and where the server says nothing the
    /// connection is given up [`GRACE`] later.
    pub statement_timeout: Duration,
    /// How long a statement waits for a lock that another client of the database holds; 10 s by default.
    pub lock_timeout: Duration,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            max: 8,
            address: None,
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
        }
    }
}

/// A Postgres database: connections that are made when they are needed, and again after they were lost.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
    pub(super) lanes: Arc<Lanes>,
    name: Arc<str>,
    /// How long an answer is waited for.
    pub(super) patience: Duration,
}

impl Postgres {
    /// Reads a URL, with `sslmode` and `sslrootcert` as libpq means them. Nothing is connected yet, so that a server that is
    /// away is no reason not to begin.
    pub fn connect(url: &str, options: ConnectOptions) -> Result<Self, StoreError> {
        let mut target = Target::read(url)?;
        if let Some(address) = options.address {
            if !target.config.get_hostaddrs().is_empty() || !matches!(target.config.get_hosts(), [Host::Tcp(_)]) {
                return Err(StoreError::Refused("the URL has to name exactly one host, and no hostaddr".into()));
            }
            target.config.hostaddr(address);
        }
        let name = target.name().into();
        let tls = MakeRustlsConnect::new(target.tls.client_config()?);
        let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let connect_timeout = target.config.get_connect_timeout().copied();
        let pool = Pool::builder(Manager::from_config(target.config, tls, config))
            .max_size(options.max)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            // The driver's own timeout ends with TCP; a server that then says nothing has to be given up as well.
            .create_timeout(connect_timeout.map(|timeout| timeout * 2))
            .post_create(timeouts(options))
            .build()
            .map_err(|error| StoreError::Io(error.to_string()))?;
        let patience = options.statement_timeout + GRACE;
        Ok(Self { pool, lanes: Arc::new(Lanes::of(options.max)), name, patience })
    }

    /// Makes sure that the server answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.with(async |client| Ok(client.batch_execute("SELECT 1").await?)).await
    }

    /// Does something on a connection, which is not used again where the server is about to end it.
    pub(super) async fn with<T>(
        &self,
        work: impl AsyncFnOnce(&Object) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_for(self.patience, work).await
    }

    /// The same for work that may take so long in all.
    pub(super) async fn with_for<T>(
        &self,
        patience: Duration,
        work: impl AsyncFnOnce(&Object) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let client = self.client().await?;
        let result = within(patience, work(&client)).await;
        if let Err(StoreError::Unavailable(_)) = &result {
            drop(Object::take(client));
        }
        result
    }

    /// Runs a statement that may be run twice: where a connection was made earlier and turns out to be cut, another one is
    /// tried, so that a server that was away does not fail the calls that come when it is back.
    pub(super) async fn query(&self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        for attempt in 1.. {
            let client = self.client().await?;
            let is_new = Object::metrics(&client).recycle_count == 0;
            let began = Instant::now();
            match within(self.patience, query(&client, sql, parameters)).await {
                Err(StoreError::Unavailable(why)) => {
                    drop(Object::take(client));
                    if is_new || attempt == ATTEMPTS || !is_worth_another(began) {
                        return Err(StoreError::Unavailable(why));
                    }
                }
                done => return done,
            }
        }
        unreachable!("the last attempt returns")
    }

    /// Begins a transaction, likewise, and returns what the server said. Not to be abandoned on its way: the pool would lend
    /// the connection again with the transaction open.
    pub(super) async fn begin(
        &self,
        sql: &str,
        patience: Duration,
    ) -> Result<(Object, Vec<SimpleQueryMessage>), StoreError> {
        for attempt in 1.. {
            let client = self.client().await?;
            let is_new = Object::metrics(&client).recycle_count == 0;
            let began = Instant::now();
            let answer = async { Ok(client.simple_query(sql).await?) };
            match within(patience, answer).await {
                Ok(answer) => return Ok((client, answer)),
                Err(error) => {
                    drop(Object::take(client));
                    let is_lost = matches!(error, StoreError::Unavailable(_)) && is_worth_another(began);
                    if is_new || attempt == ATTEMPTS || !is_lost {
                        return Err(error);
                    }
                }
            }
        }
        unreachable!("the last attempt returns")
    }

    /// A connection for one user at a time; it goes back when it is dropped.
    pub(super) async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| match StoreError::from(error) {
            StoreError::Unavailable(why) => StoreError::Unavailable(format!("{}: {why}", self.name)),
            StoreError::Refused(why) => StoreError::Refused(format!("{}: {why}", self.name)),
            other => other,
        })
    }

    /// Closes what is idle now, and the rest when it is not needed any more.
    pub fn close(&self) {
        self.pool.close();
        self.lanes.close();
    }
}

/// Tells the server of each connection how long it may take.
fn timeouts(options: ConnectOptions) -> Hook {
    let ConnectOptions { statement_timeout, lock_timeout, .. } = options;
    let set = format!(
        "SET statement_timeout = {}; SET lock_timeout = {}",
        statement_timeout.as_millis(),
        lock_timeout.as_millis()
    );
    Hook::async_fn(move |client, _| {
        let set = set.clone();
        Box::pin(async move {
            let set = tokio::time::timeout(statement_timeout + GRACE, client.batch_execute(&set)).await;
            set.map_err(|_| HookError::message("the database does not answer"))?.map_err(HookError::Backend)
        })
    })
}

/// Gives up what takes longer: the connection that it was asked on is not to be used again.
pub(super) async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let silent = |_| StoreError::Unavailable(format!("the database did not answer within {} s", patience.as_secs()));
    tokio::time::timeout(patience, work).await.map_err(silent)?
}

/// Whether a connection was lost at once, as one that was cut while it was idle is, and not by what it was asked.
pub(super) fn is_worth_another(began: Instant) -> bool {
    began.elapsed() < AT_ONCE
}

/// Runs a statement that each connection prepares once.
pub(super) async fn query(client: &Object, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, StoreError> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.query(&statement, parameters).await?)
}

impl fmt::Debug for Postgres {
    /// Without the password.
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "Postgres({})", self.name)
    }
}
