//! What is said of rows that were edited, deleted or back-dated after they were committed.

use vouchsafe_backend::Fault;
use vouchsafe_core::{intercept::Intercept, verdict::Covers};
use vouchsafe_ledger::BundleError;

use crate::setup::{Table, by_id, call, now_us, row, rows, with_both};

const CALL: &str = "01890000-0000-7000-8000-000000000001";
const OTHER: &str = "01890000-0000-7000-8000-000000000002";

/// Commits three rows of a call and changes the middle one.
async fn changed(table: &Table, change: &str) -> [Intercept; 3] {
    let committed = ["one", "two", "three"].map(|response| row(CALL, response));
    table.insert(&committed).await;
    table.commit().await;
    table.sql(&format!("UPDATE intercepts SET {change} WHERE id = '{}'", committed[1].id)).await;
    table.commit().await;
    committed
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_row_fails_where_its_proof_is_checked_whatever_was_edited() {
    with_both(async |table| {
        for (change, column) in [
            (r#"raw_response = '{"text": "two hundred"}'"#, "c_response"),
            ("raw_response = raw_response || ' '", "c_response"),
            ("source_url = 'https://example.com/price?item=8'", "c_url"),
            ("request_payload = '{}'", "c_request"),
            ("agent_id = 'somebody else'", "agent_id"),
            ("action_name = 'guess'", "action_name"),
            ("created_at = '2001-01-01'", "started_us"),
            ("status = 200", "status"),
            ("kind = 'model'", "kind"),
            ("run_id = 'another'", "run_id"),
            ("call_ref = null", "call_ref"),
        ] {
            table.sql("DELETE FROM intercepts").await;
            let committed = changed(&table, change).await;
            let answer = table.ask(by_id(&committed[1])).await;
            let Some(Fault::Changed(how)) = &answer.rows[0].fault else { panic!("{change}: {:?}", answer.rows) };
            assert!(how.contains(column), "{change}: {how}");
            let error = table.open(&answer).unwrap_err();
            assert!(matches!(&error, BundleError::Mismatch(_)), "{change}: {error}");
            assert!(error.is_proof_invalid());
            // The others of the call stand.
            let answer = table.ask(by_id(&committed[2])).await;
            assert!(answer.rows[0].fault.is_none());
            table.open(&answer).unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_nothing_commits_to_may_change() {
    with_both(async |table| {
        let committed = changed(&table, "response_hash = 'whatever'").await;
        let answer = table.ask(by_id(&committed[1])).await;
        assert!(answer.rows[0].fault.is_none());
        table.open(&answer).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_given_to_another_call_is_still_in_its_own_and_fails_there() {
    with_both(async |table| {
        let committed = changed(&table, &format!("call_ref = '{OTHER}'")).await;
        let answer = table.ask(call(CALL)).await;
        assert_eq!(answer.rows.len(), 3);
        assert!(matches!(answer.rows[1].fault, Some(Fault::Changed(_))));
        assert_eq!(answer.rows[1].current.as_ref().unwrap().call_ref.as_deref(), Some(OTHER));
        assert!(
            matches!(table.open(&answer).unwrap_err(), BundleError::Mismatch(what) if what.contains(&committed[1].id))
        );
        let other = table.ask(call(OTHER)).await;
        assert!(other.rows.is_empty(), "nor does it become one of the other call's");
        table.open(&other).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_made_unreadable_is_said_to_be_changed_and_is_no_evidence() {
    with_both(async |table| {
        let committed = changed(&table, "outcome = 'splendid'").await;
        let answer = table.ask(by_id(&committed[1])).await;
        assert!(matches!(&answer.rows[0].fault, Some(Fault::Changed(how)) if how.contains("outcome")));
        assert!(answer.bundle.rows.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_row_is_gone_and_one_of_its_id_in_its_place_is_another() {
    with_both(async |table| {
        let committed = changed(&table, "agent_id = agent_id").await;
        table.sql(&format!("DELETE FROM intercepts WHERE id = '{}'", committed[1].id)).await;
        let answer = table.ask(call(CALL)).await;
        assert_eq!(answer.rows[1].fault, Some(Fault::Gone));
        assert!(answer.rows[1].current.is_none());
        let opened = table.open(&answer).unwrap();
        assert_eq!((opened.rows.len(), opened.covers), (2, Some(Covers::Latest)), "they are not all of the call's");

        let second = Intercept { raw_response: r#"{"text": "another"}"#.into(), ..committed[1].clone() };
        table.insert(&[second]).await;
        let rows_before = table.backend.newest().await.unwrap().rows;
        assert_eq!(table.commit().await.rows, rows_before, "an id gets one leaf");
        let answer = table.ask(call(CALL)).await;
        assert!(matches!(answer.rows[1].fault, Some(Fault::Changed(_))));
        assert!(matches!(table.open(&answer).unwrap_err(), BundleError::Mismatch(_)));
        assert!(!table.intercepts.has_uncommitted().await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_dated_row_is_as_old_as_its_commit() {
    with_both(async |table| {
        table.insert(&rows(2)).await;
        table.commit().await;
        let old = Intercept { created_us: 978_307_200_000_000, ..row(CALL, "said to be of 2001") };
        table.insert(std::slice::from_ref(&old)).await;
        table.commit().await;
        let answer = table.ask(call(CALL)).await;
        assert_eq!(answer.rows[0].row_seq, 2, "behind what was committed before");
        let opened = table.open(&answer).unwrap();
        assert_eq!((opened.rows[0].time_us, opened.rows[0].row.ended_us), (now_us(), old.created_us));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_one_commit_are_numbered_by_their_time_whatever_order_they_were_inserted_in() {
    with_both(async |table| {
        let mut inserted = rows(5);
        for (n, row) in (0..).zip(&mut inserted) {
            row.created_us += [3, 1, 4, 0, 2][n] * 1_000_000;
        }
        for row in &inserted {
            table.insert(std::slice::from_ref(row)).await;
        }
        table.commit().await;
        for (row, place) in inserted.iter().zip([3, 1, 4, 0, 2]) {
            assert_eq!(table.ask(by_id(row)).await.rows[0].row_seq, place);
        }
    })
    .await;
}
