//! One change behind the library's back is one finding, which says where it is.

use vouchsafe_backend::archive::{ArchiveError, AuditOptions, Finding, FindingCode, audit};

use crate::forge::Forge;

/// The row that is tampered with here, in the middle of the large commit, and its leaf: two seals stand before it.
const ROW: u64 = 299;
const INDEX: u64 = 301;
/// The seal of that commit.
const SEAL: u64 = 405;

fn only(forge: &Forge, what: &str) -> Finding {
    let report = forge.audit(None);
    let [finding] = report.findings.as_slice() else { panic!("{what}: {:#?}", report.findings) };
    assert_eq!(report.findings_total, 1);
    finding.clone()
}

/// Checks that a change is the only finding, of this code, leaf and row.
fn is_found(
    what: &str,
    change: impl FnOnce(&Forge),
    code: FindingCode,
    index: Option<u64>,
    row_seq: Option<u64>,
) -> Finding {
    let forge = Forge::sound();
    let id: String =
        forge.open().query_row("SELECT id FROM intercepts WHERE row_seq = 299", [], |sql| sql.get(0)).unwrap();
    change(&forge);
    let finding = only(&forge, what);
    assert_eq!((finding.code, finding.index), (code, index), "{what}: {finding:?}");
    assert_eq!(finding.row_seq, row_seq.map(|row_seq| i64::try_from(row_seq).unwrap()), "{what}: {finding:?}");
    if let Some(row_id) = &finding.row_id {
        assert!(*row_id == id || what.starts_with("id "), "{what}: {finding:?}");
    }
    finding
}

fn statement(sql: &str, code: FindingCode, index: Option<u64>, row_seq: Option<u64>) -> Finding {
    is_found(sql, |forge| forge.sql(sql), code, index, row_seq)
}

#[test]
fn a_sound_log_has_no_findings_and_is_counted() {
    let mut forge = Forge::sound();
    forge.record(3);
    let report = forge.audit(Some(&forge.notes()[2]));
    assert_eq!(report.findings, []);
    assert_eq!((report.size, report.rows, report.seals), (forge.size(), 524, 5));
    assert_eq!(report.origin, forge.key.name());
    assert!(report.keys > 200);
    assert!(report.since.is_some_and(|since| since.extends && since.size == SEAL + 1));
}

#[test]
fn a_changed_column_of_a_row_is_one_finding_whatever_column_it_is() {
    let values = [
        ("schema", "2"),
        ("kind", "'gap'"),
        ("kind", "'nothing'"),
        ("source", "'recordTool'"),
        ("run_id", "'other'"),
        ("agent_id", "'other'"),
        ("action_name", "'other'"),
        ("call_ref", "NULL"),
        ("tool_call_id", "'other'"),
        ("parent", "'00000000-0000-7000-8000-000000000000'"),
        ("method", "'PUT'"),
        ("status", "500"),
        ("status", "500000"),
        ("http_version", "'2'"),
        ("outcome", "'aborted'"),
        ("error", "'none'"),
        ("context", "'uncertain'"),
        ("truncated", "1"),
        ("redacted", "'[\"url\"]'"),
        ("redacted", "'nothing'"),
        ("started_us", "started_us + 1"),
        ("started_us", "-1"),
        ("first_byte_us", "1"),
        ("ended_us", "ended_us + 1"),
        ("body_length", "1"),
        ("c_url", "zeroblob(32)"),
        ("c_request_headers", "NULL"),
        ("c_response_headers", "zeroblob(32)"),
        ("c_request", "zeroblob(32)"),
        ("c_response", "NULL"),
        ("c_response", "x'00'"),
        ("c_wire", "zeroblob(32)"),
        ("row_hash", "zeroblob(32)"),
    ];
    for (column, value) in values {
        let sql = format!("UPDATE intercepts SET {column} = {value} WHERE row_seq = {ROW}");
        let finding = statement(&sql, FindingCode::RowChanged, Some(INDEX), Some(ROW));
        if ["agent_id", "action_name", "ended_us"].contains(&column) {
            assert!(finding.message.contains(column), "{}", finding.message);
        }
    }
    is_found(
        "id of a row",
        |forge| forge.sql("UPDATE intercepts SET id = '01890000-0000-7000-8000-000000000000' WHERE row_seq = 299"),
        FindingCode::RowChanged,
        Some(INDEX),
        Some(ROW),
    );
}

#[test]
fn a_changed_body_header_or_url_is_one_finding_and_so_is_a_changed_key() {
    for field in ["url", "request_headers", "response_headers", "request", "response"] {
        let sql = format!("UPDATE intercepts SET {field} = x'00' WHERE row_seq = {ROW}");
        let finding = statement(&sql, FindingCode::FieldChanged, Some(INDEX), Some(ROW));
        assert!(finding.message.contains(field), "{}", finding.message);
    }
    // Retention deletes bodies, never a URL.
    let sql = format!("UPDATE intercepts SET url = NULL WHERE row_seq = {ROW}");
    statement(&sql, FindingCode::FieldChanged, Some(INDEX), Some(ROW));
    let sql = format!("UPDATE row_keys SET key = zeroblob(32) WHERE row_seq = {ROW}");
    statement(&sql, FindingCode::FieldChanged, Some(INDEX), Some(ROW));
    // Without the key nobody could tell whether the body is the one that was recorded.
    statement(
        &format!("DELETE FROM row_keys WHERE row_seq = {ROW}"),
        FindingCode::FieldChanged,
        Some(INDEX),
        Some(ROW),
    );
}

#[test]
fn a_pruned_row_is_as_it_should_be() {
    let forge = Forge::sound();
    forge.sql("DELETE FROM row_keys WHERE row_seq < 400");
    forge.sql(
        "UPDATE intercepts SET request = NULL, response = NULL, request_headers = NULL, response_headers = NULL WHERE row_seq < 400",
    );
    assert_eq!(forge.audit(None).findings, []);
}

#[test]
fn a_deleted_row_is_missing_and_one_that_stands_where_no_leaf_is_its_own_is_found() {
    for row in [0, 299, 523] {
        let forge = Forge::sound();
        forge.sql(&format!("DELETE FROM intercepts WHERE row_seq = {row}"));
        let finding = only(&forge, "a deleted row");
        assert_eq!((finding.code, finding.row_seq), (FindingCode::RowMissing, Some(row)));
    }
    let copied = "INSERT INTO intercepts SELECT -5, row_hash, '01890000-0000-7000-8000-000000000000', schema, kind, source,
        run_id, agent_id, action_name, call_ref, tool_call_id, parent, method, status, http_version, outcome, error, context,
        truncated, redacted, started_us, first_byte_us, ended_us, body_length, c_url, c_request_headers, c_response_headers,
        c_request, c_response, c_wire, url, request_headers, response_headers, request, response
        FROM intercepts WHERE row_seq = 299";
    let forge = Forge::sound();
    forge.sql(copied);
    let finding = only(&forge, "an inserted row");
    assert_eq!((finding.code, finding.row_seq), (FindingCode::RowWithoutLeaf, Some(-5)));
    assert_eq!(finding.row_id.as_deref(), Some("01890000-0000-7000-8000-000000000000"));
}

#[test]
fn a_changed_leaf_is_told_from_a_changed_row_and_a_changed_tile() {
    for byte in [0, 8, 16, 17, 49, 81, 112] {
        let change = |forge: &Forge| forge.flip("leaves", "leaf", "leaf_index = 301", byte);
        is_found(&format!("byte {byte}"), change, FindingCode::LeafChanged, Some(INDEX), Some(ROW));
    }
    for byte in [0, 1, 16, 24, 25, 64] {
        let change = |forge: &Forge| forge.flip("leaves", "leaf", "leaf_index = 405", byte);
        is_found(&format!("byte {byte} of a seal"), change, FindingCode::LeafChanged, Some(SEAL), None);
    }
    for (index, row) in [(0, None), (1, Some(0)), (INDEX, Some(ROW)), (SEAL, None), (528, None)] {
        let sql = format!("DELETE FROM leaves WHERE leaf_index = {index}");
        let forge = Forge::sound();
        forge.sql(&sql);
        let finding = only(&forge, &sql);
        assert_eq!((finding.code, finding.index), (FindingCode::LeafMissing, Some(index)), "{finding:?}");
        assert_eq!(finding.row_seq, row.map(|row: u64| i64::try_from(row).unwrap()));
    }
}

#[test]
fn a_changed_tile_accuses_neither_leaf_nor_row() {
    for (level, n, byte) in [(0, 0, 0), (0, 1, 45 * 32), (0, 1, 149 * 32), (0, 2, 16 * 32), (1, 0, 0), (1, 0, 63)] {
        let which = format!("level = {level} AND n = {n}");
        let forge = Forge::sound();
        forge.flip("tiles", "hashes", &which, byte);
        assert_eq!(only(&forge, &which).code, FindingCode::TileChanged);
        for change in ["hashes = x''", "hashes = CAST(hashes || zeroblob(32) AS BLOB)", "level = level + 3"] {
            let forge = Forge::sound();
            forge.sql(&format!("UPDATE tiles SET {change} WHERE {which}"));
            let codes: Vec<_> = forge.audit(None).findings.iter().map(|finding| finding.code).collect();
            // A tile that is somewhere else is missing in one place and too many in another.
            let expected = if change.starts_with("level") { 2 } else { 1 };
            assert_eq!(codes, vec![FindingCode::TileChanged; expected], "{which}: {change}");
        }
        let forge = Forge::sound();
        forge.sql(&format!("DELETE FROM tiles WHERE {which}"));
        assert_eq!(only(&forge, &which).code, FindingCode::TileChanged);
    }
}

#[test]
fn a_stored_map_that_was_not_signed_is_one_finding_whichever_page_of_it_it_is() {
    let pages: Vec<(i64, i64)> = {
        let connection = Forge::sound().open();
        let mut select = connection.prepare("SELECT page, length(nodes) FROM map_pages ORDER BY page").unwrap();
        select.query_map([], |sql| Ok((sql.get(0)?, sql.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    let ((top, _), (last, length)) = (pages[0], pages[pages.len() - 1]);
    assert!(top == 1 && last >= 256, "the map has pages of three levels: {pages:?}");
    for page in [top, pages[1].0, last] {
        for sql in [
            format!("INSERT OR REPLACE INTO map_pages VALUES ({page}, x'00')"),
            format!("UPDATE map_pages SET nodes = (SELECT nodes FROM map_pages WHERE page = 20) WHERE page = {page}"),
            format!("DELETE FROM map_pages WHERE page = {page}"),
        ] {
            let finding = statement(&sql, FindingCode::MapWrong, None, None);
            assert!(finding.message.contains("the stored map is not the one that was signed"), "{}", finding.message);
        }
    }
    for at in [0, 1, 2, length - 1] {
        let change =
            |forge: &Forge| forge.flip("map_pages", "nodes", &format!("page = {last}"), at.try_into().unwrap());
        is_found(&format!("byte {at} of page {last}"), change, FindingCode::MapWrong, None, None);
    }
    let mut empty = Forge::new();
    empty.commit(0);
    empty.sql("INSERT INTO map_pages VALUES (1, x'00')");
    assert_eq!(only(&empty, "a page of an empty map").code, FindingCode::MapWrong);
}

#[test]
fn an_older_log_with_the_map_of_a_newer_one_is_found() {
    let forge = Forge::sound();
    for sql in [
        "DELETE FROM commits WHERE size = 529",
        "DELETE FROM leaves WHERE leaf_index >= 408",
        "DELETE FROM tiles WHERE level = 0 AND n = 2",
        "UPDATE tiles SET hashes = CAST(substr(hashes, 1, 152 * 32) AS BLOB) WHERE level = 0 AND n = 1",
        "UPDATE tiles SET hashes = CAST(substr(hashes, 1, 32) AS BLOB) WHERE level = 1",
    ] {
        forge.sql(sql);
    }
    assert_eq!(only(&forge, "an older log").code, FindingCode::MapWrong);
}

#[test]
fn a_row_that_was_changed_together_with_its_leaf_is_both() {
    let forge = Forge::sound();
    forge.sql("UPDATE intercepts SET ended_us = 5 WHERE row_seq = 299");
    forge.sql(
        "UPDATE leaves SET leaf = CAST(substr(leaf, 1, 9) || x'0000000000000005' || substr(leaf, 18) AS BLOB) WHERE leaf_index = 301",
    );
    let codes: Vec<_> = forge.audit(None).findings.iter().map(|finding| (finding.code, finding.index)).collect();
    assert_eq!(codes, [(FindingCode::LeafChanged, Some(INDEX)), (FindingCode::RowChanged, Some(INDEX))]);
}

#[test]
fn a_leaf_and_a_tile_that_were_changed_in_one_commit_are_two_findings() {
    let forge = Forge::sound();
    forge.flip("leaves", "leaf", "leaf_index = 301", 20);
    forge.flip("tiles", "hashes", "level = 0 AND n = 1", 60 * 32);
    let codes: Vec<_> = forge.audit(None).findings.iter().map(|finding| (finding.code, finding.index)).collect();
    assert_eq!(codes, [(FindingCode::LeafChanged, Some(INDEX)), (FindingCode::TileChanged, Some(256 + 60))]);
}

#[test]
fn a_leaf_that_was_changed_with_its_row_and_tile_is_a_root_that_nobody_signed() {
    let forge = Forge::sound();
    // Without the row, leaf and tile have only the signature against them.
    forge.flip("leaves", "leaf", "leaf_index = 405", 60);
    let leaf: Vec<u8> =
        forge.open().query_row("SELECT leaf FROM leaves WHERE leaf_index = 405", [], |sql| sql.get(0)).unwrap();
    let mut tile: Vec<u8> =
        forge.open().query_row("SELECT hashes FROM tiles WHERE level = 0 AND n = 1", [], |sql| sql.get(0)).unwrap();
    tile[149 * 32..150 * 32].copy_from_slice(&vouchsafe_ledger::leaf_hash(&leaf));
    forge.open().execute("UPDATE tiles SET hashes = ?1 WHERE level = 0 AND n = 1", [tile]).unwrap();
    let finding = only(&forge, "seal and tile");
    assert_eq!((finding.code, finding.index), (FindingCode::CheckpointInvalid, Some(SEAL)));
}

#[test]
fn a_changed_note_and_changed_columns_beside_it_are_told_apart() {
    let newest = 529;
    for (size, seal) in [(1, 0), (406, SEAL), (newest, newest - 1)] {
        for note in [
            "'nothing'",
            "replace(note, 'vouchsafe.local', 'vouchsafe.other')",
            "substr(note, 1, length(note) - 5) || 'AAA=' || char(10)",
        ] {
            let sql = format!("UPDATE commits SET note = {note} WHERE size = {size}");
            statement(&sql, FindingCode::CheckpointInvalid, Some(seal), None);
        }
        for change in [
            "root = zeroblob(32)",
            "root = x'00'",
            "first_index = first_index + 1",
            "first_row_seq = first_row_seq + 1",
            "rows = rows + 1",
            "size = size + 1",
            "size = 100000",
            "size = -size",
        ] {
            let sql = format!("UPDATE commits SET {change} WHERE size = {size}");
            statement(&sql, FindingCode::CommitsWrong, Some(seal), None);
        }
    }
    statement("DELETE FROM commits WHERE size = 406", FindingCode::CommitsWrong, Some(SEAL), None);
    // Without the newest checkpoint nothing covers the leaves behind the one before.
    statement("DELETE FROM commits WHERE size = 529", FindingCode::CommitsWrong, Some(408), None);
    for index in [100_000, i64::MAX.unsigned_abs()] {
        let sql = format!("INSERT INTO leaves VALUES ({index}, x'00')");
        statement(&sql, FindingCode::CommitsWrong, Some(index), None);
    }
}

#[test]
fn a_log_without_any_checkpoint_is_found_whatever_else_is_gone() {
    let forge = Forge::sound();
    for table in ["commits", "leaves", "tiles", "map_pages", "row_keys", "intercepts"] {
        forge.sql(&format!("DELETE FROM {table}"));
        assert_eq!(only(&forge, table).code, FindingCode::CommitsWrong);
    }
}

#[test]
fn a_leaf_that_was_moved_to_the_last_index_is_missing_in_its_place() {
    let forge = Forge::sound();
    forge.sql("UPDATE leaves SET leaf_index = 9223372036854775807 WHERE leaf_index = 301");
    let codes: Vec<_> = forge.audit(None).findings.iter().map(|finding| (finding.code, finding.index)).collect();
    assert_eq!(
        codes,
        [(FindingCode::CommitsWrong, Some(i64::MAX.unsigned_abs())), (FindingCode::LeafMissing, Some(INDEX))]
    );
}

#[test]
fn without_a_key_and_in_a_store_of_another_format_nothing_is_audited() {
    let forge = Forge::sound();
    let without = forge.read(|reader| audit(reader, &AuditOptions::default(), &|_, _| {}));
    assert_eq!(without.unwrap_err().code(), "KEY_UNUSABLE");
    forge.sql("UPDATE meta SET value = '7' WHERE key = 'format'");
    let options = AuditOptions { known: forge.known(), since: None };
    let other: Result<_, ArchiveError> = forge.read(|reader| audit(reader, &options, &|_, _| {}));
    assert_eq!(other.unwrap_err().code(), "STORE_VERSION");
}
