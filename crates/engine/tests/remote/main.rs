//! The engine with a remote backend: rows go through a real Postgres, answers come over real HTTP.

mod stub;
#[path = "../support/mod.rs"]
mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use stub::{KEY, ORG, Stub, TOKEN};
use support::{Events, build_options, evaluate_options, exchange, open, reasons, until};
use tempfile::TempDir;
use vouchsafe_core::row::Kind;
use vouchsafe_engine::{BackendError, BoxFuture, Engine, EvaluateOptions, Handle, TokenSource};
use vouchsafe_pg_test::Cluster;

const CALL: &str = "0190b3b0-0000-7000-8000-0000000000c1";
const OTHER_CALL: &str = "0190b3b0-0000-7000-8000-0000000000c2";
/// Some key that signed nothing here.
const VKEY: &str = "vouchsafe.local/fe812c12f3ab4ce6+0ac6060a+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";

struct Scene {
    stub: Stub,
    handle: Handle,
    events: Events,
    _dir: TempDir,
}

impl Scene {
    async fn new(cluster: &Cluster) -> Self {
        let postgres = cluster.url(&cluster.create_database());
        let (stub, dir) = (Stub::start(&postgres).await, tempfile::tempdir().unwrap());
        let backend = json!({
            "url": stub.url, "orgId": ORG, "token": TOKEN, "apiKey": null, "project": "test", "timeoutMs": 2_000,
        });
        let (handle, events) = open(dir.path(), &json!({ "postgresUrl": postgres, "backend": backend }));
        Self { stub, handle, events, _dir: dir }
    }

    fn engine(&self) -> &Arc<Engine> {
        self.handle.engine()
    }

    /// A call whose response is `{"price": …}`.
    fn record(&self, call: &str, price: u32) {
        let mut one = exchange(Kind::Http, &format!("{{\"price\": {price}}}"));
        one.call_ref = Some(call.into());
        self.engine().record(one);
    }

    async fn verified(&self, claims: &Value, building: &Value, with: &Value) -> Value {
        let options: EvaluateOptions = serde_json::from_value(evaluate_options(with)).unwrap();
        let verdict = self.engine().verify(&claims.to_string(), &build_options(building), &options).await.unwrap();
        serde_json::from_str(&verdict).unwrap()
    }

    async fn evaluated(&self, payload: &Value, with: &Value) -> Value {
        let options: EvaluateOptions = serde_json::from_value(evaluate_options(with)).unwrap();
        let verdict = self.engine().evaluate(&payload.to_string(), &options).await.unwrap();
        serde_json::from_str(&verdict).unwrap()
    }
}

fn said(verdict: &Value) -> Vec<String> {
    reasons(verdict).into_iter().map(|(reason, _)| reason).collect()
}

fn claims() -> Value {
    json!([{ "callRef": CALL, "path": "price", "equals": 42 }, { "callRef": CALL, "path": "price", "equals": 43 }])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backends_word_counts_only_where_it_is_taken_and_no_key_is_trusted() {
    let Some(cluster) = Cluster::shared() else { return };
    let scene = Scene::new(cluster).await;
    scene.record(CALL, 42);
    let none = json!({});
    let verdict = scene.verified(&claims(), &none, &none).await;
    assert_eq!(
        (&verdict["outcome"], said(&verdict)),
        (&json!("ERROR"), vec!["unverifiable".to_owned(); 2]),
        "{verdict}"
    );
    assert!(reasons(&verdict)[0].1.contains("`allowBackendTrust`"), "{verdict}");

    let trusting = json!({ "allowBackendTrust": true });
    let verdict = scene.verified(&claims(), &none, &trusting).await;
    assert_eq!(said(&verdict), ["supported", "contradicted"], "{verdict}");
    for claim in verdict["claims"].as_array().unwrap() {
        assert_eq!(claim["proof"]["trust"], "backend");
        assert_eq!(claim["evidence"]["callRef"], CALL);
    }
    assert_eq!(verdict["checkpoint"], Value::Null);
    assert!(verdict["counts"]["requests"].as_u64().unwrap() >= 2, "{verdict}");
    assert_eq!((&verdict["counts"]["claims"], &verdict["counts"]["records"]), (&json!(2), &json!(1)));

    let verdict = scene.verified(&claims(), &none, &json!({ "allowBackendTrust": true, "verifierKeys": [VKEY] })).await;
    assert_eq!(said(&verdict), ["unverifiable", "unverifiable"], "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_backend_refutes_is_caught_and_what_it_cannot_answer_is_not() {
    let Some(cluster) = Cluster::shared() else { return };
    let scene = Scene::new(cluster).await;
    scene.record(CALL, 42);
    let (none, trusting) = (json!({}), json!({ "allowBackendTrust": true }));
    scene.stub.lock().refutes = true;
    let verdict = scene.verified(&claims(), &none, &none).await;
    assert_eq!(said(&verdict), ["unverifiable", "unverifiable"], "its word alone accuses nobody: {verdict}");
    assert_eq!(said(&scene.verified(&claims(), &none, &trusting).await), ["proof_invalid", "proof_invalid"]);

    scene.stub.lock().refutes = false;
    scene.stub.lock().is_away = true;
    scene.record(OTHER_CALL, 1);
    let began = Instant::now();
    let verdict = scene.verified(&claims(), &json!({ "timeoutMs": 5_000.0 }), &trusting).await;
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!((&verdict["outcome"], said(&verdict)), (&json!("ERROR"), vec!["backend_unavailable".to_owned(); 2]));
    let shown = format!("{verdict} {:?} {:?}", scene.events.lock().unwrap(), scene.engine().stats());
    assert!(!shown.contains(TOKEN) && !shown.contains(KEY) && !shown.contains(Cluster::PASSWORD), "{shown}");

    scene.stub.lock().is_away = false;
    until("the rows are committed when it is back", || scene.engine().stats().committed == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_names_where_its_queries_are_and_gives_the_key_away_only_when_told() {
    let Some(cluster) = Cluster::shared() else { return };
    let scene = Scene::new(cluster).await;
    scene.record(CALL, 42);
    let build = async |with: Value| -> Value {
        let payload = scene.engine().build(&claims().to_string(), &build_options(&with)).await.unwrap();
        serde_json::from_str(&payload).unwrap()
    };
    let payload = build(json!({})).await;
    let id = payload["claims"][0]["query_id"].as_str().unwrap();
    assert_eq!(payload["query_ids"], json!([id]));
    assert_eq!(payload["provably_org_id"], ORG);
    assert_eq!(payload["query_urls"], json!([format!("{}/api/v1/organizations/{ORG}/queries/{id}", scene.stub.url)]));
    assert!(!payload.to_string().contains(KEY) && !payload.to_string().contains(TOKEN), "{payload}");
    assert_eq!((&payload["checkpoint"], &payload["proofs"]), (&Value::Null, &json!({})), "its word is no proof");
    assert_eq!(build(json!({ "includeApiKey": true })).await["integration_api_key"], KEY);

    let trusting = json!({ "allowBackendTrust": true });
    assert_eq!(said(&scene.evaluated(&payload, &trusting).await), ["supported", "contradicted"]);
    assert_eq!(said(&scene.evaluated(&payload, &json!({})).await), ["unverifiable", "unverifiable"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sdks_payload_is_evaluated_on_what_the_backend_recalls_and_on_nothing_in_it() {
    let Some(cluster) = Cluster::shared() else { return };
    let scene = Scene::new(cluster).await;
    scene.record(CALL, 42);
    scene.record(OTHER_CALL, 7);
    let both = json!([{ "callRef": CALL, "equals": 1 }, { "callRef": OTHER_CALL, "equals": 1 }]);
    let ours = scene.engine().build(&both.to_string(), &build_options(&json!({}))).await.unwrap();
    let ours: Value = serde_json::from_str(&ours).unwrap();
    let [id, other] = [0, 1].map(|claim| ours["claims"][claim]["query_id"].clone());
    let claim = |query: &Value, value: &str| {
        json!({
            "trace_intercept_id": "00000000-0000-0000-0000-000000000000", "action_name": "price", "call_ref": CALL,
            "claimed_value": [{ "path": "price", "value": value, "sourcerykit_ref": CALL }], "request_payload": {},
            "response_payload": { "price": 43 }, "query_id": query, "verification_mode": "field_extraction",
            "json_path": "", "expected_json_schema": null, "range_min": null, "range_max": null,
        })
    };
    let unknown = json!("0190b3b0-0000-7000-8000-00000000ffff");
    let payload = json!({
        "contract_version": "2.0", "run_id": null, "query_ids": [id],
        "claims": [claim(&id, "42"), claim(&id, "43"), claim(&other, "7"), claim(&unknown, "42")],
    });
    let verdict = scene.evaluated(&payload, &json!({ "allowBackendTrust": true })).await;
    assert_eq!(said(&verdict)[..3], ["supported", "contradicted", "unverifiable"], "{verdict}");
    assert!(reasons(&verdict)[2].1.contains("another query"), "{verdict}");
    assert_eq!(verdict["claims"][3]["outcome"], "ERROR", "{verdict}");

    scene.stub.lock().is_away = true;
    let began = Instant::now();
    let verdict = scene.evaluated(&payload, &json!({ "allowBackendTrust": true, "timeoutMs": 500.0 })).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(verdict["outcome"], "ERROR", "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_as_many_rows_as_there_are_at_most_is_decided_by_its_last_alone() {
    let Some(cluster) = Cluster::shared() else { return };
    let scene = Scene::new(cluster).await;
    (1..=300).for_each(|price| scene.record(CALL, price));
    (1..=3).for_each(|price| scene.record(OTHER_CALL, price));
    let claim = |call: &str, price: u32| json!({ "callRef": call, "path": "price", "equals": price });
    let claims = json!([
        claim(CALL, 1),
        claim(CALL, 299),
        claim(CALL, 300),
        claim(CALL, 301),
        claim(OTHER_CALL, 1),
        claim(OTHER_CALL, 4),
    ]);
    let verdict = scene.verified(&claims, &json!({}), &json!({ "allowBackendTrust": true })).await;
    let expected = ["unverifiable", "unverifiable", "supported", "unverifiable", "supported", "contradicted"];
    assert_eq!(said(&verdict), expected, "{verdict}");
    assert!(reasons(&verdict)[0].1.contains("newest 256"), "{verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_a_payload_names_does_not_show_which_exchange_is_the_latest() {
    let Some(cluster) = Cluster::shared() else { return };
    let scene = Scene::new(cluster).await;
    scene.record(CALL, 42);
    let claims = json!([{ "action": "price", "path": "price", "equals": 42 }, { "path": "price", "equals": 42 }]);
    for scope in [json!({}), json!({ "storeScope": true })] {
        let mut trusting = json!({ "allowBackendTrust": true });
        trusting.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
        assert_eq!(said(&scene.verified(&claims, &scope, &trusting).await), ["supported", "supported"]);
        let payload = scene.engine().build(&claims.to_string(), &build_options(&scope)).await.unwrap();
        let payload: Value = serde_json::from_str(&payload).unwrap();
        let verdict = scene.evaluated(&payload, &trusting).await;
        assert_eq!(said(&verdict), ["unverifiable", "unverifiable"], "{verdict}");
        assert!(reasons(&verdict)[0].1.contains("show"), "{verdict}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_has_no_more_asked_of_the_backend_than_could_count() {
    let Some(cluster) = Cluster::shared() else { return };
    let scene = Scene::new(cluster).await;
    let claim = |query: u32| {
        let id = format!("0190b3b0-0000-7000-8000-{query:012x}");
        json!({ "action_name": "price", "call_ref": CALL, "query_id": id, "verification_mode": "field_extraction",
                "claimed_value": [{ "path": "price", "value": "42", "sourcerykit_ref": CALL }] })
    };
    let payload = json!({ "claims": (0..1_100).map(claim).collect::<Vec<_>>() });
    let before = scene.stub.lock().recalled;
    let verdict = scene.evaluated(&payload, &json!({})).await;
    assert_eq!(scene.stub.lock().recalled, before, "nobody would believe the answers");
    assert!(reasons(&verdict)[0].1.contains("`allowBackendTrust`"), "{verdict}");

    let verdict = scene.evaluated(&payload, &json!({ "allowBackendTrust": true })).await;
    let beyond = reasons(&verdict).iter().filter(|(_, why)| why.contains("more than 1000 records")).count();
    assert_eq!((beyond, &verdict["outcome"]), (100, &json!("ERROR")));
    assert!(scene.stub.lock().recalled - before <= 1_000);
}

struct Source(&'static str);

impl TokenSource for Source {
    fn token(&self, _rejected: Option<String>) -> BoxFuture<'_, Result<String, BackendError>> {
        let token = if self.0.is_empty() { Err(BackendError::Denied("gone".into())) } else { Ok(self.0.to_owned()) };
        Box::pin(async { token })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_shares_a_folder_gives_a_token_where_the_others_cannot() {
    let stub = Stub::start("postgres://nowhere").await;
    let dir = tempfile::tempdir().unwrap();
    let backend = json!({
        "url": stub.url, "orgId": ORG, "token": null, "apiKey": null, "project": "test", "timeoutMs": 2_000,
    });
    let options = support::options(&json!({ "backend": backend }));
    let share = |token| Handle::open(dir.path(), &options, Some(Arc::new(Source(token))), |_| {}).unwrap();
    let (first, second) = (share(""), share(TOKEN));
    let payload = json!({ "claims": [{ "action_name": "price", "query_id": "0190b3b0-0000-7000-8000-00000000ffff",
        "verification_mode": "field_extraction", "claimed_value": [{ "path": "price", "value": "42" }] }] });
    let message = async |engine: &Arc<Engine>| {
        let options = serde_json::from_value(evaluate_options(&json!({ "allowBackendTrust": true }))).unwrap();
        let verdict = engine.evaluate(&payload.to_string(), &options).await.unwrap();
        reasons(&serde_json::from_str(&verdict).unwrap())[0].1.clone()
    };
    let said = message(first.engine()).await;
    assert!(said.contains("404"), "it was let in, and has no such record: {said}");
    stub.lock().tokens.clear();
    assert!(second.close(Duration::from_secs(10)));
    let said = message(first.engine()).await;
    assert!(said.contains("credentials: gone"), "who closed is not asked any more: {said}");
    assert!(first.close(Duration::from_secs(10)));
}
