//! One request with all that can go wrong with it.

use std::{
    error::Error,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{Method, header::AUTHORIZATION, redirect, retry as reqwest_retry};
use serde_json::json;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, sleep_until, timeout_at},
};

use super::{
    call::Call,
    options::{Auth, RemoteOptions},
    reply::{Broken, Reply},
    retry::{Gate, backoff, is_passing, retry_after},
    traffic::Counts,
};
use crate::{BackendError, Traffic};

/// The longest that a server is asked to hold an answer back.
const HOLD: Duration = Duration::from_secs(20);

pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    auth: Auth,
    timeout: Duration,
    slots: Semaphore,
    gate: Gate,
    counts: Counts,
    token: tokio::sync::Mutex<Option<String>>,
    ours: AtomicBool,
    /// Why the last answer was none, until there is one: whoever stops waiting earlier than a request wants to know.
    trouble: Mutex<Option<String>>,
    /// Whether the server has no endpoint to generate proofs.
    pub no_generate: AtomicBool,
}

impl Client {
    pub fn new(options: &RemoteOptions) -> Result<Self, BackendError> {
        let unusable = |what: String| BackendError::Protocol(format!("the backend's URL is unusable: {what}"));
        let url = reqwest::Url::parse(&options.url).map_err(|error| unusable(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(unusable("it is not http or https".into()));
        }
        // Whoever came first has chosen; any provider will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(options.connect_timeout)
            .tcp_keepalive(Duration::from_secs(30))
            .pool_max_idle_per_host(options.max_concurrency)
            // A redirect would carry the credentials elsewhere.
            .redirect(redirect::Policy::none())
            .retry(reqwest_retry::never())
            .user_agent(concat!("vouchsafe/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| BackendError::Unavailable(error.to_string()))?;
        Ok(Self {
            http,
            base: options.url.trim_end_matches('/').to_owned(),
            auth: options.auth.clone(),
            timeout: options.timeout,
            slots: Semaphore::new(options.max_concurrency.max(1)),
            gate: Gate::default(),
            counts: Counts::default(),
            token: tokio::sync::Mutex::default(),
            ours: AtomicBool::new(false),
            trouble: Mutex::default(),
            no_generate: AtomicBool::new(false),
        })
    }

    /// When an operation that begins now is given up.
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }

    /// Whether this is our own server, as far as its answers have shown.
    pub fn is_ours(&self) -> bool {
        self.ours.load(Ordering::Relaxed)
    }

    pub fn traffic(&self) -> Traffic {
        self.counts.traffic()
    }

    /// Why nothing was answered, for as long as nothing is.
    pub fn trouble(&self) -> Option<BackendError> {
        self.note().as_deref().map(unavailable)
    }

    fn note(&self) -> MutexGuard<'_, Option<String>> {
        self.trouble.lock().expect("nothing panics while it holds the note")
    }

    /// Sends a request until there is an answer that is more than "try again", or until the deadline.
    pub async fn send(&self, call: Call<'_>) -> Result<Reply, BackendError> {
        let (mut attempt, mut refused, mut failure) = (0, None, None);
        loop {
            let sending = self.attempt(&call, attempt, refused.clone());
            let (sent, token) = match timeout_at(self.attempt_ends(&call), sending).await {
                Ok(sent) => sent?,
                Err(_) => (Err(None), None),
            };
            let failed = match sent {
                Ok(reply) if reply.status == 401 && token.is_some() && refused.is_none() => {
                    refused = token;
                    continue;
                }
                Ok(reply) if !is_passing(reply.status) || (call.once && reply.status != 429) => {
                    *self.note() = None;
                    return Ok(reply);
                }
                Ok(reply) => Some(format!("{} {}", reply.status.as_u16(), reply.description())),
                Err(Some(Broken::TooLong)) => {
                    return Err(BackendError::Protocol("an answer that is longer than anything that is read".into()));
                }
                Err(Some(Broken::Connection(error))) if call.once => return Err(unavailable(&chain(&error))),
                Err(Some(Broken::Connection(error))) => Some(chain(&error)),
                Err(None) => None,
            };
            // That a server hangs says less than what it said before.
            failure = failed.or(failure);
            self.note().clone_from(&failure);
            let resume = (Instant::now() + backoff(attempt)).max(self.gate.opens().unwrap_or_else(Instant::now));
            if resume >= call.deadline || (failure.is_none() && call.once) {
                return Err(self.gave_up(failure));
            }
            sleep_until(resume).await;
            attempt += 1;
        }
    }

    /// The error of what ran out of time.
    fn gave_up(&self, failure: Option<String>) -> BackendError {
        match failure {
            Some(failure) => unavailable(&failure),
            None => BackendError::TimedOut(format!("no answer within {} ms", self.timeout.as_millis())),
        }
    }

    /// An answer that hangs may come another time: no attempt but the only one takes all the time that there is.
    fn attempt_ends(&self, call: &Call<'_>) -> Instant {
        if call.once { call.deadline } else { call.deadline.min(Instant::now() + self.timeout / 2) }
    }

    /// One request, when its turn has come. With it the token that was used.
    async fn attempt(
        &self,
        call: &Call<'_>,
        attempt: u32,
        refused: Option<String>,
    ) -> Result<(Result<Reply, Option<Broken>>, Option<String>), BackendError> {
        let token = match (&self.auth, call.key) {
            (Auth::Token(_), None) => Some(self.token(refused.clone()).await?),
            _ => None,
        };
        let slot = loop {
            while let Some(opens) = self.gate.opens() {
                if opens >= call.deadline {
                    return Err(unavailable("it asks to wait for longer than there is time"));
                }
                sleep_until(opens).await;
            }
            let slot = self.slots.acquire().await.expect("the slots are never closed");
            if self.gate.opens().is_none() {
                break slot;
            }
        };
        let under_way = self.counts.begin(call.poll, attempt > 0 || refused.is_some());
        let sent = Instant::now();
        let reply = match self.request(call, token.as_deref()).send().await {
            Ok(response) => {
                if response.headers().contains_key("vouchsafe-server") {
                    self.ours.store(true, Ordering::Relaxed);
                }
                // At once, and not only when the body is there: others are about to send.
                if let Some(wait) = is_passing(response.status()).then(|| retry_after(response.headers())).flatten() {
                    self.gate.close(wait);
                }
                Reply::read(response, sent).await
            }
            Err(error) => Err(error.into()),
        };
        drop((under_way, slot));
        Ok((reply.map_err(Some), token))
    }

    fn request(&self, call: &Call<'_>, token: Option<&str>) -> reqwest::RequestBuilder {
        let mut request = self.http.request(call.method.clone(), format!("{}{}", self.base, call.path));
        let key = match &self.auth {
            Auth::ApiKey(key) => call.key.or(Some(key)),
            Auth::Token(_) => call.key,
        };
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        } else if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        if call.poll {
            let left = self.attempt_ends(call).saturating_duration_since(Instant::now());
            let hold = HOLD.min(left.mul_f64(0.8)).as_secs();
            if hold > 0 {
                request = request.header("prefer", format!("wait={hold}"));
            }
        }
        if call.method == Method::POST {
            request = request.json(call.body.as_ref().unwrap_or(&json!({})));
        }
        request
    }

    /// The token; where one was refused, a new one, which is asked for once for all who were refused.
    async fn token(&self, refused: Option<String>) -> Result<String, BackendError> {
        let Auth::Token(source) = &self.auth else { unreachable!("asked for bearer tokens only") };
        let mut token = self.token.lock().await;
        if let Some(token) = token.as_ref().filter(|token| refused.as_ref() != Some(token)) {
            return Ok(token.clone());
        }
        let fresh = source.token(refused).await?;
        *token = Some(fresh.clone());
        Ok(fresh)
    }

    /// Waits as before a retry; false where there is no time for one.
    pub async fn back_off(&self, attempt: u32, deadline: Instant) -> bool {
        let wait = backoff(attempt);
        let in_time = Instant::now() + wait < deadline;
        if in_time {
            sleep(wait).await;
        }
        in_time
    }
}

fn unavailable(what: &str) -> BackendError {
    BackendError::Unavailable(what.to_owned())
}

/// An error with its causes: the outermost says only that a request failed.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
