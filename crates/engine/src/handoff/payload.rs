//! The payload: the handoff as JSON, in the order of keys that other SDKs know (contract version 2.0).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use vouchsafe_core::{plain_json, verdict::Coverage};
use vouchsafe_ledger::Bundle;

use super::{Circumstances, Consistency, Handoff, HandoffClaim};
use crate::EngineError;

const VERSION: &str = "2.0";
/// Every key may be missing or null on reading, and keys that are not here are nobody's business.
#[derive(Serialize, Deserialize)]
struct Payload {
    provably_mcp_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provably_org_id: Option<String>,
    integration_api_key: Option<String>,
    evaluate_url: Option<String>,
    contract_version: Option<String>,
    field_guide: Option<Value>,
    instructions: Option<String>,
    query_ids: Option<Vec<String>>,
    trusted_endpoint_registry: Option<Vec<Value>>,
    /// A UUID; a run of another name is in `run`.
    run_id: Option<String>,
    claims: Option<Vec<Value>>,
    verification_results: Option<Vec<Value>>,
    query_urls: Option<Vec<String>>,
    task: Option<String>,
    answer: Option<String>,
    build_errors: Option<Vec<String>>,
    sdk_precheck: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    agent_id: Option<String>,
    prompt: Option<String>,
    /// Read as text: a bundle's strictness ends where a map forgets duplicate keys.
    proofs: Option<BTreeMap<String, Box<RawValue>>>,
    checkpoint: Option<String>,
    seal: Option<Box<RawValue>>,
    consistency: Option<Consistency>,
    circumstances: Option<BTreeMap<String, Circumstances>>,
    coverage: Option<Coverage>,
}

impl Handoff {
    /// The payload as JSON text.
    pub fn to_json(&self) -> String {
        let raw = |value: &dyn Fn() -> serde_json::Result<Box<RawValue>>| value().expect("a proof is plain data");
        let bundles = self.bundles.iter().filter_map(|(id, bundle)| Some((id, bundle.as_ref().ok()?)));
        let run_is_uuid = uuid::Uuid::try_parse(&self.run_id).is_ok();
        let payload = Payload {
            provably_mcp_url: Some(String::new()),
            provably_org_id: self.office.org_id.clone(),
            integration_api_key: Some(self.office.api_key.clone().unwrap_or_default()),
            evaluate_url: Some(String::new()),
            contract_version: Some(VERSION.into()),
            field_guide: Some(Value::Object(serde_json::Map::new())),
            instructions: Some(String::new()),
            query_ids: Some(self.circumstances.keys().cloned().collect()),
            trusted_endpoint_registry: Some(Vec::new()),
            run_id: run_is_uuid.then(|| self.run_id.clone()),
            run: (!run_is_uuid).then(|| self.run_id.clone()),
            claims: Some(self.claims.iter().map(HandoffClaim::to_wire).collect()),
            verification_results: Some(Vec::new()),
            query_urls: Some(self.query_urls()),
            task: Some(self.task.clone().unwrap_or_default()),
            answer: Some(self.answer.clone().unwrap_or_default()),
            build_errors: Some(self.build_errors.clone()),
            sdk_precheck: None,
            agent_id: self.agent_id.clone(),
            prompt: self.prompt.clone(),
            proofs: Some(
                bundles.map(|(id, bundle)| (id.clone(), raw(&|| serde_json::value::to_raw_value(bundle)))).collect(),
            ),
            checkpoint: self.checkpoint.clone(),
            seal: self.seal.as_ref().map(|seal| raw(&|| serde_json::value::to_raw_value(seal))),
            consistency: self.consistency.clone(),
            circumstances: Some(self.circumstances.clone()),
            coverage: Some(self.coverage.clone()),
        };
        serde_json::to_string(&payload).expect("a payload is plain data")
    }

    /// Where a person can look at the queries, in the order of `query_ids`.
    fn query_urls(&self) -> Vec<String> {
        let Some(queries) = &self.office.queries else { return Vec::new() };
        self.circumstances.keys().map(|id| format!("{queries}{id}")).collect()
    }

    /// Reads a payload. What of it is no payload at all is `INVALID_PAYLOAD`; a bundle that cannot be read costs only
    /// the claims that rest on it.
    pub fn from_json(text: &str) -> Result<Self, EngineError> {
        let payload: Payload = plain_json::from_str(text)
            .map_err(|error| EngineError::new("INVALID_PAYLOAD", format!("this is no payload: {error}")))?;
        let claims = payload.claims.unwrap_or_default();
        let read = |text: Box<RawValue>| Bundle::parse(text.get()).map_err(|error| error.to_string());
        Ok(Self {
            run_id: payload.run_id.or(payload.run).unwrap_or_default(),
            agent_id: payload.agent_id,
            prompt: payload.prompt,
            task: payload.task.filter(|text| !text.is_empty()),
            answer: payload.answer.filter(|text| !text.is_empty()),
            claims: claims.iter().enumerate().flat_map(|(at, given)| HandoffClaim::from_wire(given, at)).collect(),
            bundles: payload.proofs.unwrap_or_default().into_iter().map(|(id, text)| (id, read(text))).collect(),
            circumstances: payload.circumstances.unwrap_or_default(),
            checkpoint: payload.checkpoint,
            seal: payload.seal.and_then(|seal| serde_json::from_str(seal.get()).ok()),
            consistency: payload.consistency,
            coverage: payload.coverage.unwrap_or_default(),
            build_errors: payload.build_errors.unwrap_or_default(),
            ..Self::default()
        })
    }
}
