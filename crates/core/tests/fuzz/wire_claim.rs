//! Claims as other SDKs write them.

use vouchsafe_core::claim::Claim;
use vouchsafe_core::wire_claim::WireClaim;
use vouchsafe_fuzz::fuzz;

#[test]
fn a_wire_claim_that_parses_is_written_as_itself_and_so_are_its_claims() {
    fuzz(env!("CARGO_MANIFEST_DIR"), "wire_claim", |input| {
        let Ok(wire) = serde_json::from_slice::<WireClaim>(input) else { return };
        let written = serde_json::to_string(&wire).expect("a claim is plain data");
        assert_eq!(serde_json::from_str::<WireClaim>(&written).expect("what is written is read"), wire);
        for claim in wire.claims(0).unwrap_or_default() {
            let wire = serde_json::to_string(&WireClaim::of(&claim, None)).expect("a claim is plain data");
            let wire: WireClaim = serde_json::from_str(&wire).expect("what is written is read");
            let again = wire.claims(0).expect("a claim that was understood");
            assert_eq!(again.iter().map(Claim::json).collect::<Vec<_>>(), [claim.json()]);
        }
    });
}
