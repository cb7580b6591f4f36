//! Whether a recorder was watching all the while, so that "nothing was recorded" means "nothing happened".

use vouchsafe_core::query::Query;
use vouchsafe_store::{
    StoreError,
    sqlite::{Interval, Reader},
};

use crate::options::BuildOptions;

/// Stretches less than this apart are one: a process that ends and another that begins leave no room for an exchange.
const SLACK_US: u64 = 1_000;

/// When the scope of a query begins, in µs since 1970.
fn scope_begins(
    reader: &Reader,
    query: &Query,
    options: &BuildOptions,
    watching_since: u64,
) -> Result<u64, StoreError> {
    if options.store_scope {
        return Ok(0);
    }
    match query {
        // A run that earlier processes took part in began with its first row.
        Query::Action { agent, run: Some(run), .. } | Query::Agent { agent, run: Some(run) } => {
            Ok(reader.run_began(agent, run)?.unwrap_or(watching_since).min(watching_since))
        }
        // A call that left no row is taken to be one of this process.
        _ => Ok(watching_since),
    }
}

/// Whether recorders watched without a gap from the beginning of the query's scope until now.
pub(super) fn watched(reader: &Reader, query: &Query, options: &BuildOptions) -> Result<bool, StoreError> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "µs since 1970, below 2^53")]
    let Some(watching_since) = options.watching_since_us.map(|us| us as u64) else { return Ok(false) };
    let begins = scope_begins(reader, query, options, watching_since)?;
    if reader.gaps_since(begins)? > 0 {
        return Ok(false);
    }
    Ok(begins >= watching_since || covers(&reader.coverage_since(begins)?, begins, watching_since))
}

/// Whether the stretches cover `from..until` without a hole.
fn covers(stretches: &[Interval], from: u64, until: u64) -> bool {
    let mut covered = from;
    for stretch in stretches {
        if stretch.since_us > covered + SLACK_US {
            break;
        }
        covered = covered.max(stretch.until_us);
    }
    covered + SLACK_US >= until
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(since_us: u64, until_us: u64) -> Interval {
        Interval { since_us, until_us, channels: vec![] }
    }

    #[test]
    fn a_hole_between_two_processes_is_seen() {
        let day = 86_400_000_000;
        let two = [stretch(0, day), stretch(3 * day, 4 * day)];
        assert!(covers(&two, 3 * day, 4 * day));
        assert!(!covers(&two, day / 2, 4 * day));
        assert!(!covers(&[], 0, day));
        assert!(covers(&[stretch(0, day), stretch(day / 2, 2 * day)], 5, 2 * day));
    }
}
