//! Whether a proof covers enough to decide the claims that ask its query, and what it leaves open even so.

use vouchsafe_core::{
    query::Query,
    verdict::{Covers, ProofForm},
};

/// Why nothing can be decided on a proof that covers no more than this.
pub(super) fn shortfall(query: &Query, covers: Option<Covers>) -> Option<&'static str> {
    match (query, covers) {
        // That there is no row of an id cannot be proven, and whose row it is does not depend on others.
        (Query::Row { .. }, _)
        | (Query::Call { .. } | Query::ToolCall { .. }, Some(Covers::Call | Covers::Latest | Covers::Absence))
        | (Query::Action { .. } | Query::Agent { .. }, Some(Covers::Latest | Covers::Absence)) => None,
        (_, None) => Some("The proof does not show that there is no such exchange."),
        (Query::Call { .. } | Query::ToolCall { .. }, _) => {
            Some("The proof does not show that these are all exchanges of the call.")
        }
        (Query::Action { .. } | Query::Agent { .. }, _) => {
            Some("The proof does not show that no later exchange answers the claim.")
        }
    }
}

/// Whether the last of the rows that answer decides alone.
pub(super) fn is_of_latest(query: &Query) -> bool {
    matches!(query, Query::Action { .. } | Query::Agent { .. })
}

/// Whether the bundle has the newest exchanges of a call only.
pub(super) fn is_cut(query: &Query, covers: Option<Covers>) -> bool {
    matches!(query, Query::Call { .. } | Query::ToolCall { .. }) && covers == Some(Covers::Latest)
}

/// What a proof does not show, in a sentence.
pub(super) fn limits(form: Option<ProofForm>) -> &'static str {
    match form {
        None => "It shows this exchange alone, and not that every exchange was recorded.",
        Some(ProofForm::Map) => {
            "That the signed map lists every row is the signer's word until an audit of the log shows it; that every \
             exchange was recorded is not shown."
        }
        Some(ProofForm::Scan) => "It does not show that every exchange was recorded.",
    }
}
