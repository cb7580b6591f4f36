//! What a server remembers.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::json;
use tempfile::TempDir;
use vouchsafe_server::serve;

use crate::{
    agent::{Agent, Inserted},
    queries::opened,
    support::{Running, options, refused},
};

const DIR: &str = "VOUCHSAFE_TEST_SERVER_DIR";

/// Is started by the tests below as a process of its own, to be killed.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_there_to_be_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let server = serve(options(dir.as_ref())).await.unwrap();
    println!("listening on {}", server.address());
    std::future::pending::<()>().await;
}

fn start(dir: &TempDir) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "restart::a_server_that_is_there_to_be_killed", "--nocapture"])
        .env(DIR, dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.map_while(Result::ok).find_map(|line| Some(line.split_once("listening on ")?.1.to_owned()));
    (child, address.expect("the server started"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_killed_knows_what_it_knew() {
    let Some(agent) = Agent::new().await else { return };
    let dir = TempDir::new().unwrap();
    let (mut child, address) = start(&dir);
    let before = Running::elsewhere(&address, dir);
    let found = before.handshake(&agent.database, agent.cluster.port()).await;
    let row = Inserted::new("{\"price\": 42}");
    agent.insert(&row).await;
    let run = before.preprocess(&found).await;
    let query = before.query(&found, &row.by_call()).await;
    let record = before.verified(&found, &query).await;
    let table = before.org(&format!("/middlewares/{}/tables/{}", found.middleware, found.table));
    let state = before.get(&format!("{table}/checkpoint")).await;
    // A commit is under way when the process is killed.
    agent.insert(&Inserted::new("{}")).await;
    let held = agent.lock().await;
    let begun = before.post(&format!("{table}/preprocess"), &json!({})).await.1["id"].clone();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(held);

    let (mut child, address) = start(&before.dir);
    let after = Running::elsewhere(&address, before.dir);
    let again = after.handshake(&agent.database, agent.cluster.port()).await;
    assert_eq!((&again.table, &again.integration_key), (&found.table, &found.integration_key));
    let waited = after.waited(&format!("{table}/preprocess")).await.1;
    assert_eq!(
        (&waited["id"], &waited["status"]),
        (&begun, &json!("completed")),
        "what was begun is done: {run} {waited}"
    );
    let kept = after.verified(&found, &query).await;
    for part in ["id", "sql_query", "result"] {
        assert_eq!(kept[part], record[part]);
    }
    assert_eq!(kept["proof"]["verification_status"], "Verified");
    let (_, newer) = after.get(&format!("{table}/checkpoint")).await;
    assert_eq!(newer["vkey"], state.1["vkey"]);
    assert!(opened(&newer).size >= opened(&state.1).size);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_do_not_share_a_folder() {
    let running = Running::start().await;
    let second = serve(options(running.dir.path())).await;
    assert_eq!(second.err().map(|error| error.code()), Some("STORE_LOCKED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_503_and_comes_back() {
    let Ok(cluster) = vouchsafe_pg_test::Cluster::start() else { return };
    let agent = Agent::on(Box::leak(Box::new(cluster))).await;
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let row = Inserted::new("{}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    let query = running.query(&found, &row.by_call()).await;
    agent.cluster.stop();
    let answer = running.send(reqwest::Method::GET, &running.org(&format!("/queries/{query}")), None).await;
    assert_eq!(answer.headers()["retry-after"], "1");
    refused(&crate::support::read(answer).await, 503);
    agent.cluster.start_again().unwrap();
    assert_eq!(running.verified(&found, &query).await["proof"]["verification_status"], "Verified");
    agent.cluster.stop();
}
