//! A server that speaks the protocol as far as the client needs it, on a real socket.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use vouchsafe_backend::{Ask, sql};
use vouchsafe_core::query::Query;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub at: Instant,
    pub line: String,
    pub headers: HashMap<String, String>,
    pub body: Value,
}

/// What is done instead of answering.
pub enum Act {
    Answer,
    /// Status, headers as they stand on the wire, body.
    Reply(u16, &'static str, String),
    /// The connection is reset, before the answer or in the middle of its body.
    Reset,
    ResetInBody,
    Hang,
    /// One byte of the headers every so often, without end.
    SlowHeaders,
}

type Script = dyn Fn(&Request, usize) -> Act + Send + Sync;

/// How the server behaves.
pub struct Behaviour {
    /// Whether it is ours: it holds answers back, signs, and gives bundles away.
    pub ours: Option<Ours>,
    pub latency: Duration,
    pub preprocess: Duration,
    pub proof: Duration,
    pub verification: Duration,
    /// Proofs are made only when they are asked for, by an endpoint that else is not there.
    pub generates: bool,
    pub verdict: &'static str,
    pub proof_status: &'static str,
    /// What happens to a request; with the number of requests before it.
    pub script: Box<Script>,
}

/// What our own server has to show.
#[derive(Clone, Default)]
pub struct Ours {
    pub checkpoint: String,
    pub bundle: String,
    pub detail: Option<&'static str>,
}

impl Default for Behaviour {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            ours: None,
            latency: Duration::ZERO,
            preprocess: ms(5),
            proof: ms(5),
            verification: ms(5),
            generates: false,
            verdict: "Verified",
            proof_status: "Completed",
            script: Box::new(|_, _| Act::Answer),
        }
    }
}

#[derive(Default)]
struct State {
    database: bool,
    collection: bool,
    preprocessed: Option<Instant>,
    queries: HashMap<String, (String, Instant, Option<Instant>)>,
    log: Vec<Request>,
}

pub struct Stub {
    pub url: String,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

struct Shared {
    behaviour: Behaviour,
    state: Mutex<State>,
    now: AtomicUsize,
    most: AtomicUsize,
    /// Requests whose client is still there.
    open: AtomicUsize,
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Stub {
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            behaviour,
            state: Mutex::default(),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
        });
        let serving = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&serving);
                connections.spawn(async move {
                    // A client that goes away is no concern of the server.
                    let _ = shared.serve(stream).await;
                });
            }
        });
        Self { url, shared, server }
    }

    /// What was asked, in order, as `METHOD /path` with ids and the organization left out.
    pub fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.line).collect()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.shared.state.lock().unwrap().log.clone()
    }

    pub fn most_in_flight(&self) -> usize {
        self.shared.most.load(Ordering::Relaxed)
    }

    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// Forgets collection and database, as a server that was set up anew.
    pub fn forget(&self) {
        let mut state = self.shared.state.lock().unwrap();
        (state.database, state.collection) = (false, false);
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        loop {
            let Some(request) = read(&mut stream).await? else { return Ok(()) };
            let count = {
                let mut state = self.state.lock().unwrap();
                state.log.push(request.clone());
                state.log.len() - 1
            };
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(self.behaviour.latency).await;
            let reply = match (self.behaviour.script)(&request, count) {
                Act::Answer => {
                    let held = self.behaviour.ours.is_some() && request.headers.contains_key("prefer");
                    if held {
                        self.hold(&request).await;
                    }
                    let (status, body) = self.answer(&request);
                    let ours = if self.behaviour.ours.is_some() { "vouchsafe-server: 0.1.0\r\n" } else { "" };
                    let applied = if held { "preference-applied: wait\r\n" } else { "" };
                    text(status, &format!("{ours}{applied}"), &body)
                }
                Act::Reply(status, headers, body) => text(status, headers, &body),
                act => {
                    self.now.fetch_sub(1, Ordering::SeqCst);
                    return self.fail(act, stream).await;
                }
            };
            self.now.fetch_sub(1, Ordering::SeqCst);
            stream.write_all(reply.as_bytes()).await?;
        }
    }

    async fn fail(&self, act: Act, mut stream: BufReader<TcpStream>) -> std::io::Result<()> {
        match act {
            Act::ResetInBody => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"id\": \"").await?;
                stream.get_ref().set_zero_linger()
            }
            Act::Reset => stream.get_ref().set_zero_linger(),
            Act::SlowHeaders => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nx-slow: ").await?;
                loop {
                    stream.write_all(b"a").await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            _ => {
                self.open.fetch_add(1, Ordering::SeqCst);
                // Returns when the client is gone.
                let _ = stream.read(&mut [0; 1]).await;
                self.open.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        }
    }

    /// Waits until what is polled for is done.
    async fn hold(&self, request: &Request) {
        let Behaviour { preprocess, proof, .. } = self.behaviour;
        let until = {
            let state = self.state.lock().unwrap();
            let query = state.queries.get(last(&request.line));
            query.map(|(_, asked, _)| *asked + proof).max(state.preprocessed.map(|at| at + preprocess))
        };
        if let Some(until) = until {
            tokio::time::sleep_until(until.into()).await;
        }
    }

    fn answer(&self, request: &Request) -> (u16, Value) {
        let line = request.line.as_str();
        let mut state = self.state.lock().unwrap();
        let table = json!([{ "id": "s-1", "tables": [{ "id": "t-0", "name": "other" }, { "id": "t-1", "name": "intercepts" }] }]);
        match line {
            "GET /middlewares" => {
                (200, json!([{ "id": "m-0", "name": "else" }, { "id": "m-1", "name": "Provably Middleware" }]))
            }
            "GET /middlewares/m-1/databases" if state.database => (200, json!([{ "id": "d-1", "name": "agents" }])),
            "POST /middlewares/m-1/databases" => {
                state.database = true;
                (200, json!({ "id": "d-1" }))
            }
            "GET /data" => {
                let databases = json!([{ "id": "d-1", "name": "agents", "schemas": table }]);
                (200, json!({ "middlewares": [{ "id": "m-1", "databases": databases }] }))
            }
            "GET /middlewares/m-1/databases/d-1/schemas/s-1/tables/t-1/columns" => (200, json!([{ "id": "c-1" }])),
            "GET /collections" if state.collection => (200, json!([{ "id": "k-1", "name": "project" }])),
            "GET /collections" | "GET /middlewares/m-1/databases" => (200, json!([])),
            "POST /collections" => {
                state.collection = true;
                (200, json!({ "id": "k-1" }))
            }
            "POST /integrations/ensure" => (200, json!({ "id": "i-1", "api_key": "i-key" })),
            "POST /middlewares/m-1/tables/t-1/preprocess" => {
                state.preprocessed = Some(Instant::now());
                (200, json!({ "id": "p-1" }))
            }
            "GET /middlewares/m-1/tables/t-1/preprocess" => match state.preprocessed {
                None => (404, json!({ "description": "never" })),
                Some(at) if at.elapsed() < self.behaviour.preprocess => (200, json!({ "status": "processing" })),
                Some(_) => (200, self.completed()),
            },
            "POST /middlewares/m-1/query" if state.collection => {
                let id = format!("q-{}", state.queries.len());
                let asked = request.body["query"].as_str().unwrap().to_owned();
                state.queries.insert(id.clone(), (asked, Instant::now(), None));
                (200, json!({ "query_id": id }))
            }
            "POST /generate_proof" if self.behaviour.generates => (400, json!({ "description": "it already exists" })),
            "POST /verify" => {
                let id = request.headers["id"].as_str();
                state.queries.get_mut(id).unwrap().2 = Some(Instant::now());
                (200, json!({}))
            }
            "GET /proof" => {
                let bundle = self.behaviour.ours.as_ref().map(|ours| &ours.bundle).unwrap();
                serde_json::from_str(bundle)
                    .map_or((409, json!({ "description": "it is gone" })), |bundle| (200, bundle))
            }
            line if line.starts_with("GET /queries/") => match state.queries.get(last(line)) {
                Some(query) => (200, self.record(last(line), query)),
                None => (404, json!({})),
            },
            _ => (404, json!({ "description": "not here" })),
        }
    }

    fn completed(&self) -> Value {
        match &self.behaviour.ours {
            Some(ours) => json!({ "status": "completed", "checkpoint": ours.checkpoint, "rows": "1" }),
            None => json!({ "status": "completed" }),
        }
    }

    fn record(&self, id: &str, (sql, asked, verified): &(String, Instant, Option<Instant>)) -> Value {
        let done = asked.elapsed() >= self.behaviour.proof;
        let verification = match verified {
            None => "Unverified",
            Some(at) if at.elapsed() < self.behaviour.verification => "Verifying",
            Some(_) => self.behaviour.verdict,
        };
        let status = if done { self.behaviour.proof_status } else { "Pending" };
        let mut proof = json!({ "id": id, "status": status, "verification_status": verification });
        if let Some(ours) = &self.behaviour.ours {
            (proof["format"], proof["detail"]) = ("vouchsafe-bundle".into(), ours.detail.into());
        }
        let proof = if self.behaviour.generates && !done { Value::Null } else { proof };
        json!({ "id": id, "sql_query": sql, "result": result(sql), "proof": proof })
    }
}

/// A row for each call that is asked for.
fn result(asked: &str) -> Value {
    let columns = [
        "id",
        "agent_id",
        "action_name",
        "source_url",
        "request_payload",
        "raw_response",
        "response_hash",
        "call_ref",
        "created_at",
        "run_id",
    ]
    .map(|name| json!({ "name": name }));
    let row = |call: &str, agent: &str, action: &str| {
        let response = json!({ "call": call }).to_string();
        json!([call, agent, action, "https://example.com/", "{}", response, "", call, "2026-09-21T14:13:20", null])
    };
    let id = "00000000-0000-4000-8000-000000000001";
    let rows = match sql::parse(asked).unwrap() {
        Ask::Query(Query::Call { call } | Query::Row { row: call }) => vec![row(&call, "agent", "look")],
        Ask::Action(action) => {
            vec![row(id, "agent", &action), row("00000000-0000-4000-8000-000000000002", "other", &action)]
        }
        _ => vec![],
    };
    json!({ "type": "resultset", "value": { "columns": columns, "rows": rows } })
}

fn last(line: &str) -> &str {
    line.rsplit('/').next().unwrap()
}

fn text(status: u16, headers: &str, body: impl std::fmt::Display) -> String {
    let body = body.to_string();
    format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

async fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut first = String::new();
    if stream.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    let at = Instant::now();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await?;
    let (method, rest) = first.split_once(' ').unwrap();
    let path = rest.split(' ').next().unwrap().trim_start_matches("/api/v1/organizations/o-1").to_owned();
    let mut path = path.as_str();
    for step in ["verify", "generate_proof"] {
        if let Some(query) = path.strip_suffix(&format!("/{step}")) {
            headers.insert("id".into(), last(query).into());
            path = if step == "verify" { "/verify" } else { "/generate_proof" };
        }
    }
    if path.starts_with("/api/v1/proof_requests/") {
        path = "/proof";
    }
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Ok(Some(Request { at, line: format!("{method} {path}"), headers, body }))
}
