//! Which rows get a leaf, when, and how often.

use vouchsafe_backend::{
    Backend,
    archive::{AuditOptions, audit},
};
use vouchsafe_core::{query::Query, verdict::Covers};
use vouchsafe_ledger::{VerifierKey, verify_consistency};
use vouchsafe_store::sqlite::{Database, Readers};

use crate::setup::{CREATED_US, Store, Table, by_id, call, now_us, row, rows, with_both};

#[tokio::test(flavor = "multi_thread")]
async fn a_committed_row_is_answered_with_a_proof_that_stands_alone() {
    with_both(async |table| {
        let first = "01890000-0000-7000-8000-000000000001";
        let committed = [row(first, "one"), row("01890000-0000-7000-8000-000000000002", "two"), row(first, "three")];
        table.insert(&committed).await;
        let at = table.commit().await;
        assert_eq!(at.rows, 3);
        let answer = table.ask(call(first)).await;
        assert_eq!(answer.at.note, at.note);
        assert!(answer.rows.iter().all(|row| row.fault.is_none()));
        assert_eq!(answer.rows.iter().map(|row| row.row_seq).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(answer.rows[1].current.as_ref(), Some(&committed[2]));
        let opened = table.open(&answer).unwrap();
        assert_eq!(opened.covers, Some(Covers::Call));
        assert_eq!(opened.rows[0].time_us, now_us(), "the commit's time");
        assert_eq!(opened.rows[0].row.ended_us, CREATED_US);
        let response = opened.rows[0].fields.response.as_ref().unwrap();
        assert_eq!(response.bytes, committed[0].raw_response.as_bytes());

        let absent = table.ask(call("01890000-0000-7000-8000-000000000009")).await;
        assert!(absent.rows.is_empty());
        assert_eq!(table.open(&absent).unwrap().covers, Some(Covers::Absence));
        let latest = table.ask(Query::Action { action: "look".into(), agent: "agent".into(), run: None }).await;
        assert_eq!(table.open(&latest).unwrap().covers, Some(Covers::Latest));
        assert_eq!(latest.rows.len(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_new_rows_gets_no_new_checkpoint() {
    with_both(async |table| {
        let empty = table.commit().await;
        assert_eq!((empty.rows, empty.checkpoint.size), (0, 1), "the first seal alone");
        assert_eq!(table.backend.newest().await.unwrap().note, empty.note);
        table.insert(&rows(2)).await;
        let at = table.commit().await;
        assert_eq!((at.rows, at.checkpoint.size), (2, 4));
        assert_eq!(table.commit().await.note, at.note);
        assert_eq!(table.backend.newest().await.unwrap().note, at.note);
        let proof = table.backend.consistency(empty.checkpoint.size, &at).await.unwrap();
        verify_consistency(1, &empty.checkpoint.root, 4, &at.checkpoint.root, &proof).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_ends_late_has_its_rows_committed_then_however_early_they_were_created() {
    with_both(async |mut table| {
        let (early, late) = (row("01890000-0000-7000-8000-000000000001", "early"), rows(3));
        let url = table.url.clone();
        let (mut client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let transaction = client.transaction().await.unwrap();
        let insert = format!(
            "INSERT INTO intercepts (id, agent_id, action_name, source_url, raw_response, response_hash, created_at)
             VALUES ('{}', 'agent', 'look', 'https://example.com', '{{}}', '', '2001-01-01')",
            early.id
        );
        transaction.batch_execute(&insert).await.unwrap();
        table.insert(&late).await;
        assert_eq!(table.commit().await.rows, 3, "the open transaction is not waited for");
        transaction.commit().await.unwrap();
        let at = table.commit().await;
        assert_eq!(at.rows, 4);
        let answer = table.ask(by_id(&early)).await;
        assert_eq!(answer.rows[0].row_seq, 3);
        table.open(&answer).unwrap();
        table.backend = table.another().await;
        assert_eq!(table.commit().await.note, at.note, "the next process finds nothing new");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_new_rows_are_committed_in_groups_and_all_of_them() {
    with_both(async |table| {
        let all = rows(2_345);
        table.insert(&all).await;
        let at = table.commit().await;
        assert_eq!(at.rows, 2_345);
        assert_eq!(at.checkpoint.size, 1 + 2_345 + 3, "three seals and the first");
        assert_eq!(table.number("SELECT count(DISTINCT leaf_index) FROM intercepts").await, 2_345);
        for row in [&all[0], &all[999], &all[1_000], &all[2_344]] {
            let answer = table.ask(by_id(row)).await;
            assert!(answer.rows[0].fault.is_none());
            table.open(&answer).unwrap();
            let hint = table.number(&format!("SELECT leaf_index FROM intercepts WHERE id = '{}'", row.id)).await;
            assert_eq!(answer.bundle.rows[0].index, u64::try_from(hint).unwrap());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_too_long_to_be_read_at_once_are_all_committed_by_one_call() {
    let Some(table) = Table::new(Store::Folder).await else { return };
    table
        .sql(
            "INSERT INTO intercepts (agent_id, action_name, source_url, raw_response, response_hash)
             SELECT 'agent', 'look', 'https://example.com', repeat('x', 30000000), '' FROM generate_series(1, 6)",
        )
        .await;
    assert_eq!(table.commit().await.rows, 6);
    assert!(table.backend.covering().await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_a_table_is_a_log_that_audits_clean() {
    let Some(table) = Table::new(Store::Folder).await else { return };
    for _ in 0..3 {
        table.insert(&rows(5)).await;
        table.commit().await;
    }
    let key = VerifierKey::parse(&table.backend.vkey()).unwrap();
    table.backend.close().await;
    table.backend.close().await;
    table.insert(&rows(1)).await;
    assert_eq!(table.backend.commit().await.unwrap_err().code(), "STORE_IO", "closed is closed");
    let options = AuditOptions { known: vec![key], since: None };
    let report =
        Readers::new(Database::in_folder(table.dir.path())).with(|reader| audit(reader, &options, &|_, _| {})).unwrap();
    assert_eq!((report.rows, report.findings_total), (15, 0), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_that_are_asked_for_at_once_cover_what_each_caller_inserted_before() {
    with_both(async |table| {
        let calls = (0..24).map(|n| {
            let table = &table;
            async move {
                let row = row("01890000-0000-7000-8000-000000000001", &format!("row {n}"));
                table.insert(std::slice::from_ref(&row)).await;
                let at = table.commit().await;
                let answer = table.ask(by_id(&row)).await;
                assert!(answer.at.rows >= at.rows);
                assert!(answer.rows[0].row_seq < at.rows, "the commit covers the row before it");
                (at.checkpoint.size, at.checkpoint.root)
            }
        });
        let handed_out = futures_util::future::join_all(calls).await;
        let newest = table.backend.newest().await.unwrap();
        assert_eq!(newest.rows, 24);
        for (size, root) in handed_out {
            let proof = table.backend.consistency(size, &newest).await.unwrap();
            verify_consistency(size, &root, newest.checkpoint.size, &newest.checkpoint.root, &proof).unwrap();
        }
    })
    .await;
}
