use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use vouchsafe_backend::{
    At, Auth, Backend, BackendError, BoxFuture, Fetched, Outbox, Remote, RemoteOptions, Snapshot, TokenSource,
};
use vouchsafe_core::query::Query;

use super::stub::Stub;

/// Gives `token-1` first, and the next one whenever one was refused.
#[derive(Default)]
pub struct Tokens {
    pub refused: Mutex<Vec<Option<String>>>,
}

impl TokenSource for Tokens {
    fn token(&self, rejected: Option<String>) -> BoxFuture<'_, Result<String, BackendError>> {
        let mut refused = self.refused.lock().unwrap();
        refused.push(rejected);
        let token = format!("token-{}", refused.len());
        Box::pin(async { Ok(token) })
    }
}

/// What was waited for, and whether something is left.
#[derive(Default)]
pub struct Shipped {
    pub ticket: AtomicU64,
    pub dirty: AtomicBool,
}

impl Outbox for Shipped {
    fn shipped(&self, ticket: u64) -> BoxFuture<'_, Result<(), BackendError>> {
        self.ticket.store(ticket, Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    }

    fn dirty(&self) -> BoxFuture<'_, Result<bool, BackendError>> {
        Box::pin(async { Ok(self.dirty.load(Ordering::SeqCst)) })
    }
}

pub fn options(url: &str, timeout: Duration) -> RemoteOptions {
    RemoteOptions {
        url: url.into(),
        org_id: "o-1".into(),
        auth: Auth::ApiKey("key-1".into()),
        project: "project".into(),
        database: Some("postgres://me:se%20cret@db.example:6432/agents".into()),
        timeout,
        connect_timeout: Duration::from_secs(2),
        max_concurrency: 8,
    }
}

pub fn remote(stub: &Stub) -> Remote {
    within(stub, Duration::from_secs(20))
}

pub fn within(stub: &Stub, timeout: Duration) -> Remote {
    Remote::new(options(&stub.url, timeout), Some(Arc::new(Shipped::default()))).unwrap()
}

pub fn call(n: u32) -> Query {
    Query::Call { call: format!("00000000-0000-4000-8000-{n:012}") }
}

/// Query, proof and rows.
pub async fn answer(remote: &Remote, query: Query) -> Result<Fetched, BackendError> {
    let record = remote.query(query, 100, Arc::new(At::unsigned())).await?;
    let proof = remote.prove(&record).await?;
    remote.fetch(&record, proof).await
}

pub async fn preprocess(remote: &Remote) -> Result<Arc<At>, BackendError> {
    remote.preprocess(Snapshot { ticket: 7 }).await
}

/// The response of the only row, on the server's word.
pub fn told(fetched: Fetched) -> String {
    let Fetched::Told(told) = fetched else { panic!("it is told") };
    assert_eq!(told.rows.len(), 1);
    String::from_utf8(told.rows[0].1.response.clone().unwrap()).unwrap()
}
