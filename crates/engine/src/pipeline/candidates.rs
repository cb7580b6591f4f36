//! The rows of a bundle as candidates of a claim.

use vouchsafe_core::{
    claim::Claim,
    exchange::Fields,
    expectation::Expect,
    judge::{Candidate, Situation, judge},
    row::Kind,
    verdict::Outcome,
};
use vouchsafe_ledger::{Bundle, CheckedRow, DisclosedFields};

pub(super) fn candidates<'a>(rows: &[CheckedRow<'a>], fields: &'a [Fields], seal_us: u64) -> Vec<Candidate<'a>> {
    let one = |(row, fields): (&CheckedRow<'a>, &'a Fields)| Candidate {
        row: row.row,
        index: row.index,
        row_seq: row.row_seq,
        age_ms: seal_us.saturating_sub(row.time_us) / 1_000,
        fields,
    };
    rows.iter().zip(fields).map(one).collect()
}

pub(super) fn disclosed(fields: &DisclosedFields) -> Fields {
    let bytes = |field: &Option<vouchsafe_ledger::DisclosedField>| field.as_ref().map(|field| field.bytes.clone());
    Fields {
        url: bytes(&fields.url),
        request: bytes(&fields.request),
        request_headers: bytes(&fields.request_headers),
        response: bytes(&fields.response),
        response_headers: bytes(&fields.response_headers),
    }
}

/// Whether the claim holds on a bundle's rows as they stand, unproven and of any kind: only to decide whether to look
/// further.
pub(super) fn judge_alone(claim: &Claim, bundle: &Bundle) -> bool {
    let fields: Vec<Fields> = bundle.rows.iter().map(|row| disclosed(&row.fields)).collect();
    let rows = bundle.rows.iter().zip(&fields);
    let candidates: Vec<Candidate> = rows
        .map(|(of, fields)| Candidate { row: &of.row, index: of.index, row_seq: of.row_seq, age_ms: 0, fields })
        .collect();
    let any_kind = Expect { kinds: vec![Kind::Http, Kind::Tool, Kind::Model], ..Expect::default() };
    judge(claim, &candidates, Some(&any_kind), &Situation { watched: true, ..Situation::default() }).outcome
        == Outcome::Pass
}
