//! The table backend for an agent's own process.

use std::sync::Arc;

use vouchsafe_core::query::Query;
use vouchsafe_ledger::{Bundle, SealProof};

use super::{
    TableBackend,
    current::{committed, compare},
};
use crate::{Answer, At, Backend, BackendError, BoxFuture, Fetched, QueryRecord, Seen, Snapshot};

impl Backend for TableBackend {
    /// What the snapshot's ticket stands for has to be visible in the table before this is called.
    fn preprocess(&self, _upto: Snapshot) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        Box::pin(self.commit())
    }

    fn covering(&self) -> BoxFuture<'_, Result<Option<Arc<At>>, BackendError>> {
        Box::pin(async {
            // The table first: what has a hint by now is in the state that is read afterwards.
            let (has_uncommitted, hints_of) = self.intercepts.state().await?;
            self.owned(hints_of).await?;
            if has_uncommitted {
                return Ok(None);
            }
            let held = self.embedded.work(|embedded| Ok(embedded.ledger.hold(&*embedded.store, None)?.0)).await?;
            Ok(Some(Arc::new(held)))
        })
    }

    fn hold(&self, at: Arc<At>) -> BoxFuture<'_, Result<Arc<At>, BackendError>> {
        self.embedded.hold(at)
    }

    fn query(&self, query: Query, limit: u32, at: Arc<At>) -> BoxFuture<'_, Result<QueryRecord, BackendError>> {
        self.embedded.query(query, limit, at)
    }

    fn prove<'a>(&'a self, record: &'a QueryRecord) -> BoxFuture<'a, Result<Answer, BackendError>> {
        self.embedded.prove(record)
    }

    /// Rows as the table has them now, as many of the newest as are read at once; one that is gone, or is no row any more, is [`BackendError::Refuted`].
    fn fetch<'a>(&'a self, record: &'a QueryRecord, answer: Answer) -> BoxFuture<'a, Result<Fetched, BackendError>> {
        Box::pin(async {
            let (asked, mut answer) = (record.clone(), answer);
            let read = self.embedded.read(record.at.held.clone(), move |_, reader| {
                let rows = committed(reader, &asked, &mut answer)?;
                Ok((rows, answer))
            });
            let (rows, answer) = read.await?;
            let (rows, current) = self.current(rows).await?;
            let (rows, proven) = compare(rows, current)?;
            if proven.len() < rows.len() {
                let lost = rows.iter().filter(|row| !proven.iter().any(|proven| proven.row_seq == row.row_seq));
                let why: Vec<String> = lost.filter_map(|row| Some(row.fault.as_ref()?.describe(&row.id))).collect();
                return Err(BackendError::Refuted(why.join("; ")));
            }
            let mut bundle = Bundle::new(record.query.clone(), proven);
            (bundle.map, bundle.scan) = (answer.map, answer.scan);
            Ok(Fetched::Proven(bundle))
        })
    }

    fn seal<'a>(&'a self, at: &'a At) -> BoxFuture<'a, Result<SealProof, BackendError>> {
        self.embedded.seal(at)
    }

    fn consistency<'a>(&'a self, size: u64, at: &'a At) -> BoxFuture<'a, Result<Vec<[u8; 32]>, BackendError>> {
        self.embedded.consistency(size, at)
    }

    fn newest_of<'a>(
        &'a self,
        agent: &'a str,
        action: Option<&'a str>,
        at: &'a At,
    ) -> BoxFuture<'a, Result<Option<Seen>, BackendError>> {
        self.embedded.newest_of(agent, action, at)
    }
}
