//! One wait: polling by a schedule, on Tokio's clock.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::{FLOOR, Schedule};

/// Something that was started and is to be waited for.
#[derive(Debug)]
pub struct Wait {
    schedule: Arc<Schedule>,
    started: Instant,
    polls: u32,
    asked: Option<Instant>,
    held: bool,
}

impl Wait {
    /// Waits for what was started at a moment, the moment at which the request that starts it was sent. `holds`: the
    /// backend is known to hold its answers back, so that it is asked at once.
    #[must_use]
    pub fn new(schedule: Arc<Schedule>, started: Instant, holds: bool) -> Self {
        Self { schedule, started, polls: 0, asked: None, held: holds }
    }

    /// Waits for the moment of the next poll.
    pub async fn turn(&self) {
        if !self.held {
            let asked = self.asked.map(|asked| self.since_start(asked));
            sleep_until(self.started + self.schedule.next(self.polls, asked, self.started.elapsed())).await;
        }
    }

    /// Takes in what a poll came to. `sent`: when the request was sent, after whatever held it up here. `held`: the
    /// backend held its answer back until there was something new, so that it is done only now.
    pub fn heard(&mut self, done: bool, sent: Instant, held: bool) {
        let took = sent.elapsed();
        let asked = self.asked.map_or(Duration::ZERO, |asked| self.since_start(asked));
        if done && held && took >= FLOOR {
            let now = self.started.elapsed();
            self.schedule.observe(now, now);
        } else if done {
            self.schedule.observe(asked, self.since_start(sent));
        }
        if !held {
            self.schedule.round_trip(took);
        }
        // An answer that says it was held back and came at once would make this a busy loop.
        self.held = held && took >= FLOOR;
        self.polls += 1;
        self.asked = Some(sent);
    }

    fn since_start(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.started)
    }
}
