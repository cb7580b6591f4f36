//! Traces: which claims were made about which rows, and what came of them. Not part of the log.

use rusqlite::{OptionalExtension, Row as SqlRow};

use super::{Reader, WriteTx};
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

/// A trace in a list.
#[derive(Debug, Clone)]
pub struct TraceSummary {
    /// The trace without its claims.
    pub trace: Trace,
    /// How many claims it has.
    pub claims: u64,
    /// How many of them were CAUGHT.
    pub caught: u64,
}

impl Reader {
    /// The newest traces, of one outcome where given, newest first.
    pub fn traces(&self, limit: u32, outcome: Option<&str>) -> Result<Vec<TraceSummary>, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT *, (SELECT count(*) FROM trace_intercepts WHERE trace_id = id) AS claims,
               (SELECT count(*) FROM trace_intercepts c WHERE trace_id = id AND c.outcome = 'CAUGHT') AS caught
             FROM traces WHERE ?2 IS NULL OR outcome = ?2 ORDER BY created_us DESC, id DESC LIMIT ?1",
        )?;
        let read = |sql: &SqlRow<'_>| {
            Ok(TraceSummary { trace: read(sql)?, claims: sql.get("claims")?, caught: sql.get("caught")? })
        };
        Ok(select.query_map((limit, outcome), read)?.collect::<Result<_, _>>()?)
    }

    /// The ids that begin with `prefix`, at most `limit` of them.
    pub fn trace_ids(&self, prefix: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT id FROM traces WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT ?2")?;
        Ok(select.query_map((prefix, limit), |sql| sql.get(0))?.collect::<Result<_, _>>()?)
    }

    /// A trace with its claims.
    pub fn trace(&self, id: &str) -> Result<Option<Trace>, StoreError> {
        let mut select = self.connection.prepare_cached("SELECT * FROM traces WHERE id = ?1")?;
        let Some(mut trace) = select.query_row([id], read).optional()? else { return Ok(None) };
        let mut select =
            self.connection.prepare_cached("SELECT * FROM trace_intercepts WHERE trace_id = ?1 ORDER BY position")?;
        let read = |sql: &SqlRow<'_>| {
            Ok(TraceClaim {
                intercept_id: sql.get("intercept_id")?,
                query_id: sql.get("query_id")?,
                claim: sql.get("claim")?,
                outcome: sql.get("outcome")?,
                reason: sql.get("reason")?,
                details: sql.get("details")?,
            })
        };
        trace.claims = select.query_map([id], read)?.collect::<Result<_, _>>()?;
        Ok(Some(trace))
    }
}

fn read(sql: &SqlRow<'_>) -> rusqlite::Result<Trace> {
    Ok(Trace {
        id: sql.get("id")?,
        run_id: sql.get("run_id")?,
        task: sql.get("task")?,
        answer: sql.get("answer")?,
        outcome: sql.get("outcome")?,
        created_us: sql.get("created_us")?,
        claims: Vec::new(),
    })
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
