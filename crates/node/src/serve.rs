//! The protocol's server.

use std::{
    io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use napi::bindgen_prelude::Either;
use napi_derive::napi;
use vouchsafe_engine::EngineError;
use vouchsafe_server::{LogSink, ServeError, ServeOptions, Server};

use crate::error::BindingError;

/// A server that runs until it is closed.
#[napi]
pub struct BindingServer {
    address: String,
    fresh_token: Option<String>,
    server: Mutex<Option<Server>>,
}

/// Starts a server; `options` is JSON. Its log goes to stderr, or nowhere where it is `quiet`.
#[napi]
pub async fn serve(options: String, quiet: bool) -> Either<BindingServer, BindingError> {
    let options = serde_json::from_str(&options).map_err(|error| EngineError::new("INVALID_OPTION", error.to_string()));
    let mut options: ServeOptions = match options {
        Ok(options) => options,
        Err(error) => return Either::B(error.into()),
    };
    if quiet {
        options.log = LogSink::new(io::sink());
    }
    match vouchsafe_server::serve(options).await {
        Ok(server) => Either::A(BindingServer {
            address: server.address().to_string(),
            fresh_token: server.fresh_token().map(ToOwned::to_owned),
            server: Mutex::new(Some(server)),
        }),
        Err(error) => Either::B(error.into()),
    }
}

#[napi]
impl BindingServer {
    /// The address and the port that it listens on.
    #[napi]
    #[must_use]
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// The token that was made at its first start, which is kept nowhere.
    #[napi]
    #[must_use]
    pub fn fresh_token(&self) -> Option<String> {
        self.fresh_token.clone()
    }

    /// Resolves when it listens no more, whoever ended it.
    #[napi]
    pub async fn ended(&self) {
        let ended = self.server.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Server::ended);
        if let Some(ended) = ended {
            ended.await;
        }
    }

    /// Ends it; resolves to whether all requests were answered within the deadline.
    #[napi]
    pub async fn close(&self, deadline_ms: f64) -> bool {
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        match server {
            Some(server) => server.shutdown(Duration::from_secs_f64(deadline_ms / 1_000.0)).await,
            None => true,
        }
    }
}

impl From<ServeError> for BindingError {
    fn from(error: ServeError) -> Self {
        EngineError::new(error.code(), error.to_string()).into()
    }
}
