//! How fast rows go into a private Postgres and come out: `cargo run --release -p vouchsafe-store --example postgres_rates`.

use std::time::{Duration, Instant};

use uuid::Uuid;
use vouchsafe_core::intercept::{Intercept, Own};
use vouchsafe_pg_test::Cluster;
use vouchsafe_store::postgres::{ConnectOptions, Intercepts, Postgres};

const ROWS: usize = 10_000;
const READERS: usize = 64;
const SPAN: Duration = Duration::from_secs(3);

fn row() -> Intercept {
    Intercept {
        id: Uuid::now_v7().to_string(),
        agent_id: "agent".into(),
        action_name: "GET api.example.com/v1/price".into(),
        source_url: "https://api.example.com/v1/price?sku=7".into(),
        request_payload: r#"{"params": {"sku": "7"}}"#.into(),
        raw_response: format!("{{\"text\": \"{}\"}}", "x".repeat(2_000)),
        response_hash: "0".repeat(64),
        call_ref: Some(Uuid::now_v7().to_string()),
        created_us: 1_790_000_000_000_000,
        own: Own { method: Some("GET".into()), status: Some(200), ..Own::default() },
    }
}

#[tokio::main]
async fn main() {
    let cluster = Cluster::start().expect("PostgreSQL is on this machine");
    let url = cluster.url(&cluster.create_database());
    let options = ConnectOptions { max: 4, ..ConnectOptions::default() };
    let table = Intercepts::open(Postgres::connect(&url, options).expect("the URL is our own"), None);
    table.ensure().await.expect("the database is empty");

    let rows: Vec<_> = (0..ROWS).map(|_| row()).collect();
    let began = Instant::now();
    table.insert(&rows).await.expect("the rows are new");
    println!("insert       {:>8.0} rows/s", rate(ROWS, began));

    let began = Instant::now();
    let found = table.uncommitted(1_000).await.expect("the rows are there").rows;
    println!("uncommitted  {:>8.0} rows/s", rate(found.len(), began));

    let began = Instant::now();
    let hints: Vec<_> = rows.iter().zip(0..).map(|(row, leaf)| (row.id.clone(), leaf)).collect();
    let of = vouchsafe_store::postgres::HintsOf { log: "rates".into(), size: 1, root: [0; 32] };
    table.give_hints(None, &of).await.expect("the table is there");
    table.hint(&of, &of, &hints).await.expect("the rows are there");
    println!("hint         {:>8.0} rows/s", rate(ROWS, began));

    let began = Instant::now();
    let readers: Vec<_> = (0..READERS)
        .map(|reader| {
            let (table, ids) = (table.clone(), rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>());
            tokio::spawn(async move {
                let mut reads = 0;
                while began.elapsed() < SPAN {
                    let at = (reader * 151 + reads * 7) % ROWS;
                    assert_eq!(table.by_ids(&ids[at..=at]).await.expect("the row is there").rows.len(), 1);
                    reads += 1;
                }
                reads
            })
        })
        .collect();
    let mut reads = 0;
    for reader in readers {
        reads += reader.await.expect("a reader only reads");
    }
    println!("by_ids       {:>8.0} calls/s, {READERS} callers", rate(reads, began));
}

fn rate(count: usize, began: Instant) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / began.elapsed().as_secs_f64()
}
