//! Who may have the folder open.

use std::{fs, path::Path, process::Command};

use vouchsafe_store::owner::{Holder, Owner};

fn holders(dir: &Path) -> Vec<Holder> {
    let text = fs::read_to_string(dir.join("owner")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write(dir: &Path, holders: &[Holder]) {
    let lines: String = holders.iter().map(|holder| serde_json::to_string(holder).unwrap() + "\n").collect();
    fs::write(dir.join("owner"), lines).unwrap();
}

/// This process's entry, as another engine would have written it.
fn alive(dir: &Path, mode: &str) -> Holder {
    let owner = Owner::enter(dir).unwrap();
    let me = holders(dir).remove(0);
    drop(owner);
    Holder { engine: "fallback".into(), mode: mode.into(), ..me }
}

/// A process id that nobody has, because its process has just ended.
fn dead_pid() -> u32 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("--list")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    child.wait().unwrap();
    child.id()
}

#[test]
fn an_exclusive_holder_that_is_alive_refuses_everybody() {
    let dir = tempfile::tempdir().unwrap();
    let other = alive(dir.path(), "exclusive");
    write(dir.path(), std::slice::from_ref(&other));
    let error = Owner::enter(dir.path()).unwrap_err();
    assert_eq!(error.code(), "STORE_LOCKED");
    assert!(error.to_string().contains(&format!("process {} (fallback engine, exclusive)", other.pid)), "{error}");
    assert_eq!(holders(dir.path()), [other], "and its entry stays");
}

#[test]
fn a_shared_holder_that_is_alive_lets_others_in() {
    let dir = tempfile::tempdir().unwrap();
    let other = alive(dir.path(), "shared");
    write(dir.path(), std::slice::from_ref(&other));
    let owner = Owner::enter(dir.path()).unwrap();
    assert_eq!(holders(dir.path()).len(), 2);
    drop(owner);
    assert_eq!(holders(dir.path()), [other]);
}

#[test]
fn the_last_holder_takes_the_file_away() {
    let dir = tempfile::tempdir().unwrap();
    drop(Owner::enter(dir.path()).unwrap());
    assert!(!dir.path().join("owner").exists());
}

#[test]
fn a_holder_is_dead_when_its_process_is_gone_or_another_one_or_of_another_boot() {
    let dir = tempfile::tempdir().unwrap();
    let alive = alive(dir.path(), "exclusive");
    let dead = [
        Holder { pid: dead_pid(), ..alive.clone() },
        Holder { started: alive.started - 60, ..alive.clone() },
        Holder { boot: "another".into(), ..alive.clone() },
    ];
    for holder in dead {
        write(dir.path(), std::slice::from_ref(&holder));
        let owner = Owner::enter(dir.path()).unwrap_or_else(|error| panic!("{holder:?}: {error}"));
        assert!(!holders(dir.path()).contains(&holder), "it is replaced");
        drop(owner);
    }
}

#[test]
fn a_clock_that_was_set_by_a_second_kills_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let alive = alive(dir.path(), "exclusive");
    write(dir.path(), &[Holder { started: alive.started + 1, ..alive }]);
    assert_eq!(Owner::enter(dir.path()).unwrap_err().code(), "STORE_LOCKED");
}

#[test]
fn a_torn_line_belongs_to_nobody() {
    for torn in [&b"{\"pid\": 1, \"star"[..], b"\0\0\0\0\0\0", b"\xff\xfe{", b"\n\n"] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("owner"), torn).unwrap();
        let owner = Owner::enter(dir.path()).unwrap();
        assert_eq!(holders(dir.path()).len(), 1);
        drop(owner);
    }
}

#[test]
fn many_that_come_and_go_at_once_never_strike_out_one_another() {
    let dir = tempfile::tempdir().unwrap();
    let other = alive(dir.path(), "shared");
    write(dir.path(), std::slice::from_ref(&other));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    drop(Owner::enter(dir.path()));
                }
            });
        }
    });
    assert_eq!(holders(dir.path()), [other]);
}
