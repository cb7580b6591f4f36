//! The agent's database, as its owner writes to it.

use std::fmt::Write as _;

use tokio_postgres::NoTls;
use vouchsafe_pg_test::Cluster;

/// The table as the Python SDK makes it.
const TABLE: &str = "CREATE TABLE intercepts (
    id uuid DEFAULT gen_random_uuid() PRIMARY KEY, agent_id varchar(255) NOT NULL, action_name varchar(255) NOT NULL,
    source_url text NOT NULL, request_payload text NOT NULL DEFAULT '{}', raw_response text NOT NULL,
    response_hash varchar(64) NOT NULL, call_ref uuid, created_at timestamp NOT NULL DEFAULT now())";

/// A database with the Python SDK's table, as its owner writes to it.
pub struct Agent {
    pub cluster: &'static Cluster,
    pub database: String,
    sql: tokio_postgres::Client,
}

impl Agent {
    /// `None` where there is no PostgreSQL; the reason was printed.
    pub async fn new() -> Option<Self> {
        Some(Self::on(Cluster::shared()?).await)
    }

    pub async fn on(cluster: &'static Cluster) -> Self {
        Self::made(cluster, cluster.create_database()).await
    }

    /// One whose database has this name, on a cluster that has none of it.
    pub async fn named(cluster: &'static Cluster, database: &str) -> Self {
        let sql = connect(cluster, "postgres").await;
        sql.batch_execute(&format!("CREATE DATABASE {database}")).await.unwrap();
        Self::made(cluster, database.to_owned()).await
    }

    async fn made(cluster: &'static Cluster, database: String) -> Self {
        let sql = connect(cluster, &database).await;
        sql.batch_execute(TABLE).await.unwrap();
        Self { cluster, database, sql }
    }

    /// Another connection to the database.
    pub async fn connect(&self) -> tokio_postgres::Client {
        connect(self.cluster, &self.database).await
    }

    /// Keeps everybody from the table until the connection that it returns commits.
    pub async fn lock(&self) -> tokio_postgres::Client {
        let sql = self.connect().await;
        sql.batch_execute("BEGIN; LOCK TABLE intercepts IN ACCESS EXCLUSIVE MODE").await.unwrap();
        sql
    }

    pub async fn execute(&self, sql: &str) {
        self.sql.batch_execute(sql).await.unwrap();
    }

    /// Ends every other connection to the database.
    pub async fn disconnect_others(&self) {
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    }

    /// Waits until a connection waits for what another one has locked.
    pub async fn waits_for_a_lock(&self) {
        let sql = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while self.sql.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {}
    }

    /// When any other connection began its last statement.
    pub async fn last_statement(&self) -> String {
        let sql = "SELECT max(query_start)::text FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.sql.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Inserts a row as another SDK does.
    pub async fn insert(&self, row: &Inserted) {
        let mut columns = String::from("id, agent_id, action_name, source_url, raw_response, response_hash, call_ref");
        let Inserted { id, call, response, created } = row;
        let mut values =
            format!("'{id}', 'agent', 'price', 'https://api.example.com/price', '{response}', '', '{call}'");
        if let Some(created) = created {
            columns += ", created_at";
            write!(values, ", '{created}'").unwrap();
        }
        self.execute(&format!("INSERT INTO intercepts ({columns}) VALUES ({values})")).await;
    }
}

async fn connect(cluster: &Cluster, database: &str) -> tokio_postgres::Client {
    let (sql, connection) = tokio_postgres::connect(&cluster.url(database), NoTls).await.unwrap();
    tokio::spawn(connection);
    sql
}

/// A row to insert.
pub struct Inserted {
    pub id: uuid::Uuid,
    pub call: uuid::Uuid,
    pub response: &'static str,
    pub created: Option<&'static str>,
}

impl Inserted {
    pub fn new(response: &'static str) -> Self {
        Self { id: uuid::Uuid::now_v7(), call: uuid::Uuid::now_v7(), response, created: None }
    }

    pub fn by_call(&self) -> String {
        format!("SELECT * FROM intercepts WHERE call_ref = '{}'", self.call)
    }
}
