//! A row's proof as a file: verified before it is handed out.

use vouchsafe_backend::archive::{ArchiveError, LeafProof, proof_file};
use vouchsafe_ledger::{ProofFile, RowLeaf};

use crate::forge::Forge;

fn id(forge: &Forge, row_seq: u64) -> String {
    let select = format!("SELECT id FROM intercepts WHERE row_seq = {row_seq}");
    forge.open().query_row(&select, [], |sql| sql.get(0)).unwrap()
}

fn prove(forge: &Forge, id: &str) -> Result<LeafProof, ArchiveError> {
    forge.read(|reader| proof_file(reader, id, &forge.known()))
}

#[test]
fn every_row_has_a_file_that_proves_its_leaf() {
    let forge = Forge::sound();
    for row_seq in [0, 2, 3, 299, 523] {
        let proof = prove(&forge, &id(&forge, row_seq)).unwrap();
        let read = ProofFile::parse(&proof.file.to_string()).unwrap();
        assert_eq!(read.verify(&proof.leaf, &forge.known()).unwrap().size, forge.size());
        assert_eq!(RowLeaf::decode(&proof.leaf).unwrap().row_seq, row_seq);
    }
}

#[test]
fn a_row_that_is_unknown_or_not_committed_has_none() {
    let mut forge = Forge::sound();
    forge.record(1);
    assert_eq!(prove(&forge, "nothing").unwrap_err().code(), "ROW_NOT_FOUND");
    assert_eq!(prove(&forge, &id(&forge, 524)).unwrap_err().code(), "ROW_NOT_COMMITTED");
}

#[test]
fn a_file_that_would_not_verify_is_not_handed_out() {
    for sql in [
        "UPDATE intercepts SET status = 500 WHERE row_seq = 299",
        "UPDATE leaves SET leaf = zeroblob(113) WHERE leaf_index = 301",
        "UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND n = 1",
        "UPDATE commits SET note = 'nothing' WHERE size = 529",
    ] {
        let forge = Forge::sound();
        let id = id(&forge, 299);
        forge.sql(sql);
        assert_eq!(prove(&forge, &id).unwrap_err().code(), "STORE_CORRUPT", "{sql}");
    }
}
