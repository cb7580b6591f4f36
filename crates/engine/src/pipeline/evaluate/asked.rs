//! Which answer is a claim's.

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
use crate::handoff::{HandoffClaim, Word};

/// What answers a query.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer<'h> {
    /// Rows with their proof.
    Proven(&'h Bundle),
    /// Rows on the word of the engine's own backend.
    Told(&'h Word),
}

impl<'h> Answer<'h> {
    fn query(self) -> &'h Query {
        match self {
            Self::Proven(bundle) => &bundle.query,
            Self::Told(told) => &told.query,
        }
    }

    fn rows(self) -> Vec<&'h Row> {
        match self {
            Self::Proven(bundle) => bundle.rows.iter().map(|row| &row.row).collect(),
            Self::Told(told) => told.rows.iter().map(|(row, _)| row).collect(),
        }
    }

    /// What orders answers by their last exchange, those of one kind.
    fn newest(self) -> Option<u64> {
        match self {
            Self::Proven(bundle) => bundle.rows.last().map(|row| row.index),
            Self::Told(told) => told.rows.last().map(|(row, _)| row.ended_us),
        }
    }
}

/// A claim with its query's id and answer, or the verdict where there is none.
pub(super) type Asked<'c> = Result<(&'c Claim, &'c str, Answer<'c>), Box<ClaimVerdict>>;

impl Evaluation<'_> {
    /// A claim of the payload, on the answer to its own query.
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
        if let Some(told) = self.handoff.told.get(id) {
            return Ok((claim, id, Answer::Told(told)));
        }
        match self.handoff.bundles.get(id) {
            None => without(Reason::Unverifiable, self.without_proof()),
            Some(Err(why)) => without(Reason::Unverifiable, format!("The proof cannot be read: {why}.")),
            Some(Ok(bundle)) => Ok((claim, id, Answer::Proven(bundle))),
        }
    }

    /// A claim of the evaluator's, on whichever answer of the handoff is one to its query.
    pub(super) fn own_claim<'c>(&'c self, claim: &'c Claim) -> Asked<'c> {
        let proven = self.handoff.bundles.iter().filter_map(|(id, bundle)| Some((id, bundle.as_ref().ok()?)));
        let told = self.handoff.told.iter().map(|(id, told)| (id, Answer::Told(told)));
        let answers: Vec<(&String, Answer)> =
            proven.map(|(id, bundle)| (id, Answer::Proven(bundle))).chain(told).collect();
        // In the store's scope several rows may be answers, of which the newest counts.
        let asked = answers.iter().filter(|(_, answer)| self.asks(claim, *answer)).max_by_key(|(_, one)| one.newest());
        let asked = asked.or_else(|| answers.iter().find(|(_, answer)| self.asks_of_another_run(claim, *answer)));
        asked.map(|(id, answer)| (claim, id.as_str(), *answer)).ok_or_else(|| {
            undecided(claim, Reason::Unverifiable, "The payload has no proof that answers this claim.".into()).into()
        })
    }

    fn without_proof(&self) -> String {
        let nobody = self.keys.is_empty() && !self.options.allow_backend_trust;
        let how = " Name the key that its log is signed with in `verifierKeys`, or take the word of your own remote \
                   backend with `allowBackendTrust`.";
        format!("The payload has no proof for this claim.{}", if nobody { how } else { "" })
    }

    /// What the claim asks here.
    pub(super) fn query(&self, claim: &Claim) -> Query {
        let agent = self.options.agent_id.as_deref().or(self.handoff.agent_id.as_deref()).unwrap_or("_default");
        let run = self.options.bound_run.as_deref().unwrap_or(&self.handoff.run_id);
        claim.query(agent, Some(run))
    }

    /// Whether this answers the query that the claim asks; who built it is not asked.
    pub(super) fn asks(&self, claim: &Claim, answer: Answer) -> bool {
        let query = self.query(claim);
        let is_of = |row: &Row, agent: &str, action: Option<&str>| {
            row.agent_id == agent && action.is_none_or(|action| row.action_name == action)
        };
        // Whose row it is cannot be told where it is not there.
        let are_of = |agent: &str, action: Option<&str>| {
            let rows = answer.rows();
            !rows.is_empty() && rows.iter().all(|row| is_of(row, agent, action))
        };
        match (&query, answer.query()) {
            (query, answered) if query == answered => true,
            // In the store's scope the latest is asked for by its row, which must be of that agent and action.
            (Query::Action { agent, action, .. }, Query::Row { .. }) if self.options.store_scope => {
                are_of(agent, Some(action))
            }
            (Query::Agent { agent, .. }, Query::Row { .. }) if self.options.store_scope => are_of(agent, None),
            _ => false,
        }
    }

    /// Whether this answers the same question about another run than the evaluator binds.
    pub(super) fn asks_of_another_run(&self, claim: &Claim, answer: Answer) -> bool {
        let (Some(bound), Query::Action { run, .. } | Query::Agent { run, .. }) =
            (&self.options.bound_run, answer.query())
        else {
            return false;
        };
        let agent = self.options.agent_id.as_deref().or(self.handoff.agent_id.as_deref()).unwrap_or("_default");
        // That there is none in another run says nothing.
        !answer.rows().is_empty()
            && run.as_ref() != Some(bound)
            && claim.query(agent, run.as_deref()) == *answer.query()
    }
}
