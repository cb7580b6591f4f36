//! A connection with an open transaction.

use std::time::Duration;

use deadpool_postgres::Object;
use tokio::runtime::Handle;
use tokio_postgres::{Row, SimpleQueryMessage};
use uuid::Uuid;

use super::{
    Postgres,
    connect::{Parameters, query, within},
};
use crate::StoreError;

/// How long a transaction may say nothing, in seconds, before the server ends it and frees the log.
pub(super) const SILENCE: u32 = 60;

/// How long a commit waits for the one before it, in seconds.
const WAIT: u32 = 2 * SILENCE;

/// Ends its transaction, also when it is dropped, before anybody else gets the connection.
#[derive(Debug)]
pub(super) struct Open {
    client: Option<Object>,
    handle: Handle,
    patience: Duration,
}

impl Open {
    /// Begins a commit: from here to its end no other process writes to the log.
    ///
    /// Each statement sees what was committed before it, so that what follows the lock sees its last holder's commit; and
    /// the commit is on disk when it is acknowledged, whatever the database's default says.
    pub async fn commit(postgres: &Postgres, log: Uuid) -> Result<Self, StoreError> {
        let begin = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED;
             SET LOCAL synchronous_commit = on;
             SET LOCAL idle_in_transaction_session_timeout = '{SILENCE}s';
             SET LOCAL lock_timeout = '{WAIT}s';
             SET LOCAL statement_timeout = '{WAIT}s';
             SELECT 1 FROM vouchsafe_logs WHERE id = '{log}' FOR UPDATE"
        );
        let wait = Duration::from_secs(WAIT.into()) + postgres.patience;
        let (client, answer) = postgres.begin(&begin, wait).await?;
        let open = Self::new(client, wait);
        let is_locked = answer.iter().any(|message| matches!(message, SimpleQueryMessage::Row(_)));
        if is_locked { Ok(open) } else { Err(StoreError::Corrupt("the log is gone".into())) }
    }

    /// Begins a snapshot; what it shows is decided by the first read.
    pub async fn snapshot(postgres: &Postgres) -> Result<Self, StoreError> {
        let (client, _) = postgres.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", postgres.patience).await?;
        Ok(Self::new(client, postgres.patience))
    }

    fn new(client: Object, patience: Duration) -> Self {
        Self { client: Some(client), handle: Handle::current(), patience }
    }

    /// Ends the transaction; a connection that cannot say how it ended is not used again.
    pub async fn end(mut self, sql: &str) -> Result<(), StoreError> {
        let ended = self.with(async |client| Ok(client.batch_execute(sql).await?)).await;
        let client = self.client.take();
        if ended.is_err() {
            drop(client.map(Object::take));
        }
        ended
    }

    /// Does something in the transaction; where it fails nothing else can be done in it.
    pub async fn with<T>(&self, work: impl AsyncFnOnce(&Object) -> Result<T, StoreError>) -> Result<T, StoreError> {
        within(self.patience, work(self.client())).await
    }

    /// Runs a statement.
    pub async fn query(&self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        self.with(async |client| query(client, sql, parameters).await).await
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("it goes when the transaction ends")
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        // Not here: a snapshot may be dropped where nothing may wait.
        let patience = self.patience;
        self.handle.spawn(async move {
            if within(patience, async { Ok(client.batch_execute("ROLLBACK").await?) }).await.is_err() {
                drop(Object::take(client));
            }
        });
    }
}
