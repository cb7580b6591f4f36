//! Rows on the word of the engine's own backend, and what that word covers.

use vouchsafe_backend::Told;
use vouchsafe_core::{exchange::Fields, query::Query, row::Row, verdict::Covers};

/// The most rows of one call that an answer carries: the newest.
pub(crate) const CALL_ROWS: u32 = 256;

/// What a backend says, and how much of it is an answer.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    /// The query that the rows answer.
    pub query: Query,
    /// The rows and what they disclose.
    pub rows: Vec<(Row, Fields)>,
    /// What the rows cover; `None` says nothing about rows that are not there.
    pub covers: Option<Covers>,
    /// Whether a payload named the record that was answered, in place of the query being put now.
    pub named: bool,
}

impl Word {
    /// The answer to a query that was put just now.
    pub fn asked(told: Told) -> Self {
        let covers = match &told.query {
            Query::Row { .. } => Covers::Row,
            Query::Call { .. } | Query::ToolCall { .. } if told.rows.len() < CALL_ROWS as usize => Covers::Call,
            // As many as an answer has at most, so that there may be more.
            Query::Call { .. } | Query::ToolCall { .. } | Query::Action { .. } | Query::Agent { .. } => Covers::Latest,
        };
        Self { query: told.query, rows: told.rows, covers: Some(covers), named: false }
    }

    /// What a record says that a payload names: it was answered at some time, and there may be later rows.
    pub fn recalled(told: Told) -> Self {
        let word = Self { named: true, ..Self::asked(told) };
        match word.query {
            Query::Action { .. } | Query::Agent { .. } => Self { covers: Some(Covers::Row), ..word },
            _ => word,
        }
    }
}
