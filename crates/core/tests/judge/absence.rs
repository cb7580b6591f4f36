//! What it means that nothing answers.

use crate::scene::{CALL, Scene, answered};
use serde_json::json;
use vouchsafe_core::exchange::Exchange;
use vouchsafe_core::judge::Situation;
use vouchsafe_core::row::Kind;
use vouchsafe_core::verdict::Reason;

#[test]
fn nothing_recorded_is_no_evidence_only_under_a_watching_recorder() {
    for (watched, open, older, reason, says) in [
        (true, false, None, Reason::NoEvidence, "No exchange was recorded for action `price` of agent `me`"),
        (true, false, Some("last seen 3 days ago, in another run"), Reason::NoEvidence, "last seen 3 days ago"),
        (false, false, None, Reason::Unverifiable, "not watching"),
        (false, false, Some("last seen 3 days ago, in another run"), Reason::Unverifiable, "not watching"),
        (true, true, None, Reason::Unverifiable, "has not ended"),
    ] {
        let mut scene = Scene::of([]);
        scene.situation = Situation { watched, open, older: older.map(str::to_owned), bound_run: None };
        let claim = json!({"action": "price", "agentId": "me", "equals": 1});
        let judgement = scene.judge(&claim);
        assert_eq!(scene.reason(&claim), reason);
        assert!(judgement.message.contains(says), "{}", judgement.message);
        assert_eq!((judgement.evidence, judgement.candidates, judgement.actual), (None, 0, None));
    }
}

#[test]
fn the_sentence_names_what_was_sought() {
    for (claim, says) in [
        (json!({"rowId": "r", "equals": 1}), "row r"),
        (json!({"callRef": "c", "equals": 1}), "call c"),
        (json!({"toolCallId": "t", "equals": 1}), "tool call t"),
        (json!({"equals": 1}), "any action in this run"),
    ] {
        let message = Scene::of([]).judge(&claim).message;
        assert!(message.contains(says), "{message}");
    }
}

#[test]
fn a_row_of_another_run_is_no_evidence_where_the_evaluator_binds_the_run() {
    let mut scene = Scene::of([answered("42")]);
    scene.situation.bound_run = Some("another".to_owned());
    for claim in [
        json!({"callRef": CALL, "equals": 42}),
        json!({"equals": 42}),
        json!({"rowId": scene.rows[0].row.id, "equals": 42}),
    ] {
        let judgement = scene.judge(&claim);
        assert_eq!(judgement.reason, Reason::NoEvidence);
        assert!(judgement.message.contains("another run"), "{}", judgement.message);
    }
    scene.situation.watched = false;
    assert_eq!(scene.reason(&json!({"callRef": CALL, "equals": 42})), Reason::NoEvidence);
    scene.situation.bound_run = Some("run".to_owned());
    assert_eq!(scene.reason(&json!({"callRef": CALL, "equals": 42})), Reason::Supported);
}

#[test]
fn a_gap_is_no_evidence() {
    let scene = Scene::of([Exchange { kind: Kind::Gap, ..answered("42") }]);
    assert_eq!(scene.reason(&json!({"rowId": scene.rows[0].row.id, "equals": 42})), Reason::NoEvidence);
}

#[test]
fn an_open_exchange_could_still_speak() {
    let mut scene = Scene::of([answered("42")]);
    scene.situation.open = true;
    assert_eq!(scene.reason(&json!({"callRef": CALL, "equals": 42})), Reason::Supported);
    assert_eq!(scene.reason(&json!({"callRef": CALL, "equals": 41})), Reason::Unverifiable);
    assert_eq!(scene.reason(&json!({"equals": 42})), Reason::Unverifiable);
    assert_eq!(scene.reason(&json!({"action": "price", "equals": 41})), Reason::Unverifiable);
}
