//! Conditions on an exchange that come before its content.

use super::{Candidate, Finding};
use crate::claim::Claim;
use crate::endpoint::Endpoint;
use crate::expectation::{Disclosure, Expect, Refusal, url_of};
use crate::message::{exchange, shorten};
use crate::reading::is_url_redacted;
use crate::row::{Context, Outcome};
use crate::verdict::Reason;
use url::Url;

/// Why the exchange is out of the question; `Ok` where its content decides.
pub(super) fn check(claim: &Claim, candidate: &Candidate, expect: &Expect) -> Result<(), Finding> {
    check_expectation(candidate, expect)?;
    let row = candidate.row;
    let stop = |reason, message: String| Err(Finding::new(reason, message));
    if row.context == Some(Context::Uncertain) {
        let exchange = exchange(row);
        return stop(Reason::Unverifiable, format!("It is not certain which call and agent made {exchange}."));
    }
    if let Some(agent) = claim.agent_id.as_ref().filter(|agent| **agent != row.agent_id) {
        let (claimed, actual) = (shorten(agent), shorten(&row.agent_id));
        let message = format!("The claim names agent `{claimed}`, but {} was made by `{actual}`.", exchange(row));
        return stop(Reason::Contradicted, message);
    }
    if let Some(url) = &claim.url {
        check_url(url, candidate)?;
    }
    let limit = [claim.max_age_ms, expect.max_age_ms].into_iter().flatten().min();
    if let Some(limit) = limit.filter(|limit| candidate.age_ms > *limit) {
        let message = format!("{} is {} ms old, and at most {limit} ms are allowed.", exchange(row), candidate.age_ms);
        return stop(Reason::Stale, message);
    }
    if row.status.is_none() && matches!(row.outcome, Some(Outcome::Error | Outcome::Aborted)) {
        let why = row.error.as_ref().map(|error| format!(" ({})", shorten(error))).unwrap_or_default();
        let message = format!("{} failed and had no response{why}, so that it supports no claim.", exchange(row));
        return stop(Reason::FailedExchange, message);
    }
    Ok(())
}

fn check_expectation(candidate: &Candidate, expect: &Expect) -> Result<(), Finding> {
    let exchange = exchange(candidate.row);
    expect.check(candidate.row, candidate.fields).map_err(|refusal| match refusal {
        Refusal::Outside(why) => {
            Finding::new(Reason::UntrustedEndpoint, format!("The claim rests on {exchange}, but {why}."))
        }
        Refusal::Undisclosed => {
            let message =
                format!("The URL of {exchange} is not disclosed, so that it cannot be told whether to accept it.");
            Finding::new(Reason::Unverifiable, message)
        }
    })
}

fn check_url(claimed: &str, candidate: &Candidate) -> Result<(), Finding> {
    let row = candidate.row;
    let exchange = exchange(row);
    let actual = match url_of(row, candidate.fields) {
        Disclosure::Given(url) => url,
        Disclosure::Withheld => {
            return Err(Finding::new(Reason::Unverifiable, format!("The URL of {exchange} is not disclosed.")));
        }
        Disclosure::None => {
            let message = format!("The claim names the URL {}, but {exchange} has none.", shorten(claimed));
            return Err(Finding::new(Reason::Contradicted, message));
        }
    };
    let url = Url::parse(claimed).ok();
    let matches =
        url.as_ref() == Some(&actual) || Endpoint::parse(claimed).is_ok_and(|pattern| pattern.matches(&actual));
    if matches {
        return Ok(());
    }
    if is_url_redacted(row) && url.is_some_and(|url| url.origin() == actual.origin()) {
        let message = format!("The URL of {exchange} is redacted in part, so that the claim's URL cannot be compared.");
        return Err(Finding::new(Reason::Unverifiable, message));
    }
    let (claimed, actual) = (shorten(claimed), shorten(actual.as_str()));
    Err(Finding::new(
        Reason::Contradicted,
        format!("The claim names the URL {claimed}, but {exchange} went to {actual}."),
    ))
}
