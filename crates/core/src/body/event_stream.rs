//! Event streams, read as WHATWG HTML §9.2.6 says, but that an event at the very end needs no empty line behind it.

use super::{Decoded, JsonError, parse_json};
use serde_json::Value;

/// The data of each event that has any.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    if text.is_empty() {
        return Decoded::Empty;
    }
    let mut events = Vec::new();
    let mut data: Option<String> = None;
    for line in lines(text).chain([""]) {
        if line.is_empty() {
            match data.take().map(value).transpose() {
                Ok(event) => events.extend(event),
                Err(undecoded) => return undecoded,
            }
        } else if let Some(more) = data_field(line) {
            data = Some(match data {
                Some(data) => data + "\n" + more,
                None => more.to_owned(),
            });
        }
    }
    Decoded::Events(events)
}

fn value(data: String) -> Result<Value, Decoded> {
    match parse_json(data.as_bytes()) {
        Ok(value) => Ok(value),
        Err(JsonError::Syntax) => Ok(Value::String(data)),
        Err(JsonError::TooDeep) => Err(Decoded::TooDeep),
        Err(JsonError::ReservedKey) => Err(Decoded::ReservedKey),
    }
}

fn data_field(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    (name == "data").then(|| value.strip_prefix(' ').unwrap_or(value))
}

/// Lines that end with CR LF, LF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let here = rest?;
        let end = here.find(['\r', '\n']).unwrap_or(here.len());
        let ending = if here[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = here.get(end + ending..);
        Some(&here[..end])
    })
}
