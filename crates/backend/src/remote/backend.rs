//! The remote backend as a [`Backend`].

use std::sync::{Arc, OnceLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use vouchsafe_core::query::Query;
use vouchsafe_ledger::SealProof;

use super::{Remote, call::Call, handshake::TABLE, record::Kept, told::rows};
use crate::{Answer, At, Backend, BackendError, BoxFuture, Fetched, QueryRecord, Seen, Snapshot, Traffic, sql};

impl Backend for Remote {
    fn preprocess(&self, upto: Snapshot) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        Box::pin(async move {
            if let Some(outbox) = &self.0.outbox {
                outbox.shipped(upto.ticket).await?;
            }
            self.0.preprocess().await
        })
    }

    fn covering(&self) -> BoxFuture<'_, Result<Option<Arc<At>>, BackendError>> {
        Box::pin(async move {
            // First, so that what becomes dirty in between is not taken for covered.
            let newest = self.0.newest.lock().expect("never held over a panic").clone();
            let dirty = match &self.0.outbox {
                Some(outbox) => outbox.dirty().await?,
                None => false,
            };
            Ok(newest.filter(|_| !dirty))
        })
    }

    fn hold(&self, at: Arc<At>) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        Box::pin(async { Ok(at) })
    }

    fn query(&self, query: Query, limit: u32, at: Arc<At>) -> BoxFuture<'_, Result<QueryRecord, BackendError>> {
        Box::pin(async move {
            let (id, started) = self.0.ask(&sql::write(&query), self.0.client.deadline()).await?;
            let kept = Kept { started, limit: limit as usize, record: OnceLock::new() };
            Ok(QueryRecord { id, query, rows: Vec::new(), map: None, at, remote: Some(Arc::new(kept)) })
        })
    }

    fn prove<'a>(&'a self, record: &'a QueryRecord) -> BoxFuture<'a, Result<Answer, BackendError>> {
        Box::pin(async move {
            let kept = kept(record)?;
            let proven = self.0.proven(&record.id, Some(kept.started), self.0.client.deadline()).await?;
            // Proven twice is proven once; the first stays.
            let _ = kept.record.set(proven);
            Ok(Answer { proofs: Vec::new(), map: None, scan: None })
        })
    }

    fn fetch<'a>(&'a self, record: &'a QueryRecord, _answer: Answer) -> BoxFuture<'a, Result<Fetched, BackendError>> {
        Box::pin(async move {
            let kept = kept(record)?;
            let proven = kept.record.get().ok_or_else(|| BackendError::Protocol("the record is not proven".into()))?;
            let at = record.at.is_signed().then_some(&*record.at);
            self.0.fetch(&record.id, proven, &record.query, kept.limit, at, self.0.client.deadline()).await
        })
    }

    /// Each of this backend's bundles has its own.
    fn seal<'a>(&'a self, _at: &'a At) -> BoxFuture<'a, Result<SealProof, BackendError>> {
        Box::pin(async { Err(BackendError::Unsupported("a seal apart from its bundles")) })
    }

    fn consistency<'a>(&'a self, size: u64, at: &'a At) -> BoxFuture<'a, Result<Vec<[u8; 32]>, BackendError>> {
        Box::pin(async move {
            if !at.is_signed() {
                return Err(BackendError::Unsupported("proofs"));
            }
            let deadline = self.0.client.deadline();
            let table = self.0.table(deadline).await?;
            let (to, org) = (at.checkpoint.size, &self.0.org);
            let (middleware, table) = (table.middleware, table.id);
            let path = format!("{org}/middlewares/{middleware}/tables/{table}/consistency?from={size}&to={to}");
            let said: Value = self.0.client.send(Call::get(path, deadline)).await?.json()?;
            let hash = |hash: &Value| STANDARD.decode(hash.as_str()?).ok()?.try_into().ok();
            let proof = said["proof"].as_array().and_then(|proof| proof.iter().map(hash).collect());
            proof.ok_or_else(|| BackendError::Protocol("a consistency proof that is none".into()))
        })
    }

    fn newest_of<'a>(
        &'a self,
        agent: &'a str,
        action: Option<&'a str>,
        _at: &'a At,
    ) -> BoxFuture<'a, Result<Option<Seen>, BackendError>> {
        Box::pin(async move {
            let deadline = self.0.client.deadline();
            let (column, value) = action.map_or(("agent_id", agent), |action| ("action_name", action));
            let sql = format!("SELECT * FROM {TABLE} WHERE {column} = '{}'", value.replace('\'', "''"));
            let (id, started) = self.0.ask(&sql, deadline).await?;
            let record = self.0.proven(&id, Some(started), deadline).await?;
            let rows = rows(record.result.as_ref())?;
            let newest = rows
                .into_iter()
                .rev()
                .map(|(row, _)| row)
                .find(|row| row.agent_id == agent && action.is_none_or(|action| row.action_name == action));
            Ok(newest.map(|row| Seen { row: row.id, ended_us: row.ended_us }))
        })
    }

    fn traffic(&self) -> Option<Traffic> {
        Some(self.0.client.traffic())
    }

    fn trouble(&self) -> Option<BackendError> {
        self.0.client.trouble()
    }

    fn recall<'a>(&'a self, query_id: &'a str) -> BoxFuture<'a, Result<Fetched, BackendError>> {
        Box::pin(self.0.recall(query_id))
    }
}

fn kept(record: &QueryRecord) -> Result<&Kept, BackendError> {
    record.remote.as_deref().ok_or_else(|| BackendError::Protocol("a record of another backend".into()))
}
