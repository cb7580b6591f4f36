//! A cluster, a server, a table with committed rows.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_postgres::NoTls;
use uuid::Uuid;
use vouchsafe_pg_test::Cluster;
use vouchsafe_server::{ServeOptions, Server, serve};

use crate::client::Client;

const ORG: &str = "/api/v1/organizations/6a1c9a4e-0d9b-4d0c-9f3e-2f7a5f0b1c2d";
const TOKEN: &str = "the-token-of-this-measurement";
/// Committed rows with 2 KB of response each.
const ROWS: usize = 1_000;

pub struct Setup {
    _cluster: Cluster,
    _dir: TempDir,
    server: Server,
    key: String,
    integration_key: String,
    middleware: String,
    collection: String,
    calls: Vec<Uuid>,
}

impl Setup {
    pub async fn start() -> Result<Self, String> {
        let cluster = Cluster::start()?;
        let database = cluster.create_database();
        let dir = TempDir::new().map_err(|error| error.to_string())?;
        let tokens = dir.path().join("keys");
        vouchsafe_store::dir::write_secret(&tokens, TOKEN).map_err(|error| error.to_string())?;
        let mut options = ServeOptions::new(&dir.path().join("store").to_string_lossy());
        (options.port, options.token_file, options.rate_per_second) = (0, Some(tokens), u32::MAX);
        let server = serve(options).await.map_err(|error| error.to_string())?;
        let key = format!("authorization: Bearer {TOKEN}");

        let mut client = Client::connect(server.address()).await;
        let mut post = async |path: &str, body: Value| {
            let answer = client.send("POST", &format!("{ORG}{path}"), &key, &body.to_string()).await;
            serde_json::from_str::<Value>(&answer).expect("JSON")
        };
        let middleware = text(&post("/middlewares/provably", json!({})).await["id"]);
        let registration = json!({ "name": database, "username": Cluster::USER, "password": Cluster::PASSWORD,
            "provider": "postgresql", "uri": format!("127.0.0.1:{}", cluster.port()) });
        post(&format!("/middlewares/{middleware}/databases"), registration).await;
        let calls = insert(&cluster, &database).await;
        let data = client.send("GET", &format!("{ORG}/data"), &key, "").await;
        let data: Value = serde_json::from_str(&data).expect("JSON");
        let table = text(&data["middlewares"][0]["databases"][0]["schemas"][0]["tables"][0]["id"]);
        let mut post = async |path: &str, body: Value| {
            let answer = client.send("POST", &format!("{ORG}{path}"), &key, &body.to_string()).await;
            serde_json::from_str::<Value>(&answer).expect("JSON")
        };
        let collection = text(&post("/collections", json!({ "name": "rounds", "table_id": table })).await["id"]);
        let integration = json!({ "name": "intercepts", "collections": [collection] });
        let integration_key = text(&post("/integrations/ensure", integration).await["api_key"]);
        let preprocess = format!("/middlewares/{middleware}/tables/{table}/preprocess");
        post(&preprocess, json!({ "force": true })).await;
        let waiting = format!("{key}\r\nprefer: wait=60");
        let run = client.send("GET", &format!("{ORG}{preprocess}"), &waiting, "").await;
        assert!(run.contains("completed"), "{run}");
        let integration_key = format!("x-api-key: {integration_key}");
        Ok(Self { _cluster: cluster, _dir: dir, server, key, integration_key, middleware, collection, calls })
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// One round, of the row with this number.
    pub async fn round(&self, client: &mut Client, row: usize) {
        let call = self.calls[row % ROWS];
        let sql = format!("SELECT * FROM intercepts WHERE call_ref = '{call}'");
        let body = json!({ "query": sql, "require_proof": true, "collection_id": self.collection }).to_string();
        let path = format!("{ORG}/middlewares/{}/query", self.middleware);
        let answer = client.send("POST", &path, &self.key, &body).await;
        let query = answer.split('"').nth(3).expect("a query id");
        let record = client.send("GET", &format!("{ORG}/queries/{query}"), &self.key, "").await;
        assert!(record.contains("\"Completed\"") && record.contains(&call.to_string()), "{record}");
        client.send("POST", &format!("{ORG}/queries/{query}/verify"), &self.integration_key, "{}").await;
    }
}

async fn insert(cluster: &Cluster, database: &str) -> Vec<Uuid> {
    let (sql, connection) = tokio_postgres::connect(&cluster.url(database), NoTls).await.expect("a connection");
    tokio::spawn(connection);
    let rows = "INSERT INTO intercepts (agent_id, action_name, source_url, raw_response, response_hash, call_ref)
                SELECT 'agent', 'price', 'https://api.example.com/price',
                       json_build_object('price', n, 'text', repeat('a', 2000))::text, '', gen_random_uuid()
                FROM generate_series(1, $1::bigint::int) n RETURNING call_ref";
    let rows = sql.query(rows, &[&i64::try_from(ROWS).expect("few")]).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
