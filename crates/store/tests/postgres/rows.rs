//! Inserting, finding and reading rows.

use crate::setup::{Database, foreign, hint, id, own, sorted};
use serde_json::{Value, json};
use vouchsafe_core::{
    commitment::RowKey,
    exchange::Fields,
    intercept::{Intercept, Own},
};

fn ids(rows: &[Intercept]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

#[tokio::test]
async fn a_row_comes_back_as_it_was_inserted() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    let odd = Intercept {
        agent_id: "a".repeat(255),
        action_name: "\u{e9}".repeat(255),
        raw_response: "\"\\u0000 ' \\\\ \u{1F600} \u{FFFD} \u{7f} {\"".into(),
        source_url: "tab\t newline\n quote' null".into(),
        created_us: 1_790_000_000_123_456,
        own: Own { error: Some(String::new()), status: Some(-1), ..Own::default() },
        ..foreign(3)
    };
    let last = Intercept { created_us: i64::MAX.unsigned_abs(), call_ref: None, ..foreign(4) };
    let rows = [foreign(1), own(2), odd, last];
    assert_eq!(table.insert(&rows).await.unwrap(), 4);
    assert_eq!(sorted(table.by_ids(&rows.each_ref().map(|row| row.id.clone())).await.unwrap().rows), rows);
}

#[tokio::test]
async fn a_recorded_row_with_characters_that_postgres_refuses_is_laid_out_so_that_it_is_taken() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    let mut row = own(1).prepare(RowKey([0; 32])).unwrap().row;
    let nul = || Some("a\0b".to_owned());
    (row.agent_id, row.action_name) = ("a\0b".into(), "\0".into());
    (row.run_id, row.tool_call_id, row.error, row.method) = (nul(), nul(), nul(), nul());
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    let fields = Fields {
        url: bytes("https://api.example.com/\0?\0=%00"),
        request: bytes("a\0b"),
        request_headers: bytes("a: \0\n"),
        response: Some(vec![0, 0xFF, 0xD8, b'"', b'\\']),
        response_headers: Some((0..=255).collect()),
    };
    let laid_out = Intercept::of(&row, &fields, 5_000_000);
    assert_eq!(laid_out.agent_id, "a\u{FFFD}b");
    assert_eq!(table.insert(std::slice::from_ref(&laid_out)).await.unwrap(), 1);
    assert_eq!(table.by_ids(&[id(1)]).await.unwrap().rows, [laid_out]);
}

#[tokio::test]
async fn a_row_that_is_inserted_twice_is_there_once_and_as_it_was_first() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    assert_eq!(table.insert(&[own(1), own(2)]).await.unwrap(), 2);
    let changed = Intercept { raw_response: "{}".into(), ..own(2) };
    assert_eq!(table.insert(&[own(1), changed.clone(), own(3), changed]).await.unwrap(), 1);
    assert_eq!(table.uncommitted(10).await.unwrap().rows, [own(1), own(2), own(3)]);
    assert_eq!(table.insert(&[]).await.unwrap(), 0);
}

#[tokio::test]
async fn rows_of_many_groups_are_all_inserted() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    let large = Intercept { raw_response: "x".repeat(3 << 20), ..own(5000) };
    let rows: Vec<_> = (0..1_200).map(own).chain([large.clone(), Intercept { id: id(5001), ..large }]).collect();
    assert_eq!(table.insert(&rows).await.unwrap(), 1_202);
    assert_eq!(table.uncommitted(2_000).await.unwrap().rows, rows);
}

#[tokio::test]
async fn a_row_of_an_earlier_transaction_that_commits_later_is_found() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    let slow = database.client().await;
    slow.batch_execute("BEGIN").await.unwrap();
    let insert =
        "INSERT INTO intercepts (id, agent_id, action_name, source_url, raw_response, response_hash, created_at)
                  VALUES (gen_random_uuid(), 'slow', 'b', 'c', '{}', 'd', '1970-01-01')";
    slow.batch_execute(insert).await.unwrap();
    table.insert(&[own(1), own(2)]).await.unwrap();
    let seen = table.uncommitted(10).await.unwrap().rows;
    assert_eq!(seen, [own(1), own(2)]);
    hint(&table, &[(id(1), 1), (id(2), 2)]).await;
    assert!(!table.has_uncommitted().await.unwrap());
    slow.batch_execute("COMMIT").await.unwrap();
    assert!(table.has_uncommitted().await.unwrap());
    let late = table.uncommitted(10).await.unwrap().rows;
    assert_eq!(late.iter().map(|row| row.agent_id.as_str()).collect::<Vec<_>>(), ["slow"]);
}

#[tokio::test]
async fn rows_without_a_hint_come_oldest_first_and_padding_never() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    let padding =
        Intercept { agent_id: "__provably_preprocess_pad".into(), action_name: "__dummy_row".into(), ..foreign(0) };
    let back_dated = Intercept { created_us: 500_000, ..foreign(9) };
    let twin = Intercept { created_us: 2_000_000, ..foreign(1) };
    table.insert(&[padding]).await.unwrap();
    assert!(!table.has_uncommitted().await.unwrap());
    assert_eq!(table.uncommitted(10).await.unwrap().rows, []);
    table.insert(&[foreign(3), foreign(2), twin, back_dated]).await.unwrap();
    assert_eq!(ids(&table.uncommitted(10).await.unwrap().rows), [id(9), id(1), id(2), id(3)]);
    assert_eq!(ids(&table.uncommitted(2).await.unwrap().rows), [id(9), id(1)]);
    hint(&table, &[(id(9), 0), (id(3), u64::MAX), (id(77), 5), ("no uuid".into(), 6)]).await;
    assert_eq!(ids(&table.uncommitted(10).await.unwrap().rows), [id(1), id(2)]);
}

#[tokio::test]
async fn rows_of_much_text_are_read_a_part_at_a_time() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    // Compressed on disk, 40 MiB each in memory.
    let client = database.client().await;
    let insert = "INSERT INTO intercepts (agent_id, action_name, source_url, raw_response, response_hash, created_at)
                  SELECT 'a', 'b', 'c', repeat('x', 40 * 1024 * 1024), 'd', timestamp '1970-01-01' + n * interval '1 s'
                  FROM generate_series(1, 3) AS n";
    client.batch_execute(insert).await.unwrap();
    let first = table.uncommitted(10).await.unwrap().rows;
    assert_eq!(first.len(), 2);
    hint(&table, &[(first[0].id.clone(), 0), (first[1].id.clone(), 1)]).await;
    assert_eq!(table.uncommitted(10).await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn whatever_somebody_puts_into_a_row_the_others_are_read() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    table.insert(&[own(1)]).await.unwrap();
    let insert = "INSERT INTO intercepts (agent_id, action_name, source_url, raw_response, response_hash, created_at, status, started_us)
                  VALUES ('past', '', '', '', '', '-infinity', -5, -7), ('before', '', '', '', '', '1899-12-31', 99999, 0),
                         ('future', '', '', '', '', 'infinity', null, null)";
    database.client().await.batch_execute(insert).await.unwrap();
    let rows = table.uncommitted(10).await.unwrap().rows;
    let seen: Vec<_> = rows.iter().map(|row| (row.agent_id.as_str(), row.created_us)).collect();
    let end = i64::MAX.unsigned_abs();
    assert_eq!(seen, [("past", 0), ("before", 0), ("agent", 1_000_000), ("future", end)]);
    assert_eq!((rows[0].own.status, rows[0].own.started_us), (Some(-5), Some(-7)));
}

#[tokio::test]
async fn ids_that_are_not_there_have_no_row() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    table.insert(&[own(1)]).await.unwrap();
    assert_eq!(table.by_ids(&[]).await.unwrap().rows, []);
    assert_eq!(
        table.by_ids(&[id(2), "' OR true --".into(), id(1).replace('-', ""), "\0".into()]).await.unwrap().rows,
        [own(1)]
    );
}

#[tokio::test]
async fn all_columns_of_a_table_are_selected_as_json() {
    let Some(database) = Database::new() else { return };
    let table = database.table().await;
    table.insert(&[foreign(1)]).await.unwrap();
    let client = database.client().await;
    client
        .batch_execute("ALTER TABLE intercepts ADD COLUMN \"Their \"\"own\" boolean DEFAULT true, DROP COLUMN outcome")
        .await
        .unwrap();
    let selected = table.select_rows(&[id(1), id(2)]).await.unwrap();
    assert_eq!(selected.columns, table.columns().await.unwrap());
    assert_eq!(selected.columns.last().unwrap(), "Their \"own");
    let [(found, values)] = selected.rows.as_slice() else { panic!("{selected:?}") };
    assert_eq!(*found, id(1));
    let value = |name: &str| &values[selected.columns.iter().position(|column| column == name).unwrap()];
    assert_eq!(*value("raw_response"), json!("{\"price\": 1}"));
    assert_eq!(*value("created_at"), json!("1970-01-01 00:00:01"));
    assert_eq!(*value("Their \"own"), json!(true));
    assert_eq!(*value("call_ref"), json!(id(1001)));
    assert_eq!(*value("leaf_index"), Value::Null);
    hint(&table, &[(id(1), 7)]).await;
    let selected = table.select_rows(&[id(1)]).await.unwrap();
    assert!(selected.rows[0].1.contains(&json!(7)));
}
