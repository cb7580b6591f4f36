//! Questions over all runs, which no proof answers as a whole.

use vouchsafe_backend::Ask;
use vouchsafe_core::{
    intercept::{Intercept, Own},
    query::Query,
};

use crate::setup::{Table, row, rows, with_both};

const CALL: &str = "01890000-0000-7000-8000-000000000001";

fn done(agent: &str, action: &str, run: Option<&str>) -> Intercept {
    let own = Own { run_id: run.map(str::to_owned), ..Own::default() };
    Intercept { agent_id: agent.into(), action_name: action.into(), own, ..row(CALL, action) }
}

async fn numbers(table: &Table, ask: Ask, limit: u32) -> Vec<u64> {
    let answer = table.backend.answer(&ask, limit).await.unwrap();
    table.open(&answer).unwrap();
    if let Some(first) = answer.rows.first() {
        assert_eq!(answer.bundle.query, Query::Row { row: first.id.clone() }, "the proof is the first row's");
        assert_eq!(answer.bundle.rows.len(), 1);
    }
    answer.rows.iter().map(|row| row.row_seq).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_is_found_whoever_did_it_and_an_agent_whatever_it_did() {
    with_both(async |table| {
        let mut all = [
            done("a", "look", None),
            done("b", "look", Some("one")),
            done("a", "leap", Some("one")),
            done("c", "look", Some("two")),
            done("a", "look", Some("two")),
        ];
        for (n, row) in (0..).zip(&mut all) {
            row.created_us += n;
        }
        let model = Intercept { own: Own { kind: Some("model".into()), ..Own::default() }, ..done("a", "look", None) };
        table.insert(&all).await;
        table.insert(&[model]).await;
        table.commit().await;
        let look = numbers(&table, Ask::Action("look".into()), 256).await;
        assert_eq!(look.len(), 4, "models are no evidence");
        assert!(look.is_sorted());
        let a = numbers(&table, Ask::AgentOnly("a".into()), 256).await;
        assert_eq!(a.len(), 3);
        assert_eq!(numbers(&table, Ask::Action("look".into()), 2).await, look[2..], "the newest");
        assert_eq!(numbers(&table, Ask::AgentOnly("a".into()), 1).await, a[2..]);
        assert!(numbers(&table, Ask::Action("LOOK".into()), 256).await.is_empty());
        assert!(numbers(&table, Ask::AgentOnly("d".into()), 256).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_the_newest_rows_up_to_its_limit_in_the_order_of_the_log() {
    with_both(async |table| {
        table.insert(&rows(300)).await;
        table.commit().await;
        let expected: Vec<u64> = (44..300).collect();
        assert_eq!(numbers(&table, Ask::Action("look".into()), 256).await, expected);
        let query = Query::Agent { agent: "agent".into(), run: None };
        let answer = table.backend.answer(&Ask::Query(query), 256).await.unwrap();
        let latest = answer.rows.iter().map(|row| row.row_seq);
        assert_eq!(latest.collect::<Vec<_>>(), expected[240..], "who asks for the latest needs few");
        table.open(&answer).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fault_of_any_row_is_said_where_the_proof_is_that_of_the_first() {
    with_both(async |table| {
        let all = rows(3);
        table.insert(&all).await;
        table.commit().await;
        table.sql(&format!("DELETE FROM intercepts WHERE id = '{}'", all[2].id)).await;
        let answer = table.backend.answer(&Ask::Action("look".into()), 256).await.unwrap();
        assert_eq!(answer.rows.iter().filter(|row| row.fault.is_some()).count(), 1);
    })
    .await;
}
