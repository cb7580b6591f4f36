use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use vouchsafe_backend::{Backend, BackendError};

use super::{
    setup::{answer, call, preprocess, remote, told},
    stub::{Behaviour, Ours, Stub},
};

#[tokio::test]
async fn a_round_asks_for_the_query_its_record_and_its_verification_with_the_integrations_key() {
    let stub = Stub::start(Behaviour::default()).await;
    let remote = remote(&stub);
    remote.connect().await.unwrap();
    let before = stub.lines().len();
    assert_eq!(told(answer(&remote, call(3)).await.unwrap()), r#"{"call":"00000000-0000-4000-8000-000000000003"}"#);
    let round = ["POST /middlewares/m-1/query", "GET /queries/q-0", "POST /verify", "GET /queries/q-0"];
    assert_eq!(stub.lines()[before..], round);
    let requests = &stub.requests()[before..];
    assert_eq!(
        requests[0].body["query"],
        "SELECT * FROM intercepts WHERE call_ref = '00000000-0000-4000-8000-000000000003'"
    );
    assert_eq!(
        (requests[0].headers["x-api-key"].as_str(), requests[2].headers["x-api-key"].as_str()),
        ("key-1", "i-key")
    );
    let traffic = remote.traffic().unwrap();
    assert_eq!((traffic.requests, traffic.polls, traffic.retries), (stub.lines().len() as u64, 2, 0));
}

#[tokio::test]
async fn another_servers_preprocess_that_is_under_way_is_waited_for_before_ours_begins() {
    let stub = Stub::start(Behaviour { preprocess: Duration::from_millis(150), ..Behaviour::default() }).await;
    let (one, other) = (remote(&stub), remote(&stub));
    let (one, other) = tokio::join!(preprocess(&one), async {
        while !stub.lines().contains(&"POST /middlewares/m-1/tables/t-1/preprocess".into()) {
            tokio::task::yield_now().await;
        }
        preprocess(&other).await
    });
    assert!(!one.unwrap().is_signed() && !other.unwrap().is_signed());
    let starts: Vec<_> = stub
        .requests()
        .into_iter()
        .filter(|request| request.line.starts_with("POST /middlewares/m-1/tables"))
        .collect();
    assert_eq!(starts.len(), 2);
    assert!(starts[1].at - starts[0].at >= Duration::from_millis(150));
}

#[tokio::test]
async fn our_own_server_is_asked_once_and_holds_its_answer_back() {
    let ours = Ours {
        checkpoint: "log\n2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— log AAAA\n".into(),
        ..Ours::default()
    };
    let behaviour = Behaviour { ours: Some(ours), preprocess: Duration::from_millis(200), ..Behaviour::default() };
    let stub = Stub::start(behaviour).await;
    let remote = remote(&stub);
    let at = preprocess(&remote).await.unwrap();
    assert_eq!((at.checkpoint.size, at.rows, at.is_signed()), (2, 1, true));
    let round: Vec<_> = stub.lines().into_iter().filter(|line| line.ends_with("preprocess")).collect();
    let path = "/middlewares/m-1/tables/t-1/preprocess";
    assert_eq!(round, [format!("POST {path}"), format!("GET {path}")]);
    assert!((190.0..270.0).contains(&remote.completion().preprocess.p50_ms), "{:?}", remote.completion());
}

#[tokio::test]
async fn a_proof_is_generated_where_there_is_none_and_not_asked_for_again_where_that_is_unknown() {
    let slow = Duration::from_millis(120);
    let stub = Stub::start(Behaviour { generates: true, proof: slow, ..Behaviour::default() }).await;
    let known = remote(&stub);
    answer(&known, call(1)).await.unwrap();
    assert_eq!(stub.lines().iter().filter(|line| *line == "POST /generate_proof").count(), 1);
    // Records without a proof on a server that has no such endpoint.
    let without = |request: &super::stub::Request, _: usize| match request.line.as_str() {
        "POST /generate_proof" => super::stub::Act::Reply(404, "", String::new()),
        _ => super::stub::Act::Answer,
    };
    let stub =
        Stub::start(Behaviour { generates: true, proof: slow, script: Box::new(without), ..Behaviour::default() })
            .await;
    let unknown = remote(&stub);
    answer(&unknown, call(1)).await.unwrap();
    answer(&unknown, call(2)).await.unwrap();
    assert_eq!(stub.lines().iter().filter(|line| *line == "POST /generate_proof").count(), 1);
}

#[tokio::test]
async fn never_more_than_eight_requests_are_under_way_and_waiting_holds_none_up() {
    let ms = Duration::from_millis;
    let stub = Stub::start(Behaviour { latency: ms(10), proof: ms(150), ..Behaviour::default() }).await;
    let remote = remote(&stub);
    remote.connect().await.unwrap();
    let answers = futures_util::future::join_all((0..40).map(|n| answer(&remote, call(n)))).await;
    assert!(answers.into_iter().all(|answer| answer.is_ok()));
    assert_eq!(stub.most_in_flight(), 8);
    assert_eq!(remote.traffic().unwrap().max_in_flight, 8);
    // Had those who wait for a proof kept their slots, the ninth query would have come after the first proof.
    let lines = stub.lines();
    let last_query = lines.iter().rposition(|line| line == "POST /middlewares/m-1/query");
    assert!(last_query < lines.iter().position(|line| line == "POST /verify"));
}

#[tokio::test]
async fn the_first_payload_takes_at_most_115_percent_of_its_critical_path() {
    let ms = Duration::from_millis;
    let (latency, preprocessing, proof, verification) = (ms(20), ms(500), ms(100), ms(30));
    // Four requests that start something or look whether it runs, and three that bring the news.
    let path = latency * 7 + preprocessing + proof + verification;
    let mut quickest = Duration::MAX;
    // Whatever else this machine does may delay one, not all.
    for _ in 0..3 {
        let behaviour = Behaviour { latency, preprocess: preprocessing, proof, verification, ..Behaviour::default() };
        let stub = Stub::start(behaviour).await;
        let remote = remote(&stub);
        remote.connect().await.unwrap();
        let began = Instant::now();
        preprocess(&remote).await.unwrap();
        answer(&remote, call(1)).await.unwrap();
        quickest = quickest.min(began.elapsed());
    }
    assert!(quickest < path + ms(110), "{quickest:?} of {path:?}");
}

#[tokio::test]
async fn a_backend_without_proofs_has_neither_seals_nor_consistency() {
    let stub = Stub::start(Behaviour::default()).await;
    let remote = remote(&stub);
    let at = preprocess(&remote).await.unwrap();
    assert!(matches!(remote.seal(&at).await, Err(BackendError::Unsupported(_))));
    assert!(matches!(remote.consistency(1, &at).await, Err(BackendError::Unsupported(_))));
    assert!(Arc::ptr_eq(&remote.hold(Arc::clone(&at)).await.unwrap(), &at));
}
