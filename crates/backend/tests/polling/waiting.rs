use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, advance};
use vouchsafe_backend::polling::{Schedule, Wait};

/// Waits for something that takes `took_ms`, by requests of 2 ms; when it was known, and how many polls it took.
async fn wait(schedule: &Arc<Schedule>, took_ms: u64) -> (Duration, u32) {
    let started = Instant::now();
    let mut wait = Wait::new(Arc::clone(schedule), started, false);
    for polls in 1.. {
        wait.turn().await;
        let sent = Instant::now();
        advance(Duration::from_millis(2)).await;
        let done = sent - started >= Duration::from_millis(took_ms);
        wait.heard(done, sent, false);
        if done {
            return (started.elapsed(), polls);
        }
    }
    unreachable!("it is done at some time")
}

#[tokio::test(start_paused = true)]
async fn the_first_poll_comes_at_50_ms_and_later_ones_where_the_end_was_learned() {
    let schedule = Arc::new(Schedule::new(fastrand::Rng::with_seed(1)));
    let (known, polls) = wait(&schedule, 200).await;
    assert!(known <= Duration::from_millis(234), "{known:?}");
    assert!(polls > 6, "{polls}");
    let (mut all, mut slowest) = (0, Duration::ZERO);
    for _ in 0..20 {
        let (known, polls) = wait(&schedule, 200).await;
        (all, slowest) = (all + polls, slowest.max(known));
    }
    assert!(all <= 60, "{all}");
    assert!(slowest <= Duration::from_millis(240), "{slowest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_holds_its_answers_back_is_asked_at_once_and_again_as_soon_as_it_answers() {
    let started = Instant::now();
    let mut wait = Wait::new(Arc::default(), started, true);
    for _ in 0..2 {
        wait.turn().await;
        let sent = Instant::now();
        advance(Duration::from_millis(300)).await;
        wait.heard(false, sent, true);
    }
    assert_eq!(started.elapsed(), Duration::from_millis(600));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_held_back_in_name_only_is_no_busy_loop() {
    let started = Instant::now();
    let mut wait = Wait::new(Arc::default(), started, true);
    let mut polls = 0;
    while started.elapsed() < Duration::from_secs(1) {
        wait.turn().await;
        wait.heard(false, Instant::now(), true);
        polls += 1;
    }
    assert!(polls < 30, "{polls}");
}
