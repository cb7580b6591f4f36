//! An organization's one middleware.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{app::App, ids::Ids, refusal::Answer, state::Organization};

/// The name that clients look for.
const NAME: &str = "Provably Middleware";

pub async fn list(State(app): State<Arc<App>>, Ids([org]): Ids<1>) -> Answer<Json<Value>> {
    let known = app.catalog.get::<Organization>(org).await?;
    Ok(Json(known.iter().map(|_| json!({ "id": Organization::middleware_id(org), "name": NAME })).collect()))
}

pub async fn create(State(app): State<Arc<App>>, Ids([org]): Ids<1>) -> Answer<Json<Value>> {
    app.catalog.put(&Organization { id: org }).await?;
    Ok(Json(json!({ "id": Organization::middleware_id(org), "name": NAME })))
}
