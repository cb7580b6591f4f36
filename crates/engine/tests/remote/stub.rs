//! A backend of the older kind, over HTTP: it answers with rows and says that it verified them, and proves nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio_postgres::SimpleQueryMessage;

pub const ORG: &str = "0190b3b0-0000-7000-8000-000000000001";
pub const TOKEN: &str = "token-sesame";
pub const KEY: &str = "i-sesame";

/// What it is to do, and what was asked of it.
#[derive(Default)]
pub struct Backend {
    /// The database that it reads.
    url: String,
    /// It says of these rows' queries that their proof failed.
    pub refutes: bool,
    /// It answers 503 to everything.
    pub is_away: bool,
    pub preprocessed: u64,
    /// Requests for records.
    pub recalled: u64,
    /// The tokens that it takes.
    pub tokens: BTreeSet<String>,
    queries: BTreeMap<String, String>,
}

#[derive(Clone)]
pub struct Stub {
    pub url: String,
    backend: Arc<Mutex<Backend>>,
}

type Shared = State<Arc<Mutex<Backend>>>;

impl Stub {
    pub async fn start(postgres: &str) -> Self {
        let tokens = BTreeSet::from([TOKEN.to_owned()]);
        let backend = Arc::new(Mutex::new(Backend { url: postgres.into(), tokens, ..Backend::default() }));
        let org = "/api/v1/organizations/{org}";
        let table = format!("{org}/middlewares/{{mw}}/tables/{{t}}");
        let app = Router::new()
            .route("/api/v1/sandboxes", get(|| async { StatusCode::NOT_FOUND }))
            .route("/api/v1/organizations", get(|| async { Json(json!([{ "id": ORG, "name": "org" }])) }))
            .route("/api/v1/user/current", get(|| async { Json(json!({ "email": "me@example.com" })) }))
            .route(
                &format!("{org}/middlewares"),
                get(|| async { Json(json!([{ "id": id(1), "name": "Provably Middleware" }])) }),
            )
            .route(&format!("{org}/middlewares/provably"), post(|| async { Json(json!({ "id": id(1) })) }))
            .route(
                &format!("{org}/middlewares/{{mw}}/databases"),
                get(|| async { Json(json!([{ "id": id(2), "name": "test" }])) })
                    .post(|| async { Json(json!({ "id": id(2) })) }),
            )
            .route(&format!("{org}/data"), get(data))
            .route(
                &format!("{org}/middlewares/{{mw}}/databases/{{db}}/schemas/{{s}}/tables/{{t}}/columns"),
                get(|| async { Json(json!([{ "id": id(5) }])) }),
            )
            .route(
                &format!("{org}/collections"),
                get(|| async { Json(json!([])) }).post(|| async { Json(json!({ "id": id(6) })) }),
            )
            .route(
                &format!("{org}/integrations/ensure"),
                post(|| async { Json(json!({ "id": id(7), "api_key": KEY })) }),
            )
            .route(&format!("{table}/preprocess"), get(preprocess_status).post(preprocess))
            .route(&format!("{org}/middlewares/{{mw}}/query"), post(query))
            .route(&format!("{org}/queries/{{q}}"), get(record))
            .route(&format!("{org}/queries/{{q}}/generate_proof"), post(|| async { Json(json!({})) }))
            .route(&format!("{org}/queries/{{q}}/verify"), post(|| async { Json(json!({})) }))
            .layer(from_fn_with_state(Arc::clone(&backend), gate))
            .with_state(Arc::clone(&backend));
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self { url, backend }
    }

    pub fn lock(&self) -> MutexGuard<'_, Backend> {
        self.backend.lock().unwrap()
    }
}

fn id(n: u32) -> String {
    format!("0190b3b0-0000-7000-8000-00000000010{n}")
}

async fn gate(State(backend): Shared, request: Request, next: Next) -> Response {
    let refusal = backend.lock().unwrap().refusal(&request);
    match refusal {
        Some(status) => (status, Json(json!({ "description": "no" }))).into_response(),
        None => next.run(request).await,
    }
}

impl Backend {
    fn refusal(&mut self, request: &Request) -> Option<StatusCode> {
        self.recalled += u64::from(request.uri().path().contains("/queries/"));
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let bearer = header("authorization").strip_prefix("Bearer ").unwrap_or_default();
        if self.is_away {
            return Some(StatusCode::SERVICE_UNAVAILABLE);
        }
        (!self.tokens.contains(bearer) && header("x-api-key") != KEY).then_some(StatusCode::UNAUTHORIZED)
    }
}

async fn data() -> Json<Value> {
    let tables = json!([{ "id": id(4), "name": "intercepts" }]);
    let databases =
        json!([{ "id": id(2), "name": "test", "schemas": [{ "id": id(3), "name": "public", "tables": tables }] }]);
    Json(json!({ "middlewares": [{ "id": id(1), "databases": databases }] }))
}

async fn preprocess(State(backend): Shared) -> Json<Value> {
    backend.lock().unwrap().preprocessed += 1;
    Json(json!({ "id": id(8) }))
}

async fn preprocess_status(State(backend): Shared) -> Response {
    match backend.lock().unwrap().preprocessed {
        0 => StatusCode::NOT_FOUND.into_response(),
        _ => Json(json!({ "status": "completed" })).into_response(),
    }
}

async fn query(State(backend): Shared, Json(asked): Json<Value>) -> Json<Value> {
    let mut backend = backend.lock().unwrap();
    let query = format!("0190b3b0-0000-7000-8000-{:012x}", 0x1000 + backend.queries.len());
    backend.queries.insert(query.clone(), asked["query"].as_str().unwrap().to_owned());
    Json(json!({ "query_id": query }))
}

async fn record(State(backend): Shared, Path((_, query)): Path<(String, String)>) -> Response {
    let (url, sql, refutes) = {
        let backend = backend.lock().unwrap();
        let Some(sql) = backend.queries.get(&query) else { return StatusCode::NOT_FOUND.into_response() };
        (backend.url.clone(), sql.clone(), backend.refutes)
    };
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut columns = Vec::new();
    let mut rows = Vec::new();
    for message in client.simple_query(&sql).await.unwrap() {
        match message {
            SimpleQueryMessage::RowDescription(names) => {
                columns = names.iter().map(|column| json!({ "name": column.name() })).collect();
            }
            SimpleQueryMessage::Row(row) => rows.push((0..row.len()).map(|at| cell(row.get(at))).collect::<Vec<_>>()),
            _ => {}
        }
    }
    let verification = if refutes { "Failed" } else { "Verified" };
    Json(json!({
        "id": query, "sql_query": sql,
        "result": { "type": "resultset", "value": { "columns": columns, "rows": rows } },
        "proof": {
            "id": query, "status": "Completed", "verification_status": verification, "execution_time_ms": 1,
            "verification_time_ms": 1,
        },
    }))
    .into_response()
}

/// Postgres' text as JSON has it.
fn cell(text: Option<&str>) -> Value {
    match text {
        Some("t") => json!(true),
        Some("f") => json!(false),
        text => json!(text),
    }
}
