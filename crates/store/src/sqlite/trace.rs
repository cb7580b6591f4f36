//! Traces: which claims were made about which rows, and what came of them. Not part of the log.

use super::WriteTx;
use crate::StoreError;

/// One verification.
#[derive(Debug, Clone)]
pub struct Trace {
    /// A UUID.
    pub id: String,
    /// The run that was asked about.
    pub run_id: Option<String>,
    /// What the agent was asked.
    pub task: Option<String>,
    /// What it answered.
    pub answer: Option<String>,
    /// PASS, CAUGHT or ERROR.
    pub outcome: String,
    /// When it was verified, in µs since 1970.
    pub created_us: u64,
    /// Its claims.
    pub claims: Vec<TraceClaim>,
}

/// One claim of a trace.
#[derive(Debug, Clone)]
pub struct TraceClaim {
    /// The row that served as evidence.
    pub intercept_id: Option<String>,
    /// The query record that answered it.
    pub query_id: Option<String>,
    /// The claim as JSON.
    pub claim: String,
    /// PASS, CAUGHT or ERROR.
    pub outcome: String,
    /// The verdict's reason.
    pub reason: String,
    /// The verdict's sentence.
    pub details: String,
}

impl WriteTx<'_> {
    /// Stores a trace; one that is there already stands, so that it cannot hold up the rows it is written with.
    pub fn put_trace(&self, trace: &Trace) -> Result<(), StoreError> {
        self.tx.prepare_cached("INSERT OR IGNORE INTO traces VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute((
            &trace.id,
            &trace.run_id,
            &trace.task,
            &trace.answer,
            &trace.outcome,
            trace.created_us,
        ))?;
        let mut insert =
            self.tx.prepare_cached("INSERT OR IGNORE INTO trace_intercepts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        for (position, claim) in trace.claims.iter().enumerate() {
            insert.execute((
                &trace.id,
                position,
                &claim.intercept_id,
                &claim.query_id,
                &claim.claim,
                &claim.outcome,
                &claim.reason,
                &claim.details,
            ))?;
        }
        Ok(())
    }
}
