//! Opening registered tables.

use std::{
    collections::HashMap,
    net::IpAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::http::StatusCode;
use futures_util::future::join_all;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::OnceCell;
use uuid::Uuid;
use vouchsafe_backend::{Ask, BackendError, Fault, TableAnswer, TableBackend, TableOptions};
use vouchsafe_store::{
    StoreError, dir,
    postgres::{ConnectOptions, Intercepts, Postgres, PostgresLedger},
};

use crate::{
    clock::Clock,
    destination,
    refusal::{Answer, Refusal},
    state::{Catalog, Credentials, Database, Table},
};

/// The most connections to one database.
const CONNECTIONS: usize = 8;

/// Where the logs are.
pub enum LogStore {
    /// A folder for each in this folder.
    Folder(PathBuf),
    /// All in one database.
    Postgres(Postgres),
}

/// A table that is read, with its log.
pub struct Opened {
    pub backend: TableBackend,
    pub columns: Vec<String>,
    intercepts: Intercepts,
    /// Where its database was when it was opened.
    address: IpAddr,
    /// Whether another log has taken the table since; whoever registers it again takes it back.
    displaced: AtomicBool,
}

/// The tables that were opened; each stays open until the server ends.
pub struct Tables {
    catalog: Catalog,
    logs: LogStore,
    private_allowed: bool,
    origin: Option<String>,
    clock: Clock,
    opened: Mutex<HashMap<Uuid, Arc<OnceCell<Arc<Opened>>>>>,
}

impl Tables {
    pub fn new(catalog: Catalog, logs: LogStore, private_allowed: bool, origin: Option<String>, clock: Clock) -> Self {
        Self { catalog, logs, private_allowed, origin, clock, opened: Mutex::default() }
    }

    /// Checks that the table can be reached with these credentials, and keeps them.
    pub async fn register(&self, database: &Database, credentials: &Credentials) -> Answer<()> {
        if self.catalog.credentials(database).await?.as_ref() == Some(credentials)
            && self.find(database).get().is_some_and(|opened| !opened.displaced.load(Ordering::Relaxed))
        {
            return Ok(());
        }
        let intercepts = connect(database, credentials, self.address(database).await?)?;
        let usable = async {
            intercepts.ensure().await?;
            // The rights that a commit needs: who may only read would take the place of somebody who may write.
            intercepts.check_rights().await
        };
        usable.await.map_err(|error| unusable(&error))?;
        self.catalog.put_credentials(database, credentials).await?;
        self.forget(database).await;
        Ok(())
    }

    /// The table with its log, opened the first time that it is needed.
    pub async fn open(&self, table: &Table) -> Answer<Arc<Opened>> {
        let database = &table.database;
        let cell = self.find(database);
        cell.get_or_try_init(|| async {
            let credentials = self.catalog.credentials(database).await?;
            let credentials = credentials.ok_or_else(|| Refusal::not_found("the database's password"))?;
            let address = self.address(database).await?;
            let intercepts = connect(database, &credentials, address)?;
            intercepts.ensure().await?;
            intercepts.check_rights().await?;
            let columns = intercepts.columns().await?;
            let backend = self.log(database.table_id(), intercepts.clone()).await?;
            Ok(Arc::new(Opened { backend, columns, intercepts, address, displaced: AtomicBool::new(false) }))
        })
        .await
        .cloned()
    }

    /// Does something with a table's log.
    pub async fn with<T>(
        &self,
        table: &Table,
        work: impl AsyncFnOnce(&TableBackend) -> Result<T, BackendError>,
    ) -> Answer<T> {
        let opened = self.open(table).await?;
        let result = work(&opened.backend).await;
        if let Err(BackendError::Displaced(_)) = &result {
            opened.displaced.store(true, Ordering::Relaxed);
        }
        if let Err(BackendError::Store(StoreError::Unavailable(_))) = &result
            && self.address(&table.database).await.is_ok_and(|now| now != opened.address)
        {
            // The database has moved: the next one who needs it opens it where it is.
            self.forget(&table.database).await;
        }
        Ok(result?)
    }

    /// The newest `limit` rows that answer, as the table has them now.
    pub async fn answer(&self, table: &Table, ask: &Ask, limit: u32) -> Answer<TableAnswer> {
        let answer = self.with(table, async |log| log.answer(ask, limit).await).await?;
        if answer.rows.iter().any(|row| matches!(row.fault, Some(Fault::Gone))) {
            // Before anybody is accused: rows that somebody hides from this role only look as if they were gone.
            self.open(table).await?.intercepts.check_rights().await?;
        }
        Ok(answer)
    }

    async fn forget(&self, database: &Database) {
        let before = self.opened.lock().unwrap_or_else(PoisonError::into_inner).remove(&database.table_id());
        if let Some(before) = before.and_then(|before| before.get().cloned()) {
            before.backend.close().await;
        }
    }

    pub async fn close(&self) {
        let opened = std::mem::take(&mut *self.opened.lock().unwrap_or_else(PoisonError::into_inner));
        let opened: Vec<_> = opened.into_values().filter_map(|table| table.get().cloned()).collect();
        // All at once, so that one whose database says nothing keeps none of the others from it.
        join_all(opened.iter().map(|table| table.backend.close())).await;
    }

    fn find(&self, database: &Database) -> Arc<OnceCell<Arc<Opened>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).entry(database.table_id()).or_default().clone()
    }

    async fn address(&self, database: &Database) -> Answer<IpAddr> {
        destination::resolve(database, self.private_allowed).await
    }

    async fn log(&self, id: Uuid, intercepts: Intercepts) -> Answer<TableBackend> {
        let options = TableOptions { origin: self.origin.clone(), now_us: self.clock };
        Ok(match &self.logs {
            LogStore::Folder(folder) => {
                let folder = dir::prepare(&folder.join(id.to_string()))?;
                TableBackend::over_folder(&folder, intercepts, options).await?
            }
            LogStore::Postgres(postgres) => {
                let ledger = PostgresLedger::open(postgres.clone(), id).await?;
                TableBackend::over_postgres(ledger, intercepts, options).await?
            }
        })
    }
}

fn connect(database: &Database, credentials: &Credentials, address: IpAddr) -> Answer<Intercepts> {
    let options = ConnectOptions { max: CONNECTIONS, address: Some(address), ..ConnectOptions::default() };
    let postgres = Postgres::connect(&url(database, credentials), options).map_err(|error| unusable(&error))?;
    Ok(Intercepts::open(postgres, None))
}

fn url(database: &Database, credentials: &Credentials) -> String {
    let plain = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let [user, password, name] = [&credentials.username, &credentials.password, &database.name].map(|text| plain(text));
    format!("postgresql://{user}:{password}@{}/{name}", database.uri())
}

fn unusable(error: &StoreError) -> Refusal {
    let why = format!("the database cannot be used: {error}");
    match error {
        StoreError::Unavailable(_) | StoreError::Locked(_) => Refusal::later(StatusCode::SERVICE_UNAVAILABLE, why, 1),
        _ => Refusal::bad_request(why),
    }
}
