//! Bodies by way of a table, from the corpus of `body`: what is read of them there is what is read of the recording.

use crate::{body::prepared, first_line};
use serde_json::json;
use vouchsafe_core::claim::Claim;
use vouchsafe_core::commitment::RowKey;
use vouchsafe_core::exchange::Prepared;
use vouchsafe_core::intercept::{Intercept, Own};
use vouchsafe_core::judge::{Candidate, Judgement, Readings, Situation, judge};
use vouchsafe_fuzz::fuzz;

fn judged(row: &Prepared, claim: &serde_json::Value) -> Judgement {
    let claim = Claim::parse(claim, 0).expect("the claim is sound");
    let readings = Readings::default();
    let Prepared { row, fields, .. } = row;
    let candidate = Candidate { row, index: 0, row_seq: 0, age_ms: 0, fields, readings: &readings };
    judge(&claim, &[candidate], None, &Situation::default())
}

#[test]
fn a_body_reads_alike_as_it_was_recorded_and_as_it_stands_in_a_table() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "body", |input| {
        let (content_type, rest) = first_line(input);
        let (_, body) = first_line(rest);
        let Ok(content_type) = std::str::from_utf8(content_type) else { return };
        let recorded = prepared(None, Some(format!("content-type: {content_type}\n")), body.to_vec());
        let laid_out = Intercept::of(&recorded.row, &recorded.fields, 0);
        let table = laid_out.prepare(RowKey([0; 32])).expect("we laid it out");
        let claim = json!({"equals": 42});
        let [recorded, table] = [recorded, table].map(|row| judged(&row, &claim));
        assert_eq!((recorded.reason, recorded.actual), (table.reason, table.actual));

        // Whatever anybody wrote there is read without harm.
        let text = String::from_utf8_lossy(body).into_owned();
        let foreign = Intercept { request_payload: text.clone(), raw_response: text, own: Own::default(), ..laid_out };
        let foreign = foreign.prepare(RowKey([0; 32])).expect("any text may stand there");
        for part in ["body", "request"] {
            judged(&foreign, &json!({"part": part, "equals": 42}));
        }
    });
}
