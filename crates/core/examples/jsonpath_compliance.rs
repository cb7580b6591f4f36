//! Runs the `JSONPath` compliance suite of RFC 9535 against [`vouchsafe_core::path`].
//!
//! The suite is `cts.json` of <https://github.com/jsonpath-standard/jsonpath-compliance-test-suite>; its path is the only
//! argument. Lists the cases that fail, and exits with 1 if there are any.

use serde_json::Value;
use std::process::ExitCode;
use vouchsafe_core::path::Path;

fn main() -> ExitCode {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("usage: jsonpath_compliance CTS_JSON");
        return ExitCode::from(64);
    };
    let text = std::fs::read_to_string(&file).expect("the suite is readable");
    let suite: Value = serde_json::from_str(&text).expect("the suite is JSON");
    let cases = suite["tests"].as_array().expect("the suite has tests");
    let failures: Vec<String> = cases.iter().filter_map(|case| failure(case).map(|why| describe(case, &why))).collect();
    for failure in &failures {
        println!("{failure}");
    }
    println!("{} of {} cases pass", cases.len() - failures.len(), cases.len());
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn describe(case: &Value, why: &str) -> String {
    format!("{}: {}: {why}", case["name"], case["selector"])
}

/// Why a case fails; `None` where it passes.
fn failure(case: &Value) -> Option<String> {
    let parsed = Path::parse(case["selector"].as_str().expect("a case has a selector"));
    if case["invalid_selector"] == true {
        return parsed.is_ok().then(|| "accepted".to_owned());
    }
    let path = match parsed {
        Ok(path) => path,
        Err(error) => return Some(error.to_string()),
    };
    let located = path.locate(&case["document"]).expect("the cases are small");
    let values: Value = located.iter().map(|node| node.value.clone()).collect();
    let places: Value = located.iter().map(|node| node.place.to_string()).collect();
    let alternatives = |one: &str, many: &str| match (case.get(one), case.get(many)) {
        (Some(only), _) => vec![only.clone()],
        (None, many) => many.and_then(Value::as_array).expect("a case has a result").clone(),
    };
    let passes = alternatives("result", "results").contains(&values)
        && alternatives("result_paths", "results_paths").contains(&places);
    (!passes).then(|| format!("selected {places}: {values}"))
}
