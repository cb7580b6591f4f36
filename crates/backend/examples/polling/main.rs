//! What polling adds, by the floor under its pace: the answer to "is 50 ms the right floor?".
//!
//! A round trip takes 20 ms. Delay: how much later the news of a job's end came than they could have, as a share of the
//! time that the job took; then the requests of a wait. First all of 4,000 waits after the first 100, then the first wait
//! of 400 schedules that had learned nothing.

mod simulation;

use simulation::{DISTRIBUTIONS, Figures, Policy, Times, Waited};
use vouchsafe_backend::polling::Schedule;

/// A policy that has learned nothing, by its seed.
type Make = fn(u64) -> Policy;

fn policies() -> [(&'static str, Make); 5] {
    [
        ("0.3 s", |_| Policy::Floor(300.0)),
        ("0.1 s", |_| Policy::Floor(100.0)),
        ("at once, then 0.05 s doubling to 0.1 s", |_| Policy::Doubling(50.0, 100.0)),
        ("0.05 s", |_| Policy::Floor(50.0)),
        ("adaptive", |seed| Policy::Adaptive(Schedule::new(fastrand::Rng::with_seed(seed)))),
    ]
}

fn learned(policy: &Policy, times: Times) -> Figures {
    let mut random = fastrand::Rng::with_seed(7);
    let waits: Vec<Waited> = (0..4_100).map(|_| policy.wait(times.draw(&mut random))).collect();
    Figures::of(&waits[100..])
}

fn cold(policy: Make, times: Times) -> Figures {
    let mut random = fastrand::Rng::with_seed(8);
    let waits: Vec<Waited> = (0..400).map(|seed| policy(seed).wait(times.draw(&mut random))).collect();
    Figures::of(&waits)
}

fn main() {
    println!("| completion | floor | delay | requests, mean | p99 | most | first wait: delay | requests |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    for (name, times) in DISTRIBUTIONS {
        for (floor, policy) in policies() {
            let warm = learned(&policy(9), times);
            let cold = cold(policy, times);
            println!(
                "| {name} | {floor} | {:.1} % | {:.2} | {} | {} | {:.1} % | {:.1} |",
                warm.delay * 1e2,
                warm.polls,
                warm.polls_p99,
                warm.polls_most,
                cold.delay * 1e2,
                cold.polls,
            );
        }
    }
}
