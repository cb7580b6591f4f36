//! How much a client may take.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    agent::Agent,
    support::{Running, TOKEN, read, refused, text},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_refused_whether_or_not_it_says_so() {
    let running = Running::start_with(|options| options.max_body_bytes = 1_000).await;
    let post = || running.client.post(running.url(&running.org("/middlewares/provably"))).bearer_auth(TOKEN);
    assert_eq!(post().body(" ".repeat(1_000)).send().await.unwrap().status(), StatusCode::OK);
    refused(&read(post().body(" ".repeat(1_001)).send().await.unwrap()).await, 413);

    let mut chunked = connect(&running);
    write!(
        chunked,
        "POST {} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\n",
        running.org("/middlewares/provably")
    )
    .unwrap();
    write!(chunked, "connection: close\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n{}\r\n0\r\n\r\n", " ".repeat(1_001))
        .unwrap();
    assert!(answer(chunked).starts_with("HTTP/1.1 413"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_rate_are_told_when_to_come_back() {
    let running = Running::start_with(|options| options.rate_per_second = 5).await;
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(running.send(reqwest::Method::GET, "/api/v1/user/current", None).await);
    }
    let (granted, refusals): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status() == StatusCode::OK);
    assert!(granted.len() >= 5, "{}", granted.len());
    let refusal = refusals.into_iter().next().expect("ten at once are more than five a second");
    assert_eq!(refusal.headers()["retry-after"], "1");
    refused(&read(refusal).await, 429);
    // The operator's tools are not counted.
    assert_eq!(running.client.get(running.url("/healthz")).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_requests_than_may_be_in_flight_are_told_to_come_back() {
    let running = Running::start_with(|options| options.max_in_flight = 1).await;
    // One that is being answered: its body is still on its way.
    let mut slow = connect(&running);
    let path = running.org("/middlewares/provably");
    write!(slow, "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{")
        .unwrap();
    let refusal = loop {
        let answer = running.send(reqwest::Method::GET, "/api/v1/user/current", None).await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!(refusal.headers()["retry-after"], "1");
    refused(&read(refusal).await, 503);
    // The operator sees it nevertheless.
    assert_eq!(running.client.get(running.url("/healthz")).send().await.unwrap().status(), StatusCode::OK);
    assert!(metrics(&running).await.contains("vouchsafe_requests_in_flight 2"));
    slow.write_all(b"}").unwrap();
    assert!(answer(slow).starts_with("HTTP/1.1 200"));
    assert_eq!(running.get("/api/v1/user/current").await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_and_slow_senders_keep_nobody_from_an_answer() {
    let running = Running::start_with(|options| options.max_in_flight = 64).await;
    let idle: Vec<_> = (0..200).map(|_| connect(&running)).collect();
    let mut slow: Vec<_> = (0..200).map(|_| connect(&running)).collect();
    for slow in &mut slow {
        slow.write_all(b"GET /healthz HTTP/1.1\r\nx-slow: ").unwrap();
    }
    for _ in 0..100 {
        assert_eq!(running.get("/api/v1/user/current").await.0, StatusCode::OK);
        for slow in &mut slow {
            slow.write_all(b"a").unwrap();
        }
    }
    drop((idle, slow));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_answers_what_is_under_way() {
    let mut running = Running::start().await;
    let mut slow = connect(&running);
    let path = running.org("/middlewares/provably");
    write!(slow, "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 2\r\n\r\n{{")
        .unwrap();
    // Once it is counted, it is under way.
    in_flight(&running, 2).await;
    let ended = tokio::spawn(running.shutdown());
    slow.write_all(b"}").unwrap();
    assert!(tokio::task::spawn_blocking(|| answer(slow)).await.unwrap().starts_with("HTTP/1.1 200"));
    assert!(ended.await.unwrap(), "everything was answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_while_it_waits_leaves_nothing_in_flight() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start_with(|options| options.max_in_flight = 2).await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let path = running.org(&format!("/middlewares/{}/tables/{}/preprocess", found.middleware, found.table));
    let held = agent.lock().await;
    assert_eq!(running.post(&path, &json!({})).await.0, StatusCode::OK);
    for _ in 0..3 {
        let mut waiting = connect(&running);
        write!(waiting, "GET {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\nprefer: wait=60\r\n\r\n")
            .unwrap();
        in_flight(&running, 2).await;
        drop(waiting);
        in_flight(&running, 1).await;
    }
    held.batch_execute("COMMIT").await.unwrap();
    running.preprocess(&found).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_ends_in_time_though_a_database_says_nothing() {
    let Some(agent) = Agent::new().await else { return };
    let mut running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let path = running.org(&format!("/middlewares/{}/tables/{}/preprocess", found.middleware, found.table));
    let held = agent.lock().await;
    assert_eq!(running.post(&path, &json!({})).await.0, StatusCode::OK);
    agent.waits_for_a_lock().await;
    let ending = running.server.take().unwrap().shutdown(Duration::from_secs(1));
    let ended = tokio::time::timeout(Duration::from_secs(10), ending).await;
    assert!(!ended.expect("a second is long over"), "the commit did not end");
    held.batch_execute("COMMIT").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_count_requests_by_route_and_what_was_committed() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    agent.insert(&crate::agent::Inserted::new("{}")).await;
    running.preprocess(&found).await;
    running.query(&found, "SELECT * FROM intercepts WHERE agent_id = 'a'").await;
    running.get("/no/such/page").await;
    let metrics = metrics(&running).await;
    let route = "/api/v1/organizations/{org}/middlewares/{middleware}/query";
    for line in [
        format!("vouchsafe_requests_total{{method=\"POST\",route=\"{route}\",status=\"200\"}} 1"),
        "vouchsafe_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1".into(),
        "vouchsafe_commits_total 1".into(),
        "vouchsafe_rows_committed_total 1".into(),
        "vouchsafe_queries_total 1".into(),
        "vouchsafe_request_duration_seconds_bucket{le=\"0.05\"}".into(),
    ] {
        assert!(metrics.contains(&line), "{line} is not in\n{metrics}");
    }
    let (status, health) = read(running.client.get(running.url("/healthz")).send().await.unwrap()).await;
    assert_eq!((status, text(&health["status"])), (StatusCode::OK, "ok".into()));
    assert_eq!(health, json!({ "status": "ok" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_too_slowly_is_not_waited_for() {
    let running = Running::start().await;
    let mut slow_body = connect(&running);
    let path = running.org("/middlewares/provably");
    write!(
        slow_body,
        "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 2\r\n\r\n{{"
    )
    .unwrap();
    let mut slow_head = connect(&running);
    slow_head.write_all(b"GET /healthz HTTP/1.1\r\nx-slow: a").unwrap();
    let idle = connect(&running);
    let ends = [slow_body, slow_head, idle].map(|stream| tokio::task::spawn_blocking(|| answer(stream)));
    let [body, head, idle] = ends;
    assert!(body.await.unwrap().starts_with("HTTP/1.1 408"));
    assert_eq!((head.await.unwrap(), idle.await.unwrap()), (String::new(), String::new()), "closed without an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_and_never_reads_is_not_waited_for() {
    let running = Running::start().await;
    let mut deaf = connect(&running);
    deaf.set_write_timeout(Some(Duration::from_mins(1))).unwrap();
    let asking = tokio::task::spawn_blocking(move || {
        let asked = b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n".repeat(100);
        loop {
            if let Err(error) = deaf.write_all(&asked) {
                return error.kind();
            }
        }
    });
    let ended = asking.await.unwrap();
    assert!(matches!(ended, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "it was closed: {ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_of_a_megabyte_is_read_and_refused_as_no_query() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let path = running.org(&format!("/middlewares/{}/query", found.middleware));
    for length in [1_000_000, 1 << 20] {
        let body = json!({ "query": "x".repeat(length), "collection_id": found.collection });
        assert!(refused(&running.post(&path, &body).await, 400).contains("the query"));
    }
    let body = json!({ "query": "x".repeat(2 << 20), "collection_id": found.collection });
    refused(&running.post(&path, &body).await, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_says_nothing_holds_a_request_for_a_bounded_time() {
    let Some(agent) = Agent::new().await else { return };
    let running = Running::start().await;
    let found = running.handshake(&agent.database, agent.cluster.port()).await;
    let row = crate::agent::Inserted::new("{}");
    agent.insert(&row).await;
    running.preprocess(&found).await;
    let query = running.query(&found, &row.by_call()).await;
    let held = agent.lock().await;
    let answer = running.send(reqwest::Method::GET, &running.org(&format!("/queries/{query}")), None).await;
    assert_eq!(answer.headers()["retry-after"], "1");
    refused(&read(answer).await, 503);
    held.batch_execute("COMMIT").await.unwrap();
    assert_eq!(running.verified(&found, &query).await["proof"]["verification_status"], "Verified");
}

/// Waits until so many requests are in flight, this one among them.
async fn in_flight(running: &Running, count: usize) {
    let line = format!("vouchsafe_requests_in_flight {count}\n");
    let counted = async {
        while !metrics(running).await.contains(&line) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), counted).await.unwrap_or_else(|_| panic!("never {line}"));
}

async fn metrics(running: &Running) -> String {
    running.client.get(running.url("/metrics")).send().await.unwrap().text().await.unwrap()
}

fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(&running.address).unwrap()
}

fn answer(mut stream: TcpStream) -> String {
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let mut bytes = Vec::new();
    let mut part = [0; 4_096];
    // Up to the end of the head and whatever came with it.
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(0) => break,
            // A connection that is closed before all was read is reset.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("no answer: {error}"),
            Ok(read) => bytes.extend_from_slice(&part[..read]),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
