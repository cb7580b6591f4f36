//! How fast a log is audited: `cargo run --release -p vouchsafe-backend --example audit ROWS ROUNDS`.
//!
//! Makes a store of rows with bodies of 2 KB, committed a hundred at a time, each with a call of its own, and prints the
//! rates of the tree alone (leaves/s) and of a full audit (rows/s), and the findings, by round, as JSON.

use std::{error::Error, sync::Arc, time::Instant};

use tokio::runtime::Builder;
use vouchsafe_backend::{
    Backend, Embedded, EmbeddedOptions, Ledger, Snapshot,
    archive::{ArchiveError, AuditOptions, audit, check_tree, own_key},
};
use vouchsafe_core::{
    exchange::{Body, Exchange},
    redact::RedactionRules,
    row::{Kind, Source},
};
use vouchsafe_store::{
    sqlite::{Database, Readers, Retention},
    writer::{Limits, Options, Writer},
};

const COMMIT: u64 = 100;

fn now_us() -> u64 {
    1_800_000_000_000_000
}

fn exchange(n: u64) -> Exchange {
    let text = format!("{{\"n\":{n},\"text\":\"{}\"}}", "0123456789abcdef".repeat(126));
    let response = Body { wire_length: text.len() as u64, bytes: text.into_bytes(), ..Body::default() };
    Exchange {
        run_id: Some("run".into()),
        agent_id: "agent".into(),
        action_name: Some(format!("action {}", n % 5)),
        call_ref: Some(format!("00000000-0000-7000-8000-{n:012x}")),
        method: Some("GET".into()),
        url: Some(format!("https://example.com/items/{n}")),
        status: Some(200),
        request_headers: Some("accept: application/json\n".into()),
        response_headers: Some("content-type: application/json\n".into()),
        response: Some(response),
        ..Exchange::new(Kind::Http, Source::Tap, now_us() - 2_000, now_us() - 1_000)
    }
}

/// Fills a store; the key's file is `<dir>/key`.
fn fill(dir: &std::path::Path, rows: u64) -> Result<(), Box<dyn Error>> {
    let mut connection = Database::in_folder(dir).writer()?;
    let ledger = Arc::new(Ledger::open(
        &mut connection,
        &EmbeddedOptions { key_file: dir.join("key"), origin: None, pinned: false, now_us },
    )?);
    let options = Options {
        limits: Limits::default(),
        rules: RedactionRules::default(),
        max_body_bytes: 1 << 20,
        retention: Retention { days: 30.0, max_bytes: u64::MAX },
        on_event: Box::new(|_| {}),
        now_us,
    };
    let writer = Arc::new(Writer::start(connection, options)?);
    let backend = Embedded::new(ledger, Arc::clone(&writer), Readers::new(Database::in_folder(dir)));
    let runtime = Builder::new_current_thread().enable_all().build()?;
    for first in (0..rows).step_by(usize::try_from(COMMIT)?) {
        for n in first..rows.min(first + COMMIT) {
            writer.record(exchange(n));
        }
        runtime.block_on(backend.preprocess(Snapshot { ticket: writer.last_ticket() }))?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a rate to be read")]
fn rate(count: u64, began: Instant) -> f64 {
    (count as f64 / began.elapsed().as_secs_f64()).round()
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let [rows, rounds] = arguments[..] else { return Err("rows and rounds are to be given".into()) };
    let dir = tempfile::tempdir()?;
    fill(dir.path(), rows)?;
    let known: Vec<_> = own_key(&dir.path().join("key"))?.into_iter().collect();
    let (mut tree, mut full, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    let readers = Readers::new(Database::in_folder(dir.path()));
    for _ in 0..rounds {
        readers.with(|reader| {
            let began = Instant::now();
            let (checkpoint, _) = check_tree(reader, &known, &|_, _| {})?;
            tree.push(rate(checkpoint.size, began));
            let began = Instant::now();
            let audited = audit(reader, &AuditOptions { known: known.clone(), since: None }, &|_, _| {})?;
            full.push(rate(audited.rows, began));
            findings.push(audited.findings_total);
            Ok::<_, ArchiveError>(())
        })?;
    }
    println!("{{\"tree\":{tree:?},\"full\":{full:?},\"findings\":{findings:?}}}");
    Ok(())
}
