//! What an evaluator accepts as evidence, whatever a claim says.

use crate::endpoint::Endpoint;
use crate::exchange::Fields;
use crate::message::shorten;
use crate::row::{Kind, Row};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// What an evaluator accepts, applied to the proven row. Without any, [`Expect::default`] holds: HTTP only, so that a
/// tool's own word and a model's answer count only where the evaluator asks for them.
#[derive(Debug, Clone)]
pub struct Expect {
    /// URL patterns of which one must match; `None`: any URL, or none.
    pub endpoints: Option<Vec<Endpoint>>,
    /// Names of actions; `None`: any.
    pub actions: Option<Vec<String>>,
    /// Names of agents; `None`: any.
    pub agent_ids: Option<Vec<String>>,
    /// Kinds of rows.
    pub kinds: Vec<Kind>,
    /// How old the exchange may be, in milliseconds.
    pub max_age_ms: Option<u64>,
}

impl Default for Expect {
    fn default() -> Self {
        Self { endpoints: None, actions: None, agent_ids: None, kinds: vec![Kind::Http], max_age_ms: None }
    }
}

/// Why an expectation was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ExpectError(String);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Json {
    endpoints: Option<Vec<String>>,
    actions: Option<Vec<String>>,
    agent_ids: Option<Vec<String>>,
    kinds: Option<Vec<Kind>>,
    max_age_ms: Option<u64>,
}

/// Why a row is no evidence for the evaluator.
pub(crate) enum Refusal {
    /// It is outside what is accepted: a sentence part behind "but".
    Outside(String),
    /// It cannot be told, for the URL is not disclosed.
    Undisclosed,
}

impl Expect {
    /// Reads the public API's `{ endpoints?, actions?, agentIds?, kinds?, maxAgeMs? }`.
    pub fn parse(json: &Value) -> Result<Self, ExpectError> {
        let json = Json::deserialize(json).map_err(|error| ExpectError(error.to_string()))?;
        let patterns = json.endpoints.map(|patterns| patterns.iter().map(|text| Endpoint::parse(text)).collect());
        Ok(Self {
            endpoints: patterns.transpose().map_err(|error| ExpectError(format!("{error}")))?,
            actions: json.actions,
            agent_ids: json.agent_ids,
            kinds: json.kinds.unwrap_or_else(|| vec![Kind::Http]),
            max_age_ms: json.max_age_ms,
        })
    }

    pub(crate) fn check(&self, row: &Row, fields: &Fields) -> Result<(), Refusal> {
        if !self.kinds.contains(&row.kind) {
            let kind = row.kind.as_str();
            return Err(Refusal::Outside(format!(
                "it is of kind {kind}, which counts only where expect.kinds names it"
            )));
        }
        for (allowed, name, what) in
            [(&self.actions, &row.action_name, "action"), (&self.agent_ids, &row.agent_id, "agent")]
        {
            if allowed.as_ref().is_some_and(|allowed| !allowed.contains(name)) {
                let name = shorten(name);
                return Err(Refusal::Outside(format!(
                    "its {what} `{name}` is not among those that the evaluator accepts"
                )));
            }
        }
        let Some(endpoints) = &self.endpoints else {
            return Ok(());
        };
        match url_of(row, fields) {
            Disclosure::Withheld => Err(Refusal::Undisclosed),
            Disclosure::Given(url) if endpoints.iter().any(|endpoint| endpoint.matches(&url)) => Ok(()),
            Disclosure::Given(url) => {
                let url = shorten(url.as_str());
                Err(Refusal::Outside(format!("its URL {url} is not among the endpoints that the evaluator accepts")))
            }
            Disclosure::None => Err(Refusal::Outside("it has no URL, and the evaluator accepts endpoints only".into())),
        }
    }
}

/// What is known of a row's URL.
pub(crate) enum Disclosure {
    /// This is it.
    Given(Url),
    /// The row commits to one that is not disclosed.
    Withheld,
    /// The row has none, or one that is no URL.
    None,
}

pub(crate) fn url_of(row: &Row, fields: &Fields) -> Disclosure {
    match (&row.c_url, &fields.url) {
        (None, _) => Disclosure::None,
        (Some(_), None) => Disclosure::Withheld,
        (Some(_), Some(bytes)) => match std::str::from_utf8(bytes).ok().and_then(|text| Url::parse(text).ok()) {
            Some(url) => Disclosure::Given(url),
            None => Disclosure::None,
        },
    }
}
