//! Exports: byte for byte the store's tiles, under the names of tlog-tiles.

use std::{collections::BTreeMap, fs, path::Path};

use vouchsafe_backend::archive::{ArchiveError, Exported, export};
use vouchsafe_core::hash::sha256;
use vouchsafe_ledger::{Appender, Checkpoint, SigningKey, leaf_hash, tile};
use vouchsafe_store::sqlite::{Commit, Database, Readers};

use crate::forge::Forge;

fn run(forge: &Forge, to: &Path) -> Result<Exported, ArchiveError> {
    forge.read(|reader| export(reader, to, &forge.known(), &|_, _| {}))
}

/// All files below a folder by their path in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// What a log of these leaves exports, from the specification.
fn expected(leaves: &[Vec<u8>], note: &str) -> BTreeMap<String, Vec<u8>> {
    let mut log = Appender::default();
    for leaf in leaves {
        log.push(leaf_hash(leaf));
    }
    let mut files: BTreeMap<_, _> = log
        .take_changed_tiles()
        .into_iter()
        .map(|(level, n, hashes)| (tile::path(level, n, hashes.len() as u64 / 32), hashes))
        .collect();
    for (n, leaves) in (0..).zip(leaves.chunks(256)) {
        let mut bundle = Vec::new();
        for leaf in leaves {
            tile::append_entry(&mut bundle, leaf);
        }
        files.insert(tile::entries_path(n, leaves.len() as u64), bundle);
    }
    files.insert("checkpoint".into(), note.into());
    files
}

fn leaves(forge: &Forge) -> Vec<Vec<u8>> {
    let connection = forge.open();
    let mut select = connection.prepare("SELECT leaf FROM leaves ORDER BY leaf_index").unwrap();
    select.query_map([], |sql| sql.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn an_export_has_the_files_of_tlog_tiles_and_no_others() {
    let forge = Forge::sound();
    let out = tempfile::tempdir().unwrap();
    let to = out.path().join("new/folder");
    let exported = run(&forge, &to).unwrap();
    let found = files(&to);
    assert_eq!(found, expected(&leaves(&forge), forge.newest()));
    assert_eq!(exported.files, found.len() as u64);
    assert_eq!(exported.bytes, found.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    assert_eq!(exported.checkpoint.size, forge.size());
    assert!(found.contains_key("tile/entries/002.p/17") && found.contains_key("tile/1/000.p/2"));
}

#[test]
fn exports_of_the_known_logs_have_the_known_bytes_one_extending_the_other() {
    let known: serde_json::Value =
        serde_json::from_str(include_str!("../../../ledger/tests/vectors/tlog-vectors.json")).unwrap();
    let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = SigningKey::from_seed(&[7; 32]);
    let mut connection = Database::in_folder(dir.path()).writer().unwrap();
    let mut log = Appender::default();
    for known in known["tiles"].as_array().unwrap() {
        let size = known["size"].to_string().parse().unwrap();
        let extend = connection.transaction(|tx| {
            for index in log.size()..size {
                let leaf = index.to_be_bytes();
                tx.put_leaf(index, &leaf)?;
                log.push(leaf_hash(&leaf));
            }
            for (level, n, hashes) in log.take_changed_tiles() {
                tx.put_tile(level, n, &hashes)?;
            }
            let root = log.root();
            let note = Checkpoint { origin: key.name().into(), size, root }.sign(&key);
            tx.put_commit(&Commit { size, first_index: 0, first_row_seq: 0, rows: 0, root, note })
        });
        extend.unwrap();
        let readers = Readers::new(Database::in_folder(dir.path()));
        readers.with(|reader| export(reader, out.path(), &[key.verifier()], &|_, _| {})).unwrap();
        for (path, digest) in known["tiles_sha256"].as_object().unwrap() {
            let bytes = fs::read(out.path().join(path)).unwrap();
            assert_eq!(Some(hex::encode(sha256(&[&bytes])).as_str()), digest.as_str(), "size {size}, {path}");
        }
    }
    assert_eq!(log.size(), 70_000);
}

#[test]
fn an_older_export_is_extended_and_what_was_complete_stays() {
    let mut forge = Forge::new();
    let out = tempfile::tempdir().unwrap();
    forge.commit(0);
    forge.commit(300);
    run(&forge, out.path()).unwrap();
    let before = files(out.path());
    let full = fs::metadata(out.path().join("tile/0/000")).unwrap().modified().unwrap();
    forge.commit(300);
    run(&forge, out.path()).unwrap();
    let after = files(out.path());
    for (path, bytes) in expected(&leaves(&forge), forge.newest()) {
        assert_eq!(after.get(&path), Some(&bytes), "{path}");
    }
    // Whoever still has the older checkpoint finds its partial tiles.
    assert!(before.iter().all(|(path, bytes)| path == "checkpoint" || after.get(path) == Some(bytes)));
    assert_eq!(fs::metadata(out.path().join("tile/0/000")).unwrap().modified().unwrap(), full);
    assert_eq!(run(&forge, out.path()).unwrap().files, 1, "nothing new but the checkpoint");
}

#[test]
fn an_export_that_was_interrupted_goes_on() {
    let mut forge = Forge::new();
    forge.commit(0);
    forge.commit(300);
    let out = tempfile::tempdir().unwrap();
    run(&forge, out.path()).unwrap();
    let whole = files(out.path());
    // Before its first file, with none but the first, while a file is written, and before its checkpoint is in its place.
    let stops: [&[&str]; 4] = [
        &[],
        &["tile/0/000"],
        &["tile/0/000", "tile/0/001.p/46", "tile/1/000.p/1.new"],
        &[
            "tile/0/000",
            "tile/0/001.p/46",
            "tile/1/000.p/1",
            "tile/entries/000",
            "tile/entries/001.p/46",
            "checkpoint.new",
        ],
    ];
    for later in [0, 300] {
        if later > 0 {
            forge.commit(later);
        }
        for stop in stops {
            let out = tempfile::tempdir().unwrap();
            fs::create_dir(out.path().join("tile")).unwrap();
            for path in stop {
                let bytes = whole.get(*path).map_or("unfinished".as_bytes(), Vec::as_slice);
                fs::create_dir_all(out.path().join(path).parent().unwrap()).unwrap();
                fs::write(out.path().join(path), bytes).unwrap();
            }
            run(&forge, out.path()).unwrap();
            let found = files(out.path());
            for (path, bytes) in expected(&leaves(&forge), forge.newest()) {
                assert_eq!(found.get(&path), Some(&bytes), "{stop:?}: {path}");
            }
            assert!(!found.contains_key("checkpoint.new"), "{stop:?}");
        }
    }
    // An interrupted extension has its former checkpoint.
    let (older, extended) = (out.path(), forge.size());
    fs::write(older.join("checkpoint.new"), "unfinished").unwrap();
    assert_eq!(run(&forge, older).unwrap().checkpoint.size, extended);
}

#[test]
fn a_folder_with_anything_else_in_it_is_refused_and_stays_as_it_is() {
    let forge = Forge::sound();
    let mut other = Forge::new();
    other.commit(0);
    other.commit(30);
    let mut newer = Forge::sound();
    newer.commit(1);
    let set_up: [&dyn Fn(&Path); 10] = [
        &|to| fs::write(to.join("notes.txt"), "mine").unwrap(),
        &|to| {
            fs::create_dir(to.join("tile")).unwrap();
            fs::write(to.join("tile/notes.txt"), "mine").unwrap();
        },
        &|to| {
            run(&forge, to).unwrap();
            fs::remove_file(to.join("checkpoint")).unwrap();
            fs::write(to.join("tile/0/000.txt"), "").unwrap();
        },
        &|to| {
            run(&forge, to).unwrap();
            fs::remove_file(to.join("checkpoint")).unwrap();
            fs::write(to.join("tile/0/000"), "").unwrap();
        },
        &|to| {
            run(&forge, to).unwrap();
            fs::remove_file(to.join("checkpoint")).unwrap();
            fs::write(to.join("tile/0/002.p/16"), "mine").unwrap();
        },
        &|to| {
            run(&newer, to).unwrap();
            fs::remove_file(to.join("checkpoint")).unwrap();
        },
        &|to| fs::write(to.join("checkpoint"), "nothing").unwrap(),
        &|to| drop(run(&other, to).unwrap()),
        &|to| drop(run(&newer, to).unwrap()),
        &|to| {
            run(&forge, to).unwrap();
            fs::write(to.join("tile/0/000"), "changed").unwrap();
        },
    ];
    for (n, set_up) in set_up.into_iter().enumerate() {
        let out = tempfile::tempdir().unwrap();
        set_up(out.path());
        let before = files(out.path());
        let error = run(&forge, out.path()).unwrap_err();
        assert_eq!(error.code(), "EXPORT_REFUSED", "{n}: {error}");
        assert_eq!(files(out.path()), before, "{n}");
    }
}

#[test]
fn a_log_that_does_not_add_up_is_not_exported() {
    for sql in [
        "UPDATE leaves SET leaf = zeroblob(113) WHERE leaf_index = 301",
        "DELETE FROM leaves WHERE leaf_index = 528",
        "UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND n = 0",
        "UPDATE tiles SET hashes = zeroblob(64) WHERE level = 1",
        "UPDATE commits SET note = 'nothing' WHERE size = 529",
    ] {
        let forge = Forge::sound();
        forge.sql(sql);
        let out = tempfile::tempdir().unwrap();
        assert_eq!(run(&forge, out.path()).unwrap_err().code(), "STORE_CORRUPT", "{sql}");
        assert_eq!(files(out.path()), BTreeMap::new(), "{sql}");
    }
}
