//! Which of several candidates decides.

use crate::scene::{CALL, Scene, answered, id};
use serde_json::{Value, json};
use vouchsafe_core::exchange::Exchange;
use vouchsafe_core::row::Kind;
use vouchsafe_core::verdict::Reason;

fn rows(responses: &[&str]) -> Vec<Exchange> {
    (1..).zip(responses).map(|(n, response)| Exchange { id: Some(id(n)), ..answered(response) }).collect()
}

fn decided(scene: &Scene, claim: &Value) -> (Reason, Option<usize>) {
    (scene.reason(claim), scene.judge(claim).evidence)
}

#[test]
fn of_a_call_the_last_exchange_that_supports_is_the_evidence() {
    let scene = Scene::of(rows(&["1", "2", "1", "3"]));
    for claim in [json!({"callRef": CALL, "equals": 1}), json!({"toolCallId": "tool-call", "equals": 1})] {
        assert_eq!(decided(&scene, &claim), (Reason::Supported, Some(2)));
    }
    assert_eq!(decided(&scene, &json!({"callRef": CALL, "equals": 9})), (Reason::Contradicted, Some(3)));
    assert_eq!(scene.judge(&json!({"callRef": CALL, "equals": 9})).candidates, 4);
}

#[test]
fn of_an_action_only_the_last_exchange_counts() {
    let scene = Scene::of(rows(&["1", "2", "3"]));
    for selector in [json!({}), json!({"action": "price"})] {
        let claim = |equals: u8| {
            let mut claim = selector.clone();
            claim["equals"] = json!(equals);
            claim
        };
        assert_eq!(decided(&scene, &claim(3)), (Reason::Supported, Some(2)));
        assert_eq!(decided(&scene, &claim(9)), (Reason::Contradicted, Some(2)));
        let judgement = scene.judge(&claim(1));
        assert_eq!((judgement.reason, judgement.evidence), (Reason::Contradicted, Some(2)));
        assert!(judgement.message.contains(&format!("row {}, supports it", id(1))), "{}", judgement.message);
        assert!(!scene.judge(&claim(9)).message.contains("earlier"));
    }
}

#[test]
fn followed_redirects_and_retried_attempts_do_not_count() {
    let mut exchanges = rows(&["1", "2", "3"]);
    exchanges[1].parent = Some(id(1));
    exchanges[2].parent = Some(id(2));
    let scene = Scene::of(exchanges);
    assert_eq!(decided(&scene, &json!({"callRef": CALL, "equals": 1})), (Reason::Contradicted, Some(2)));
    assert_eq!(decided(&scene, &json!({"callRef": CALL, "equals": 3})), (Reason::Supported, Some(2)));
    assert_eq!(scene.judge(&json!({"callRef": CALL, "equals": 3})).candidates, 1);
    assert!(!scene.judge(&json!({"equals": 1})).message.contains("earlier"));
}

#[test]
fn a_call_of_which_one_exchange_cannot_be_read_is_not_caught() {
    let mut exchanges = rows(&["1", "2"]);
    exchanges[0].response.as_mut().expect("a body").truncated = true;
    let scene = Scene::of(exchanges);
    assert_eq!(decided(&scene, &json!({"callRef": CALL, "equals": 9})), (Reason::Unverifiable, Some(0)));
    assert_eq!(decided(&scene, &json!({"callRef": CALL, "equals": 2})), (Reason::Supported, Some(1)));
}

#[test]
fn a_models_exchange_in_a_call_is_passed_over() {
    let mut exchanges = rows(&["1", "2"]);
    exchanges[1].kind = Kind::Model;
    let scene = Scene::of(exchanges);
    assert_eq!(decided(&scene, &json!({"equals": 1})), (Reason::Supported, Some(0)));
    assert_eq!(decided(&scene, &json!({"callRef": CALL, "equals": 2})), (Reason::Contradicted, Some(0)));
}
