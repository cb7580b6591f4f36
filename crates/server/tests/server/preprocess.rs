//! Commits that clients ask for.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use vouchsafe_server::{LogSink, ServeOptions, serve};

use crate::{
    agent::{Agent, Inserted},
    support::{Found, Running, TOKEN, options, read, refused, text},
};

fn path(running: &Running, found: &Found) -> String {
    running.org(&format!("/middlewares/{}/tables/{}/preprocess", found.middleware, found.table))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_committed_when_somebody_asks_for_it() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    refused(&running.get(&path(&running, &found)).await, 404);
    agent.insert(&Inserted::new("{}")).await;
    let run = running.preprocess(&found).await;
    assert_eq!(run["rows"], "1");
    agent.insert(&Inserted::new("{}")).await;
    let next = running.preprocess(&found).await;
    assert_eq!(next["rows"], "2");
    assert_ne!(run["id"], next["id"]);
    // A client that does not wait gets the same.
    assert_eq!(running.get(&path(&running, &found)).await, (StatusCode::OK, next));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_answered_when_the_newest_run_has_ended() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    running.preprocess(&found).await;
    let held = agent.lock().await;
    let path = path(&running, &found);
    let first = text(&running.post(&path, &json!({})).await.1["id"]);
    let second = text(&running.post(&path, &json!({})).await.1["id"]);
    let third = text(&running.post(&path, &json!({})).await.1["id"]);
    assert_ne!(first, second);
    assert_eq!(second, third, "one runs and one more is queued, which both mean");
    let get = |wait: u32| {
        let request = running.client.get(running.url(&path)).bearer_auth(TOKEN);
        request.header("prefer", format!("respond-async, wait={wait}")).send()
    };
    let now = running.get(&path).await;
    assert_eq!(now, (StatusCode::OK, json!({ "id": second, "status": "processing" })));
    let begun = Instant::now();
    let waited = get(1).await.unwrap();
    assert_eq!(waited.headers()["preference-applied"], "wait");
    assert_eq!(read(waited).await.1["status"], "processing");
    assert!(begun.elapsed() >= Duration::from_secs(1));

    let waiting = tokio::spawn(get(25));
    held.batch_execute("COMMIT").await.unwrap();
    let run = read(waiting.await.unwrap().unwrap()).await.1;
    assert_eq!((&run["id"], &run["status"]), (&Value::from(second), &json!("completed")), "{run}");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_takes_nobodys_place() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start_with(|options| options.max_in_flight = 1).await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    running.preprocess(&found).await;
    let held = agent.lock().await;
    let path = path(&running, &found);
    running.post(&path, &json!({})).await;
    let mut waiting = Vec::new();
    for _ in 0..5 {
        let request = running.client.get(running.url(&path)).bearer_auth(TOKEN).header("prefer", "wait=25").send();
        waiting.push(tokio::spawn(request));
        let others = async {
            // Several times, so that the one that is to wait is likely to have come in between.
            for _ in 0..20 {
                while running.get("/api/v1/user/current").await.0 != StatusCode::OK {}
            }
        };
        tokio::time::timeout(Duration::from_secs(10), others).await.expect("others are answered");
    }
    held.batch_execute("COMMIT").await.unwrap();
    let mut waited = 0;
    for answer in waiting {
        let answer = answer.await.unwrap().unwrap();
        // One that came while another was answered was sent away.
        if answer.status() == StatusCode::OK {
            assert_eq!(read(answer).await.1["status"], "completed");
            waited += 1;
        }
    }
    assert!(waited > 0);
}

/// Panics when a commit is said to have failed, once.
struct Panicking(Option<()>);

impl std::io::Write for Panicking {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let is_first = String::from_utf8_lossy(bytes).contains("a commit failed") && self.0.take().is_some();
        assert!(!is_first, "as it is meant to");
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_panics_has_failed_and_the_next_one_does_it() {
    let Some(agent) = Agent::new().await else { return };
    let dir = tempfile::TempDir::new().unwrap();
    let options = ServeOptions { log: LogSink::new(Panicking(Some(()))), ..options(dir.path()) };
    let server = serve(options).await.unwrap();
    let address = server.address().to_string();
    let running = Running { server: Some(server), ..Running::elsewhere(&address, dir) };
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    agent.insert(&Inserted::new("{}")).await;
    agent.execute("ALTER TABLE intercepts RENAME TO away").await;
    let path = path(&running, &found);
    running.post(&path, &json!({})).await;
    let run = running.waited(&path).await.1;
    assert_eq!((&run["status"], &run["error"]), (&json!("error"), &json!("the commit panicked")), "{run}");
    agent.execute("ALTER TABLE away RENAME TO intercepts").await;
    assert_eq!(running.preprocess(&found).await["rows"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_answered_when_the_server_ends() {
    let Some(agent) = Agent::new().await else { return };
    let mut running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    running.preprocess(&found).await;
    let held = agent.lock().await;
    let path = path(&running, &found);
    running.post(&path, &json!({})).await;
    let begun = Instant::now();
    let request = running.client.get(running.url(&path)).bearer_auth(TOKEN).header("prefer", "wait=25").send();
    let waiting = tokio::spawn(request);
    let ended = tokio::spawn(running.shutdown());
    // It may be answered or not be let in any more; but nobody keeps it waiting.
    if let Ok(answer) = waiting.await.unwrap() {
        assert_eq!(read(answer).await.1["status"], "processing");
    }
    held.batch_execute("COMMIT").await.unwrap();
    assert!(ended.await.unwrap());
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_says_so_and_the_next_one_does_it() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    agent.insert(&Inserted::new("{}")).await;
    agent.execute("ALTER TABLE intercepts RENAME TO away").await;
    let path = path(&running, &found);
    running.post(&path, &json!({})).await;
    let run = running.waited(&path).await.1;
    assert_eq!(run["status"], "error", "{run}");
    assert!(!text(&run["error"]).is_empty());
    agent.execute("ALTER TABLE away RENAME TO intercepts").await;
    assert_eq!(running.preprocess(&found).await["rows"], "1");
}
