//! Proof files: the first line of an input is the leaf in hex, the rest the file.

use crate::known;
use vouchsafe_fuzz::fuzz;
use vouchsafe_ledger::ProofFile;

#[test]
fn a_proof_file_that_proves_its_leaf_still_does_when_it_is_written_again() {
    let known = known();
    fuzz(env!("CARGO_MANIFEST_DIR"), "proof_file", |input| {
        let Some((leaf, text)) = std::str::from_utf8(input).ok().and_then(|text| text.split_once('\n')) else { return };
        let (Ok(leaf), Ok(file)) = (hex::decode(leaf), ProofFile::parse(text)) else { return };
        let written = file.to_string();
        let again = ProofFile::parse(&written).expect("what is written is read");
        assert_eq!(again, file);
        assert!(written == text || text.contains("\nextra "));
        let verified = file.verify(&leaf, &known);
        assert_eq!(again.verify(&leaf, &known), verified);
        if verified.is_ok() {
            let other_leaf = [&leaf[..], &[0]].concat();
            assert!(file.verify(&other_leaf, &known).is_err());
        }
    });
}
