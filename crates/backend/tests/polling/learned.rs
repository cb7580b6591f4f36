use std::{thread, time::Duration};

use vouchsafe_backend::polling::{FLOOR, Schedule};

use super::simulation::{DISTRIBUTIONS, Figures, Policy, Times, Waited};

fn adaptive(seed: u64) -> Policy {
    Policy::Adaptive(Schedule::new(fastrand::Rng::with_seed(seed)))
}

fn waits(policy: &Policy, times: Times, seed: u64, count: usize) -> Vec<Waited> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..count).map(|_| policy.wait(times.draw(&mut random))).collect()
}

/// The bar is a delay of 15 % and 4 requests, both as means of 4,000 waits. Where the tail is heavy it is met by a hair: the
/// best polls under the known distribution add 13 % (deviation 0.8) and 14 % (1.0) at 4 requests. Single waits in such a
/// tail take many more requests; elsewhere 99 of 100 waits keep to 4, and none of these takes more than 6.
#[test]
fn polling_that_has_learned_adds_at_most_fifteen_percent_with_four_requests_on_average() {
    let measured = |times: Times, seed: u64| Figures::of(&waits(&adaptive(seed), times, seed + 100, 4_100)[100..]);
    thread::scope(|scope| {
        let of = |(name, times)| (1..=3).map(move |seed| (name, times, seed));
        let all = DISTRIBUTIONS.into_iter().flat_map(of);
        let all: Vec<_> =
            all.map(|(name, times, seed)| (name, times, seed, scope.spawn(move || measured(times, seed)))).collect();
        for (name, times, seed, figures) in all {
            let figures = figures.join().unwrap();
            assert!(figures.delay <= 0.15, "{name}, seed {seed}: {figures:?}");
            assert!(figures.polls <= 4.0, "{name}, seed {seed}: {figures:?}");
            if !matches!(times, Times::LogNormal(..) | Times::Pareto(..)) {
                assert!(figures.polls_p99 <= 4, "{name}, seed {seed}: {figures:?}");
                assert!(figures.polls_most <= 6, "{name}, seed {seed}: {figures:?}");
            }
        }
    });
}

#[test]
fn a_first_wait_above_the_floor_adds_at_most_fifteen_percent_or_a_round_trip() {
    for took in (50..5_000).step_by(7).map(f64::from) {
        let Waited { delay_ms, .. } = adaptive(1).wait(took);
        assert!(delay_ms <= f64::max(took * 0.15, 20.0) + 1e-6, "{took} ms: {delay_ms}");
    }
}

#[test]
fn the_three_first_waits_of_a_payload_add_at_most_110_ms() {
    let delays: Vec<f64> = [500.0, 100.0, 30.0].map(|took| adaptive(1).wait(took).delay_ms).to_vec();
    assert!(delays.iter().sum::<f64>() <= 110.0, "{delays:?}");
}

#[test]
fn it_is_never_sooner_than_the_floor_unless_something_was_done_sooner() {
    let schedule = Schedule::new(fastrand::Rng::with_seed(1));
    assert_eq!(schedule.next(0, None, Duration::ZERO), FLOOR);
    for _ in 0..100 {
        schedule.observe(Duration::from_millis(460), Duration::from_millis(500));
        assert!(schedule.next(0, None, Duration::ZERO) >= FLOOR);
    }
    for _ in 0..20 {
        schedule.observe(Duration::ZERO, Duration::from_millis(20));
    }
    assert!((0..9).any(|_| schedule.next(0, None, Duration::ZERO) < FLOOR));
}

#[test]
fn work_that_becomes_faster_or_slower_is_learned_anew() {
    for (before, after) in [(500.0, 100.0), (100.0, 500.0)] {
        let policy = adaptive(4);
        waits(&policy, Times::Fixed(before), 1, 300);
        waits(&policy, Times::Fixed(after), 1, 200);
        let figures = Figures::of(&waits(&policy, Times::Fixed(after), 1, 200));
        assert!(figures.delay <= 0.15 && figures.polls <= 4.0, "{before} to {after}: {figures:?}");
    }
}

#[test]
fn what_was_learned_is_published() {
    let policy = adaptive(2);
    waits(&policy, Times::Fixed(500.0), 1, 200);
    let Policy::Adaptive(schedule) = policy else { unreachable!() };
    let completion = schedule.completion();
    assert_eq!(completion.count, 200);
    assert!((480.0..=540.0).contains(&completion.p50_ms), "{completion:?}");
    assert_eq!(Schedule::default().completion().count, 0);
}
