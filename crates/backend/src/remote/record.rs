//! Query records: putting a query to the server, and waiting for its proof.

use std::sync::{Arc, OnceLock, atomic::Ordering};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::{Shared, call::Call, ids::checked, reply::Reply};
use crate::{BackendError, polling::Wait};

/// What is kept of a record between the steps.
#[derive(Debug)]
pub(crate) struct Kept {
    /// When the query was sent.
    pub(super) started: Instant,
    /// The most rows that are wanted, the newest.
    pub(super) limit: usize,
    /// The record as it was when its proof was done.
    pub(super) record: OnceLock<Record>,
}

/// A query record.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Record {
    pub sql_query: Option<String>,
    pub result: Option<Value>,
    pub proof: Option<Proof>,
}

/// What the server says of a record's proof.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Proof {
    pub id: String,
    pub status: String,
    #[serde(default)]
    pub verification_status: Option<String>,
    #[serde(default)]
    pub format: Option<String>,
    #[serde(default)]
    pub detail: Option<String>,
}

impl Proof {
    /// Whether it can be fetched as a bundle and be checked here.
    pub fn is_bundle(&self) -> bool {
        self.format.as_deref() == Some("vouchsafe-bundle")
    }
}

impl Shared {
    /// Puts a query, and returns its id and when it was sent.
    pub async fn ask(&self, sql: &str, deadline: Instant) -> Result<(String, Instant), BackendError> {
        let mut reply = self.post_query(sql, deadline).await?;
        if reply.status == 404 {
            self.ids.forget();
            reply = self.post_query(sql, deadline).await?;
        }
        let sent = reply.sent;
        let made: Value = reply.json()?;
        Ok((checked(made["query_id"].as_str())?, sent))
    }

    async fn post_query(&self, sql: &str, deadline: Instant) -> Result<Reply, BackendError> {
        let table = self.table(deadline).await?;
        let collection = self.collection(deadline).await?;
        let body = json!({ "query": sql, "require_proof": true, "collection_id": collection });
        // A second record of the same query harms nobody, so it is safe to be sent again.
        self.client
            .send(Call::post(format!("{}/middlewares/{}/query", self.org, table.middleware), body, deadline))
            .await
    }

    /// The record once its proof is done, or has failed. `started`: when the query was sent; of one that somebody else put
    /// nothing is known and nothing is learned, so that it is asked for at once.
    pub async fn proven(&self, id: &str, started: Option<Instant>, deadline: Instant) -> Result<Record, BackendError> {
        let mut wait = match started {
            Some(started) => Wait::new(Arc::clone(&self.schedules.proof), started, self.client.is_ours()),
            None => Wait::new(Arc::default(), Instant::now(), true),
        };
        let mut generated = self.client.no_generate.load(Ordering::Relaxed);
        loop {
            if timeout_at(deadline, wait.turn()).await.is_err() {
                return Err(BackendError::TimedOut(format!("the proof of {id}")));
            }
            let (record, sent, held) = self.record(id, None, deadline).await?;
            let done = record.proof.as_ref().is_some_and(|proof| ["Completed", "Failed"].contains(&&*proof.status));
            wait.heard(done, sent, held);
            if done {
                return Ok(record);
            }
            if record.proof.is_none() && !std::mem::replace(&mut generated, true) {
                self.generate(id, deadline).await?;
            }
        }
    }

    /// A record as it is, when that was asked, and whether the answer was held back.
    pub async fn record(
        &self,
        id: &str,
        key: Option<&str>,
        deadline: Instant,
    ) -> Result<(Record, Instant, bool), BackendError> {
        let call = Call::get(format!("{}/queries/{id}", self.org), deadline).poll().with_key(key);
        let reply = self.client.send(call).await?;
        let (sent, held) = (reply.sent, reply.held());
        Ok((reply.json()?, sent, held))
    }

    /// Asks for a proof where the server makes none by itself.
    async fn generate(&self, id: &str, deadline: Instant) -> Result<(), BackendError> {
        let path = format!("{}/queries/{id}/generate_proof", self.org);
        let reply = self.client.send(Call::post(path, json!({}), deadline)).await?;
        match reply.status.as_u16() {
            404 | 405 => self.client.no_generate.store(true, Ordering::Relaxed),
            400 if String::from_utf8_lossy(&reply.body).contains("already exists") => {}
            _ => drop(reply.ok()?),
        }
        Ok(())
    }
}
