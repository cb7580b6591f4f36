//! Sequencers of one log in a Postgres are killed (kill -9) at random, a hundred times over, while four writers fill the
//! table: no row is lost, none is there twice, and there is one history.
//!
//! - `child`: the process that is killed
//! - `writers`: who fills the table
//! - `history`: what was promised, and the check that all of it holds

mod child;
mod history;
mod writers;

use std::time::{Duration, Instant};

use child::{Holder, Sequencer};
use history::History;
use tokio::runtime::Runtime;
use uuid::Uuid;
use vouchsafe_backend::{TableBackend, TableOptions};
use vouchsafe_pg_test::Cluster;
use vouchsafe_store::postgres::{ConnectOptions, Intercepts, Postgres, PostgresLedger};
use writers::Writers;

const KILLS: usize = 100;
/// A dead sequencer's log is free again within this time, on however busy a machine.
const FREE_AGAIN: Duration = Duration::from_secs(20);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, url, log] = arguments.as_slice()
        && child::run(flag, url, log.parse().expect("a UUID"))
    {
        return;
    }
    // The harness lists tests before it runs them.
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(reason) => return println!("sequencer ... skipped, no PostgreSQL: {reason}"),
    };
    let runtime = Runtime::new().expect("a runtime starts");
    let url = cluster.url(&cluster.create_database());
    a_sequencer_that_dies_while_it_holds_the_log_does_not_block_the_next_one(&runtime, &url);
    let url = cluster.url(&cluster.create_database());
    what_was_inserted_is_committed_once_in_one_history_whenever_sequencers_are_killed(&runtime, &url);
}

fn connect(url: &str) -> Postgres {
    Postgres::connect(url, ConnectOptions::default()).expect("the URL is good")
}

async fn open(url: &str, log: Uuid) -> TableBackend {
    let ledger = PostgresLedger::open(connect(url), log).await.expect("the ledger opens");
    let options = TableOptions { origin: None, now_us: || 1_800_000_000_000_000 };
    let intercepts = Intercepts::open(connect(url), None);
    TableBackend::over_postgres(ledger, intercepts, options).await.expect("the table opens")
}

fn a_sequencer_that_dies_while_it_holds_the_log_does_not_block_the_next_one(runtime: &Runtime, url: &str) {
    let log = Uuid::now_v7();
    let backend = runtime.block_on(async {
        Intercepts::open(connect(url), None).ensure().await.expect("the table is made");
        open(url, log).await
    });
    let took = runtime.block_on(async {
        let mut writer = Writers::start(url, 1);
        writer.inserted(10).await;
        let holder = Holder::start(url, log);
        let waiting = tokio::spawn(async move { backend.commit().await });
        // It has to wait as long as the log is held; that it does is seen by its not being done when the holder is killed.
        writer.inserted(20).await;
        assert!(!waiting.is_finished(), "two sequencers hold the log");
        let killed = Instant::now();
        holder.kill();
        let at = tokio::time::timeout(FREE_AGAIN, waiting).await.expect("the log is free again").expect("it runs");
        assert!(at.expect("it commits").rows >= 10);
        writer.stop().await;
        killed.elapsed()
    });
    println!("a_sequencer_that_dies_while_it_holds_the_log_does_not_block_the_next_one ... ok (free after {took:?})");
}

fn what_was_inserted_is_committed_once_in_one_history_whenever_sequencers_are_killed(runtime: &Runtime, url: &str) {
    let (log, seed, began) = (Uuid::now_v7(), fastrand::u64(..), Instant::now());
    let mut random = fastrand::Rng::with_seed(seed);
    runtime.block_on(async { Intercepts::open(connect(url), None).ensure().await }).expect("the table is made");
    let writers = runtime.block_on(async { Writers::start(url, 4) });
    let mut history = History::default();
    let mut in_commit = 0;
    // Two at a time, so that the one that is left has to take over at once.
    let mut former = Sequencer::start(url, log);
    for _ in 0..KILLS {
        let next = Sequencer::start(url, log);
        former.await_commit();
        // Now within its first commit, now after a few.
        let most = if random.bool() { 100_000 } else { 600_000 };
        std::thread::sleep(Duration::from_micros(random.u64(..most)));
        in_commit += usize::from(former.kill(&mut history));
        former = next;
    }
    former.kill(&mut history);
    let inserted = runtime.block_on(writers.stop());
    let checkpoints = history.checkpoints.len();
    let rows = inserted.len();
    runtime.block_on(history.check(url, log, inserted)).unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
    println!(
        "what_was_inserted_is_committed_once_in_one_history_whenever_sequencers_are_killed ... ok ({KILLS} kills, \
         {in_commit} of them in a commit; {rows} rows, {checkpoints} checkpoints; {:?})",
        began.elapsed()
    );
}
