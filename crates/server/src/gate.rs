//! What every request goes through: the limits, the key, the whole body. And what every answer gets.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header::CONTENT_LENGTH},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::{
    app::App,
    auth::Scope,
    limits::Place,
    metrics::Metrics,
    refusal::{Answer, Cause, Refusal},
    routes::READ_ROUTES,
    wait,
};

/// How long a body may take to arrive. A client that sends it drop by drop holds one connection for so long, and one of
/// the places in flight.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long an answer may take, besides what the client would wait for news. A database that says nothing any more holds a
/// request for so long.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// Routes that need no key and no place in flight.
const OPEN: [&str; 2] = ["/healthz", "/metrics"];

/// Lets a request through, or not.
pub async fn gate(State(app): State<Arc<App>>, path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = known(request.method());
    let path = path.as_ref().map_or("none", MatchedPath::as_str);
    let counted = Counted::of(&app.metrics);
    let mut response = match admit(&app, path, request).await {
        Ok((_place, request)) => {
            let within = wait::preferred(request.headers()).unwrap_or_default() + ANSWER_TIME;
            timeout(within, next.run(request)).await.unwrap_or_else(|_| silent().into_response())
        }
        Err(refusal) => refusal.into_response(),
    };
    drop(counted);
    let status = response.status();
    app.metrics.answered(method, path, status.as_u16(), begun.elapsed());
    if let Some(Cause(cause)) = response.extensions_mut().remove() {
        app.log.with(|| tracing::error!(method, path, status = status.as_u16(), cause, "request failed"));
    }
    response.headers_mut().insert("vouchsafe-server", HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
    response
}

/// A request that is counted among those in flight, also where its client goes away and it is dropped.
struct Counted(Arc<Metrics>);

impl Counted {
    fn of(metrics: &Arc<Metrics>) -> Self {
        metrics.in_flight.inc();
        Self(Arc::clone(metrics))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.in_flight.dec();
    }
}

async fn admit(app: &App, path: &str, request: Request) -> Answer<(Option<Place>, Request)> {
    let (mut parts, body) = request.into_parts();
    if OPEN.contains(&path) {
        // The operator has to see a server that has no place left. Nothing is read that would have to be limited.
        return Ok((None, Request::from_parts(parts, Body::empty())));
    }
    let place = app.limits.enter()?;
    let caller = app.keys.caller(&parts.headers).await?;
    app.limits.count(&caller.name)?;
    if caller.scope == Scope::Read && !READ_ROUTES.contains(&(parts.method.as_str(), path)) {
        return Err(Refusal::forbidden("the key may only read query records, proofs and checkpoints"));
    }
    parts.extensions.insert(caller);
    parts.extensions.insert(place.clone());
    let declared = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > app.max_body_bytes) {
        return Err(too_large(app));
    }
    let slow = || Refusal::new(StatusCode::REQUEST_TIMEOUT, "the request's body did not arrive in time");
    let body = if declared == Some(0) {
        Bytes::new()
    } else {
        timeout(BODY_TIME, whole(app, body)).await.map_err(|_| slow())??
    };
    Ok((Some(place), Request::from_parts(parts, Body::from(body))))
}

/// Reads a body, however long it says that it is.
async fn whole(app: &App, body: Body) -> Answer<Bytes> {
    let mut stream = body.into_data_stream();
    let mut read = Vec::new();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|_| Refusal::bad_request("the request's body broke off"))?;
        if read.len() + part.len() > app.max_body_bytes {
            return Err(too_large(app));
        }
        read.extend_from_slice(&part);
    }
    Ok(read.into())
}

fn silent() -> Refusal {
    Refusal::later(StatusCode::SERVICE_UNAVAILABLE, "a database did not answer in time", 1)
}

fn too_large(app: &App) -> Refusal {
    let most = app.max_body_bytes;
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the request's body is longer than {most} bytes"))
}

/// A method's name from a closed list, as anybody may send any word.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
