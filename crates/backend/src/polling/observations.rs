//! What polls told of completion times, and the distribution that it tells.
//!
//! A poll that finds a job done only says that it ended after the poll before. Such interval-censored observations have
//! a maximum likelihood estimate that expectation maximisation finds (Turnbull 1976): each observation is spread over its
//! interval as the others say, again and again.

use std::collections::VecDeque;

use super::moments::{COUNT, moments, nearest};

/// How many observations are kept, and how much less each weighs than the next: together as much as some 320. With half
/// as many a plan for a heavy tail costs a tenth more, as most of it is not in the window.
const WINDOW: usize = 1_024;
const FADING: f64 = 0.997;

/// More rounds would fit the peaks of what happens to be in the window, and plan for them.
const ROUNDS: usize = 4;

/// The probability of each bin, which ends with the moment of the same place.
pub(super) type Bins = [f64; COUNT];

/// The most recent observations: done after the first of two moments and by the second.
#[derive(Debug, Default)]
pub(super) struct Observations {
    recent: VecDeque<(usize, usize)>,
    seen: u64,
}

impl Observations {
    /// Adds an observation, in ms after the start; the moments may be the same.
    pub fn add(&mut self, after: f64, by: f64) {
        let by = nearest(by).max(1);
        if self.recent.len() == WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back((nearest(after).min(by - 1), by));
        self.seen += 1;
    }

    /// How many there ever were.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// What all of those kept weigh, the newest being 1.
    pub fn weight(&self) -> f64 {
        weights().take(self.recent.len()).sum()
    }

    /// The distribution that they are likeliest under; without any, nothing anywhere.
    pub fn distribution(&self) -> Bins {
        let moments = moments();
        let total = self.weight();
        if total == 0.0 {
            return [0.0; COUNT];
        }
        // Within an interval that nothing else is known of, each moment is as likely.
        let mut bins = [0.0; COUNT];
        for place in 1..COUNT {
            bins[place] = moments[place] - moments[place - 1];
        }
        for _ in 0..ROUNDS {
            let below = sums(&bins);
            let mut change = [0.0; COUNT + 1];
            for (&(after, by), weight) in self.recent.iter().rev().zip(weights()) {
                let share = weight / total / (below[by] - below[after]).max(f64::MIN_POSITIVE);
                change[after + 1] += share;
                change[by + 1] -= share;
            }
            let mut factor = 0.0;
            for (bin, change) in bins.iter_mut().zip(change) {
                factor += change;
                // Below zero by rounding alone.
                *bin *= f64::max(factor, 0.0);
            }
        }
        bins
    }
}

/// The same a little smoother: each bin is the mean of itself and two on either side, which is 8 % sooner or later. What
/// happens to be in the window has peaks that what comes has not.
pub(super) fn smooth(bins: &Bins) -> Bins {
    let mut smoothed = *bins;
    for (place, bin) in smoothed.iter_mut().enumerate().skip(1) {
        let around = &bins[place.saturating_sub(2).max(1)..=(place + 2).min(COUNT - 1)];
        *bin = around.iter().sum::<f64>() / 5.0;
    }
    smoothed
}

fn weights() -> impl Iterator<Item = f64> {
    std::iter::successors(Some(1.0), |weight| Some(weight * FADING))
}

/// For each place the sum of the bins up to it.
pub(super) fn sums(bins: &Bins) -> Bins {
    let mut sum = 0.0;
    bins.map(|bin| {
        sum += bin;
        sum
    })
}
