//! Bundles' JSON, changed: one value at a time, in every place.

use serde_json::{Map, Value, json};

/// What can be done to a value where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Another value of the same form, as far as there is one.
    Altered,
    /// Gone.
    Removed,
    /// There twice: a key of an object with its value, an item of a list.
    Duplicated,
    /// Without its end: a text's last character, a list's last item.
    Truncated,
}

pub const CHANGES: [Change; 4] = [Change::Altered, Change::Removed, Change::Duplicated, Change::Truncated];

/// The JSON pointers of all values, objects and lists included, the whole left out.
pub fn places(value: &Value) -> Vec<String> {
    let mut places = Vec::new();
    collect(value, "", &mut places);
    places
}

fn collect(value: &Value, place: &str, places: &mut Vec<String>) {
    let mut inner = |key: &str, value: &Value| {
        let place = format!("{place}/{key}");
        places.push(place.clone());
        collect(value, &place, places);
    };
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| inner(key, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, value)| inner(&n.to_string(), value)),
        _ => {}
    }
}

/// The text with one change made; `None` where that place cannot be changed so.
pub fn changed(original: &Value, place: &str, change: Change) -> Option<String> {
    let mut mutant = original.clone();
    let (parent, key) = place.rsplit_once('/')?;
    match change {
        Change::Altered => {
            let value = mutant.pointer_mut(place)?;
            *value = altered(value)?;
        }
        Change::Truncated => match mutant.pointer_mut(place)? {
            Value::String(text) => drop(text.pop()?),
            Value::Array(items) => drop(items.pop()?),
            _ => return None,
        },
        Change::Removed => match mutant.pointer_mut(parent)? {
            Value::Array(items) => drop(items.remove(key.parse().ok()?)),
            parent => drop(parent.as_object_mut()?.remove(key)?),
        },
        Change::Duplicated => match mutant.pointer_mut(parent)? {
            Value::Array(items) => {
                let n: usize = key.parse().ok()?;
                items.insert(n, items[n].clone());
            }
            parent => {
                // A map of values knows a key once, so that the second one is put into the text.
                const MARK: &str = "\u{1}twice";
                let entries = parent.as_object_mut()?;
                let twice = format!("{}:{}", json!(key), entries[key]);
                entries.insert(MARK.into(), Value::Null);
                return Some(mutant.to_string().replace(&format!("{}:null", json!(MARK)), &twice));
            }
        },
    }
    Some(mutant.to_string())
}

fn altered(value: &Value) -> Option<Value> {
    Some(match value {
        Value::String(text) => {
            let mut letters = text.chars();
            let other = if letters.next() == Some('1') { '2' } else { '1' };
            json!(format!("{other}{}", letters.as_str()))
        }
        Value::Number(number) => json!(number.as_u64()? + 1),
        Value::Bool(bool) => json!(!bool),
        Value::Null => json!("1"),
        Value::Array(_) => json!({}),
        Value::Object(_) => Value::Object(Map::new()),
    })
}

/// The text with what another bundle has in the same place; `None` where it has nothing there, or the same.
pub fn swapped(original: &Value, place: &str, other: &Value) -> Option<String> {
    let mut mutant = original.clone();
    let value = mutant.pointer_mut(place)?;
    *value = other.pointer(place).filter(|other| *other != value)?.clone();
    Some(mutant.to_string())
}

/// A place without the numbers of its items, and without what is inside a row.
pub fn part(place: &str) -> String {
    let parts = place.split('/').skip(1).map(|key| if key.parse::<u64>().is_ok() { "*" } else { key });
    let parts: Vec<&str> = parts.collect();
    match &parts[..] {
        ["rows", "*", "row", _, ..] => "rows/*/row/…".into(),
        ["rows", "*", "fields", _, what] => format!("rows/*/fields/…/{what}"),
        ["rows", "*", "fields", _] => "rows/*/fields/…".into(),
        ["query", _] => "query/…".into(),
        parts => parts.join("/"),
    }
}
