//! Redaction of URLs.

use crate::body::prepared;
use vouchsafe_core::redact::REDACTED;
use vouchsafe_fuzz::fuzz;

#[test]
fn a_redacted_url_has_nothing_left_to_redact() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "url", |input| {
        let Ok(url) = std::str::from_utf8(input) else { return };
        let stored = |url: &str| {
            let prepared = prepared(Some(url), None, Vec::new());
            let text = String::from_utf8(prepared.fields.url.expect("a URL")).expect("a URL is text");
            (text, prepared.row.redacted)
        };
        let (redacted, places) = stored(url);
        assert_eq!(stored(&redacted).0, redacted);
        if places.is_empty() {
            assert_eq!(redacted, url);
        } else {
            assert!(redacted.contains(REDACTED), "{places:?}");
        }
    });
}
