//! One engine per folder and process, counted: whoever opens the same folder again shares it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use vouchsafe_backend::TokenSource;

use crate::{Engine, EngineError, EngineEvent, EngineOptions, backing::TokenSources, engine::Listener};

struct Opened {
    engine: Arc<Engine>,
    handles: usize,
}

fn engines() -> &'static Mutex<HashMap<PathBuf, Opened>> {
    static ENGINES: OnceLock<Mutex<HashMap<PathBuf, Opened>>> = OnceLock::new();
    ENGINES.get_or_init(Mutex::default)
}

/// The run that exchanges outside any other run belong to: one for each folder and process, whoever asks first.
#[must_use]
pub fn run_of(dir: &Path) -> String {
    static RUNS: OnceLock<Mutex<HashMap<PathBuf, String>>> = OnceLock::new();
    let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    // The folder may not be there yet; what is there of its path is resolved, so that it has one name.
    let there = dir.ancestors().find_map(|part| Some((part, part.canonicalize().ok()?)));
    let real = there.map_or_else(
        || dir.clone(),
        |(part, real)| match dir.strip_prefix(part) {
            Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
            _ => real,
        },
    );
    let mut runs = RUNS.get_or_init(Mutex::default).lock().expect("nothing panics while it holds the runs");
    runs.entry(real).or_insert_with(|| uuid::Uuid::now_v7().to_string()).clone()
}

/// A share in an engine; the last one to close closes the engine.
pub struct Handle {
    engine: Arc<Engine>,
    listener: u64,
    token: Option<u64>,
    closed: AtomicBool,
}

impl Handle {
    /// Opens the folder, or joins the engine that has it open in this process already. `tokens` is asked for a bearer
    /// token where the options have a remote backend and neither token nor key: the sources of all shares, in the order of their
    /// opening, until one has a token.
    ///
    /// # Errors
    /// `OPTIONS_CONFLICT` naming the option where that engine was opened with others; the store's and the key's own.
    pub fn open(
        dir: &Path,
        options: &EngineOptions,
        tokens: Option<Arc<dyn TokenSource>>,
        listener: impl Fn(&EngineEvent) + Send + Sync + 'static,
    ) -> Result<Self, EngineError> {
        let dir = vouchsafe_store::dir::prepare(dir)?;
        let listener: Listener = Box::new(listener);
        let mut engines = engines().lock().expect("nothing panics while it holds the registry");
        let (engine, token) = if let Some(opened) = engines.get_mut(&dir) {
            agree(opened.engine.options(), options)?;
            if let Some(note) = &options.pin {
                opened.engine.pin_on_join(note)?;
            }
            opened.handles += 1;
            let engine = Arc::clone(&opened.engine);
            let token = tokens.map(|source| engine.tokens.add(source));
            (engine, token)
        } else {
            let sources = Arc::new(TokenSources::default());
            let token = tokens.map(|source| sources.add(source));
            let engine = Engine::open(&dir, options, sources)?;
            engines.insert(dir, Opened { engine: Arc::clone(&engine), handles: 1 });
            (engine, token)
        };
        let listener = engine.listen(listener);
        Ok(Self { engine, listener, token, closed: AtomicBool::new(false) })
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Gives the share back and, as the last one, writes what is queued, at most until the deadline. Idempotent.
    /// True when everything accepted is on disk.
    pub fn close(&self, deadline: Duration) -> bool {
        if self.closed.swap(true, Ordering::AcqRel) {
            // Another thread may still be at it: an exit handler must not go on before it is done.
            return self.engine.wait_durable(deadline);
        }
        let mut engines = engines().lock().expect("nothing panics while it holds the registry");
        let opened = engines.get_mut(self.engine.dir()).expect("an engine is registered while it has handles");
        opened.handles -= 1;
        let written = if opened.handles == 0 {
            let written = self.engine.close(deadline);
            engines.remove(self.engine.dir());
            written
        } else {
            self.engine.wait_durable(deadline)
        };
        self.engine.unlisten(self.listener);
        if let Some(token) = self.token {
            self.engine.tokens.remove(token);
        }
        written
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // A worker thread that is terminated never calls close; its share must not keep the folder open.
        self.close(Duration::from_secs(2));
    }
}

fn agree(first: &EngineOptions, second: &EngineOptions) -> Result<(), EngineError> {
    let fields = |options: &EngineOptions| serde_json::to_value(options).expect("options are plain data");
    let conflict = |key: &str, with: String| {
        let message = format!("the folder is open in this process with {with}: close it first or use the same value");
        Err(EngineError { key: Some(key.to_owned()), ..EngineError::new("OPTIONS_CONFLICT", message) })
    };
    // What may hold a password is compared and never said.
    if first.postgres_url != second.postgres_url {
        return conflict("store", "another `store`".into());
    }
    if first.backend != second.backend {
        return conflict("backend", "another `backend`".into());
    }
    let (first, second) = (fields(first), fields(second));
    let differs = first.as_object().and_then(|first| first.iter().find(|(key, value)| second[key.as_str()] != **value));
    match differs {
        None => Ok(()),
        Some((key, value)) => conflict(name(key), format!("{} = {value}", name(key))),
    }
}

/// The name under which the user gave an option.
fn name(key: &str) -> &str {
    match key {
        "maxBodyBytes" => "record.maxBodyBytes",
        "retentionDays" => "retention.days",
        "retentionBytes" => "retention.maxBytes",
        "keyFile" => "VOUCHSAFE_KEY_FILE",
        other => other,
    }
}
