//! Answers: the rows that the ledger's own store lists, as the table has them today, with the proofs of what they were.

use std::sync::Arc;

use vouchsafe_core::{intercept::Intercept, query::Query};
use vouchsafe_ledger::{Bundle, SealProof};
use vouchsafe_store::ledger::{LedgerRead, Name};

use super::{
    Fault, TableBackend,
    current::{Committed, committed, compare},
};
use crate::{
    Answer, At, BackendError, QueryRecord,
    ask::Ask,
    embedded::{
        Embedded,
        answer::{prove, seal},
    },
};

/// What a table answers, under one state of the log.
#[derive(Debug, Clone)]
pub struct TableAnswer {
    /// The state.
    pub at: Arc<At>,
    /// The newest rows that answer, ascending by their number.
    pub rows: Vec<TableRow>,
    /// Their proof, which stands alone: with checkpoint and seal. A row that is gone or unreadable is not in it; an edited
    /// one is, and fails. An [`Ask`] that no proof can answer gets that of its first row alone; where it has no row, that
    /// nothing of this name was done outside of a run.
    pub bundle: Bundle,
    /// How many older rows answer as well and were left out, since the others are as much as is read at once. Fewer rows
    /// prove no more than that they are the newest.
    pub left_out: usize,
}

/// A row of an answer.
#[derive(Debug, Clone)]
pub struct TableRow {
    /// The row's number in the log.
    pub row_seq: u64,
    /// The row's id.
    pub id: String,
    /// The row as the table has it now; none where it is gone.
    pub current: Option<Intercept>,
    /// Why it is not the row that was committed, where it is not.
    pub fault: Option<Fault>,
}

/// So many rows answer who asks for the latest.
const LATEST_ROWS: u32 = 16;

/// What the ledger's store has.
struct Found {
    at: At,
    query: Query,
    rows: Vec<Committed>,
    answer: Answer,
    seal: SealProof,
}

impl TableBackend {
    /// Answers with the newest `limit` rows, under the newest state of the log.
    pub async fn answer(&self, ask: &Ask, limit: u32) -> Result<TableAnswer, BackendError> {
        let (asked, limit) = (ask.clone(), limit.min(most(ask)));
        let found = self.embedded.work(move |embedded| find(embedded, asked, limit)).await?;
        let Found { at, mut query, rows, answer, seal } = found;
        let all = rows.len();
        let (rows, current) = self.current(rows).await?;
        let left_out = all - rows.len();
        let (rows, mut proven) = compare(rows, current)?;
        if let (Query::Row { row }, Some(first)) = (&mut query, rows.first()) {
            row.clone_from(&first.id);
        }
        if let Query::Row { row } = &query {
            proven.retain(|proven| proven.row.id == *row);
        }
        let mut bundle = Bundle::new(query, proven);
        (bundle.checkpoint, bundle.seal) = (Some(at.note.clone()), Some(seal));
        (bundle.map, bundle.scan) = (answer.map, answer.scan);
        Ok(TableAnswer { at: Arc::new(at), rows, bundle, left_out })
    }
}

/// The most rows that are of use: whoever asks for the latest one may look at a few before it, as claims do.
fn most(ask: &Ask) -> u32 {
    match ask {
        Ask::Query(Query::Row { .. }) => 1,
        Ask::Query(Query::Action { .. } | Query::Agent { .. }) => LATEST_ROWS,
        _ => u32::MAX,
    }
}

/// Reads all that the ledger's store has to say, in one snapshot.
fn find(embedded: &Embedded, ask: Ask, limit: u32) -> Result<Found, BackendError> {
    let at = Arc::new(embedded.ledger.hold(&*embedded.store, None)?.0);
    let held = at.held.clone().expect("it was just begun");
    let reader = held.reader();
    let reader = &**reader;
    let record = match ask {
        Ask::Query(query) => embedded.find(reader, Some(held.map_root), query, limit, Arc::clone(&at))?,
        Ask::Action(action) => {
            let none = Query::Action { action: action.clone(), agent: String::new(), run: None };
            named(embedded, reader, Name::Action(&action), none, limit, &at)?
        }
        Ask::AgentOnly(agent) => {
            let none = Query::Agent { agent: agent.clone(), run: None };
            named(embedded, reader, Name::Agent(&agent), none, limit, &at)?
        }
    };
    let mut answer = prove(reader, &embedded.cache, &record)?;
    let rows = committed(reader, &record, &mut answer)?;
    let seal = seal(reader, &embedded.cache, &at)?;
    Ok(Found { query: record.query, rows, answer, seal, at: at.let_go() })
}

/// The rows of a name over all runs, which stand for a query by the first one's id.
fn named(
    embedded: &Embedded,
    reader: &dyn LedgerRead,
    name: Name<'_>,
    none: Query,
    limit: u32,
    at: &Arc<At>,
) -> Result<QueryRecord, BackendError> {
    let held = at.held.as_ref().map(|held| held.map_root);
    let mut rows = reader.named(name, at.rows, limit)?;
    rows.reverse();
    let Some(&first) = rows.first() else {
        return embedded.find(reader, held, none, limit, Arc::clone(at));
    };
    let first = reader.row(first)?.ok_or_else(|| BackendError::Corrupt(format!("row {first} is missing")))?;
    let query = Query::Row { row: first.row.id };
    Ok(QueryRecord { id: query.id(&at.checkpoint.root), query, rows, map: None, at: Arc::clone(at), remote: None })
}
