//! A log of rows in several commits, with its map, and bundles that answer any query under any of its checkpoints.

use crate::naive::{Map, frontier, inclusion_proof, tree_root};
use crate::vectors::{ROWS, parse};
use vouchsafe_core::commitment::{Field, RowKey, commit};
use vouchsafe_core::hash::Hash;
use vouchsafe_core::query::Query;
use vouchsafe_core::row::{Kind, Row};
use vouchsafe_core::tag::map_keys;
use vouchsafe_core::verdict::Covers;
use vouchsafe_ledger::{
    Bundle, BundleError, BundleRow, Checkpoint, DisclosedField, DisclosedFields, MapAnswer, OpenedBundle, RowLeaf,
    Scan, Seal, SealProof, SigningKey, leaf_hash,
};

/// How many rows each commit has.
const COMMITS: [u64; 5] = [0, 6, 9, 1, 21];

/// A log, the rows in it, and its map as it is after each commit.
pub struct Log {
    pub key: SigningKey,
    pub leaves: Vec<Vec<u8>>,
    rows: Vec<BundleRow>,
    /// By the size of the log after the commit.
    maps: Vec<(u64, Map)>,
}

pub fn call(n: u64) -> Query {
    Query::Call { call: call_ref(n) }
}

pub fn tool_call(n: u64) -> Query {
    Query::ToolCall { tool_call: format!("tool-{n}") }
}

pub fn action(agent: &str, action: &str) -> Query {
    Query::Action { action: action.into(), agent: agent.into(), run: Some("run-1".into()) }
}

pub fn agent(agent: &str) -> Query {
    Query::Agent { agent: agent.into(), run: Some("run-1".into()) }
}

fn call_ref(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

/// The n-th row: agents take turns, calls have three rows one after the other, tool calls have four; every eleventh row
/// is of a kind that the map does not list.
fn row(n: u64) -> (Row, DisclosedFields) {
    let mut row: Row = parse(&ROWS["rows"][0]["row"]);
    let key = RowKey([u8::try_from(n % 256).unwrap(); 32]);
    let disclosed = |field: Field, text: String| {
        let key = key.field_key(field);
        let bytes = text.into_bytes();
        (Some(commit(&key, &bytes)), Some(DisclosedField { bytes, key }))
    };
    let mut fields = DisclosedFields::default();
    (row.c_response, fields.response) = disclosed(Field::Response, format!("{{\"price\":{n}}}"));
    (row.c_request, fields.request) = disclosed(Field::Request, format!("{{\"q\":{n}}}"));
    (row.c_url, fields.url) = disclosed(Field::Url, format!("https://example.com/{n}"));
    (row.c_request_headers, fields.request_headers) = disclosed(Field::RequestHeaders, "a: b\n".into());
    (row.c_response_headers, fields.response_headers) = disclosed(Field::ResponseHeaders, "c: d\n".into());
    row.id = format!("10000000-0000-7000-8000-{n:012x}");
    row.kind = if n % 11 == 10 { Kind::Model } else { Kind::Http };
    row.agent_id = ["a", "b"][usize::from(n % 2 == 1)].into();
    row.action_name = ["price", "rate", "stock"][usize::try_from(n % 3).unwrap()].into();
    row.run_id = Some("run-1".into());
    row.call_ref = Some(call_ref(n / 3));
    row.tool_call_id = Some(format!("tool-{}", n / 4));
    row.ended_us += n;
    (row, fields)
}

impl Log {
    pub fn new() -> Self {
        Self::of(&COMMITS)
    }

    /// A log of commits with so many rows each.
    pub fn of(commits: &[u64]) -> Self {
        Self::lying(commits, |_| {})
    }

    /// A log whose map has another value for a query's key.
    pub fn with_value(query: &Query, value: &[u8]) -> Self {
        Self::lying(&COMMITS, |map| drop(map.lies.insert(query.map_key().unwrap(), value.to_vec())))
    }

    /// A log whose map leaves a query's key out.
    pub fn without(query: &Query) -> Self {
        Self::lying(&COMMITS, |map| drop(map.rows.remove(&query.map_key().unwrap())))
    }

    fn lying(commits: &[u64], lie: impl Fn(&mut Map)) -> Self {
        let mut log =
            Self { key: SigningKey::from_seed(&[7; 32]), leaves: Vec::new(), rows: Vec::new(), maps: Vec::new() };
        let (mut map, mut previous) = (Map::default(), Seal::NONE);
        for &rows in commits {
            let first_index = log.size();
            for _ in 0..rows {
                log.push_row(&mut map);
            }
            lie(&mut map);
            let seal = log.size();
            let leaf = Seal { first_index, rows, previous_seal_index: previous, map_root: map.root(), time_us: seal };
            log.leaves.push(leaf.encode().to_vec());
            log.maps.push((log.size(), map.clone()));
            previous = seal;
        }
        log
    }

    fn push_row(&mut self, map: &mut Map) {
        let (index, row_seq) = (self.size(), self.rows.len() as u64);
        let (row, fields) = row(row_seq);
        let time_us = row.ended_us;
        self.leaves.push(RowLeaf::of(&row, row_seq, time_us).encode().to_vec());
        for key in map_keys(&row) {
            map.rows.entry(key).or_default().push(index);
        }
        self.rows.push(BundleRow { index, row_seq, time_us, row, fields, proof: Vec::new() });
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The size before the newest commit.
    pub fn earlier_size(&self) -> u64 {
        self.maps[self.maps.len() - 2].0
    }

    pub fn hashes(&self, size: u64) -> Vec<Hash> {
        self.leaves[..usize::try_from(size).unwrap()].iter().map(|leaf| leaf_hash(leaf)).collect()
    }

    pub fn proof(&self, index: u64, size: u64) -> Vec<Hash> {
        inclusion_proof(usize::try_from(index).unwrap(), &self.hashes(size))
    }

    pub fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint { origin: self.key.name().to_owned(), size, root: tree_root(&self.hashes(size)) }
    }

    pub fn seal(&self, size: u64) -> SealProof {
        let index = size - 1;
        let leaf = self.leaves[usize::try_from(index).unwrap()].clone();
        SealProof { index, leaf, proof: self.proof(index, size) }
    }

    pub fn map_answer(&self, query: &Query, size: u64) -> MapAnswer {
        let (_, map) = self.maps.iter().find(|(of, _)| *of == size).expect("there is a checkpoint of that size");
        map.answer(&query.map_key().expect("the query has a key"))
    }

    /// The last `count` leaves, whatever they are.
    pub fn scan(&self, count: u64, size: u64) -> Scan {
        let begin = usize::try_from(size - count).unwrap();
        let leaves = self.leaves[begin..usize::try_from(size).unwrap()].to_vec();
        Scan { frontier: frontier(&self.hashes(begin as u64)), leaves }
    }

    /// All rows that answer, in a bundle that stands alone and says nothing of others.
    pub fn bundle(&self, query: Query, size: u64) -> Bundle {
        let answers = self.rows.iter().filter(|row| row.index < size && query.selects(&row.row));
        let rows = answers.map(|row| BundleRow { proof: self.proof(row.index, size), ..row.clone() }).collect();
        let mut bundle = Bundle::new(query, rows);
        bundle.checkpoint = Some(self.checkpoint(size).sign(&self.key));
        bundle.seal = Some(self.seal(size));
        bundle
    }

    pub fn with_map(&self, query: Query, size: u64) -> Bundle {
        let mut bundle = self.bundle(query, size);
        bundle.map = Some(self.map_answer(&bundle.query, size));
        bundle
    }

    /// With a scan that reaches back to the last row, or to the first leaf where there is none.
    pub fn with_scan(&self, query: Query, size: u64) -> Bundle {
        let mut bundle = self.bundle(query, size);
        let count = size - bundle.rows.last().map_or(0, |row| row.index);
        bundle.scan = Some(self.scan(count, size));
        bundle
    }

    pub fn open<'b>(&self, bundle: &'b Bundle) -> Result<OpenedBundle<'b>, BundleError> {
        bundle.open(&[self.key.verifier()])
    }

    /// The code of what is wrong with a bundle's text; `accepted` where it proves something, which then has to be true.
    pub fn judge(&self, text: &str) -> &'static str {
        let bundle = match Bundle::parse(text) {
            Ok(bundle) => bundle,
            Err(error) => return error.code(),
        };
        match self.open(&bundle) {
            Err(error) => error.code(),
            Ok(OpenedBundle { covers: None, .. }) => "incomplete",
            Ok(opened) => {
                self.assert_true(&bundle, &opened);
                "accepted"
            }
        }
    }

    /// Compares what a bundle has proven with all that there is.
    fn assert_true(&self, bundle: &Bundle, opened: &OpenedBundle<'_>) {
        let Checkpoint { size, root, .. } = opened.checkpoint;
        assert!(
            self.maps.iter().any(|(of, _)| *of == size) && root == self.checkpoint(size).root,
            "no checkpoint of ours"
        );
        let there: Vec<&BundleRow> =
            self.rows.iter().filter(|row| row.index < size && bundle.query.selects(&row.row)).collect();
        for shown in &opened.rows {
            let row = there.iter().find(|row| row.index == shown.index).expect("a row that is there, and answers");
            assert_eq!((shown.row, shown.row_seq, shown.time_us), (&row.row, row.row_seq, row.time_us));
            let known: Vec<_> = row.fields.iter().collect();
            assert!(shown.fields.iter().all(|field| known.contains(&field)), "a field that is the row's");
        }
        let (shown, known) = (opened.rows.last().map(|row| row.index), there.last().map(|row| row.index));
        match opened.covers.expect("it proves something") {
            Covers::Row => assert!(shown.is_some() && opened.form.is_none()),
            Covers::Latest => assert_eq!((shown, shown.is_some()), (known, true)),
            Covers::Call => assert_eq!((shown, opened.rows.len()), (known, there.len())),
            Covers::Absence => assert_eq!((shown, known), (None, None)),
        }
    }

    /// `ok`, or the code of what is wrong.
    pub fn code(&self, bundle: &Bundle) -> &'static str {
        self.open(bundle).map_or_else(|error| error.code(), |_| "ok")
    }
}
