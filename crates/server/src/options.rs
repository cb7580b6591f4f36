//! What a server is started with.

use std::{
    fmt,
    io::{self, Write},
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use serde::Deserialize;
use tracing_subscriber::fmt::MakeWriter;
use uuid::Uuid;

use crate::clock::{self, Clock};

/// What a server is started with; in JSON with camelCase names, all optional but `store`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServeOptions {
    /// The address to listen on, 127.0.0.1 by default.
    #[serde(default = "host")]
    pub host: IpAddr,
    /// The port to listen on, 8347 by default; 0 is a free one.
    #[serde(default = "port")]
    pub port: u16,
    /// A folder, or a postgres:// URL where several servers share one state.
    pub store: String,
    /// The file with the keys, readable by its owner only: a line each, `name sha256:<hex> [full|read]` or a plain
    /// token. Without one, the folder's own, which is made with a fresh token where it is missing.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// The organizations that are served; any by default.
    #[serde(default)]
    pub orgs: Option<Vec<Uuid>>,
    /// Whether databases on private, loopback and link-local addresses may be registered; by default they may where the
    /// server itself listens on a loopback address. Behind a proxy that lets others in, say no.
    #[serde(default)]
    pub allow_private_databases: Option<bool>,
    /// The longest request body in bytes, 2 MiB by default; longer ones are answered 413.
    #[serde(default = "max_body_bytes")]
    pub max_body_bytes: usize,
    /// The most requests at once, 1,024 by default; more are answered 503.
    #[serde(default = "max_in_flight")]
    pub max_in_flight: usize,
    /// The most requests per second and key, 10,000 by default; more are answered 429.
    #[serde(default = "rate_per_second")]
    pub rate_per_second: u32,
    /// The name that new logs sign with; by default one made of their key.
    #[serde(default)]
    pub origin: Option<String>,
    /// Tells the time in µs since 1970, the system's by default.
    #[serde(skip, default = "system_clock")]
    pub now_us: Clock,
    /// Where the log's JSON lines go, standard error by default.
    #[serde(skip)]
    pub log: LogSink,
}

fn host() -> IpAddr {
    IpAddr::from([127, 0, 0, 1])
}

fn port() -> u16 {
    8347
}

fn max_body_bytes() -> usize {
    2 << 20
}

fn max_in_flight() -> usize {
    1_024
}

fn rate_per_second() -> u32 {
    10_000
}

fn system_clock() -> Clock {
    clock::system
}

impl ServeOptions {
    /// Everything by default, with this folder or URL as the store.
    #[must_use]
    pub fn new(store: &str) -> Self {
        Self {
            host: host(),
            port: port(),
            store: store.to_owned(),
            token_file: None,
            orgs: None,
            allow_private_databases: None,
            max_body_bytes: max_body_bytes(),
            max_in_flight: max_in_flight(),
            rate_per_second: rate_per_second(),
            origin: None,
            now_us: clock::system,
            log: LogSink::default(),
        }
    }

    pub(crate) fn may_reach_private(&self) -> bool {
        self.allow_private_databases.unwrap_or(self.host.is_loopback())
    }
}

/// Where the log's lines go.
#[derive(Clone)]
pub struct LogSink(Arc<Mutex<dyn Write + Send>>);

impl LogSink {
    /// Log lines are written to `writer`, each in one call.
    pub fn new(writer: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(writer)))
    }
}

impl Default for LogSink {
    fn default() -> Self {
        Self::new(io::stderr())
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("LogSink")
    }
}

impl Write for &LogSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).flush()
    }
}

impl<'a> MakeWriter<'a> for LogSink {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}
