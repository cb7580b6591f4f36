//! Waits for jobs of drawn completion times, with a round trip of 20 ms, by several policies.

use std::time::Duration;

use vouchsafe_backend::polling::Schedule;

/// Every request takes this long, half of it each way.
const ROUND_TRIP_MS: f64 = 20.0;

/// How completion times are drawn, in ms.
#[derive(Debug, Clone, Copy)]
pub enum Times {
    Fixed(f64),
    Uniform(f64, f64),
    /// The one or the other, as often, and 5 % more or less.
    Bimodal(f64, f64),
    /// By its median and the deviation of its logarithm.
    LogNormal(f64, f64),
    /// By its least value and its exponent.
    Pareto(f64, f64),
}

impl Times {
    pub fn draw(self, random: &mut fastrand::Rng) -> f64 {
        match self {
            Self::Fixed(ms) => ms,
            Self::Uniform(from, to) => from + random.f64() * (to - from),
            Self::Bimodal(one, other) => (if random.bool() { one } else { other }) * (0.95 + 0.1 * random.f64()),
            Self::LogNormal(median, deviation) => median * (deviation * normal(random)).exp(),
            Self::Pareto(least, exponent) => least * (1.0 - random.f64()).powf(-1.0 / exponent),
        }
    }
}

/// Box and Muller.
fn normal(random: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

/// When to poll.
#[allow(dead_code, clippy::large_enum_variant, reason = "the tests know one policy, and there are few of them")]
pub enum Policy {
    /// After each answer by a fixed delay.
    Floor(f64),
    /// At once, and then after each answer by a delay that doubles up to a most.
    Doubling(f64, f64),
    Adaptive(Schedule),
}

/// What one wait came to.
#[derive(Debug, Clone, Copy)]
pub struct Waited {
    pub took_ms: f64,
    /// How much later the news came than if they had been sent when the job was done, by the request then on its way.
    pub delay_ms: f64,
    pub polls: u32,
}

impl Policy {
    /// Starts a job, whose request is sent at 0, arrives after half a round trip and is answered after a whole one, and
    /// polls for it.
    pub fn wait(&self, took_ms: f64) -> Waited {
        let (mut now, mut asked, mut polls) = (ROUND_TRIP_MS, None, 0);
        loop {
            let sent = match self {
                Self::Floor(floor) => now + floor,
                Self::Doubling(..) if polls == 0 => now,
                Self::Doubling(first, most) => now + (first * 2_f64.powi(polls - 1)).min(*most),
                Self::Adaptive(schedule) => ms(schedule.next(polls.unsigned_abs(), asked.map(duration), duration(now))),
            };
            polls += 1;
            now = sent + ROUND_TRIP_MS;
            if let Self::Adaptive(schedule) = self {
                schedule.round_trip(duration(ROUND_TRIP_MS));
            }
            // Job and poll both arrive half a round trip after they were sent.
            if sent >= took_ms {
                if let Self::Adaptive(schedule) = self {
                    schedule.observe(duration(asked.unwrap_or(0.0)), duration(sent));
                }
                return Waited { took_ms, delay_ms: sent - took_ms.max(ROUND_TRIP_MS), polls: polls.unsigned_abs() };
            }
            asked = Some(sent);
        }
    }
}

fn duration(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1e3)
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Many waits, in figures.
#[derive(Debug)]
pub struct Figures {
    /// The delay of all as a share of the completion time of all.
    pub delay: f64,
    pub polls: f64,
    pub polls_p99: u32,
    pub polls_most: u32,
}

impl Figures {
    pub fn of(waits: &[Waited]) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let count = waits.len() as f64;
        let mut polls: Vec<u32> = waits.iter().map(|wait| wait.polls).collect();
        polls.sort_unstable();
        Self {
            delay: waits.iter().map(|wait| wait.delay_ms).sum::<f64>()
                / waits.iter().map(|wait| wait.took_ms).sum::<f64>(),
            polls: f64::from(polls.iter().sum::<u32>()) / count,
            polls_p99: polls[polls.len() * 99 / 100],
            polls_most: polls[polls.len() - 1],
        }
    }
}

/// The distributions of the table.
pub const DISTRIBUTIONS: [(&str, Times); 7] = [
    ("fixed 20 ms", Times::Fixed(20.0)),
    ("uniform 80-150 ms", Times::Uniform(80.0, 150.0)),
    ("fixed 500 ms", Times::Fixed(500.0)),
    ("bimodal 60 / 600 ms", Times::Bimodal(60.0, 600.0)),
    ("log-normal, median 100 ms, deviation 0.8", Times::LogNormal(100.0, 0.8)),
    ("log-normal, median 100 ms, deviation 1.0", Times::LogNormal(100.0, 1.0)),
    ("Pareto from 50 ms, 1.5", Times::Pareto(50.0, 1.5)),
];
