//! Starting, stopping, starting again.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{ClusterOptions, account::Account, install, missing};

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_mins(1);

/// How many ports are tried.
const ATTEMPTS: u32 = 5;

/// Runs the server until its input ends, which it does when the tests' process ends, however that happens; then the folder
/// is removed as well. A line instead of the end keeps the folder, to be started again.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" </dev/null >>"$2/log" 2>&1 &
server=$!
if read -r line; then
  case $line in crash) kill -QUIT $server;; *) kill -INT $server;; esac
  wait $server
else
  kill -QUIT $server
  wait $server
  rm -rf "$2"
fi
"#;

/// A private cluster; it is stopped and removed on drop, and when the process that started it ends.
#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    account: Account,
    folder: TempDir,
    port: u16,
    keeper: Mutex<Option<Child>>,
    databases: AtomicU32,
}

impl Cluster {
    /// The superuser's name.
    pub const USER: &str = "vouchsafe";
    /// The superuser's password; connections need it.
    pub const PASSWORD: &str = "Xq7-secret";

    /// Starts a cluster; where this machine has no PostgreSQL, says that the test is skipped, and returns the reason.
    ///
    /// A PostgreSQL that is there and does not start is a failure, so it panics; so does one that is missing where
    /// `VOUCHSAFE_REQUIRE_POSTGRES` is 1.
    pub fn start() -> Result<Self, String> {
        Self::start_with(&ClusterOptions::default())
    }

    /// Starts a cluster with settings of its own.
    pub fn start_with(options: &ClusterOptions) -> Result<Self, String> {
        match install::folder().and_then(|bin| Ok((bin, Account::choose()?))) {
            Ok((bin, account)) => Ok(Self::run(options, bin, account).unwrap_or_else(|failed| panic!("{failed}"))),
            Err(reason) => Err(missing::skip(reason)),
        }
    }

    fn run(options: &ClusterOptions, bin: PathBuf, account: Account) -> Result<Self, String> {
        let folder = TempDir::with_prefix("vouchsafe-pg-").map_err(|error| error.to_string())?;
        account.give(folder.path(), None)?;
        let mut cluster =
            Self { bin, account, folder, port: 0, keeper: Mutex::new(None), databases: AtomicU32::new(0) };
        cluster.initialise(options)?;
        for attempt in 1.. {
            cluster.port = free_port().map_err(|error| error.to_string())?;
            match cluster.start_again() {
                Ok(()) => break,
                // Somebody else may have taken the port in the meantime.
                Err(_) if attempt < ATTEMPTS && cluster.log().contains("could not bind") => cluster.end("stop\n"),
                Err(error) => return Err(error),
            }
        }
        Ok(cluster)
    }

    /// One cluster for all tests of a process; `None` where [`Self::start`] gives the reason.
    ///
    /// Use a database of your own ([`Self::create_database`]), and never stop it.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        static STARTING: Mutex<()> = Mutex::new(());
        let _one_starts = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        if SHARED.get().is_none() {
            let _ = SHARED.set(Self::start().ok()?);
        }
        SHARED.get()
    }

    /// The URL of a database, with name and password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{}:{}@127.0.0.1:{}/{database}", Self::USER, Self::PASSWORD, self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Creates an empty database and returns its name.
    #[must_use]
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let made = Command::new(self.bin.join("createdb"))
            .env("PGPASSWORD", Self::PASSWORD)
            .args([
                "--no-password",
                "--host=127.0.0.1",
                &format!("--port={}", self.port),
                "--username",
                Self::USER,
                &name,
            ])
            .output()
            .expect("createdb is there: it was looked for");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        name
    }

    /// Stops the server; connections end. Its data stays.
    pub fn stop(&self) {
        self.end("stop\n");
    }

    /// Stops the server as a crash would; it recovers from its log when it is started again.
    pub fn crash(&self) {
        self.end("crash\n");
    }

    /// Starts a server that was stopped, on the same port, and waits until it answers.
    pub fn start_again(&self) -> Result<(), String> {
        let before = self.log().len();
        let keeper = self
            .account
            .command(Path::new("/bin/sh"))
            .args(["-c", KEEPER, "sh"])
            .args([&self.bin, self.folder.path()])
            .arg(self.port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        *self.keeper.lock().expect("no holder panics") = Some(keeper);
        let until = Instant::now() + START;
        loop {
            let status = fs::read_to_string(self.folder.path().join("data/postmaster.pid")).unwrap_or_default();
            if status.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            let log = self.log().split_off(before);
            if log.contains("FATAL:  could not") || Instant::now() > until {
                return Err(format!("PostgreSQL did not start:\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What the server wrote into its log.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn initialise(&self, options: &ClusterOptions) -> Result<(), String> {
        let (data, password) = (self.folder.path().join("data"), self.folder.path().join("password"));
        self.account.give(&password, Some(Self::PASSWORD))?;
        let made = self
            .account
            .command(&self.bin.join("initdb"))
            .args(["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--username", Self::USER])
            .arg(format!("--pwfile={}", password.display()))
            .arg("--pgdata")
            .arg(&data)
            .current_dir("/")
            .output()
            .map_err(|error| format!("initdb: {error}"))?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let mut settings = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 200\n\
             shared_buffers = '32MB'\nfsync = {fsync}\nsynchronous_commit = {fsync}\nfull_page_writes = {fsync}\n",
            fsync = if options.fsync { "on" } else { "off" },
        );
        for (name, value) in &options.settings {
            writeln!(settings, "{name} = '{value}'").expect("a String takes any text");
        }
        for (name, text) in &options.files {
            self.account.give(&data.join(name), Some(text))?;
        }
        if let Some(hba) = &options.hba {
            self.account.give(&data.join("pg_hba.conf"), Some(hba))?;
        }
        let mut file = fs::OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"))
            .map_err(|error| error.to_string())?;
        file.write_all(settings.as_bytes()).map_err(|error| error.to_string())
    }

    /// Ends the keeper with a line, or with the end of its input.
    fn end(&self, line: &str) {
        let Some(mut keeper) = self.keeper.lock().expect("no holder panics").take() else { return };
        if let Some(mut input) = keeper.stdin.take() {
            let _ = input.write_all(line.as_bytes());
        }
        let _ = keeper.wait();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.end("");
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
