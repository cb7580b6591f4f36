//! How long it takes to check the bundle of one call with three rows, proven complete by the map, in a log of 1 M leaves
//! with a map of 1 M keys. Argument: rounds. Prints the bundle's bytes without what it discloses and, per round, the µs
//! of reading its text, of the check, and of the check with the checkpoint's signature, as JSON.

use std::{collections::HashMap, convert::Infallible, hint::black_box, sync::Arc, time::Instant};

use vouchsafe_core::{hash::Hash, query::Query, row::Row};
use vouchsafe_ledger::{
    Appender, Bundle, BundleRow, Checkpoint, DisclosedFields, MapAnswer, RowLeaf, Seal, SealProof, SigningKey,
    TileStore, leaf_hash,
    log::inclusion_proof,
    map::{self, MapValue},
};

const LEAVES: u64 = 1_000_000;
const CHECKS: u32 = 1_000;
/// The call's rows are this far from the end and from each other.
const APART: u64 = 300_000;
const CALL: &str = "67d80dd9-d786-7a9e-81c0-acba6e9bd51b";

#[derive(Default)]
struct MemoryTiles(HashMap<(u8, u64), Arc<[u8]>>);

impl TileStore for MemoryTiles {
    type Error = Infallible;

    fn tile(&self, level: u8, n: u64) -> Result<Option<Arc<[u8]>>, Infallible> {
        Ok(self.0.get(&(level, n)).cloned())
    }
}

fn row(n: u64) -> Row {
    let hash = "c".repeat(64);
    let text = format!(
        r#"{{"action_name":"GET api.example.com/v1/price","agent_id":"_default","body_length":"12","c_request":"{hash}",
        "c_request_headers":"{hash}","c_response":"{hash}","c_response_headers":"{hash}","c_url":"{hash}","c_wire":"{hash}",
        "call_ref":"{CALL}","context":"certain","ended_us":"1790000000020000","error":null,
        "first_byte_us":"1790000000010000","http_version":"1.1","id":"01f0ab3c-0000-7000-8000-{n:012}","kind":"http",
        "method":"GET","outcome":"complete","parent":null,"redacted":["request_headers:authorization"],"run_id":"run-1",
        "schema":1,"source":"tap","started_us":"1790000000000000","status":200,"tool_call_id":null,"truncated":false}}"#
    );
    serde_json::from_str(&text).expect("a canonical row")
}

/// The map's answer as it is among 2^20 keys, and the root that it leads to.
fn answer(query: &Query, indices: &[u64]) -> (MapAnswer, Hash) {
    let mut own = Appender::default();
    for index in indices {
        own.push(leaf_hash(&index.to_be_bytes()));
    }
    let last_index = *indices.last().expect("there are rows");
    let value = MapValue { count: indices.len() as u64, last_index, root: own.root() }.encode();
    let key = query.map_key().expect("a call has a key");
    let path: Vec<(u8, Hash)> = (0..20).rev().map(|bit| (bit, [bit; 32])).collect();
    let root = path.iter().fold(map::leaf_hash(&key, &value), |node, (bit, other)| {
        if map::bit(&key, *bit) { map::inner_hash(*bit, other, &node) } else { map::inner_hash(*bit, &node, other) }
    });
    (MapAnswer { value: Some(value.to_vec()), path, other: None }, root)
}

fn bundle(key: &SigningKey) -> Bundle {
    let query = Query::Call { call: CALL.into() };
    let indices: Vec<u64> = (1..=3).map(|n| LEAVES - 1 - (4 - n) * APART).collect();
    let (map, map_root) = answer(&query, &indices);
    let seal =
        Seal { first_index: 0, rows: LEAVES - 1, previous_seal_index: Seal::NONE, map_root, time_us: 1 }.encode();
    let mut log = Appender::default();
    for index in 0..LEAVES - 1 {
        let is_ours = indices.contains(&index);
        log.push(leaf_hash(&if is_ours {
            RowLeaf::of(&row(index), index, index).encode().to_vec()
        } else {
            vec![0; 113]
        }));
    }
    log.push(leaf_hash(&seal));
    let root = log.root();
    let changed = log.take_changed_tiles().into_iter();
    let tiles = MemoryTiles(changed.map(|(level, n, bytes)| ((level, n), bytes.into())).collect());
    let proof = |index| inclusion_proof(&tiles, index, LEAVES).expect("the tiles are complete");
    let rows = indices.iter().map(|&index| BundleRow {
        index,
        row_seq: index,
        time_us: index,
        row: row(index),
        fields: DisclosedFields::default(),
        proof: proof(index),
    });
    let mut bundle = Bundle::new(query, rows.collect());
    let checkpoint = Checkpoint { origin: key.name().to_owned(), size: LEAVES, root };
    bundle.checkpoint = Some(checkpoint.sign(key));
    bundle.seal = Some(SealProof { index: LEAVES - 1, leaf: seal.to_vec(), proof: proof(LEAVES - 1) });
    bundle.map = Some(map);
    bundle
}

/// µs of one call, the mean of many.
fn time<T>(mut call: impl FnMut() -> T) -> f64 {
    let began = Instant::now();
    (0..CHECKS).for_each(|_| drop(black_box(call())));
    began.elapsed().as_secs_f64() * 1e6 / f64::from(CHECKS)
}

fn main() {
    let rounds: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).expect("rounds are to be given");
    let key = SigningKey::from_seed(&[7; 32]);
    let bundle = bundle(&key);
    let known = [key.verifier()];
    let text = serde_json::to_string(&bundle).expect("a bundle is plain data");
    let (checkpoint, seal) = bundle.anchor(&known).expect("it stands alone");
    let (mut reads, mut checks, mut opens) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        reads.push(time(|| Bundle::parse(&text).expect("it is one")));
        checks.push(time(|| bundle.check(&checkpoint, seal).expect("it holds").covers));
        opens.push(time(|| bundle.open(&known).expect("it holds").covers));
    }
    println!("{{\"bytes\":{},\"reads\":{reads:?},\"checks\":{checks:?},\"opens\":{opens:?}}}", text.len());
}
