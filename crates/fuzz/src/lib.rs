//! Fuzzing on stable Rust: real inputs from a committed corpus, and changed ones, in an ordinary test.
//!
//! Changed inputs rather than random bytes, because hardly any random text comes past a strict parser's first line.

mod change;
mod corpus;

use corpus::Corpus;
use proptest::collection::vec;
use proptest::sample::Index;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestError, TestRunner};
use std::time::{Duration, Instant};

/// The longest input, in bytes.
pub const MAX_BYTES: usize = 64 << 10;

/// How long a target may take for one input in a debug build: far above what one of this size takes where the cost is
/// linear.
const MAX_TIME: Duration = Duration::from_secs(2);

/// Changed inputs for each target, unless the environment variable `VOUCHSAFE_FUZZ_CASES` says how many.
const CASES: u32 = 256;

/// The most changes that lead from a file of the corpus to an input.
const MAX_CHANGES: usize = 6;

/// Runs a target on every file of `<package>/tests/fuzz/corpus/<name>`, and on changed ones; it panics on what must not be.
///
/// An input that fails is made as simple as possible and written into the corpus, so that it stays a test.
///
/// # Panics
/// Where the target panics, or takes longer than two seconds for one input.
pub fn fuzz(package: &str, name: &str, target: impl Fn(&[u8])) {
    let corpus = Corpus::read(package, name);
    for (file, input) in corpus.files() {
        println!("{}", file.display());
        timed(&target, input);
    }
    let cases = std::env::var("VOUCHSAFE_FUZZ_CASES").map_or(CASES, |cases| cases.parse().expect("a number of cases"));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let inputs = (proptest::arbitrary::any::<Index>(), vec(change::any(), 1..=MAX_CHANGES))
        .prop_map(|(start, changes)| corpus.changed(start, &changes));
    let outcome = TestRunner::new(config).run(&inputs, |input| {
        timed(&target, &input);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, input)) => panic!("{why}\nThe input is kept as {}", corpus.keep(&input).display()),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// Runs the target; up to three times where it is slow, because a machine with other things to do is slow at times.
fn timed(target: impl Fn(&[u8]), input: &[u8]) {
    let took = || {
        let began = Instant::now();
        target(input);
        began.elapsed()
    };
    let in_time = (0..3).any(|_| took() < MAX_TIME);
    assert!(in_time, "an input of {} bytes takes longer than {MAX_TIME:?}", input.len());
}
