//! The policy: when to poll next. It knows no clock; times are counted from the start of what is waited for.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use super::{
    moments::{COUNT, moments, nearest, not_before},
    observations::{Bins, Observations, smooth, sums},
    plan::Plan,
};

/// The first poll is never sooner after the start, unless something was seen to be done by then.
pub const FLOOR: Duration = Duration::from_millis(50);

/// While nothing is known each poll is so much later than the one before: the delay is at most 15 %, and 7 % on average.
const COLD: f64 = 1.15;
/// Past all that was ever seen likewise, up to a second more, so that what is stuck costs little.
const GROWTH: f64 = 1.25;
const CAP_MS: f64 = 5_000.0;
const JITTER: f64 = 0.1;

/// Of so many polls one is brought forward at random: else nobody would see that things became faster, or when
/// exactly something ended that was asked for late.
const PROBE: u32 = 16;
/// The most polls of a plan that a probe is added to.
const PROBED_POLLS: usize = 3;

/// After three polls that were too early the next one waits for the end of all but 3 %, where that is near.
const EARLY_POLLS: u32 = 3;
const END: f64 = 0.97;
const NEAR: f64 = 1.15;

/// What was seen never excludes all else: any time up to a minute, with the weight of one observation.
const UNSEEN_UP_TO_MS: f64 = 60_000.0;

/// How long the same kind of work took until a poll could have found it done.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Completion {
    /// How many were ever seen.
    pub count: u64,
    /// Median of some hundreds of the newest, the newer the weightier, in ms; 0 before the first.
    pub p50_ms: f64,
    /// 90th percentile of the same.
    pub p90_ms: f64,
    /// 99th percentile of the same.
    pub p99_ms: f64,
}

/// When to poll for one kind of work of one backend.
#[derive(Debug)]
pub struct Schedule(Mutex<State>);

#[derive(Debug)]
struct State {
    observations: Observations,
    /// Made of what is known when it is first needed again; with the moment by which all but a rest was done.
    plan: Option<(Plan, f64)>,
    round_trip_ms: f64,
    random: fastrand::Rng,
}

impl Default for Schedule {
    fn default() -> Self {
        Self::new(fastrand::Rng::new())
    }
}

impl Schedule {
    /// A schedule that has learned nothing yet, with the source of its jitter and its probes.
    #[must_use]
    pub fn new(random: fastrand::Rng) -> Self {
        let observations = Observations::default();
        Self(Mutex::new(State { observations, plan: None, round_trip_ms: 0.0, random }))
    }

    /// When to poll next: never before `now`. `polls`: how many found it not done; `asked`: when the last was sent.
    #[must_use]
    pub fn next(&self, polls: u32, asked: Option<Duration>, now: Duration) -> Duration {
        let next = self.state().next(polls, asked.map(ms), ms(now));
        Duration::from_secs_f64(next / 1e3).max(now)
    }

    /// Takes in how long a request was under way.
    pub fn round_trip(&self, took: Duration) {
        let mut state = self.state();
        let known = state.round_trip_ms;
        // A first measure stands for itself. The plan is not made anew for it, since it hardly moves.
        state.round_trip_ms = if known == 0.0 { ms(took) } else { known + 0.2 * (ms(took) - known) };
    }

    /// Learns from a poll sent at `by` that found it done, while one sent at `after` (or the start) had not.
    pub fn observe(&self, after: Duration, by: Duration) {
        let mut state = self.state();
        state.observations.add(ms(after), ms(by));
        state.plan = None;
    }

    /// What was learned.
    #[must_use]
    pub fn completion(&self) -> Completion {
        let state = self.state();
        let below = sums(&state.observations.distribution());
        let total = below[COUNT - 1];
        let quantile = |share: f64| moments()[below.partition_point(|sum| *sum < total * share).min(COUNT - 1)];
        Completion {
            count: state.observations.seen(),
            p50_ms: quantile(0.5),
            p90_ms: quantile(0.9),
            p99_ms: quantile(0.99),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds the schedule")
    }
}

impl State {
    fn next(&mut self, polls: u32, asked: Option<f64>, now: f64) -> f64 {
        if self.observations.seen() == 0 {
            return asked.map_or(0.0, |asked| later(asked, COLD)).max(ms(FLOOR)).max(now);
        }
        let (observations, round_trip_ms) = (&self.observations, self.round_trip_ms);
        let (plan, end) = self.plan.get_or_insert_with(|| plan(observations, round_trip_ms));
        let place = asked.map_or(0, nearest);
        let Some(next) = plan.next(place, not_before(now)) else {
            let jitter = 1.0 + JITTER * self.random.f64();
            return (later(asked.unwrap_or(now).max(ms(FLOOR)), GROWTH) * jitter).max(now);
        };
        let planned = moments()[next];
        if polls >= EARLY_POLLS && (planned..planned * NEAR).contains(end) {
            return end.max(now);
        }
        if self.random.u32(..PROBE) > 0 || plan.polls(next, round_trip_ms, 0.05) > PROBED_POLLS {
            return planned.max(now);
        }
        let earliest = if asked.is_none() && planned > ms(FLOOR) { now.max(ms(FLOOR)) } else { now };
        earliest + self.random.f64() * (planned - earliest).max(0.0)
    }
}

fn plan(observations: &Observations, round_trip_ms: f64) -> (Plan, f64) {
    let learned = observations.distribution();
    let moments = moments();
    let end = moments[sums(&learned).partition_point(|sum| *sum < END).min(COUNT - 1)];
    let mean: f64 = (1..COUNT).map(|place| learned[place] * moments[place]).sum();
    let mut bins = smooth(&learned);
    add_unseen(&mut bins, observations.weight());
    (Plan::new(&bins, mean, round_trip_ms), end)
}

fn add_unseen(bins: &mut Bins, weight: f64) {
    let unseen = not_before(ms(FLOOR))..=not_before(UNSEEN_UP_TO_MS);
    #[expect(clippy::cast_precision_loss, reason = "below 301")]
    let share = 1.0 / unseen.clone().count() as f64 / (weight + 1.0);
    for bin in bins.iter_mut() {
        *bin *= weight / (weight + 1.0);
    }
    for bin in &mut bins[unseen] {
        *bin += share;
    }
}

fn later(asked: f64, growth: f64) -> f64 {
    (asked * growth).min(asked + CAP_MS)
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
