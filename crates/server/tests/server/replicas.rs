//! Several servers over one state in a database.

use reqwest::StatusCode;
use tempfile::TempDir;
use vouchsafe_pg_test::Cluster;
use vouchsafe_server::{ServeError, ServeOptions, serve};

use crate::{
    agent::{Agent, Inserted},
    queries::{check, download, opened},
    support::{Running, options},
};

/// A server whose store is this database.
async fn replica(store: &str) -> Running {
    let dir = TempDir::new().unwrap();
    let options = ServeOptions { store: store.to_owned(), ..options(dir.path()) };
    Running::start_in(dir, options).await
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_know_what_the_others_know_and_write_one_history() {
    let Some(agent) = Agent::new().await else { return };
    let store = agent.cluster.url(&agent.cluster.create_database());
    let (one, two) = (replica(&store).await, replica(&store).await);
    let found = one.handshake(&agent.database, agent.cluster.port()).await;
    let table = one.org(&format!("/middlewares/{}/tables/{}", found.middleware, found.table));
    let row = Inserted::new("{\"price\": 42}");
    agent.insert(&row).await;
    one.preprocess(&found).await;
    let query = one.query(&found, &row.by_call()).await;

    // The other one was told nothing.
    let record = two.verified(&found, &query).await;
    assert_eq!(record["proof"]["verification_status"], "Verified");
    let bundle = download(&two, &query).await;
    assert_eq!(check(&one, &found, &bundle).await, Ok(1));
    let again = two.handshake(&agent.database, agent.cluster.port()).await;
    assert_eq!((&again.table, &again.collection), (&found.table, &found.collection));
    assert_eq!(again.integration_key, found.integration_key);
    assert_eq!(two.get(&format!("{table}/preprocess")).await, one.get(&format!("{table}/preprocess")).await);

    // Both commit, at the same time.
    let old = opened(&one.get(&format!("{table}/checkpoint")).await.1);
    for _ in 0..5 {
        agent.insert(&Inserted::new("{}")).await;
        tokio::join!(one.preprocess(&found), two.preprocess(&found));
    }
    let (first, second) =
        (one.get(&format!("{table}/checkpoint")).await, two.get(&format!("{table}/checkpoint")).await);
    assert_eq!(first, second);
    assert_eq!(first.1["rows"], "6");
    let path = format!("{table}/consistency?from={}&to={}", old.size, opened(&first.1).size);
    assert_eq!(two.get(&path).await.0, StatusCode::OK);

    agent.execute("UPDATE intercepts SET raw_response = '{\"price\": 43}'").await;
    assert_eq!(two.verified(&found, &query).await["proof"]["status"], "Failed");
    for running in [one, two] {
        let log = running.log.text();
        assert!(!log.contains(Cluster::PASSWORD), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_nobody_was_given_is_refused_without_a_look_at_the_store() {
    let Ok(cluster) = Cluster::start() else { return };
    let agent = Agent::on(Box::leak(Box::new(cluster))).await;
    let running = replica(&agent.cluster.url(&agent.cluster.create_database())).await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    agent.cluster.stop();
    let path = running.org(&format!("/middlewares/{}/tables/{}/checkpoint", found.middleware, found.table));
    let get = async |key: &str| running.client.get(running.url(&path)).header("x-api-key", key).send().await.unwrap();
    let given = &found.integration_key;
    // The last digit is another one.
    let forged = format!("{}{}", &given[..given.len() - 1], if given.ends_with('0') { '1' } else { '0' });
    for key in ["i-", "i-0000", &forged] {
        assert_eq!(get(key).await.status(), StatusCode::UNAUTHORIZED, "{key}");
    }
    assert_eq!(get(given).await.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_reached_keeps_the_server_from_starting_and_its_password_a_secret() {
    let dir = TempDir::new().unwrap();
    let away = ServeOptions { store: "postgres://user:Xq9-secret@127.0.0.1:1/db".into(), ..options(dir.path()) };
    let error = serve(away).await.err().unwrap();
    assert_eq!(error.code(), "STORE_UNAVAILABLE");
    assert!(!error.to_string().contains("secret"), "{error}");
    // Where there is no folder to make one in, a token file must be named.
    let Some(cluster) = Cluster::shared() else { return };
    let store = cluster.url(&cluster.create_database());
    assert!(matches!(serve(ServeOptions::new(&store)).await, Err(ServeError::Keys(_))));
}
