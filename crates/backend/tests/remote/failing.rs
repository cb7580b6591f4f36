use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use vouchsafe_backend::{BackendError, Remote};

use super::{
    setup::{answer, call, options, preprocess, remote, told, within},
    stub::{Act, Behaviour, Request, Stub},
};

fn scripted(script: impl Fn(&Request, usize) -> Act + Send + Sync + 'static) -> Behaviour {
    Behaviour { script: Box::new(script), ..Behaviour::default() }
}

#[tokio::test]
async fn no_request_comes_before_its_retry_after_nor_any_other_to_that_server() {
    let stub = Stub::start(scripted(|_, count| match count {
        2 => Act::Reply(429, "retry-after: 1\r\n", String::new()),
        _ => Act::Answer,
    }))
    .await;
    let remote = remote(&stub);
    let (one, other) = tokio::join!(remote.connect(), async {
        while stub.lines().len() < 3 {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        preprocess(&remote).await.map(drop)
    });
    one.and(other).unwrap();
    let requests = stub.requests();
    assert!(requests[3].at - requests[2].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_retry_after_may_be_a_date_and_one_beyond_the_timeout_ends_the_call_at_once() {
    let stub = Stub::start(scripted(|_, count| {
        // Whole seconds: two from now are more than one.
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
        let header = Box::leak(format!("retry-after: {date}\r\n").into_boxed_str());
        if count == 0 { Act::Reply(503, header, String::new()) } else { Act::Answer }
    }))
    .await;
    remote(&stub).connect().await.unwrap();
    let requests = stub.requests();
    assert!(requests[1].at - requests[0].at >= Duration::from_secs(1));

    let stub = Stub::start(scripted(|_, _| Act::Reply(503, "retry-after: 60\r\n", String::new()))).await;
    let began = Instant::now();
    let refused = remote(&stub).connect().await;
    assert!(matches!(refused, Err(BackendError::Unavailable(said)) if said.contains("503")));
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(stub.lines().len(), 1);
}

#[tokio::test]
async fn with_five_requests_a_second_everything_completes() {
    let allowed = Mutex::new((Instant::now(), 0));
    let refused = AtomicUsize::new(0);
    let stub = Stub::start(scripted(move |_, _| {
        let mut allowed = allowed.lock().unwrap();
        if allowed.0.elapsed() >= Duration::from_secs(1) {
            *allowed = (Instant::now(), 0);
        }
        allowed.1 += 1;
        if allowed.1 <= 5 {
            return Act::Answer;
        }
        refused.fetch_add(1, Ordering::Relaxed);
        Act::Reply(429, "retry-after: 1\r\n", r#"{"description": "five a second"}"#.into())
    }))
    .await;
    let remote = within(&stub, Duration::from_mins(1));
    preprocess(&remote).await.unwrap();
    let answers = futures_util::future::join_all((0..4).map(|n| answer(&remote, call(n)))).await;
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(told(answer.unwrap()), format!(r#"{{"call":"00000000-0000-4000-8000-{n:012}"}}"#));
    }
}

#[tokio::test]
async fn with_thirty_percent_of_503_and_of_resets_the_answers_are_right() {
    let random = Mutex::new(fastrand::Rng::with_seed(11));
    let stub = Stub::start(scripted(move |_, _| match random.lock().unwrap().u32(..10) {
        0 => Act::Reply(503, "", "not now".into()),
        1 => Act::Reset,
        2 => Act::ResetInBody,
        _ => Act::Answer,
    }))
    .await;
    let remote = within(&stub, Duration::from_mins(1));
    preprocess(&remote).await.unwrap();
    let answers = futures_util::future::join_all((0..30).map(|n| answer(&remote, call(n)))).await;
    for (n, answer) in answers.into_iter().enumerate() {
        assert_eq!(told(answer.unwrap()), format!(r#"{{"call":"00000000-0000-4000-8000-{n:012}"}}"#));
    }
    let lines = stub.lines();
    assert!(lines.iter().filter(|line| line.starts_with("POST /middlewares/m-1/databases")).count() >= 1);
}

#[tokio::test]
async fn what_may_have_been_created_is_looked_for_before_it_is_created_again() {
    let stub = Stub::start(scripted(|request, count| match request.line.as_str() {
        "POST /collections" if count < 8 => Act::Reset,
        _ => Act::Answer,
    }))
    .await;
    remote(&stub).connect().await.unwrap();
    let lines = stub.lines();
    let place = lines.iter().position(|line| line == "POST /collections").unwrap();
    assert_eq!(lines[place + 1..place + 3], ["GET /collections", "POST /collections"]);
}

#[tokio::test]
async fn a_backend_that_is_gone_is_unavailable_within_the_timeout() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let remote = Remote::new(options(&url, Duration::from_millis(700)), None).unwrap();
    let began = Instant::now();
    let gone = remote.connect().await;
    assert!(matches!(gone, Err(BackendError::Unavailable(_))), "{gone:?}");
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(remote.traffic_retries() > 0);
}

#[tokio::test]
async fn a_server_that_hangs_up_on_tls_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let hanging_up = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let remote = Remote::new(options(&url, Duration::from_millis(300)), None).unwrap();
    let failed = remote.connect().await;
    hanging_up.abort();
    assert!(matches!(failed, Err(BackendError::Unavailable(_))), "{failed:?}");
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_and_a_password_never_shown() {
    for url in ["ftp://example.com", "nowhere", "http://"] {
        assert!(Remote::new(options(url, Duration::from_secs(1)), None).is_err(), "{url}");
    }
    let mut options = options("http://example.com", Duration::from_secs(1));
    options.database = Some("mysql://me:secret@host/db".into());
    let refused = Remote::new(options, None).err().unwrap().to_string();
    assert!(!refused.contains("secret"), "{refused}");
}

#[tokio::test]
async fn calls_that_wait_for_anothers_handshake_end_in_time_too() {
    let stub = Stub::start(scripted(|_, _| Act::Hang)).await;
    let remote = within(&stub, Duration::from_millis(400));
    let began = Instant::now();
    let calls = futures_util::future::join_all((0..5).map(|_| remote.connect())).await;
    assert!(calls.iter().all(Result::is_err));
    assert!(began.elapsed() < Duration::from_millis(800), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_backend_that_hangs_or_dribbles_is_given_up_within_the_timeout() {
    for slow in [|| Act::Hang, || Act::SlowHeaders] {
        let stub = Stub::start(scripted(move |_, _| slow())).await;
        let began = Instant::now();
        let failed = within(&stub, Duration::from_millis(600)).connect().await;
        assert!(matches!(failed, Err(BackendError::TimedOut(_))), "{failed:?}");
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        // One that hangs once does not cost the call.
        let stub = Stub::start(scripted(move |_, count| if count == 0 { slow() } else { Act::Answer })).await;
        within(&stub, Duration::from_secs(3)).connect().await.unwrap();
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_ends_its_requests() {
    let stub = Stub::start(scripted(|_, _| Act::Hang)).await;
    let remote = remote(&stub);
    let connecting = tokio::spawn(async move { remote.connect().await });
    while stub.open() == 0 {
        tokio::task::yield_now().await;
    }
    connecting.abort();
    let ended = async {
        while stub.open() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), ended).await.unwrap();
    assert_eq!(stub.lines().len(), 1);
}

#[tokio::test]
async fn bodies_that_are_empty_no_json_or_huge_are_errors_of_the_protocol() {
    let huge = format!("\"{}\"", "a".repeat(65 << 20));
    for body in [String::new(), "<html>".into(), r#"{"query_id": 7}"#.into(), huge] {
        let stub = Stub::start(scripted(move |request, _| match request.line.as_str() {
            "POST /middlewares/m-1/query" => Act::Reply(200, "", body.clone()),
            _ => Act::Answer,
        }))
        .await;
        let failed = answer(&remote(&stub), call(1)).await;
        assert!(matches!(failed, Err(BackendError::Protocol(_))), "{:?}", failed.err());
    }
}

trait Retries {
    fn traffic_retries(&self) -> u64;
}

impl Retries for Remote {
    fn traffic_retries(&self) -> u64 {
        vouchsafe_backend::Backend::traffic(self).unwrap().retries
    }
}
