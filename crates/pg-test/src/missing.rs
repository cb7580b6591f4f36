//! What becomes of a test where there is no PostgreSQL.

use std::io::Write as _;

/// Set to 1 where PostgreSQL has to be there.
const REQUIRED: &str = "VOUCHSAFE_REQUIRE_POSTGRES";

/// Says that a test is skipped, in a line that `scripts/test/cargo.mjs` counts, and returns the reason; panics with it where
/// PostgreSQL is required.
pub(crate) fn skip(reason: String) -> String {
    assert!(std::env::var_os(REQUIRED).is_none_or(|value| value != "1"), "{REQUIRED} is 1, and {reason}");
    // Not `println!`, which the harness keeps to itself where a test passes. In one write, on a line of its own.
    let _ = std::io::stdout().write_all(format!("\nskipped without PostgreSQL: {reason}\n").as_bytes());
    reason
}
