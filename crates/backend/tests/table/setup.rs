//! A table, its ledger, and a client that may write to it what it likes.

use std::path::Path;

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;
use vouchsafe_backend::{At, TableAnswer, TableBackend, TableOptions};
use vouchsafe_core::{
    intercept::{Intercept, Own},
    query::Query,
};
use vouchsafe_ledger::{BundleError, OpenedBundle, VerifierKey};
use vouchsafe_pg_test::Cluster;
use vouchsafe_store::postgres::{ConnectOptions, Intercepts, Postgres, PostgresLedger};

/// The tests' clock stands still, later than any row.
pub fn now_us() -> u64 {
    1_800_000_000_000_000
}

/// When rows were created.
pub const CREATED_US: u64 = 1_700_000_000_123_456;

/// Where a ledger is kept.
#[derive(Debug, Clone, Copy)]
pub enum Store {
    Folder,
    Postgres,
}

/// A table with its ledger.
pub struct Table {
    pub backend: TableBackend,
    pub intercepts: Intercepts,
    /// The agent's own connection.
    pub client: Client,
    pub dir: TempDir,
    pub url: String,
    pub store: Store,
    log: Uuid,
}

/// Runs a test with the ledger in a folder and in a Postgres; says why where there is none.
pub async fn with_both<F: Future<Output = ()>>(test: impl Fn(Table) -> F) {
    for store in [Store::Folder, Store::Postgres] {
        let Some(table) = Table::new(store).await else { return };
        test(table).await;
    }
}

impl Table {
    pub async fn new(store: Store) -> Option<Self> {
        Some(Self::on(Cluster::shared()?, store).await)
    }

    pub async fn on(cluster: &Cluster, store: Store) -> Self {
        let url = cluster.url(&cluster.create_database());
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let intercepts = intercepts(&url);
        intercepts.ensure().await.unwrap();
        let (dir, log) = (tempfile::tempdir().unwrap(), Uuid::now_v7());
        let backend = open(store, dir.path(), &url, log, intercepts.clone()).await;
        Self { backend, intercepts, client, dir, url, store, log }
    }

    /// The same log as another process has it.
    pub async fn another(&self) -> TableBackend {
        open(self.store, self.dir.path(), &self.url, self.log, intercepts(&self.url)).await
    }

    /// Runs SQL as the agent.
    pub async fn sql(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    /// A number that SQL says.
    pub async fn number(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    pub async fn insert(&self, rows: &[Intercept]) {
        assert_eq!(self.intercepts.insert(rows).await.unwrap(), rows.len() as u64);
    }

    pub async fn commit(&self) -> std::sync::Arc<At> {
        self.backend.commit().await.unwrap()
    }

    pub async fn ask(&self, query: Query) -> TableAnswer {
        self.backend.answer(&vouchsafe_backend::Ask::Query(query), 256).await.unwrap()
    }

    pub fn open<'a>(&self, answer: &'a TableAnswer) -> Result<OpenedBundle<'a>, BundleError> {
        let key = VerifierKey::parse(&self.backend.vkey()).unwrap();
        answer.bundle.open(&[key])
    }
}

pub fn intercepts(url: &str) -> Intercepts {
    Intercepts::open(Postgres::connect(url, ConnectOptions::default()).unwrap(), None)
}

pub async fn open(store: Store, dir: &Path, url: &str, log: Uuid, intercepts: Intercepts) -> TableBackend {
    let options = TableOptions { origin: None, now_us };
    match store {
        Store::Folder => TableBackend::over_folder(dir, intercepts, options).await.unwrap(),
        Store::Postgres => {
            let postgres = Postgres::connect(url, ConnectOptions::default()).unwrap();
            let ledger = PostgresLedger::open(postgres, log).await.unwrap();
            TableBackend::over_postgres(ledger, intercepts, options).await.unwrap()
        }
    }
}

/// A row as another SDK writes it.
pub fn row(call_ref: &str, response: &str) -> Intercept {
    Intercept {
        id: Uuid::now_v7().to_string(),
        agent_id: "agent".into(),
        action_name: "look".into(),
        source_url: "https://example.com/price?item=7".into(),
        request_payload: r#"{"params": {"item": "7"}}"#.into(),
        raw_response: format!(r#"{{"text": "{response}"}}"#),
        response_hash: "00".repeat(32),
        call_ref: Some(call_ref.into()),
        created_us: CREATED_US,
        own: Own::default(),
    }
}

pub fn rows(count: usize) -> Vec<Intercept> {
    (0..count).map(|n| row(&Uuid::now_v7().to_string(), &format!("row {n}"))).collect()
}

pub fn call(call: &str) -> Query {
    Query::Call { call: call.into() }
}

pub fn by_id(row: &Intercept) -> Query {
    Query::Row { row: row.id.clone() }
}
