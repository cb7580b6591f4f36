//! Making the tables, and working on those that others made.

use crate::setup::{Database, foreign, hint, own, sorted};
use vouchsafe_store::{StoreError, postgres::Intercepts};

/// What SQLAlchemy sends for the Python SDK's tables.
const SQLALCHEMY: &str = "
CREATE TABLE intercepts (
  id UUID DEFAULT gen_random_uuid() NOT NULL, agent_id VARCHAR(255) NOT NULL, action_name VARCHAR(255) NOT NULL,
  source_url TEXT NOT NULL, request_payload TEXT DEFAULT '{}' NOT NULL, raw_response TEXT NOT NULL,
  response_hash VARCHAR(64) NOT NULL, call_ref UUID, created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT NOW() NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX ix_intercepts_agent_action ON intercepts (agent_id, action_name);";

/// Every column and index of the database, so that two ways to make them can be compared.
async fn layout(database: &Database) -> Vec<String> {
    let client = database.client().await;
    let columns = "SELECT concat_ws(' ', table_name, column_name, udt_name, character_maximum_length, is_nullable, column_default)
                   FROM information_schema.columns WHERE table_schema = 'public'
                   UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
                   UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' ORDER BY 1";
    client.query(columns, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn tables_that_we_make_and_tables_that_the_python_sdk_made_end_up_alike() {
    let (Some(ours), Some(theirs)) = (Database::new(), Database::new()) else { return };
    theirs.client().await.batch_execute(SQLALCHEMY).await.unwrap();
    ours.table().await;
    theirs.table().await;
    let layout = [layout(&ours).await, layout(&theirs).await];
    assert!(layout[0].iter().any(|line| line.contains("intercepts leaf_index int8")));
    assert_eq!(layout[0], layout[1]);
}

#[tokio::test]
async fn nothing_is_made_that_is_not_ours_to_make() {
    let Some(database) = Database::new() else { return };
    database.table().await;
    let tables = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'";
    let made: String = database.client().await.query_one(tables, &[]).await.unwrap().get(0);
    assert_eq!(made, "intercepts vouchsafe_hints");
}

#[tokio::test]
async fn rows_that_were_in_the_table_before_us_are_read() {
    let Some(database) = Database::new() else { return };
    let client = database.client().await;
    client.batch_execute(SQLALCHEMY).await.unwrap();
    let row = foreign(1);
    let insert = format!(
        "INSERT INTO intercepts VALUES ('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '1970-01-01 00:00:01')",
        row.id,
        row.agent_id,
        row.action_name,
        row.source_url,
        row.request_payload,
        row.raw_response,
        row.response_hash,
        row.call_ref.as_ref().unwrap()
    );
    client.batch_execute(&insert).await.unwrap();
    let intercepts = database.table().await;
    assert_eq!(intercepts.uncommitted(10).await.unwrap().rows, std::slice::from_ref(&row));
    assert_eq!(intercepts.by_ids(&[row.id]).await.unwrap().rows.len(), 1);
    // And that SDK still writes as it did.
    let theirs = "INSERT INTO intercepts (agent_id, action_name, source_url, raw_response, response_hash)
                  VALUES ('a', 'b', 'c', '{}', 'd') RETURNING id";
    client.query_one(theirs, &[]).await.unwrap();
    assert_eq!(intercepts.uncommitted(10).await.unwrap().rows.len(), 2);
}

#[tokio::test]
async fn a_table_of_the_first_python_sdk_gets_its_call_ref() {
    let Some(database) = Database::new() else { return };
    let client = database.client().await;
    client.batch_execute(&SQLALCHEMY.replace("call_ref UUID, ", "")).await.unwrap();
    let intercepts = database.table().await;
    assert_eq!(intercepts.insert(&[own(1)]).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_make_the_tables_at_once_all_succeed() {
    for _ in 0..5 {
        let Some(database) = Database::new() else { return };
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let intercepts = database.intercepts();
                tokio::spawn(async move {
                    intercepts.ensure().await?;
                    intercepts.insert(&[own(n)]).await
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap(), 1);
        }
        assert_eq!(database.intercepts().uncommitted(100).await.unwrap().rows.len(), 8);
    }
}

#[tokio::test]
async fn a_table_that_has_everything_is_not_touched_again() {
    let Some(database) = Database::new() else { return };
    let intercepts = database.table().await;
    let client = database.client().await;
    // Whoever may not change tables can still use them; and nothing waits for one that is being written.
    client
        .batch_execute(
            "DROP ROLE IF EXISTS reader; CREATE ROLE reader; GRANT SELECT, INSERT, UPDATE ON intercepts, vouchsafe_hints TO reader",
        )
        .await
        .unwrap();
    client.batch_execute("BEGIN; LOCK TABLE intercepts IN ROW EXCLUSIVE MODE").await.unwrap();
    intercepts.ensure().await.unwrap();
    let url = format!("{}?options=-c%20role%3Dreader", database.url);
    let reader = Database { url };
    let rows = reader.table().await;
    rows.check_rights().await.unwrap();
    rows.insert(&[own(1)]).await.unwrap();
    hint(&rows, &[(own(1).id, 1)]).await;
    client.batch_execute("ROLLBACK; DROP OWNED BY reader; DROP ROLE reader").await.unwrap();
}

#[tokio::test]
async fn a_column_of_another_type_is_named() {
    let Some(database) = Database::new() else { return };
    database
        .client()
        .await
        .batch_execute(&SQLALCHEMY.replace("call_ref UUID", "call_ref UUID, status TEXT"))
        .await
        .unwrap();
    let error = database.intercepts().ensure().await.unwrap_err();
    assert!(matches!(&error, StoreError::Refused(why) if why.contains("column status")), "{error}");
}

#[tokio::test]
async fn a_schema_of_any_name_keeps_its_own_table() {
    let Some(database) = Database::new() else { return };
    database.client().await.batch_execute("CREATE SCHEMA \"Odd \"\"schema.\"").await.unwrap();
    let (first, second) = (database.table().await, Intercepts::open(database.postgres(), Some("Odd \"schema.")));
    second.ensure().await.unwrap();
    second.ensure().await.unwrap();
    second.insert(&[own(1), own(2)]).await.unwrap();
    assert!(!first.has_uncommitted().await.unwrap());
    assert_eq!(sorted(second.uncommitted(10).await.unwrap().rows), [own(1), own(2)]);
    assert_eq!(second.columns().await.unwrap(), first.columns().await.unwrap());
}
