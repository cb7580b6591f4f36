//! How long work took: quantiles over the most recent completions.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use serde::Serialize;

/// Enough that a 99th percentile means something, few enough that it follows a change.
const WINDOW: usize = 1_024;

/// The distribution of one kind of completion, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Distribution {
    /// How many were ever seen.
    pub count: u64,
    /// Median of the last 1,024; 0 before the first.
    pub p50_ms: f64,
    /// 90th percentile of the same.
    pub p90_ms: f64,
    /// 99th percentile of the same.
    pub p99_ms: f64,
}

impl From<vouchsafe_backend::polling::Completion> for Distribution {
    fn from(seen: vouchsafe_backend::polling::Completion) -> Self {
        Self { count: seen.count, p50_ms: seen.p50_ms, p90_ms: seen.p90_ms, p99_ms: seen.p99_ms }
    }
}

/// Gathers completion times.
#[derive(Debug, Default)]
pub(crate) struct Completions(Mutex<(u64, VecDeque<f64>)>);

impl Completions {
    pub fn add(&self, took: Duration) {
        let mut seen = self.0.lock().expect("nothing panics while it holds the window");
        seen.0 += 1;
        if seen.1.len() == WINDOW {
            seen.1.pop_front();
        }
        seen.1.push_back(took.as_secs_f64() * 1e3);
    }

    pub fn distribution(&self) -> Distribution {
        let seen = self.0.lock().expect("nothing panics while it holds the window");
        let mut sorted: Vec<f64> = seen.1.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let at =
            |percent: usize| sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied();
        let at = |percent| at(percent).unwrap_or_default();
        Distribution { count: seen.0, p50_ms: at(50), p90_ms: at(90), p99_ms: at(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_window() {
        let completions = Completions::default();
        assert_eq!(completions.distribution().count, 0);
        for ms in (1..=100).rev() {
            completions.add(Duration::from_millis(ms));
        }
        let seen = completions.distribution();
        assert_eq!((seen.count, seen.p50_ms, seen.p90_ms, seen.p99_ms), (100, 51.0, 91.0, 100.0));
    }
}
