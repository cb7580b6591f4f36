//! The payload: the handoff as JSON, in the order of keys that other SDKs know (contract version 2.0).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use vouchsafe_core::{plain_json, verdict::Coverage, wire_claim::WireClaim};
use vouchsafe_ledger::Bundle;

use super::{Circumstances, Consistency, Handoff, HandoffClaim};
use crate::EngineError;

const VERSION: &str = "2.0";
/// The key that tells a claim in the wire's form from one of ours.
pub(crate) const MODE: &str = "verification_mode";

/// Every key may be missing or null on reading, and keys that are not here are nobody's business.
#[derive(Serialize, Deserialize)]
struct Payload {
    provably_mcp_url: Option<String>,
    provably_org_id: Option<String>,
    integration_api_key: Option<String>,
    evaluate_url: Option<String>,
    contract_version: Option<String>,
    field_guide: Option<Value>,
    instructions: Option<String>,
    query_ids: Option<Vec<String>>,
    trusted_endpoint_registry: Option<Vec<Value>>,
    run_id: Option<String>,
    claims: Option<Vec<Value>>,
    verification_results: Option<Vec<Value>>,
    query_urls: Option<Vec<String>>,
    task: Option<String>,
    answer: Option<String>,
    build_errors: Option<Vec<String>>,
    sdk_precheck: Option<Value>,
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
        let payload = Payload {
            provably_mcp_url: None,
            provably_org_id: None,
            integration_api_key: None,
            evaluate_url: None,
            contract_version: Some(VERSION.into()),
            field_guide: Some(Value::Object(serde_json::Map::new())),
            instructions: None,
            query_ids: Some(self.circumstances.keys().cloned().collect()),
            trusted_endpoint_registry: Some(Vec::new()),
            run_id: Some(self.run_id.clone()),
            claims: Some(self.claims.iter().map(HandoffClaim::to_wire).collect()),
            verification_results: Some(Vec::new()),
            query_urls: Some(Vec::new()),
            task: self.task.clone(),
            answer: self.answer.clone(),
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

    /// Reads a payload. What of it is no payload at all is `INVALID_PAYLOAD`; a bundle that cannot be read costs only
    /// the claims that rest on it.
    pub fn from_json(text: &str) -> Result<Self, EngineError> {
        let payload: Payload = plain_json::from_str(text)
            .map_err(|error| EngineError::new("INVALID_PAYLOAD", format!("this is no payload: {error}")))?;
        let claims = payload.claims.unwrap_or_default();
        let read = |text: Box<RawValue>| Bundle::parse(text.get()).map_err(|error| error.to_string());
        Ok(Self {
            run_id: payload.run_id.unwrap_or_default(),
            agent_id: payload.agent_id,
            prompt: payload.prompt,
            task: payload.task,
            answer: payload.answer,
            claims: claims.iter().enumerate().flat_map(|(at, given)| HandoffClaim::from_wire(given, at)).collect(),
            bundles: payload.proofs.unwrap_or_default().into_iter().map(|(id, text)| (id, read(text))).collect(),
            circumstances: payload.circumstances.unwrap_or_default(),
            checkpoint: payload.checkpoint,
            seal: payload.seal.and_then(|seal| serde_json::from_str(seal.get()).ok()),
            consistency: payload.consistency,
            coverage: payload.coverage.unwrap_or_default(),
            troubles: BTreeMap::new(),
            build_errors: payload.build_errors.unwrap_or_default(),
        })
    }
}

impl HandoffClaim {
    fn to_wire(&self) -> Value {
        // A claim that came in the wire's form keeps it: its comparison is the wire's own.
        let mut wire = match &self.claim {
            Ok(claim) if self.given.get(MODE).is_none() => {
                serde_json::to_value(WireClaim::of(claim)).expect("a claim is plain data")
            }
            _ => self.given.clone(),
        };
        if let (Some(id), Value::Object(wire)) = (&self.query_id, &mut wire) {
            wire.insert("query_id".into(), id.as_str().into());
        }
        wire
    }

    /// The claims of one wire claim: one for each value that it states.
    pub fn from_wire(given: &Value, position: usize) -> Vec<Self> {
        let query_id = given["query_id"].as_str().map(str::to_owned);
        let one = |given: Value| {
            let wire = WireClaim::deserialize(&given).map_err(|error| error.to_string());
            let claim = wire.and_then(|wire| wire.claims(position).map_err(|error| error.message));
            let claim = claim.and_then(|claims| claims.into_iter().next().ok_or_else(|| "it claims nothing".into()));
            Self { claim, given, position, query_id: query_id.clone() }
        };
        // Payloads are never evidence, and a copy of them for each value could fill the memory.
        let mut without_values = given.clone();
        if let Some(keys) = without_values.as_object_mut() {
            keys.retain(|key, _| !matches!(key.as_str(), "claimed_value" | "request_payload" | "response_payload"));
        }
        let with_value = |value: &Value| {
            let mut alone = without_values.clone();
            alone["claimed_value"] = Value::Array(vec![value.clone()]);
            alone
        };
        match given["claimed_value"].as_array() {
            Some(values) if values.len() > 1 && values.iter().all(|value| value.get("path").is_some()) => {
                values.iter().map(|value| one(with_value(value))).collect()
            }
            _ => vec![one(given.clone())],
        }
    }
}
