//! The protocol's endpoints.
//!
//! - `account`: sandboxes, organizations and the user
//! - `middlewares`: an organization's one middleware
//! - `databases`: registering a database, and what is in it
//! - `collections`: a project's name for a table
//! - `integrations`: keys for those who check
//! - `preprocess`: committing a table
//! - `queries`: query records, their verification and their proofs
//! - `log`: a table's log as such
//! - `health`: what the operator's tools read

mod account;
mod collections;
mod databases;
mod health;
mod integrations;
mod log;
mod middlewares;
mod preprocess;
mod queries;

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use crate::{app::App, gate::gate, refusal::Refusal};

const QUERY: &str = "/api/v1/organizations/{org}/queries/{query}";
const VERIFY: &str = "/api/v1/organizations/{org}/queries/{query}/verify";
const DOWNLOAD: &str = "/api/v1/proof_requests/{query}/download";
const CHECKPOINT: &str = "/api/v1/organizations/{org}/middlewares/{middleware}/tables/{table}/checkpoint";
const CONSISTENCY: &str = "/api/v1/organizations/{org}/middlewares/{middleware}/tables/{table}/consistency";

/// What a key that may only read may call.
pub const READ_ROUTES: [(&str, &str); 5] =
    [("GET", QUERY), ("POST", VERIFY), ("GET", DOWNLOAD), ("GET", CHECKPOINT), ("GET", CONSISTENCY)];

/// All routes, behind the gate.
pub fn router(app: Arc<App>) -> Router {
    let of_org = Router::new()
        .route("/middlewares", get(middlewares::list))
        .route("/middlewares/provably", post(middlewares::create))
        .route("/middlewares/{middleware}/databases", get(databases::list).post(databases::create))
        .route(
            "/middlewares/{middleware}/databases/{database}/schemas/{schema}/tables/{table}/columns",
            get(databases::columns),
        )
        .route("/data", get(databases::data))
        .route("/collections", get(collections::list).post(collections::create))
        .route("/integrations/ensure", post(integrations::ensure))
        .route("/middlewares/{middleware}/tables/{table}/preprocess", get(preprocess::status).post(preprocess::start))
        .route("/middlewares/{middleware}/query", post(queries::create))
        .route("/queries/{query}/generate_proof", post(queries::generate_proof));
    Router::new()
        .nest("/api/v1/organizations/{org}", of_org)
        .route("/api/v1/sandboxes", get(account::sandbox).post(account::sandbox).delete(account::sandbox))
        .route("/api/v1/organizations", get(account::organizations))
        .route("/api/v1/user/current", get(account::user))
        .route(QUERY, get(queries::read))
        .route(VERIFY, post(queries::verify))
        .route(DOWNLOAD, get(queries::download))
        .route(CHECKPOINT, get(log::checkpoint))
        .route(CONSISTENCY, get(log::consistency))
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(health::metrics))
        .fallback(async || Refusal::not_found("page"))
        .method_not_allowed_fallback(async || Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "no such method here"))
        .layer(from_fn_with_state(Arc::clone(&app), gate))
        .with_state(app)
}
