//! The server commits a table that the agent controls.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agent::{Agent, Inserted},
    queries::{check, download},
    support::{Found, Running, cell, read, refused, text},
};

/// A server, its table, and one committed row.
async fn committed(agent: &Agent) -> (Running, Found, Inserted) {
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let row = Inserted::new("{\"price\": 42}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    (running, found, row)
}

fn assert_failed(record: &Value) {
    let proof = &record["proof"];
    assert_eq!((&proof["status"], &proof["verification_status"]), (&json!("Failed"), &json!("Failed")), "{proof}");
    assert!(!text(&proof["detail"]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_edited_fails_at_the_server_and_at_whoever_checks_the_proof() {
    let Some(agent) = Agent::new().await else { return };
    let (running, found, row) = committed(&agent).await;
    let before = running.query(&found, &row.by_call()).await;
    assert_eq!(running.verified(&found, &before).await["proof"]["verification_status"], "Verified");
    for edit in [
        "raw_response = '{\"price\": 43}'",
        "source_url = 'https://api.example.com/other'",
        "request_payload = '{\"json\": 1}'",
        "agent_id = 'another'",
        "created_at = created_at - interval '1 second'",
        "call_ref = gen_random_uuid()",
    ] {
        agent.execute("CREATE TABLE kept AS SELECT * FROM intercepts").await;
        agent.execute(&format!("UPDATE intercepts SET {edit}")).await;
        // A query from before and one from after the edit, also once the table was committed again.
        running.preprocess(&found).await;
        let after = running.query(&found, &row.by_call()).await;
        for query in [&before, &after] {
            assert_failed(&running.verified(&found, query).await);
            let bundle = download(&running, query).await;
            assert_eq!(check(&running, &found, &bundle).await, Err("mismatch"), "{edit}");
        }
        agent.execute("DELETE FROM intercepts; INSERT INTO intercepts SELECT * FROM kept; DROP TABLE kept").await;
        let record = running.verified(&found, &before).await;
        assert_eq!(record["proof"]["verification_status"], "Verified", "{edit} undone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_deleted_fails_and_has_no_proof_to_show() {
    let Some(agent) = Agent::new().await else { return };
    let (running, found, row) = committed(&agent).await;
    let query = running.query(&found, &row.by_call()).await;
    agent.execute("DELETE FROM intercepts").await;
    let record = running.verified(&found, &query).await;
    assert_failed(&record);
    assert_eq!(record["result"]["value"]["rows"], json!([]));
    let path = format!("/api/v1/proof_requests/{query}/download");
    refused(&read(running.send(Method::GET, &path, None).await).await, 409);

    // Under the same id again with something else in it, it is no new row.
    agent.insert(&Inserted { response: "{\"price\": 43}", ..row }).await;
    running.preprocess(&found).await;
    assert_failed(&running.verified(&found, &query).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_dated_row_comes_last_and_has_the_time_of_its_commit() {
    let Some(agent) = Agent::new().await else { return };
    let (running, found, row) = committed(&agent).await;
    let late = Inserted { created: Some("2001-01-01 00:00:00"), ..Inserted::new("{\"price\": 1}") };
    agent.insert(&late).await;
    running.preprocess(&found).await;
    let query = running.query(&found, "SELECT * FROM intercepts WHERE agent_id = 'agent'").await;
    let record = running.verified(&found, &query).await;
    let ids: Vec<_> = (0..2).map(|at| cell(&record, at, "id")).collect();
    assert_eq!(ids, [json!(row.id), json!(late.id)]);
    let mut times = Vec::new();
    for row in [row, late] {
        let query = running.query(&found, &row.by_call()).await;
        times.push(download(&running, &query).await.rows[0].time_us);
    }
    assert!(times[0] <= times[1] && times[0] > 1_700_000_000_000_000, "{times:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_becomes_visible_late_is_committed_once_with_the_next() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let (early, late) = (Inserted::new("{}"), Inserted::new("{}"));
    // Written before the other one and visible after it was committed.
    let sql = agent.connect().await;
    sql.batch_execute(&format!(
        "BEGIN; INSERT INTO intercepts (id, agent_id, action_name, source_url, raw_response, response_hash, call_ref)
         VALUES ('{}', 'agent', 'price', 'https://api.example.com/price', '{{}}', '', '{}')",
        early.id, early.call
    ))
    .await
    .unwrap();
    agent.insert(&late).await;
    assert_eq!(running.preprocess(&found).await["rows"], "1");
    sql.batch_execute("COMMIT").await.unwrap();
    assert_eq!(running.preprocess(&found).await["rows"], "2");
    assert_eq!(running.preprocess(&found).await["rows"], "2");
    for row in [early, late] {
        let query = running.query(&found, &row.by_call()).await;
        assert_eq!(running.verified(&found, &query).await["proof"]["verification_status"], "Verified");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_hint_hides_a_row_and_does_no_more() {
    let Some(agent) = Agent::new().await else { return };
    let (running, found, row) = committed(&agent).await;
    // A committed row that claims not to be one gets no second leaf.
    agent.execute("UPDATE intercepts SET leaf_index = NULL").await;
    assert_eq!(running.preprocess(&found).await["rows"], "1");
    agent.execute("UPDATE intercepts SET leaf_index = 7000").await;
    let query = running.query(&found, &row.by_call()).await;
    assert_eq!(running.verified(&found, &query).await["proof"]["verification_status"], "Verified");
    // A new one that claims to be one is not found, and nothing proves it.
    let hidden = Inserted::new("{\"price\": 43}");
    agent.insert(&hidden).await;
    agent.execute(&format!("UPDATE intercepts SET leaf_index = 0 WHERE id = '{}'", hidden.id)).await;
    assert_eq!(running.preprocess(&found).await["rows"], "1");
    let query = running.query(&found, &hidden.by_call()).await;
    assert_eq!(running.verified(&found, &query).await["result"]["value"]["rows"], json!([]));
}
