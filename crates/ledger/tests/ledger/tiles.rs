//! Known answers: what tiles are called, and what is in them.

use crate::tiles_in_memory::{MemoryTiles, leaf};
use crate::vectors::{TLOG, hash, list, number, text};
use std::collections::BTreeMap;
use vouchsafe_core::hash::sha256;
use vouchsafe_ledger::tile::{WIDTH, append_entry, entries_path, path, width};
use vouchsafe_ledger::{Appender, log};

#[test]
fn tiles_are_called_as_tlog_tiles_says() {
    for (coordinates, expected) in TLOG["tile_paths"].as_object().unwrap() {
        let numbers: Vec<_> = coordinates.split(' ').map(|part| &part[2..]).collect();
        let (n, width) = (numbers[1].parse().unwrap(), numbers[2].parse().unwrap());
        let called = match numbers[0] {
            "-1" => entries_path(n, width),
            level => path(level.parse().unwrap(), n, width),
        };
        assert_eq!(called, text(expected), "{coordinates}");
    }
}

#[test]
fn tiles_of_every_known_size_have_the_known_bytes_however_often_the_log_was_reopened() {
    let tiles = MemoryTiles::default();
    let mut appender = Appender::default();
    let mut entries: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    for known in list(&TLOG["tiles"]) {
        let size = number(&known["size"]);
        appender = Appender::open(&tiles, appender.size()).unwrap();
        for index in appender.size()..size {
            appender.push(leaf(index));
            append_entry(entries.entry(index / WIDTH).or_default(), &index.to_be_bytes());
        }
        tiles.write(&mut appender);
        assert_eq!(Some(appender.root()), hash(&known["root"]), "size {size}");
        assert_eq!(Some(log::root(&tiles, size).unwrap()), hash(&known["root"]), "size {size}");

        let mut digests = BTreeMap::new();
        for ((level, n), bytes) in tiles.tiles.borrow().iter() {
            let width = width(*level, *n, size);
            assert_eq!(bytes.len() as u64, 32 * width, "level {level}, tile {n}");
            digests.insert(path(*level, *n, width), hex::encode(sha256(&[bytes])));
        }
        for (n, bytes) in &entries {
            digests.insert(entries_path(*n, width(0, *n, size)), hex::encode(sha256(&[bytes])));
        }
        for (path, digest) in known["tiles_sha256"].as_object().unwrap() {
            assert_eq!(digests.get(path).map(String::as_str), Some(text(digest)), "size {size}, {path}");
        }
        if size == 70_000 {
            assert_eq!(digests.len(), 551);
        }
    }
    assert_eq!(appender.size(), 70_000);
}
