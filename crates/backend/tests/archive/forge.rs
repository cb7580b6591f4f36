//! A store whose commits the test makes itself: with true map roots, or with whatever it wants to be found out.

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    path::Path,
    sync::{LazyLock, OnceLock},
};

use rusqlite::Connection;
use tempfile::TempDir;
use vouchsafe_backend::archive::{ArchiveError, AuditOptions, AuditReport, audit};
use vouchsafe_core::{
    exchange::{Body, Exchange, Prepared},
    hash::Hash,
    prepare::prepare,
    redact::RedactionRules,
    row::{Kind, Source},
    tag::map_keys,
};
use vouchsafe_ledger::{
    Appender, Checkpoint, EMPTY_MAP_ROOT, RowLeaf, Seal, SigningKey, VerifierKey, leaf_hash,
    map::{self, MapEditor, MapStore, MapValue, bit, parting_bit},
};
use vouchsafe_store::{
    StoreError,
    sqlite::{Commit, Database, Reader, Readers, WriteConnection},
};

/// The size of the log of [`Forge::sound`], and of the commits in it.
pub const COMMITS: [u64; 5] = [0, 3, 400, 1, 120];

/// A log in the making.
pub struct Forge {
    pub dir: TempDir,
    pub key: SigningKey,
    /// Opened when it is needed: each opening waits for the disk.
    connection: Option<WriteConnection>,
    log: Log,
    /// Changes a seal before it is signed.
    pub change_seal: Box<dyn Fn(&mut Seal)>,
    /// The row that gets no leaf.
    pub left_out: Option<u64>,
}

/// A log as far as it was made.
#[derive(Clone, Default)]
struct Log {
    edge: Appender,
    map: BTreeMap<Hash, Vec<u64>>,
    pages: Pages,
    next_row: u64,
    previous: Option<u64>,
    notes: Vec<String>,
}

/// The map as it is stored.
#[derive(Clone)]
struct Pages {
    stored: HashMap<u64, Vec<u8>>,
    root: Hash,
}

impl Default for Pages {
    fn default() -> Self {
        Self { stored: HashMap::new(), root: EMPTY_MAP_ROOT }
    }
}

impl MapStore for Pages {
    type Error = Infallible;

    fn page(&self, number: u64) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.stored.get(&number).cloned())
    }
}

/// What [`Forge::sound`] copies, as making it anew takes a while without optimisation.
static SOUND: OnceLock<(TempDir, Log)> = OnceLock::new();

static RULES: LazyLock<RedactionRules> = LazyLock::new(RedactionRules::default);

fn prepared(n: u64) -> Prepared {
    let body = |text: String| Some(Body { wire_length: text.len() as u64, bytes: text.into(), ..Body::default() });
    let kind = [Kind::Http, Kind::Http, Kind::Tool, Kind::Model][usize::try_from(n % 4).unwrap()];
    let exchange = Exchange {
        run_id: (!n.is_multiple_of(3)).then(|| "run".into()),
        agent_id: format!("agent {}", n % 2),
        action_name: Some(format!("action {}", n % 7)),
        call_ref: (!n.is_multiple_of(5)).then(|| format!("00000000-0000-7000-8000-{:012x}", n / 2)),
        tool_call_id: n.is_multiple_of(6).then(|| format!("call_{n}")),
        url: Some(format!("https://example.com/{n}")),
        request_headers: Some("accept: text/plain\n".into()),
        response_headers: Some("content-type: text/plain\n".into()),
        request: body(format!("what is {n}?")),
        response: body(format!("{n} is {n}")),
        ..Exchange::new(kind, Source::Tap, 1_800_000_000_000_000, 1_800_000_000_001_000 + n)
    };
    prepare(exchange, &RULES, 1 << 20)
}

impl Forge {
    /// A store without any commit.
    pub fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap(), Log::default())
    }

    /// A log of 524 rows in five commits, of which nothing is to be said.
    pub fn sound() -> Self {
        let (made, log) = SOUND.get_or_init(|| {
            let mut forge = Self::new();
            for rows in COMMITS {
                forge.commit(rows);
            }
            let copy = tempfile::tempdir().unwrap();
            forge.back_up(copy.path());
            (copy, forge.log)
        });
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(made.path().join("vouchsafe.db"), dir.path().join("vouchsafe.db")).unwrap();
        Self::on(dir, log.clone())
    }

    fn on(dir: TempDir, log: Log) -> Self {
        let key = SigningKey::from_seed(&[7; 32]);
        Self { dir, key, connection: None, log, change_seal: Box::new(|_| {}), left_out: None }
    }

    /// The note of each commit.
    pub fn notes(&self) -> &[String] {
        &self.log.notes
    }

    /// The newest note.
    pub fn newest(&self) -> &str {
        self.log.notes.last().unwrap()
    }

    /// Records rows without committing them.
    pub fn record(&mut self, rows: u64) -> Vec<Prepared> {
        let first = self.log.next_row;
        let rows: Vec<_> = (first..first + rows).map(prepared).collect();
        self.writer().transaction(|tx| tx.insert_rows(&rows).map(drop)).unwrap();
        self.log.next_row += rows.len() as u64;
        rows
    }

    /// Records rows and commits them.
    pub fn commit(&mut self, rows: u64) {
        let first_row_seq = self.log.next_row;
        let rows = self.record(rows);
        let first_index = self.log.edge.size();
        let mut leaves = Vec::new();
        let mut pages = MapEditor::new(&self.log.pages, self.log.pages.root);
        for (row_seq, prepared) in (first_row_seq..).zip(&rows) {
            if self.left_out == Some(row_seq) {
                continue;
            }
            let index = first_index + leaves.len() as u64;
            leaves.push(RowLeaf::of(&prepared.row, row_seq, prepared.row.ended_us).encode().to_vec());
            for key in map_keys(&prepared.row) {
                pages.add(&key, index).unwrap();
                self.log.map.entry(key).or_default().push(index);
            }
        }
        let pages = pages.finish();
        self.log.pages.root = pages.root;
        self.log.pages.stored.extend(pages.pages.iter().cloned());
        let count = leaves.len() as u64;
        let entries: Vec<_> = self.log.map.iter().map(|(key, indices)| (*key, value(indices))).collect();
        let mut seal = Seal {
            first_index,
            rows: count,
            previous_seal_index: self.log.previous.unwrap_or(Seal::NONE),
            map_root: map_root(&entries),
            time_us: 1_800_000_001_000_000,
        };
        (self.change_seal)(&mut seal);
        leaves.push(seal.encode().to_vec());
        self.writer();
        let (edge, key) = (&mut self.log.edge, &self.key);
        let connection = self.connection.as_mut().expect("it was opened");
        let note = connection.transaction(|tx| {
            for leaf in &leaves {
                tx.put_leaf(edge.size(), leaf)?;
                edge.push(leaf_hash(leaf));
            }
            for (level, n, hashes) in edge.take_changed_tiles() {
                tx.put_tile(level, n, &hashes)?;
            }
            for (number, nodes) in &pages.pages {
                tx.put_map_page(*number, nodes)?;
            }
            let (size, root) = (edge.size(), edge.root());
            let note = Checkpoint { origin: key.name().into(), size, root }.sign(key);
            // The first row that has a leaf counts, as a commit's columns say where its leaves' rows begin.
            let first_row_seq = first_row_seq + u64::from(self.left_out == Some(first_row_seq));
            tx.put_commit(&Commit { size, first_index, first_row_seq, rows: count, root, note: note.clone() })?;
            Ok::<_, StoreError>(note)
        });
        self.log.notes.push(note.unwrap());
        self.log.previous = Some(self.log.edge.size() - 1);
    }

    pub fn size(&self) -> u64 {
        self.log.edge.size()
    }

    pub fn known(&self) -> Vec<VerifierKey> {
        vec![self.key.verifier()]
    }

    pub fn read<T>(&self, read: impl FnOnce(&Reader) -> Result<T, ArchiveError>) -> Result<T, ArchiveError> {
        Readers::new(Database::in_folder(self.dir.path())).with(read)
    }

    pub fn audit(&self, since: Option<&str>) -> AuditReport {
        let options = AuditOptions { known: self.known(), since: since.map(str::to_owned) };
        self.read(|reader| audit(reader, &options, &|_, _| {})).unwrap()
    }

    /// Runs a statement that changes something.
    pub fn sql(&self, sql: &str) {
        let connection = self.open();
        assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
    }

    /// Changes one byte of a blob.
    pub fn flip(&self, table: &str, column: &str, which: &str, at: usize) {
        let connection = self.open();
        let select = format!("SELECT {column} FROM {table} WHERE {which}");
        let mut bytes: Vec<u8> = connection.query_row(&select, [], |sql| sql.get(0)).unwrap();
        bytes[at] ^= 1;
        connection.execute(&format!("UPDATE {table} SET {column} = ?1 WHERE {which}"), [bytes]).unwrap();
    }

    pub fn open(&self) -> Connection {
        let connection = Connection::open(self.dir.path().join("vouchsafe.db")).unwrap();
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        connection
    }

    fn writer(&mut self) -> &mut WriteConnection {
        self.connection.get_or_insert_with(|| Database::in_folder(self.dir.path()).writer().unwrap())
    }

    /// The same log as another folder has it.
    pub fn back_up(&self, to: &Path) {
        let to = to.join("vouchsafe.db");
        self.open().execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
    }
}

fn value(indices: &[u64]) -> Vec<u8> {
    let mut log = Appender::default();
    for index in indices {
        log.push(leaf_hash(&index.to_be_bytes()));
    }
    let last_index = *indices.last().unwrap();
    MapValue { count: indices.len() as u64, last_index, root: log.root() }.encode().to_vec()
}

/// The map's root by its definition, from ascending keys.
fn map_root(entries: &[(Hash, Vec<u8>)]) -> Hash {
    match entries {
        [] => EMPTY_MAP_ROOT,
        [(key, value)] => map::leaf_hash(key, value),
        [(first, _), .., (last, _)] => {
            let parting = parting_bit(first, last).expect("keys differ");
            let (left, right) = entries.split_at(entries.partition_point(|(key, _)| !bit(key, parting)));
            map::inner_hash(parting, &map_root(left), &map_root(right))
        }
    }
}
