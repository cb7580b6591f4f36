//! The polls that cost least under a distribution, by dynamic programming: from each moment at which a job is known not
//! to be done, the best next moment to ask. What is weighed is the delay that is expected and the number of requests.

use super::{
    moments::{COUNT, moments, not_before},
    observations::{Bins, sums},
};

/// What a request costs, as a share of the mean completion time. Evenly spread polls then delay by about the square root
/// of half of it, 14 %, at some four requests; for narrow distributions both are far less.
const REQUEST: f64 = 0.039;

/// The best polls under one distribution.
#[derive(Debug)]
pub(super) struct Plan {
    /// Probability up to each moment, and the same weighed by the time.
    below: Bins,
    time_below: Bins,
    /// What is to be expected from each moment on, if the job is not done by then.
    cost: Bins,
    request_ms: f64,
}

impl Plan {
    /// `mean_ms`: what a request is weighed against. `round_trip_ms`: polls are never closer.
    pub fn new(bins: &Bins, mean_ms: f64, round_trip_ms: f64) -> Self {
        let moments = moments();
        let mut timed = [0.0; COUNT];
        for place in 1..COUNT {
            timed[place] = bins[place] * f64::midpoint(moments[place - 1], moments[place]);
        }
        let below = sums(bins);
        let mut plan = Self { below, time_below: sums(&timed), cost: [0.0; COUNT], request_ms: mean_ms * REQUEST };
        for place in (0..COUNT - 1).rev() {
            let first = not_before(moments[place] + round_trip_ms).max(place + 1);
            plan.cost[place] = plan.best(place, first).map_or(0.0, |(cost, _)| cost);
        }
        plan
    }

    /// The place of the best poll from `first` on for a job that was not done at `asked`, if the distribution says
    /// anything of it.
    pub fn next(&self, asked: usize, first: usize) -> Option<usize> {
        Some(self.best(asked, first)?.1)
    }

    /// The probability that a job takes longer than the moment at this place.
    pub fn beyond(&self, place: usize) -> f64 {
        self.below[COUNT - 1] - self.below[place]
    }

    /// How many polls follow one another from a poll on, that one included, until all but a `rest` of the jobs are done.
    pub fn polls(&self, mut place: usize, round_trip_ms: f64, rest: f64) -> usize {
        let mut polls = 1;
        while self.beyond(place) > rest {
            let first = not_before(moments()[place] + round_trip_ms).max(place + 1);
            let Some(next) = self.next(place, first).filter(|next| *next > place) else { break };
            place = next;
            polls += 1;
        }
        polls
    }

    fn best(&self, asked: usize, first: usize) -> Option<(f64, usize)> {
        if self.beyond(asked) < 1e-9 {
            return None;
        }
        let mut best: Option<(f64, usize)> = None;
        let after = first.max(asked + 1);
        for (place, moment) in moments().iter().enumerate().skip(after) {
            let waits =
                moment * (self.below[place] - self.below[asked]) - (self.time_below[place] - self.time_below[asked]);
            // It only grows from here on.
            if best.is_some_and(|(least, _)| waits > least) {
                break;
            }
            let cost = waits + self.request_ms * self.beyond(asked) + self.cost[place];
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, place));
            }
        }
        best
    }
}
