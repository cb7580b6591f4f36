//! A bearer token that JavaScript makes, when one is asked for.

use std::sync::Arc;

use napi::{Status, bindgen_prelude::Promise, threadsafe_function::ThreadsafeFunction};
use vouchsafe_engine::{BackendError, BoxFuture, TokenSource};

/// Is given the token that was refused, or null, and promises another. Weak: it must not keep the process alive.
pub(crate) type OnToken = ThreadsafeFunction<Option<String>, Promise<String>, Option<String>, Status, false, true>;

/// Asks JavaScript.
struct FromJavaScript(OnToken);

impl TokenSource for FromJavaScript {
    fn token(&self, rejected: Option<String>) -> BoxFuture<'_, Result<String, BackendError>> {
        Box::pin(async move {
            // What a program throws may hold anything, so that nothing of it is passed on.
            let failed = |_| BackendError::Denied("`backend.token` failed, or gave no text".into());
            self.0.call_async(rejected).await.map_err(failed)?.await.map_err(failed)
        })
    }
}

pub(crate) fn token_source(on_token: Option<OnToken>) -> Option<Arc<dyn TokenSource>> {
    on_token.map(|on_token| Arc::new(FromJavaScript(on_token)) as Arc<dyn TokenSource>)
}
