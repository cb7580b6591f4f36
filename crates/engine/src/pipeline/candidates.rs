//! The rows of a bundle as candidates of a claim.

use vouchsafe_core::{
    claim::Claim,
    exchange::Fields,
    expectation::Expect,
    judge::{Candidate, Readings, Situation, judge},
    row::Kind,
    verdict::Outcome,
};
use vouchsafe_ledger::{Bundle, BundleError, CheckedBundle, CheckedRow, DisclosedFields};

use super::trust::Trusted;

/// A bundle that was checked, for all the claims that look at it.
pub(super) struct Proven<'b> {
    pub checked: CheckedBundle<'b>,
    /// What the rows disclose.
    pub fields: Vec<Fields>,
    readings: Vec<Readings>,
}

impl<'b> Proven<'b> {
    pub fn of(bundle: &'b Bundle, trusted: &Trusted) -> Result<Self, BundleError> {
        let checked = bundle.check(&trusted.checkpoint, trusted.seal_proof)?;
        let fields = checked.rows.iter().map(|row| disclosed(row.fields)).collect();
        let readings = checked.rows.iter().map(|_| Readings::default()).collect();
        Ok(Self { checked, fields, readings })
    }

    pub fn candidates(&self, seal_us: u64) -> Vec<Candidate<'_>> {
        let one = |(row, (fields, readings)): (&CheckedRow<'b>, _)| Candidate {
            row: row.row,
            index: row.index,
            row_seq: row.row_seq,
            age_ms: seal_us.saturating_sub(row.time_us) / 1_000,
            fields,
            readings,
        };
        self.checked.rows.iter().zip(self.fields.iter().zip(&self.readings)).map(one).collect()
    }
}

fn disclosed(fields: &DisclosedFields) -> Fields {
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
    let given: Vec<_> = bundle.rows.iter().map(|row| (row, disclosed(&row.fields), Readings::default())).collect();
    let candidates: Vec<Candidate> = given
        .iter()
        .map(|(of, fields, readings)| Candidate {
            row: &of.row,
            index: of.index,
            row_seq: of.row_seq,
            age_ms: 0,
            fields,
            readings,
        })
        .collect();
    let any_kind = Expect { kinds: vec![Kind::Http, Kind::Tool, Kind::Model], ..Expect::default() };
    judge(claim, &candidates, Some(&any_kind), &Situation { watched: true, ..Situation::default() }).outcome
        == Outcome::Pass
}
