//! The power is cut at a random moment: what was acknowledged is there, and nothing is torn.

use std::{path::Path, sync::Arc, time::Duration};

use tempfile::TempDir;

use crate::{
    faults::{Disk, Fault, Random},
    support::{History, Opened, exchange, response},
};

const CUTS: u64 = 1_000;
/// After so many cuts a new store is begun, so that cuts while it is made are among them.
const LIVES: u64 = 8;

/// Records and commits until the power goes off or the work is done; notes what is acknowledged.
fn live(dir: &Path, disk: &Arc<Disk>, history: &mut History, next: &mut u64, random: &mut Random) {
    let Ok(opened) = Opened::new(dir, Some(disk.name())) else { return };
    for _ in 0..=random.below(5) {
        let first = *next;
        for _ in 0..random.below(9) {
            opened.writer.record(exchange("agent", &response(*next)));
            *next += 1;
        }
        if random.below(3) == 0 {
            if opened.flush().is_err() {
                break;
            }
        } else {
            let Ok(at) = opened.commit() else { break };
            history.hand_out(&at);
        }
        history.rows.extend(first..*next);
    }
    if !disk.is_off() && random.coin() {
        // A clean end is cut as well: it copies the write-ahead log back and deletes it.
        opened.writer.shutdown(Duration::from_secs(20));
        drop(opened);
    } else {
        disk.cut();
        opened.writer.shutdown(Duration::ZERO);
    }
}

/// Cuts the power again and again; the first thing that is wrong with what is left.
fn cut_the_power(disk: &Arc<Disk>, cuts: u64, seed: u64, fault: Fault) -> Result<(), String> {
    let mut random = Random::new(seed);
    let mut history = History::default();
    let (mut dir, mut next) = (folder(), 0);
    // How many changes a life has, to choose a moment within it.
    let mut changes = 400;
    for cut in 0..cuts {
        if cut % LIVES == 0 {
            (dir, history, next) = (folder(), History::default(), 0);
            changes = 400;
        }
        // A store whose very tables were never synced would be no finding.
        disk.set_fault(if cut % LIVES == 0 { Fault::None } else { fault });
        disk.power_on(Some(random.below(changes)));
        live(dir.path(), disk, &mut history, &mut next, &mut random);
        if !disk.is_off() {
            changes = (disk.changes() + 50).max(100);
        }
        disk.cut();
        let after = folder();
        disk.materialise(after.path(), &mut random);
        let _ = std::fs::copy(dir.path().join("key"), after.path().join("key"));
        history.check(after.path(), next).map_err(|error| format!("cut {cut}: {error}"))?;
        next += 1;
        dir = after;
    }
    Ok(())
}

/// In memory where there is such a place: the disk that fails is ours, and the real one's syncs only take time.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("there is room for a folder")
}

/// A new seed every time; `VOUCHSAFE_SEED` repeats one.
fn seed() -> u64 {
    let given = std::env::var("VOUCHSAFE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        u64::from(now.subsec_nanos()) << 20 ^ now.as_secs()
    });
    println!("VOUCHSAFE_SEED={seed}");
    seed
}

#[test]
fn whatever_was_acknowledged_survives_a_thousand_power_cuts() {
    let disk = Disk::install("cut");
    if let Err(wrong) = cut_the_power(&disk, CUTS, seed(), Fault::None) {
        panic!("{wrong}");
    }
}

#[test]
fn a_disk_that_lies_about_its_syncs_is_caught() {
    let disk = Disk::install("lying");
    let wrong =
        cut_the_power(&disk, 100, seed(), Fault::SyncLies).expect_err("a hundred cuts without a sync lose something");
    println!("{wrong}");
}
