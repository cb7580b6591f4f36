//! What one exchange says of a claim.

use super::{Candidate, Finding, conditions};
use crate::claim::{Claim, Comparator};
use crate::comparison::{Mismatch, compare};
use crate::expectation::Expect;
use crate::message::{place, predicate, shape};
use crate::path::{Located, Selection, fits_a_list};
use crate::reading::{Reading, Unreadable};
use crate::redact::REDACTED;
use crate::verdict::Reason;
use serde_json::Value;

/// The status from which on a response is a failure.
const FIRST_FAILURE: u16 = 400;

pub(super) fn find(claim: &Claim, candidate: &Candidate, expect: &Expect) -> Finding {
    if let Err(finding) = conditions::check(claim, candidate, expect) {
        return finding;
    }
    let finding = examine(claim, candidate);
    let failed = candidate.row.status.is_some_and(|status| status >= FIRST_FAILURE);
    if failed && matches!(finding.reason, Reason::Contradicted | Reason::PathMissing) {
        let message = format!("The exchange failed: {}", finding.message.replacen("The", "the", 1));
        return Finding { reason: Reason::FailedExchange, message, ..finding };
    }
    finding
}

fn examine(claim: &Claim, candidate: &Candidate) -> Finding {
    let place = place(claim, candidate.row);
    let undecided =
        |why: &str| Finding::new(Reason::Unverifiable, format!("Nothing can be said of {place}: it {why}."));
    let missing = |what: &str| {
        Finding::new(
            Reason::PathMissing,
            format!("The claim looks at {place}, but there is no such place: it is {what}."),
        )
    };
    let reading = match candidate.readings.get(claim.part, candidate.row, candidate.fields) {
        Ok(reading) => reading,
        Err(Unreadable::Empty) => return missing("empty"),
        Err(Unreadable::Because(why)) => return undecided(why),
    };
    let hidden = (!reading.holes.is_empty()).then_some(REDACTED);
    let Ok(selection) = claim.path.select(&reading.value, hidden) else {
        return undecided("has more places on this path than are looked at");
    };
    if is_hidden(claim, reading, &selection) {
        return undecided("is redacted, cut or not disclosed there (withheld, or deleted by retention)");
    }
    let actual = match &selection.nodes[..] {
        [] => return missing(&shape(&reading.value)),
        [node] => node.value.clone(),
        nodes if !fits_a_list(nodes) => {
            return undecided("has more values on this path than are compared");
        }
        nodes => nodes.iter().map(|node| node.value.clone()).collect(),
    };
    let as_list = (selection.nodes.len() == 1 && !claim.path.is_singular()).then(|| Value::Array(vec![actual.clone()]));
    if let Comparator::Matches(schema) = &claim.comparator
        && !(schema.is_affordable(&actual) && as_list.as_ref().is_none_or(|list| schema.is_affordable(list)))
    {
        return undecided("would take too long to check against the schema, which is too expensive");
    }
    let (reason, message) = match supports(claim, &actual, as_list.as_ref()) {
        Ok(()) => (Reason::Supported, format!("{place} {}, as claimed.", predicate(claim))),
        Err(mismatch) => {
            let message = format!("The claim says that {place} {}, but {mismatch}.", predicate(claim));
            (Reason::Contradicted, message)
        }
    };
    Finding { reason, message, actual: Some(actual) }
}

/// Several nodes are compared as a list; a single one by itself, or, where the path could have selected several, as a
/// list of one.
fn supports(claim: &Claim, actual: &Value, as_list: Option<&Value>) -> Result<(), Mismatch> {
    compare(actual, &claim.comparator).or_else(|mismatch| match as_list {
        Some(list) if compare(list, &claim.comparator).is_ok() => Ok(()),
        _ => Err(mismatch),
    })
}

/// Whether what is hidden could have changed the selection, or is part of it.
fn is_hidden(claim: &Claim, reading: &Reading, selection: &Selection) -> bool {
    let holes = || reading.holes.iter().map(crate::reading::Hole::place);
    let touches =
        |node: &Located| node.value.as_str() == Some(REDACTED) || holes().any(|hole| hole.overlaps(&node.place));
    match &selection.nodes[..] {
        [] => selection.read_hidden || holes().any(|hole| claim.path.meets(&hole)),
        nodes => !reading.holes.is_empty() && (selection.read_hidden || nodes.iter().any(touches)),
    }
}
