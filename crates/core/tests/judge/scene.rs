//! Exchanges as the recorder hands them over, and claims judged on them.

use serde_json::Value;
use vouchsafe_core::claim::Claim;
use vouchsafe_core::exchange::{Body, Exchange, Prepared};
use vouchsafe_core::expectation::Expect;
use vouchsafe_core::judge::{Candidate, Judgement, Readings, Situation, judge};
use vouchsafe_core::prepare::prepare;
use vouchsafe_core::redact::{RedactionOptions, RedactionRules};
use vouchsafe_core::row::{Kind, Outcome, Source};
use vouchsafe_core::verdict::Reason;

pub(crate) const CALL: &str = "00000000-0000-4000-8000-00000000000c";

/// Bodies are cut at this length, in bytes.
const MAX_BODY_BYTES: usize = 4096;

/// The id of the n-th row.
pub(crate) fn id(n: u8) -> String {
    format!("00000000-0000-4000-8000-0000000000{n:02x}")
}

/// A body that came whole.
pub(crate) fn body(bytes: &[u8]) -> Body {
    Body { bytes: bytes.to_vec(), wire_length: bytes.len() as u64, ..Body::default() }
}

/// An exchange of the action `price` with this JSON response.
pub(crate) fn answered(response: &str) -> Exchange {
    Exchange {
        id: Some(id(1)),
        kind: Kind::Http,
        source: Source::Tap,
        run_id: Some("run".to_owned()),
        agent_id: "agent".to_owned(),
        action_name: Some("price".to_owned()),
        call_ref: Some(CALL.to_owned()),
        tool_call_id: Some("tool-call".to_owned()),
        parent: None,
        method: Some("POST".to_owned()),
        url: Some("https://api.example.com/v1/price?q=tea".to_owned()),
        status: Some(200),
        http_version: Some("1.1".to_owned()),
        outcome: Some(Outcome::Complete),
        error: None,
        context: Some(vouchsafe_core::row::Context::Certain),
        started_us: 1_790_000_000_000_000,
        first_byte_us: Some(1_790_000_000_100_000),
        ended_us: 1_790_000_000_200_000,
        request_headers: Some("content-type: application/json\nauthorization: Bearer x\n".to_owned()),
        response_headers: Some("content-type: application/json\nx-two: 1\nx-two: 2\nset-cookie: a=b\n".to_owned()),
        request: Some(body(br#"{"q": "tea", "password": "x"}"#)),
        response: Some(body(response.as_bytes())),
        keep_bodies: true,
    }
}

/// Rows in the order of the log, with how old each is in milliseconds.
pub(crate) struct Scene {
    pub(crate) rows: Vec<Prepared>,
    pub(crate) age_ms: u64,
    pub(crate) expect: Option<Value>,
    pub(crate) situation: Situation,
}

impl Scene {
    pub(crate) fn of(exchanges: impl IntoIterator<Item = Exchange>) -> Self {
        let options = RedactionOptions { paths: vec!["secret".to_owned()], ..RedactionOptions::default() };
        let rules = RedactionRules::new(&options).expect("the rules are sound");
        Self {
            rows: exchanges.into_iter().map(|exchange| prepare(exchange, &rules, MAX_BODY_BYTES)).collect(),
            age_ms: 1000,
            expect: None,
            situation: Situation { watched: true, ..Situation::default() },
        }
    }

    pub(crate) fn judge(&self, claim: &Value) -> Judgement {
        let claim = Claim::parse(claim, 0).unwrap_or_else(|error| panic!("{claim}: {error}"));
        let expect = self.expect.as_ref().map(|json| Expect::parse(json).expect("the expectation is sound"));
        let readings: Vec<Readings> = self.rows.iter().map(|_| Readings::default()).collect();
        let candidates: Vec<Candidate> = (0..)
            .zip(self.rows.iter().zip(&readings))
            .map(|(n, (Prepared { row, fields, .. }, readings))| Candidate {
                row,
                index: n,
                row_seq: n,
                age_ms: self.age_ms,
                fields,
                readings,
            })
            .collect();
        judge(&claim, &candidates, expect.as_ref(), &self.situation)
    }

    /// Judges, checks what holds of every judgement, and gives its reason.
    pub(crate) fn reason(&self, claim: &Value) -> Reason {
        let judgement = self.judge(claim);
        let message = &judgement.message;
        assert_eq!(judgement.outcome, judgement.reason.outcome());
        assert!(message.ends_with('.') && !message.contains('\n') && message.len() < 1500, "{message}");
        judgement.reason
    }
}
