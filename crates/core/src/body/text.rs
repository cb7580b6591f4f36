//! Text by its charset.

use encoding_rs::{Encoding, UTF_8};

/// Decodes by byte order mark, else by the content type's charset, else as UTF-8.
pub(crate) fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let declared = content_type.and_then(charset).and_then(|label| Encoding::for_label(label.as_bytes()));
    declared.unwrap_or(UTF_8).decode(bytes).0.into_owned()
}

fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}
