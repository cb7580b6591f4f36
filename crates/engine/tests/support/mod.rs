//! What several tests of the engine need: an engine with options, exchanges, and a look into the shared table.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use vouchsafe_core::{
    exchange::{Body, Exchange},
    row::{Kind, Outcome, Source},
};
use vouchsafe_engine::{BuildOptions, EngineEvent, EngineOptions, Handle};

/// How long a state may take to come that another process makes.
pub const PATIENCE: Duration = Duration::from_mins(1);

pub type Events = Arc<Mutex<Vec<String>>>;

/// The façade's defaults, with the keys of `with` in their place.
pub fn options(with: &Value) -> EngineOptions {
    let mut options = json!({
        "debounceMs": 5, "maxConcurrency": 8, "redact": { "headers": [], "query": [], "paths": [] },
        "maxBodyBytes": 4 << 20, "retentionDays": 30, "retentionBytes": 1u64 << 30, "origin": null, "keyFile": null,
        "pin": null, "backend": null, "postgresUrl": null,
    });
    options.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    serde_json::from_value(options).unwrap()
}

/// Opens a folder; the events come as `<type> <code>`.
pub fn open(dir: &Path, with: &Value) -> (Handle, Events) {
    let events = Events::default();
    let heard = Arc::clone(&events);
    let listener = move |event: &EngineEvent| heard.lock().unwrap().push(format!("{} {}", event.kind, event.code));
    (Handle::open(dir, &options(with), None, listener).unwrap(), events)
}

pub fn now_us() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

/// An exchange whose response is this JSON text.
pub fn exchange(kind: Kind, response: &str) -> Exchange {
    let now = now_us();
    let source = if kind == Kind::Tool { Source::RecordTool } else { Source::Tap };
    let body = Body { bytes: response.into(), wire_length: response.len() as u64, ..Body::default() };
    Exchange {
        run_id: Some("run".into()),
        agent_id: "agent".into(),
        action_name: Some("price".into()),
        method: Some("GET".into()),
        url: Some("https://api.example.com/price".into()),
        status: Some(200),
        outcome: Some(Outcome::Complete),
        response_headers: Some("content-type: application/json\n".into()),
        response: Some(body),
        ..Exchange::new(kind, source, now, now)
    }
}

/// The rows of the folder: their ids in order.
pub fn rows_of(dir: &Path) -> Vec<String> {
    let database = rusqlite::Connection::open(dir.join("vouchsafe.db")).unwrap();
    let mut select = database.prepare("SELECT id FROM intercepts ORDER BY row_seq").unwrap();
    select.query_map([], |sql| sql.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// The table's rows in its own order: id and response. None while Postgres or the table is away.
pub async fn table(url: &str) -> Option<Vec<(String, String)>> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.ok()?;
    tokio::spawn(connection);
    let sql = "SELECT id::text, raw_response FROM intercepts ORDER BY created_at, id";
    Some(client.query(sql, &[]).await.ok()?.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Waits until the table has so many rows.
pub async fn table_of(url: &str, rows: usize) -> Vec<(String, String)> {
    let until = Instant::now() + PATIENCE;
    loop {
        match table(url).await {
            Some(found) if found.len() >= rows => return found,
            found => assert!(Instant::now() < until, "{rows} rows are awaited, there are {:?}", found.map(|f| f.len())),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until something holds.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The façade's defaults for building, with the keys of `with` in their place.
pub fn build_options(with: &Value) -> BuildOptions {
    let mut options = json!({
        "agentId": "agent", "runId": "run", "storeScope": false, "watchingSinceUs": null, "channels": [], "open": [],
        "timeoutMs": 30_000, "maxConcurrency": 8, "after": null, "disclose": "all", "prompt": null, "task": null,
        "answer": null, "includeApiKey": false,
    });
    options.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    serde_json::from_value(options).unwrap()
}

/// The façade's defaults for evaluating, with the keys of `with` in their place.
pub fn evaluate_options(with: &Value) -> Value {
    let mut options = json!({
        "verifierKeys": null, "allowBackendTrust": false, "timeoutMs": 30_000, "expect": null, "claims": null,
        "agentId": null, "boundRun": null, "storeScope": false, "maxCheckpointAgeMs": null, "after": null,
        "bundles": false,
    });
    options.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    options
}

/// Reason and message of each claim of a verdict.
pub fn reasons(verdict: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    verdict["claims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|claim| (text(&claim["reason"]), text(&claim["message"])))
        .collect()
}
