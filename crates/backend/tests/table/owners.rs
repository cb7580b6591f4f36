//! Several logs over one table, and one log that is older than the table's hints: none signs that a row is not there.

use std::path::Path;

use tempfile::TempDir;
use uuid::Uuid;
use vouchsafe_backend::{Backend, TableBackend};
use vouchsafe_core::verdict::Covers;
use vouchsafe_ledger::VerifierKey;

use crate::setup::{Store, Table, by_id, call, intercepts, open, row, rows, with_both};

const CALL: &str = "01890000-0000-7000-8000-000000000001";

/// The answer about one call: how many rows, and what is proven of them.
async fn asked(backend: &TableBackend) -> (usize, Option<Covers>) {
    let answer = backend.answer(&vouchsafe_backend::Ask::Query(call(CALL)), 256).await.unwrap();
    let key = VerifierKey::parse(&backend.vkey()).unwrap();
    let covers = answer.bundle.open(&[key]).unwrap().covers;
    (answer.rows.len(), covers)
}

fn copy(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        // A restored backup brings no owner along.
        if file.file_name() != "owner" {
            std::fs::copy(file.path(), to.path().join(file.file_name())).unwrap();
        }
    }
    to
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_log_over_a_table_that_another_one_has_committed_reads_all_its_rows() {
    with_both(async |mut table| {
        table.insert(&[row(CALL, "one")]).await;
        table.insert(&rows(3)).await;
        table.commit().await;
        table.backend.close().await;
        // An emptied store.
        let dir = tempfile::tempdir().unwrap();
        table.backend = open(table.store, dir.path(), &table.url, Uuid::now_v7(), table.intercepts.clone()).await;
        assert!(table.backend.covering().await.unwrap().is_none(), "it covers none of them yet");
        assert_eq!(table.commit().await.rows, 4);
        assert_eq!(asked(&table.backend).await, (1, Some(Covers::Call)));
        assert!(!table.intercepts.has_uncommitted().await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_older_copy_of_a_log_reads_what_it_does_not_have() {
    let Some(mut table) = Table::new(Store::Folder).await else { return };
    let first = rows(3);
    table.insert(&first).await;
    table.commit().await;
    table.backend.close().await;
    let backup = copy(table.dir.path());
    table.backend = table.another().await;
    table.insert(&[row(CALL, "one")]).await;
    assert_eq!(table.commit().await.rows, 4);
    table.backend.close().await;
    let key = table.backend.vkey();
    table.backend = open(Store::Folder, backup.path(), &table.url, Uuid::now_v7(), table.intercepts.clone()).await;
    assert_eq!(table.backend.vkey(), key, "it is the same log");
    assert_eq!(asked(&table.backend).await.0, 0);
    assert!(table.backend.covering().await.unwrap().is_none());
    assert_eq!(table.commit().await.rows, 4);
    assert_eq!(asked(&table.backend).await, (1, Some(Covers::Call)));
    assert_eq!(table.ask(by_id(&first[2])).await.rows[0].row_seq, 2, "what it has keeps its leaf");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_finds_another_one_on_its_table_signs_nothing_until_it_is_opened_anew() {
    with_both(async |table| {
        table.insert(&rows(3)).await;
        table.commit().await;
        let (dir, log) = (tempfile::tempdir().unwrap(), Uuid::now_v7());
        let other = open(table.store, dir.path(), &table.url, log, table.intercepts.clone()).await;
        table.insert(&[row(CALL, "one")]).await;
        assert_eq!(other.commit().await.unwrap().rows, 4);
        // The row has the other one's hint: it must not be said that there is none.
        for _ in 0..2 {
            assert_eq!(table.backend.commit().await.unwrap_err().code(), "BACKEND_DISPLACED");
            assert_eq!(table.backend.covering().await.unwrap_err().code(), "BACKEND_DISPLACED");
        }
        assert_eq!(table.backend.newest().await.unwrap().rows, 3);
        let anew = table.another().await;
        assert_eq!(anew.commit().await.unwrap().rows, 4);
        assert_eq!(asked(&anew).await, (1, Some(Covers::Call)));
        table.insert(&rows(1)).await;
        assert_eq!(other.commit().await.unwrap_err().code(), "BACKEND_DISPLACED");
        assert_eq!(other.newest().await.unwrap().rows, 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_one_log_that_go_apart_are_told_from_each_other() {
    let Some(table) = Table::new(Store::Folder).await else { return };
    table.insert(&rows(3)).await;
    table.commit().await;
    table.backend.close().await;
    let twin = copy(table.dir.path());
    let original = table.another().await;
    let twin = open(Store::Folder, twin.path(), &table.url, Uuid::now_v7(), intercepts(&table.url)).await;
    table.insert(&rows(1)).await;
    assert_eq!(original.commit().await.unwrap().rows, 4);
    assert_eq!(twin.commit().await.unwrap_err().code(), "BACKEND_DISPLACED", "as many rows, and not the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_logs_that_commit_at_the_same_time_never_both_stand() {
    with_both(async |table| {
        let (dir, log) = (tempfile::tempdir().unwrap(), Uuid::now_v7());
        for round in 0..10 {
            let mine = table.another().await;
            let theirs = open(table.store, dir.path(), &table.url, log, intercepts(&table.url)).await;
            let call_ref = Uuid::now_v7().to_string();
            table.insert(&[row(&call_ref, &format!("round {round}"))]).await;
            let anew = table.another();
            let (first, second, anew) = tokio::join!(mine.commit(), theirs.commit(), anew);
            // Whoever says that it covers the row has it.
            for (backend, said) in [(&mine, first.is_ok()), (&theirs, second.is_ok())] {
                let ask = vouchsafe_backend::Ask::Query(call(&call_ref));
                assert!(!said || backend.answer(&ask, 256).await.unwrap().rows.len() == 1);
            }
            drop(anew);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_of_one_log_that_take_a_table_at_once_all_get_it() {
    with_both(async |table| {
        table.insert(&rows(30)).await;
        table.commit().await;
        for _ in 0..4 {
            // As another log leaves it that was taking the table when it died.
            table.sql("UPDATE vouchsafe_hints SET log = 'another', size = 0").await;
            let processes = futures_util::future::join_all((0..5).map(|_| table.another())).await;
            for process in processes {
                assert_eq!(process.commit().await.unwrap().rows, 30);
            }
            assert!(!table.intercepts.has_uncommitted().await.unwrap());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_table_is_taken_in_parts() {
    let Some(table) = Table::new(Store::Folder).await else { return };
    table
        .sql(
            "INSERT INTO intercepts (agent_id, action_name, source_url, raw_response, response_hash, leaf_index)
             SELECT 'agent', 'look', 'https://example.com', '{}', '', n FROM generate_series(1, 30001) AS n;
             UPDATE vouchsafe_hints SET log = 'another'",
        )
        .await;
    let _anew = table.another().await;
    assert_eq!(table.number("SELECT count(*) FROM intercepts WHERE leaf_index IS NULL").await, 30_001);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_written_where_the_owner_stands_ends_with_an_error_or_with_a_new_owner() {
    with_both(async |table| {
        table.insert(&rows(2)).await;
        table.commit().await;
        for forged in [
            "DELETE FROM vouchsafe_hints",
            "UPDATE vouchsafe_hints SET size = -1",
            "UPDATE vouchsafe_hints SET size = 9223372036854775807",
            "UPDATE vouchsafe_hints SET root = ''",
            "UPDATE vouchsafe_hints SET log = ''",
        ] {
            table.sql(forged).await;
            assert_eq!(table.backend.commit().await.unwrap_err().code(), "BACKEND_DISPLACED", "{forged}");
            assert_eq!(table.another().await.commit().await.unwrap().rows, 2, "{forged}");
            table.commit().await;
        }
        table
            .sql(
                "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
                 CREATE TRIGGER keep BEFORE UPDATE ON vouchsafe_hints FOR EACH ROW EXECUTE FUNCTION keep()",
            )
            .await;
        table.insert(&rows(1)).await;
        assert_eq!(table.backend.commit().await.unwrap_err().code(), "BACKEND_PROTOCOL");
    })
    .await;
}
