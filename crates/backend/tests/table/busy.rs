//! Commits while others write, and answers of any size.

use std::time::Duration;

use uuid::Uuid;
use vouchsafe_backend::{Ask, Backend, BackendError, Fetched, TableBackend, TableOptions};
use vouchsafe_core::verdict::Covers;
use vouchsafe_store::postgres::{ConnectOptions, Intercepts, Postgres};

use crate::setup::{Store, Table, by_id, call, now_us, row, rows, with_both};

const CALL: &str = "01890000-0000-7000-8000-000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_ends_though_each_of_its_rows_brings_another() {
    let Some(table) = Table::new(Store::Folder).await else { return };
    table.insert(&rows(2_500)).await;
    // For every row that gets its leaf a new one comes, older than all that are there.
    table
        .sql(
            "CREATE FUNCTION breed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               INSERT INTO intercepts (agent_id, action_name, source_url, raw_response, response_hash, created_at)
               VALUES ('agent', 'look', 'https://example.com', '{}', '', '2001-01-01');
               RETURN NEW; END $$;
             CREATE TRIGGER breed AFTER UPDATE ON intercepts FOR EACH ROW EXECUTE FUNCTION breed()",
        )
        .await;
    let at = tokio::time::timeout(Duration::from_mins(1), table.backend.commit()).await.expect("it ends").unwrap();
    assert!(at.rows >= 2_500);
    let first = table.number("SELECT count(*) FROM intercepts WHERE created_at > '2002-01-01' AND leaf_index IS NULL");
    assert_eq!(first.await, 0, "it has all that were there when it was asked for");
    assert!(table.intercepts.has_uncommitted().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_any_time_are_read_once_when_they_are_read_in_parts() {
    with_both(async |table| {
        let insert = |time: &str| {
            format!(
                "INSERT INTO intercepts (agent_id, action_name, source_url, raw_response, response_hash, created_at)
                 SELECT 'agent', 'look', 'https://example.com', '{{}}', '', '{time}' FROM generate_series(1, 1500)"
            )
        };
        for time in ["-infinity", "1066-10-14", "2020-02-02", "infinity"] {
            table.sql(&insert(time)).await;
        }
        assert_eq!(table.commit().await.rows, 6_000);
        assert_eq!(table.number("SELECT count(DISTINCT leaf_index) FROM intercepts").await, 6_000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_the_newest_rows_that_fit_and_proves_no_more_than_that() {
    with_both(async |table| {
        let mut all: Vec<_> = (0..5).map(|n| row(CALL, &format!("row {n}"))).collect();
        for (n, row) in (0..).zip(&mut all) {
            row.created_us += n;
        }
        table.insert(&all).await;
        table.commit().await;
        assert_eq!(table.ask(call(CALL)).await.left_out, 0);
        // Edited to be long: the one row alone is too long, and the newer ones are not.
        let long = "UPDATE intercepts SET source_url = repeat('x', 40000000) WHERE id =";
        table.sql(&format!("{long} '{}'", all[2].id)).await;
        let answer = table.ask(call(CALL)).await;
        assert_eq!(answer.rows.iter().map(|row| row.row_seq).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(answer.left_out, 3);
        assert!(answer.rows.iter().all(|row| row.fault.is_none()));
        assert_eq!(table.open(&answer).unwrap().covers, Some(Covers::Latest), "not all of the call's");
        let at = table.backend.covering().await.unwrap().unwrap();
        let record = table.backend.query(call(CALL), 256, at).await.unwrap();
        let proofs = table.backend.prove(&record).await.unwrap();
        let Fetched::Proven(bundle) = table.backend.fetch(&record, proofs).await.unwrap() else { panic!("it proves") };
        assert_eq!(bundle.rows.len(), 2);
        // All rows of a name: the proof is that of the first one left.
        let answer = table.backend.answer(&Ask::Action("look".into()), 256).await.unwrap();
        assert_eq!((answer.rows.len(), answer.left_out), (2, 3));
        assert_eq!(answer.bundle.query, by_id(&all[3]));
        table.open(&answer).unwrap();

        // Where not even the newest one fits nothing is said.
        table.sql(&format!("{long} '{}'", all[4].id)).await;
        for query in [call(CALL), by_id(&all[4])] {
            let error = table.backend.answer(&Ask::Query(query), 256).await.unwrap_err();
            assert!(matches!(error, BackendError::Unsupported(_)), "{error}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_gone_is_missed_beside_rows_that_do_not_fit() {
    let Some(table) = Table::new(Store::Folder).await else { return };
    let mut all: Vec<_> = (0..3).map(|n| row(CALL, &format!("row {n}"))).collect();
    for (n, row) in (0..).zip(&mut all) {
        row.created_us += n;
    }
    table.insert(&all).await;
    table.commit().await;
    table.sql(&format!("UPDATE intercepts SET error = repeat('x', 40000000) WHERE id = '{}'", all[0].id)).await;
    table.sql(&format!("DELETE FROM intercepts WHERE id = '{}'", all[1].id)).await;
    let answer = table.ask(call(CALL)).await;
    assert_eq!((answer.rows.len(), answer.left_out), (2, 1));
    assert_eq!(answer.rows[0].fault, Some(vouchsafe_backend::Fault::Gone));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_somebody_holds_ends_a_commit_with_an_error() {
    let Some(table) = Table::new(Store::Folder).await else { return };
    let options = ConnectOptions { lock_timeout: Duration::from_millis(200), ..ConnectOptions::default() };
    let impatient = Intercepts::open(Postgres::connect(&table.url, options).unwrap(), None);
    let dir = tempfile::tempdir().unwrap();
    let backend =
        TableBackend::over_folder(dir.path(), impatient, TableOptions { origin: None, now_us }).await.unwrap();
    let all = [row(&Uuid::now_v7().to_string(), "one")];
    table.insert(&all).await;
    for lock in ["LOCK TABLE intercepts", "LOCK TABLE vouchsafe_hints", "SELECT 1 FROM intercepts FOR UPDATE"] {
        table.sql("UPDATE intercepts SET leaf_index = null").await;
        table.sql(&format!("BEGIN; {lock}")).await;
        let commit = tokio::time::timeout(Duration::from_secs(20), backend.commit()).await.expect("it ends");
        assert_eq!(commit.unwrap_err().code(), "STORE_LOCKED", "{lock}");
        table.sql("ROLLBACK").await;
        assert_eq!(backend.commit().await.unwrap().rows, 1, "{lock}");
    }
    backend.close().await;
}
