//! What the map costs a commit: rows that touch a key each, in a map of many keys, on disk. Arguments: keys, touched.
//!
//! Prints the p50 and the worst of 20 in ms for the map alone on the writer's side, for the whole transaction and for one
//! of a single leaf (an fsync), the time of a proof, how many pages and KiB a commit writes, and what the process holds in
//! memory.

use std::time::Instant;

use vouchsafe_core::hash::{Hash, sha256};
use vouchsafe_ledger::{
    EMPTY_MAP_ROOT,
    map::{MapEditor, MapStore, prove},
};
use vouchsafe_store::{
    StoreError,
    sqlite::{Database, Reader, WriteTx},
};

struct Written<'a, 'c>(&'a WriteTx<'c>);

impl MapStore for Written<'_, '_> {
    type Error = StoreError;

    fn page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.map_page(number)
    }
}

struct Read<'a>(&'a Reader);

impl MapStore for Read<'_> {
    type Error = StoreError;

    fn page(&self, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.map_page(number)
    }
}

fn key(n: u64) -> Hash {
    sha256(&[&n.to_be_bytes()])
}

/// Adds rows; returns the new root, and how many pages and bytes were written.
fn add(tx: &WriteTx<'_>, root: Hash, rows: impl Iterator<Item = (Hash, u64)>) -> (Hash, usize, usize) {
    let store = Written(tx);
    let mut editor = MapEditor::new(&store, root);
    for (key, index) in rows {
        editor.add(&key, index).expect("the map is sound");
    }
    let update = editor.finish();
    for (number, nodes) in &update.pages {
        tx.put_map_page(*number, nodes).expect("the page is written");
    }
    (update.root, update.pages.len(), update.pages.iter().map(|(_, nodes)| nodes.len()).sum())
}

fn report(what: &str, mut samples: Vec<f64>) {
    samples.sort_by(f64::total_cmp);
    println!("{what}: p50 {:.2} ms, worst {:.2} ms", samples[samples.len() / 2], samples[samples.len() - 1]);
}

/// Resident memory in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().split(' ').next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024
}

fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let [keys, touched] = arguments[..] else { panic!("keys and touched are to be given") };
    let ms = |began: Instant| began.elapsed().as_secs_f64() * 1e3;
    let dir = tempfile::tempdir().expect("a folder");
    let database = Database::in_folder(dir.path());
    let mut connection = database.writer().expect("the store opens");
    let (mut root, mut next) = (EMPTY_MAP_ROOT, 0);
    println!("memory at the start: {} MiB", resident());
    while next < keys {
        let end = keys.min(next + 4_096);
        root = connection
            .transaction(|tx| Ok::<_, StoreError>(add(tx, root, (next..end).map(|n| (key(n), n))).0))
            .expect("it commits");
        next = end;
    }
    println!("memory with {keys} keys: {} MiB", resident());
    let (mut map, mut whole, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    let mut written = (0, 0);
    for round in 0..20 {
        let began = Instant::now();
        let tx = |tx: &WriteTx<'_>| {
            let began = Instant::now();
            // Every other key is new, as calls are; the others are anywhere among the old ones.
            let rows = (0..touched).map(|n| {
                let old = u64::from_be_bytes(key(round * touched + n)[..8].try_into().expect("eight bytes")) % keys;
                (key(if n % 2 == 0 { old } else { next + n }), next + n)
            });
            let (new, pages, bytes) = add(tx, root, rows);
            (root, written) = (new, (written.0 + pages, written.1 + bytes));
            Ok::<_, StoreError>(ms(began))
        };
        map.push(connection.transaction(tx).expect("it commits"));
        whole.push(ms(began));
        next += touched;
        let began = Instant::now();
        connection.transaction(|tx| tx.put_leaf(round, &[0; 113])).expect("it commits");
        empty.push(ms(began));
    }
    report("the map's part of a commit", map);
    report("the transaction", whole);
    report("a transaction of one leaf", empty);
    println!("pages written a commit: {}, {} KiB", written.0 / 20, written.1 / 20 / 1024);
    let reader = database.reader().expect("a reader");
    let mut proofs = Vec::new();
    for n in 0..2_000 {
        // Present and absent keys in turn.
        let key = key(if n % 2 == 0 { n * 37 % keys } else { u64::MAX - n });
        let began = Instant::now();
        let proof = prove(&Read(&reader), &key).expect("the map is sound");
        proofs.push(ms(began));
        proof.verify(&root, &key).expect("the proof holds");
    }
    report("a proof", proofs);
    println!("memory at the end: {} MiB", resident());
}
