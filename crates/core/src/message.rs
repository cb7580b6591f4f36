//! The words of verdicts: one sentence each, fit to be handed back to the model that made the claim.

use crate::claim::{Claim, Comparator, Part};
use crate::row::Row;
use crate::timestamp::iso8601;
use serde_json::Value;

/// How much of a value a sentence shows, in characters.
const SHOWN: usize = 200;

/// How many keys of an object a sentence names.
const KEYS_SHOWN: usize = 12;

/// The beginning of a text, on one line.
pub(crate) fn shorten(text: &str) -> String {
    let mut shown: String =
        text.chars().take(SHOWN).map(|character| if character.is_control() { ' ' } else { character }).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// What kind of JSON value it is, with its article.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "a null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What is claimed, behind a subject: `equals 42`.
pub(crate) fn predicate(claim: &Claim) -> String {
    let claimed = shorten(&claim.comparator.claimed(claim.json()).to_string());
    let bound = |key: &str| claim.json()["between"].get(key).map(|bound| shorten(&bound.to_string()));
    match &claim.comparator {
        Comparator::Equals(_) | Comparator::SameText(_) => format!("equals {claimed}"),
        Comparator::Contains(_) => format!("contains {claimed}"),
        Comparator::Matches(_) => format!("matches the schema {claimed}"),
        Comparator::Approx(_) => format!("is near {claimed}"),
        Comparator::Between { .. } | Comparator::MeanBetween { .. } => match (bound("min"), bound("max")) {
            (Some(min), Some(max)) => format!("is between {min} and {max}"),
            (Some(min), None) => format!("is at least {min}"),
            (None, max) => format!("is at most {}", max.unwrap_or_default()),
        },
    }
}

/// What a claim looks at in an exchange: `` `$.price` in the response of `get_price` (status 200, at …) ``.
pub(crate) fn place(claim: &Claim, row: &Row) -> String {
    format!("`{}` in the {} of {}", shorten(claim.path.as_str()), part(claim.part), exchange(row))
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Body => "response",
        Part::Status => "status",
        Part::Headers => "response headers",
        Part::Request => "request",
    }
}

/// An exchange, by its action, status and time.
pub(crate) fn exchange(row: &Row) -> String {
    let status = row.status.map(|status| format!("status {status}, ")).unwrap_or_default();
    format!("`{}` ({status}at {})", shorten(&row.action_name), iso8601(row.ended_us))
}

/// What there is where a path found nothing.
pub(crate) fn shape(value: &Value) -> String {
    match value {
        Value::Object(object) if object.is_empty() => "an empty object".to_owned(),
        Value::Object(object) => {
            let keys: Vec<_> = object.keys().take(KEYS_SHOWN).map(String::as_str).collect();
            let more = if object.len() > KEYS_SHOWN { " and more" } else { "" };
            format!("an object with the keys {}{more}", shorten(&keys.join(", ")))
        }
        Value::Array(list) => format!("a list of {}", list.len()),
        scalar => format!("{} {}", kind_of(scalar), shorten(&scalar.to_string())),
    }
}

/// Which exchanges a claim asks for.
pub(crate) fn sought(claim: &Claim) -> String {
    let agent = claim.agent_id.as_ref().map(|agent| format!(" of agent `{}`", shorten(agent))).unwrap_or_default();
    match claim {
        Claim { row_id: Some(id), .. } => format!("row {}", shorten(id)),
        Claim { call_ref: Some(call), .. } => format!("call {}", shorten(call)),
        Claim { tool_call_id: Some(id), .. } => format!("tool call {}", shorten(id)),
        Claim { action: Some(action), .. } => format!("action `{}`{agent} in this run", shorten(action)),
        _ => format!("any action{agent} in this run"),
    }
}
