//! Exchanges recorded at once until they are on disk, beside plain rusqlite that inserts the same rows, made ready
//! before, with the same durability. Arguments: exchanges, rounds. Prints rows a second, and how often the engine had to let
//! something go, as JSON.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};
use serde_json::json;
use vouchsafe_core::{
    exchange::{Body, Exchange, Prepared},
    prepare::prepare,
    redact::{RedactionOptions, RedactionRules},
    row::{Context, Kind, Outcome, Source},
};
use vouchsafe_engine::{EngineOptions, Handle};
use vouchsafe_store::sqlite::Database;

/// The rows of one transaction: what the engine's writer puts into one at most.
const BATCH: usize = 1_000;
/// JavaScript hands over no faster than one exchange in this time.
const PACE: Duration = Duration::from_nanos(2_500);
const MAX_BODY_BYTES: usize = 4 << 20;
const BARE: &str = "CREATE TABLE intercepts (row_seq INTEGER PRIMARY KEY, row_hash, id, schema, kind, source, run_id, agent_id,
  action_name, call_ref, tool_call_id, parent, method, status, http_version, outcome, error, context, truncated, redacted,
  started_us, first_byte_us, ended_us, body_length, c_url, c_request_headers, c_response_headers, c_request, c_response,
  c_wire, url, request_headers, response_headers, request, response);
CREATE TABLE row_keys (row_seq INTEGER PRIMARY KEY, key BLOB NOT NULL)";
const INSERT: &str =
    "INSERT INTO intercepts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

/// A JSON body of 2 KB and 20 headers, as the recorder hands it over.
fn exchange(n: usize) -> Exchange {
    let header = |n: usize| format!("x-header-number-{n}: value of header number {n}\n");
    let item = |n: usize| format!("{{\"id\":{n},\"name\":\"item {n}\",\"price\":{n}.5}}");
    let mut body = format!("{{\"items\":[{}]}}", (0..45).map(item).collect::<Vec<_>>().join(",")).into_bytes();
    body.resize(2048, b' ');
    let started_us = 1_700_000_000_000_000 + n as u64;
    Exchange {
        run_id: Some("run".into()),
        action_name: Some("items".into()),
        method: Some("GET".into()),
        url: Some(format!("https://api.example.com/v1/items?page={n}")),
        status: Some(200),
        http_version: Some("1.1".into()),
        outcome: Some(Outcome::Complete),
        context: Some(Context::Certain),
        first_byte_us: Some(started_us + 800),
        request_headers: Some(format!("accept: application/json\n{}", (0..5).map(header).collect::<String>())),
        response_headers: Some(format!("content-type: application/json\n{}", (0..13).map(header).collect::<String>())),
        response: Some(Body { wire_length: body.len() as u64, bytes: body, ..Body::default() }),
        ..Exchange::new(Kind::Http, Source::Tap, started_us, started_us + 900)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn rate(count: usize, began: Instant) -> f64 {
    count as f64 / began.elapsed().as_secs_f64()
}

/// The rate, and how often bodies or rows had to be let go.
fn through_the_engine(dir: &Path, count: usize) -> (f64, u64) {
    let options = json!({
        "debounceMs": 50, "maxConcurrency": 8, "redact": { "headers": [], "query": [], "paths": [] },
        "maxBodyBytes": MAX_BODY_BYTES, "retentionDays": 30, "retentionBytes": 1u64 << 30, "origin": null, "keyFile": null,
        "pin": null, "backend": null, "postgresUrl": null,
    });
    let options: EngineOptions = serde_json::from_value(options).expect("these are all options");
    let losses = Arc::new(AtomicU64::new(0));
    let lost = Arc::clone(&losses);
    let listener = move |_: &_| {
        lost.fetch_add(1, Ordering::Relaxed);
    };
    let handle = Handle::open(dir, &options, None, listener).expect("the folder is new");
    let engine = handle.engine();
    let exchanges: Vec<Exchange> = (0..count).map(exchange).collect();
    let waiting = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without threads");
    let began = Instant::now();
    let mut due = began;
    for exchange in exchanges {
        while Instant::now() < due {
            std::hint::spin_loop();
        }
        due += PACE;
        engine.record(exchange);
    }
    waiting.block_on(engine.flush()).expect("the disk takes it");
    let rate = rate(count, began);
    handle.close(Duration::from_secs(10));
    (rate, losses.load(Ordering::Relaxed))
}

fn through_rusqlite(connection: &mut Connection, rows: &[(Prepared, [u8; 32])]) -> f64 {
    let began = Instant::now();
    for (batch, rows) in rows.chunks(BATCH).enumerate() {
        let tx = connection.transaction().expect("nobody else writes");
        {
            let mut row_insert = tx.prepare_cached(INSERT).expect("the table is there");
            let mut key_insert = tx.prepare_cached("INSERT INTO row_keys VALUES (?, ?)").expect("the table is there");
            for (place, (prepared, hash)) in rows.iter().enumerate() {
                let row_seq = batch * BATCH + place;
                insert(&mut row_insert, row_seq, hash, prepared).expect("the row is new");
                key_insert.execute(params![row_seq, prepared.row_key.0]).expect("the key is new");
            }
        }
        tx.commit().expect("the disk takes it");
    }
    rate(rows.len(), began)
}

fn insert(
    statement: &mut rusqlite::Statement,
    row_seq: usize,
    hash: &[u8; 32],
    prepared: &Prepared,
) -> rusqlite::Result<usize> {
    let Prepared { row, fields, .. } = prepared;
    statement.execute(params![
        row_seq,
        hash,
        row.id,
        row.schema,
        row.kind.as_str(),
        row.source.as_str(),
        row.run_id,
        row.agent_id,
        row.action_name,
        row.call_ref,
        row.tool_call_id,
        row.parent,
        row.method,
        row.status,
        row.http_version,
        row.outcome.map(Outcome::as_str),
        row.error,
        row.context.map(Context::as_str),
        row.truncated,
        "[]",
        row.started_us,
        row.first_byte_us,
        row.ended_us,
        row.body_length,
        row.c_url,
        row.c_request_headers,
        row.c_response_headers,
        row.c_request,
        row.c_response,
        row.c_wire,
        fields.url,
        fields.request_headers,
        fields.response_headers,
        fields.request,
        fields.response,
    ])
}

/// A database with the engine's own tables and indexes, or with the bare columns.
fn database(dir: &Path, bare: bool) -> Connection {
    if !bare {
        Database::in_folder(dir)
            .writer()
            .and_then(vouchsafe_store::sqlite::WriteConnection::close)
            .expect("the folder is new");
    }
    let connection = Connection::open(dir.join("vouchsafe.db")).expect("the folder is new");
    connection.pragma_update(None, "journal_mode", "WAL").expect("WAL is possible");
    connection.pragma_update(None, "synchronous", "FULL").expect("a setting");
    if bare {
        connection.execute_batch(BARE).expect("the database is new");
    }
    connection
}

/// What the system has still to write of the turn before is not to slow the next one.
fn settle() {
    let _ = std::process::Command::new("sync").status();
}

fn main() {
    let arguments: Vec<usize> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let [count, rounds] = arguments[..] else { panic!("exchanges and rounds are to be given") };
    let rules = RedactionRules::new(&RedactionOptions::default()).expect("the defaults are rules");
    let ready = |n| {
        let prepared = prepare(exchange(n), &rules, MAX_BODY_BYTES);
        let hash = prepared.row.hash();
        (prepared, hash)
    };
    let rows: Vec<_> = (0..count).map(ready).collect();
    let (mut engine, mut losses, mut raw, mut bare) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // The first round warms up.
    for round in 0..=rounds {
        for turn in 0..3 {
            let folder = tempfile::tempdir().expect("a folder can be made");
            settle();
            match (round + turn) % 3 {
                0 => {
                    let (rate, lost) = through_the_engine(folder.path(), count);
                    engine.push(rate);
                    losses.push(lost);
                }
                1 => raw.push(through_rusqlite(&mut database(folder.path(), false), &rows)),
                _ => bare.push(through_rusqlite(&mut database(folder.path(), true), &rows)),
            }
        }
    }
    for samples in [&mut engine, &mut raw, &mut bare] {
        samples.remove(0);
    }
    println!("{{\"engine\":{engine:?},\"losses\":{losses:?},\"raw\":{raw:?},\"bare\":{bare:?}}}");
}
