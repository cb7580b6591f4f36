//! A server on a free port over a folder, with a database of its own in the shared cluster.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex, Once},
    time::Duration,
};

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use vouchsafe_pg_test::Cluster;
use vouchsafe_server::{LogSink, ServeOptions, Server, serve};

pub const ORG: &str = "6a1c9a4e-0d9b-4d0c-9f3e-2f7a5f0b1c2d";
pub const TOKEN: &str = "a-token-that-only-this-test-knows";

/// What a server logged.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A server and whoever talks to it.
pub struct Running {
    /// None where it is another process.
    pub server: Option<Server>,
    pub address: String,
    /// The organization that [`Self::org`]'s paths are in.
    pub org_id: &'static str,
    pub dir: TempDir,
    pub log: Lines,
    pub client: Client,
}

/// A file with one token, in the folder.
pub fn token_file(dir: &Path, text: &str) -> std::path::PathBuf {
    let path = dir.join("keys");
    std::fs::write(&path, text).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    path
}

/// Everything by default on a free port, with [`TOKEN`] as the key.
pub fn options(dir: &Path) -> ServeOptions {
    ServeOptions {
        port: 0,
        token_file: Some(token_file(dir, TOKEN)),
        ..ServeOptions::new(dir.join("store").to_str().unwrap())
    }
}

impl Running {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut ServeOptions)) -> Self {
        let dir = TempDir::new().unwrap();
        let mut options = options(dir.path());
        change(&mut options);
        Self::start_in(dir, options).await
    }

    pub async fn start_in(dir: TempDir, mut options: ServeOptions) -> Self {
        let log = Lines::default();
        options.log = LogSink::new(log.clone());
        let server = serve(options).await.unwrap();
        let address = server.address().to_string();
        Self { server: Some(server), log, ..Self::elsewhere(&address, dir) }
    }

    /// A server that another process is.
    pub fn elsewhere(address: &str, dir: TempDir) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
        let client = Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
        Self { server: None, address: address.to_owned(), org_id: ORG, dir, log: Lines::default(), client }
    }

    /// Ends the server; whether everything was answered.
    pub fn shutdown(&mut self) -> impl Future<Output = bool> + Send + 'static {
        self.server.take().unwrap().shutdown(Duration::from_secs(20))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A path in the test's organization.
    pub fn org(&self, path: &str) -> String {
        format!("/api/v1/organizations/{}{path}", self.org_id)
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let request = self.client.request(method, self.url(path)).bearer_auth(TOKEN);
        let request = if let Some(body) = body { request.json(body) } else { request };
        request.send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.send(Method::GET, path, None).await).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        read(self.send(Method::POST, path, Some(body)).await).await
    }

    /// Does the handshake as clients do it, and returns what it found.
    pub async fn handshake(&self, database: &str, port: u16) -> Found {
        self.handshake_as(database, port, Cluster::USER, Cluster::PASSWORD).await
    }

    /// Does it with another user of the database.
    pub async fn handshake_as(&self, database: &str, port: u16, user: &str, password: &str) -> Found {
        let ok = |(status, value): (StatusCode, Value)| {
            assert_eq!(status, StatusCode::OK, "{value}");
            value
        };
        let middleware = text(&ok(self.post(&self.org("/middlewares/provably"), &json!({})).await)["id"]);
        let databases = self.org(&format!("/middlewares/{middleware}/databases"));
        let mut body = registration(database, port);
        (body["username"], body["password"]) = (json!(user), json!(password));
        let id = text(&ok(self.post(&databases, &body).await)["id"]);
        let data = ok(self.get(&self.org("/data")).await);
        let schema = &data["middlewares"][0]["databases"][0]["schemas"][0];
        let (schema, table) = (text(&schema["id"]), text(&schema["tables"][0]["id"]));
        let columns = format!("/middlewares/{middleware}/databases/{id}/schemas/{schema}/tables/{table}/columns");
        let columns = ok(self.get(&self.org(&columns)).await);
        let body = json!({ "name": "project", "publicity_status": "private", "middleware_id": middleware, "database_id": id,
            "is_descriptions_generated": false, "entities": [], "integrations": [], "query_price": 0,
            "is_general_sql_queries_enabled": true, "schema_id": schema, "table_id": table, "enabled_columns": columns });
        let collection = text(&ok(self.post(&self.org("/collections"), &body).await)["id"]);
        let body = json!({ "name": "intercepts", "description": "", "is_enabled": true, "role": "developer", "type": "agent",
            "collections": [collection] });
        let integration_key = text(&ok(self.post(&self.org("/integrations/ensure"), &body).await)["api_key"]);
        Found { middleware, database: id, table, collection, integration_key }
    }

    /// Has a table committed and waits until it is.
    pub async fn preprocess(&self, found: &Found) -> Value {
        let path = self.org(&format!("/middlewares/{}/tables/{}/preprocess", found.middleware, found.table));
        assert_eq!(self.post(&path, &json!({ "force": true })).await.0, StatusCode::OK);
        let (status, run) = self.waited(&path).await;
        assert_eq!((status, &run["status"]), (StatusCode::OK, &json!("completed")), "{run}");
        run
    }

    /// Gets a path once there is something new.
    pub async fn waited(&self, path: &str) -> (StatusCode, Value) {
        let request = self.client.get(self.url(path)).bearer_auth(TOKEN).header("prefer", "wait=20");
        read(request.send().await.unwrap()).await
    }

    /// Puts a query and returns the record's id.
    pub async fn query(&self, found: &Found, sql: &str) -> String {
        let path = self.org(&format!("/middlewares/{}/query", found.middleware));
        let body = json!({ "query": sql, "require_proof": true, "collection_id": found.collection });
        let (status, answer) = self.post(&path, &body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        text(&answer["query_id"])
    }

    /// The record, after its verification was asked for, as an evaluator gets it.
    pub async fn verified(&self, found: &Found, query: &str) -> Value {
        let key = &found.integration_key;
        let path = self.url(&self.org(&format!("/queries/{query}")));
        let verify = self.client.post(format!("{path}/verify")).header("x-api-key", key).json(&json!({}));
        assert_eq!(verify.send().await.unwrap().status(), StatusCode::OK);
        let (status, record) = read(self.client.get(path).header("x-api-key", key).send().await.unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{record}");
        record
    }
}

/// What a handshake finds.
pub struct Found {
    pub middleware: String,
    pub database: String,
    pub table: String,
    pub collection: String,
    pub integration_key: String,
}

pub fn registration(database: &str, port: u16) -> Value {
    json!({ "name": database, "username": Cluster::USER, "password": Cluster::PASSWORD, "provider": "postgresql",
        "uri": format!("127.0.0.1:{port}") })
}

pub async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let version = response.headers().get("vouchsafe-server").map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(version.as_deref(), Some(env!("CARGO_PKG_VERSION")), "every answer says whose it is");
    let body = response.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Asserts that an answer says no, with a description.
pub fn refused((status, body): &(StatusCode, Value), expected: u16) -> String {
    assert_eq!(status.as_u16(), expected, "{body}");
    text(&body["description"])
}

/// A cell of a record's result, by row and column name.
pub fn cell(record: &Value, row: usize, column: &str) -> Value {
    let value = &record["result"]["value"];
    let columns = value["columns"].as_array().unwrap();
    let at = columns.iter().position(|known| known["name"] == column).unwrap();
    value["rows"][row][at].clone()
}
