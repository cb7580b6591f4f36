//! When to ask whether something is done: adaptive polling, learned from what was asked before.
//!
//! - `moments`: the moments that are thought about, from the start on
//! - `observations`: between which polls jobs were done, and the distribution that this tells
//! - `plan`: the polls that cost least under a distribution
//! - `schedule`: the policy: when to poll next
//! - `wait`: polling by it, on Tokio's clock

mod moments;
mod observations;
mod plan;
mod schedule;
mod wait;

pub use schedule::{Completion, FLOOR, Schedule};
pub use wait::Wait;
