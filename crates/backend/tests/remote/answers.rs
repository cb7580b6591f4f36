use std::sync::Arc;

use vouchsafe_backend::{At, Backend, BackendError, Fetched, Seen};
use vouchsafe_ledger::{Bundle, Checkpoint};

use super::{
    setup::{answer, call, preprocess, remote, told},
    stub::{Act, Behaviour, Ours, Request, Stub},
    support::{Opened, exchange},
};

/// A bundle that stands alone, of the first row of a new store.
async fn bundle() -> Bundle {
    let make = || {
        let dir = tempfile::tempdir().unwrap();
        let store = Opened::new(dir.path(), None).unwrap();
        let id = "00000000-0000-4000-8000-000000000001";
        let mut exchange = exchange("agent", "17");
        (exchange.id, exchange.call_ref) = (Some(id.into()), Some(id.into()));
        store.writer.record(exchange);
        let at = store.commit().unwrap();
        let (mut bundle, seal) = store.ask(call(1), &at).unwrap();
        (bundle.checkpoint, bundle.seal) = (Some(at.note.clone()), Some(seal));
        store.close();
        bundle
    };
    tokio::task::spawn_blocking(make).await.unwrap()
}

async fn ours(bundle: &Bundle, detail: Option<&'static str>) -> Stub {
    let checkpoint = bundle.checkpoint.clone().unwrap();
    let ours = Ours { checkpoint, bundle: serde_json::to_string(bundle).unwrap(), detail };
    let proof_status = if detail.is_some() { "Failed" } else { "Completed" };
    Stub::start(Behaviour { ours: Some(ours), proof_status, ..Behaviour::default() }).await
}

#[tokio::test]
async fn our_own_server_answers_with_a_bundle_that_stands_alone_and_verifies_nothing() {
    let bundle = bundle().await;
    let stub = ours(&bundle, None).await;
    let remote = remote(&stub);
    let at = preprocess(&remote).await.unwrap();
    assert_eq!(Some(&at.note), bundle.checkpoint.as_ref());
    let Fetched::Proven(fetched) = answer(&remote, call(1)).await.unwrap() else { panic!("it is proven") };
    assert_eq!(fetched, bundle);
    assert!(!stub.lines().contains(&"POST /verify".into()));
    assert!(matches!(answer(&remote, call(2)).await, Err(BackendError::Protocol(_))));
}

#[tokio::test]
async fn a_bundle_without_its_own_checkpoint_and_seal_is_none() {
    let whole = bundle().await;
    for (checkpoint, seal) in [(None, whole.seal.clone()), (whole.checkpoint.clone(), None)] {
        let mut bundle = whole.clone();
        (bundle.checkpoint, bundle.seal) = (checkpoint, seal);
        let ours = Ours {
            checkpoint: whole.checkpoint.clone().unwrap(),
            bundle: serde_json::to_string(&bundle).unwrap(),
            detail: None,
        };
        let stub = Stub::start(Behaviour { ours: Some(ours), ..Behaviour::default() }).await;
        assert!(matches!(answer(&remote(&stub), call(1)).await, Err(BackendError::Protocol(_))));
    }
}

#[tokio::test]
async fn a_proof_that_failed_is_shown_where_it_fails_by_itself_and_else_is_the_servers_word() {
    let mut edited = bundle().await;
    let stub = ours(&edited, Some("the row was changed")).await;
    let refuted = answer(&remote(&stub), call(1)).await;
    assert!(matches!(refuted, Err(BackendError::Refuted(detail)) if detail == "the row was changed"));

    edited.rows[0].fields.response.as_mut().unwrap().bytes = b"18".to_vec();
    let stub = ours(&edited, Some("the row was changed")).await;
    assert!(matches!(answer(&remote(&stub), call(1)).await, Ok(Fetched::Proven(shown)) if shown == edited));

    // Gone: there is nothing to show.
    let gone = Ours { checkpoint: edited.checkpoint.unwrap(), bundle: String::new(), detail: Some("the row is gone") };
    let stub = Stub::start(Behaviour { ours: Some(gone), proof_status: "Failed", ..Behaviour::default() }).await;
    assert!(
        matches!(answer(&remote(&stub), call(1)).await, Err(BackendError::Refuted(detail)) if detail == "the row is gone")
    );
}

#[tokio::test]
async fn of_a_failed_proof_only_a_row_that_is_gone_is_refuted_without_being_shown() {
    let whole = bundle().await;
    for status in [400, 401, 403, 404, 408, 410, 413, 418] {
        let ours = Ours {
            checkpoint: whole.checkpoint.clone().unwrap(),
            bundle: serde_json::to_string(&whole).unwrap(),
            detail: Some("the row was changed"),
        };
        let script = Box::new(move |request: &Request, _: usize| match request.line.as_str() {
            "GET /proof" => Act::Reply(status, "vouchsafe-server: 0.1.0\r\n", "{}".into()),
            _ => Act::Answer,
        });
        let behaviour = Behaviour { ours: Some(ours), proof_status: "Failed", script, ..Behaviour::default() };
        let failed = answer(&remote(&Stub::start(behaviour).await), call(1)).await;
        assert!(
            matches!(failed, Err(BackendError::Denied(_) | BackendError::Protocol(_))),
            "{status}: {:?}",
            failed.map(drop)
        );
    }
}

#[tokio::test]
async fn a_bundle_of_another_log_or_of_an_older_state_is_none() {
    let mut edited = bundle().await;
    edited.rows[0].fields.response.as_mut().unwrap().bytes = b"18".to_vec();
    for (shown, detail) in [(bundle().await, None), (edited, Some("the row was changed"))] {
        let stub = ours(&shown, detail).await;
        let remote = remote(&stub);
        let at = preprocess(&remote).await.unwrap();
        let Checkpoint { origin, size, root } = at.checkpoint.clone();
        let states = [
            (Checkpoint { origin: "another".into(), size, root }, Some("another log")),
            (Checkpoint { origin: origin.clone(), size: size + 1, root }, Some("before")),
            (Checkpoint { origin: origin.clone(), size, root: [7; 32] }, Some("another state")),
            (Checkpoint { origin: origin.clone(), size: size - 1, root: [7; 32] }, None),
            (Checkpoint { origin, size, root }, None),
        ];
        for (checkpoint, refused) in states {
            let at = Arc::new(At::new(checkpoint, at.note.clone(), at.rows));
            let record = remote.query(call(1), 100, at).await.unwrap();
            let proof = remote.prove(&record).await.unwrap();
            match (remote.fetch(&record, proof).await, refused) {
                (Ok(Fetched::Proven(fetched)), None) => assert_eq!(fetched, shown),
                (Err(BackendError::Protocol(said)), Some(why)) => assert!(said.contains(why), "{said}"),
                (other, refused) => panic!("{refused:?}: {:?}", other.map(drop)),
            }
        }
    }
}

#[tokio::test]
async fn another_servers_failed_verification_refutes_and_its_failed_proof_is_trouble() {
    let stub = Stub::start(Behaviour { verdict: "Failed", ..Behaviour::default() }).await;
    assert!(matches!(answer(&remote(&stub), call(1)).await, Err(BackendError::Refuted(_))));
    let stub = Stub::start(Behaviour { proof_status: "Failed", ..Behaviour::default() }).await;
    assert!(matches!(answer(&remote(&stub), call(1)).await, Err(BackendError::Unavailable(_))));
}

#[tokio::test]
async fn rows_that_do_not_answer_the_query_are_refused() {
    let stub = Stub::start(Behaviour {
        script: Box::new(|request, _| match request.line.as_str() {
            "GET /queries/q-0" => Act::Reply(200, "", ANOTHER.into()),
            _ => Act::Answer,
        }),
        ..Behaviour::default()
    })
    .await;
    assert!(
        matches!(answer(&remote(&stub), call(1)).await, Err(BackendError::Protocol(said)) if said.contains("another"))
    );
}

const ANOTHER: &str = r#"{"proof": {"id": "q-0", "status": "Completed", "verification_status": "Verified"},
    "result": {"type": "resultset", "value": {"columns": [{"name": "ID"}, {"name": "agent_id"}, {"name": "action_name"},
    {"name": "source_url"}, {"name": "request_payload"}, {"name": "raw_response"}, {"name": "created_at"}],
    "rows": [["00000000-0000-4000-8000-000000000009", "a", "b", "https://example.com", "{}", "1", "2026-01-01 00:00:00"]]}}}"#;

#[tokio::test]
async fn a_record_that_somebody_else_made_is_recalled_by_its_own_sql() {
    let stub = Stub::start(Behaviour::default()).await;
    let maker = remote(&stub);
    let record = maker.query(call(5), 1, At::unsigned().into()).await.unwrap();
    let evaluator = remote(&stub);
    let recalled = evaluator.recall(&record.id).await.unwrap();
    assert!(matches!(&recalled, Fetched::Told(told) if told.query == call(5)));
    assert_eq!(told(recalled), r#"{"call":"00000000-0000-4000-8000-000000000005"}"#);
    assert!(matches!(evaluator.recall("q-9").await, Err(BackendError::Protocol(_))));
    assert!(matches!(evaluator.recall("../x").await, Err(BackendError::Protocol(_))));
}

#[tokio::test]
async fn the_newest_row_of_an_agents_action_is_the_last_of_the_answer_that_is_its_own() {
    let stub = Stub::start(Behaviour::default()).await;
    let remote = remote(&stub);
    let at = At::unsigned();
    let Some(Seen { row, ended_us }) = remote.newest_of("agent", Some("it's"), &at).await.unwrap() else {
        panic!("there is one")
    };
    assert_eq!((row.as_str(), ended_us), ("00000000-0000-4000-8000-000000000001", 1_790_000_000_000_000));
    assert!(remote.newest_of("nobody", Some("look"), &at).await.unwrap().is_none());
    assert!(remote.newest_of("nobody", None, &at).await.unwrap().is_none());
}
