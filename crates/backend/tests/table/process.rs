//! The backend of an agent's own process.

use vouchsafe_backend::{Backend, Fetched, Snapshot};
use vouchsafe_core::query::Query;
use vouchsafe_ledger::{Bundle, BundleError, verify_consistency};

use crate::setup::{Table, by_id, call, row, rows, with_both};

const CALL: &str = "01890000-0000-7000-8000-000000000001";

async fn bundle(table: &Table, query: Query) -> Result<Bundle, vouchsafe_backend::BackendError> {
    let at = table.backend.covering().await?.expect("all is committed");
    let record = table.backend.query(query, 100, at).await?;
    let answer = table.backend.prove(&record).await?;
    let Fetched::Proven(bundle) = table.backend.fetch(&record, answer).await? else { panic!("tables prove") };
    Ok(bundle)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_covers_the_table_only_while_nothing_uncommitted_is_visible() {
    with_both(async |table| {
        assert!(table.backend.covering().await.unwrap().is_some(), "an empty table");
        table.insert(&rows(1)).await;
        assert!(table.backend.covering().await.unwrap().is_none());
        let at = table.backend.preprocess(Snapshot { ticket: 99 }).await.unwrap();
        assert_eq!(table.backend.covering().await.unwrap().unwrap().note, at.note);
        table.sql("UPDATE intercepts SET leaf_index = null").await;
        assert!(table.backend.covering().await.unwrap().is_none(), "what it cannot know it does not say");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_under_a_held_state_stay_what_they_were_while_others_commit() {
    with_both(async |table| {
        table.insert(&[row(CALL, "one")]).await;
        let first = table.backend.preprocess(Snapshot { ticket: 0 }).await.unwrap();
        let held = table.backend.hold(first.clone()).await.unwrap();
        table.insert(&[row(CALL, "two")]).await;
        let newest = table.backend.preprocess(Snapshot { ticket: 0 }).await.unwrap();
        let record = table.backend.query(call(CALL), 100, held.clone()).await.unwrap();
        assert_eq!(record.rows, [0]);
        let answer = table.backend.prove(&record).await.unwrap();
        let Fetched::Proven(bundle) = table.backend.fetch(&record, answer).await.unwrap() else { panic!("it proves") };
        let seal = table.backend.seal(&held).await.unwrap();
        assert_eq!(bundle.check(&held.checkpoint, &seal).unwrap().rows.len(), 1);
        let proof = Backend::consistency(&table.backend, first.checkpoint.size, &newest).await.unwrap();
        let (old, new) = (&first.checkpoint, &newest.checkpoint);
        verify_consistency(old.size, &old.root, new.size, &new.root, &proof).unwrap();
        let seen = table.backend.newest_of("agent", Some("look"), &newest).await.unwrap().unwrap();
        assert_eq!(seen.ended_us, crate::setup::CREATED_US);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_row_is_handed_over_to_fail_and_a_lost_one_is_refuted() {
    with_both(async |table| {
        let all = [row(CALL, "one"), row(CALL, "two")];
        table.insert(&all).await;
        let at = table.commit().await;
        table.sql(&format!("UPDATE intercepts SET raw_response = '{{}}' WHERE id = '{}'", all[0].id)).await;
        let edited = bundle(&table, by_id(&all[0])).await.unwrap();
        let seal = table.backend.seal(&at).await.unwrap();
        assert!(matches!(edited.check(&at.checkpoint, &seal).unwrap_err(), BundleError::Mismatch(_)));
        table.sql(&format!("DELETE FROM intercepts WHERE id = '{}'", all[1].id)).await;
        let error = bundle(&table, call(CALL)).await.unwrap_err();
        assert_eq!(error.code(), "BACKEND_REFUTED");
        assert!(error.to_string().contains(&all[1].id), "{error}");
    })
    .await;
}
