//! Random mutants of bundles: whatever is accepted is true.

use std::sync::LazyLock;

use crate::bundle_matrix::bundles;
use crate::committed::Log;
use crate::mutants::{CHANGES, changed, places, swapped};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

static LOG: LazyLock<Log> = LazyLock::new(Log::new);

/// Valid bundles of all queries, forms and two checkpoints, as JSON.
static VALID: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let json_of = |bundle| serde_json::to_value(bundle).unwrap();
    bundles(&LOG).into_iter().flatten().map(json_of).filter(|json| LOG.judge(&json.to_string()) == "accepted").collect()
});

/// One step of a mutation: what is done, where, with which other bundle, and with which of its values or bits.
type Step = (u8, Index, Index, Index);

/// The text after one step; `None` where the step does nothing there.
fn step(json: &Value, (what, place, other, detail): &Step) -> Option<String> {
    let (places, other) = (places(json), &VALID[other.index(VALID.len())]);
    let place = &places[place.index(places.len())];
    match what {
        0..=3 => changed(json, place, CHANGES[usize::from(*what)]),
        4 => swapped(json, place, other),
        5 => {
            // Any value of another bundle in the place of this one.
            let theirs = self::places(other);
            let mut mutant = json.clone();
            *mutant.pointer_mut(place)? = other.pointer(&theirs[detail.index(theirs.len())])?.clone();
            Some(mutant.to_string())
        }
        6 => {
            // A bit of a value's bytes.
            let mut mutant = json.clone();
            let Value::String(text) = mutant.pointer_mut(place)? else { return None };
            let mut bytes = STANDARD.decode(&*text).ok().filter(|bytes| !bytes.is_empty())?;
            let bit = detail.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            *text = STANDARD.encode(bytes);
            Some(mutant.to_string())
        }
        _ => {
            // A character of the text: another one, none, or twice.
            let text = json.to_string();
            let letters: Vec<char> = text.chars().collect();
            let at = detail.index(letters.len());
            let instead = match what {
                7 => String::new(),
                8 => format!("{0}{0}", letters[at]),
                _ => "0A=\"{[,:n-".chars().nth(usize::from(*what) % 10)?.to_string(),
            };
            Some(letters[..at].iter().collect::<String>() + &instead + &letters[at + 1..].iter().collect::<String>())
        }
    }
}

/// How many mutants are tried: `VOUCHSAFE_MUTANTS`, else some thousands.
fn cases() -> u32 {
    std::env::var("VOUCHSAFE_MUTANTS").ok().map_or(3_000, |count| count.parse().expect("a number of mutants"))
}

fn any_step() -> impl Strategy<Value = Step> {
    (0..19u8, any::<Index>(), any::<Index>(), any::<Index>())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn no_random_mutant_proves_what_is_not_so(original: Index, steps in prop::collection::vec(any_step(), 1..4)) {
        let mut json = VALID[original.index(VALID.len())].clone();
        for one in &steps {
            let Some(text) = step(&json, one) else { continue };
            // `judge` panics where something is accepted that is not so.
            LOG.judge(&text);
            let Ok(mutant) = serde_json::from_str(&text) else { break };
            json = mutant;
            if places(&json).is_empty() {
                break;
            }
        }
    }
}

#[test]
fn there_are_valid_bundles_of_every_kind_to_mutate() {
    assert!(VALID.len() > 30, "{}", VALID.len());
}
