//! The map in the store: every seal commits to what a plain list of all rows says.

use rusqlite::Connection;
use vouchsafe_backend::{At, Backend};
use vouchsafe_core::{hash::Hash, query::Query};
use vouchsafe_ledger::{EMPTY_MAP_ROOT, Seal};

use crate::support::{Opened, exchange, map_root};

fn sealed(opened: &Opened, at: &At) -> Hash {
    Seal::decode(&opened.runtime.block_on(opened.backend.seal(at)).unwrap().leaf).unwrap().map_root
}

#[test]
fn every_seal_of_two_processes_commits_to_the_map_of_all_rows_so_far() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (Opened::new(dir.path(), None).unwrap(), Opened::new(dir.path(), None).unwrap());
    let mut state = 1u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    assert_eq!(sealed(&a, &a.commit().unwrap()), EMPTY_MAP_ROOT);
    for commit in 0..24 {
        let one = if next(2) == 0 { &a } else { &b };
        for n in 0..next(40) {
            let mut exchange = exchange(&format!("agent {}", next(5)), "body");
            exchange.action_name = Some(format!("action {}", next(7)));
            exchange.run_id = (next(3) > 0).then(|| format!("run {}", next(3)));
            exchange.call_ref = (next(2) > 0).then(|| format!("01890000-0000-7000-8000-{:012}", next(30)));
            exchange.tool_call_id = (next(4) == 0).then(|| format!("call {}", next(6)));
            if next(9) == 0 {
                exchange.kind = vouchsafe_core::row::Kind::Model;
            }
            // Some are written by the one and committed by the other.
            let writer = if n % 3 == 0 { &a } else { one };
            writer.writer.record(exchange);
        }
        a.flush().unwrap();
        let at = one.commit().unwrap();
        assert_eq!(sealed(one, &at), map_root(&a.database.reader().unwrap(), at.rows).unwrap(), "commit {commit}");
    }
    a.close();
    b.close();
    let reopened = Opened::new(dir.path(), None).unwrap();
    assert!(reopened.ledger.damage().is_none());
    reopened.writer.record(exchange("agent", "after it was opened again"));
    let at = reopened.commit().unwrap();
    assert_eq!(sealed(&reopened, &at), map_root(&reopened.database.reader().unwrap(), at.rows).unwrap());
    reopened.close();
}

/// A store of so many keys that the map has pages of three levels.
fn store() -> (tempfile::TempDir, Opened) {
    let dir = tempfile::tempdir().unwrap();
    let opened = Opened::new(dir.path(), None).unwrap();
    for n in 0..100 {
        opened.writer.record(exchange(&format!("agent {n}"), "body"));
    }
    opened.commit().unwrap();
    (dir, opened)
}

#[test]
fn a_page_that_was_changed_is_damage_to_what_needs_it_and_nothing_is_signed_on_top() {
    let (dir, opened) = store();
    let connection = Connection::open(dir.path().join("vouchsafe.db")).unwrap();
    let numbers: Vec<i64> = connection
        .prepare("SELECT page FROM map_pages WHERE page = 1 OR page % 11 = 0 ORDER BY page LIMIT 10")
        .unwrap()
        .query_map([], |sql| sql.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(numbers.last().unwrap() >> 10 > 0, "pages of three levels are among them");
    for number in numbers {
        let nodes: Vec<u8> =
            connection.query_row("SELECT nodes FROM map_pages WHERE page = ?1", [number], |sql| sql.get(0)).unwrap();
        for at in [nodes.len() / 2, nodes.len() - 1] {
            let mut changed = nodes.clone();
            changed[at] ^= 1;
            connection.execute("UPDATE map_pages SET nodes = ?2 WHERE page = ?1", (number, &changed)).unwrap();
            let at = opened.runtime.block_on(opened.backend.covering()).unwrap().unwrap();
            let queries = (0..100).map(|n| format!("agent {n}")).flat_map(|agent| {
                let action = Query::Action { agent: agent.clone(), action: "look".into(), run: None };
                [Query::Agent { agent, run: None }, action]
            });
            let mut damaged = 0;
            for query in queries {
                match opened.ask(query, &at) {
                    Ok((bundle, _)) => assert_eq!(bundle.rows.len(), 1),
                    Err(error) => {
                        assert!(error.is_damage(), "{error}");
                        damaged += 1;
                    }
                }
            }
            assert!(damaged > 0, "page {number}");
        }
        connection.execute("UPDATE map_pages SET nodes = ?2 WHERE page = ?1", (number, &nodes)).unwrap();
    }
    connection.execute("UPDATE map_pages SET nodes = zeroblob(length(nodes)) WHERE page > 1", []).unwrap();
    let before = opened.runtime.block_on(opened.backend.covering()).unwrap().unwrap().checkpoint.size;
    opened.writer.record(exchange("agent 7", "on top of it"));
    assert_eq!(opened.commit().unwrap_err().code(), "STORE_CORRUPT");
    opened.flush().expect("rows are still recorded");
    assert_eq!(opened.commit().unwrap_err().code(), "STORE_CORRUPT", "for good");
    assert_eq!(opened.database.reader().unwrap().newest_commit().unwrap().unwrap().size, before);
    opened.close();
}

#[test]
fn a_map_that_is_not_the_sealed_one_is_found_on_opening() {
    for change in [
        "DELETE FROM map_pages",
        "DELETE FROM map_pages WHERE page = 1",
        "UPDATE map_pages SET nodes = x'' WHERE page = 1",
        "UPDATE map_pages SET nodes = (SELECT nodes FROM map_pages WHERE page > 1 LIMIT 1) WHERE page = 1",
    ] {
        let (dir, opened) = store();
        opened.close();
        Connection::open(dir.path().join("vouchsafe.db")).unwrap().execute(change, []).unwrap();
        let reopened = Opened::new(dir.path(), None).unwrap();
        assert!(reopened.ledger.damage().is_some_and(|damage| damage.is_damage()), "{change}");
        reopened.writer.record(exchange("agent", "on top of it"));
        assert_eq!(reopened.commit().unwrap_err().code(), "STORE_CORRUPT");
        reopened.close();
    }
}
