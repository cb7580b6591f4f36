//! Grouping: claims that ask the same query share one record.

use vouchsafe_core::query::Query;

/// A query and the positions of the claims that ask it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub query: Query,
    pub claims: Vec<usize>,
}

/// Groups queries in the order of their first claim.
pub(super) fn group(queries: impl IntoIterator<Item = (usize, Query)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (claim, query) in queries {
        let place = *places.entry(query.clone()).or_insert_with(|| {
            groups.push(Group { query, claims: Vec::new() });
            groups.len() - 1
        });
        groups[place].claims.push(claim);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_claims_on_five_calls_are_five_queries() {
        let call = |n: usize| Query::Call { call: format!("{n}") };
        let groups = group((0..10).map(|claim| (claim, call(claim % 5))));
        assert_eq!(groups.len(), 5);
        assert_eq!(groups[3], Group { query: call(3), claims: vec![3, 8] });
    }
}
