//! Payloads whose bundles stand under checkpoints of their own, as a busy server gives them.

mod support;

use serde_json::{Value, json};
use support::{build_options, evaluate_options, exchange, open, reasons};
use vouchsafe_core::row::Kind;
use vouchsafe_engine::{checkpoint_json, evaluate_offline};

/// A payload of two claims, the first on a bundle under an older checkpoint of its own.
struct Scene {
    payload: Value,
    vkey: String,
    older: Value,
    newer: Value,
    /// A checkpoint that both extend.
    first: Value,
    /// The proof of it for the older one.
    consistency: Value,
}

async fn scene() -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let (handle, _) = open(dir.path(), &json!({}));
    let engine = handle.engine();
    engine.record(exchange(Kind::Http, "0"));
    let first = serde_json::to_value(checkpoint_json(&engine.commit().await.unwrap())).unwrap();
    let mut payloads = Vec::new();
    for n in [1, 2] {
        let mut one = exchange(Kind::Http, &n.to_string());
        one.action_name = Some(format!("tool {n}"));
        engine.record(one);
        let claims = json!([{ "action": format!("tool {n}"), "equals": n }]).to_string();
        let after = build_options(&json!({ "after": first }));
        let payload: Value = serde_json::from_str(&engine.build(&claims, &after).await.unwrap()).unwrap();
        payloads.push(payload);
    }
    let vkey = engine.vkey().unwrap();
    let [older, mut payload] = <[Value; 2]>::try_from(payloads).unwrap();
    let (id, bundle) = older["proofs"].as_object().unwrap().iter().next().unwrap();
    let mut bundle = bundle.clone();
    (bundle["checkpoint"], bundle["seal"]) = (older["checkpoint"].clone(), older["seal"].clone());
    payload["proofs"][id] = bundle;
    payload["circumstances"][id] = older["circumstances"][id].clone();
    payload["claims"].as_array_mut().unwrap().insert(0, older["claims"][0].clone());
    let (consistency, newer) = (older["consistency"].clone(), payload["checkpoint"].clone());
    Scene { payload, vkey, older: older["checkpoint"].clone(), newer, first, consistency }
}

impl Scene {
    fn id(&self) -> String {
        self.payload["claims"][0]["query_id"].as_str().unwrap().to_owned()
    }

    fn evaluated(&self, with: &Value) -> Value {
        let mut options = json!({ "verifierKeys": [self.vkey], "bundles": true });
        options.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        let verdict = evaluate_offline(&self.payload.to_string(), &evaluate_options(&options).to_string()).unwrap();
        serde_json::from_str(&verdict).unwrap()
    }

    fn reasons(&self, with: &Value) -> Vec<String> {
        reasons(&self.evaluated(with)).into_iter().map(|(reason, _)| reason).collect()
    }
}

#[tokio::test]
async fn each_bundle_is_checked_against_its_own_checkpoint() {
    let mut scene = scene().await;
    let verdict = scene.evaluated(&json!({}));
    assert_eq!(verdict["outcome"], "PASS", "{verdict}");
    assert_eq!(verdict["checkpoint"]["note"], scene.newer);
    let note_of = |claim: usize| -> Value {
        let bundle: Value =
            serde_json::from_str(verdict["claims"][claim]["proof"]["bundle"].as_str().unwrap()).unwrap();
        bundle["checkpoint"].clone()
    };
    assert_eq!([note_of(0), note_of(1)], [scene.older.clone(), scene.newer.clone()]);

    // The proof is of the older tree, so that under the newer one alone it shows nothing.
    let (id, newer, seal) = (scene.id(), scene.newer.clone(), scene.payload["seal"].clone());
    let own = scene.payload["proofs"][&id].clone();
    (scene.payload["proofs"][&id]["checkpoint"], scene.payload["proofs"][&id]["seal"]) = (newer, seal);
    assert_ne!(scene.reasons(&json!({}))[0], "supported");
    scene.payload["proofs"][&id] = own;
    scene.payload["proofs"][&id].as_object_mut().unwrap().remove("seal");
    assert_eq!(scene.reasons(&json!({})), ["unverifiable", "supported"]);
}

#[tokio::test]
async fn no_checkpoint_of_a_bundle_counts_that_the_evaluator_would_not_take_for_all() {
    let mut scene = scene().await;
    let note = scene.older.as_str().unwrap().to_owned();
    let signature = note.rfind(' ').unwrap() + 10;
    let other = if &note[signature..=signature] == "A" { "B" } else { "A" };
    let id = scene.id();
    for (changed, reason) in [
        (format!("{}{other}{}", &note[..signature], &note[signature + 1..]), "proof_invalid"),
        (note.replace("vouchsafe.local/", "elsewhere.example/"), "unverifiable"),
    ] {
        scene.payload["proofs"][&id]["checkpoint"] = changed.into();
        assert_eq!(scene.reasons(&json!({})), [reason, "supported"]);
    }
    scene.payload["proofs"][&id]["checkpoint"] = note.into();
    assert_eq!(scene.reasons(&json!({ "maxCheckpointAgeMs": 0.0 })), ["stale", "stale"]);
    assert_eq!(scene.reasons(&json!({ "verifierKeys": [] })), ["unverifiable", "unverifiable"]);
}

#[tokio::test]
async fn each_checkpoint_is_shown_to_extend_the_one_asked_for() {
    let mut scene = scene().await;
    let after = json!({ "after": scene.first });
    assert_eq!(scene.reasons(&after), ["unverifiable", "supported"], "the shared proof is of the newer one");
    let id = scene.id();
    scene.payload["circumstances"][&id]["consistency"] = scene.consistency.clone();
    assert_eq!(scene.reasons(&after), ["supported", "supported"]);
}
