//! The rows of a bundle as candidates of a claim.

use vouchsafe_backend::Fetched;
use vouchsafe_core::{
    claim::Claim,
    exchange::Fields,
    expectation::Expect,
    judge::{Candidate, Judgement, Readings, Situation, judge},
    row::{Kind, Row},
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

/// Rows on a backend's word, for all the claims that look at them.
pub(super) struct Told<'t> {
    rows: &'t [(Row, Fields)],
    readings: Vec<Readings>,
}

impl<'t> Told<'t> {
    pub fn of(rows: &'t [(Row, Fields)]) -> Self {
        Self { rows, readings: rows.iter().map(|_| Readings::default()).collect() }
    }

    /// `now_us` stands for the checkpoint's time, which nobody signed.
    pub fn candidates(&self, now_us: u64) -> Vec<Candidate<'_>> {
        let one = |(place, ((row, fields), readings)): (usize, (&'t (Row, Fields), _))| Candidate {
            row,
            index: place as u64,
            row_seq: place as u64,
            age_ms: now_us.saturating_sub(row.ended_us) / 1_000,
            fields,
            readings,
        };
        self.rows.iter().zip(&self.readings).enumerate().map(one).collect()
    }
}

/// How the claim comes out on rows as they stand, unproven and of any kind: only to decide whether to look further, and
/// what to state beside a range.
pub(super) fn judge_alone(claim: &Claim, fetched: &Fetched) -> Judgement {
    let rows: Vec<(Row, Fields)> = match fetched {
        Fetched::Proven(bundle) => as_told(bundle),
        Fetched::Told(told) => told.rows.clone(),
    };
    let any_kind = Expect { kinds: vec![Kind::Http, Kind::Tool, Kind::Model], ..Expect::default() };
    let situation = Situation { watched: true, ..Situation::default() };
    judge(claim, &Told::of(&rows).candidates(0), Some(&any_kind), &situation)
}

/// A bundle's rows and what they disclose, without their proofs.
pub(super) fn as_told(bundle: &Bundle) -> Vec<(Row, Fields)> {
    bundle.rows.iter().map(|row| (row.row.clone(), disclosed(&row.fields))).collect()
}
