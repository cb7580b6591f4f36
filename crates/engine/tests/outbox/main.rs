//! The outbox over a real Postgres: away and back, several processes, killed in between.

#[path = "../support/mod.rs"]
mod support;

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use support::{exchange, now_us, open, rows_of, table, table_of, until};
use vouchsafe_core::row::Kind;
use vouchsafe_pg_test::{Cluster, ClusterOptions};

const CHILD: &str = "--record-until-killed";
const ROUNDS: u64 = 6;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, dir, url] = arguments.as_slice()
        && flag == CHILD
    {
        return record_until_killed(Path::new(dir), url);
    }
    // The harness lists tests before it runs them.
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    // Synced, because it is made to crash: what it forgot then would be missing for good.
    let cluster = match Cluster::start_with(&ClusterOptions { fsync: true, ..ClusterOptions::default() }) {
        Ok(cluster) => cluster,
        Err(reason) => return println!("skipped, no PostgreSQL: {reason}"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        rows_arrive_in_order_and_once_however_often_postgres_goes_away(&cluster).await;
        println!("rows_arrive_in_order_and_once_however_often_postgres_goes_away ... ok");
        rows_that_wait_survive_retention_and_rows_that_arrived_do_not(&cluster).await;
        println!("rows_that_wait_survive_retention_and_rows_that_arrived_do_not ... ok");
        what_a_folder_had_committed_itself_stays_its_own(&cluster).await;
        println!("what_a_folder_had_committed_itself_stays_its_own ... ok");
        a_damaged_row_keeps_no_later_one_back(&cluster).await;
        println!("a_damaged_row_keeps_no_later_one_back ... ok");
        processes_that_share_a_folder_and_are_killed_lose_and_double_nothing(&cluster).await;
        println!("processes_that_share_a_folder_and_are_killed_lose_and_double_nothing ... ok ({ROUNDS} rounds)");
    });
}

fn outages(events: &support::Events) -> usize {
    events.lock().unwrap().iter().filter(|event| *event == "storeUnavailable STORE_UNAVAILABLE").count()
}

async fn rows_arrive_in_order_and_once_however_often_postgres_goes_away(cluster: &Cluster) {
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.url(&cluster.create_database()));
    cluster.stop();
    let (handle, events) = open(dir.path(), &json!({ "postgresUrl": url }));
    let engine = handle.engine();
    let mut recorded = 0;
    for outage in 1..=2 {
        let began = Instant::now();
        for kind in [Kind::Http, Kind::Tool, Kind::Model].into_iter().cycle().take(300) {
            engine.record(exchange(kind, &format!("{{\"n\": {recorded}}}")));
            recorded += 1;
        }
        assert!(began.elapsed() < Duration::from_secs(1), "recording does not wait: {:?}", began.elapsed());
        engine.flush().await.unwrap();
        until("the outage is told", || outages(&events) == outage).await;
        // A fence is told as well, and so is the verdict; neither waits for the outage to end.
        let error = engine.commit().await.unwrap_err();
        assert_eq!(error.code, "STORE_UNAVAILABLE");
        assert!(!error.message.contains(Cluster::PASSWORD), "{error}");
        assert_eq!(outages(&events), outage, "once an outage");

        cluster.start_again().unwrap();
        let arrived = table_of(&url, recorded).await;
        let ids: Vec<&String> = arrived.iter().map(|(id, _)| id).collect();
        let own = rows_of(dir.path());
        assert_eq!(ids, own.iter().collect::<Vec<_>>(), "in the folder's order, each once");
        assert_eq!(arrived[0].1, r#"{"n": 0}"#);
        if outage == 1 {
            cluster.stop();
        }
    }
    assert!(handle.close(Duration::from_secs(10)));
}

async fn rows_that_wait_survive_retention_and_rows_that_arrived_do_not(cluster: &Cluster) {
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.url(&cluster.create_database()));
    let with = json!({ "postgresUrl": url, "retentionDays": 0.0 });
    let (handle, _) = open(dir.path(), &with);
    handle.engine().record(exchange(Kind::Http, "1"));
    table_of(&url, 1).await;
    assert!(handle.close(Duration::from_secs(10)));

    cluster.stop();
    let (handle, _) = open(dir.path(), &with);
    handle.engine().record(exchange(Kind::Http, "2"));
    handle.engine().flush().await.unwrap();
    assert!(handle.close(Duration::from_secs(10)));
    vouchsafe_engine::folder::prune_store(dir.path(), 0.0, u64::MAX).unwrap();
    let bodies = |dir: &Path| -> Vec<bool> {
        let database = rusqlite::Connection::open(dir.join("vouchsafe.db")).unwrap();
        let mut select = database.prepare("SELECT response IS NOT NULL FROM intercepts ORDER BY row_seq").unwrap();
        select.query_map([], |sql| sql.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(bodies(dir.path()), [false, true]);

    cluster.start_again().unwrap();
    let (handle, _) = open(dir.path(), &with);
    let arrived = table_of(&url, 2).await;
    assert_eq!(arrived[1].1, "2", "with its body, by the next process that opens the folder");
    assert!(handle.close(Duration::from_secs(10)));
}

async fn what_a_folder_had_committed_itself_stays_its_own(cluster: &Cluster) {
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.url(&cluster.create_database()));
    let (handle, _) = open(dir.path(), &json!({}));
    handle.engine().record(exchange(Kind::Http, "\"before\""));
    handle.engine().commit().await.unwrap();
    assert!(handle.close(Duration::from_secs(10)));

    let (handle, _) = open(dir.path(), &json!({ "postgresUrl": url }));
    handle.engine().record(exchange(Kind::Http, "\"after\""));
    let arrived = table_of(&url, 1).await;
    assert_eq!(arrived.iter().map(|(_, response)| response.as_str()).collect::<Vec<_>>(), ["\"after\""]);
    assert!(handle.close(Duration::from_secs(10)));
}

async fn a_damaged_row_keeps_no_later_one_back(cluster: &Cluster) {
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.url(&cluster.create_database()));
    cluster.stop();
    let with = json!({ "postgresUrl": url });
    let (handle, _) = open(dir.path(), &with);
    for n in 0..3 {
        handle.engine().record(exchange(Kind::Http, &n.to_string()));
    }
    handle.engine().flush().await.unwrap();
    assert!(handle.close(Duration::from_secs(10)));
    let database = rusqlite::Connection::open(dir.path().join("vouchsafe.db")).unwrap();
    let damage = "UPDATE intercepts SET redacted = 'x' WHERE row_seq = 1";
    assert_eq!(database.execute(damage, []).unwrap(), 1);
    drop(database);

    cluster.start_again().unwrap();
    let (handle, events) = open(dir.path(), &with);
    handle.engine().record(exchange(Kind::Http, "3"));
    let arrived = table_of(&url, 3).await;
    assert_eq!(arrived.iter().map(|(_, response)| response.as_str()).collect::<Vec<_>>(), ["0", "2", "3"]);
    handle.engine().commit().await.unwrap();
    let damaged = events.lock().unwrap().iter().filter(|event| *event == "damaged STORE_CORRUPT").count();
    assert_eq!(damaged, 1);
    assert!(handle.close(Duration::from_secs(10)));
}

/// Records, and prints a line for each row that is on disk.
fn record_until_killed(dir: &Path, url: &str) {
    let (handle, _) = open(dir, &json!({ "postgresUrl": url }));
    let waiting = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut out = std::io::stdout().lock();
    loop {
        for _ in 0..fastrand::u8(1..40) {
            handle.engine().record(exchange(Kind::Http, &now_us().to_string()));
        }
        waiting.block_on(handle.engine().flush()).unwrap();
        writeln!(out, "durable").and_then(|()| out.flush()).expect("the parent reads");
    }
}

async fn processes_that_share_a_folder_and_are_killed_lose_and_double_nothing(cluster: &Cluster) {
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.url(&cluster.create_database()));
    for round in 0..ROUNDS {
        let children: Vec<Child> = (0..2).map(|_| child(dir.path(), &url)).collect();
        if round % 3 == 2 {
            cluster.crash();
        }
        for mut child in children {
            let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
            for _ in 0..fastrand::u8(1..30) {
                lines.next().expect("it records").expect("it is text");
            }
            child.kill().expect("it runs");
            child.wait().expect("it was killed");
        }
        if round % 3 == 2 {
            cluster.start_again().unwrap();
        }
    }
    let (handle, _) = open(dir.path(), &json!({ "postgresUrl": url }));
    let own = rows_of(dir.path());
    table_of(&url, own.len()).await;
    assert!(handle.close(Duration::from_secs(10)));
    let arrived: Vec<String> = table(&url).await.expect("it is there").into_iter().map(|(id, _)| id).collect();
    assert_eq!(arrived, own, "every row, once, in the folder's order");
    assert!(own.len() > 100, "{} rows say little", own.len());
}

fn child(dir: &Path, url: &str) -> Child {
    let myself = std::env::current_exe().expect("a test knows itself");
    let started =
        Command::new(myself).args([CHILD.as_ref(), dir.as_os_str(), url.as_ref()]).stdout(Stdio::piped()).spawn();
    started.expect("it starts")
}
