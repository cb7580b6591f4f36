//! Reading rows: by number, and the numbers of the rows that answer a query.

use rusqlite::{Connection, OptionalExtension, ToSql};
use vouchsafe_core::{
    commitment::RowKey,
    exchange::{Fields, PADDING},
    hash::Hash,
    query::Query,
    row::Row,
};

use super::row;
use crate::{StoreError, ledger::Name};

/// A read-only connection.
#[derive(Debug)]
pub struct Reader {
    pub(super) connection: Connection,
}

/// A row as it is stored.
#[derive(Debug, Clone)]
pub struct StoredRow {
    /// The row's number in the log.
    pub row_seq: u64,
    /// The row's hash as it was when the row was written.
    pub row_hash: Hash,
    /// The canonical row, from the columns.
    pub row: Row,
    /// The secret that the commitments were made with; none once the row was pruned.
    pub row_key: Option<RowKey>,
    /// The bytes of the committed fields, as far as they are still there.
    pub fields: Fields,
}

impl Reader {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Runs `read` within one read transaction, so that all it sees belongs together.
    pub(super) fn snapshot<T, E: From<StoreError>>(&self, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let tx = self.connection.unchecked_transaction().map_err(StoreError::from)?;
        let result = read()?;
        tx.finish().map_err(StoreError::from)?;
        Ok(result)
    }

    /// Begins a read transaction; its snapshot is that of the first read in it.
    pub(super) fn begin(&self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("BEGIN")?)
    }

    /// Ends it.
    pub(super) fn end(&self) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch("COMMIT")?)
    }

    /// The row with this number.
    pub fn row(&self, row_seq: u64) -> Result<Option<StoredRow>, StoreError> {
        let mut select = self.connection.prepare_cached(&format!("{} WHERE row_seq = ?1", row::SELECT))?;
        let mut rows = select.query([row_seq])?;
        rows.next()?.map(row::read).transpose()
    }

    /// Whether a row from number `first` on is there that deserves a commit (padding alone does not).
    pub fn has_rows_from(&self, first: u64) -> Result<bool, StoreError> {
        let mut select = self.connection.prepare_cached(
            "SELECT 1 FROM intercepts WHERE row_seq >= ?1 AND (agent_id, action_name) <> (?2, ?3) LIMIT 1",
        )?;
        Ok(select.exists((first, PADDING.0, PADDING.1))?)
    }

    /// The numbers of the newest `limit` rows below `below` that answer `query`, newest first.
    pub fn answers(&self, query: &Query, below: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        // In the log's tags no run and an empty one are the same.
        let run_is = |run: &Option<String>, at: u8| match run.as_deref() {
            None | Some("") => format!("ifnull(run_id, '') = ifnull(?{at}, '')"),
            Some(_) => format!("run_id = ?{at}"),
        };
        let (selector, parameters): (String, Vec<&dyn ToSql>) = match query {
            Query::Row { row } => ("id = ?3".into(), vec![&below, &limit, row]),
            Query::Call { call } => ("call_ref = ?3".into(), vec![&below, &limit, call]),
            Query::ToolCall { tool_call } => ("tool_call_id = ?3".into(), vec![&below, &limit, tool_call]),
            Query::Action { action, agent, run } => (
                format!("agent_id = ?3 AND action_name = ?4 AND {}", run_is(run, 5)),
                vec![&below, &limit, agent, action, run],
            ),
            Query::Agent { agent, run } => {
                (format!("agent_id = ?3 AND {}", run_is(run, 4)), vec![&below, &limit, agent, run])
            }
        };
        let kinds = if matches!(query, Query::Row { .. }) { "" } else { "AND kind IN ('http', 'tool')" };
        let sql = format!(
            "SELECT row_seq FROM intercepts WHERE {selector} {kinds} AND row_seq < ?1 ORDER BY row_seq DESC LIMIT ?2"
        );
        let mut select = self.connection.prepare_cached(&sql)?;
        let rows = select.query_map(parameters.as_slice(), |sql| sql.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The numbers of the newest `limit` rows below `below` of kind http or tool that carry a name, newest first.
    pub fn named(&self, name: Name<'_>, below: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        let (rows, name) = match name {
            Name::Agent(agent) => ("intercepts WHERE agent_id = ?1", agent),
            // The index of actions begins with the agent, so it is entered once for each of them.
            Name::Action(action) => (
                "(WITH RECURSIVE agents (agent) AS (
                    SELECT min(agent_id) FROM intercepts
                    UNION ALL SELECT (SELECT min(agent_id) FROM intercepts WHERE agent_id > agent) FROM agents WHERE agent IS NOT NULL
                  ) SELECT agent FROM agents WHERE agent IS NOT NULL)
                 CROSS JOIN intercepts ON agent_id = agent AND action_name = ?1 WHERE true",
                action,
            ),
        };
        let sql = format!(
            "SELECT row_seq FROM {rows} AND kind IN ('http', 'tool') AND row_seq < ?2 ORDER BY row_seq DESC LIMIT ?3"
        );
        let mut select = self.connection.prepare_cached(&sql)?;
        let rows = select.query_map((name, below, limit), |sql| sql.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The newest row below `below` of an agent, and of one of its actions where given, whatever its run.
    pub fn newest_of(&self, agent: &str, action: Option<&str>, below: u64) -> Result<Option<u64>, StoreError> {
        let action_is = if action.is_some() { "action_name = ?2" } else { "?2 IS NULL" };
        let sql = format!(
            "SELECT row_seq FROM intercepts WHERE agent_id = ?1 AND {action_is} AND kind IN ('http', 'tool') AND row_seq < ?3 ORDER BY row_seq DESC LIMIT 1"
        );
        Ok(self.connection.prepare_cached(&sql)?.query_row((agent, action, below), |sql| sql.get(0)).optional()?)
    }
}
