//! Moments after a start, in ms: 0, 1, and then each 4 % after the one before, up to two minutes. The resolution follows
//! what a delay is compared with, the time that the job takes.

use std::sync::LazyLock;

const STEP: f64 = 1.04;

/// How many moments there are.
pub(super) const COUNT: usize = 301;

static MOMENTS: LazyLock<[f64; COUNT]> = LazyLock::new(|| {
    let mut moments = [0.0; COUNT];
    let mut next = 1.0;
    for moment in &mut moments[1..] {
        *moment = next;
        next *= STEP;
    }
    moments
});

/// All of them, ascending.
pub(super) fn moments() -> &'static [f64; COUNT] {
    &MOMENTS
}

/// The place of the moment that is nearest.
pub(super) fn nearest(ms: f64) -> usize {
    let after = MOMENTS.partition_point(|moment| *moment < ms).min(COUNT - 1);
    let before = after.saturating_sub(1);
    if ms - MOMENTS[before] < MOMENTS[after] - ms { before } else { after }
}

/// The place of the first moment that is not before this one, or the last.
pub(super) fn not_before(ms: f64) -> usize {
    MOMENTS.partition_point(|moment| *moment < ms).min(COUNT - 1)
}
