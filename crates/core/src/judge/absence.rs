//! What it means that no exchange answers a claim.

use super::{Finding, Situation};
use crate::claim::Claim;
use crate::message::sought;
use crate::verdict::Reason;

/// `elsewhere`: rows came, but none that counts.
pub(super) fn find(claim: &Claim, elsewhere: bool, situation: &Situation) -> Finding {
    if situation.open {
        return still_open(claim);
    }
    let sought = sought(claim);
    if !situation.watched && !elsewhere {
        let message = format!(
            "Nothing was recorded for {sought}, but the recorder was not watching all the while, so that nothing can be \
             said of the claim."
        );
        return Finding::new(Reason::Unverifiable, message);
    }
    let aside = match (&situation.older, elsewhere) {
        (Some(older), _) => format!(" ({older})"),
        (None, true) if situation.bound_run.is_some() => {
            " (only in another run, or of a kind that is no evidence)".into()
        }
        (None, true) => " (only of a kind that is no evidence)".to_owned(),
        (None, false) => String::new(),
    };
    let message = format!("No exchange was recorded for {sought}{aside}, so that nothing supports the claim.");
    Finding::new(Reason::NoEvidence, message)
}

pub(super) fn still_open(claim: &Claim) -> Finding {
    let message =
        format!("An exchange of {} has not ended, so that nothing can be said of the claim yet.", sought(claim));
    Finding::new(Reason::Unverifiable, message)
}
