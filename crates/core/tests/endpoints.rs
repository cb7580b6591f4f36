//! Which URLs a pattern trusts; the TypeScript matcher runs the same cases.

use serde_json::Value;
use url::Url;
use vouchsafe_core::endpoint::Endpoint;

#[test]
fn patterns_trust_exactly_the_urls_of_the_cases() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("vectors/endpoints.json")).unwrap();
    for case in cases {
        let url = Url::parse(case["url"].as_str().unwrap()).unwrap();
        let endpoint = Endpoint::parse(case["pattern"].as_str().unwrap());
        let matches = endpoint.as_ref().ok().map(|endpoint| endpoint.matches(&url));
        // Null: the pattern itself is refused.
        assert_eq!(matches, case["matches"].as_bool(), "{case}: {endpoint:?}");
    }
}

#[test]
fn a_refused_pattern_says_what_is_wrong_with_it() {
    let cases = [
        ("api.example.com", "endpoint_no_origin"),
        ("https://user@api.example.com", "endpoint_userinfo"),
        ("https://*.example.com", "endpoint_wildcard"),
        ("https://api.example.com/?x", "endpoint_query"),
        ("https://api.example.com/{id}.json", "endpoint_segment"),
    ];
    for (pattern, code) in cases {
        let error = Endpoint::parse(pattern).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(pattern), "{error}");
    }
}
