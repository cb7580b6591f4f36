//! Which bundle of a payload answers a claim.

use vouchsafe_core::{
    claim::Claim,
    query::Query,
    row::Row,
    verdict::{ClaimVerdict, Reason},
};
use vouchsafe_ledger::Bundle;

use super::{
    Evaluation,
    undecided::{refused, undecided},
};
use crate::handoff::HandoffClaim;

/// A claim with the bundle that answers it and its query id, or the verdict where there is none.
pub(super) type Asked<'c> = Result<(&'c Claim, &'c str, &'c Bundle), Box<ClaimVerdict>>;

impl Evaluation<'_> {
    /// A claim of the payload, on the bundle of its own query.
    pub(super) fn claim<'c>(&'c self, given: &'c HandoffClaim) -> Asked<'c> {
        let claim = match &given.claim {
            Ok(claim) => claim,
            Err(why) => {
                return Err(refused(&given.given, Reason::Unverifiable, format!("This is no claim: {why}.")).into());
            }
        };
        let without = |reason, message| Err(undecided(claim, reason, message).into());
        let Some(id) = &given.query_id else {
            return without(Reason::Unverifiable, "The payload does not say which query answers this claim.".into());
        };
        if let Some(trouble) = self.handoff.troubles.get(id) {
            return without(trouble.reason, format!("The backend could not answer: {}.", trouble.message));
        }
        match self.handoff.bundles.get(id) {
            None => without(Reason::Unverifiable, "The payload has no proof for this claim.".into()),
            Some(Err(why)) => without(Reason::Unverifiable, format!("The proof cannot be read: {why}.")),
            Some(Ok(bundle)) => Ok((claim, id, bundle)),
        }
    }

    /// A claim of the evaluator's, on whichever bundle of the payload answers its query.
    pub(super) fn own_claim<'c>(&'c self, claim: &'c Claim) -> Asked<'c> {
        let readable = self.handoff.bundles.iter().filter_map(|(id, bundle)| Some((id, bundle.as_ref().ok()?)));
        // In the store's scope several rows may be answers, of which the newest counts.
        let newest = |(_, bundle): &(_, &Bundle)| bundle.rows.last().map(|row| row.index);
        let asked = readable.clone().filter(|(_, bundle)| self.asks(claim, bundle)).max_by_key(newest);
        let asked = asked.or_else(|| readable.clone().find(|(_, bundle)| self.asks_of_another_run(claim, bundle)));
        asked.map(|(id, bundle)| (claim, id.as_str(), bundle)).ok_or_else(|| {
            undecided(claim, Reason::Unverifiable, "The payload has no proof that answers this claim.".into()).into()
        })
    }

    /// Whether the bundle answers the query that the claim asks; who built it is not asked.
    pub(super) fn asks(&self, claim: &Claim, bundle: &Bundle) -> bool {
        let agent = self.options.agent_id.as_deref().or(self.handoff.agent_id.as_deref()).unwrap_or("_default");
        let run = self.options.bound_run.as_deref().unwrap_or(&self.handoff.run_id);
        let query = claim.query(agent, Some(run));
        let is_of = |row: &Row, agent: &str, action: Option<&str>| {
            row.agent_id == agent && action.is_none_or(|action| row.action_name == action)
        };
        // Whose row it is cannot be told where it is not there.
        let are_of = |agent: &str, action: Option<&str>| {
            !bundle.rows.is_empty() && bundle.rows.iter().all(|row| is_of(&row.row, agent, action))
        };
        match (&query, &bundle.query) {
            (query, answered) if query == answered => true,
            // In the store's scope the latest is asked for by its row, which must be of that agent and action.
            (Query::Action { agent, action, .. }, Query::Row { .. }) if self.options.store_scope => {
                are_of(agent, Some(action))
            }
            (Query::Agent { agent, .. }, Query::Row { .. }) if self.options.store_scope => are_of(agent, None),
            _ => false,
        }
    }

    /// Whether the bundle answers the same question about another run than the evaluator binds.
    pub(super) fn asks_of_another_run(&self, claim: &Claim, bundle: &Bundle) -> bool {
        let (Some(bound), Query::Action { run, .. } | Query::Agent { run, .. }) =
            (&self.options.bound_run, &bundle.query)
        else {
            return false;
        };
        let agent = self.options.agent_id.as_deref().or(self.handoff.agent_id.as_deref()).unwrap_or("_default");
        // That there is none in another run says nothing.
        !bundle.rows.is_empty() && run.as_ref() != Some(bound) && claim.query(agent, run.as_deref()) == bundle.query
    }
}
