//! What a bundle gives away of its rows' fields; what is withheld stays a commitment, which tells nothing.

use std::collections::HashSet;

use serde_json::Value;
use vouchsafe_core::{claim::Claim, commitment::Field};
use vouchsafe_ledger::{Bundle, DisclosedFields};

use crate::options::Disclose;

/// Who is given which fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disclosure {
    what: Disclose,
    /// Whether the evaluator is known to look at URLs, whatever the claims look at.
    urls: bool,
}

impl Disclosure {
    /// `expect`: what the evaluator expects, where the builder knows it.
    pub fn new(what: Disclose, expect: Option<&Value>) -> Self {
        Self { what, urls: expect.is_some_and(|expect| expect["endpoints"].is_array()) }
    }

    /// Withholds what is not to be given, where these claims rest on the bundle.
    pub fn apply<'c>(self, bundle: &mut Bundle, claims: impl Iterator<Item = &'c Claim>) {
        let given: HashSet<Field> = match self.what {
            Disclose::All => return,
            Disclose::Fields => claims.flat_map(Claim::fields).chain(self.urls.then_some(Field::Url)).collect(),
            Disclose::None => HashSet::new(),
        };
        for row in &mut bundle.rows {
            let DisclosedFields { response, request, request_headers, response_headers, url } = &mut row.fields;
            for (field, disclosed) in [
                (Field::Response, response),
                (Field::Request, request),
                (Field::RequestHeaders, request_headers),
                (Field::ResponseHeaders, response_headers),
                (Field::Url, url),
            ] {
                disclosed.take_if(|_| !given.contains(&field));
            }
        }
    }
}
