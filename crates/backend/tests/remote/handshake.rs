use std::sync::{Arc, atomic::Ordering};

use serde_json::json;
use vouchsafe_backend::{Auth, Backend, BackendError, Remote};

use super::{
    setup::{Shipped, Tokens, answer, call, options, preprocess, remote},
    stub::{Act, Behaviour, Ours, Stub},
};

const CREATING: [&str; 8] = [
    "GET /middlewares",
    "GET /middlewares/m-1/databases",
    "POST /middlewares/m-1/databases",
    "GET /data",
    "GET /collections",
    "GET /middlewares/m-1/databases/d-1/schemas/s-1/tables/t-1/columns",
    "POST /collections",
    "POST /integrations/ensure",
];

#[tokio::test]
async fn the_handshake_creates_what_is_missing_in_the_protocols_order_and_once() {
    let stub = Stub::start(Behaviour::default()).await;
    let remote = remote(&stub);
    remote.connect().await.unwrap();
    assert_eq!(stub.lines(), CREATING);
    let database = &stub.requests()[2].body;
    assert_eq!((&database["uri"], &database["password"]), (&"db.example:6432".into(), &"se cret".into()));
    assert_eq!(stub.requests()[6].body["enabled_columns"], serde_json::json!([{ "id": "c-1" }]));
    assert_eq!(remote.integration_key().as_deref(), Some("i-key"));
    remote.connect().await.unwrap();
    assert_eq!(stub.lines().len(), 8);
    let second = super::setup::remote(&stub);
    second.connect().await.unwrap();
    let finding = ["GET /middlewares", "GET /middlewares/m-1/databases", "GET /data", "GET /collections"];
    assert_eq!(stub.lines()[8..12], finding);
}

#[tokio::test]
async fn our_own_server_finds_the_database_by_more_than_its_name() {
    let stub = Stub::start(Behaviour { ours: Some(Ours::default()), ..Behaviour::default() }).await;
    remote(&stub).connect().await.unwrap();
    remote(&stub).connect().await.unwrap();
    let of_databases = |line: &&String| line.ends_with("/databases");
    assert!(stub.lines().iter().filter(of_databases).all(|line| line.starts_with("POST")));
    assert_eq!(stub.lines().iter().filter(of_databases).count(), 2);
}

#[tokio::test]
async fn a_database_elsewhere_and_a_collection_of_another_table_are_not_ours() {
    let lists = |uri: &'static str, table: &'static str| {
        move |request: &super::stub::Request, _: usize| {
            let listed = match request.line.as_str() {
                "GET /middlewares/m-1/databases" => json!([{ "id": "d-1", "name": "agents", "uri": uri }]),
                "GET /collections" => json!([{ "id": "k-1", "name": "project", "table_id": table }]),
                _ => return Act::Answer,
            };
            Act::Reply(200, "", listed.to_string())
        }
    };
    for (uri, table, made) in [
        ("db.example:6432", "t-1", [false, false]),
        ("db.example", "t-1", [true, false]),
        ("db.example:6432", "t-2", [false, true]),
    ] {
        let script = Box::new(lists(uri, table));
        let stub = Stub::start(Behaviour { script, ..Behaviour::default() }).await;
        remote(&stub).connect().await.unwrap();
        let posts = ["POST /middlewares/m-1/databases", "POST /collections"];
        assert_eq!(posts.map(|post| stub.lines().iter().any(|line| line == post)), made, "{uri} {table}");
    }
}

#[tokio::test]
async fn those_who_need_the_ids_at_once_share_one_handshake() {
    let stub = Stub::start(Behaviour::default()).await;
    let remote = remote(&stub);
    let answers = (0..10).map(|n| answer(&remote, call(n)));
    for answer in futures_util::future::join_all(answers).await {
        answer.unwrap();
    }
    for once in CREATING {
        assert_eq!(stub.lines().iter().filter(|line| *line == once).count(), 1, "{once}");
    }
}

#[tokio::test]
async fn only_what_is_needed_is_asked_for_and_the_outbox_first() {
    let stub = Stub::start(Behaviour::default()).await;
    let outbox = Arc::new(Shipped::default());
    let remote = Remote::new(options(&stub.url, std::time::Duration::from_secs(5)), Some(outbox.clone())).unwrap();
    assert!(remote.covering().await.unwrap().is_none());
    preprocess(&remote).await.unwrap();
    assert_eq!(outbox.ticket.load(Ordering::SeqCst), 7);
    assert_eq!(stub.lines()[..4], CREATING[..4]);
    assert!(!stub.lines().iter().any(|line| line.contains("collections") || line.contains("integrations")));
    assert!(remote.covering().await.unwrap().is_some());
    outbox.dirty.store(true, Ordering::SeqCst);
    assert!(remote.covering().await.unwrap().is_none());
}

#[tokio::test]
async fn ids_that_the_server_does_not_know_any_more_are_asked_for_anew() {
    let stub = Stub::start(Behaviour::default()).await;
    let remote = remote(&stub);
    answer(&remote, call(1)).await.unwrap();
    stub.forget();
    answer(&remote, call(2)).await.unwrap();
    assert_eq!(stub.lines().iter().filter(|line| *line == "POST /collections").count(), 2);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_for_all_and_a_second_refusal_is_final() {
    let refuse = |request: &super::stub::Request, _: usize| match request.headers["authorization"].as_str() {
        "Bearer token-2" => Act::Answer,
        _ => Act::Reply(401, "", r#"{"description": "expired"}"#.into()),
    };
    let stub = Stub::start(Behaviour { script: Box::new(refuse), ..Behaviour::default() }).await;
    let tokens = Arc::new(Tokens::default());
    let mut options = options(&stub.url, std::time::Duration::from_secs(5));
    options.auth = Auth::Token(tokens.clone());
    let remote = Remote::new(options.clone(), None).unwrap();
    remote.connect().await.unwrap();
    assert_eq!(*tokens.refused.lock().unwrap(), [None, Some("token-1".to_owned())]);
    // The next tokens are refused too.
    let remote = Remote::new(options, None).unwrap();
    let before = stub.lines().len();
    assert!(matches!(remote.connect().await, Err(BackendError::Denied(said)) if said.contains("expired")));
    assert_eq!(stub.lines().len() - before, 2);
}
