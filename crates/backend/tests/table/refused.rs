//! Rows that can be no leaf: they hold up nothing, and are not read again and again.

use vouchsafe_core::intercept::{Intercept, Own};

use crate::setup::{by_id, call, row, rows, with_both};

#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_an_unreadable_column_is_marked_and_the_others_are_committed() {
    with_both(async |table| {
        let call_ref = "01890000-0000-7000-8000-000000000001";
        let unreadable = Own { kind: Some("telepathy".into()), ..Own::default() };
        let bad = Intercept { own: unreadable, ..row(call_ref, "bad") };
        let good = [row(call_ref, "before"), row(call_ref, "after")];
        table.insert(&[good[0].clone(), bad.clone(), good[1].clone()]).await;
        assert_eq!(table.commit().await.rows, 2);
        let answer = table.ask(call(call_ref)).await;
        assert_eq!(answer.rows.len(), 2);
        table.open(&answer).unwrap();
        let hint = format!("SELECT leaf_index FROM intercepts WHERE id = '{}'", bad.id);
        assert_eq!(table.number(&hint).await, i64::MAX);
        assert!(!table.intercepts.has_uncommitted().await.unwrap(), "it does not come again");

        // Mended and given back, it is a row like any other.
        table.sql("UPDATE intercepts SET kind = null, leaf_index = null WHERE kind = 'telepathy'").await;
        assert_eq!(table.commit().await.rows, 3);
        let answer = table.ask(by_id(&bad)).await;
        table.open(&answer).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_group_of_unreadable_rows_does_not_hide_the_rows_behind_it() {
    with_both(async |table| {
        table.insert(&rows(1_500)).await;
        table.sql("UPDATE intercepts SET redacted = 'no list', created_at = '2001-01-01'").await;
        table.insert(&rows(7)).await;
        assert_eq!(table.commit().await.rows, 7);
        assert_eq!(table.number("SELECT count(*) FROM intercepts WHERE leaf_index = 9223372036854775807").await, 1_500);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn padding_alone_is_never_committed() {
    with_both(async |table| {
        let pad = Intercept {
            agent_id: "__provably_preprocess_pad".into(),
            action_name: "__dummy_row".into(),
            ..row("01890000-0000-7000-8000-000000000001", "")
        };
        table.insert(&[pad]).await;
        assert_eq!(table.commit().await.rows, 0);
    })
    .await;
}
