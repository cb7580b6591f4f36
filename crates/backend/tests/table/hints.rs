//! The column `leaf_index` is a hint: lost it is written again, forged it hides a row and does no more.

use crate::setup::{by_id, call, row, rows, with_both};

const CALL: &str = "01890000-0000-7000-8000-000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_hint_gives_no_row_a_second_leaf() {
    with_both(async |table| {
        let committed = rows(4);
        table.insert(&committed).await;
        let at = table.commit().await;
        let sum = "SELECT sum(leaf_index)::bigint FROM intercepts";
        let before = table.number(sum).await;
        table.sql("UPDATE intercepts SET leaf_index = null").await;
        assert_eq!(table.commit().await.note, at.note);
        assert_eq!(table.number(sum).await, before, "the hints are back");

        // Beside new rows too, and a changed row gets no new leaf by it either.
        table.sql("UPDATE intercepts SET leaf_index = null, raw_response = '{}'").await;
        table.insert(&rows(1)).await;
        assert_eq!(table.commit().await.rows, 5);
        let answer = table.ask(by_id(&committed[3])).await;
        assert!(answer.rows[0].fault.is_some());
        assert_eq!(answer.rows[0].row_seq, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_hint_hides_its_row_and_gives_it_no_leaf() {
    with_both(async |table| {
        table.insert(&rows(3)).await;
        table.commit().await;
        table.insert(&[row(CALL, "hidden")]).await;
        table.sql(&format!("UPDATE intercepts SET leaf_index = 1 WHERE call_ref = '{CALL}'")).await;
        assert_eq!(table.commit().await.rows, 3);
        let answer = table.ask(call(CALL)).await;
        assert!(answer.rows.is_empty());
        table.open(&answer).unwrap();
        // A hint that is moved away from its row changes nothing that is answered.
        table.sql("UPDATE intercepts SET leaf_index = 4711 WHERE leaf_index = 2").await;
        assert_eq!(
            table.ask(vouchsafe_core::query::Query::Agent { agent: "agent".into(), run: None }).await.rows.len(),
            3
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_that_cannot_be_written_fails_the_commit_and_the_next_one_finds_the_rows_committed() {
    with_both(async |table| {
        let committed = rows(3);
        table.insert(&committed).await;
        let refuse = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
                      CREATE TRIGGER refuse BEFORE UPDATE ON intercepts FOR EACH ROW EXECUTE FUNCTION refuse()";
        table.sql(refuse).await;
        table.backend.commit().await.unwrap_err();
        let at = table.backend.newest().await.unwrap();
        assert_eq!(at.rows, 3, "the log has them");
        table.sql("DROP TRIGGER refuse ON intercepts").await;
        table.insert(&rows(1)).await;
        assert_eq!(table.commit().await.rows, 4);
        assert!(!table.intercepts.has_uncommitted().await.unwrap());
        let answer = table.ask(by_id(&committed[0])).await;
        table.open(&answer).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_undoes_its_hints_ends_a_commit_with_an_error_and_not_never() {
    with_both(async |table| {
        table.insert(&rows(1_200)).await;
        let undo = "CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.leaf_index = null; RETURN NEW; END $$;
                    CREATE TRIGGER undo BEFORE UPDATE ON intercepts FOR EACH ROW EXECUTE FUNCTION undo()";
        table.sql(undo).await;
        assert_eq!(table.backend.commit().await.unwrap_err().code(), "BACKEND_PROTOCOL");
        table.sql("DROP TRIGGER undo ON intercepts").await;
        assert_eq!(table.commit().await.rows, 1_200);
    })
    .await;
}
