//! Opening an engine: the folder, its log, the threads that write it, and the backend behind it.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, Weak, atomic::AtomicU64},
    time::Duration,
};

use tokio::sync::watch;
use vouchsafe_backend::{EmbeddedOptions, Ledger, Snapshot};
use vouchsafe_core::redact::{RedactionOptions, RedactionRules};
use vouchsafe_store::{
    owner::Owner,
    sqlite::{Database, Readers, Retention},
    writer::{Limits, Options as WriterOptions, Writer},
};

use crate::{
    Engine, EngineError, EngineEvent, EngineOptions,
    backing::{Backing, Folder, TokenSources},
    limits::Limiter,
    options::Redact,
    outbox::{Notice, Outbox},
    pin::{no_pin, pin_on_open},
    runtime::{now_us, runtime},
    stats::Counters,
    worker::{Source, Worker},
};

/// The engine, for what is made before it and speaks to it afterwards.
#[derive(Clone, Default)]
struct Later(Arc<OnceLock<Weak<Engine>>>);

impl Later {
    fn engine(&self) -> Option<Arc<Engine>> {
        self.0.get().and_then(Weak::upgrade)
    }
}

impl Engine {
    pub(crate) fn open(
        dir: &Path,
        options: &EngineOptions,
        tokens: Arc<TokenSources>,
    ) -> Result<Arc<Self>, EngineError> {
        let owner = Owner::enter(dir)?;
        let database = Database::in_folder(dir);
        let mut connection = database.writer()?;
        let key_file = options.key_file.as_ref().map_or_else(|| dir.join("key"), PathBuf::from);
        let is_folder = options.postgres_url.is_none() && options.backend.is_none();
        // An origin names the log that rows are committed to, which is the folder's own or another.
        let origin = if is_folder { options.origin.clone() } else { None };
        let embedded = EmbeddedOptions { key_file, origin, pinned: options.pin.is_some(), now_us };
        let ledger = Arc::new(Ledger::open(&mut connection, &embedded)?);
        let rules = redaction(&options.redact)?;
        let readers = Readers::new(database);
        match &options.pin {
            Some(note) if is_folder => pin_on_open(&readers, &ledger, note)?,
            Some(_) => return Err(EngineError { key: Some("VOUCHSAFE_PIN".into()), ..no_pin() }),
            None => {}
        }
        let later = Later::default();
        let hears = later.clone();
        let writer = Writer::start(
            connection,
            WriterOptions {
                limits: Limits::default(),
                rules,
                max_body_bytes: options.max_body_bytes,
                retention: Retention { days: options.retention_days, max_bytes: options.retention_bytes },
                on_event: Box::new(move |event| {
                    if let Some(engine) = hears.engine() {
                        engine.on_writer_event(event);
                    }
                }),
                now_us,
            },
        );
        let writer = Arc::new(writer?);
        let folder = Folder { ledger: Arc::clone(&ledger), writer: Arc::clone(&writer), readers: readers.clone() };
        let hears = later.clone();
        let on_notice = Box::new(move |notice: Notice| {
            let Some(engine) = hears.engine() else { return };
            match notice {
                Notice::Away(error) => engine.on_outage(Some(EngineEvent::store_unavailable(error))),
                Notice::Back => engine.on_outage(None),
                Notice::SetAside(error) => engine.tell(&EngineEvent::damaged(&error.clone().into())),
            }
        });
        let backing = Backing::open(options, folder, Arc::clone(&tokens), on_notice)?;
        let counters = Arc::new(Counters::default());
        let debounce = Duration::from_secs_f64(options.debounce_ms / 1e3);
        let source = source(&writer, &backing, &later);
        let engine = Arc::new(Self {
            dir: dir.to_owned(),
            options: options.clone(),
            worker: Worker::new(source, debounce, Arc::clone(&counters), runtime().handle().clone()),
            writer,
            readers,
            ledger,
            backend: Arc::clone(&backing.backend),
            backing,
            limiter: Limiter::new(options.max_concurrency),
            counters,
            tokens,
            log: watch::Sender::new(false),
            listeners: Mutex::default(),
            next_listener: AtomicU64::new(0),
            owner: Mutex::new(Some(owner)),
        });
        let _ = later.0.set(Arc::downgrade(&engine));
        if let Some(outbox) = &engine.backing.outbox {
            outbox.run(runtime().handle());
        }
        engine.open_log();
        engine.resume();
        Ok(engine)
    }

    /// Opens a log that is in Postgres, in the background; while that is away whoever needs the log tries again.
    fn open_log(self: &Arc<Self>) {
        let engine = Arc::clone(self);
        runtime().spawn(async move {
            let _ = engine.backing.opened().await;
            engine.log.send_replace(true);
        });
    }
}

fn redaction(redact: &Redact) -> Result<RedactionRules, EngineError> {
    let Redact { headers, query, paths } = redact.clone();
    RedactionRules::new(&RedactionOptions { headers, query, paths }).map_err(|error| EngineError {
        key: Some("redact".into()),
        ..EngineError::new("INVALID_OPTION", error.to_string())
    })
}

/// What the worker commits with.
fn source(writer: &Arc<Writer>, backing: &Backing, later: &Later) -> Source {
    let accepted = Arc::clone(writer);
    let (backend, outbox, hears) = (Arc::clone(&backing.backend), backing.outbox.clone(), later.clone());
    Source {
        accepted: Box::new(move || accepted.last_ticket()),
        commit: Box::new(move |upto: Snapshot| {
            let (backend, outbox, hears) = (Arc::clone(&backend), outbox.clone(), hears.clone());
            Box::pin(async move {
                let result = backend.preprocess(upto).await;
                match &result {
                    Ok(_) => outbox.as_ref().map_or((), Outbox::cover),
                    Err(error) if error.is_damage() => {
                        if let Some(engine) = hears.engine() {
                            engine.tell(&EngineEvent::damaged(error));
                        }
                    }
                    Err(_) => {}
                }
                result
            })
        }),
    }
}
