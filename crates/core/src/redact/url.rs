//! Redaction in URLs: userinfo, credentials in the path, query and fragment.

use super::pairs::redact_pairs;
use super::{REDACTED, RedactionRules};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// Segments shorter than this are no credentials.
const MIN_CREDENTIAL_BYTES: usize = 16;

/// Tokens that say what they are: Telegram bots, Stripe and `OpenAI` keys, GitHub, Slack, GitLab, Google, AWS, Hugging Face,
/// npm, and JSON web tokens.
static CREDENTIAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:bot[0-9]+(?::|%3[Aa])[\w-]{20,}|gh[pousr]_\w{20,}|github_pat_\w{20,}",
        r"|xox[a-z]-[\w-]{10,}|glpat-[\w-]{16,}|AIza[\w-]{30,}|A[KS]IA[0-9A-Z]{16}|hf_\w{20,}|npm_\w{30,}",
        r"|[spr]k[-_](?:live|test|proj|ant|or)[-_][\w-]{10,}|sk-[0-9A-Za-z]{40,}",
        r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)$"
    ))
    .expect("a valid pattern")
});

/// A redacted URL.
#[derive(Debug)]
pub(crate) struct RedactedUrl {
    /// The whole of it.
    pub(crate) text: String,
    host: Range<usize>,
    path: Range<usize>,
}

impl RedactedUrl {
    /// `<host><path>`, as in an action's name: the host in lower case with its port unless that is the scheme's own.
    pub(crate) fn host_and_path(&self) -> String {
        let mut host = self.text[self.host.clone()].to_ascii_lowercase();
        let port = if self.text[..self.host.start].starts_with("https:") { ":443" } else { ":80" };
        host.truncate(host.strip_suffix(port).unwrap_or(&host).len());
        host + &self.text[self.path.clone()]
    }
}

impl RedactionRules {
    /// Redacts a URL, absolute or relative, without normalizing it.
    pub(crate) fn redact_url(&self, url: &str, places: &mut Vec<String>) -> RedactedUrl {
        let (before_fragment, fragment) = split_before(url, &['#']);
        let (before_query, query) = split_before(before_fragment, &['?']);
        let (scheme, after_scheme) = split_scheme(before_query);
        let (authority, path) =
            if scheme.is_empty() { ("", before_query) } else { split_before(after_scheme, &['/', '\\']) };

        let mut text = Vec::with_capacity(url.len() + REDACTED.len());
        text.extend_from_slice(scheme.as_bytes());
        let host = match authority.rsplit_once('@') {
            Some((_, host)) => {
                places.push("url:userinfo".into());
                text.extend_from_slice(REDACTED.as_bytes());
                text.push(b'@');
                host
            }
            None => authority,
        };
        let host_start = text.len();
        text.extend_from_slice(host.as_bytes());
        let path_start = text.len();
        text.extend_from_slice(redact_path(path, places).as_bytes());
        let path_end = text.len();
        for (part, kind) in [(query, "query"), (fragment, "fragment")] {
            if let Some((mark, pairs)) = part.as_bytes().split_first() {
                text.push(*mark);
                redact_pairs(pairs, &self.query, &mut text, |name| places.push(format!("{kind}:{name}")));
            }
        }
        let text = String::from_utf8(text).expect("UTF-8 parted at ASCII");
        RedactedUrl { text, host: host_start..path_start, path: path_start..path_end }
    }
}

/// The text up to the first of these characters, and from it on.
fn split_before<'a>(text: &'a str, marks: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(marks).unwrap_or(text.len()))
}

/// The scheme with its `://` (or the `//` of a URL without one), and what follows it.
fn split_scheme(text: &str) -> (&str, &str) {
    match text.find("//") {
        Some(0) => text.split_at(2),
        Some(at) if text[..at].ends_with(':') && !text[..at].contains(['/', '\\']) => text.split_at(at + 2),
        _ => ("", text),
    }
}

fn redact_path(path: &str, places: &mut Vec<String>) -> String {
    let segments: Vec<&str> = path.split('/').collect();
    let redacted = segments.iter().enumerate().map(|(position, segment)| {
        if is_credential(&segments[..position], segment) {
            places.push(format!("path:{position}"));
            REDACTED
        } else {
            segment
        }
    });
    redacted.collect::<Vec<_>>().join("/")
}

fn is_credential(before: &[&str], segment: &str) -> bool {
    if segment.len() < MIN_CREDENTIAL_BYTES {
        return false;
    }
    let webhook = match before {
        // hooks.slack.com/services/T…/B…/<token>, discord.com/api/webhooks/<id>/<token>
        [.., "services", team, bot] => team.starts_with('T') && bot.starts_with('B'),
        [.., "webhooks", id] => id.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    webhook || CREDENTIAL.is_match(segment)
}
