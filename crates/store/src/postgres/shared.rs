//! Connections that many callers use at once: while one waits for its answer the others' questions are on their way, which
//! on a busy server is twice to three times as many answers as from connections that are lent to one caller at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use deadpool_postgres::Object;
use tokio::sync::Mutex;
use tokio_postgres::Row;

use super::{
    Postgres,
    connect::{ATTEMPTS, Parameters, is_worth_another, query, within},
};
use crate::StoreError;

/// More lanes than this are no faster; one alone would let a caller with large rows hold up all others.
const MOST: usize = 2;

type Lane = Mutex<Option<Arc<Object>>>;

/// Connections of the pool that are not given back.
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    next: AtomicUsize,
}

impl Lanes {
    /// None where the pool is so small that nothing would be left for what needs a connection of its own.
    pub fn of(connections: usize) -> Self {
        Self { lanes: (0..MOST.min(connections / 2)).map(|_| Lane::default()).collect(), next: AtomicUsize::new(0) }
    }

    /// Gives the connections back that nobody uses.
    pub fn close(&self) {
        for lane in &self.lanes {
            if let Ok(mut held) = lane.try_lock() {
                *held = None;
            }
        }
    }

    fn next(&self) -> Option<&Lane> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.lanes.get(turn.checked_rem(self.lanes.len())?)
    }
}

impl Postgres {
    /// As [`Self::query`], on a connection that others use at the same time.
    pub(super) async fn query_shared(&self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        let Some(lane) = self.lanes.next() else { return self.query(sql, parameters).await };
        for attempt in 1.. {
            let mut held = lane.lock().await;
            let (client, is_new) = match &*held {
                Some(client) if !client.is_closed() => (client.clone(), false),
                _ => {
                    let client = Arc::new(self.client().await?);
                    let is_new = Object::metrics(&client).recycle_count == 0;
                    (held.insert(client).clone(), is_new)
                }
            };
            drop(held);
            let began = Instant::now();
            match within(self.patience, query(&client, sql, parameters)).await {
                Err(StoreError::Unavailable(why)) => {
                    lane.lock().await.take_if(|held| Arc::ptr_eq(held, &client));
                    // The last one who had it closes it, so that nobody gets it from the pool.
                    drop(Arc::into_inner(client).map(Object::take));
                    if is_new || attempt == ATTEMPTS || !is_worth_another(began) {
                        return Err(StoreError::Unavailable(why));
                    }
                }
                done => return done,
            }
        }
        unreachable!("the last attempt returns")
    }
}
