//! A database of one's own, and rows to put into it.

use tokio_postgres::{Client, NoTls};
use uuid::Uuid;
use vouchsafe_core::intercept::{Intercept, Own};
use vouchsafe_pg_test::Cluster;
use vouchsafe_store::postgres::{ConnectOptions, HintsOf, Intercepts, Noted, Postgres};

/// An empty database.
pub struct Database {
    pub url: String,
}

impl Database {
    /// One on the cluster that all tests share; none where the machine has no PostgreSQL.
    pub fn new() -> Option<Self> {
        let cluster = Cluster::shared()?;
        Some(Self { url: cluster.url(&cluster.create_database()) })
    }

    pub fn postgres(&self) -> Postgres {
        Postgres::connect(&self.url, ConnectOptions::default()).unwrap()
    }

    pub fn intercepts(&self) -> Intercepts {
        Intercepts::open(self.postgres(), None)
    }

    /// The table, made.
    pub async fn table(&self) -> Intercepts {
        let intercepts = self.intercepts();
        intercepts.ensure().await.unwrap();
        intercepts
    }

    /// A connection that is not ours.
    pub async fn client(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

pub fn id(n: u64) -> String {
    Uuid::from_u64_pair(7 << 12, n | 1 << 63).to_string()
}

/// A row as the Python SDK writes it, made at `n` seconds.
pub fn foreign(n: u64) -> Intercept {
    Intercept {
        id: id(n),
        agent_id: "agent".into(),
        action_name: "get_price".into(),
        source_url: "https://api.example.com/v1/price?sku=7".into(),
        request_payload: r#"{"params": {"sku": "7"}}"#.into(),
        raw_response: format!("{{\"price\": {n}}}"),
        response_hash: "0".repeat(64),
        call_ref: Some(id(n + 1000)),
        created_us: n * 1_000_000,
        own: Own::default(),
    }
}

/// A row of ours, with every column full.
pub fn own(n: u64) -> Intercept {
    let number = i64::try_from(n).unwrap();
    Intercept {
        own: Own {
            kind: Some("http".into()),
            run_id: Some("run".into()),
            tool_call_id: Some("call_abc".into()),
            parent: Some(id(n + 2000)),
            method: Some("GET".into()),
            status: Some(200),
            http_version: Some("1.1".into()),
            outcome: Some("complete".into()),
            error: Some("none".into()),
            context: Some("certain".into()),
            truncated: Some(false),
            redacted: Some("[]".into()),
            request_headers: Some("accept: */*\n".into()),
            response_headers: Some("x: \u{e9}\n".into()),
            started_us: Some(number),
            first_byte_us: Some(number + 1),
            ended_us: Some(number + 2),
            body_length: Some(i64::MAX),
        },
        ..foreign(n)
    }
}

/// As `by_ids` answers in no order.
pub fn sorted(mut rows: Vec<Intercept>) -> Vec<Intercept> {
    rows.sort_by(|left, right| left.id.cmp(&right.id));
    rows
}

/// Notes leaves as the log that the hints are of, whichever that is.
pub async fn hint(table: &Intercepts, leaves: &[(String, u64)]) {
    let of = HintsOf { log: "log".into(), size: 1, root: [1; 32] };
    let found = table.hints_of().await.unwrap();
    if found.as_ref() != Some(&of) {
        assert!(table.give_hints(found.as_ref(), &of).await.unwrap());
    }
    assert_eq!(table.hint(&of, &of, leaves).await.unwrap(), Noted::All);
}
