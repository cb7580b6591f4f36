//! Redaction in URLs.

use super::{exchange, prepared};
use proptest::prelude::*;
use vouchsafe_core::exchange::Exchange;
use vouchsafe_core::prepare::prepare;
use vouchsafe_core::redact::{RedactionOptions, RedactionRules};

fn stored(url: &str) -> (String, Vec<String>) {
    let prepared = prepared(Exchange { url: Some(url.into()), ..exchange() });
    (String::from_utf8(prepared.fields.url.unwrap()).unwrap(), prepared.row.redacted)
}

#[test]
fn credentials_in_urls_are_replaced_and_listed() {
    let cases = [
        ("https://u:p@a.example/x", "https://[redacted]@a.example/x", vec!["url:userinfo"]),
        ("https://u@b@a.example", "https://[redacted]@a.example", vec!["url:userinfo"]),
        (
            "https://a.example/?key=1&q=2&KEY=3",
            "https://a.example/?key=[redacted]&q=2&KEY=[redacted]",
            vec!["query:KEY", "query:key"],
        ),
        (
            "https://a.example/?acc%65ss_token=1",
            "https://a.example/?acc%65ss_token=[redacted]",
            vec!["query:access_token"],
        ),
        (
            "https://a.example/?X-Amz-Signature=1&x=/?@:",
            "https://a.example/?X-Amz-Signature=[redacted]&x=/?@:",
            vec!["query:X-Amz-Signature"],
        ),
        (
            "https://a.example/#access_token=1&x=2",
            "https://a.example/#access_token=[redacted]&x=2",
            vec!["fragment:access_token"],
        ),
        ("/relative?code=1", "/relative?code=[redacted]", vec!["query:code"]),
        (
            "https://api.telegram.org/file/bot123456%3AAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/x",
            "https://api.telegram.org/file/[redacted]/x",
            vec!["path:2"],
        ),
        (
            "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx",
            "https://hooks.slack.com/services/T00000000/B00000000/[redacted]",
            vec!["path:4"],
        ),
        ("https://a.example/t/ghp_0123456789abcdefghij0123", "https://a.example/t/[redacted]", vec!["path:2"]),
    ];
    for (url, redacted, places) in cases {
        assert_eq!(stored(url), (redacted.to_owned(), places.into_iter().map(str::to_owned).collect()), "{url}");
    }
}

#[test]
fn urls_without_credentials_stay_as_they_are() {
    let urls = [
        "https://a.example/v1/price?sku=7&monkey=1&token&=3#top",
        "https://a.example/robots/bot/botany/sk-bratislava-hotel-guide-2024",
        "https://a.example/00000000-0000-7000-8000-000000000001/x@y",
        "no url at all",
        "",
    ];
    for url in urls {
        assert_eq!(stored(url), (url.to_owned(), vec![]));
    }
}

#[test]
fn query_names_are_added() {
    let rules =
        RedactionRules::new(&RedactionOptions { query: vec!["ssn".into()], ..RedactionOptions::default() }).unwrap();
    let url = Some("https://a.example/?ssn=1&key=2".into());
    let stored = prepare(Exchange { url, ..exchange() }, &rules, 100).fields.url.unwrap();
    assert_eq!(stored, b"https://a.example/?ssn=[redacted]&key=[redacted]");
}

proptest! {
    #[test]
    fn any_text_is_taken_for_a_url(text in ".*") {
        prepared(Exchange { url: Some(text), ..exchange() });
    }

    #[test]
    fn no_secret_of_a_named_parameter_survives(before in "[a-z=&?/#]{0,12}", after in "[a-z=&#]{0,12}") {
        let (url, places) = stored(&format!("https://a.example/{before}?token=S3CRET&{after}"));
        prop_assert!(!url.contains("S3CRET"), "{}", url);
        prop_assert!(!places.is_empty());
    }
}
