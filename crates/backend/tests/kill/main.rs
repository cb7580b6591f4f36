//! A process is killed (kill -9) while it writes, thirty times over: what it acknowledged on its standard output is
//! there, and the log extends every checkpoint that it printed.

#[path = "../support/mod.rs"]
mod support;

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use support::{History, Opened, exchange, response};
use vouchsafe_store::owner::Owner;

const ROUNDS: u64 = 30;
const CHILD: &str = "--write-until-killed";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, dir, next] = arguments.as_slice()
        && flag == CHILD
    {
        return write_until_killed(Path::new(dir), next.parse().expect("a number"));
    }
    // The harness lists tests before it runs them.
    if !arguments.iter().any(|argument| argument == "--list") {
        what_was_acknowledged_survives_kill_9();
        println!("what_was_acknowledged_survives_kill_9 ... ok ({ROUNDS} rounds)");
    }
}

/// Records, and prints what is on disk: the next row's number, then size and root of the checkpoint if there is one.
fn write_until_killed(dir: &Path, mut next: u64) {
    let _owner = Owner::enter(dir).expect("the one before is dead");
    let opened = Opened::new(dir, None).expect("the store opens");
    let mut out = std::io::stdout().lock();
    loop {
        for _ in 0..=next % 7 {
            opened.writer.record(exchange("agent", &response(next)));
            next += 1;
        }
        if next.is_multiple_of(3) {
            opened.flush().expect("the disk works");
            writeln!(out, "{next}")
        } else {
            let at = opened.commit().expect("the disk works");
            writeln!(out, "{next} {} {}", at.checkpoint.size, hex::encode(at.checkpoint.root))
        }
        .and_then(|()| out.flush())
        .expect("the parent reads");
    }
}

fn what_was_acknowledged_survives_kill_9() {
    let dir = tempfile::tempdir().expect("there is room");
    let mut history = History::default();
    let mut next = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().expect("a test knows itself"))
            .args([CHILD.as_ref(), dir.path().as_os_str(), next.to_string().as_ref()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test can be started again");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        // The child goes on while its line is read, so the kill comes anywhere in its work.
        for _ in 0..round % 11 {
            acknowledge(&lines.next().expect("the child writes").expect("text"), &mut next, &mut history);
        }
        child.kill().expect("the child runs");
        child.wait().expect("the child has ended");
        // What it printed before it died counts, but for a torn last line.
        for line in lines.map_while(Result::ok) {
            acknowledge(&line, &mut next, &mut history);
        }
        // Numbers that the child may have used up without saying so are left out.
        next += 100;
        history.check(dir.path(), next).unwrap_or_else(|wrong| panic!("round {round}: {wrong}"));
        next += 1;
    }
}

fn acknowledge(line: &str, next: &mut u64, history: &mut History) {
    let mut parts = line.split(' ');
    let until = parts.next().and_then(|until| until.parse().ok()).expect("a number");
    history.rows.extend(*next..until);
    *next = until;
    if let (Some(size), Some(root)) = (parts.next(), parts.next())
        && let Some(root) = hex::decode(root).ok().and_then(|root| root.try_into().ok())
    {
        history.checkpoints.push((size.parse().expect("a number"), root));
    }
}
