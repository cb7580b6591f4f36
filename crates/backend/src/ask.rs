//! What somebody may ask of a table.

use vouchsafe_core::query::Query;

/// A question about a table's rows: a query that a proof can answer, or one that reaches over all runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// A query as claims make them.
    Query(Query),
    /// All rows of an action, whoever did it in whichever run.
    Action(String),
    /// Whatever an agent did, in whichever run.
    AgentOnly(String),
}
