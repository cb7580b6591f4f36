//! One writer at a time, all of a commit or nothing, and a log that is free again when its writer is gone.

use super::{LOG, append, commit, open, read, rows};
use crate::setup::Database;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
    mpsc,
};
use uuid::Uuid;
use vouchsafe_store::{
    StoreError,
    ledger::{CommitJob, LedgerStore, LedgerWrite},
    postgres::PostgresLedger,
};

#[tokio::test(flavor = "multi_thread")]
async fn commits_of_many_processes_come_one_after_the_other() {
    let Some(database) = Database::new() else { return };
    let inside = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..4 {
        // Each with connections of its own, as another process has them.
        let ledger = open(&database, LOG).await;
        for _ in 0..10 {
            let (ledger, inside, next) = (ledger.clone(), inside.clone(), next.clone());
            tasks.push(tokio::spawn(async move {
                commit(&ledger, move |tx| {
                    assert!(!inside.swap(true, Ordering::SeqCst), "two are writing at once");
                    let first = next.fetch_add(3, Ordering::SeqCst);
                    let page = tx.map_page(1)?.map_or(0, |nodes| u64::from_be_bytes(nodes.try_into().unwrap()));
                    tx.put_map_page(1, &(page + 1).to_be_bytes())?;
                    append(tx, &rows(first..first + 3))?;
                    inside.store(false, Ordering::SeqCst);
                    Ok(())
                })
                .await
            }));
        }
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let ledger = open(&database, LOG).await;
    read(&ledger, |held| {
        let newest = held.newest_commit()?.unwrap();
        assert_eq!((newest.size, newest.rows_covered()), (160, 120));
        assert_eq!(held.leaves(0, 1_000)?.len(), 160);
        assert_eq!(held.map_page(1)?.unwrap(), 40_u64.to_be_bytes(), "each saw what the one before it had written");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_sees_what_it_wrote() {
    let Some(database) = Database::new() else { return };
    let ledger = open(&database, LOG).await;
    commit(&ledger, |tx| append(tx, &rows(0..2))).await.unwrap();
    commit(&ledger, |tx| {
        let new = tx.insert_rows(&[super::prepared(&crate::setup::own(5))])?;
        assert_eq!(new[0].unwrap().row_seq, 2);
        let mut seen = Vec::new();
        tx.rows_from(1, &mut |row| {
            seen.push((row.row_seq, row.action_name));
            Ok(())
        })?;
        assert_eq!(seen, [(1, "get_price".to_owned()), (2, "get_price".to_owned())]);
        tx.put_leaf(3, b"leaf")?;
        tx.put_tile(0, 0, b"tile")?;
        tx.put_map_page(4, b"page")?;
        tx.put_map_page(4, b"next")?;
        assert_eq!(tx.leaf(3)?.unwrap(), b"leaf");
        assert_eq!(tx.leaf(2)?.unwrap(), 2_u64.to_be_bytes());
        assert_eq!(*tx.tile(0, 0)?.unwrap(), *b"tile");
        assert_eq!(tx.map_page(4)?.unwrap(), b"next");
        assert_eq!(tx.map_page(5)?, None);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_id_is_there_is_refused_and_the_others_are_not() {
    let Some(database) = Database::new() else { return };
    let ledger = open(&database, LOG).await;
    commit(&ledger, |tx| append(tx, &rows(0..2))).await.unwrap();
    commit(&ledger, |tx| {
        let new: Vec<_> = [1, 2, 2, 3].map(|n| super::prepared(&crate::setup::own(n))).into();
        let numbers: Vec<_> = tx.insert_rows(&new)?.into_iter().map(|new| new.map(|new| new.row_seq)).collect();
        assert_eq!(numbers, [None, Some(2), None, Some(3)]);
        let again: Vec<_> = tx.insert_rows(&new)?.into_iter().flatten().collect();
        assert_eq!(again.len(), 0);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_leaves_nothing() {
    let Some(database) = Database::new() else { return };
    let ledger = open(&database, LOG).await;
    commit(&ledger, |tx| append(tx, &rows(0..1))).await.unwrap();
    let failed = commit(&ledger, |tx| {
        append(tx, &rows(1..4))?;
        tx.put_map_page(1, b"page")?;
        Err(StoreError::Corrupt("as the job says".into()))
    });
    assert_eq!(failed.await.unwrap_err().to_string(), "the store is damaged: as the job says");
    // What the log refuses takes everything else of its job along.
    let twice = commit(&ledger, |tx| {
        append(tx, &rows(1..4))?;
        tx.put_leaf(0, b"another")
    });
    assert_eq!(twice.await.unwrap_err().code(), "STORE_CORRUPT");
    read(&ledger, |held| {
        assert_eq!(held.newest_commit()?.unwrap().size, 2);
        assert_eq!((held.map_page(1)?, held.leaf(2)?), (None, None));
        assert!(!held.has_rows_from(1)?);
        Ok(())
    })
    .await;
    commit(&ledger, |tx| append(tx, &rows(1..4))).await.unwrap();
}

/// Begins a commit that stops in its middle, until it is told to go on.
fn begin(
    ledger: &PostgresLedger,
) -> (mpsc::Receiver<()>, mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), StoreError>>) {
    let (inside, is_inside) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let ledger = ledger.clone();
    let work = move |tx: &dyn LedgerWrite| {
        append(tx, &rows(0..2))?;
        inside.send(()).unwrap();
        let _ = may_go_on.recv();
        Ok(())
    };
    (is_inside, go_on, tokio::spawn(async move { commit(&ledger, work).await }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_whose_connection_dies_in_the_middle_frees_the_log() {
    let Some(database) = Database::new() else { return };
    let (first, second) = (open(&database, LOG).await, open(&database, LOG).await);
    let (is_inside, go_on, dying) = begin(&first);
    tokio::task::spawn_blocking(move || is_inside.recv().unwrap()).await.unwrap();
    let waiting = tokio::spawn(async move { commit(&second, |tx| append(tx, &rows(5..6))).await });
    let client = database.client().await;
    let blocked =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while client.query_one(blocked, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::task::yield_now().await;
    }
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'idle in transaction'";
    assert_eq!(client.query(kill, &[]).await.unwrap().len(), 1);
    waiting.await.unwrap().unwrap();
    go_on.send(()).unwrap();
    assert_eq!(dying.await.unwrap().unwrap_err().code(), "STORE_UNAVAILABLE");
    read(&first, |held| {
        let newest = held.newest_commit()?.unwrap();
        assert_eq!((newest.size, newest.rows), (2, 1), "of the one that died nothing is there");
        Ok(())
    })
    .await;
    commit(&first, |tx| append(tx, &rows(0..2))).await.unwrap();
}

struct Panics;

impl CommitJob for Panics {
    fn run(&mut self, tx: &dyn LedgerWrite) -> Result<(), StoreError> {
        append(tx, &rows(0..2))?;
        panic!("a job that panics");
    }

    fn finish(self: Box<Self>, _: Result<(), StoreError>) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_panics_frees_the_log() {
    let Some(database) = Database::new() else { return };
    let ledger = open(&database, LOG).await;
    ledger.commit(0, Box::new(Panics));
    commit(&ledger, |tx| append(tx, &rows(0..1))).await.unwrap();
    assert_eq!(read(&ledger, |held| Ok(held.newest_commit()?.unwrap().size)).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_keeps_the_key_that_it_began_with() {
    let Some(database) = Database::new() else { return };
    let ledgers = [open(&database, LOG).await, open(&database, LOG).await];
    let keys = tokio::join!(ledgers[0].key("first"), ledgers[1].key("second"));
    let key = keys.0.unwrap();
    assert_eq!(keys.1.unwrap(), key);
    commit(&ledgers[0], |tx| append(tx, &[])).await.unwrap();
    assert_eq!(open(&database, LOG).await.key("third").await.unwrap(), key);
    assert_eq!(open(&database, Uuid::from_u128(8)).await.key("fourth").await.unwrap(), "fourth");
    database.client().await.batch_execute("UPDATE vouchsafe_logs SET key = NULL").await.unwrap();
    assert_eq!(ledgers[0].key("fifth").await.unwrap_err().code(), "STORE_CORRUPT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_another_format_is_refused() {
    let Some(database) = Database::new() else { return };
    open(&database, LOG).await;
    database.client().await.batch_execute("UPDATE vouchsafe_logs SET format = 9").await.unwrap();
    let error = PostgresLedger::open(database.postgres(), LOG).await.unwrap_err();
    assert_eq!(error.code(), "STORE_VERSION", "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_open_a_log_at_once_all_succeed() {
    let Some(database) = Database::new() else { return };
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let postgres = database.postgres();
            tokio::spawn(async move { PostgresLedger::open(postgres, LOG).await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}
