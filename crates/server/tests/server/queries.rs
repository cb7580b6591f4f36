//! Query records and their proofs.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use vouchsafe_ledger::{Bundle, Checkpoint, VerifierKey};

use crate::{
    agent::{Agent, Inserted},
    support::{Found, Running, cell, refused, text},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_committed_row_is_answered_verified_and_proven() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let row = Inserted { created: Some("2026-01-31 12:00:00.123456"), ..Inserted::new("{\"price\": 42}") };
    agent.insert(&row).await;
    agent.insert(&Inserted::new("{\"price\": 43}")).await;
    running.preprocess(&found).await;

    let query = running.query(&found, &row.by_call()).await;
    let path = running.org(&format!("/queries/{query}"));
    assert_eq!(running.post(&format!("{path}/generate_proof"), &json!({})).await.0, StatusCode::OK);
    let (_, record) = running.get(&path).await;
    assert_eq!((&record["id"], &record["sql_query"]), (&json!(query), &json!(row.by_call())));
    assert_eq!(record["result"]["type"], "resultset");
    assert_eq!(record["result"]["value"]["rows"].as_array().unwrap().len(), 1);
    for (column, value) in [
        ("id", json!(row.id)),
        ("call_ref", json!(row.call)),
        ("raw_response", json!("{\"price\": 42}")),
        ("agent_id", json!("agent")),
        ("created_at", json!("2026-01-31T12:00:00.123456")),
        ("run_id", Value::Null),
    ] {
        assert_eq!(cell(&record, 0, column), value, "{column}");
    }
    let proof = &record["proof"];
    assert_eq!((&proof["status"], &proof["verification_status"]), (&json!("Completed"), &json!("Unverified")));
    assert_eq!((&proof["format"], &proof["detail"]), (&json!("vouchsafe-bundle"), &Value::Null));
    assert!(proof["execution_time_ms"].is_number());

    let verified = running.verified(&found, &query).await;
    assert_eq!(verified["proof"]["verification_status"], "Verified");
    assert!(verified["proof"]["verification_time_ms"].is_number());
    let bundle = download(&running, &text(&proof["id"])).await;
    check(&running, &found, &bundle).await.expect("the proof holds");
    assert_eq!(bundle.rows.len(), 1);
    assert_eq!(bundle.rows[0].row.id, row.id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_no_row_answers_is_proven_too() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    agent.insert(&Inserted::new("{}")).await;
    running.preprocess(&found).await;
    let query = running.query(&found, &Inserted::new("").by_call()).await;
    let record = running.verified(&found, &query).await;
    assert_eq!(record["result"]["value"]["rows"], json!([]));
    assert_eq!(record["proof"]["verification_status"], "Verified");
    let bundle = download(&running, &query).await;
    check(&running, &found, &bundle).await.expect("the proof holds");
    assert!(bundle.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_answered_in_the_order_of_the_log() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let rows: Vec<_> = (0..3).map(|_| Inserted::new("{}")).collect();
    for row in &rows {
        agent.insert(row).await;
        running.preprocess(&found).await;
    }
    for sql in [
        "SELECT * FROM intercepts WHERE action_name = 'price'",
        "SELECT * FROM provably_intercepts WHERE agent_id = 'agent';",
    ] {
        let query = running.query(&found, sql).await;
        let record = running.verified(&found, &query).await;
        let ids: Vec<_> = (0..3).map(|row| cell(&record, row, "id")).collect();
        assert_eq!(ids, rows.iter().map(|row| json!(row.id)).collect::<Vec<_>>(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_that_is_not_one_of_the_forms_is_refused_with_a_description() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start_with(|options| options.max_body_bytes = 4 << 20).await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    agent.insert(&Inserted::new("{}")).await;
    running.preprocess(&found).await;
    let before = agent.last_statement().await;
    let path = running.org(&format!("/middlewares/{}/query", found.middleware));
    for sql in [
        "SELECT * FROM intercepts JOIN traces ON true WHERE id = 'a'".to_owned(),
        "SELECT * FROM intercepts WHERE id = (SELECT id FROM intercepts LIMIT 1)".into(),
        "SELECT * FROM intercepts WHERE id = 'a' -- comment".into(),
        "SELECT * FROM intercepts WHERE id = 'a'; DELETE FROM intercepts".into(),
        "SELECT * FROM intercepts WHERE pg_sleep(10) IS NULL".into(),
        format!("SELECT * FROM intercepts WHERE id = '{}'", "a".repeat(1 << 20)),
        format!("SELECT * FROM intercepts WHERE {}", "(".repeat(10_000)),
        String::new(),
    ] {
        let body = json!({ "query": sql, "require_proof": true, "collection_id": found.collection });
        refused(&running.post(&path, &body).await, 400);
    }
    refused(&running.post(&path, &json!({ "query": 7, "collection_id": found.collection })).await, 400);
    assert_eq!(agent.last_statement().await, before, "nothing reached the database");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_its_state_and_that_it_only_grew() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let table = running.org(&format!("/middlewares/{}/tables/{}", found.middleware, found.table));
    let mut notes = Vec::new();
    for _ in 0..3 {
        agent.insert(&Inserted::new("{}")).await;
        running.preprocess(&found).await;
        let (status, state) = running.get(&format!("{table}/checkpoint")).await;
        assert_eq!(status, StatusCode::OK);
        notes.push(opened(&state));
    }
    for (old, new) in [(0, 1), (0, 2), (1, 2), (2, 2)] {
        let (old, new) = (&notes[old], &notes[new]);
        let path = format!("{table}/consistency?from={}&to={}", old.size, new.size);
        let (status, answer) = running.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let hashes = answer["proof"].as_array().unwrap();
        let proof: Vec<[u8; 32]> = hashes.iter().map(|hash| base64(hash.as_str().unwrap())).collect();
        vouchsafe_ledger::verify_consistency(old.size, &old.root, new.size, &new.root, &proof).unwrap();
    }
    for sizes in ["", "?from=0&to=2", "?from=3&to=2", "?from=1&to=99999", "?from=-1&to=2", "?from=a&to=b"] {
        refused(&running.get(&format!("{table}/consistency{sizes}")).await, 400);
    }
}

pub fn opened(state: &Value) -> Checkpoint {
    let key = VerifierKey::parse(state["vkey"].as_str().unwrap()).unwrap();
    Checkpoint::open(state["checkpoint"].as_str().unwrap(), &[key]).unwrap()
}

fn base64(text: &str) -> [u8; 32] {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(text).unwrap().try_into().unwrap()
}

/// The bundle behind a record's proof.
pub async fn download(running: &Running, proof: &str) -> Bundle {
    let answer = running.send(Method::GET, &format!("/api/v1/proof_requests/{proof}/download"), None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    Bundle::parse(&answer.text().await.unwrap()).unwrap()
}

/// What somebody says of a bundle who has only the log's key; the error's code where it does not hold.
pub async fn check(running: &Running, found: &Found, bundle: &Bundle) -> Result<usize, &'static str> {
    let path = format!("/middlewares/{}/tables/{}/checkpoint", found.middleware, found.table);
    let (_, state) = running.get(&running.org(&path)).await;
    let key = VerifierKey::parse(state["vkey"].as_str().unwrap()).unwrap();
    bundle.open(&[key]).map(|opened| opened.rows.len()).map_err(|error| error.code())
}
