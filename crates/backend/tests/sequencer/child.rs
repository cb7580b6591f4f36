//! The process that is killed, and its parent's side of it.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread::JoinHandle,
    time::Duration,
};

use tokio::runtime::Runtime;
use uuid::Uuid;
use vouchsafe_store::{
    StoreError,
    ledger::{CommitJob, LedgerStore, LedgerWrite},
    postgres::{Intercepts, PostgresLedger},
};

use crate::{connect, history::History, open};

const SEQUENCE: &str = "--sequence-until-killed";
const HOLD: &str = "--hold-until-killed";
const BEGIN: &str = "begin";
/// So long that only a child that hangs ever takes it.
const LONG: Duration = Duration::from_secs(30);

/// Does what the parent wants of this process; false where it is the parent itself.
pub fn run(flag: &str, url: &str, log: Uuid) -> bool {
    let runtime = Runtime::new().expect("a runtime starts");
    match flag {
        SEQUENCE => runtime.block_on(sequence(url, log)),
        HOLD => runtime.block_on(hold(url, log)),
        _ => return false,
    }
    true
}

/// Commits what is new, and prints that it begins and then what it signed.
async fn sequence(url: &str, log: Uuid) {
    let (backend, intercepts) = (open(url, log).await, Intercepts::open(connect(url), None));
    loop {
        if !intercepts.has_uncommitted().await.expect("Postgres works") {
            continue;
        }
        say(BEGIN);
        let at = backend.commit().await.expect("Postgres works");
        say(&format!("{} {}", at.checkpoint.size, hex::encode(at.checkpoint.root)));
    }
}

/// Takes the log and never lets it go.
async fn hold(url: &str, log: Uuid) {
    struct Holding;
    impl CommitJob for Holding {
        fn run(&mut self, tx: &dyn LedgerWrite) -> Result<(), StoreError> {
            tx.newest_commit()?.expect("the log was opened");
            say(BEGIN);
            loop {
                std::thread::park();
            }
        }
        fn finish(self: Box<Self>, result: Result<(), StoreError>) {
            panic!("it was let go: {result:?}");
        }
    }
    let ledger = PostgresLedger::open(connect(url), log).await.expect("the ledger opens");
    ledger.commit(0, Box::new(Holding));
    std::future::pending::<()>().await;
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the parent reads");
}

fn start(flag: &str, url: &str, log: Uuid) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().expect("a test knows itself"))
        .args([flag, url, &log.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test can be started again");
    let lines = BufReader::new(child.stdout.take().expect("it is piped"));
    (child, lines)
}

/// A process that commits.
pub struct Sequencer {
    child: Child,
    /// Is told of each commit that begins.
    begun: Receiver<()>,
    lines: JoinHandle<Vec<String>>,
}

impl Sequencer {
    pub fn start(url: &str, log: Uuid) -> Self {
        let (child, output) = start(SEQUENCE, url, log);
        let (begins, begun) = channel();
        // What it printed before it died counts, but for a torn last line.
        let lines = std::thread::spawn(move || {
            let mut lines = Vec::new();
            for line in output.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8(line).expect("text");
                if line == BEGIN {
                    let _ = begins.send(());
                }
                lines.push(line);
            }
            lines
        });
        Self { child, begun, lines }
    }

    /// Waits until it has begun to commit.
    pub fn await_commit(&self) {
        self.begun.recv_timeout(LONG).expect("the sequencer commits");
    }

    /// Kills it; true where that fell into a commit.
    pub fn kill(mut self, history: &mut History) -> bool {
        self.child.kill().expect("the child runs");
        let status = self.child.wait().expect("the child has ended");
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9), "it ended by itself");
        let lines = self.lines.join().expect("nothing panics");
        let signed = lines.iter().filter_map(|line| line.split_once(' '));
        for (size, root) in signed {
            if let Some(root) = hex::decode(root).ok().and_then(|root| root.try_into().ok()) {
                history.checkpoints.insert((size.parse().expect("a number"), root));
            }
        }
        lines.last().is_some_and(|line| line == BEGIN)
    }
}

/// A process that holds the log.
pub struct Holder(Child);

impl Holder {
    pub fn start(url: &str, log: Uuid) -> Self {
        let (child, mut output) = start(HOLD, url, log);
        let mut line = String::new();
        output.read_line(&mut line).expect("the child writes");
        assert_eq!(line.trim(), BEGIN);
        Self(child)
    }

    pub fn kill(mut self) {
        self.0.kill().expect("the child runs");
        self.0.wait().expect("the child has ended");
    }
}
