//! What is not kept for ever.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::StatusCode;
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;
use vouchsafe_server::ServeOptions;

use crate::{
    agent::{Agent, Inserted},
    support::{Found, Running, options, refused},
};

const DAY_US: u64 = 24 * 3_600 * 1_000_000;

static DAYS: AtomicU64 = AtomicU64::new(20_000);

fn now_us() -> u64 {
    DAYS.load(Ordering::Relaxed) * DAY_US
}

/// How many queries and runs a server's store holds.
async fn held(running: &Running, shared: Option<&tokio_postgres::Client>) -> i64 {
    if let Some(shared) = shared {
        let sql = "SELECT count(*) FROM vouchsafe_documents WHERE kind IN (6, 8)";
        return shared.query_one(sql, &[]).await.unwrap().get(0);
    }
    let db = Connection::open(running.dir.path().join("store/server.db")).unwrap();
    db.query_row("SELECT count(*) FROM documents WHERE kind IN (6, 8)", [], |row| row.get(0)).unwrap()
}

/// After a week they are gone: those who ask are told so, and what comes makes room.
async fn pass(running: &Running, agent: &Agent, found: &Found, shared: Option<tokio_postgres::Client>) {
    let preprocess = running.org(&format!("/middlewares/{}/tables/{}/preprocess", found.middleware, found.table));
    let row = Inserted::new("{}");
    agent.insert(&row).await;
    running.preprocess(found).await;
    let mut old = Vec::new();
    for _ in 0..40 {
        old.push(running.query(found, &row.by_call()).await);
    }
    DAYS.fetch_add(6, Ordering::Relaxed);
    let newer = running.query(found, &row.by_call()).await;
    assert_eq!(held(running, shared.as_ref()).await, 42);
    assert_eq!(running.verified(found, &old[0]).await["proof"]["verification_status"], "Verified");
    DAYS.fetch_add(2, Ordering::Relaxed);

    for query in &old {
        refused(&running.get(&running.org(&format!("/queries/{query}"))).await, 404);
    }
    refused(&running.get(&preprocess).await, 404);
    running.query(found, &row.by_call()).await;
    let left = held(running, shared.as_ref()).await;
    assert!((39..43).contains(&left), "a write deletes some and not all: {left}");
    running.preprocess(found).await;
    for _ in 0..22 {
        running.query(found, &row.by_call()).await;
    }
    // The newer one, the run, and what came after the old ones.
    assert_eq!(held(running, shared.as_ref()).await, 1 + 1 + 23);
    assert_eq!(running.get(&running.org(&format!("/queries/{newer}"))).await.0, StatusCode::OK);
    // What was registered stays.
    assert_eq!(running.get(&running.org("/collections")).await.1[0]["id"], json!(found.collection));
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_runs_are_forgotten_after_a_week_and_nothing_else() {
    let Some(agent) = Agent::new().await else { return };
    let dir = TempDir::new().unwrap();
    let in_folder = ServeOptions { now_us, ..options(dir.path()) };
    let running = Running::start_in(dir, in_folder).await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    pass(&running, &agent, &found, None).await;

    let agent = Agent::on(agent.cluster).await;
    let database = agent.cluster.create_database();
    let dir = TempDir::new().unwrap();
    let in_postgres = ServeOptions { now_us, store: agent.cluster.url(&database), ..options(dir.path()) };
    let running = Running::start_in(dir, in_postgres).await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let (shared, connection) =
        tokio_postgres::connect(&agent.cluster.url(&database), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    pass(&running, &agent, &found, Some(shared)).await;
}
