//! Names whose values are redacted, in headers and in queries.

use std::borrow::Cow;
use std::collections::HashSet;

/// Headers that carry credentials.
pub(super) const HEADERS: &[&str] = &[
    "api-key",
    "apikey",
    "authorization",
    "cookie",
    "cookie2",
    "ocp-apim-subscription-key",
    "private-token",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "x-access-token",
    "x-amz-security-token",
    "x-api-key",
    "x-api-token",
    "x-auth-key",
    "x-auth-token",
    "x-csrf-token",
    "x-functions-key",
    "x-gitlab-token",
    "x-goog-api-key",
    "x-goog-iam-authorization-token",
    "x-rapidapi-key",
    "x-session-token",
    "x-vault-token",
    "x-xsrf-token",
];

/// Query parameters and form fields that carry credentials.
pub(super) const QUERY: &[&str] = &[
    "access_token",
    "api-key",
    "api_key",
    "apikey",
    "auth",
    "auth_token",
    "authorization",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "id_token",
    "key",
    "passwd",
    "password",
    "pwd",
    "refresh_token",
    "secret",
    "session_token",
    "sig",
    "signature",
    "subscription-key",
    "token",
    "x-amz-*",
    "x-goog-*",
];

/// A set of names, ASCII case ignored; one that ends in `*` is every name that begins so.
#[derive(Debug, Clone)]
pub(super) struct Names {
    exact: HashSet<String>,
    prefixes: Vec<String>,
}

impl Names {
    pub(super) fn new(defaults: &[&str], added: &[String]) -> Self {
        let all = defaults.iter().copied().chain(added.iter().map(String::as_str));
        let (prefixes, exact): (Vec<_>, Vec<_>) =
            all.map(|name| name.trim().to_ascii_lowercase()).partition(|name| name.ends_with('*'));
        Self {
            exact: exact.into_iter().collect(),
            prefixes: prefixes.iter().map(|prefix| prefix.trim_end_matches('*').to_owned()).collect(),
        }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        let has_upper_case = name.bytes().any(|byte| byte.is_ascii_uppercase());
        let name = if has_upper_case { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) };
        self.exact.contains(&*name) || self.prefixes.iter().any(|prefix| name.starts_with(prefix))
    }
}
