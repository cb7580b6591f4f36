//! Documents and secrets of a server, where several servers share one database.

use deadpool_postgres::Object;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Postgres, schema};
use crate::StoreError;

/// Two tables: what is remembered by kind and id, and secrets by name. Whoever may read the second one knows the
/// secrets: give no other role rights on it.
const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS vouchsafe_documents
         (kind int2 NOT NULL, id uuid NOT NULL, body text NOT NULL, PRIMARY KEY (kind, id))",
    "CREATE TABLE IF NOT EXISTS vouchsafe_secrets (name text PRIMARY KEY, secret text NOT NULL)",
];

const PUT: &str = "INSERT INTO vouchsafe_documents (kind, id, body) VALUES ($1, $2, $3)
                   ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body";
const GET: &str = "SELECT body FROM vouchsafe_documents WHERE kind = $1 AND id = $2";
const LIST: &str = "SELECT body FROM vouchsafe_documents WHERE kind = $1 ORDER BY id";
/// What another one deletes at the same time is left to it.
const DELETE: &str = "DELETE FROM vouchsafe_documents WHERE kind = $1 AND id IN
                      (SELECT id FROM vouchsafe_documents WHERE kind = $1 AND id < $2 ORDER BY id LIMIT $3
                       FOR UPDATE SKIP LOCKED)";
const PUT_SECRET: &str = "INSERT INTO vouchsafe_secrets (name, secret) VALUES ($1, $2)
                          ON CONFLICT (name) DO UPDATE SET secret = excluded.secret";
const MAKE_SECRET: &str = "INSERT INTO vouchsafe_secrets (name, secret) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
const SECRET: &str = "SELECT secret FROM vouchsafe_secrets WHERE name = $1";

/// Documents and secrets in a database.
#[derive(Debug, Clone)]
pub struct Documents(Postgres);

impl Documents {
    /// Opens them, and makes their tables where they are missing.
    pub async fn open(postgres: Postgres) -> Result<Self, StoreError> {
        let found =
            "SELECT to_regclass('vouchsafe_documents') IS NOT NULL AND to_regclass('vouchsafe_secrets') IS NOT NULL";
        let make = async |client: &Object| {
            if !client.query_one(found, &[]).await?.try_get::<_, bool>(0)? {
                for table in TABLES {
                    schema::run(client, table).await?;
                }
            }
            Ok(())
        };
        postgres.with(make).await?;
        Ok(Self(postgres))
    }

    /// Keeps a document, in place of the one that had its id.
    pub async fn put(&self, kind: i16, id: Uuid, body: &str) -> Result<(), StoreError> {
        self.execute(PUT, &[&kind, &id, &body]).await
    }

    /// Deletes documents of a kind whose ids are less than this one, at most so many, the least first.
    pub async fn delete_before(&self, kind: i16, id: Uuid, most: i64) -> Result<(), StoreError> {
        self.execute(DELETE, &[&kind, &id, &most]).await
    }

    /// The document with this id.
    pub async fn get(&self, kind: i16, id: Uuid) -> Result<Option<String>, StoreError> {
        Ok(self.texts(GET, &[&kind, &id]).await?.pop())
    }

    /// All documents of a kind.
    pub async fn list(&self, kind: i16) -> Result<Vec<String>, StoreError> {
        self.texts(LIST, &[&kind]).await
    }

    /// Keeps a secret, in place of the one that had its name.
    pub async fn put_secret(&self, name: &str, secret: &str) -> Result<(), StoreError> {
        self.execute(PUT_SECRET, &[&name, &secret]).await
    }

    /// The secret of this name, which becomes `fresh` where there is none.
    pub async fn secret_or(&self, name: &str, fresh: &str) -> Result<String, StoreError> {
        self.execute(MAKE_SECRET, &[&name, &fresh]).await?;
        self.secret(name).await?.ok_or_else(|| StoreError::Corrupt("a secret that was just kept is not there".into()))
    }

    /// The secret of this name.
    pub async fn secret(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.texts(SECRET, &[&name]).await?.pop())
    }

    async fn execute(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<(), StoreError> {
        let execute = async |client: &Object| {
            let statement = client.prepare_cached(sql).await?;
            client.execute(&statement, parameters).await?;
            Ok(())
        };
        self.0.with(execute).await
    }

    async fn texts(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<String>, StoreError> {
        let query = async |client: &Object| {
            let statement = client.prepare_cached(sql).await?;
            let rows = client.query(&statement, parameters).await?;
            rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
        };
        self.0.with(query).await
    }
}
