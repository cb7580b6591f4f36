//! The task: one group after the other, smaller ones where a line is slow, and a pause where Postgres is away.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use vouchsafe_core::intercept::Intercept;
use vouchsafe_store::{
    StoreError,
    sqlite::{Reader, Shipped},
};

use super::{Notice, Shared};
use crate::runtime::now_us;

/// How much is sent at once where nothing is slow.
const LARGEST: Room = Room { rows: 1_000, bytes: 4 << 20 };
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// After so long without an answer Postgres counts as away.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a group may hold: at least one row, and no further one once there are so many rows or bytes of their fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Room {
    rows: u32,
    bytes: usize,
}

impl Room {
    fn half(self) -> Self {
        Self { rows: (self.rows / 2).max(1), bytes: (self.bytes / 2).max(1) }
    }

    fn double(self) -> Self {
        let Self { rows, bytes } = LARGEST;
        Self { rows: (self.rows * 2).min(rows), bytes: (self.bytes * 2).min(bytes) }
    }
}

/// Rows as the table has them, and how far the folder is copied once they are in it.
struct Group {
    intercepts: Vec<Intercept>,
    damaged: Vec<StoreError>,
    shipped: Shipped,
}

pub(super) async fn run(shared: Arc<Shared>) {
    let ended = shared.ended.clone();
    // What an end cuts off is in the table or not; the mark says no, and the next try finds out.
    ended.run_until_cancelled(ship(&shared)).await;
}

async fn ship(shared: &Arc<Shared>) {
    let (mut pause, mut room) = (Duration::ZERO, LARGEST);
    loop {
        let copied = if let Ok(copied) = tokio::time::timeout(PATIENCE, shared.copy_group(room)).await {
            copied.inspect(|_| room = room.double())
        } else {
            // A line too slow for this group may be fast enough for less.
            room = room.half();
            Err(StoreError::Unavailable(format!("Postgres did not answer within {} s", PATIENCE.as_secs())))
        };
        match copied {
            Ok(more) => {
                if !pause.is_zero() {
                    (shared.on_notice)(Notice::Back);
                    pause = Duration::ZERO;
                }
                if more {
                    continue;
                }
                tokio::select! {
                    () = shared.dirty.notified() => {}
                    () = shared.urgent.notified() => {}
                }
            }
            Err(error) => {
                if pause.is_zero() {
                    (shared.on_notice)(Notice::Away(&error));
                }
                shared.progress.send_modify(|progress| {
                    progress.failures += 1;
                    progress.error = Some(error);
                });
                pause = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
                tokio::select! {
                    () = shared.urgent.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
    }
}

impl Shared {
    /// Copies the next group; false where there is none.
    async fn copy_group(self: &Arc<Self>, room: Room) -> Result<bool, StoreError> {
        if !self.progress.borrow().ready {
            self.intercepts.ensure().await?;
            self.progress.send_modify(|progress| progress.ready = true);
        }
        let known = self.progress.borrow().shipped;
        let group = self.read(move |reader| next_group(reader, known, room)).await?;
        let is_empty = group.intercepts.is_empty() && group.damaged.is_empty();
        if !group.intercepts.is_empty() {
            self.intercepts.insert(&group.intercepts).await?;
        }
        if !group.damaged.is_empty() {
            self.has_set_aside.store(true, Ordering::Relaxed);
            group.damaged.iter().for_each(|error| (self.on_notice)(Notice::SetAside(error)));
        }
        if !is_empty {
            self.writer.shipped(group.shipped);
        }
        self.progress.send_if_modified(|progress| {
            let moves = progress.shipped < group.shipped;
            progress.shipped = progress.shipped.max(group.shipped);
            moves
        });
        Ok(!is_empty)
    }

    pub(super) async fn rows_end(self: &Arc<Self>) -> Result<u64, StoreError> {
        self.read(Reader::rows_end).await
    }

    /// Reads on a thread that may wait for the disk.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.readers.clone();
        let reading = tokio::task::spawn_blocking(move || readers.with(read));
        reading.await.map_err(|error| StoreError::Io(format!("reading panicked: {error}")))?
    }
}

/// The rows behind the mark, which another process may have moved on.
fn next_group(reader: &Reader, known: Shipped, room: Room) -> Result<Group, StoreError> {
    let mut shipped = reader.shipped()?.map_or(known, |noted| noted.max(known));
    let first = i64::try_from(shipped.rows).unwrap_or(i64::MAX);
    let now = now_us();
    let (mut intercepts, mut damaged) = (Vec::new(), Vec::new());
    for row in reader.rows(first, room.rows, room.bytes)? {
        let stored = match row.stored {
            Ok(stored) => stored,
            Err(why) => {
                shipped.rows = u64::try_from(row.row_seq).unwrap_or(u64::MAX).saturating_add(1);
                damaged.push(StoreError::Corrupt(format!("row {} cannot be copied to Postgres: {why}", row.id)));
                continue;
            }
        };
        // Strictly rising, so that the table's order is the folder's, and made from what is stored alone, so that
        // processes that copy the same row write the same. A row from the future must not take the others there.
        shipped.created_us = (shipped.created_us + 1).max(stored.row.ended_us.min(now));
        shipped.rows = stored.row_seq + 1;
        intercepts.push(Intercept::of(&stored.row, &stored.fields, shipped.created_us));
    }
    Ok(Group { intercepts, damaged, shipped })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_sent_in_time_is_halved_down_to_one_row_and_grows_again() {
        let mut room = LARGEST;
        for _ in 0..10 {
            let half = room.half();
            assert!(half.rows <= room.rows / 2 + 1 && half.bytes <= room.bytes / 2);
            room = half;
        }
        assert_eq!((room.rows, room.half().rows), (1, 1));
        for _ in 0..10 {
            room = room.double();
        }
        assert_eq!(room, LARGEST);
    }
}
