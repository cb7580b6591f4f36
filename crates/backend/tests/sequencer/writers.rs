//! Who fills the table: rows in transactions of different lengths, their times in no order.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, task::JoinHandle};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// Writers, until they are stopped.
pub struct Writers {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<Vec<String>>>,
    count: watch::Receiver<usize>,
}

impl Writers {
    pub fn start(url: &str, writers: u64) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let (counting, count) = watch::channel(0);
        let counting = Arc::new(counting);
        let spawn = |seed| {
            let (url, stop, counting) = (url.to_owned(), Arc::clone(&stop), Arc::clone(&counting));
            tokio::spawn(async move {
                let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("it connects");
                tokio::spawn(connection);
                let mut random = fastrand::Rng::with_seed(seed);
                let mut inserted = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let new = insert(&mut client, &mut random).await.expect("it inserts");
                    counting.send_modify(|count| *count += new.len());
                    inserted.extend(new);
                }
                inserted
            })
        };
        let tasks = (0..writers).map(spawn).collect();
        Self { stop, tasks, count }
    }

    /// Waits until there are so many rows.
    pub async fn inserted(&mut self, rows: usize) {
        self.count.wait_for(|count| *count >= rows).await.expect("they write");
    }

    /// Ends them, and says which rows there are.
    pub async fn stop(self) -> HashSet<String> {
        self.stop.store(true, Ordering::Relaxed);
        let mut inserted = HashSet::new();
        for task in self.tasks {
            inserted.extend(task.await.expect("no writer panics"));
        }
        inserted
    }
}

/// One transaction, which may stay open for a while, and the pause after it: traffic, not a queue.
async fn insert(client: &mut Client, random: &mut fastrand::Rng) -> Result<Vec<String>, tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    let mut ids = Vec::new();
    for _ in 0..random.usize(1..8) {
        let [id, call] = [(); 2].map(|()| Uuid::from_u128(fastrand::u128(..)));
        let earlier = random.u32(..100_000);
        let sql = format!(
            "INSERT INTO intercepts (id, agent_id, action_name, source_url, raw_response, response_hash, call_ref, created_at)
             VALUES ('{id}', 'agent {}', 'look', 'https://example.com', '{{\"n\": {earlier}}}', '', '{call}',
                     now() - interval '{earlier} seconds')",
            random.u8(..10)
        );
        transaction.batch_execute(&sql).await?;
        ids.push(id.to_string());
    }
    tokio::time::sleep(Duration::from_millis(random.u64(..20))).await;
    transaction.commit().await?;
    tokio::time::sleep(Duration::from_millis(random.u64(..20))).await;
    Ok(ids)
}
