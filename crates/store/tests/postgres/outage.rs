//! A server that goes away and comes back.

use crate::setup::{Database, id, own};
use uuid::Uuid;
use vouchsafe_pg_test::Cluster;
use vouchsafe_store::{
    ledger::LedgerStore,
    postgres::{Intercepts, PostgresLedger},
};

/// Ends every connection of ours.
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'vouchsafe'";

#[tokio::test]
async fn a_store_works_again_when_its_server_is_back() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let database = Database { url: cluster.url(&cluster.create_database()) };
    let table = database.table().await;
    table.insert(&[own(1)]).await.unwrap();
    for crash in [false, true] {
        if crash {
            cluster.crash();
        } else {
            cluster.stop();
        }
        let error = table.insert(&[own(2)]).await.unwrap_err();
        assert_eq!(error.code(), "STORE_UNAVAILABLE", "{error}");
        cluster.start_again().unwrap();
        table.insert(&[own(1), own(2)]).await.unwrap();
        assert_eq!(table.uncommitted(10).await.unwrap().rows, [own(1), own(2)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_while_nobody_uses_them_fail_no_call() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    let ledger = PostgresLedger::open(database.postgres(), Uuid::nil()).await.unwrap();
    let client = database.client().await;
    for n in 0..10 {
        client.query(CUT, &[]).await.unwrap();
        table.insert(&[own(n)]).await.unwrap();
        client.query(CUT, &[]).await.unwrap();
        assert_eq!(table.by_ids(&[id(n)]).await.unwrap().rows, [own(n)]);
        let ledger = ledger.clone();
        tokio::task::spawn_blocking(move || ledger.hold().map(drop)).await.unwrap().unwrap();
    }
    assert_eq!(table.uncommitted(20).await.unwrap().rows.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_share_connections_get_their_own_answers_whatever_is_cut() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    table.insert(&(0..64).map(own).collect::<Vec<_>>()).await.unwrap();
    let readers: Vec<_> = (0..64)
        .map(|n| {
            let table = table.clone();
            tokio::spawn(async move {
                let mut answers = 0;
                while answers < 50 {
                    match table.by_ids(&[id(n)]).await {
                        Ok(found) => assert_eq!(found.rows, [own(n)]),
                        Err(error) => assert_eq!(error.code(), "STORE_UNAVAILABLE", "{error}"),
                    }
                    answers += 1;
                }
            })
        })
        .collect();
    let client = database.client().await;
    for _ in 0..5 {
        client.query(CUT, &[]).await.unwrap();
    }
    for reader in readers {
        reader.await.unwrap();
    }
    // After the last cut was noticed there is nothing left to fail.
    while table.by_ids(&[id(0)]).await.is_err() || table.by_ids(&[id(1)]).await.is_err() {}
    for n in 0..64 {
        assert_eq!(table.by_ids(&[id(n)]).await.unwrap().rows, [own(n)]);
    }
}

#[tokio::test]
async fn a_store_that_is_closed_leaves_no_connection() {
    let Some(database) = Database::new() else { return };
    let postgres = database.postgres();
    let table = Intercepts::open(postgres.clone(), None);
    table.ensure().await.unwrap();
    table.by_ids(&[id(0)]).await.unwrap();
    postgres.close();
    let others =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vouchsafe'";
    let client = database.client().await;
    while client.query_one(others, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(table.by_ids(&[id(0)]).await.unwrap_err().code(), "STORE_UNAVAILABLE");
}
