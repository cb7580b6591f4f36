//! Event streams: each data line that is JSON is redacted by itself.

use super::json::{Edits, JsonRules};

/// The edits to an event stream's text; `None` where a rule could apply to an event that is not made of lines of JSON.
pub(super) fn find_edits(text: &str, rules: &JsonRules) -> Option<Edits> {
    let mut stream = Stream { rules, edits: Edits::default(), events: 0, event: None };
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for line in text[start..].split_inclusive(['\n', '\r']) {
        let content = line.trim_end_matches(['\n', '\r']);
        let ends_crlf = line == "\n" && text[..start].ends_with('\r');
        if content.is_empty() && !ends_crlf {
            stream.end_event()?;
        } else if let Some(data) = content.strip_prefix("data:") {
            stream.data(data, start + "data:".len());
        } else if content == "data" {
            stream.event.get_or_insert_default();
        } else if rules.could_apply(content.as_bytes()) {
            return None;
        }
        start += line.len();
    }
    stream.end_event()?;
    Some(stream.edits)
}

struct Stream<'a> {
    rules: &'a JsonRules,
    edits: Edits,
    events: usize,
    event: Option<Event>,
}

/// The data of the event at hand.
#[derive(Default)]
struct Event {
    data: String,
    has_other_than_json: bool,
}

impl Stream<'_> {
    fn data(&mut self, data: &str, start: usize) {
        let event = self.event.get_or_insert_default();
        event.data.push_str(data);
        event.data.push('\n');
        match self.rules.find_edits(data, &format!("$[{}]", self.events)) {
            Some(found) => self.edits.extend(found, start),
            None => event.has_other_than_json = true,
        }
    }

    fn end_event(&mut self) -> Option<()> {
        if let Some(event) = self.event.take() {
            self.events += 1;
            if event.has_other_than_json && self.rules.could_apply(event.data.as_bytes()) {
                return None;
            }
        }
        Some(())
    }
}
