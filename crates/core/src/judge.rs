//! The judgement of one claim on rows that are already proven: deterministic, without I/O or clock.

mod absence;
mod conditions;
mod evidence;

use crate::claim::Claim;
use crate::commitment::Field;
use crate::exchange::Fields;
use crate::expectation::Expect;
use crate::message;
pub use crate::reading::Readings;
use crate::row::{Kind, Row};
use crate::verdict::{Outcome, Reason};
use serde_json::Value;
use std::collections::HashSet;

/// How many earlier exchanges are looked at for one that would have supported a claim.
const EARLIER_LOOKED_AT: usize = 16;

/// A proven row that answers the claim's query.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The row.
    pub row: &'a Row,
    /// Its leaf's index.
    pub index: u64,
    /// Its number in the log.
    pub row_seq: u64,
    /// How old it is: the seal's time less the leaf's, in milliseconds.
    pub age_ms: u64,
    /// The disclosed bytes, already checked against the row's commitments.
    pub fields: &'a Fields,
    /// What claims on this row have read of them; empty before the first.
    pub readings: &'a Readings,
}

/// What is known beside the rows.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    /// Whether a recorder was watching all the while, without gaps.
    pub watched: bool,
    /// Whether an exchange of the claim's signature has not ended.
    pub open: bool,
    /// Where an older match was seen: `last seen 3 days ago, in another run`.
    pub older: Option<String>,
    /// The run that the evaluator binds every selector to.
    pub bound_run: Option<String>,
}

/// How a claim came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// How.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// The same in a sentence.
    pub message: String,
    /// What is claimed.
    pub claimed: Value,
    /// What the evidence says; `None` where it says nothing.
    pub actual: Option<Value>,
    /// Where the claim looks.
    pub path: String,
    /// The candidate that decided, as its position in the list given.
    pub evidence: Option<usize>,
    /// How many candidates there were, without followed redirects, retried attempts and other runs.
    pub candidates: usize,
}

/// What one candidate, or their absence, says.
#[derive(Debug)]
struct Finding {
    reason: Reason,
    message: String,
    actual: Option<Value>,
}

impl Finding {
    fn new(reason: Reason, message: String) -> Self {
        Self { reason, message, actual: None }
    }
}

/// Judges a claim. `candidates` come in the order of `row_seq`; without `expect` the default one holds.
///
/// A claim bound to a row or a call is supported if any candidate supports it, and the last that does is the evidence;
/// else the last speaks, unless one of them cannot be read, which might have supported it. One of which something is
/// withheld lets no earlier one be the evidence: shown, it would be that itself. Otherwise the last candidate alone
/// counts.
#[must_use]
pub fn judge(claim: &Claim, candidates: &[Candidate], expect: Option<&Expect>, situation: &Situation) -> Judgement {
    let default = Expect::default();
    let expect = expect.unwrap_or(&default);
    let standing: Vec<usize> = standing(claim, candidates, expect, situation).collect();
    let (finding, evidence) = if standing.is_empty() {
        (absence::find(claim, !candidates.is_empty(), situation), None)
    } else if claim.is_bound_to_call() {
        any(claim, candidates, &standing, expect, situation)
    } else {
        last(claim, candidates, &standing, expect, situation)
    };
    Judgement {
        outcome: finding.reason.outcome(),
        reason: finding.reason,
        message: finding.message,
        claimed: claim.comparator.claimed(claim.json()),
        actual: finding.actual,
        path: claim.path.as_str().to_owned(),
        evidence,
        candidates: standing.len(),
    }
}

/// The candidates that count: of the bound run, no gaps, no model unless it is accepted or asked for by its id, and
/// neither followed redirects nor retried attempts.
fn standing(
    claim: &Claim,
    candidates: &[Candidate],
    expect: &Expect,
    situation: &Situation,
) -> impl Iterator<Item = usize> {
    let rows = candidates.iter().map(|candidate| candidate.row);
    let followed: HashSet<&str> =
        rows.filter(|row| row.parent.as_ref() != Some(&row.id)).filter_map(|row| row.parent.as_deref()).collect();
    let counts = |row: &Row| match row.kind {
        Kind::Http | Kind::Tool => true,
        Kind::Model => claim.row_id.is_some() || expect.kinds.contains(&Kind::Model),
        Kind::Gap => false,
    };
    let of_run = |row: &Row| situation.bound_run.is_none() || row.run_id == situation.bound_run;
    candidates
        .iter()
        .enumerate()
        .filter(move |(_, candidate)| {
            of_run(candidate.row) && counts(candidate.row) && !followed.contains(&*candidate.row.id)
        })
        .map(|(position, _)| position)
}

type Decided = (Finding, Option<usize>);

fn any(claim: &Claim, candidates: &[Candidate], standing: &[usize], expect: &Expect, situation: &Situation) -> Decided {
    let mut unread = None;
    let mut last = None;
    for position in standing.iter().rev() {
        let finding = evidence::find(claim, &candidates[*position], expect);
        if finding.reason == Reason::Supported {
            return (finding, Some(*position));
        }
        if finding.reason == Reason::Unverifiable {
            unread = unread.or(Some((finding, Some(*position))));
            if is_withheld(claim, &candidates[*position], expect) {
                break;
            }
        } else {
            last = last.or(Some((finding, Some(*position))));
        }
    }
    if situation.open {
        return (absence::still_open(claim), None);
    }
    unread.or(last).unwrap_or_else(|| (absence::find(claim, false, situation), None))
}

/// Whether the row commits to something that is looked at and not disclosed.
fn is_withheld(claim: &Claim, candidate: &Candidate, expect: &Expect) -> bool {
    let expected = expect.endpoints.is_some().then_some(Field::Url);
    claim
        .fields()
        .chain(expected)
        .any(|field| candidate.row.commitment(field).is_some() && candidate.fields.get(field).is_none())
}

fn last(
    claim: &Claim,
    candidates: &[Candidate],
    standing: &[usize],
    expect: &Expect,
    situation: &Situation,
) -> Decided {
    let Some((last, earlier)) = standing.split_last().filter(|_| !situation.open) else {
        return (absence::still_open(claim), None);
    };
    let mut finding = evidence::find(claim, &candidates[*last], expect);
    if matches!(finding.reason, Reason::Contradicted | Reason::PathMissing | Reason::FailedExchange) {
        let supports =
            |position: &&usize| evidence::find(claim, &candidates[**position], expect).reason == Reason::Supported;
        if let Some(position) = earlier.iter().rev().take(EARLIER_LOOKED_AT).find(supports) {
            let row = candidates[*position].row;
            let before = finding.message.trim_end_matches('.');
            finding.message =
                format!("{before}; only the earlier {}, row {}, supports it.", message::exchange(row), row.id);
        }
    }
    (finding, Some(*last))
}
