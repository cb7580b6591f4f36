//! The log over a Postgres table in the agents' own processes.

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{build_options, evaluate_options, exchange, open, reasons};
use vouchsafe_core::row::Kind;
use vouchsafe_engine::{Engine, EvaluateOptions, evaluate_offline};
use vouchsafe_pg_test::Cluster;

async fn verified(engine: &std::sync::Arc<Engine>, claims: &Value) -> Value {
    let options: EvaluateOptions = serde_json::from_value(evaluate_options(&json!({}))).unwrap();
    let verdict = engine.verify(&claims.to_string(), &build_options(&json!({})), &options).await.unwrap();
    serde_json::from_str(&verdict).unwrap()
}

async fn change(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    assert_eq!(client.execute(sql, &[]).await.unwrap(), 1, "{sql}");
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_on_two_machines_commit_to_one_log_and_an_edited_row_is_caught() {
    let Some(cluster) = Cluster::shared() else { return };
    let url = cluster.url(&cluster.create_database());
    let with = json!({ "postgresUrl": url });
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, _) = open(here.path(), &with);
    let (second, _) = open(there.path(), &with);
    let mut elsewhere = exchange(Kind::Http, r#"{"price": 41}"#);
    elsewhere.agent_id = "other".into();
    second.engine().record(elsewhere);
    second.engine().commit().await.unwrap();
    for price in [7, 42] {
        first.engine().record(exchange(Kind::Http, &format!("{{\"price\": {price}}}")));
    }
    let claims = json!([
        { "path": "price", "equals": 42 },
        { "action": "price", "path": "price", "equals": 43 },
        { "agentId": "other", "path": "price", "equals": 41 },
    ]);
    let verdict = verified(first.engine(), &claims).await;
    let said: Vec<String> = reasons(&verdict).into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(said, ["supported", "contradicted", "supported"], "{verdict}");
    assert_eq!(verdict["claims"][0]["proof"]["trust"], "proof");
    assert_eq!(verdict["claims"][0]["proof"]["covers"], "latest");
    assert_eq!(first.engine().vkey().unwrap(), second.engine().vkey().unwrap());
    assert_eq!(first.engine().stats().committed, 2);

    let payload = first.engine().build(&claims.to_string(), &build_options(&json!({}))).await.unwrap();
    let options = evaluate_options(&json!({ "verifierKeys": [first.engine().vkey().unwrap()] }));
    let offline: Value = serde_json::from_str(&evaluate_offline(&payload, &options.to_string()).unwrap()).unwrap();
    assert_eq!(reasons(&offline), reasons(&verdict), "whoever has the key needs no Postgres");

    change(&url, r#"UPDATE intercepts SET raw_response = '{"price": 43}' WHERE raw_response = '{"price": 42}'"#).await;
    let verdict = verified(first.engine(), &claims).await;
    let said: Vec<String> = reasons(&verdict).into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(said, ["proof_invalid", "proof_invalid", "supported"], "{verdict}");
    for handle in [first, second] {
        assert!(handle.close(Duration::from_secs(10)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_open_and_its_key_known_before_anything_is_recorded() {
    let Some(cluster) = Cluster::shared() else { return };
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.url(&cluster.create_database()));
    let (handle, _) = open(dir.path(), &json!({ "postgresUrl": url }));
    handle.engine().opened(Duration::from_secs(30)).await;
    let vkey = handle.engine().vkey().unwrap();
    handle.engine().record(exchange(Kind::Http, "42"));
    assert_eq!(verified(handle.engine(), &json!([{ "equals": 42 }])).await["outcome"], "PASS");
    assert_eq!(handle.engine().vkey().unwrap(), vkey);
    assert!(handle.close(Duration::from_secs(10)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_gone_from_our_own_table_is_caught() {
    let Some(cluster) = Cluster::shared() else { return };
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.url(&cluster.create_database()));
    let (handle, _) = open(dir.path(), &json!({ "postgresUrl": url }));
    handle.engine().record(exchange(Kind::Http, "42"));
    handle.engine().commit().await.unwrap();
    change(&url, "DELETE FROM intercepts").await;
    let verdict = verified(handle.engine(), &json!([{ "equals": 42 }])).await;
    assert_eq!(
        (&verdict["outcome"], reasons(&verdict)[0].0.as_str()),
        (&json!("CAUGHT"), "proof_invalid"),
        "{verdict}"
    );
    assert!(handle.close(Duration::from_secs(10)));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_verifications_at_once_do_not_keep_connections_from_each_other() {
    let Some(cluster) = Cluster::shared() else { return };
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.url(&cluster.create_database()));
    let (handle, _) = open(dir.path(), &json!({ "postgresUrl": url }));
    handle.engine().record(exchange(Kind::Http, "42"));
    let began = std::time::Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let engine = std::sync::Arc::clone(handle.engine());
        running.spawn(async move { verified(&engine, &json!([{ "equals": 42 }])).await });
    }
    while let Some(verdict) = running.join_next().await {
        assert_eq!(verdict.unwrap()["outcome"], "PASS");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(handle.close(Duration::from_secs(10)));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgres_is_away_claims_are_undecided_and_afterwards_their_rows_are_committed() {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(reason) => return eprintln!("skipped, no PostgreSQL: {reason}"),
    };
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.url(&cluster.create_database()));
    cluster.stop();
    let (handle, _) = open(dir.path(), &json!({ "postgresUrl": url }));
    let began = std::time::Instant::now();
    handle.engine().opened(Duration::from_secs(2)).await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    handle.engine().record(exchange(Kind::Http, "42"));
    let claims = json!([{ "equals": 42 }]);
    let verdict = verified(handle.engine(), &claims).await;
    assert_eq!((&verdict["outcome"], reasons(&verdict)[0].0.as_str()), (&json!("ERROR"), "backend_unavailable"));
    assert_eq!(verdict["errors"][0]["code"], "STORE_UNAVAILABLE");
    assert!(!verdict.to_string().contains(Cluster::PASSWORD), "{verdict}");
    assert_eq!(handle.engine().vkey().unwrap_err().code, "STORE_UNAVAILABLE");

    cluster.start_again().unwrap();
    let engine = handle.engine();
    support::until("the worker commits by itself", || engine.stats().committed == 1).await;
    assert_eq!(verified(engine, &claims).await["outcome"], "PASS");
    assert!(handle.close(Duration::from_secs(10)));
}

#[test]
fn a_folder_that_is_open_with_another_database_is_a_conflict_that_shows_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let url = |password: &str| json!({ "postgresUrl": format!("postgres://me:{password}@127.0.0.1:9/x") });
    let (first, _) = open(dir.path(), &url("sesame"));
    let second = vouchsafe_engine::Handle::open(dir.path(), &support::options(&url("rhubarb")), None, |_| {});
    let error = second.err().expect("it differs");
    assert_eq!((error.code.as_str(), error.key.as_deref()), ("OPTIONS_CONFLICT", Some("store")));
    assert!(!error.message.contains("sesame") && !error.message.contains("rhubarb"), "{error}");
    let shown = format!("{:?} {}", support::options(&url("sesame")), json!(support::options(&url("sesame"))));
    assert!(!shown.contains("sesame"), "{shown}");
    first.close(Duration::from_secs(10));
}
